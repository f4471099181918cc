#include "backend/sweep/sweep_proposal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace netwright {

namespace {

constexpr std::size_t most_choices = 4;

/// To so many significant digits, as a person would type it.
double with_digits(double number, int digits) {
  return std::stod(fmt::format("{:.{}g}", number, digits));
}

bool is_share(const SettingSpec& spec) {
  return spec.minimum >= 0 && spec.maximum <= 1;
}

std::vector<double> near_numbers(const SettingSpec& spec, double now) {
  if (is_share(spec) && now == 0) return {0, 0.1, 0.2};
  if (is_share(spec) && now >= 0.1 && now <= 0.9) {
    const double step = std::min({now / 2, (1 - now) / 2, 0.2});
    return {with_digits(now - step, 2), now, with_digits(now + step, 2)};
  }
  if (is_share(spec) && now > 0.9)
    return {with_digits(1 - 3.2 * (1 - now), 3), now, with_digits(1 - (1 - now) / 3.2, 3)};
  if (now == 0) return {0, 1e-4, 1e-3};
  return {with_digits(now / std::sqrt(10.0), 2), now, with_digits(now * std::sqrt(10.0), 2)};
}

std::vector<std::int64_t> near_integers(const SettingSpec& spec, std::int64_t now) {
  if (spec.name == "seed" || spec.name.ends_with("_seed")) return {now, now + 1, now + 2};
  if (now >= -1 && now <= 1) return {now, now + 1, now + 2};
  return {now / 2, now, 2 * now};
}

std::vector<Value> near_values(const VariableSetting& setting) {
  const SettingSpec& spec = setting.spec;
  std::vector<Value> values;
  if (spec.kind == SettingKind::Boolean) return {false, true};
  if (const auto* now = std::get_if<double>(&setting.value)) {
    for (const double number : near_numbers(spec, *now)) values.emplace_back(number);
  } else if (const auto* whole = std::get_if<std::int64_t>(&setting.value)) {
    for (const std::int64_t number : near_integers(spec, *whole)) values.emplace_back(number);
  } else if (const auto* list = std::get_if<Integers>(&setting.value)) {
    values.emplace_back(*list);
    Integers more = *list;
    // Kernels stay odd.
    for (std::int64_t& item : more) item += spec.name == "kernel_size" ? 2 : 1;
    values.emplace_back(std::move(more));
  } else if (spec.kind == SettingKind::Choice) {
    values.push_back(setting.value);
    for (const std::string& choice : spec.choices) {
      if (values.size() < most_choices && Value(choice) != setting.value) values.emplace_back(choice);
    }
  } else {
    values.push_back(setting.value);
  }
  return values;
}

}  // namespace

SweepAxis proposed_axis(const VariableSetting& setting) {
  SweepAxis axis{setting.path};
  for (Value& value : near_values(setting)) {
    const bool is_there = std::find(axis.values.begin(), axis.values.end(), value) != axis.values.end();
    if (!is_there && !complaint(setting.spec, value)) axis.values.push_back(std::move(value));
  }
  if (axis.values.empty()) axis.values.push_back(setting.value);
  return axis;
}

SweepRange proposed_range(const VariableSetting& setting) {
  const SettingSpec& spec = setting.spec;
  const auto* whole = std::get_if<std::int64_t>(&setting.value);
  const double now = whole ? static_cast<double>(*whole) : std::get<double>(setting.value);
  SweepRange range;
  if (whole) {
    range = now > 1 ? SweepRange{std::floor(now / 2), 2 * now, 3, true} : SweepRange{now, now + 4, 3, false};
  } else if (is_share(spec) && (now == 0 || now >= 0.1)) {
    range = now > 0.9 ? SweepRange{0.9, with_digits(1 - (1 - now) / 3.2, 3), 3, false} : SweepRange{0, 0.5, 3, false};
  } else {
    range = now > 0 ? SweepRange{with_digits(now / 10, 2), with_digits(now * 10, 2), 3, true}
                    : SweepRange{1e-5, 1e-2, 4, true};
  }
  range.low = std::max(range.low, spec.minimum);
  range.high = std::min(range.high, spec.maximum);
  if (!(range.low < range.high)) range.low = std::max(spec.minimum, range.high - 1);
  if (range.low <= 0) range.is_log = false;
  return range;
}

}  // namespace netwright
