#pragma once
// What the sweep verb prints.

#include <string>
#include <vector>

#include "backend/sweep/sweep_table.h"
#include "backend/sweep/variants.h"

namespace netwright {

/// A line for people: on stdout, or on stderr where that is for JSON.
void say_of_sweep(bool as_json, const std::string& line);

/// The best main figure first; ● before those on the Pareto front against `cost`.
std::string sweep_report(const SweepTable& table, SweepCost cost);
/// The same rows by index: `{"sweep":…,"main_figure":…,"runs":[{"index":1,"values":{…},…,"is_on_front":true}]}`.
std::string sweep_json_report(const SweepTable& table, SweepCost cost);

/// Every variant with its size or its mistake.
std::string variants_report(const Sweep& sweep, const std::vector<Variant>& variants);

struct Unfit {
  int count = 0;
  std::string text;  ///< a line for each
};
Unfit unfit_report(const Sweep& sweep, const std::vector<Variant>& variants);

}  // namespace netwright
