#include "backend/engine/torchscript_form.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "backend/interop/pytorch_call.h"

namespace netwright {

std::string torchscript_literal(const Value& value) {
  const auto bracketed = [](const auto& list) {
    std::vector<std::string> items;
    for (const auto& item : list) items.push_back(python_literal(item));
    return fmt::format("[{}]", fmt::join(items, ", "));
  };
  if (const auto* list = std::get_if<Integers>(&value)) return bracketed(*list);
  if (const auto* list = std::get_if<Reals>(&value)) return bracketed(*list);
  return python_literal(value);
}

bool TorchscriptForm::has(std::string_view weight) const {
  return std::find(weights_.begin(), weights_.end(), weight) != weights_.end();
}

std::string TorchscriptForm::fill(std::string_view text) const {
  std::string filled;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    filled += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find('}', open);
    filled += value_of(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
  return filled;
}

std::string TorchscriptForm::value_of(std::string_view name) const {
  // `bias` is an argument that says whether there is one, and the weight itself.
  if (const Value* argument = call_.find(name); argument && name != "bias") return torchscript_literal(*argument);
  return has(name) ? fmt::format("self.{}", name) : "None";
}

bool TorchscriptForm::flag(std::string_view argument) const {
  const Value* value = call_.find(argument);
  return value && *value == Value(true);
}

std::string TorchscriptForm::text(std::string_view argument) const {
  const Value* value = call_.find(argument);
  const auto* text = value ? std::get_if<std::string>(value) : nullptr;
  return text ? *text : std::string();
}

Integers TorchscriptForm::numbers(std::string_view argument, std::size_t count) const {
  const Value* value = call_.find(argument);
  if (const auto* list = value ? std::get_if<Integers>(value) : nullptr; list && list->size() == count) return *list;
  const auto* number = value ? std::get_if<std::int64_t>(value) : nullptr;
  return Integers(count, number ? *number : 1);
}

}  // namespace netwright
