#include "designer/training/run_view.h"

#include <QBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <cmath>

#include "designer/theme/theme.h"
#include "designer/training/elided_label.h"
#include "designer/training/live_chart.h"

namespace netwright {
namespace {

/// Both charts have the same three curves, in this order.
enum CurveNumber { Step, TrainEpoch, TestEpoch };

constexpr int default_smoothing = 60;
constexpr int most_log_lines = 5;

QString joined(const QStringList& parts) {
  return parts.join(QStringLiteral("  ·  "));
}

QString percent_text(double share) {
  return std::isfinite(share) ? QObject::tr("%1 %").arg(100 * share, 0, 'f', 1) : QStringLiteral("–");
}

void add_curves(LiveChart& chart) {
  chart.add_curve({QObject::tr("steps"), 0, MarkerShape::None, true});
  chart.add_curve({QObject::tr("train"), 2, MarkerShape::Square, false});
  chart.add_curve({QObject::tr("test"), 1, MarkerShape::Disc, false});
}

void add_new_points(LiveChart& chart, int number, const Curve& curve, double scale) {
  for (std::size_t i = chart.points(number).size(); i < curve.size(); ++i) {
    chart.append(number, curve.x[i], curve.y[i] * scale);
  }
}

}  // namespace

QString progress_text(const RunRecord& record) {
  const QLocale locale;
  QStringList parts;
  if (record.run && record.run->epochs > 0) {
    const int current = std::min(record.run->epochs, static_cast<int>(std::floor(record.epochs_done())) + 1);
    parts << QObject::tr("epoch %1 of %2").arg(current).arg(record.run->epochs);
  }
  if (const auto left = record.seconds_left(); left && !record.is_paused) {
    parts << QObject::tr("%1 left").arg(QString::fromStdString(duration_text(*left)));
  }
  if (const auto& step = record.last_step) {
    parts << QObject::tr("loss %1").arg(QString::fromStdString(figure_text(step->loss)))
          << QObject::tr("accuracy %1").arg(percent_text(step->accuracy));
    if (step->samples_per_second > 0) {
      parts << QObject::tr("%1 samples/s").arg(locale.toString(std::llround(step->samples_per_second)));
    }
    parts << QObject::tr("step %1").arg(locale.toString(static_cast<qlonglong>(step->step)));
  }
  return joined(parts);
}

QString summary_text(const RunRecord& record) {
  QStringList parts;
  const int epochs = record.last_epoch ? record.last_epoch->epoch : record.done ? record.done->epochs : 0;
  const QString after = epochs == 0   ? QObject::tr("in the first epoch")
                        : epochs == 1 ? QObject::tr("after 1 epoch")
                                      : QObject::tr("after %1 epochs").arg(epochs);
  const std::string ending = record.ending();
  parts << (ending == "finished"   ? QObject::tr("finished %1").arg(after)
            : ending == "stopped"  ? QObject::tr("stopped %1").arg(after)
            : ending == "diverged" ? QObject::tr("diverged %1").arg(after)
            : ending == "crashed"  ? QObject::tr("crashed %1").arg(after)
                                   : QObject::tr("failed %1").arg(after));
  if (const auto best = record.best_accuracy()) parts << QObject::tr("best test accuracy %1").arg(percent_text(*best));
  if (record.last_epoch && std::isfinite(record.last_epoch->test_loss)) {
    parts << QObject::tr("test loss %1").arg(QString::fromStdString(figure_text(record.last_epoch->test_loss)));
  }
  const double elapsed = record.done ? record.done->elapsed : record.last_step ? record.last_step->elapsed : 0;
  if (elapsed > 0) parts << QString::fromStdString(duration_text(elapsed));
  if (record.done && !record.done->message.empty() && ending != "finished" && ending != "stopped") {
    parts << QString::fromStdString(record.done->message);
  }
  return joined(parts);
}

RunView::RunView(QWidget* parent)
    : QWidget(parent),
      pages_(new QStackedWidget(this)),
      invitation_(new QLabel(tr("Press Train to see the curves"))),
      heading_(new QLabel),
      figures_(new ElidedLabel),
      progress_(new QProgressBar),
      failure_(new QWidget),
      failure_words_(new QLabel),
      failure_log_(new QPlainTextEdit),
      smoothing_(new QSlider(Qt::Horizontal)),
      smoothing_value_(new QLabel),
      log_(new QToolButton),
      loss_(new LiveChart(tr("Loss"))),
      accuracy_(new LiveChart(tr("Accuracy"))) {
  setObjectName(QStringLiteral("training.view"));
  for (LiveChart* chart : {loss_, accuracy_}) add_curves(*chart);
  loss_->setObjectName(QStringLiteral("training.loss_chart"));
  accuracy_->setObjectName(QStringLiteral("training.accuracy_chart"));
  accuracy_->set_fixed_range({0, 100});
  accuracy_->set_marks_low(true);  // its curves end near the top
  accuracy_->set_unit(QStringLiteral(" %"));

  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  build_header();
  build_failure();
  auto* header = new QHBoxLayout;
  header->setContentsMargins(10, 4, 10, 2);
  header->setSpacing(8);
  header->addWidget(heading_);
  header->addWidget(figures_, 1);
  auto* smoothing_name = new QLabel(tr("Smoothing"));
  smoothing_name->setBuddy(smoothing_);
  header->addWidget(smoothing_name);
  header->addWidget(smoothing_);
  header->addWidget(smoothing_value_);
  header->addWidget(log_);
  column->addLayout(header);
  column->addWidget(progress_);
  column->addWidget(failure_);
  auto* charts = new QSplitter(Qt::Horizontal);
  charts->setObjectName(QStringLiteral("training.charts"));
  charts->setChildrenCollapsible(false);
  charts->setHandleWidth(1);
  charts->addWidget(loss_);
  charts->addWidget(accuracy_);
  column->addWidget(charts, 1);

  invitation_->setProperty("role", "muted");
  invitation_->setAlignment(Qt::AlignCenter);
  pages_->addWidget(invitation_);
  pages_->addWidget(page);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(pages_);
  connect(&Theme::instance(), &Theme::changed, this, &RunView::restyle);
  restyle();
  set_smoothing(default_smoothing);
}

void RunView::build_header() {
  heading_->setObjectName(QStringLiteral("training.heading"));
  figures_->setObjectName(QStringLiteral("training.figures"));
  progress_->setObjectName(QStringLiteral("training.progress"));
  progress_->setTextVisible(false);
  progress_->setRange(0, 1000);
  progress_->setFixedHeight(3);
  smoothing_->setObjectName(QStringLiteral("training.smoothing"));
  smoothing_->setRange(0, 99);
  smoothing_->setValue(default_smoothing);
  smoothing_->setFixedWidth(90);
  smoothing_->setToolTip(tr("Exponential mean of the curve of steps; the curve itself stays faintly beneath"));
  connect(smoothing_, &QSlider::valueChanged, this, &RunView::set_smoothing);
  log_->setObjectName(QStringLiteral("training.log_scale"));
  log_->setText(tr("Log scale"));
  log_->setCheckable(true);
  log_->setToolTip(tr("Loss on a logarithmic axis"));
  connect(log_, &QToolButton::toggled, loss_, &LiveChart::set_log);
}

void RunView::build_failure() {
  failure_->setObjectName(QStringLiteral("training.failure"));
  failure_words_->setObjectName(QStringLiteral("training.failure_words"));
  failure_words_->setProperty("role", "error");
  failure_words_->setWordWrap(true);
  failure_words_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  failure_log_->setObjectName(QStringLiteral("training.failure_log"));
  failure_log_->setReadOnly(true);
  failure_log_->setLineWrapMode(QPlainTextEdit::NoWrap);
  auto* layout = new QVBoxLayout(failure_);
  layout->setContentsMargins(10, 4, 10, 6);
  layout->setSpacing(4);
  layout->addWidget(failure_words_);
  layout->addWidget(failure_log_);
  failure_->hide();
}

void RunView::restyle() {
  const Theme& theme = Theme::instance();
  const auto colour = [](QLabel* label, const QColor& text, const QFont& font) {
    QPalette palette = label->palette();
    palette.setColor(QPalette::WindowText, text);
    label->setPalette(palette);
    label->setFont(font);
  };
  colour(heading_, colours().text, theme.heading());
  colour(figures_, colours().muted, theme.figures());
  colour(smoothing_value_, colours().muted, theme.figures());
  failure_log_->setFont(theme.code());
  smoothing_value_->setFixedWidth(QFontMetrics(theme.figures()).horizontalAdvance(QStringLiteral("0.00")) + 2);
  progress_->setStyleSheet(QStringLiteral("QProgressBar{border:0;border-radius:0;background:%1;min-height:3px;"
                                          "max-height:3px}QProgressBar::chunk{background:%2;border-radius:0}")
                               .arg(colours().grid.name(), colours().accent.name()));
}

void RunView::set_smoothing(int percent) {
  smoothing_value_->setText(QString::number(percent / 100.0, 'f', 2));
  loss_->set_smoothing(percent / 100.0);
  accuracy_->set_smoothing(percent / 100.0);
}

void RunView::clear() {
  pages_->setCurrentIndex(0);
}

void RunView::show_run(const QString& heading, const RunRecord& record, bool is_live) {
  loss_->clear();
  accuracy_->clear();
  heading_->setText(heading);
  figures_->setText({});
  pages_->setCurrentIndex(1);
  follow(record, is_live);
}

void RunView::set_heading(const QString& heading) {
  if (heading_->text() != heading) heading_->setText(heading);
}

void RunView::set_failure(const QString& words) {
  const QString log = words.section(QLatin1Char('\n'), 1).trimmed();
  failure_words_->setText(words.section(QLatin1Char('\n'), 0, 0));
  failure_log_->setPlainText(log);
  failure_log_->setVisible(!log.isEmpty());
  const int lines = std::clamp(static_cast<int>(log.count(QLatin1Char('\n'))) + 1, 1, most_log_lines);
  failure_log_->setFixedHeight(lines * failure_log_->fontMetrics().lineSpacing() + 20);
  failure_log_->moveCursor(QTextCursor::End);
  failure_->setVisible(!words.isEmpty());
}

void RunView::follow(const RunRecord& record, bool is_live) {
  if (record.run) {
    const auto steps = static_cast<double>(record.run->steps_per_epoch);
    loss_->set_steps_per_epoch(steps);
    accuracy_->set_steps_per_epoch(steps);
  }
  add_new_points(*loss_, Step, record.step_loss, 1);
  add_new_points(*loss_, TrainEpoch, record.train_loss, 1);
  add_new_points(*loss_, TestEpoch, record.test_loss, 1);
  add_new_points(*accuracy_, Step, record.step_accuracy, 100);
  add_new_points(*accuracy_, TrainEpoch, record.train_accuracy, 100);
  add_new_points(*accuracy_, TestEpoch, record.test_accuracy, 100);
  std::vector<ChartMark> marks;
  for (const RunMark& mark : record.marks) marks.push_back({mark.epoch, QString::fromStdString(mark.text)});
  loss_->set_marks(marks);
  accuracy_->set_marks(std::move(marks));

  const bool is_going_on = is_live && !record.done;
  figures_->setText(is_going_on ? progress_text(record) : summary_text(record));
  progress_->setValue(is_going_on ? static_cast<int>(1000 * std::max(0.0, record.fraction())) : 0);
}

}  // namespace netwright
