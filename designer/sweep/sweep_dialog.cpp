#include "designer/sweep/sweep_dialog.h"

#include <QBoxLayout>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QStyle>
#include <algorithm>

#include "backend/run/run_folder.h"
#include "backend/sweep/sweep_text.h"
#include "designer/panels/quiet_combo.h"
#include "designer/sweep/axis_card.h"
#include "designer/sweep/setting_chooser.h"
#include "designer/sweep/sweep_plot.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr int counting_pause_ms = 120;
constexpr int most_unfit_lines = 3;
constexpr std::size_t runs_looked_at = 5;

}  // namespace

std::optional<double> seconds_per_epoch_of_runs(const QString& owner) {
  std::vector<RunFolder> runs = runs_of(owner.toStdU16String());
  if (runs.size() > runs_looked_at) runs.resize(runs_looked_at, runs.front());
  for (const RunFolder& run : runs) {
    const auto events = run.events();
    const auto* done = events && !events->empty() ? std::get_if<DoneEvent>(&events->back()) : nullptr;
    if (done && done->epochs > 0 && done->elapsed > 0) return done->elapsed / done->epochs;
  }
  return std::nullopt;
}

SweepDialog::SweepDialog(const Project& project, const QString& owner, QWidget* parent)
    : QDialog(parent),
      project_(project),
      chooser_(new SettingChooser(variable_settings(project))),
      scroll_(new QScrollArea),
      empty_(new QLabel(tr("Choose the settings to vary"))),
      method_(new QuietCombo),
      draws_(new QWidget),
      count_(new QSpinBox),
      seed_(new QSpinBox),
      words_(new QLabel),
      unfit_(new QLabel),
      queue_(new QPushButton) {
  setObjectName(QStringLiteral("sweep"));
  setWindowTitle(tr("Sweep"));
  words_->setObjectName(QStringLiteral("sweep.count_words"));
  unfit_->setObjectName(QStringLiteral("sweep.unfit"));
  unfit_->setFont(Theme::instance().caption());
  unfit_->setProperty("role", "warning");
  for (QLabel* label : {words_, unfit_}) label->setWordWrap(true);
  queue_->setObjectName(QStringLiteral("sweep.queue"));
  queue_->setProperty("primary", true);

  auto* top = new QHBoxLayout;
  top->setSpacing(12);
  chooser_->setFixedWidth(270);
  top->addWidget(chooser_);
  top->addWidget(build_axes(), 1);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
  buttons->addButton(queue_, QDialogButtonBox::ActionRole);
  // Enter ends the typing in a field; it mustn't start hours of training.
  for (QAbstractButton* button : buttons->buttons()) static_cast<QPushButton*>(button)->setAutoDefault(false);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(14, 14, 14, 12);
  column->setSpacing(10);
  column->addLayout(top, 1);
  column->addWidget(words_);
  column->addWidget(unfit_);
  column->addWidget(buttons);
  resize(820, 560);

  timer_.setSingleShot(true);
  timer_.setInterval(counting_pause_ms);
  connect(&timer_, &QTimer::timeout, this, &SweepDialog::count);
  connect(chooser_, &SettingChooser::toggled, this, &SweepDialog::toggle);
  connect(queue_, &QPushButton::clicked, this, &SweepDialog::queue);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  timing_.run([owner](const std::atomic<bool>& /*cancelled*/) { return seconds_per_epoch_of_runs(owner); },
              [this](std::optional<double> seconds) {
                seconds_per_epoch_ = seconds;
                if (!variants_.empty()) show_variants();
              });
  follow_axes();
  chooser_->focus_search();
}

QWidget* SweepDialog::build_axes() {
  auto* inside = new QWidget;
  inside->setProperty("panel", true);
  cards_ = new QVBoxLayout(inside);
  cards_->setContentsMargins(0, 0, 4, 0);
  cards_->setSpacing(8);
  empty_->setProperty("role", "muted");
  empty_->setAlignment(Qt::AlignCenter);
  cards_->addWidget(empty_, 1);
  cards_->addStretch(0);
  scroll_->setObjectName(QStringLiteral("sweep.axes"));
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setWidget(inside);
  auto* right = new QWidget;
  auto* column = new QVBoxLayout(right);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(10);
  column->addWidget(scroll_, 1);
  column->addWidget(build_method());
  return right;
}

QWidget* SweepDialog::build_method() {
  method_->setObjectName(QStringLiteral("sweep.method"));
  method_->setAccessibleName(tr("How values are combined"));
  method_->addItems({tr("Grid: every combination"), tr("Random draws")});
  method_->setMinimumContentsLength(22);
  count_->setObjectName(QStringLiteral("sweep.draws"));
  count_->setRange(1, static_cast<int>(most_variants));
  count_->setValue(12);
  count_->setAccessibleName(tr("How many draws"));
  seed_->setObjectName(QStringLiteral("sweep.seed"));
  seed_->setRange(0, std::numeric_limits<int>::max());
  seed_->setValue(1);
  seed_->setAccessibleName(tr("Seed of the draws"));
  seed_->setToolTip(tr("The same seed draws the same"));
  for (QSpinBox* spin : {count_, seed_}) spin->setFont(Theme::instance().figures());
  auto* count_name = new QLabel(tr("Runs"));
  count_name->setBuddy(count_);
  auto* seed_name = new QLabel(tr("Seed"));
  seed_name->setBuddy(seed_);
  auto* draws = new QHBoxLayout(draws_);
  draws->setContentsMargins(0, 0, 0, 0);
  draws->setSpacing(6);
  draws->addWidget(count_name);
  draws->addWidget(count_);
  draws->addSpacing(6);
  draws->addWidget(seed_name);
  draws->addWidget(seed_);
  draws_->hide();
  auto* row = new QWidget;
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(12);
  layout->addWidget(method_);
  layout->addWidget(draws_);
  layout->addStretch(1);
  connect(method_, &QComboBox::activated, this, [this](int index) {
    draws_->setVisible(index == 1);
    count_soon();
  });
  connect(count_, &QSpinBox::valueChanged, this, &SweepDialog::count_soon);
  connect(seed_, &QSpinBox::valueChanged, this, &SweepDialog::count_soon);
  return row;
}

void SweepDialog::toggle(const VariableSetting& setting) {
  const auto there =
      std::find_if(axes_.begin(), axes_.end(), [&](const AxisCard* card) { return card->path() == setting.path; });
  if (there != axes_.end()) {
    remove(*there);
    return;
  }
  auto* card = new AxisCard(setting);
  axes_.push_back(card);
  cards_->insertWidget(static_cast<int>(axes_.size()), card);  // after the words for none
  connect(card, &AxisCard::changed, this, &SweepDialog::count_soon);
  // Its button is within it: let the click end first.
  connect(
      card, &AxisCard::remove_requested, this, [this, card] { remove(card); }, Qt::QueuedConnection);
  follow_axes();
  QTimer::singleShot(0, this, [this, card] {
    if (std::find(axes_.begin(), axes_.end(), card) != axes_.end()) scroll_->ensureWidgetVisible(card);
  });
}

void SweepDialog::remove(AxisCard* card) {
  std::erase(axes_, card);
  delete card;
  follow_axes();
}

void SweepDialog::follow_axes() {
  empty_->setVisible(axes_.empty());
  cards_->setStretch(cards_->count() - 1, axes_.empty() ? 0 : 1);
  std::set<std::string> paths;
  for (const AxisCard* card : axes_) paths.insert(card->path());
  chooser_->set_chosen(std::move(paths));
  count_soon();
}

Result<Sweep> SweepDialog::sweep() const {
  Sweep sweep;
  for (const AxisCard* card : axes_) {
    auto axis = card->axis();
    if (!axis) return Error{};  // the card says it
    sweep.axes.push_back(std::move(*axis));
  }
  sweep.method = method_->currentIndex() == 0 ? SweepMethod::Grid : SweepMethod::Random;
  sweep.count = count_->value();
  sweep.seed = static_cast<std::uint64_t>(seed_->value());
  return checked(project_, sweep);
}

void SweepDialog::count_soon() {
  counting_.cancel();
  queue_->setEnabled(false);
  timer_.start();
}

void SweepDialog::count() {
  variants_.clear();
  const Result<Sweep> wanted = sweep();
  if (axes_.empty() || !wanted) {
    show_problem(axes_.empty() ? QString() : QString::fromStdString(wanted.error().message));
    return;
  }
  counted_ = *wanted;
  counting_.run(
      [project = project_, sweep = *wanted](const std::atomic<bool>& cancelled) {
        return variants_of(project, sweep, [&cancelled] { return cancelled.load(); });
      },
      [this](Result<std::vector<Variant>> variants) {
        if (!variants) {
          show_problem(QString::fromStdString(variants.error().message));
          return;
        }
        variants_ = std::move(*variants);
        show_variants();
      });
}

void SweepDialog::show_problem(const QString& words) {
  words_->setText(words);
  unfit_->hide();
  queue_->setText(tr("Queue runs"));
  queue_->setEnabled(false);
}

QString SweepDialog::time_words() const {
  if (!seconds_per_epoch_) return tr("how long they take shows with the first one");
  double total = 0;
  int count = 0;
  for (const Variant& variant : variants_) {
    if (variant.mistake) continue;
    total += *seconds_per_epoch_ * static_cast<double>(variant.project.recipe.settings.integer("epochs"));
    ++count;
  }
  return tr("about %1 each and %2 in all, at the last run's pace")
      .arg(seconds_text(total / std::max(1, count)), seconds_text(total));
}

void SweepDialog::show_variants() {
  const auto total = static_cast<int>(variants_.size());
  QStringList lines;
  int unfit = 0;
  for (const Variant& variant : variants_) {
    if (!variant.mistake) continue;
    ++unfit;
    lines += QStringLiteral("%1: %2").arg(QString::fromStdString(values_title(counted_, variant.values)),
                                          QString::fromStdString(variant.mistake->message));
  }
  const int runs = total - unfit;
  const QString count = runs == 1 ? tr("1 run") : tr("%1 runs").arg(runs);
  words_->setText(runs == 0 ? tr("None of the %1 variants can be trained").arg(total)
                            : QStringLiteral("%1  ·  %2").arg(count, time_words()));
  unfit_->setVisible(unfit > 0);
  if (unfit > 0) {
    QStringList shown = lines.mid(0, most_unfit_lines);
    if (unfit > most_unfit_lines) shown += tr("… and %1 more").arg(unfit - most_unfit_lines);
    const QString heading = unfit == 1 ? tr("1 variant doesn't fit and is left out:")
                                       : tr("%1 variants don't fit and are left out:").arg(unfit);
    unfit_->setText(heading + QLatin1Char('\n') + shown.join(QLatin1Char('\n')));
    unfit_->setToolTip(lines.mid(0, 40).join(QLatin1Char('\n')));
  }
  queue_->setText(runs == 1 ? tr("Queue 1 run") : tr("Queue %1 runs").arg(runs));
  queue_->setEnabled(runs > 0);
}

void SweepDialog::queue() {
  std::vector<Variant> fitting;
  std::copy_if(variants_.begin(), variants_.end(), std::back_inserter(fitting),
               [](const Variant& variant) { return !variant.mistake; });
  if (fitting.empty()) return;
  emit sweep_requested(counted_, fitting);
  accept();
}

}  // namespace netwright
