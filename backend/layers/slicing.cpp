// Parts of a tensor along one dimension.

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "backend/core/numbers.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

std::optional<std::size_t> cut_axis(const LayerView& view) {
  return axis_of(view.settings.integer("dim"), view.input().rank());
}

/// The axis's own size where it is known.
const Dim& cut_size(const LayerView& view) {
  return view.input()[*cut_axis(view)];
}

std::int64_t from_start(std::int64_t index, std::int64_t size) {
  return std::clamp<std::int64_t>(index < 0 ? index + size : index, 0, size);
}

/// PyTorch's own way to say "to the end".
constexpr std::int64_t to_the_end = std::numeric_limits<std::int64_t>::max();

std::int64_t end_of(const Settings& settings) {
  const Integers end = settings.integers("end");
  return end.empty() ? to_the_end : end.front();
}

ShapeResult slice_shapes(const LayerView& view) {
  const auto axis = cut_axis(view);
  if (!axis) return no_such_dimension(view.settings.integer("dim"), view.input().rank());
  Shape output = view.input();
  Dim& size = output[*axis];
  if (!size) return std::vector<Shape>{output};
  const std::int64_t start = from_start(view.settings.integer("start"), *size);
  const std::int64_t end = from_start(end_of(view.settings), *size);
  const std::int64_t step = view.settings.integer("step");
  if (end <= start) {
    return ShapeProblem{.message = fmt::format("Nothing is left of dimension {}, which has {} positions.",
                                               view.settings.integer("dim"), *size),
                        .expected = "start before end",
                        .actual = fmt::format("{} to {}", start, end),
                        .setting = start >= *size ? "start" : "end",
                        .fixes = {{"Start at 0", ChangeSetting{"start", std::int64_t{0}}},
                                  {"Go to the end", ChangeSetting{"end", std::string("end")}}}};
  }
  size = (end - start + step - 1) / step;
  return std::vector<Shape>{output};
}

std::vector<AxisWindow> slice_window(const LayerView& view, std::size_t) {
  const auto axis = cut_axis(view);
  const std::int64_t start = view.settings.integer("start");
  std::vector<AxisWindow> windows = plain_windows(view);
  const Dim& size = cut_size(view);
  if (!size && start < 0) {
    windows[*axis].everything = true;
  } else {
    windows[*axis].before = -(size ? from_start(start, *size) : start);
    windows[*axis].stride = view.settings.integer("step");
  }
  return windows;
}

std::vector<FormulaLine> slice_formula(const LayerView& view, std::span<const Shape> outputs) {
  const Dim& size = cut_size(view);
  if (!size) return {{"y = x[start:end:step]", outputs[0].to_string()}};
  return {{"size = ⌈(end − start) / step⌉",
           fmt::format("size = ⌈({} − {}) / {}⌉ = {}", from_start(end_of(view.settings), *size),
                       from_start(view.settings.integer("start"), *size), view.settings.integer("step"),
                       dim_text(outputs[0][*cut_axis(view)]))}};
}

ShapeResult select_shapes(const LayerView& view) {
  const auto axis = cut_axis(view);
  if (!axis) return no_such_dimension(view.settings.integer("dim"), view.input().rank());
  const Dim& size = view.input()[*axis];
  const std::int64_t index = view.settings.integer("index");
  if (size && (index >= *size || index < -*size)) {
    return ShapeProblem{.message = fmt::format("Dimension {} has {} positions; there is no {}.",
                                               view.settings.integer("dim"), *size, index),
                        .expected = fmt::format("{} to {}", -*size, *size - 1),
                        .actual = std::to_string(index),
                        .setting = "index",
                        .fixes = {{"Take the first", ChangeSetting{"index", std::int64_t{0}}},
                                  {"Take the last", ChangeSetting{"index", std::int64_t{-1}}}}};
  }
  std::vector<Dim> dims = view.input().dims();
  dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(*axis));
  return std::vector<Shape>{Shape(std::move(dims))};
}

std::vector<AxisWindow> select_window(const LayerView& view, std::size_t) {
  const auto axis = cut_axis(view);
  const Dim& size = cut_size(view);
  const std::int64_t index = view.settings.integer("index");
  std::vector<AxisWindow> windows = plain_windows(view);
  for (std::size_t i = *axis + 1; i < windows.size(); ++i) --windows[i].to;
  if (!size && index < 0) {
    windows[*axis] = consumed_window();
  } else {
    windows[*axis] = {.stride = 0, .before = -(index < 0 ? index + *size : index), .to = AxisWindow::gone};
  }
  return windows;
}

/// torch.chunk's: of equal size but the last.
Integers chunk_sizes(std::int64_t size, std::int64_t chunks) {
  const std::int64_t each = (size + chunks - 1) / chunks;
  Integers sizes;
  for (std::int64_t rest = size; rest > 0; rest -= each) sizes.push_back(std::min(each, rest));
  return sizes;
}

std::vector<Shape> parts_of(const LayerView& view, std::size_t axis, const Integers& sizes) {
  std::vector<Shape> parts;
  for (const std::int64_t size : sizes) {
    parts.push_back(view.input());
    parts.back()[axis] = size;
  }
  return parts;
}

ShapeResult chunk_shapes(const LayerView& view) {
  const auto axis = cut_axis(view);
  if (!axis) return no_such_dimension(view.settings.integer("dim"), view.input().rank());
  const std::int64_t chunks = view.settings.integer("chunks");
  const Dim& size = view.input()[*axis];
  if (!size) {
    std::vector<Shape> parts(static_cast<std::size_t>(chunks), view.input());
    for (Shape& part : parts) part[*axis] = std::nullopt;
    return parts;
  }
  const Integers sizes = chunk_sizes(*size, chunks);
  if (static_cast<std::int64_t>(sizes.size()) == chunks) return parts_of(view, *axis, sizes);
  const auto count = static_cast<std::int64_t>(sizes.size());
  return ShapeProblem{
      .message = fmt::format("torch.chunk makes {} of {} positions, not {}: all but the last are alike.", count, *size,
                             chunks),
      .expected = fmt::format("{} chunks", count),
      .actual = std::to_string(chunks),
      .setting = "chunks",
      .fixes = {{fmt::format("Make {}", count), ChangeSetting{"chunks", count}}}};
}

ShapeResult split_shapes(const LayerView& view) {
  const auto axis = cut_axis(view);
  if (!axis) return no_such_dimension(view.settings.integer("dim"), view.input().rank());
  const Integers sizes = view.settings.integers("split_sizes");
  const Dim& size = view.input()[*axis];
  const std::int64_t sum = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  if (!size || *size == sum) return parts_of(view, *axis, sizes);
  ShapeProblem problem{.message = fmt::format("The parts hold {} of dimension {}'s {} positions.", sum,
                                              view.settings.integer("dim"), *size),
                       .expected = fmt::format("{} in all", *size),
                       .actual = fmt::format("{} = {}", fmt::join(sizes, " + "), sum),
                       .setting = "split_sizes"};
  Integers mended = sizes;
  mended.back() += *size - sum;
  if (mended.back() > 0)
    problem.fixes.push_back({"Use " + to_text(Value(mended)), ChangeSetting{"split_sizes", mended}});
  const auto count = static_cast<std::int64_t>(sizes.size());
  if (*size % count == 0) {
    const Integers equal(sizes.size(), *size / count);
    problem.fixes.push_back({"Use equal parts", ChangeSetting{"split_sizes", equal}});
  }
  return problem;
}

std::vector<AxisWindow> part_window(const LayerView& view, const Integers& sizes, std::size_t output) {
  std::vector<AxisWindow> windows = plain_windows(view);
  AxisWindow& window = windows[*cut_axis(view)];
  if (sizes.empty()) window.everything = true;
  for (std::size_t i = 0; i < output && i < sizes.size(); ++i) window.before -= sizes[i];
  return windows;
}

std::vector<AxisWindow> chunk_window(const LayerView& view, std::size_t, std::size_t output) {
  const Dim& size = cut_size(view);
  return part_window(view, size ? chunk_sizes(*size, view.settings.integer("chunks")) : Integers(), output);
}

std::vector<AxisWindow> split_window(const LayerView& view, std::size_t, std::size_t output) {
  return part_window(view, view.settings.integers("split_sizes"), output);
}

std::vector<FormulaLine> parts_formula(const LayerView& view, std::span<const Shape> outputs) {
  std::string sizes;
  for (const Shape& output : outputs) sizes += (sizes.empty() ? "" : " + ") + dim_text(output[*cut_axis(view)]);
  return {{"size along dim = sum of the parts' sizes", fmt::format("{} = {}", dim_text(cut_size(view)), sizes)}};
}

}  // namespace

std::vector<LayerSpec> slicing_family() {
  return {
      {.type = "Slice",
       .category = Category::Shape,
       .summary = "A stretch of one dimension, every step-th position of it: x[start:end:step].",
       .name_stem = "slice",
       .settings = {dim_setting(1, "The dimension that is cut, counting the batch as 0."),
                    {.name = "start",
                     .kind = SettingKind::Integer,
                     .fallback = std::int64_t{0},
                     .help = "The first position taken; negative ones count from the end."},
                    {.name = "end",
                     .kind = SettingKind::Integers,
                     .fallback = std::string("end"),
                     .help = "The position before which it stops; negative ones count from the end.",
                     .choices = {"end"},
                     .length = 1},
                    {.name = "step",
                     .kind = SettingKind::Integer,
                     .fallback = std::int64_t{1},
                     .help = "1 takes every position, 2 every other.",
                     .minimum = 1,
                     .maximum = 1e9}},
       .elements = Elements::Any,
       .is_view = true,
       .shapes = slice_shapes,
       .window = slice_window,
       .call =
           [](const LayerView& view) {
             return NnCall{"netwright.slice",
                           {{"dim", view.settings.integer("dim")},
                            {"start", view.settings.integer("start")},
                            {"end", end_of(view.settings)},
                            {"step", view.settings.integer("step")}}};
           },
       .formula = slice_formula,
       .samples =
           {{{{"start", std::int64_t{1}}}, {{4, 5, 6}}},
            {{{"dim", std::int64_t{2}}, {"start", std::int64_t{1}}, {"end", Integers{4}}}, {{3, 6, 5}}},
            {{{"dim", std::int64_t{-1}}, {"start", std::int64_t{-5}}, {"end", Integers{-1}}, {"step", std::int64_t{2}}},
             {{3, 4, 7}}},
            {{{"end", Integers{100}}, {"step", std::int64_t{3}}}, {{8}}}},
       .caption =
           [](const Settings& s) {
             const std::int64_t start = s.integer("start");
             const Integers end = s.integers("end");
             const std::int64_t step = s.integer("step");
             return fmt::format("dim {}, {}:{}{}", s.integer("dim"), start == 0 ? "" : std::to_string(start),
                                end.empty() ? "" : std::to_string(end.front()),
                                step == 1 ? "" : fmt::format(":{}", step));
           }},
      {.type = "Select",
       .category = Category::Shape,
       .summary = "One position of a dimension, which is dropped: the last step of a sequence, say.",
       .name_stem = "select",
       .settings = {dim_setting(1, "The dimension of which one position is taken, counting the batch as 0."),
                    {.name = "index",
                     .kind = SettingKind::Integer,
                     .fallback = std::int64_t{-1},
                     .help = "Which position; -1 is the last."}},
       .elements = Elements::Any,
       .is_view = true,
       .shapes = select_shapes,
       .window = select_window,
       .call =
           [](const LayerView& view) {
             return NnCall{"torch.select",
                           {{"dim", view.settings.integer("dim")}, {"index", view.settings.integer("index")}}};
           },
       .formula =
           [](const LayerView& view, std::span<const Shape> outputs) {
             return std::vector<FormulaLine>{
                 {"y = x[…, index, …]", fmt::format("{} → {}", view.input().to_string(), outputs[0].to_string())}};
           },
       .samples = {{{}, {{4, 5}}},
                   {{{"dim", std::int64_t{2}}, {"index", std::int64_t{1}}}, {{3, 4, 5}}},
                   {{{"dim", std::int64_t{-1}}, {"index", std::int64_t{-2}}}, {{3, 4, 5}}}},
       .caption = [](const Settings& s) { return fmt::format("dim {}, {}", s.integer("dim"), s.integer("index")); }},
      {.type = "Chunk",
       .category = Category::Shape,
       .summary = "Cuts a dimension into equal parts, one for each output (torch.chunk).",
       .name_stem = "chunk",
       .settings = {{.name = "chunks",
                     .kind = SettingKind::Integer,
                     .fallback = std::int64_t{2},
                     .help = "How many parts: as many outputs.",
                     .minimum = 1,
                     .maximum = 1000},
                    dim_setting(1, "The dimension that is cut, counting the batch as 0.")},
       .output_count =
           [](const Settings& s) { return static_cast<int>(std::clamp<std::int64_t>(s.integer("chunks"), 1, 1000)); },
       .elements = Elements::Any,
       .is_view = true,
       .shapes = chunk_shapes,
       .output_window = chunk_window,
       .call =
           [](const LayerView& view) {
             return NnCall{"torch.chunk",
                           {{"chunks", view.settings.integer("chunks")}, {"dim", view.settings.integer("dim")}}};
           },
       .formula = parts_formula,
       .samples = {{{}, {{6, 4, 5}}},
                   {{{"chunks", std::int64_t{3}}, {"dim", std::int64_t{2}}}, {{2, 7, 3}}},
                   {{{"chunks", std::int64_t{2}}, {"dim", std::int64_t{-1}}}, {{4, 6}}}},
       .caption = [](const Settings& s) { return fmt::format("{}, dim {}", s.integer("chunks"), s.integer("dim")); }},
      {.type = "Split",
       .category = Category::Shape,
       .summary = "Cuts a dimension into parts of given sizes, one for each output (torch.split).",
       .name_stem = "split",
       .settings = {{.name = "split_sizes",
                     .kind = SettingKind::Integers,
                     .fallback = Integers{1, 1},
                     .help = "The parts' sizes, which sum to the dimension's: as many outputs.",
                     .minimum = 1,
                     .maximum = 1e9},
                    dim_setting(1, "The dimension that is cut, counting the batch as 0.")},
       .output_count =
           [](const Settings& s) {
             return static_cast<int>(std::max<std::size_t>(s.integers("split_sizes").size(), 1));
           },
       .elements = Elements::Any,
       .is_view = true,
       .shapes = split_shapes,
       .output_window = split_window,
       .call =
           [](const LayerView& view) {
             return NnCall{
                 "torch.split",
                 {{"split_sizes", view.settings.integers("split_sizes")}, {"dim", view.settings.integer("dim")}}};
           },
       .formula = parts_formula,
       .samples = {{{}, {{2, 4, 5}}},
                   {{{"split_sizes", Integers{2, 4, 1}}, {"dim", std::int64_t{2}}}, {{2, 7, 3}}},
                   {{{"split_sizes", Integers{3, 2}}, {"dim", std::int64_t{-1}}}, {{4, 5}}}},
       .caption =
           [](const Settings& s) {
             return fmt::format("{}, dim {}", fmt::join(s.integers("split_sizes"), " + "), s.integer("dim"));
           }},
  };
}

}  // namespace netwright
