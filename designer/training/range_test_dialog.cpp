#include "designer/training/range_test_dialog.h"

#include <QDialogButtonBox>
#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QStyle>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "backend/graph/project_json.h"
#include "designer/theme/theme.h"
#include "designer/training/live_chart.h"
#include "designer/training/run_place.h"

namespace netwright {
namespace {

constexpr double smoothing = 0.6;
constexpr int significant_digits = 2;  // more would only seem exact

/// Up to where the loss explodes: what is below matters.
Range worth_seeing(const Curve& curve) {
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  double first = std::nan("");
  for (const double loss : curve.y) {
    if (!std::isfinite(loss)) continue;
    if (std::isnan(first)) first = loss;
    least = std::min(least, loss);
    most = std::max(most, loss);
  }
  if (!(most > least)) return {0, std::isfinite(most) && most > 0 ? 2 * most : 1};
  const double gain = std::max(first - least, 0.25 * std::abs(first));
  const double high = std::min(most, first + gain);
  const double air = 0.06 * (high - least);
  return {least - air, high + air};
}

}  // namespace

RangeTestDialog::RangeTestDialog(Document& document, QWidget* parent)
    : QDialog(parent),
      document_(document),
      chart_(new LiveChart(tr("Loss by learning rate"))),
      words_(new QLabel),
      use_(new QPushButton) {
  setObjectName(QStringLiteral("range_test"));
  setWindowTitle(tr("Find learning rate"));
  chart_->setObjectName(QStringLiteral("range_test.chart"));
  chart_->add_curve({tr("loss"), 0, MarkerShape::None, true});
  chart_->set_smoothing(smoothing);
  chart_->set_axis({true, [](double rate) { return tr("learning rate %1").arg(rate, 0, 'g', 2); }, {}});
  chart_->setMinimumSize(420, 240);
  words_->setObjectName(QStringLiteral("range_test.words"));
  words_->setWordWrap(true);
  words_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  words_->setText(tr("Starting the engine…"));
  use_->setObjectName(QStringLiteral("range_test.use"));
  use_->setText(tr("Use it"));
  use_->setProperty("primary", true);
  use_->setEnabled(false);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
  buttons->addButton(use_, QDialogButtonBox::AcceptRole);

  auto* frame = new QFrame;
  frame->setProperty("role", "card");
  auto* inside = new QVBoxLayout(frame);
  inside->setContentsMargins(1, 4, 1, 4);
  inside->addWidget(chart_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(14, 14, 14, 12);
  column->setSpacing(10);
  column->addWidget(frame, 1);
  column->addWidget(words_);
  column->addWidget(buttons);
  resize(620, 400);

  connect(use_, &QPushButton::clicked, this, &RangeTestDialog::use_suggestion);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(&engine_, &EngineProcess::event_arrived, this, &RangeTestDialog::take);
  connect(&engine_, &EngineProcess::failed, this, [this](const QString& words) {
    words_->setProperty("role", "error");
    words_->style()->polish(words_);
    words_->setText(words);
  });
}

void RangeTestDialog::start(const QString& device, const QString& weights) {
  const QString file = folder_.filePath(QStringLiteral("project.netwright"));
  if (const auto written = write_project(document_.project(), file.toStdU16String()); !written) {
    words_->setText(QString::fromStdString(written.error().message));
    return;
  }
  if (!weights.isEmpty()) QFile::link(QFileInfo(weights).absoluteFilePath(), weights_beside(file));
  EngineJob job;
  job.target = file;
  job.verb = QStringLiteral("range-test");
  if (device != QLatin1String("auto")) job.device = device;
  engine_.start(job);
}

void RangeTestDialog::take(const Event& event) {
  if (const auto* run = std::get_if<RunEvent>(&event); run && !run->figures.empty()) {
    figure_ = run->figures.front().name;
  } else if (const auto* step = std::get_if<StepEvent>(&event)) {
    take_step(*step);
  } else if (const auto* done = std::get_if<DoneEvent>(&event)) {
    take_suggestion(*done);
  }
}

void RangeTestDialog::take_step(const StepEvent& step) {
  const auto loss = step.figures.find(figure_);
  const Curve& seen = chart_->points(0);
  const double x = std::log10(step.learning_rate);
  if (loss == step.figures.end() || !std::isfinite(x) || (seen.size() > 0 && x < seen.x.back())) return;
  chart_->append(0, x, loss->second);
  chart_->set_fixed_range(worth_seeing(chart_->points(0)));
  words_->setText(tr("Trying a learning rate of %1…").arg(step.learning_rate, 0, 'g', 2));
}

void RangeTestDialog::take_suggestion(const DoneEvent& done) {
  words_->setText(QString::fromStdString(done.message));
  if (!std::isfinite(done.best) || !(done.best > 0)) return;
  const QString text = QString::number(done.best, 'g', significant_digits);
  suggestion_ = text.toDouble();
  chart_->set_marks({{std::log10(suggestion_), text}});
  use_->setText(tr("Use %1").arg(text));
  use_->setEnabled(true);
  use_->setDefault(true);
}

void RangeTestDialog::use_suggestion() {
  Recipe recipe = document_.project().recipe;
  recipe.optimiser_settings.set("lr", suggestion_);
  if (const auto done = document_.edit(tr("Set lr"), {SetRecipe{std::move(recipe)}}); !done) {
    words_->setText(QString::fromStdString(done.error().message));
    return;
  }
  accept();
}

}  // namespace netwright
