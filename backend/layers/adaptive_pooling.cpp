#include <fmt/format.h>

#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

/// PyTorch pools signals, images and volumes.
constexpr std::size_t most_pooled_axes = 3;

std::size_t asked_rank(const LayerView& view) {
  return view.settings.integers("output_size").size();
}

Shape pooled(const Shape& input, const Integers& sizes) {
  std::vector<Dim> dims = {input[0]};
  dims.insert(dims.end(), sizes.begin(), sizes.end());
  return Shape(std::move(dims));
}

ShapeResult adaptive_shapes(const LayerView& view) {
  if (auto problem = rank_problem(view.input(), asked_rank(view))) return *problem;
  return std::vector<Shape>{pooled(view.input(), view.settings.integers("output_size"))};
}

/// Output i covers inputs [⌊i·n/m⌋, ⌈(i+1)·n/m⌉): those j with i·n − m < j·m < (i+1)·n.
std::vector<AxisWindow> adaptive_window(const LayerView& view, std::size_t) {
  std::vector<AxisWindow> windows(1);
  const Integers sizes = view.settings.integers("output_size");
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    const Dim& n = view.input()[axis + 1];
    const std::int64_t m = sizes[axis];
    if (!n || m == 1) {
      windows.push_back({.everything = true});
    } else {
      windows.push_back({.extent = *n + m - 1, .stride = *n, .before = m - 1, .divisor = m});
    }
  }
  return windows;
}

std::vector<FormulaLine> adaptive_formula(const LayerView& view, std::span<const Shape> outputs) {
  std::vector<FormulaLine> lines;
  const std::size_t rank = asked_rank(view);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const char* const name = axis_name(axis, rank);
    lines.push_back(
        {fmt::format("{0} = output_size; output i covers ⌊i·{0}/output_size⌋ … ⌈(i+1)·{0}/output_size⌉", name),
         fmt::format("{} = {}, from {}", name, dim_text(outputs[0][axis + 1]), dim_text(view.input()[axis + 1]))});
  }
  return lines;
}

template <bool is_max>
NnCall adaptive_call(const LayerView& view) {
  return {fmt::format("Adaptive{}Pool{}d", is_max ? "Max" : "Avg", asked_rank(view)),
          {{"output_size", view.settings.integers("output_size")}}};
}

std::vector<Sample> adaptive_samples(std::size_t rank) {
  if (rank == 1)
    return {{{}, {{3, 7}}}, {{{"output_size", Integers{3}}}, {{2, 7}}}, {{{"output_size", Integers{5}}}, {{2, 3}}}};
  if (rank == 3) return {{{}, {{2, 3, 4, 2}}}, {{{"output_size", Integers{2, 3, 4}}}, {{2, 4, 5, 3}}}};
  return {{{}, {{3, 8, 9}}},
          {{{"output_size", Integers{4, 3}}}, {{2, 8, 9}}},
          {{{"output_size", Integers{3, 5}}}, {{2, 8, 7}}}};
}

template <bool is_max>
LayerSpec adaptive_row(std::size_t rank) {
  const char* const verb = is_max ? "Keeps the largest values" : "Averages";
  return {.type = fmt::format("Adaptive{}Pool{}d", is_max ? "Max" : "Avg", rank),
          .category = Category::Pooling,
          .summary = fmt::format("{} {} {} down to the size asked for, whatever its own.", verb,
                                 is_max ? "of the" : "the", kind_of_input(rank)),
          .name_stem = "pool",
          .settings = {per_axis("output_size", rank, 1, fmt::format("{} the output.", measures(rank)), 1)},
          .saved = {.input = true, .bytes_per_output = is_max ? 8 : 0},
          .shapes = adaptive_shapes,
          .window = adaptive_window,
          .call = adaptive_call<is_max>,
          .formula = adaptive_formula,
          .samples = adaptive_samples(rank),
          .caption = [](const Settings& s) { return "to " + times(s.integers("output_size")); }};
}

ShapeResult global_shapes(const LayerView& view) {
  const Shape& input = view.input();
  if (input.rank() >= 2 && input.rank() <= most_pooled_axes + 1) {
    return std::vector<Shape>{pooled(input, Integers(axes_of(view), 1))};
  }
  ShapeProblem problem{.message = "Channels and one to three axes to pool are needed here.",
                       .expected = "C×L, C×H×W or C×D×H×W",
                       .actual = input.to_string(),
                       .port = 0,
                       .setting = {}};
  if (input.rank() > most_pooled_axes + 1) {
    problem.fixes.push_back(
        {"Lay the last axes out as one", InsertBefore{0, "Flatten", {{"start_dim", std::int64_t{2}}}}});
  } else if (input.rank() == 1) {
    problem.fixes.push_back({"Make it one channel", InsertBefore{0, "Unsqueeze", {{"dim", std::int64_t{1}}}}});
  }
  return problem;
}

std::vector<AxisWindow> global_window(const LayerView& view, std::size_t) {
  std::vector<AxisWindow> windows(view.input().rank(), AxisWindow{.everything = true});
  windows.front() = {};
  return windows;
}

template <bool is_max>
NnCall global_call(const LayerView& view) {
  return {fmt::format("Adaptive{}Pool{}d", is_max ? "Max" : "Avg", axes_of(view)),
          {{"output_size", Integers(axes_of(view), 1)}}};
}

std::vector<FormulaLine> global_formula(const LayerView& view, std::span<const Shape> outputs) {
  return {{"all axes after the channels become 1",
           fmt::format("{} → {}", view.input().to_string(), outputs[0].to_string())}};
}

template <bool is_max>
LayerSpec global_row() {
  return {.type = is_max ? "GlobalMaxPool" : "GlobalAvgPool",
          .category = Category::Pooling,
          .summary = is_max ? "The largest value of each channel, of a signal, an image or a volume of any size."
                            : "The average of each channel, of a signal, an image or a volume of any size.",
          .name_stem = "pool",
          .saved = {.input = true, .bytes_per_output = is_max ? 8 : 0},
          .shapes = global_shapes,
          .window = global_window,
          .call = global_call<is_max>,
          .formula = global_formula,
          .samples = {{{}, {{3, 7}}}, {{}, {{3, 5, 4}}}, {{}, {{2, 3, 4, 2}}}},
          .caption = [](const Settings&) { return std::string("to 1"); }};
}

}  // namespace

std::vector<LayerSpec> adaptive_pooling_family() {
  std::vector<LayerSpec> rows;
  for (auto row : {adaptive_row<false>, adaptive_row<true>}) {
    for (std::size_t rank = 1; rank <= 3; ++rank) rows.push_back(row(rank));
  }
  rows.push_back(global_row<false>());
  rows.push_back(global_row<true>());
  return rows;
}

}  // namespace netwright
