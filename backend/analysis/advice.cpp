#include "backend/analysis/advice.h"

#include <fmt/format.h>

#include <algorithm>

#include "backend/core/numbers.h"
#include "backend/layers/catalogue.h"
#include "backend/layers/spatial.h"

namespace netwright {

namespace {

constexpr int many_saturating = 5;               // gradients through so many have shrunk to a hundredth or less
constexpr std::int64_t few_parameters = 10'000;  // networks so small need no balance
constexpr double heavy_share = 0.9;
constexpr std::int64_t far_larger = 8;  // times the input

bool is_one_of(const std::string& type, std::initializer_list<const char*> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

bool starts_with(const std::string& type, const char* stem) {
  return type.rfind(stem, 0) == 0;
}

bool is_convolution(const std::string& type) {
  return starts_with(type, "Conv") && type != "Concat";
}

/// Normalisations that take away what a constant added to each channel does.
bool removes_bias(const Layer& layer) {
  return starts_with(layer.type, "BatchNorm") ||
         (starts_with(layer.type, "InstanceNorm") && !layer.settings.flag("track_running_stats"));
}

class Advice {
 public:
  Advice(const Project& project, const Network& network, const NetworkReport& report, const Structure& structure)
      : project_(project), network_(network), report_(report), structure_(structure) {}

  std::vector<Diagnostic> run() {
    for (const LayerId id : structure_.order) {
      const auto figures = report_.layers.find(id);
      const Layer* layer = network_.find(id);
      if (!layer || figures == report_.layers.end() || !figures->second.is_valid) continue;
      check_bias(*layer);
      check_saturation(*layer);
      check_windows(*layer, figures->second);
      check_bottleneck(*layer, figures->second);
      check_far_field(*layer, figures->second);
    }
    check_small_field();
    check_balance();
    return std::move(diagnostics_);
  }

 private:
  Diagnostic& say(const Layer& layer, const char* code, std::string message) {
    diagnostics_.push_back(diagnostic_at(Severity::Advice, code, network_.id, layer.id, std::move(message)));
    return diagnostics_.back();
  }

  Fix setting(const Layer& layer, std::string label, const char* name, Value value) const {
    return {std::move(label), {SetSetting{network_.id, layer.id, name, std::move(value)}}};
  }

  std::vector<const Layer*> readers(LayerId layer) const {
    std::vector<const Layer*> found;
    if (const auto it = structure_.followers.find(layer); it != structure_.followers.end()) {
      for (const LayerId follower : it->second) found.push_back(network_.find(follower));
    }
    return found;
  }

  void check_bias(const Layer& layer) {
    if ((!is_convolution(layer.type) && layer.type != "Linear") || !layer.settings.flag("bias")) return;
    const auto following = readers(layer.id);
    if (following.empty() ||
        !std::all_of(following.begin(), following.end(), [](const Layer* l) { return removes_bias(*l); }))
      return;
    auto& advice = say(layer, "bias-before-norm",
                       fmt::format("{} subtracts the mean, so the bias of {} does nothing; leave it out.",
                                   following.front()->name, layer.name));
    advice.setting = "bias";
    advice.fixes.push_back(setting(layer, fmt::format("Set {}.bias to false", layer.name), "bias", false));
  }

  /// How many saturating activations lie on the way to each layer since the last that keeps gradients alive.
  void check_saturation(const Layer& layer) {
    int depth = 0;
    for (const auto& port : structure_.inputs.at(layer.id)) {
      const auto before = port ? saturating_.find(port->layer) : saturating_.end();
      if (before != saturating_.end()) depth = std::max(depth, before->second);
    }
    const LayerSpec* spec = find_layer_spec(layer.type);
    const bool refreshes = spec && (spec->category == Category::Normalisation ||
                                    spec->category == Category::Recurrent || layer.type == "Add");
    const bool saturates = is_one_of(layer.type, {"Sigmoid", "Tanh", "Hardsigmoid", "Hardtanh", "Softsign"});
    if (refreshes) depth = 0;
    if (saturates) ++depth;
    saturating_[layer.id] = depth;
    if (!saturates || depth != many_saturating) return;
    say(layer, "saturating",
        fmt::format("{} is the {}th activation in a row that goes flat for large values: gradients fade on their way "
                    "back. ReLU or GELU, or normalisation between, trains deeper networks.",
                    layer.name, depth));
  }

  void check_windows(const Layer& layer, const LayerReport& figures) {
    const bool is_pool = layer.type.find("Pool") != std::string::npos;
    const bool slides = (is_convolution(layer.type) && !starts_with(layer.type, "ConvTranspose")) ||
                        (is_pool && layer.settings.find("kernel_size"));
    if (!slides) return;
    const auto windows = slides_of(layer.settings);
    const Shape& input = figures.inputs.front();
    for (std::size_t axis = 0; axis < windows.size() && axis + 1 < input.rank(); ++axis) {
      const Slide& slide = windows[axis];
      const std::string name = axis_name(axis, windows.size());
      // A 1×1 convolution with a stride is how a residual network projects its shortcuts.
      const bool is_projection = is_convolution(layer.type) && slide.kernel == 1;
      if (slide.stride > slide.extent() && !is_projection && input[axis + 1].value_or(2) > 1) {
        auto& advice = say(layer, "stride-skips",
                           fmt::format("{} moves by {} along {} but sees only {}: what lies between is never read.",
                                       layer.name, slide.stride, name, slide.extent()));
        advice.setting = "stride";
        advice.expected = fmt::format("at most {}", slide.extent());
        advice.actual = std::to_string(slide.stride);
        Integers strides;
        for (const Slide& s : windows) strides.push_back(std::min(s.stride, s.extent()));
        advice.fixes.push_back(setting(layer, "Set stride to " + times(strides), "stride", strides));
        return;
      }
      const bool pads_evenly = slide.before > 0 && slide.before == slide.after;
      if (slide.kernel % 2 == 0 && slide.stride == 1 && !is_pool && (pads_evenly || slide.before != slide.after)) {
        auto& advice =
            say(layer, "even-kernel",
                pads_evenly
                    ? fmt::format("An even kernel ({}) has no centre: padded by {} on both sides, {} changes the "
                                  "size by one. An odd kernel keeps it.",
                                  slide.kernel, slide.before, layer.name)
                    : fmt::format("An even kernel ({}) has no centre: 'same' pads one more at the far end, so what {} "
                                  "sees is shifted by half a step. An odd kernel isn't.",
                                  slide.kernel, layer.name));
        advice.setting = "kernel_size";
        Integers kernels;
        for (const Slide& s : windows) kernels.push_back(s.kernel % 2 == 0 ? s.kernel + 1 : s.kernel);
        advice.fixes.push_back(setting(layer, "Make the kernel " + times(kernels), "kernel_size", kernels));
        return;
      }
      if (!input[axis + 1] || slide.rounds_up) continue;
      const std::int64_t room = *input[axis + 1] + slide.before + slide.after - slide.extent();
      const std::int64_t unread = room % slide.stride - slide.after;
      if (unread > 0 && room >= 0 && slide.stride <= slide.extent()) {
        auto& advice = say(layer, "unread-border",
                           fmt::format("{} never reads the last {} of {} along {}: the windows end before them.",
                                       layer.name, unread, *input[axis + 1], name));
        advice.setting = is_pool ? "ceil_mode" : "padding";
        if (is_pool && layer.settings.find("ceil_mode"))
          advice.fixes.push_back(setting(layer, "Round the size up (ceil_mode)", "ceil_mode", true));
        return;
      }
    }
  }

  /// A hidden Linear narrower than the scores that are computed from it.
  void check_bottleneck(const Layer& layer, const LayerReport& figures) {
    if (layer.type != "Linear" || !is_trained_classifier() || report_.output.rank() != 1 || !report_.output[0]) return;
    const std::int64_t width = layer.settings.integer("out_features");
    const std::int64_t scores = *report_.output[0];
    if (width >= scores || scores < 3 || figures.inputs.front().rank() != 1) return;
    auto& advice =
        say(layer, "bottleneck",
            fmt::format("{} squeezes everything into {} numbers, from which {} scores must be told apart: is "
                        "that meant?",
                        layer.name, width, scores));
    advice.setting = "out_features";
    advice.expected = fmt::format("at least {}", scores);
    advice.actual = std::to_string(width);
    advice.fixes.push_back(
        setting(layer, fmt::format("Set {}.out_features to {}", layer.name, 4 * scores), "out_features", 4 * scores));
  }

  void check_far_field(const Layer& layer, const LayerReport& figures) {
    if (said_far_ || report_.input.rank() < 2 || !is_convolution(layer.type)) return;
    const std::size_t first = report_.input.rank() - figures.field.size();
    for (std::size_t axis = 0; axis < figures.field.size(); ++axis) {
      const Dim& size = report_.input[first + axis];
      if (!size || figures.field[axis].is_whole || figures.field[axis].size < far_larger * *size) continue;
      said_far_ = true;
      say(layer, "large-field",
          fmt::format("From {} on each output could see {} positions, but the input has {}: these convolutions see "
                      "mostly padding. Fewer strides or smaller kernels keep detail.",
                      layer.name, figures.field[axis].size, *size));
      return;
    }
  }

  /// A classifier whose scores don't see the whole image.
  void check_small_field() {
    if (!is_trained_classifier() || report_.output.rank() != 1) return;
    const std::size_t first = report_.input.rank() - std::min(report_.field.size(), report_.input.rank());
    for (std::size_t axis = 0; axis < report_.field.size(); ++axis) {
      const AxisField& field = report_.field[axis];
      const Dim& size = report_.input[first + axis];
      if (field.is_whole || field.is_bound || !size || field.size >= *size) continue;
      const auto output = std::find_if(network_.layers.begin(), network_.layers.end(),
                                       [](const Layer& layer) { return layer.type == "Output"; });
      if (output == network_.layers.end()) return;
      say(*output, "small-field",
          fmt::format("The scores see only {} of the input's {} positions along one axis: what lies beyond can't "
                      "matter. More stride, dilation or global pooling widens the view.",
                      field.size, *size));
      return;
    }
  }

  void check_balance() {
    const Dim& total = report_.totals.parameters;
    if (!total || *total < few_parameters) return;
    int with_weights = 0;
    for (const auto& [id, figures] : report_.layers) with_weights += figures.parameters.value_or(0) > 0 ? 1 : 0;
    if (with_weights < 2) return;
    for (const auto& [id, figures] : report_.layers) {
      if (static_cast<double>(figures.parameters.value_or(0)) <= heavy_share * static_cast<double>(*total)) continue;
      const Layer& layer = *network_.find(id);
      // Where one layer reads a whole sequence, it is the network.
      const LayerSpec* spec = find_layer_spec(layer.type);
      if (spec && spec->category == Category::Recurrent) continue;
      std::string remedy = "A smaller layer, or weights shared by convolution, would learn from less data.";
      if (layer.type == "Linear") {
        remedy = "Pooling before it (global average pooling, say) or fewer outputs would make the network far lighter.";
      } else if (starts_with(layer.type, "Embedding")) {
        remedy = "A smaller vocabulary (a minimum frequency) or narrower embedding would make the network far lighter.";
      }
      say(layer, "heavy-layer",
          fmt::format("{} holds {:.0f} % of all parameters ({} of {}). {}", layer.name,
                      100.0 * static_cast<double>(*figures.parameters) / static_cast<double>(*total),
                      with_separators(*figures.parameters), with_separators(*total), remedy));
      return;
    }
  }

  bool is_trained_classifier() const {
    return project_.recipe.task == "Classification" && !project_.networks.empty() &&
           project_.networks.front().id == network_.id;
  }

  const Project& project_;
  const Network& network_;
  const NetworkReport& report_;
  const Structure& structure_;
  std::map<LayerId, int> saturating_;
  bool said_far_ = false;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace

std::vector<Diagnostic> advice_on(const Project& project, const Network& network, const NetworkReport& report,
                                  const Structure& structure) {
  return Advice(project, network, report, structure).run();
}

}  // namespace netwright
