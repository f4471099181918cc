#include "backend/layers/spatial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "backend/core/numbers.h"

namespace netwright {

namespace {

const std::string* word(const Settings& settings, const char* name) {
  const Value* value = settings.find(name);
  return value ? std::get_if<std::string>(value) : nullptr;
}

std::int64_t at(const Integers& list, std::size_t axis, std::int64_t fallback) {
  return axis < list.size() ? list[axis] : fallback;
}

/// Whether the last window that rounding up gives would begin in the far padding: it is left out, as PyTorch does.
bool drops_last(const Slide& slide, std::int64_t size, std::int64_t count) {
  return slide.rounds_up && (count - 1) * slide.stride >= size + slide.before;
}

std::int64_t windows_along(const Slide& slide, std::int64_t size) {
  const std::int64_t room = size + slide.before + slide.after - slide.extent();
  return (slide.rounds_up ? (room + slide.stride - 1) / slide.stride : room / slide.stride) + 1;
}

FormulaLine formula_along(const char* axis, const Slide& slide, bool is_same, const Dim& size) {
  const char* const open = slide.rounds_up ? "⌈" : "⌊";
  const char* const close = slide.rounds_up ? "⌉" : "⌋";
  const bool has_gaps = slide.dilation != 1;
  const std::string gone =
      has_gaps ? fmt::format("{}·({} − 1) − 1", slide.dilation, slide.kernel) : std::to_string(slide.kernel);
  const std::string padded = is_same ? std::to_string(slide.before + slide.after) : fmt::format("2·{}", slide.before);
  const bool drops = size && slide.fits(size) && drops_last(slide, *size, windows_along(slide, *size));
  return {fmt::format("{0} = {1}({0} + {2} − {3}) / stride{4} + 1{5}", axis, open, is_same ? "padding" : "2·padding",
                      has_gaps ? "dilation·(kernel_size − 1) − 1" : "kernel_size", close,
                      drops ? " − 1, for a window in the far padding" : ""),
          fmt::format("{} = {}({} + {} − {}) / {}{} + 1{} = {}", axis, open, dim_text(size), padded, gone, slide.stride,
                      close, drops ? " − 1" : "", dim_text(slide.output(size)))};
}

/// What a shape is called that holds no batch.
std::string called(const Shape& shape) {
  if (shape.rank() == 1) return "a vector";
  if (shape.rank() < 2 || shape.rank() > 4) return shape.to_string();
  return fmt::format("{} {}", shape.rank() == 3 ? "an" : "a", kind_of_input(shape.rank() - 1));
}

}  // namespace

Dim Slide::output(Dim size) const {
  if (!size || !fits(size)) return std::nullopt;
  const std::int64_t count = windows_along(*this, *size);
  return drops_last(*this, *size, count) ? count - 1 : count;
}

std::size_t rank_of(const Settings& settings) {
  return settings.integers("kernel_size").size();
}

std::vector<Slide> slides_of(const Settings& settings) {
  const Integers kernel = settings.integers("kernel_size");
  const std::string* padding_word = word(settings, "padding");
  const bool stride_is_kernel = word(settings, "stride") != nullptr;
  std::vector<Slide> slides(kernel.size());
  for (std::size_t axis = 0; axis < slides.size(); ++axis) {
    Slide& slide = slides[axis];
    slide.kernel = kernel[axis];
    slide.stride = stride_is_kernel ? slide.kernel : at(settings.integers("stride"), axis, 1);
    slide.dilation = at(settings.integers("dilation"), axis, 1);
    slide.rounds_up = settings.flag("ceil_mode");
    if (padding_word) {
      const std::int64_t total = *padding_word == "same" ? slide.dilation * (slide.kernel - 1) : 0;
      slide.before = total / 2;
      slide.after = total - slide.before;
    } else {
      slide.before = slide.after = at(settings.integers("padding"), axis, 0);
    }
  }
  return slides;
}

std::size_t axes_of(const LayerView& view) {
  return view.input().rank() - 1;
}

const char* axis_name(std::size_t axis, std::size_t rank) {
  static constexpr const char* names[] = {"D", "H", "W"};
  return rank == 1 ? "L" : names[axis + 3 - rank];
}

const char* kind_of_input(std::size_t rank) {
  return rank == 1 ? "signal" : rank == 2 ? "image" : "volume";
}

const char* measures(std::size_t rank) {
  return rank == 1 ? "Length of" : rank == 2 ? "Height and width of" : "Depth, height and width of";
}

SettingSpec per_axis(std::string name, std::size_t rank, std::int64_t fallback, std::string help, double minimum,
                     double maximum) {
  return {.name = std::move(name),
          .kind = SettingKind::Integers,
          .fallback = Integers(rank, fallback),
          .help = std::move(help),
          .minimum = minimum,
          .maximum = maximum,
          .length = rank};
}

std::optional<ShapeProblem> rank_problem(const Shape& input, std::size_t rank) {
  if (input.rank() == rank + 1) return std::nullopt;
  static constexpr const char* in_words[] = {"channels × length", "channels × height × width",
                                             "channels × depth × height × width"};
  static constexpr const char* in_letters[] = {"C×L", "C×H×W", "C×D×H×W"};
  const bool has_kin = input.rank() >= 2 && input.rank() <= 4;
  const std::string kin = has_kin ? fmt::format(", which this layer's {}d kin takes", input.rank() - 1) : "";
  ShapeProblem problem{.message = fmt::format("{} {} ({}) is needed here, not {}{}.", rank == 2 ? "An" : "A",
                                              kind_of_input(rank), in_words[rank - 1], called(input), kin),
                       .expected = in_letters[rank - 1],
                       .actual = input.to_string(),
                       .port = 0,
                       .setting = {}};
  if (input.rank() > rank + 1) {
    problem.fixes.push_back({"Lay the last axes out as one",
                             InsertBefore{0, "Flatten", {{"start_dim", static_cast<std::int64_t>(rank + 1)}}}});
  } else if (input.rank() == rank) {
    problem.fixes.push_back({"Make it one channel", InsertBefore{0, "Unsqueeze", {{"dim", std::int64_t{1}}}}});
  } else if (input.rank() == 1 && rank == 2 && input[0]) {
    const auto side = static_cast<std::int64_t>(std::sqrt(static_cast<double>(*input[0])));
    if (side > 1 && side * side == *input[0]) {
      problem.fixes.push_back({fmt::format("Make it an image of {0}×{0}", side),
                               InsertBefore{0, "Unflatten", {{"unflattened_size", Integers{1, side, side}}}}});
    }
  }
  return problem;
}

std::optional<ShapeProblem> slide_problem(const LayerView& view, const std::vector<Slide>& slides) {
  const Shape& input = view.input();
  if (auto problem = rank_problem(input, slides.size())) return problem;
  for (std::size_t axis = 0; axis < slides.size(); ++axis) {
    const Slide& slide = slides[axis];
    const Dim& size = input[axis + 1];
    if (slide.fits(size)) continue;
    const std::int64_t have = *size + slide.before + slide.after;
    ShapeProblem problem{
        .message = fmt::format("The kernel spans {} along {}, but the padded input has only {}.", slide.extent(),
                               axis_name(axis, slides.size()), have),
        .expected = fmt::format("{} ≥ {}", axis_name(axis, slides.size()), slide.extent() - slide.before - slide.after),
        .actual = input.to_string(),
        .port = 0,
        .setting = "kernel_size"};
    Integers kernel;
    Integers padding;
    for (std::size_t i = 0; i < slides.size(); ++i) {
      const Slide& s = slides[i];
      const std::int64_t room = input[i + 1] ? *input[i + 1] + s.before + s.after : s.extent();
      kernel.push_back(std::min(s.kernel, (room - 1) / s.dilation + 1));
      const std::int64_t lacking = std::max<std::int64_t>(0, s.extent() - room);
      padding.push_back(s.before + (lacking + 1) / 2);
    }
    if (std::all_of(kernel.begin(), kernel.end(), [](std::int64_t k) { return k > 0; })) {
      problem.fixes.push_back({"Make the kernel " + times(kernel), ChangeSetting{"kernel_size", kernel}});
    }
    const bool may_pad =
        view.settings.find("padding") && std::equal(padding.begin(), padding.end(), slides.begin(),
                                                    [](std::int64_t p, const Slide& s) { return p <= s.kernel / 2; });
    if (may_pad) problem.fixes.push_back({"Pad by " + times(padding), ChangeSetting{"padding", padding}});
    return problem;
  }
  return std::nullopt;
}

Shape slide_output(const Dim& channels, const Shape& input, const std::vector<Slide>& slides) {
  std::vector<Dim> dims = {channels};
  for (std::size_t axis = 0; axis < slides.size(); ++axis) dims.push_back(slides[axis].output(input[axis + 1]));
  return Shape(std::move(dims));
}

std::vector<AxisWindow> slide_windows(const std::vector<Slide>& slides) {
  std::vector<AxisWindow> windows(1);  // the channels' axis, which no position runs along
  for (const Slide& slide : slides) {
    windows.push_back({.extent = slide.extent(), .stride = slide.stride, .before = slide.before});
  }
  return windows;
}

std::vector<FormulaLine> slide_formula(const LayerView& view, const std::vector<Slide>& slides) {
  std::vector<FormulaLine> lines;
  const bool is_same = word(view.settings, "padding") != nullptr;
  for (std::size_t axis = 0; axis < slides.size(); ++axis) {
    lines.push_back(formula_along(axis_name(axis, slides.size()), slides[axis], is_same, view.input()[axis + 1]));
  }
  return lines;
}

std::string times(const Integers& sizes) {
  return fmt::format("{}", fmt::join(sizes, "×"));
}

std::string dim_text(const Dim& dim) {
  return dim ? std::to_string(*dim) : "?";
}

}  // namespace netwright
