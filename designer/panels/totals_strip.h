#pragma once
// The figures of a whole network, each with its name beneath.

#include <QWidget>

#include <array>

#include "backend/analysis/report.h"

class QLabel;

namespace netwright {

class TotalsStrip : public QWidget {
  Q_OBJECT

 public:
  explicit TotalsStrip(QWidget* parent = nullptr);

  /// Nothing: dashes.
  void show_totals(const NetworkReport* report);

 private:
  void restyle();

  static constexpr std::size_t count = 6;
  std::array<QLabel*, count> values_;
  std::array<QLabel*, count> names_;
};

}  // namespace netwright
