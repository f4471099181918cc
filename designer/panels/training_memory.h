#pragma once
// What training takes of a memory: the recipe's batch, predicted and measured, and the largest batch that fits.

#include <QWidget>

#include "designer/document/document.h"

class QDoubleSpinBox;
class QLabel;

namespace netwright {

class TrainingMemory : public QWidget {
  Q_OBJECT

 public:
  explicit TrainingMemory(QWidget* parent = nullptr);

  /// Nothing known where there is no network.
  void show_network(const Project& project, const NetworkReport* report);
  /// What the engine measured of the network in its last run; words follow the figure predicted.
  void show_measured(std::int64_t peak_bytes, std::int64_t batch);
  void forget_measured();

  /// The memory that a batch is to fit into, in GiB; the user's to choose.
  double memory_gib() const;
  void set_memory_gib(double gib);

 private:
  void refresh();
  void restyle();

  Totals totals_;
  std::int64_t batch_ = 0;
  std::int64_t measured_bytes_ = 0;
  std::int64_t measured_batch_ = 0;
  QLabel* batch_words_;
  QLabel* largest_words_;
  QDoubleSpinBox* memory_;
  QLabel* largest_;
};

}  // namespace netwright
