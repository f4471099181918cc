#include <algorithm>
#include <functional>
#include <limits>

#include "backend/interop/onnx/onnx_mapping.h"

namespace netwright {

namespace {

enum class Kind { Average, Max };

/// What slides over the spatial axes. Where PyTorch rounds up it drops a last window that would begin in the far
/// padding, which not every runtime does; `after` then says how far the last window reaches, so that none needs to
/// round.
struct Window {
  Integers kernel;
  Integers stride;
  Integers before;
  Integers after;
  Integers dilation;
  bool rounds_up = false;    ///< by ceil_mode, where every runtime finds the same
  bool reaches_out = false;  ///< the last window goes beyond the padding

  bool is_padded() const {
    return std::any_of(before.begin(), before.end(), [](std::int64_t amount) { return amount > 0; });
  }
  Integers pads(std::size_t skipped_axes = 0) const {
    Integers all(skipped_axes, 0);
    all.insert(all.end(), before.begin(), before.end());
    all.insert(all.end(), skipped_axes, 0);
    all.insert(all.end(), after.begin(), after.end());
    return all;
  }
  void forget_padding() {
    std::fill(before.begin(), before.end(), 0);
    std::fill(after.begin(), after.end(), 0);
  }
};

Window window_of(const OnnxLayer& l, std::size_t axes, Kind kind) {
  Window w;
  w.kernel = l.integers("kernel_size", axes);
  w.stride = l.integers("stride", axes, w.kernel);
  w.before = w.after = l.integers("padding", axes, Integers{0});
  w.dilation = l.integers("dilation", axes, Integers{1});
  if (!l.flag("ceil_mode", false)) return w;
  Integers reach = w.after;
  // An average isn't rounded up: ONNX Runtime merges it with a Pad before it and then drops windows that it kept.
  bool may_round = kind == Kind::Max;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::int64_t outputs = l.output_shapes.front()[axis + 1].value();
    const std::int64_t size = l.size(static_cast<std::int64_t>(axis) + 2);
    const std::int64_t extent = w.dilation[axis] * (w.kernel[axis] - 1) + 1;
    const std::int64_t room = size + 2 * w.before[axis] - extent;
    // Nor where no whole window fits, nor where PyTorch drops the last.
    if (room < 0 || outputs != (room + w.stride[axis] - 1) / w.stride[axis] + 1) may_round = false;
    if (room < 0 || outputs != room / w.stride[axis] + 1) w.reaches_out = true;
    reach[axis] = std::max(reach[axis], (outputs - 1) * w.stride[axis] + extent - size - w.before[axis]);
  }
  w.rounds_up = w.reaches_out && may_round;
  if (!w.rounds_up) w.after = reach;
  return w;
}

OnnxAttributes attributes_of(const Window& window) {
  return {{"kernel_shape", window.kernel},
          {"strides", window.stride},
          {"pads", window.pads()},
          {"ceil_mode", static_cast<std::int64_t>(window.rounds_up)}};
}

std::string padded(const OnnxLayer& l, const std::string& value, const Window& window, double with) {
  return l.add("Pad", {value, l.graph.integers("pads", window.pads(2)), l.graph.number(with)});
}

std::string max_pool(const OnnxLayer& l, Window window) {
  std::string value = l.x();
  // No runtime takes a padding as wide as the kernel, which a dilated one may need.
  const bool is_wide = !std::equal(window.after.begin(), window.after.end(), window.kernel.begin(), std::less<>());
  if (is_wide) {
    value = padded(l, value, window, -std::numeric_limits<double>::infinity());
    window.forget_padding();
  }
  OnnxAttributes attributes = attributes_of(window);
  attributes.emplace_back("dilations", window.dilation);
  return l.add("MaxPool", {value}, attributes);
}

/// PyTorch counts the padding where asked, but never what lies beyond it.
std::string average_pool(const OnnxLayer& l, std::string value, Window window, bool counts_padding) {
  counts_padding = counts_padding && window.is_padded();
  if (counts_padding && window.reaches_out) {
    Window symmetric = window;
    symmetric.after = symmetric.before;
    value = padded(l, value, symmetric, 0);
    for (std::size_t axis = 0; axis < window.after.size(); ++axis) window.after[axis] -= window.before[axis];
    std::fill(window.before.begin(), window.before.end(), 0);
    counts_padding = false;
  }
  OnnxAttributes attributes = attributes_of(window);
  attributes.emplace_back("count_include_pad", static_cast<std::int64_t>(counts_padding));
  return l.add("AveragePool", {value}, attributes);
}

template <std::size_t axes>
OnnxValues max(const OnnxLayer& l) {
  return {max_pool(l, window_of(l, axes, Kind::Max))};
}

template <std::size_t axes>
OnnxValues average(const OnnxLayer& l) {
  return {average_pool(l, l.x(), window_of(l, axes, Kind::Average), l.flag("count_include_pad", true))};
}

/// (Σ xᵖ)^(1/p), as PyTorch finds it: from the average.
template <std::size_t axes>
OnnxValues power_average(const OnnxLayer& l) {
  const Window window = window_of(l, axes, Kind::Average);
  const double power = l.real("norm_type");
  if (power == 2 && !window.reaches_out) {
    return {l.add("LpPool", {l.x()},
                  {{"p", std::int64_t{2}}, {"kernel_shape", window.kernel}, {"strides", window.stride}})};
  }
  std::int64_t elements = 1;
  for (const std::int64_t size : window.kernel) elements *= size;
  const std::string mean = average_pool(l, l.add("Pow", {l.x(), l.graph.number(power)}), window, true);
  const std::string sum = l.add("Mul", {mean, l.graph.number(static_cast<double>(elements))});
  return {l.add("Pow", {sum, l.graph.number(1 / power)})};
}

/// Output i covers inputs [⌊i·n/m⌋, ⌈(i+1)·n/m⌉) of the axis.
std::string adapted(const OnnxLayer& l, const std::string& value, Kind kind, std::int64_t axis, std::int64_t n,
                    std::int64_t m) {
  OnnxValues parts;
  for (std::int64_t i = 0; i < m; ++i) {
    const std::string part = l.slice(value, axis, i * n / m, ((i + 1) * n + m - 1) / m);
    parts.push_back(l.add(kind == Kind::Max ? "ReduceMax" : "ReduceMean", {part},
                          {{"axes", Integers{axis}}, {"keepdims", std::int64_t{1}}}));
  }
  return parts.size() == 1 ? parts.front() : l.add("Concat", parts, {{"axis", axis}});
}

/// A global pool, or one with an ordinary window where the sizes divide; the axes where they don't go piece by piece.
template <Kind kind>
OnnxValues adaptive(const OnnxLayer& l) {
  const Integers to = sizes_of(l.output_shapes.front());
  const std::size_t axes = to.size() - 1;
  if (std::all_of(to.begin() + 1, to.end(), [](std::int64_t size) { return size == 1; })) {
    return {l.add(kind == Kind::Max ? "GlobalMaxPool" : "GlobalAveragePool", {l.x()})};
  }
  std::string value = l.x();
  Integers kernel(axes, 1);
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const auto dim = static_cast<std::int64_t>(axis) + 2;
    const std::int64_t n = l.size(dim);
    const std::int64_t m = to[axis + 1];
    if (n % m == 0) {
      kernel[axis] = n / m;
    } else {
      value = adapted(l, value, kind, dim, n, m);
    }
  }
  const bool has_window = std::any_of(kernel.begin(), kernel.end(), [](std::int64_t size) { return size > 1; });
  if (!has_window) return {value};
  return {
      l.add(kind == Kind::Max ? "MaxPool" : "AveragePool", {value}, {{"kernel_shape", kernel}, {"strides", kernel}})};
}

}  // namespace

void add_onnx_pools(OnnxMappingTable& table) {
  table.merge(OnnxMappingTable{
      {"AdaptiveAvgPool1d", adaptive<Kind::Average>},
      {"AdaptiveAvgPool2d", adaptive<Kind::Average>},
      {"AdaptiveAvgPool3d", adaptive<Kind::Average>},
      {"AdaptiveMaxPool1d", adaptive<Kind::Max>},
      {"AdaptiveMaxPool2d", adaptive<Kind::Max>},
      {"AdaptiveMaxPool3d", adaptive<Kind::Max>},
      {"AvgPool1d", average<1>},
      {"AvgPool2d", average<2>},
      {"AvgPool3d", average<3>},
      {"LPPool1d", power_average<1>},
      {"LPPool2d", power_average<2>},
      {"MaxPool1d", max<1>},
      {"MaxPool2d", max<2>},
      {"MaxPool3d", max<3>},
  });
}

}  // namespace netwright
