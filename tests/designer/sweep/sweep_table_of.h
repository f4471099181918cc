#pragma once
// A table as a sweep of a rate and a width would give.

#include "backend/sweep/sweep_table.h"

namespace netwright {

/// `rates` by `widths` runs; accuracy rises with the width and is best at the middle rate.
inline SweepTable sweep_table(const std::vector<double>& rates, const std::vector<std::int64_t>& widths) {
  SweepTable table;
  SweepAxis rate{"optimiser.lr"};
  SweepAxis width{"fc1.out_features"};
  for (const double value : rates) rate.values.emplace_back(value);
  for (const std::int64_t value : widths) width.values.emplace_back(value);
  table.sweep = {.id = "a", .axes = {rate, width}};
  table.count = static_cast<int>(rates.size() * widths.size());
  table.main_figure =
      FigureSpec{.name = "accuracy", .title = "Accuracy", .chart = "Accuracy", .is_share = true, .better = "higher"};
  for (std::size_t i = 0; i < rates.size(); ++i) {
    for (std::size_t j = 0; j < widths.size(); ++j) {
      SweepRow row;
      row.index = static_cast<int>(table.rows.size());
      row.folder = "/runs/" + std::to_string(row.index);
      row.values = {rates[i], widths[j]};
      row.ending = "finished";
      const double off = static_cast<double>(i) - static_cast<double>(rates.size() - 1) / 2;
      row.main = 0.95 - 0.1 * off * off - 0.3 / static_cast<double>(widths[j]);
      row.parameters = 20 * widths[j] + 2;
      row.macs = 18 * widths[j];
      row.seconds = 1.5 + 0.1 * static_cast<double>(widths[j]) + 0.01 * static_cast<double>(i);
      row.record_bytes = 100;
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

}  // namespace netwright
