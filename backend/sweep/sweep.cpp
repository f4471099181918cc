#include "backend/sweep/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "backend/core/numbers.h"
#include "backend/data/random.h"
#include "backend/sweep/variable_setting.h"

namespace netwright {

namespace {

constexpr int draws_for_each = 200;  // before a new one is given up

bool is_number(const SettingSpec& spec) {
  return spec.kind == SettingKind::Integer || spec.kind == SettingKind::Real;
}

Value rounded(const SettingSpec& spec, double number) {
  if (spec.kind == SettingKind::Integer) return static_cast<std::int64_t>(std::llround(number));
  return number;
}

/// At `share` (0..1) of the way from low to high; the ends exactly.
double along(const SweepRange& range, double share) {
  if (share <= 0) return range.low;
  if (share >= 1) return range.high;
  if (!range.is_log) return range.low + (range.high - range.low) * share;
  return std::exp(std::log(range.low) + (std::log(range.high) - std::log(range.low)) * share);
}

std::optional<std::string> range_complaint_of(const VariableSetting& setting, const SweepRange& range) {
  if (!is_number(setting.spec)) return "only numbers have a range; list the values";
  if (!std::isfinite(range.low) || !std::isfinite(range.high) || !(range.low < range.high)) {
    return fmt::format("the range from {:g} to {:g} must go upwards", range.low, range.high);
  }
  if (range.is_log && !(range.low > 0)) return "a logarithmic range must begin above 0";
  if (range.count < 2 || range.count > most_variants) {
    return fmt::format("a range takes from 2 to {} values", with_separators(most_variants));
  }
  for (const double end : {range.low, range.high}) {
    if (auto why = complaint(setting.spec, rounded(setting.spec, end))) return why;
  }
  return std::nullopt;
}

std::optional<std::string> complete_axis(const VariableSetting& setting, SweepAxis& axis) {
  if (axis.range) {
    if (!axis.values.empty()) return "give either values or a range";
    return range_complaint_of(setting, *axis.range);
  }
  if (axis.values.empty()) return "there are no values to try";
  for (std::size_t i = 0; i < axis.values.size(); ++i) {
    Value& value = axis.values[i];
    value = *completed({setting.spec}, {{setting.spec.name, value}}).find(setting.spec.name);
    if (auto why = complaint(setting.spec, value)) return fmt::format("{}, not {}", *why, to_text(value));
    const auto here = axis.values.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(axis.values.begin(), here, value) != here) {
      return fmt::format("{} stands there twice", to_text(value));
    }
  }
  return std::nullopt;
}

Value drawn(const SweepAxis& axis, const SettingSpec& spec, Random& random) {
  if (!axis.range) return axis.values[random.below(axis.values.size())];
  const SweepRange& range = *axis.range;
  if (spec.kind != SettingKind::Integer || range.is_log) return rounded(spec, along(range, random.uniform()));
  // Each whole number as often as any other, which rounding wouldn't give the ends.
  const std::int64_t low = std::llround(range.low);
  const auto span = static_cast<std::uint64_t>(std::llround(range.high) - low) + 1;
  return low + static_cast<std::int64_t>(random.below(span));
}

std::vector<SettingSpec> specs_of_axes(const Project& project, const Sweep& sweep) {
  std::vector<SettingSpec> specs;
  for (const SweepAxis& axis : sweep.axes) {
    const auto setting = find_variable(project, axis.setting);
    specs.push_back(setting ? setting->spec : SettingSpec());
  }
  return specs;
}

std::vector<std::vector<Value>> grid_of(const Sweep& sweep, const std::vector<SettingSpec>& specs) {
  std::vector<std::vector<Value>> all = {{}};
  for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
    std::vector<std::vector<Value>> longer;
    for (const std::vector<Value>& so_far : all) {
      for (const Value& value : grid_values(sweep.axes[i], specs[i])) {
        longer.push_back(so_far);
        longer.back().push_back(value);
      }
    }
    all = std::move(longer);
  }
  return all;
}

std::vector<std::vector<Value>> draws_of(const Sweep& sweep, const std::vector<SettingSpec>& specs) {
  Random random(sweep.seed, 0);
  std::vector<std::vector<Value>> all;
  std::set<std::vector<Value>> seen;
  for (int misses = 0; static_cast<int>(all.size()) < sweep.count && misses < draws_for_each;) {
    std::vector<Value> values;
    for (std::size_t i = 0; i < sweep.axes.size(); ++i) values.push_back(drawn(sweep.axes[i], specs[i], random));
    const bool is_new = seen.insert(values).second;
    misses = is_new ? 0 : misses + 1;
    if (is_new) all.push_back(std::move(values));
  }
  return all;
}

}  // namespace

Result<Sweep> checked(const Project& project, Sweep sweep) {
  if (sweep.axes.empty()) return Error{"A sweep varies at least one setting."};
  std::set<std::string> seen;
  std::optional<std::int64_t> total = 1;
  for (SweepAxis& axis : sweep.axes) {
    const auto setting = find_variable(project, axis.setting);
    if (!setting) return setting.error();
    axis.setting = setting->path;
    if (!seen.insert(axis.setting).second) return Error{fmt::format("{} is varied twice.", axis.setting)};
    if (const auto why = complete_axis(*setting, axis)) return Error{fmt::format("{}: {}.", axis.setting, *why)};
    total = checked_multiply(total, static_cast<std::int64_t>(grid_values(axis, setting->spec).size()));
  }
  if (sweep.method == SweepMethod::Random) total = sweep.count;
  if (total && *total < 1) return Error{"A random sweep takes at least one run."};
  if (!total || *total > most_variants) {
    return Error{fmt::format("These are {} runs; a sweep takes {} at most. Vary less, or draw some at random.",
                             total ? with_separators(*total) : "very many", with_separators(most_variants))};
  }
  return sweep;
}

std::vector<Value> grid_values(const SweepAxis& axis, const SettingSpec& spec) {
  if (!axis.range) return axis.values;
  std::vector<Value> values;
  for (int i = 0; i < axis.range->count; ++i) {
    Value value = rounded(spec, along(*axis.range, static_cast<double>(i) / (axis.range->count - 1)));
    if (values.empty() || values.back() != value) values.push_back(std::move(value));
  }
  return values;
}

std::vector<std::vector<Value>> combinations(const Project& project, const Sweep& sweep) {
  const std::vector<SettingSpec> specs = specs_of_axes(project, sweep);
  return sweep.method == SweepMethod::Grid ? grid_of(sweep, specs) : draws_of(sweep, specs);
}

bool try_the_same(const Sweep& a, const Sweep& b) {
  const bool is_random = a.method == SweepMethod::Random;
  return a.axes == b.axes && a.method == b.method && (!is_random || (a.count == b.count && a.seed == b.seed));
}

}  // namespace netwright
