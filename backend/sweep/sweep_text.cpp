#include "backend/sweep/sweep_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "backend/core/setting_text.h"
#include "backend/sweep/variable_setting.h"

namespace netwright {

namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string> pieces_of(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  while (true) {
    const std::size_t end = std::min(text.find(separator), text.size());
    pieces.emplace_back(trimmed(text.substr(0, end)));
    if (end == text.size()) return pieces;
    text.remove_prefix(end + 1);
  }
}

template <class T>
std::optional<T> number_in(std::string_view text) {
  T number = {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

/// `1e-4..0.1:log:4`; nothing where it is no range at all.
Result<std::optional<SweepRange>> range_in(const std::string& text) {
  const std::vector<std::string> pieces = pieces_of(text, ':');
  const std::size_t dots = pieces.front().find("..");
  if (dots == std::string::npos) return std::optional<SweepRange>();
  const auto low = number_in<double>(trimmed(std::string_view(pieces.front()).substr(0, dots)));
  const auto high = number_in<double>(trimmed(std::string_view(pieces.front()).substr(dots + 2)));
  if (!low || !high) return Error{fmt::format("“{}” isn't a range such as 0.001..0.1:log:4.", text)};
  SweepRange range{*low, *high};
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    if (pieces[i] == "log") {
      range.is_log = true;
    } else if (const auto count = number_in<int>(pieces[i])) {
      range.count = *count;
    } else if (pieces[i] != "linear") {
      return Error{fmt::format("“{}” of the range {} isn't log, linear or a count.", pieces[i], text)};
    }
  }
  return std::optional(range);
}

bool is_list(const SettingSpec& spec) {
  return spec.kind == SettingKind::Integers || spec.kind == SettingKind::Reals;
}

template <class List>
std::string list_text(const List& list) {
  if (!list.empty() && std::all_of(list.begin(), list.end(), [&](auto item) { return item == list.front(); })) {
    return fmt::format("{}", list.front());
  }
  std::string text;
  for (const auto item : list) text += fmt::format("{}{}", text.empty() ? "" : "×", item);
  return text;
}

}  // namespace

Result<std::vector<Value>> values_from_text(const SettingSpec& spec, const std::string& text) {
  std::vector<Value> values;
  for (std::string piece : pieces_of(text, ',')) {
    if (piece.empty()) continue;
    const bool is_word = std::find(spec.choices.begin(), spec.choices.end(), piece) != spec.choices.end();
    if (is_list(spec) && !is_word) piece = replaced(replaced(std::move(piece), "×", ","), "x", ",");
    auto value = value_from_text(spec, piece);
    if (!value) return value.error();
    values.push_back(std::move(*value));
  }
  return values;
}

Result<SweepAxis> axis_from_text(const Project& project, const std::string& text) {
  const std::size_t sign = text.find('=');
  if (sign == std::string::npos) return Error{fmt::format("“{}” isn't of the form setting=values.", text)};
  const auto setting = find_variable(project, trimmed(std::string_view(text).substr(0, sign)));
  if (!setting) return setting.error();
  SweepAxis axis{setting->path};
  const std::string values = text.substr(sign + 1);
  if (setting->spec.kind == SettingKind::Integer || setting->spec.kind == SettingKind::Real) {
    const auto range = range_in(values);
    if (!range) return range.error();
    axis.range = *range;
  }
  if (axis.range) return axis;
  auto list = values_from_text(setting->spec, values);
  if (!list) return Error{fmt::format("{}: {}", setting->path, list.error().message)};
  axis.values = std::move(*list);
  return axis;
}

std::string sweep_value_text(const Value& value) {
  if (const auto* list = std::get_if<Integers>(&value)) return list_text(*list);
  if (const auto* list = std::get_if<Reals>(&value)) return list_text(*list);
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:.4g}", *number);
  return to_text(value);
}

std::string values_text(const std::vector<Value>& values) {
  std::string text;
  for (const Value& value : values) {
    // Whole, so that what is read again is the same.
    const auto* number = std::get_if<double>(&value);
    text += (text.empty() ? "" : ", ") + (number ? fmt::format("{}", *number) : sweep_value_text(value));
  }
  return text;
}

std::string axis_title(const Sweep& sweep, std::size_t axis) {
  const std::string& path = sweep.axes[axis].setting;
  const std::string name = setting_name(path);
  const auto same = std::count_if(sweep.axes.begin(), sweep.axes.end(),
                                  [&](const SweepAxis& other) { return setting_name(other.setting) == name; });
  return same > 1 || name == "type" ? path : name;
}

std::string title_of(const Sweep& sweep) {
  std::string title;
  for (std::size_t i = 0; i < sweep.axes.size(); ++i) title += (i == 0 ? "" : ", ") + axis_title(sweep, i);
  return title;
}

std::string values_title(const Sweep& sweep, const std::vector<Value>& values) {
  std::string title;
  for (std::size_t i = 0; i < std::min(sweep.axes.size(), values.size()); ++i) {
    title += fmt::format("{}{} {}", i == 0 ? "" : ", ", axis_title(sweep, i), sweep_value_text(values[i]));
  }
  return title;
}

}  // namespace netwright
