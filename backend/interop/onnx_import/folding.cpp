#include "backend/interop/onnx_import/folding.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "backend/core/numbers.h"
#include "backend/interop/onnx_import/axis_arguments.h"

namespace netwright::onnx_import {

namespace {

using Inputs = std::vector<const Constant*>;
using Outputs = std::optional<std::vector<Constant>>;

/// Of one folded tensor: a model's own weights are larger at times, but aren't computed.
constexpr std::int64_t largest_tensor = std::int64_t{1} << 26;

std::vector<std::int64_t> strides_of(const Sizes& sizes) {
  std::vector<std::int64_t> strides(sizes.size(), 1);
  for (std::size_t i = sizes.size(); i-- > 1;) strides[i - 1] = strides[i] * sizes[i];
  return strides;
}

class Folder {
 public:
  Folder(const Node& node, const Inputs& inputs, FoldingBudget& budget)
      : node_(node), inputs_(inputs), budget_(budget) {}

  Outputs fold() {
    using Rule = Outputs (Folder::*)();
    static const std::map<std::string_view, Rule> rules = {
        {"Identity", &Folder::identity},   {"Dropout", &Folder::identity},
        {"Shape", &Folder::shape},         {"Size", &Folder::size},
        {"Cast", &Folder::cast},           {"Reshape", &Folder::reshape},
        {"Flatten", &Folder::flatten},     {"Squeeze", &Folder::squeeze},
        {"Unsqueeze", &Folder::unsqueeze}, {"Transpose", &Folder::transpose},
        {"Slice", &Folder::slice},         {"Split", &Folder::split},
        {"Gather", &Folder::gather},       {"Concat", &Folder::concat},
        {"Expand", &Folder::expand},       {"ConstantOfShape", &Folder::constant_of_shape},
        {"Range", &Folder::range},         {"Where", &Folder::where},
        {"ScatterND", &Folder::scatter},
    };
    if (const auto rule = rules.find(node_.op); rule != rules.end()) return (this->*rule->second)();
    if (node_.op.starts_with("Reduce")) return reduce();
    if (inputs_.size() == 1) return unary();
    return binary();
  }

 private:
  const Constant* input(std::size_t index) const { return index < inputs_.size() ? inputs_[index] : nullptr; }

  bool spend(std::int64_t elements) {
    if (elements < 0 || elements > largest_tensor || elements > budget_.elements) return false;
    budget_.elements -= elements;
    return true;
  }
  bool spend(const Sizes& sizes) {
    const auto elements = elements_of(sizes);
    return elements && spend(*elements);
  }

  static Outputs one(Constant constant) { return std::vector<Constant>{std::move(constant)}; }

  /// A tensor of `sizes` whose element at each index is the source's at `offset` plus the index times `strides`.
  std::optional<Constant> picked(const Constant& source, const Sizes& sizes, std::int64_t offset,
                                 const std::vector<std::int64_t>& strides) {
    if (source.is_missing()) return Constant::missing(sizes, source.is_real());
    if (source.is_uniform()) return source.with_sizes(sizes);
    if (!spend(sizes)) return std::nullopt;
    const auto count = static_cast<std::size_t>(*elements_of(sizes));
    std::vector<std::int64_t> from(count);
    std::vector<std::int64_t> index(sizes.size(), 0);
    std::int64_t at = offset;
    for (std::size_t i = 0; i < count; ++i) {
      from[i] = at;
      for (std::size_t axis = sizes.size(); axis-- > 0;) {
        at += strides[axis];
        if (++index[axis] < sizes[axis]) break;
        at -= strides[axis] * sizes[axis];
        index[axis] = 0;
      }
    }
    return gathered(source, sizes, from);
  }

  static Constant gathered(const Constant& source, const Sizes& sizes, const std::vector<std::int64_t>& from) {
    if (source.is_real()) {
      std::vector<float> numbers(from.size());
      for (std::size_t i = 0; i < from.size(); ++i) numbers[i] = static_cast<float>(source.number(from[i]));
      return Constant::real(sizes, std::move(numbers));
    }
    std::vector<std::int64_t> numbers(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) numbers[i] = source.whole_number(from[i]);
    return Constant::whole(sizes, std::move(numbers));
  }

  static Outputs maybe(std::optional<Constant> constant) { return constant ? one(std::move(*constant)) : std::nullopt; }

  Outputs identity() { return input(0) ? one(*input(0)) : std::nullopt; }

  Outputs shape() {
    if (!input(0)) return std::nullopt;
    const Sizes& sizes = input(0)->sizes();
    const auto rank = static_cast<std::int64_t>(sizes.size());
    const auto bounded = [&](std::int64_t axis) {
      return std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
    };
    const std::int64_t start = bounded(node_.integer("start", 0));
    const std::int64_t end = std::max(start, bounded(node_.integer("end", rank)));
    return one(Constant::list({sizes.begin() + start, sizes.begin() + end}));
  }

  Outputs size() { return input(0) ? one(Constant::scalar(input(0)->count())) : std::nullopt; }

  Outputs cast() {
    if (!input(0)) return std::nullopt;
    const Constant& source = *input(0);
    const std::int64_t to = node_.integer("to", 0);
    const bool to_real = to == 1 || to == 10 || to == 11 || to == 16;  // FLOAT, FLOAT16, DOUBLE, BFLOAT16
    const bool to_bool = to == 9;
    if (source.is_real() == to_real && !to_bool) return one(source);
    if (source.is_missing()) return one(Constant::missing(source.sizes(), to_real));
    return pointwise(source.sizes(), to_real, source.is_uniform(), [&](std::int64_t i) {
      const double number = source.number(i);
      if (to_bool) return number != 0 ? 1.0 : 0.0;
      return to_real ? number : std::trunc(number);
    });
  }

  Outputs reshape() {
    if (!input(0)) return std::nullopt;
    const std::vector<std::int64_t> wanted =
        input(1) ? input(1)->all_whole() : static_cast<std::vector<std::int64_t>>(node_.integers("shape"));
    const auto sizes = reshape_sizes(input(0)->sizes(), wanted, node_.integer("allowzero", 0) != 0);
    return sizes ? one(input(0)->with_sizes(*sizes)) : std::nullopt;
  }

  Outputs flatten() {
    if (!input(0)) return std::nullopt;
    const Sizes& sizes = input(0)->sizes();
    std::int64_t axis = node_.integer("axis", 1);
    if (axis < 0) axis += static_cast<std::int64_t>(sizes.size());
    if (axis < 0 || axis > static_cast<std::int64_t>(sizes.size())) return std::nullopt;
    const auto outer = elements_of(Sizes(sizes.begin(), sizes.begin() + axis));
    const auto inner = elements_of(Sizes(sizes.begin() + axis, sizes.end()));
    if (!outer || !inner) return std::nullopt;
    return one(input(0)->with_sizes({*outer, *inner}));
  }

  Outputs squeeze() {
    if (!input(0)) return std::nullopt;
    const auto axes = axes_of(node_, inputs_, 1, input(0)->rank());
    if (!axes) return std::nullopt;
    Sizes sizes;
    for (std::size_t i = 0; i < input(0)->rank(); ++i) {
      const std::int64_t size = input(0)->sizes()[i];
      const bool is_named = std::find(axes->begin(), axes->end(), i) != axes->end();
      if (is_named && size != 1) return std::nullopt;
      if (!(axes->empty() ? size == 1 : is_named)) sizes.push_back(size);
    }
    return one(input(0)->with_sizes(std::move(sizes)));
  }

  Outputs unsqueeze() {
    if (!input(0)) return std::nullopt;
    const std::size_t count = input(1) ? static_cast<std::size_t>(input(1)->count()) : node_.integers("axes").size();
    const std::size_t rank = input(0)->rank() + count;
    constexpr std::size_t most_axes = 32;
    if (rank > most_axes) return std::nullopt;
    const auto axes = axes_of(node_, inputs_, 1, rank);
    if (!axes) return std::nullopt;
    Sizes sizes = input(0)->sizes();
    std::vector<std::size_t> sorted = *axes;
    std::sort(sorted.begin(), sorted.end());
    for (const std::size_t axis : sorted) {
      if (axis > sizes.size()) return std::nullopt;
      sizes.insert(sizes.begin() + static_cast<std::ptrdiff_t>(axis), 1);
    }
    return one(input(0)->with_sizes(std::move(sizes)));
  }

  Outputs transpose() {
    if (!input(0)) return std::nullopt;
    const Constant& source = *input(0);
    Integers order = node_.integers("perm");
    if (order.empty()) {
      for (std::size_t i = source.rank(); i-- > 0;) order.push_back(static_cast<std::int64_t>(i));
    }
    Integers sorted = order;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (sorted[i] != static_cast<std::int64_t>(i)) return std::nullopt;
    }
    if (order.size() != source.rank()) return std::nullopt;
    const auto strides = strides_of(source.sizes());
    Sizes sizes;
    std::vector<std::int64_t> permuted;
    for (const std::int64_t axis : order) {
      sizes.push_back(source.sizes()[static_cast<std::size_t>(axis)]);
      permuted.push_back(strides[static_cast<std::size_t>(axis)]);
    }
    return maybe(picked(source, sizes, 0, permuted));
  }

  Outputs slice() {
    if (!input(0)) return std::nullopt;
    const auto ranges = slice_ranges(node_, inputs_, input(0)->sizes());
    if (!ranges) return std::nullopt;
    Sizes sizes = input(0)->sizes();
    auto strides = strides_of(sizes);
    std::int64_t offset = 0;
    for (const SliceRange& range : *ranges) {
      offset += range.start * strides[range.axis];
      strides[range.axis] *= range.step;
      sizes[range.axis] = range.count;
    }
    return maybe(picked(*input(0), sizes, offset, strides));
  }

  Outputs split() {
    if (!input(0)) return std::nullopt;
    const Constant& source = *input(0);
    const auto axis = axis_at(node_.integer("axis", 0), source.rank());
    if (!axis) return std::nullopt;
    const auto parts = split_sizes(node_, inputs_, source.sizes()[*axis]);
    if (!parts) return std::nullopt;
    const auto strides = strides_of(source.sizes());
    std::vector<Constant> outputs;
    std::int64_t start = 0;
    for (const std::int64_t part : *parts) {
      Sizes sizes = source.sizes();
      sizes[*axis] = part;
      auto piece = picked(source, sizes, start * strides[*axis], strides);
      if (!piece) return std::nullopt;
      outputs.push_back(std::move(*piece));
      start += part;
    }
    return outputs;
  }

  Outputs gather() {
    if (!input(0) || !input(1) || input(1)->is_missing()) return std::nullopt;
    const Constant& source = *input(0);
    const Constant& indices = *input(1);
    const auto axis = axis_at(node_.integer("axis", 0), source.rank());
    if (!axis) return std::nullopt;
    const std::int64_t extent = source.sizes()[*axis];
    Sizes sizes(source.sizes().begin(), source.sizes().begin() + static_cast<std::ptrdiff_t>(*axis));
    sizes.insert(sizes.end(), indices.sizes().begin(), indices.sizes().end());
    sizes.insert(sizes.end(), source.sizes().begin() + static_cast<std::ptrdiff_t>(*axis) + 1, source.sizes().end());
    if (source.is_missing()) return one(Constant::missing(sizes, source.is_real()));
    if (!spend(sizes)) return std::nullopt;
    const std::int64_t inner = strides_of(source.sizes())[*axis];
    const std::int64_t outer = inner * extent == 0 ? 0 : source.count() / (inner * extent);
    std::vector<std::int64_t> from;
    for (std::int64_t o = 0; o < outer; ++o) {
      for (std::int64_t i = 0; i < indices.count(); ++i) {
        std::int64_t index = indices.whole_number(i);
        if (index < 0) index += extent;
        if (index < 0 || index >= extent) return std::nullopt;
        for (std::int64_t k = 0; k < inner; ++k) from.push_back((o * extent + index) * inner + k);
      }
    }
    return one(gathered(source, sizes, from));
  }

  Outputs concat() {
    if (!input(0)) return std::nullopt;
    const auto axis = axis_at(node_.integer("axis", 0), input(0)->rank());
    if (!axis) return std::nullopt;
    Sizes sizes = input(0)->sizes();
    std::optional<std::int64_t> joined = 0;
    bool is_missing = false;
    for (const Constant* part : inputs_) {
      if (!part || part->rank() != sizes.size() || part->is_real() != input(0)->is_real()) return std::nullopt;
      for (std::size_t i = 0; i < sizes.size(); ++i) {
        if (i != *axis && part->sizes()[i] != sizes[i]) return std::nullopt;
      }
      joined = checked_add(joined, part->sizes()[*axis]);
      is_missing = is_missing || part->is_missing();
    }
    if (!joined) return std::nullopt;
    sizes[*axis] = *joined;
    if (is_missing) return one(Constant::missing(sizes, input(0)->is_real()));
    if (!spend(sizes)) return std::nullopt;
    const auto outer = elements_of(Sizes(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(*axis)));
    std::vector<double> numbers;
    std::vector<std::int64_t> wholes;
    for (std::int64_t o = 0; o < outer.value_or(0); ++o) {
      for (const Constant* part : inputs_) {
        const std::int64_t chunk = part->count() / *outer;
        for (std::int64_t i = 0; i < chunk; ++i) {
          if (part->is_real()) {
            numbers.push_back(part->number(o * chunk + i));
          } else {
            wholes.push_back(part->whole_number(o * chunk + i));
          }
        }
      }
    }
    if (!input(0)->is_real()) return one(Constant::whole(sizes, std::move(wholes)));
    return one(Constant::real(sizes, std::vector<float>(numbers.begin(), numbers.end())));
  }

  /// The strides by which a tensor is read as one of `sizes`, stretched where it has 1.
  static std::vector<std::int64_t> stretched(const Sizes& own, const Sizes& sizes) {
    const auto strides = strides_of(own);
    std::vector<std::int64_t> result(sizes.size(), 0);
    const std::size_t lead = sizes.size() - own.size();
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (own[i] != 1) result[lead + i] = strides[i];
    }
    return result;
  }

  Outputs expand() {
    if (!input(0) || !input(1) || input(1)->is_missing()) return std::nullopt;
    const auto sizes = broadcast_sizes(input(0)->sizes(), input(1)->all_whole());
    if (!sizes) return std::nullopt;
    return maybe(picked(*input(0), *sizes, 0, stretched(input(0)->sizes(), *sizes)));
  }

  Outputs constant_of_shape() {
    if (!input(0) || input(0)->is_missing()) return std::nullopt;
    Sizes sizes = input(0)->all_whole();
    if (!elements_of(sizes)) return std::nullopt;
    const Value* value = node_.attributes.find("value");
    if (const auto* whole = value ? std::get_if<std::int64_t>(value) : nullptr) {
      return one(Constant::uniform(std::move(sizes), static_cast<double>(*whole), false));
    }
    return one(Constant::uniform(std::move(sizes), node_.real("value", 0), true));
  }

  Outputs range() {
    for (std::size_t i = 0; i < 3; ++i) {
      if (!input(i) || !input(i)->only_number()) return std::nullopt;
    }
    const double start = input(0)->number(0);
    const double step = input(2)->number(0);
    const double count = std::ceil((input(1)->number(0) - start) / step);
    constexpr double most = 1e8;
    if (!(step != 0) || !(count < most) || !spend(static_cast<std::int64_t>(std::max(count, 0.0)))) return std::nullopt;
    const auto length = static_cast<std::int64_t>(std::max(count, 0.0));
    return pointwise({length}, input(0)->is_real(), false,
                     [&](std::int64_t i) { return start + step * static_cast<double>(i); });
  }

  Outputs where() {
    if (!input(0) || !input(1) || !input(2)) return std::nullopt;
    if (input(0)->is_missing() || input(1)->is_missing() || input(2)->is_missing()) return std::nullopt;
    auto sizes = broadcast_sizes(input(0)->sizes(), input(1)->sizes());
    if (sizes) sizes = broadcast_sizes(*sizes, input(2)->sizes());
    if (!sizes) return std::nullopt;
    std::vector<std::vector<std::int64_t>> places;
    for (std::size_t i = 0; i < 3; ++i) {
      auto place = places_of(input(i)->sizes(), *sizes);
      if (!place) return std::nullopt;
      places.push_back(std::move(*place));
    }
    return pointwise(*sizes, input(1)->is_real(), false, [&](std::int64_t i) {
      const auto at = static_cast<std::size_t>(i);
      return input(0)->number(places[0][at]) != 0 ? input(1)->number(places[1][at]) : input(2)->number(places[2][at]);
    });
  }

  /// Rows of the first input replaced: `indices` name them by their first axes, `updates` holds them.
  Outputs scatter() {
    if (!input(0) || !input(1) || !input(2) || node_.has("reduction")) return std::nullopt;
    const Constant& data = *input(0);
    const Constant& indices = *input(1);
    const Constant& updates = *input(2);
    if (data.is_missing() || indices.is_missing() || updates.is_missing()) return std::nullopt;
    if (indices.rank() == 0 || data.is_real() != updates.is_real() || !spend(data.sizes())) return std::nullopt;
    const auto depth = static_cast<std::size_t>(indices.sizes().back());
    if (indices.sizes().back() < 1 || depth > data.rank()) return std::nullopt;
    const auto strides = strides_of(data.sizes());
    const std::int64_t row = strides[depth - 1];
    const std::int64_t rows = indices.count() / indices.sizes().back();
    if (row < 1 || updates.count() / row != rows || updates.count() % row != 0) return std::nullopt;
    std::vector<double> numbers(static_cast<std::size_t>(data.count()));
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = data.number(static_cast<std::int64_t>(i));
    for (std::int64_t r = 0; r < rows; ++r) {
      std::int64_t offset = 0;
      for (std::size_t axis = 0; axis < depth; ++axis) {
        const std::int64_t size = data.sizes()[axis];
        std::int64_t index =
            indices.whole_number(r * static_cast<std::int64_t>(depth) + static_cast<std::int64_t>(axis));
        if (index < 0) index += size;
        if (index < 0 || index >= size) return std::nullopt;
        offset += index * strides[axis];
      }
      for (std::int64_t k = 0; k < row; ++k)
        numbers[static_cast<std::size_t>(offset + k)] = updates.number(r * row + k);
    }
    return pointwise(data.sizes(), data.is_real(), false,
                     [&](std::int64_t i) { return numbers[static_cast<std::size_t>(i)]; });
  }

  /// For each element of `sizes`, where it is in a tensor of `own` sizes that is stretched to them.
  std::optional<std::vector<std::int64_t>> places_of(const Sizes& own, const Sizes& sizes) {
    const auto count = elements_of(own);
    if (!count || !spend(own)) return std::nullopt;
    std::vector<std::int64_t> numbered(static_cast<std::size_t>(*count));
    std::iota(numbered.begin(), numbered.end(), 0);
    const auto places = picked(Constant::whole(own, std::move(numbered)), sizes, 0, stretched(own, sizes));
    if (!places) return std::nullopt;
    return places->all_whole();
  }

  template <class Rule>
  Outputs pointwise(const Sizes& sizes, bool is_real, bool is_uniform, const Rule& rule) {
    if (is_uniform) return one(Constant::uniform(sizes, rule(0), is_real));
    if (!spend(sizes)) return std::nullopt;
    const std::int64_t count = *elements_of(sizes);
    if (is_real) {
      std::vector<float> numbers(static_cast<std::size_t>(count));
      for (std::int64_t i = 0; i < count; ++i) numbers[static_cast<std::size_t>(i)] = static_cast<float>(rule(i));
      return one(Constant::real(sizes, std::move(numbers)));
    }
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(count));
    constexpr double limit = 9e18;
    for (std::int64_t i = 0; i < count; ++i) {
      const double number = rule(i);
      if (!(std::abs(number) < limit)) return std::nullopt;
      numbers[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(number);
    }
    return one(Constant::whole(sizes, std::move(numbers)));
  }

  Outputs unary() {
    static const std::map<std::string_view, double (*)(double)> rules = {
        {"Floor", [](double x) { return std::floor(x); }},
        {"Ceil", [](double x) { return std::ceil(x); }},
        {"Round", [](double x) { return std::nearbyint(x); }},
        {"Sqrt", [](double x) { return std::sqrt(x); }},
        {"Exp", [](double x) { return std::exp(x); }},
        {"Log", [](double x) { return std::log(x); }},
        {"Neg", [](double x) { return -x; }},
        {"Abs", [](double x) { return std::abs(x); }},
        {"Reciprocal", [](double x) { return 1 / x; }},
        {"Sin", [](double x) { return std::sin(x); }},
        {"Cos", [](double x) { return std::cos(x); }},
        {"Tanh", [](double x) { return std::tanh(x); }},
        {"Sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
        {"Not", [](double x) { return x == 0 ? 1.0 : 0.0; }},
        {"Erf", [](double x) { return std::erf(x); }},
        {"Relu", [](double x) { return std::max(x, 0.0); }},
    };
    const auto rule = rules.find(node_.op);
    if (rule == rules.end() || !input(0)) return std::nullopt;
    const Constant& source = *input(0);
    if (source.is_missing()) return one(source);
    return pointwise(source.sizes(), source.is_real(), source.is_uniform(),
                     [&](std::int64_t i) { return rule->second(source.number(i)); });
  }

  Outputs binary() {
    struct Rule {
      double (*apply)(double, double);
      bool gives_truth = false;
    };
    static const std::map<std::string_view, Rule> rules = {
        {"Add", {[](double a, double b) { return a + b; }}},
        {"Sub", {[](double a, double b) { return a - b; }}},
        {"Mul", {[](double a, double b) { return a * b; }}},
        {"Div", {[](double a, double b) { return a / b; }}},
        {"Pow", {[](double a, double b) { return std::pow(a, b); }}},
        {"Min", {[](double a, double b) { return std::min(a, b); }}},
        {"Max", {[](double a, double b) { return std::max(a, b); }}},
        {"Mod", {[](double a, double b) { return a - b * std::floor(a / b); }}},
        {"Equal", {[](double a, double b) { return a == b ? 1.0 : 0.0; }, true}},
        {"Less", {[](double a, double b) { return a < b ? 1.0 : 0.0; }, true}},
        {"Greater", {[](double a, double b) { return a > b ? 1.0 : 0.0; }, true}},
        {"And", {[](double a, double b) { return a != 0 && b != 0 ? 1.0 : 0.0; }, true}},
        {"Or", {[](double a, double b) { return a != 0 || b != 0 ? 1.0 : 0.0; }, true}},
    };
    const auto rule = rules.find(node_.op);
    if (rule == rules.end() || inputs_.size() != 2 || !input(0) || !input(1)) return std::nullopt;
    const Constant& a = *input(0);
    const Constant& b = *input(1);
    const auto sizes = broadcast_sizes(a.sizes(), b.sizes());
    if (!sizes) return std::nullopt;
    const bool is_real = a.is_real() && !rule->second.gives_truth;
    if (a.is_missing() || b.is_missing()) return one(Constant::missing(*sizes, is_real));
    const auto combine = [&](std::int64_t i, std::int64_t j) {
      // Whole numbers are divided towards zero; what can't be divided isn't finite, which pointwise() refuses.
      const double value = rule->second.apply(a.number(i), b.number(j));
      return is_real || !std::isfinite(value) ? value : std::trunc(value);
    };
    if (a.is_uniform() && b.is_uniform()) {
      return pointwise(*sizes, is_real, true, [&](std::int64_t) { return combine(0, 0); });
    }
    const auto places_a = places_of(a.sizes(), *sizes);
    const auto places_b = places_of(b.sizes(), *sizes);
    if (!places_a || !places_b) return std::nullopt;
    return pointwise(*sizes, is_real, false, [&](std::int64_t i) {
      return combine((*places_a)[static_cast<std::size_t>(i)], (*places_b)[static_cast<std::size_t>(i)]);
    });
  }

  /// Over all axes, as shape arithmetic does.
  Outputs reduce() {
    if (!input(0) || input(0)->is_missing()) return std::nullopt;
    const Constant& source = *input(0);
    const auto axes = axes_of(node_, inputs_, 1, source.rank());
    if (!axes || (axes->size() != source.rank() && !axes->empty()) || source.count() == 0) return std::nullopt;
    if (source.is_uniform() || source.count() > budget_.elements) return std::nullopt;
    double total = source.number(0);
    for (std::int64_t i = 1; i < source.count(); ++i) {
      const double number = source.number(i);
      if (node_.op == "ReduceProd") {
        total *= number;
      } else if (node_.op == "ReduceSum" || node_.op == "ReduceMean") {
        total += number;
      } else if (node_.op == "ReduceMax") {
        total = std::max(total, number);
      } else if (node_.op == "ReduceMin") {
        total = std::min(total, number);
      } else {
        return std::nullopt;
      }
    }
    if (node_.op == "ReduceMean") total /= static_cast<double>(source.count());
    const Sizes sizes(node_.integer("keepdims", 1) != 0 ? source.rank() : 0, 1);
    return pointwise(sizes, source.is_real(), false, [&](std::int64_t) { return total; });
  }

  const Node& node_;
  const Inputs& inputs_;
  FoldingBudget& budget_;
};

}  // namespace

std::optional<std::vector<Constant>> folded(const Node& node, const std::vector<const Constant*>& inputs,
                                            FoldingBudget& budget) {
  return Folder(node, inputs, budget).fold();
}

}  // namespace netwright::onnx_import
