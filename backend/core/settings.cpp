#include "backend/core/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace netwright {

namespace {

template <class T>
T get(const Settings& settings, std::string_view name) {
  const Value* value = settings.find(name);
  const T* typed = value ? std::get_if<T>(value) : nullptr;
  return typed ? *typed : T{};
}

template <class List>
std::string joined(const List& list) {
  return fmt::format("{}", fmt::join(list, ", "));
}

std::string range_complaint(const SettingSpec& spec) {
  const bool has_minimum = spec.minimum > std::numeric_limits<double>::lowest();
  const bool has_maximum = spec.maximum < std::numeric_limits<double>::max();
  if (has_minimum && has_maximum) return fmt::format("{} must be from {} to {}", spec.name, spec.minimum, spec.maximum);
  if (has_minimum) return fmt::format("{} must be at least {}", spec.name, spec.minimum);
  return fmt::format("{} must be at most {}", spec.name, spec.maximum);
}

template <class List>
std::optional<std::string> list_complaint(const SettingSpec& spec, const List& list, const char* what) {
  if (spec.length != 0 && list.size() != spec.length) {
    return fmt::format("{} takes {} {}, not {}", spec.name, spec.length, what, list.size());
  }
  if (spec.length == 0 && list.empty()) return fmt::format("{} takes at least one of {}", spec.name, what);
  for (const auto item : list) {
    const auto number = static_cast<double>(item);
    if (!(number >= spec.minimum && number <= spec.maximum)) return range_complaint(spec);
  }
  return std::nullopt;
}

bool is_choice(const SettingSpec& spec, const std::string& word) {
  return std::find(spec.choices.begin(), spec.choices.end(), word) != spec.choices.end();
}

/// A value of another kind that plainly means one of the spec's.
Value adapted(const SettingSpec& spec, Value value) {
  const auto* whole = std::get_if<std::int64_t>(&value);
  const auto* list = std::get_if<Integers>(&value);
  if (spec.kind == SettingKind::Real && whole) return static_cast<double>(*whole);
  if (spec.kind == SettingKind::Integers && whole) return Integers(std::max<std::size_t>(spec.length, 1), *whole);
  if (spec.kind == SettingKind::Integers && list && list->size() == 1 && spec.length > 1) {
    return Integers(spec.length, list->front());
  }
  if (spec.kind == SettingKind::Reals && list) return Reals(list->begin(), list->end());
  return value;
}

}  // namespace

std::string to_text(const Value& value) {
  struct Visitor {
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return fmt::format("{:g}", number); }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(const Integers& list) const { return joined(list); }
    std::string operator()(const Reals& list) const { return joined(list); }
  };
  return std::visit(Visitor(), value);
}

bool Settings::flag(std::string_view name) const {
  return get<bool>(*this, name);
}
std::int64_t Settings::integer(std::string_view name) const {
  return get<std::int64_t>(*this, name);
}
double Settings::real(std::string_view name) const {
  return get<double>(*this, name);
}
std::string Settings::text(std::string_view name) const {
  return get<std::string>(*this, name);
}
Integers Settings::integers(std::string_view name) const {
  return get<Integers>(*this, name);
}
Reals Settings::reals(std::string_view name) const {
  return get<Reals>(*this, name);
}

void Settings::clear(std::string_view name) {
  if (const auto it = values_.find(name); it != values_.end()) values_.erase(it);
}

const Value* Settings::find(std::string_view name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? nullptr : &it->second;
}

Settings defaults(const std::vector<SettingSpec>& specs) {
  return completed(specs, {});
}

Settings completed(const std::vector<SettingSpec>& specs, Settings settings) {
  for (const SettingSpec& spec : specs) {
    const Value* value = settings.find(spec.name);
    settings.set(spec.name, value ? adapted(spec, *value) : spec.fallback);
  }
  return settings;
}

std::optional<std::string> complaint(const SettingSpec& spec, const Value& value) {
  switch (spec.kind) {
    case SettingKind::Boolean:
      if (!std::holds_alternative<bool>(value)) return spec.name + " must be true or false";
      return std::nullopt;
    case SettingKind::Integer: {
      const auto* number = std::get_if<std::int64_t>(&value);
      if (!number) return spec.name + " must be a whole number";
      const auto real = static_cast<double>(*number);
      if (real < spec.minimum || real > spec.maximum) return range_complaint(spec);
      return std::nullopt;
    }
    case SettingKind::Real: {
      const auto* number = std::get_if<double>(&value);
      if (!number || !std::isfinite(*number)) return spec.name + " must be a number";
      if (*number < spec.minimum || *number > spec.maximum) return range_complaint(spec);
      return std::nullopt;
    }
    case SettingKind::Choice: {
      const auto* word = std::get_if<std::string>(&value);
      if (!word || !is_choice(spec, *word)) {
        return fmt::format("{} must be one of {}", spec.name, joined(spec.choices));
      }
      return std::nullopt;
    }
    case SettingKind::Text:
    case SettingKind::FilePath:
    case SettingKind::FolderPath:
      if (!std::holds_alternative<std::string>(value)) return spec.name + " must be text";
      return std::nullopt;
    case SettingKind::Integers: {
      const auto* word = std::get_if<std::string>(&value);
      if (word && is_choice(spec, *word)) return std::nullopt;
      const auto* list = std::get_if<Integers>(&value);
      if (list) return list_complaint(spec, *list, "whole numbers");
      if (spec.choices.empty()) return spec.name + " must be whole numbers";
      return fmt::format("{} must be whole numbers or {}", spec.name, joined(spec.choices));
    }
    case SettingKind::Reals: {
      const auto* list = std::get_if<Reals>(&value);
      if (!list || !std::all_of(list->begin(), list->end(), [](double x) { return std::isfinite(x); })) {
        return spec.name + " must be numbers";
      }
      return list_complaint(spec, *list, "numbers");
    }
  }
  return std::nullopt;
}

const SettingSpec* find_spec(const std::vector<SettingSpec>& specs, std::string_view name) {
  const auto it = std::find_if(specs.begin(), specs.end(), [&](const SettingSpec& spec) { return spec.name == name; });
  return it == specs.end() ? nullptr : &*it;
}

}  // namespace netwright
