#include "app/commands/setting_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "backend/data/data_catalogue.h"
#include "backend/data/preparation.h"

namespace netwright {

namespace {

template <class T>
std::optional<T> number_from(std::string_view text) {
  T number = {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

template <class T>
std::optional<Value> numbers_from(std::string_view text) {
  std::vector<T> numbers;
  while (true) {
    const std::size_t end = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, end);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    const auto number = number_from<T>(item);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
    if (end == text.size()) return numbers;
    text.remove_prefix(end + 1);
  }
}

template <class T>
std::optional<Value> one_from(std::string_view text) {
  const auto number = number_from<T>(text);
  return number ? std::optional<Value>(*number) : std::nullopt;
}

std::optional<Value> parsed(const SettingSpec& spec, const std::string& text) {
  switch (spec.kind) {
    case SettingKind::Boolean:
      if (text == "true" || text == "yes" || text == "1") return true;
      if (text == "false" || text == "no" || text == "0") return false;
      return std::nullopt;
    case SettingKind::Integer:
      return one_from<std::int64_t>(text);
    case SettingKind::Real:
      return one_from<double>(text);
    case SettingKind::Integers:
      if (std::find(spec.choices.begin(), spec.choices.end(), text) != spec.choices.end()) return text;
      return numbers_from<std::int64_t>(text);
    case SettingKind::Reals:
      return numbers_from<double>(text);
    case SettingKind::Choice:
    case SettingKind::Text:
    case SettingKind::FilePath:
    case SettingKind::FolderPath:
      return text;
  }
  return std::nullopt;
}

std::string names_of(const std::vector<SettingSpec>& specs) {
  std::string names;
  for (const SettingSpec& spec : specs) names += (names.empty() ? "" : ", ") + spec.name;
  return names.empty() ? "none" : names;
}

}  // namespace

Result<Value> value_from_text(const SettingSpec& spec, const std::string& text) {
  const std::optional<Value> value = parsed(spec, text);
  // Lists are brought to their length as those of a project's file are: 32 means 32, 32.
  const Value whole = *completed({spec}, {{spec.name, value.value_or(text)}}).find(spec.name);
  if (const auto why = complaint(spec, whole)) return Error{fmt::format("{}, not “{}”.", *why, text)};
  return whole;
}

Result<void> apply_settings(const std::vector<std::string>& assignments, DataSource& data) {
  const DataSpec* source = find_data_spec(data.source);
  if (!source) return Error{fmt::format("There is no data source “{}”; datasets lists those there are.", data.source)};
  for (const std::string& assignment : assignments) {
    const std::size_t sign = assignment.find('=');
    if (sign == std::string::npos) return Error{fmt::format("“{}” isn't of the form name=value.", assignment)};
    const std::string name = assignment.substr(0, sign);
    const SettingSpec* of_source = find_spec(source->settings, name);
    const SettingSpec* spec = of_source ? of_source : find_spec(preparation_specs(), name);
    if (!spec) {
      return Error{fmt::format("{} has no setting “{}”. There are: {}; for preparing any data: {}.", source->title,
                               name, names_of(source->settings), names_of(preparation_specs()))};
    }
    auto value = value_from_text(*spec, assignment.substr(sign + 1));
    if (!value) return value.error();
    (of_source ? data.settings : data.preparation).set(name, *std::move(value));
  }
  return {};
}

}  // namespace netwright
