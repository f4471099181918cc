#pragma once
// The alarms of a run that aren't over, in words: what goes wrong and what to try.

#include <QStringList>
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
  /// Only the first sentence of each, where there is little room; the tooltip says all.
  void set_brief(bool is_brief);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  void restyle();
  void show_words();

  QStringList alarms_;
  bool is_brief_ = false;
  QLabel* sign_;
  QLabel* words_;
};

}  // namespace netwright
