#include "backend/core/setting_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

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

}  // namespace

Result<Value> value_from_text(const SettingSpec& spec, const std::string& text) {
  const std::optional<Value> value = parsed(spec, text);
  // Lists are brought to their length as those of a project's file are: 32 means 32, 32.
  const Value whole = *completed({spec}, {{spec.name, value.value_or(text)}}).find(spec.name);
  if (const auto why = complaint(spec, whole)) return Error{fmt::format("{}, not “{}”.", *why, text)};
  return whole;
}

}  // namespace netwright
