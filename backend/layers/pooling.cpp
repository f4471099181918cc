#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

SettingSpec kernel_size(std::size_t rank) {
  return per_axis("kernel_size", rank, 2, fmt::format("{} the window.", measures(rank)), 1);
}

SettingSpec stride(std::size_t rank) {
  return {.name = "stride",
          .kind = SettingKind::Integers,
          .fallback = std::string("kernel_size"),
          .help = "How far the window moves each time; as in PyTorch, the kernel's size where not set.",
          .minimum = 1,
          .maximum = 10000,
          .choices = {"kernel_size"},
          .length = rank};
}

SettingSpec padding(std::size_t rank) {
  return per_axis("padding", rank, 0, "Positions added around the input, at most half the kernel.", 0, 5000);
}

SettingSpec ceil_mode() {
  return {.name = "ceil_mode",
          .kind = SettingKind::Boolean,
          .fallback = false,
          .help = "Round the output's size up, so that the last positions aren't dropped."};
}

std::optional<ShapeProblem> padding_problem(const std::vector<Slide>& slides) {
  Integers allowed;
  const Slide* wrong = nullptr;
  for (const Slide& slide : slides) {
    allowed.push_back(std::min(slide.before, slide.kernel / 2));
    if (slide.before > slide.kernel / 2 && !wrong) wrong = &slide;
  }
  if (!wrong) return std::nullopt;
  return ShapeProblem{.message = "Padding may be at most half the kernel's size.",
                      .expected = fmt::format("at most {}", wrong->kernel / 2),
                      .actual = std::to_string(wrong->before),
                      .setting = "padding",
                      .fixes = {{"Pad by " + times(allowed), ChangeSetting{"padding", allowed}}}};
}

ShapeResult pool_shapes(const LayerView& view) {
  const auto slides = slides_of(view.settings);
  if (auto problem = padding_problem(slides)) return *problem;
  if (auto problem = slide_problem(view, slides)) return *problem;
  return std::vector<Shape>{slide_output(view.input()[0], view.input(), slides)};
}

/// PyTorch's AvgPool3d wants each window to fit without the padding.
ShapeResult average_volume_shapes(const LayerView& view) {
  ShapeResult shapes = pool_shapes(view);
  if (std::holds_alternative<ShapeProblem>(shapes)) return shapes;
  const auto slides = slides_of(view.settings);
  for (std::size_t axis = 0; axis < slides.size(); ++axis) {
    const Dim& size = view.input()[axis + 1];
    if (!size || *size >= slides[axis].kernel) continue;
    Integers fitting;
    for (std::size_t a = 0; a < slides.size(); ++a)
      fitting.push_back(std::min(slides[a].kernel, view.input()[a + 1].value_or(slides[a].kernel)));
    return ShapeProblem{.message = "AvgPool3d's window must fit into the input without its padding.",
                        .expected = fmt::format("{} ≥ {}", axis_name(axis, slides.size()), slides[axis].kernel),
                        .actual = view.input().to_string(),
                        .port = 0,
                        .setting = "kernel_size",
                        .fixes = {{"Use " + times(fitting), ChangeSetting{"kernel_size", fitting}}}};
  }
  return shapes;
}

std::vector<AxisWindow> pool_window(const LayerView& view, std::size_t) {
  return slide_windows(slides_of(view.settings));
}

std::vector<FormulaLine> pool_formula(const LayerView& view, std::span<const Shape>) {
  return slide_formula(view, slides_of(view.settings));
}

std::string pool_caption(const Settings& s) {
  std::string text = times(s.integers("kernel_size"));
  if (s.text("stride").empty()) text += ", stride " + times(s.integers("stride"));
  const Integers padding = s.integers("padding");
  if (std::any_of(padding.begin(), padding.end(), [](std::int64_t p) { return p > 0; })) {
    text += ", pad " + times(padding);
  }
  return text;
}

/// `MaxPool2d` and the window's size.
NnCall pool_call(const LayerView& view, const char* stem) {
  Integers strides;
  for (const Slide& slide : slides_of(view.settings)) strides.push_back(slide.stride);
  return {fmt::format("{}{}d", stem, rank_of(view.settings)),
          {{"kernel_size", view.settings.integers("kernel_size")}, {"stride", strides}}};
}

NnCall max_call(const LayerView& view) {
  NnCall call = pool_call(view, "MaxPool");
  call.arguments.emplace_back("padding", view.settings.integers("padding"));
  call.arguments.emplace_back("dilation", view.settings.integers("dilation"));
  call.arguments.emplace_back("ceil_mode", view.settings.flag("ceil_mode"));
  return call;
}

NnCall average_call(const LayerView& view) {
  NnCall call = pool_call(view, "AvgPool");
  call.arguments.emplace_back("padding", view.settings.integers("padding"));
  call.arguments.emplace_back("ceil_mode", view.settings.flag("ceil_mode"));
  call.arguments.emplace_back("count_include_pad", view.settings.flag("count_include_pad"));
  return call;
}

NnCall power_call(const LayerView& view) {
  NnCall call = pool_call(view, "LPPool");
  call.arguments.emplace(call.arguments.begin(), "norm_type", view.settings.real("norm_type"));
  call.arguments.emplace_back("ceil_mode", view.settings.flag("ceil_mode"));
  return call;
}

std::vector<FormulaLine> power_formula(const LayerView& view, std::span<const Shape>) {
  auto lines = slide_formula(view, slides_of(view.settings));
  const double power = view.settings.real("norm_type");
  lines.push_back({"y = (Σ x^p)^(1/p), p = norm_type", fmt::format("y = (Σ x^{0:g})^(1/{0:g})", power)});
  return lines;
}

/// PyTorch takes powers of the numbers themselves, not of their sizes.
std::vector<ShapeProblem> power_warnings(const LayerView& view) {
  const double power = view.settings.real("norm_type");
  if (power == 1 || std::fmod(power, 2) == 0) return {};
  return {{.message = "Negative inputs may give NaN: PyTorch takes the powers of the numbers with their signs.",
           .expected = "1 or an even norm_type",
           .actual = fmt::format("{:g}", power),
           .setting = "norm_type",
           .fixes = {{"Use norm_type 2", ChangeSetting{"norm_type", 2.0}}}}};
}

std::vector<Sample> max_samples(std::size_t rank) {
  if (rank == 1) {
    return {{{}, {{3, 9}}},
            {{{"kernel_size", Integers{3}}, {"stride", Integers{2}}, {"padding", Integers{1}}}, {{2, 10}}},
            {{{"kernel_size", Integers{3}}, {"stride", Integers{2}}, {"ceil_mode", true}}, {{2, 8}}},
            {{{"stride", Integers{3}}, {"ceil_mode", true}}, {{2, 1}}},
            {{{"kernel_size", Integers{2}}, {"stride", Integers{1}}, {"dilation", Integers{3}}}, {{2, 7}}}};
  }
  if (rank == 3) {
    return {{{}, {{2, 4, 5, 6}}},
            {{{"kernel_size", Integers{3, 2, 1}},
              {"stride", Integers{2, 1, 3}},
              {"padding", Integers{1, 1, 0}},
              {"ceil_mode", true}},
             {{2, 4, 3, 5}}},
            {{{"stride", Integers{1, 1, 1}}, {"dilation", Integers{2, 1, 3}}}, {{2, 3, 3, 5}}}};
  }
  return {{{}, {{3, 8, 9}}},
          {{{"kernel_size", Integers{3, 3}}, {"stride", Integers{2, 2}}, {"padding", Integers{1, 1}}}, {{2, 9, 12}}},
          {{{"kernel_size", Integers{3, 2}}, {"stride", Integers{2, 3}}, {"ceil_mode", true}}, {{2, 10, 12}}},
          {{{"kernel_size", Integers{2, 2}}, {"stride", Integers{1, 1}}, {"dilation", Integers{2, 3}}}, {{2, 9, 9}}}};
}

std::vector<Sample> average_samples(std::size_t rank) {
  if (rank == 1) {
    return {{{}, {{3, 9}}},
            {{{"kernel_size", Integers{3}},
              {"stride", Integers{2}},
              {"padding", Integers{1}},
              {"count_include_pad", false}},
             {{2, 8}}},
            {{{"kernel_size", Integers{4}}, {"stride", Integers{3}}, {"padding", Integers{2}}, {"ceil_mode", true}},
             {{2, 9}}}};
  }
  if (rank == 3) {
    return {{{}, {{2, 4, 5, 6}}},
            {{{"kernel_size", Integers{3, 2, 2}},
              {"stride", Integers{2, 1, 3}},
              {"padding", Integers{1, 1, 0}},
              {"ceil_mode", true},
              {"count_include_pad", false}},
             {{2, 4, 3, 6}}}};
  }
  return {{{}, {{3, 8, 9}}},
          {{{"kernel_size", Integers{3, 3}},
            {"stride", Integers{2, 1}},
            {"padding", Integers{1, 1}},
            {"count_include_pad", false}},
           {{2, 9, 7}}},
          {{{"kernel_size", Integers{3, 3}}, {"stride", Integers{2, 2}}, {"ceil_mode", true}}, {{2, 8, 8}}}};
}

std::vector<Sample> power_samples(std::size_t rank) {
  if (rank == 1) {
    return {{{}, {{3, 9}}},
            {{{"norm_type", 3.0}, {"kernel_size", Integers{3}}, {"stride", Integers{2}}, {"ceil_mode", true}},
             {{2, 8}},
             true}};
  }
  return {{{}, {{3, 8, 9}}},
          {{{"norm_type", 1.0}, {"kernel_size", Integers{3, 2}}, {"stride", Integers{1, 3}}}, {{2, 5, 8}}},
          {{{"norm_type", 3.5}, {"kernel_size", Integers{2, 3}}, {"stride", Integers{2, 2}}, {"ceil_mode", true}},
           {{2, 5, 6}},
           true}};
}

LayerSpec pool_row(const char* stem, std::size_t rank) {
  return {.type = fmt::format("{}{}d", stem, rank),
          .category = Category::Pooling,
          .summary = {},
          .name_stem = "pool",
          .shapes = pool_shapes,
          .window = pool_window,
          .formula = pool_formula,
          .caption = pool_caption};
}

LayerSpec max_row(std::size_t rank) {
  LayerSpec row = pool_row("MaxPool", rank);
  row.summary = fmt::format("Keeps the largest value of each window: shrinks the {} and keeps what is strongest.",
                            kind_of_input(rank));
  row.settings = {kernel_size(rank), stride(rank), padding(rank),
                  per_axis("dilation", rank, 1, "The gap between the window's points.", 1), ceil_mode()};
  row.saved = {.input = true, .bytes_per_output = 8};
  row.call = max_call;
  row.samples = max_samples(rank);
  return row;
}

LayerSpec average_row(std::size_t rank) {
  LayerSpec row = pool_row("AvgPool", rank);
  if (rank == 3) row.shapes = average_volume_shapes;
  row.summary = fmt::format("Averages each window: shrinks the {} smoothly.", kind_of_input(rank));
  row.settings = {kernel_size(rank),
                  stride(rank),
                  padding(rank),
                  ceil_mode(),
                  {.name = "count_include_pad",
                   .kind = SettingKind::Boolean,
                   .fallback = true,
                   .help = "Count the padding's zeros in the average."}};
  row.saved = {.input = true};
  row.call = average_call;
  row.samples = average_samples(rank);
  return row;
}

LayerSpec power_row(std::size_t rank) {
  LayerSpec row = pool_row("LPPool", rank);
  row.summary = fmt::format(
      "The norm of each window, (Σ x^p)^(1/p): between the {}'s sums (1) and its largest "
      "values (∞).",
      kind_of_input(rank));
  row.settings = {{.name = "norm_type",
                   .kind = SettingKind::Real,
                   .fallback = 2.0,
                   .help = "The power p: 1 sums, 2 is the Euclidean norm.",
                   .minimum = 1,
                   .maximum = 100},
                  kernel_size(rank),
                  stride(rank),
                  ceil_mode()};
  // PyTorch builds it from steps that keep four times the output and, for windows that tile, the input's powers.
  row.saved = {.input = true, .bytes_per_output = 16 + (rank == 1 ? 8 : 16)};
  row.warnings = power_warnings;
  row.call = power_call;
  row.formula = power_formula;
  row.samples = power_samples(rank);
  return row;
}

}  // namespace

std::vector<LayerSpec> pooling_family() {
  std::vector<LayerSpec> rows;
  for (auto row : {max_row, average_row}) {
    for (std::size_t rank = 1; rank <= 3; ++rank) rows.push_back(row(rank));
  }
  for (std::size_t rank = 1; rank <= 2; ++rank) rows.push_back(power_row(rank));
  return rows;
}

}  // namespace netwright
