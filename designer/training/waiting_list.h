#pragma once
// The runs that wait, above those that were: their order, one up, one away, all away.

#include <QWidget>

#include "designer/training/run_queue.h"

class QLabel;
class QScrollArea;
class QToolButton;

namespace netwright {

/// Hidden while nothing waits.
class WaitingList : public QWidget {
  Q_OBJECT

 public:
  explicit WaitingList(RunQueue& queue, QWidget* parent = nullptr);

  /// Without a run under way the queue stands still: Start is offered instead of Stop all.
  void set_running(bool is_running);

 signals:
  void start_requested();
  /// The run that goes on too.
  void stop_all_requested();

 private:
  void fill();
  void restyle();
  QWidget* row_of(const QueueEntry& entry, int place);

  RunQueue& queue_;
  QLabel* heading_;
  QToolButton* start_;
  QToolButton* stop_all_;
  QScrollArea* scroll_;
  bool is_running_ = false;
};

}  // namespace netwright
