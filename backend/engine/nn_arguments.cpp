#include "backend/engine/nn_arguments.h"

#include <fmt/format.h>

namespace netwright {

const Value* NnArguments::find(std::string_view name, bool is_optional) {
  read_.emplace(name);
  const Value* value = call_.find(name);
  if (!value && !is_optional) throw BindingError(fmt::format("{} needs the argument {}.", call_.name, name));
  return value;
}

void NnArguments::complain(std::string_view name, const std::string& expected) const {
  const Value* value = call_.find(name);
  throw BindingError(fmt::format("{}: {} must be {}, not {}.", call_.name, name, expected,
                                 value ? to_text(*value) : std::string("missing")));
}

template <class T>
T NnArguments::get(std::string_view name, const std::optional<T>& fallback, const char* kind) {
  const Value* value = find(name, fallback.has_value());
  if (!value) return *fallback;
  if (const auto* typed = std::get_if<T>(value)) return *typed;
  complain(name, kind);
}

bool NnArguments::flag(std::string_view name, std::optional<bool> fallback) {
  return get<bool>(name, fallback, "true or false");
}

std::int64_t NnArguments::integer(std::string_view name, std::optional<std::int64_t> fallback) {
  return get<std::int64_t>(name, fallback, "a whole number");
}

double NnArguments::real(std::string_view name, std::optional<double> fallback) {
  const Value* value = call_.find(name);
  if (value && std::holds_alternative<std::int64_t>(*value)) return static_cast<double>(integer(name));
  return get<double>(name, fallback, "a number");
}

std::string NnArguments::text(std::string_view name, const std::optional<std::string>& fallback) {
  return get<std::string>(name, fallback, "text");
}

Integers NnArguments::integers(std::string_view name, const std::optional<Integers>& fallback) {
  const Value* value = call_.find(name);
  if (value && std::holds_alternative<std::int64_t>(*value)) return {integer(name)};
  return get<Integers>(name, fallback, "whole numbers");
}

Reals NnArguments::reals(std::string_view name) {
  return get<Reals>(name, {}, "numbers");
}

template <class T>
T NnArguments::forward(std::string_view option, const T& fallback, const char* kind) {
  forward_read_.emplace(option);
  const Value* value = call_.find_forward(option);
  if (!value) return fallback;
  if (const auto* typed = std::get_if<T>(value)) return *typed;
  throw BindingError(fmt::format("{}: {} must be {}, not {}.", call_.name, option, kind, to_text(*value)));
}

std::string NnArguments::forward_text(std::string_view option, const std::string& fallback) {
  return forward<std::string>(option, fallback, "text");
}

bool NnArguments::forward_flag(std::string_view option, bool fallback) {
  return forward<bool>(option, fallback, "true or false");
}

bool NnArguments::is_text(std::string_view name) const {
  const Value* value = call_.find(name);
  return value && std::holds_alternative<std::string>(*value);
}

void NnArguments::expect_all_read() const {
  for (const auto& [name, value] : call_.arguments) {
    if (!read_.contains(name)) {
      throw BindingError(fmt::format("The engine doesn't know the argument {} of {}.", name, call_.name));
    }
  }
  for (const auto& [name, value] : call_.forward) {
    if (!forward_read_.contains(name))
      throw BindingError(fmt::format("The engine can't call {} with {}.", call_.name, name));
  }
}

}  // namespace netwright
