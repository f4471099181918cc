#pragma once
// What the files that write NnCalls as TorchScript share; see torchscript_forms.h for what they are for.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "backend/layers/nn_call.h"

namespace netwright {

/// Lists in brackets: a tuple is no list of sizes everywhere in TorchScript.
std::string torchscript_literal(const Value& value);

/// A call and the weights of its module, for texts with gaps.
class TorchscriptForm {
 public:
  TorchscriptForm(const NnCall& call, const std::vector<std::string>& weights, std::size_t inputs)
      : call_(call), weights_(weights), inputs_(inputs) {}

  const NnCall& call() const { return call_; }
  const std::vector<std::string>& weights() const { return weights_; }
  std::size_t inputs() const { return inputs_; }
  bool has(std::string_view weight) const;
  /// Replaces each `{name}`: by a weight (`self.name`), an argument, or None where the call has neither.
  std::string fill(std::string_view text) const;

  // An argument; false, nothing or ones where it isn't there or is of another kind. One number stands for `count`.
  bool flag(std::string_view argument) const;
  std::string text(std::string_view argument) const;
  Integers numbers(std::string_view argument, std::size_t count) const;
  std::int64_t number(std::string_view argument) const { return numbers(argument, 1).front(); }

  static std::string returned(const std::string& expression) { return "    return " + expression + "\n"; }

 private:
  std::string value_of(std::string_view name) const;

  const NnCall& call_;
  const std::vector<std::string>& weights_;
  std::size_t inputs_;
};

/// Writes the body of a module's forward.
using TorchscriptWriter = std::string (*)(const TorchscriptForm&);
using TorchscriptTable = std::map<std::string_view, TorchscriptWriter>;

// A file each.
void add_sequence_forms(TorchscriptTable& table);  ///< embedding, recurrence, attention

}  // namespace netwright
