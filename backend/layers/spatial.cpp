#include "backend/layers/spatial.h"

#include <fmt/format.h>

#include <algorithm>

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

std::string formula_symbols(const char* axis, const Slide& slide, bool is_same) {
  const std::string padded = is_same ? "padding" : "2·padding";
  const std::string span = slide.dilation == 1 ? "kernel_size" : "dilation·(kernel_size − 1) − 1";
  const char* open = slide.rounds_up ? "⌈" : "⌊";
  const char* close = slide.rounds_up ? "⌉" : "⌋";
  return fmt::format("{0} = {1}({0} + {2} − {3}) / stride{4} + 1", axis, open, padded, span, close);
}

std::string formula_numbers(const char* axis, const Slide& slide, bool is_same, const Dim& input) {
  const std::string padded = is_same ? std::to_string(slide.before + slide.after) : fmt::format("2·{}", slide.before);
  const std::string span =
      slide.dilation == 1 ? std::to_string(slide.kernel) : fmt::format("{}·({} − 1) − 1", slide.dilation, slide.kernel);
  const char* open = slide.rounds_up ? "⌈" : "⌊";
  const char* close = slide.rounds_up ? "⌉" : "⌋";
  return fmt::format("{} = {}({} + {} − {}) / {}{} + 1 = {}", axis, open, dim_text(input), padded, span, slide.stride,
                     close, dim_text(slide.output(input)));
}

}  // namespace

Dim Slide::output(Dim size) const {
  if (!size || !fits(size)) return std::nullopt;
  const std::int64_t room = *size + before + after - extent();
  std::int64_t count = (rounds_up ? (room + stride - 1) / stride : room / stride) + 1;
  // A last window that would begin in the far padding is left out, as PyTorch does.
  if (rounds_up && (count - 1) * stride >= *size + before) --count;
  return count;
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

const char* axis_name(std::size_t axis) {
  return axis == 0 ? "H" : "W";
}

std::optional<ShapeProblem> slide_problem(const LayerView& view, const std::vector<Slide>& slides,
                                          const std::string& type) {
  const Shape& input = view.input();
  if (input.rank() != slides.size() + 1) {
    return ShapeProblem{.message = type + " needs an image: channels × height × width.",
                        .expected = "C×H×W",
                        .actual = input.to_string(),
                        .port = 0,
                        .setting = {}};
  }
  for (std::size_t axis = 0; axis < slides.size(); ++axis) {
    const Slide& slide = slides[axis];
    const Dim& size = input[axis + 1];
    if (slide.fits(size)) continue;
    const std::int64_t have = *size + slide.before + slide.after;
    ShapeProblem problem{
        .message = fmt::format("The kernel spans {} along {}, but the padded input has only {}.", slide.extent(),
                               axis_name(axis), have),
        .expected = fmt::format("{} ≥ {}", axis_name(axis), slide.extent() - slide.before - slide.after),
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
    const bool may_pad = std::equal(padding.begin(), padding.end(), slides.begin(),
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
    lines.push_back({formula_symbols(axis_name(axis), slides[axis], is_same),
                     formula_numbers(axis_name(axis), slides[axis], is_same, view.input()[axis + 1])});
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
