#include "backend/interop/onnx_import/input_sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

namespace netwright::onnx_import {

namespace {

constexpr std::int64_t any_batch = 1'000'003;

bool means_batch(const std::string& symbol) {
  std::string lowered;
  for (const unsigned char c : symbol) lowered += static_cast<char>(std::tolower(c));
  return lowered.find("batch") != std::string::npos || lowered == "n" || lowered == "b" || lowered == "bs";
}

/// The batch's axis as the first input shows it.
std::size_t likely_batch_axis(const std::vector<Declared::Size>& sizes) {
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    if (sizes[axis].number == 0 && means_batch(sizes[axis].symbol)) return axis;
  }
  // Sequences may have their time first: T×1×F.
  const bool is_time_first = sizes.size() == 3 && sizes[0].number > 1 && sizes[1].number == 1;
  return is_time_first ? 1 : 0;
}

}  // namespace

Result<InputSizes> input_sizes(const Graph& graph) {
  InputSizes result;
  std::string batch_symbol;
  std::map<std::string, std::int64_t> assumed;
  bool is_decided = false;
  for (const ValueId value : graph.inputs) {
    const std::string& name = graph.values[static_cast<std::size_t>(value)];
    const auto declared = graph.declared.find(value);
    if (declared == graph.declared.end()) {
      return Error{fmt::format("The input “{:.100}” doesn't say its shape; export the model with one.", name)};
    }
    const std::vector<Declared::Size>& given = declared->second.sizes;
    std::optional<std::size_t> batch_axis;
    if (!is_decided && !given.empty()) {
      batch_axis = likely_batch_axis(given);
      const Declared::Size& batch = given[*batch_axis];
      batch_symbol = batch.symbol;
      result.batch_size = batch.number == 0 ? any_batch : batch.number;
      if (batch.number > 1) {
        result.messages.push_back(
            fmt::format("The model was made for batches of {}; here they may be of any size.", batch.number));
      }
      is_decided = true;
    } else {
      for (std::size_t axis = 0; axis < given.size() && !batch_axis; ++axis) {
        const bool is_same = result.batch_size == any_batch
                                 ? given[axis].number == 0 && given[axis].symbol == batch_symbol
                                 : given[axis].number == result.batch_size;
        if (is_same) batch_axis = axis;
      }
      if (!batch_axis && result.batch_size > 1) {
        return Error{
            fmt::format("The input “{:.100}” has no batch, but others have; such models can't be read.", name)};
      }
    }
    Sizes sizes;
    for (std::size_t axis = 0; axis < given.size(); ++axis) {
      if (axis == batch_axis) {
        sizes.push_back(result.batch_size);
      } else if (given[axis].number > 0) {
        sizes.push_back(given[axis].number);
      } else {
        const bool is_image = given.size() == 4 && axis >= 2;
        const std::int64_t size =
            assumed.try_emplace(given[axis].symbol + (given[axis].symbol.empty() ? name : ""), is_image ? 224 : 16)
                .first->second;
        result.messages.push_back(fmt::format("The model leaves the size of axis {}{} of “{:.100}” open; {} is taken.",
                                              axis, given[axis].symbol.empty() ? "" : " (" + given[axis].symbol + ")",
                                              name, size));
        sizes.push_back(size);
      }
    }
    result.sizes.push_back(std::move(sizes));
    result.batch_axes.push_back(batch_axis);
  }
  if (result.sizes.empty()) return Error{"The model has no inputs."};
  return result;
}

}  // namespace netwright::onnx_import
