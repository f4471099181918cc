#include "backend/engine/sequence_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace netwright {

namespace {

std::size_t axis_at(std::int64_t dim) {
  return static_cast<std::size_t>(dim - 1);
}

AxisWindow window_of(const KnownLayer& layer, std::size_t port, std::size_t axis, std::size_t output) {
  const LayerSpec& spec = *layer.spec;
  std::vector<AxisWindow> windows;
  if (spec.output_window) {
    windows = spec.output_window(layer.view(), port, output);
  } else if (spec.window) {
    windows = spec.window(layer.view(), port);
  }
  AxisWindow window = axis < windows.size() ? windows[axis] : AxisWindow{};
  if (window.to == AxisWindow::same) window.to = static_cast<int>(axis);
  return window;
}

/// Whether every output has the axis, and its places see that place alone.
bool works_step_by_step(const KnownLayer& layer, std::size_t port, std::size_t axis) {
  for (std::size_t output = 0; output < layer.report->outputs.size(); ++output) {
    const AxisWindow window = window_of(layer, port, axis, output);
    const bool sees_one = window.extent == 1 && window.stride == 1 && window.before == 0 && window.divisor == 1;
    if (!sees_one || window.everything || window.is_bound || window.is_folded || window.to < 0) return false;
    const Shape& shape = layer.report->outputs[output];
    const auto to = static_cast<std::size_t>(window.to);
    if (to >= shape.rank() || shape[to] != layer.report->inputs[port][axis]) return false;
  }
  return true;
}

/// Whether there are weights for each place along the axis.
bool has_weights_along(const KnownLayer& layer, std::size_t port, std::size_t axis) {
  if (!layer.spec->weights) return false;
  std::vector<Shape> inputs = layer.report->inputs;
  Dim& size = inputs[port][axis];
  size = *size > 1 ? *size - 1 : *size + 1;
  const std::vector<Weight> other = layer.spec->weights({layer.layer->settings, inputs});
  return !std::equal(other.begin(), other.end(), layer.report->weights.begin(), layer.report->weights.end(),
                     [](const Weight& a, const Weight& b) { return a.shape == b.shape; });
}

}  // namespace

SequencePlan::SequencePlan(std::int64_t steps) {
  Table all(static_cast<std::size_t>(steps) + 1);
  std::iota(all.begin(), all.end(), std::int64_t{0});
  all.front() = std::min<std::int64_t>(steps, 1);
  tables_.push_back(std::move(all));
}

std::size_t SequencePlan::number_of(Table table) {
  const auto found = std::find(tables_.begin(), tables_.end(), table);
  if (found != tables_.end()) return static_cast<std::size_t>(found - tables_.begin());
  tables_.push_back(std::move(table));
  return tables_.size() - 1;
}

SequencePlan::Measured SequencePlan::measured(const KnownLayer& layer, const std::vector<Axes>& axes) const {
  const std::size_t lengths = tables_.front().size();
  Measured all{std::vector<std::vector<Shape>>(lengths), std::vector<std::int64_t>(lengths)};
  all.outputs.back() = layer.report->outputs;
  all.fitting.back() = steps();
  std::vector<Shape> tried = layer.report->inputs;
  for (std::size_t length = lengths - 1; length-- > 0;) {
    std::vector<Shape> inputs = layer.report->inputs;
    for (std::size_t port = 0; port < axes.size(); ++port) {
      for (const auto& [dim, table] : axes[port]) inputs[port][axis_at(dim)] = tables_[table][length];
    }
    all.outputs[length] = all.outputs[length + 1];
    all.fitting[length] = all.fitting[length + 1];
    if (inputs == tried) continue;
    ShapeResult result = layer.spec->shapes({layer.layer->settings, inputs});
    if (auto* shapes = std::get_if<std::vector<Shape>>(&result)) {
      all.outputs[length] = std::move(*shapes);
      all.fitting[length] = static_cast<std::int64_t>(length);
    }
    tried = std::move(inputs);
  }
  return all;
}

SequencePlan::Axes SequencePlan::axes_of(std::size_t output, const KnownLayer& layer, const std::vector<Axes>& inputs,
                                         const std::optional<Measured>& sizes) {
  std::map<std::int64_t, Table> found;
  for (std::size_t port = 0; port < inputs.size(); ++port) {
    for (const auto& [dim, table] : inputs[port]) {
      const AxisWindow window = window_of(layer, port, axis_at(dim), output);
      if (window.to < 0 || window.is_folded) continue;
      Table own = tables_[table];
      for (std::size_t length = 0; sizes && length < own.size(); ++length) {
        own[length] = *sizes->outputs[length][output][static_cast<std::size_t>(window.to)];
      }
      const auto [place, is_new] = found.try_emplace(window.to + 1, own);
      // Steps that all inputs have.
      for (std::size_t i = 0; !is_new && i < own.size(); ++i) place->second[i] = std::min(place->second[i], own[i]);
    }
  }
  Axes axes;
  for (auto& [dim, table] : found) {
    const std::int64_t size = *layer.report->outputs[output][axis_at(dim)];
    const bool is_whole = std::all_of(table.begin(), table.end(), [&](std::int64_t own) { return own >= size; });
    if (!is_whole) axes[dim] = number_of(std::move(table));
  }
  return axes;
}

SequencePlan::LayerPlan SequencePlan::plan(const KnownLayer& layer, const Op& op, const std::vector<Axes>& inputs) {
  LayerPlan plan;
  std::vector<Axes> kept = inputs;
  bool mixes_steps = false;
  for (std::size_t port = 0; port < inputs.size(); ++port) {
    for (const auto& [dim, table] : inputs[port]) {
      const bool by_itself = works_step_by_step(layer, port, axis_at(dim));
      if (by_itself && !op.sees_padding) continue;
      if (op.padded && (by_itself || !has_weights_along(layer, port, axis_at(dim)))) {
        plan.told.push_back({port, dim, table});
        mixes_steps = mixes_steps || !by_itself;
      } else {
        plan.zeroed.push_back({port, dim, table});
        kept[port].erase(dim);
      }
    }
  }

  const std::optional<Measured> sizes = mixes_steps ? std::optional(measured(layer, kept)) : std::nullopt;
  for (Place& place : plan.told) {
    if (!sizes) break;
    Table stretched;
    for (const std::int64_t length : sizes->fitting) {
      stretched.push_back(tables_[place.table][static_cast<std::size_t>(length)]);
    }
    if (stretched == tables_[place.table]) continue;
    plan.zeroed.push_back(place);
    place.table = number_of(std::move(stretched));
  }
  for (std::size_t output = 0; output < layer.report->outputs.size(); ++output) {
    plan.outputs.push_back(axes_of(output, layer, kept, sizes));
  }
  return plan;
}

std::vector<Lengths> SequencePlan::lengths_of(const torch::Tensor& lengths) const {
  const torch::Tensor list = lengths.to(torch::kCPU, torch::kInt64).contiguous();
  const std::span<const std::int64_t> given(list.data_ptr<std::int64_t>(), static_cast<std::size_t>(list.numel()));
  bool are_whole = true;
  for (const std::int64_t length : given) {
    if (length > steps()) {
      throw std::invalid_argument(fmt::format("A sequence of {} steps in a network of {}.", length, steps()));
    }
    are_whole = are_whole && length == steps();
  }
  if (are_whole) return {};
  std::vector<Lengths> all;
  for (const Table& table : tables_) {
    std::vector<std::int64_t> own;
    for (const std::int64_t length : given)
      own.push_back(table[static_cast<std::size_t>(std::max<std::int64_t>(length, 1))]);
    all.emplace_back(std::move(own));
  }
  return all;
}

}  // namespace netwright
