#include "designer/training/waiting_list.h"

#include <QBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>
#include <algorithm>

#include "designer/theme/icons.h"
#include "designer/theme/theme.h"
#include "designer/training/elided_label.h"

namespace netwright {
namespace {

constexpr int most_waiting_rows = 4;  // the others are scrolled to

QToolButton* waiting_button(const char* symbol, const QString& tip, const QString& title) {
  auto* button = new QToolButton;
  button->setIcon(icon(QString::fromLatin1(symbol), Ink::Muted));
  button->setIconSize({12, 12});
  button->setToolTip(tip);
  button->setAccessibleName(QStringLiteral("%1: %2").arg(tip, title));
  return button;
}

}  // namespace

WaitingList::WaitingList(RunQueue& queue, QWidget* parent)
    : QWidget(parent),
      queue_(queue),
      heading_(new QLabel),
      start_(new QToolButton),
      stop_all_(new QToolButton),
      scroll_(new QScrollArea) {
  setObjectName(QStringLiteral("training.waiting"));
  heading_->setObjectName(QStringLiteral("training.waiting_heading"));
  start_->setObjectName(QStringLiteral("training.start_waiting"));
  start_->setText(tr("Start"));
  start_->setToolTip(tr("Train the waiting runs, one after the other"));
  stop_all_->setObjectName(QStringLiteral("training.stop_all"));
  for (QToolButton* button : {start_, stop_all_}) button->setProperty("chip", true);
  scroll_->setObjectName(QStringLiteral("training.waiting_rows"));
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFocusPolicy(Qt::NoFocus);

  auto* head = new QHBoxLayout;
  head->setContentsMargins(8, 4, 6, 2);
  head->setSpacing(6);
  head->addWidget(heading_, 1);
  head->addWidget(start_);
  head->addWidget(stop_all_);
  auto* line = new QFrame;
  line->setProperty("role", "line");
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addLayout(head);
  column->addWidget(scroll_);
  column->addWidget(line);
  connect(start_, &QToolButton::clicked, this, &WaitingList::start_requested);
  connect(stop_all_, &QToolButton::clicked, this, &WaitingList::stop_all_requested);
  // A row's button changes the queue: it must be done with its click before its row goes.
  connect(&queue_, &RunQueue::changed, this, &WaitingList::fill, Qt::QueuedConnection);
  connect(&Theme::instance(), &Theme::changed, this, &WaitingList::restyle);
  restyle();
  set_running(false);
}

void WaitingList::restyle() {
  heading_->setFont(Theme::instance().heading());
  for (QToolButton* button : {start_, stop_all_}) button->setFont(Theme::instance().caption());
  fill();
}

void WaitingList::set_running(bool is_running) {
  is_running_ = is_running;
  start_->setVisible(!is_running);
  stop_all_->setText(is_running ? tr("Stop all") : tr("Remove all"));
  stop_all_->setToolTip(is_running ? tr("Stops the run that goes on and removes those that wait")
                                   : tr("Removes the runs that wait"));
}

QWidget* WaitingList::row_of(const QueueEntry& entry, int place) {
  const bool is_sweep = entry.runs.front().sweep.has_value();
  const auto count = entry.runs.size();
  const QString title = !is_sweep    ? entry.title
                        : count == 1 ? tr("%1 – 1 run").arg(entry.title)
                                     : tr("%1 – %2 runs").arg(entry.title).arg(count);
  auto* row = new QWidget;
  row->setObjectName(QStringLiteral("waiting.%1").arg(place));
  auto* number = new QLabel(QStringLiteral("%1").arg(place + 1));
  number->setFont(Theme::instance().small_figures());
  number->setProperty("role", "muted");
  number->setFixedWidth(16);
  auto* words = new ElidedLabel;
  words->setObjectName(QStringLiteral("waiting.%1.title").arg(place));
  words->setText(title);
  auto* up = waiting_button("up", tr("Train it earlier"), title);
  up->setObjectName(QStringLiteral("waiting.%1.up").arg(place));
  up->setEnabled(place > 0);
  auto* away = waiting_button("close", is_sweep ? tr("Remove these runs") : tr("Remove this run"), title);
  away->setObjectName(QStringLiteral("waiting.%1.remove").arg(place));
  auto* layout = new QHBoxLayout(row);
  layout->setContentsMargins(8, 0, 2, 0);
  layout->setSpacing(2);
  layout->addWidget(number);
  layout->addWidget(words, 1);
  layout->addWidget(up);
  layout->addWidget(away);
  connect(up, &QToolButton::clicked, this, [this, id = entry.id] { queue_.move_up(id); });
  connect(away, &QToolButton::clicked, this, [this, id = entry.id] { queue_.remove(id); });
  return row;
}

void WaitingList::fill() {
  const int count = queue_.count();
  heading_->setText(count == 1 ? tr("1 run waits") : tr("%1 runs wait").arg(count));
  const int at = scroll_->verticalScrollBar()->value();
  auto* rows = new QWidget;
  rows->setProperty("panel", true);
  auto* column = new QVBoxLayout(rows);
  column->setContentsMargins(0, 0, 0, 2);
  column->setSpacing(0);
  int height = 0;
  int place = 0;
  for (const QueueEntry& entry : queue_.entries()) {
    QWidget* row = row_of(entry, place++);
    column->addWidget(row);
    if (place <= most_waiting_rows) height += row->sizeHint().height();
  }
  column->addStretch(1);
  scroll_->setWidget(rows);
  scroll_->setFixedHeight(height + 3);
  scroll_->verticalScrollBar()->setValue(at);
  setVisible(count > 0);
}

}  // namespace netwright
