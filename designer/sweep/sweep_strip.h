#pragma once
// Over a run that belongs to a sweep: its values, and the way back.

#include <QWidget>
#include <optional>

#include "backend/sweep/sweep_json.h"

class QToolButton;

namespace netwright {

class ElidedLabel;

/// Hidden for a run by itself.
class SweepStrip : public QWidget {
  Q_OBJECT

 public:
  explicit SweepStrip(QWidget* parent = nullptr);
  void show_run(const std::optional<SweepRun>& run);

 signals:
  void sweep_requested(const QString& id);

 private:
  void restyle();

  QString id_;
  QToolButton* back_;
  ElidedLabel* words_;
};

}  // namespace netwright
