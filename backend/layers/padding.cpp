#include <fmt/format.h>

#include <algorithm>

#include "backend/core/numbers.h"
#include "backend/layers/dimensions.h"
#include "backend/layers/families.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

struct Margins {
  std::int64_t before = 0;
  std::int64_t after = 0;
};

/// By axis of the input. PyTorch's `pad` says before and after for the last axis, then for the one before it.
std::vector<Margins> margins_of(const LayerView& view) {
  const Integers pad = view.settings.integers("pad");
  std::vector<Margins> margins(view.input().rank());
  for (std::size_t i = 0; i + 1 < pad.size() && i / 2 < margins.size(); i += 2) {
    margins[margins.size() - 1 - i / 2] = {pad[i], pad[i + 1]};
  }
  return margins;
}

std::size_t padded_axes(const LayerView& view) {
  return view.settings.integers("pad").size() / 2;
}

/// PyTorch fills with other things than a constant along the axes after the channels' alone.
std::size_t most_padded_axes(const LayerView& view) {
  const std::size_t rank = view.input().rank();
  const bool is_constant = view.settings.text("mode") == "constant";
  return is_constant ? rank : std::max<std::size_t>(rank, 2) - 1;
}

/// How many positions a mode can take from an axis of `size`.
std::int64_t most_taken(const std::string& mode, std::int64_t size) {
  if (mode == "reflect") return size - 1;
  if (mode == "circular") return size;
  return std::numeric_limits<std::int64_t>::max();
}

ShapeResult pad_shapes(const LayerView& view) {
  const Shape& input = view.input();
  const Integers pad = view.settings.integers("pad");
  const std::string mode = view.settings.text("mode");
  const std::size_t most = most_padded_axes(view);
  if ((mode == "circular" && input.rank() == 1) || (mode != "constant" && input.rank() > 4)) {
    ShapeProblem problem{.message = fmt::format("PyTorch pads {} with mode constant only.", input.to_string()),
                         .expected = "C×L, C×H×W or C×D×H×W",
                         .actual = input.to_string(),
                         .setting = "mode",
                         .fixes = {{"Use mode constant", ChangeSetting{"mode", std::string("constant")}}}};
    if (input.rank() == 1) problem.fixes.push_back({"Use mode reflect", ChangeSetting{"mode", std::string("reflect")}});
    return problem;
  }
  if (pad.size() % 2 != 0 || padded_axes(view) > most || input.rank() == 0) {
    Integers fewer(pad.begin(), pad.begin() + static_cast<std::ptrdiff_t>(std::min(pad.size() / 2, most) * 2));
    if (fewer.empty()) fewer = {0, 0};
    return ShapeProblem{.message = pad.size() % 2 != 0 ? "pad takes two numbers for each axis, before and after."
                                                       : fmt::format("{} padding of {} reaches at most {} axes.", mode,
                                                                     input.to_string(), most),
                        .expected = fmt::format("2 to {} numbers, two for each axis, the last axis first", 2 * most),
                        .actual = fmt::format("{} numbers", pad.size()),
                        .setting = "pad",
                        .fixes = {{"Use " + to_text(Value(fewer)), ChangeSetting{"pad", fewer}}}};
  }
  Shape output = input;
  const std::vector<Margins> margins = margins_of(view);
  for (std::size_t axis = 0; axis < margins.size(); ++axis) {
    const auto [before, after] = margins[axis];
    if (mode != "constant" && (before < 0 || after < 0)) {
      Integers cut = pad;
      for (std::int64_t& amount : cut) amount = std::max<std::int64_t>(amount, 0);
      return ShapeProblem{.message = "Only with mode constant can padding be negative, which cuts off.",
                          .expected = "0 or more",
                          .actual = to_text(Value(pad)),
                          .setting = "pad",
                          .fixes = {{"Pad by nothing there", ChangeSetting{"pad", cut}},
                                    {"Use mode constant", ChangeSetting{"mode", std::string("constant")}}}};
    }
    if (!input[axis]) continue;
    const std::int64_t room = most_taken(mode, *input[axis]);
    if (std::max(before, after) > room) {
      return ShapeProblem{
          .message = fmt::format("mode {} can take at most {} positions from an axis of {}.", mode, room, *input[axis]),
          .expected = fmt::format("at most {}", room),
          .actual = std::to_string(std::max(before, after)),
          .setting = "pad",
          .fixes = {{"Use mode replicate", ChangeSetting{"mode", std::string("replicate")}}}};
    }
    output[axis] = *input[axis] + before + after;
    // PyTorch cuts before it fills: what is cut off must be there.
    const std::int64_t left = *input[axis] + std::min<std::int64_t>(before, 0) + std::min<std::int64_t>(after, 0);
    if (left < 1) {
      return ShapeProblem{
          .message = fmt::format("Nothing is left of dimension {}, which has {} positions.", axis + 1, *input[axis]),
          .expected = "1 or more",
          .actual = std::to_string(left),
          .setting = "pad",
          .fixes = {{"Pad by nothing", ChangeSetting{"pad", Integers(pad.size(), 0)}}}};
    }
  }
  return std::vector<Shape>{output};
}

/// Padding itself shows nothing, or with other modes than constant what stands elsewhere.
std::vector<AxisWindow> pad_window(const LayerView& view, std::size_t) {
  std::vector<AxisWindow> windows = plain_windows(view);
  const std::vector<Margins> margins = margins_of(view);
  for (std::size_t axis = 0; axis < windows.size(); ++axis) windows[axis].before = margins[axis].before;
  return windows;
}

std::vector<FormulaLine> pad_formula(const LayerView& view, std::span<const Shape> outputs) {
  std::vector<FormulaLine> lines;
  const std::vector<Margins> margins = margins_of(view);
  for (std::size_t axis = 0; axis < margins.size(); ++axis) {
    const auto [before, after] = margins[axis];
    if (before == 0 && after == 0) continue;
    lines.push_back(
        {fmt::format("dimension {}: size + before + after", axis + 1),
         fmt::format("{} + {} + {} = {}", dim_text(view.input()[axis]), before, after, dim_text(outputs[0][axis]))});
  }
  return lines;
}

NnCall pad_call(const LayerView& view) {
  Integers pad = view.settings.integers("pad");
  const std::string mode = view.settings.text("mode");
  // Every axis that could be padded is named: PyTorch tells images from volumes by it.
  if (mode != "constant") pad.resize(2 * most_padded_axes(view), 0);
  NnCall call{"torch.nn.functional.pad", {{"pad", pad}, {"mode", mode}}};
  if (mode == "constant") call.arguments.emplace_back("value", view.settings.real("value"));
  return call;
}

}  // namespace

std::vector<LayerSpec> padding_family() {
  return {{
      .type = "Pad",
      .category = Category::Shape,
      .summary = "Adds a margin around its input; with a negative one, cuts off.",
      .name_stem = "pad",
      .settings = {{.name = "pad",
                    .kind = SettingKind::Integers,
                    .fallback = Integers{1, 1, 1, 1},
                    .help = "Left and right, then top and bottom: two numbers for each axis, the last axis first.",
                    .minimum = -1e6,
                    .maximum = 1e6},
                   {.name = "mode",
                    .kind = SettingKind::Choice,
                    .fallback = std::string("constant"),
                    .help = "What the margin holds: a number, the mirrored input, its edge, or its other end.",
                    .choices = {"constant", "reflect", "replicate", "circular"}},
                   {.name = "value",
                    .kind = SettingKind::Real,
                    .fallback = 0.0,
                    .help = "The number that mode constant fills in."}},
      .elements = Elements::Any,
      .shapes = pad_shapes,
      .window = pad_window,
      .call = pad_call,
      .formula = pad_formula,
      .samples = {{{}, {{3, 4, 5}}},
                  {{{"pad", Integers{2, 1}}, {"value", 0.5}}, {{3, 4}}},
                  {{{"pad", Integers{-1, 2, 0, -2}}}, {{3, 6, 5}}},
                  {{{"pad", Integers{2, 1, 0, 3}}, {"mode", std::string("reflect")}}, {{2, 5, 4}}},
                  {{{"pad", Integers{2, 1}}, {"mode", std::string("replicate")}}, {{2, 5, 4}}},
                  {{{"pad", Integers{0, 3}}, {"mode", std::string("circular")}}, {{2, 4}}},
                  {{{"pad", Integers{1, 0, 0, 1, 2, 2}}, {"mode", std::string("replicate")}}, {{2, 3, 4, 5}}}},
      .caption =
          [](const Settings& s) {
            const std::string mode = s.text("mode");
            return to_text(Value(s.integers("pad"))) + (mode == "constant" ? "" : ", " + mode);
          },
  }};
}

}  // namespace netwright
