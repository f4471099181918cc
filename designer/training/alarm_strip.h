#pragma once
// The alarms of a run that aren't over, in words: what goes wrong and what to try.

#include <QWidget>
#include <vector>

#include "backend/run/event.h"

class QLabel;

namespace netwright {

class AlarmStrip : public QWidget {
  Q_OBJECT

 public:
  explicit AlarmStrip(QWidget* parent = nullptr);

  /// Hidden where there are none.
  void show_alarms(const std::vector<AlarmEvent>& alarms);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void restyle();

  QLabel* sign_;
  QLabel* words_;
};

}  // namespace netwright
