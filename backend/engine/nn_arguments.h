#pragma once
// The arguments of one NnCall, read by name and kind.

#include <torch/torch.h>

#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "backend/layers/nn_call.h"

namespace netwright {

/// Why a call can't be bound; caught in bind().
struct BindingError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Each getter throws BindingError where the argument is of another kind, or is missing and has no fallback.
class NnArguments {
 public:
  explicit NnArguments(const NnCall& call) : call_(call) {}

  bool flag(std::string_view name, std::optional<bool> fallback = {});
  std::int64_t integer(std::string_view name, std::optional<std::int64_t> fallback = {});
  double real(std::string_view name, std::optional<double> fallback = {});
  std::string text(std::string_view name, const std::optional<std::string>& fallback = {});
  /// One whole number stands for a list of one.
  Integers integers(std::string_view name, const std::optional<Integers>& fallback = {});
  /// D numbers, or one that stands for all.
  template <std::size_t D>
  torch::ExpandingArray<D> sizes(std::string_view name, const std::optional<Integers>& fallback = {}) {
    const Integers list = integers(name, fallback);
    if (list.size() == 1) return list.front();
    if (list.size() != D) complain(name, std::to_string(D) + " numbers");
    return list;
  }
  Reals reals(std::string_view name);
  bool is_text(std::string_view name) const;
  bool has(std::string_view name) const { return call_.find(name) != nullptr; }

  /// How a module is called.
  std::string forward_text(std::string_view option, const std::string& fallback);
  bool forward_flag(std::string_view option, bool fallback);

  /// Throws BindingError where the call has an argument or an option that no getter asked for.
  void expect_all_read() const;

 private:
  const Value* find(std::string_view name, bool is_optional);
  template <class T>
  T get(std::string_view name, const std::optional<T>& fallback, const char* kind);
  template <class T>
  T forward(std::string_view option, const T& fallback, const char* kind);
  [[noreturn]] void complain(std::string_view name, const std::string& expected) const;

  const NnCall& call_;
  std::set<std::string, std::less<>> read_;
  std::set<std::string, std::less<>> forward_read_;
};

}  // namespace netwright
