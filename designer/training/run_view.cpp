#include "designer/training/run_view.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <algorithm>

#include "designer/theme/icons.h"
#include "designer/theme/text_colour.h"
#include "designer/theme/theme.h"
#include "designer/training/alarm_strip.h"
#include "designer/training/elided_label.h"
#include "designer/training/figure_words.h"
#include "designer/training/run_charts.h"
#include "designer/training/smoothing_control.h"

namespace netwright {
namespace {

constexpr int most_log_lines = 5;
constexpr int least_for_name = 720;
constexpr int least_for_words = 340;
constexpr int icon_button_width = 30;

}  // namespace

RunView::RunView(QWidget* parent)
    : QWidget(parent),
      pages_(new QStackedWidget(this)),
      invitation_(new QLabel(tr("Press Train to see the curves"))),
      heading_(new QLabel),
      continue_(new QPushButton),
      fork_(new QPushButton),
      report_(new QPushButton),
      figures_(new ElidedLabel),
      progress_(new QProgressBar),
      failure_(new QWidget),
      failure_words_(new QLabel),
      failure_log_(new QPlainTextEdit),
      smoothing_(new SmoothingControl(QStringLiteral("training.smoothing"))),
      log_(new QToolButton),
      alarms_(new AlarmStrip),
      charts_(new RunCharts) {
  setObjectName(QStringLiteral("training.view"));

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
  header->addWidget(continue_);
  header->addWidget(fork_);
  header->addWidget(report_);
  header->addWidget(figures_, 1);
  header->addWidget(smoothing_);
  header->addWidget(log_);
  column->addLayout(header);
  column->addWidget(progress_);
  column->addWidget(alarms_);
  column->addWidget(failure_);
  column->addWidget(charts_, 1);

  invitation_->setProperty("role", "muted");
  invitation_->setAlignment(Qt::AlignCenter);
  pages_->addWidget(invitation_);
  pages_->addWidget(page);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(pages_);
  connect(&Theme::instance(), &Theme::changed, this, &RunView::restyle);
  restyle();
  charts_->set_smoothing(smoothing_->value());
}

void RunView::build_header() {
  heading_->setObjectName(QStringLiteral("training.heading"));
  figures_->setObjectName(QStringLiteral("training.figures"));
  progress_->setObjectName(QStringLiteral("training.progress"));
  progress_->setTextVisible(false);
  progress_->setRange(0, 1000);
  progress_->setFixedHeight(3);
  connect(smoothing_, &SmoothingControl::value_changed, charts_, &RunCharts::set_smoothing);
  continue_->setObjectName(QStringLiteral("training.continue"));
  continue_->hide();
  connect(continue_, &QPushButton::clicked, this, [this] { emit continue_requested(has_finished_); });
  fork_->setObjectName(QStringLiteral("training.fork"));
  fork_->setAccessibleName(tr("Fork…"));
  fork_->setToolTip(tr("A new run goes on from this one's weights, by a recipe of its own"));
  fork_->hide();
  connect(fork_, &QPushButton::clicked, this, &RunView::fork_requested);
  report_->setObjectName(QStringLiteral("training.report"));
  report_->setAccessibleName(tr("Report"));
  report_->setToolTip(tr("Quality, costs, convergence and robustness of this run, as a page"));
  report_->hide();
  connect(report_, &QPushButton::clicked, this, &RunView::report_requested);
  log_->setObjectName(QStringLiteral("training.log_scale"));
  log_->setText(tr("Log scale"));
  log_->setCheckable(true);
  log_->setToolTip(tr("Logarithmic axes, but for shares"));
  connect(log_, &QToolButton::toggled, charts_, &RunCharts::set_log);
}

void RunView::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  show_words();
  alarms_->set_brief(height() < least_for_words);
}

/// Where there is little room, what the run tells is more than what the controls are called.
void RunView::show_words() {
  const bool has_room = width() >= least_for_name;
  smoothing_->set_brief(!has_room);
  for (QPushButton* button : {continue_, fork_, report_}) {
    button->setText(has_room ? button->accessibleName() : QString());
    button->setMaximumWidth(has_room ? QWIDGETSIZE_MAX : icon_button_width);
  }
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
  set_text_colour(*heading_, colours().text);
  heading_->setFont(theme.heading());
  set_text_colour(*figures_, colours().muted);
  figures_->setFont(theme.figures());
  failure_log_->setFont(theme.code());
  continue_->setIcon(icon(QStringLiteral("train")));
  fork_->setIcon(icon(QStringLiteral("fork")));
  report_->setIcon(icon(QStringLiteral("report")));
  progress_->setStyleSheet(QStringLiteral("QProgressBar{border:0;border-radius:0;background:%1;min-height:3px;"
                                          "max-height:3px}QProgressBar::chunk{background:%2;border-radius:0}")
                               .arg(colours().grid.name(), colours().accent.name()));
}

void RunView::clear() {
  pages_->setCurrentIndex(0);
}

void RunView::show_run(const QString& heading, const RunRecord& record, bool is_live) {
  heading_->setText(heading);
  pages_->setCurrentIndex(1);
  charts_->show_run(record);
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

void RunView::set_can_continue(bool can_continue) {
  continue_->setEnabled(can_continue);
}

void RunView::offer_to_continue(const RunRecord& record, bool is_live) {
  has_finished_ = record.done && record.done->reason == "finished";
  epochs_done_ = record.done ? record.done->epochs : 0;
  // What diverged would diverge again.
  const bool is_offered = !is_live && record.run && !(record.done && record.done->reason == "diverged");
  continue_->setAccessibleName(has_finished_ ? tr("More epochs…") : tr("Continue"));
  continue_->setToolTip(has_finished_ ? tr("Train it further, from where it ended")
                                      : tr("Continue, as if the run had never stopped"));
  show_words();
  continue_->setVisible(is_offered);
  fork_->setVisible(!is_live && record.run);
}

void RunView::follow(const RunRecord& record, bool is_live) {
  charts_->follow(record);
  alarms_->show_alarms(record.alarms);
  const bool is_going_on = is_live && !record.done;
  figures_->setText(is_going_on ? progress_text(record) : summary_text(record));
  offer_to_continue(record, is_live);
  report_->setVisible(record.last_epoch.has_value());
  progress_->setValue(is_going_on ? static_cast<int>(1000 * std::max(0.0, record.fraction())) : 0);
}

}  // namespace netwright
