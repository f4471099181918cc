#include "backend/interop/onnx_import/translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "backend/interop/onnx_import/names.h"
#include "backend/layers/catalogue.h"

namespace netwright::onnx_import {

namespace {

Shape shape_of(const Sizes& sizes) {
  return Shape(std::vector<Dim>(sizes.begin(), sizes.end()));
}

template <class T>
NamedTensor to_file(std::string name, const char* dtype, const std::vector<T>& numbers, const Sizes& sizes) {
  NamedTensor tensor = {.name = std::move(name), .dtype = dtype, .sizes = sizes, .bytes = {}};
  tensor.bytes.resize(numbers.size() * sizeof(T));
  if (!numbers.empty()) std::memcpy(tensor.bytes.data(), numbers.data(), tensor.bytes.size());
  return tensor;
}

}  // namespace

Translation::Translation(const Graph& graph, std::int64_t batch_size)
    : graph_(graph), batch_size_(batch_size), constants_(graph.constants), readers_(graph.values.size(), 0) {
  for (const Node& node : graph.nodes) {
    for (const ValueId value : node.inputs) {
      if (value != no_value) ++readers_[static_cast<std::size_t>(value)];
    }
  }
  for (const ValueId value : graph.outputs) ++readers_[static_cast<std::size_t>(value)];
}

const Constant* Translation::constant(ValueId value) const {
  const auto it = constants_.find(value);
  return it == constants_.end() ? nullptr : &it->second;
}

const Tensor* Translation::tensor(ValueId value) const {
  const auto it = tensors_.find(value);
  return it == tensors_.end() ? nullptr : &it->second;
}

std::vector<const Constant*> Translation::constants_of(const Node& node) const {
  std::vector<const Constant*> constants;
  for (const ValueId value : node.inputs) constants.push_back(value == no_value ? nullptr : constant(value));
  return constants;
}

Sizes Translation::sizes_of(ValueId value) const {
  if (const Constant* known = constant(value)) return known->sizes();
  return tensor(value)->layout.sizes();
}

int Translation::readers(ValueId value) const {
  return value == no_value ? 0 : readers_[static_cast<std::size_t>(value)];
}

Result<Tensor> Translation::input(const Node& node, std::size_t index) const {
  const ValueId value = node.input(index);
  if (value == no_value) return Error{fmt::format("input {} is left out", index + 1)};
  if (const Tensor* found = tensor(value)) return *found;
  return Error{fmt::format("input {} is the same for every sample", index + 1)};
}

Result<Constant> Translation::known(const Node& node, std::size_t index, const char* what) const {
  const Constant* found = node.input(index) == no_value ? nullptr : constant(node.input(index));
  if (!found) return Error{fmt::format("its {} isn't constant", what)};
  return *found;
}

std::string Translation::free_name(const std::string& wish, const std::string& stem) {
  const std::string base = wish.empty() ? stem : wish;
  if (!wish.empty() && name_complaint(wish).empty() && names_.insert(wish).second) return wish;
  int& number = next_number_[base];
  std::string name;
  do {
    name = fmt::format("{}{}{}", base, wish.empty() ? "" : "_", ++number);
  } while (!name_complaint(name).empty() || !names_.insert(name).second);
  return name;
}

std::string Translation::name_for(const Node& node, const Constant* weight) const {
  if (weight) {
    if (std::string name = name_of_initialiser(weight->origin); !name.empty()) return name;
  }
  return name_of_node(node.name, node.op);
}

Result<Drawn> Translation::draw(const std::string& type, const std::string& name, const Settings& settings,
                                const std::vector<Tensor>& inputs) {
  const LayerSpec* spec = find_layer_spec(type);
  if (!spec) return Error{fmt::format("there is no layer {}", type)};
  const Settings all = completed(spec->settings, settings);
  for (const SettingSpec& setting : spec->settings) {
    if (const auto why = complaint(setting, *all.find(setting.name))) return Error{*why};
  }
  std::vector<Shape> shapes;
  for (const Tensor& tensor : inputs) shapes.push_back(shape_of(tensor.layout.place_sizes()));
  const ShapeResult result = spec->shapes(LayerView{all, shapes});
  if (const auto* problem = std::get_if<ShapeProblem>(&result)) {
    return Error{fmt::format("{} ({})", problem->message, problem->actual)};
  }
  constexpr std::size_t most_layers = 200'000;
  if (network_.layers.size() >= most_layers) return Error{"the network has too many layers"};

  Drawn drawn;
  drawn.layer = {static_cast<std::int64_t>(network_.layers.size()) + 1};
  for (const Shape& shape : std::get<std::vector<Shape>>(result)) {
    Sizes& sizes = drawn.outputs.emplace_back();
    for (const Dim& dim : shape.dims()) {
      if (!dim || *dim < 1) return Error{fmt::format("the size of its output ({}) can't be known", shape.to_string())};
      sizes.push_back(*dim);
    }
    constexpr std::int64_t most_elements = std::int64_t{1} << 40;
    if (elements_of(sizes).value_or(most_elements) >= most_elements) {
      return Error{fmt::format("its output ({}) is absurdly large", shape.to_string())};
    }
  }
  network_.layers.push_back(
      {.id = drawn.layer, .name = free_name(name, spec->name_stem), .type = type, .settings = all, .position = {}});
  for (std::size_t port = 0; port < inputs.size(); ++port) {
    network_.connections.push_back({inputs[port].port, {drawn.layer, static_cast<int>(port)}});
  }
  return drawn;
}

void Translation::set_weight(const Drawn& layer, const std::string& name, const std::vector<float>& numbers,
                             const Sizes& sizes) {
  weights_.emplace_back(layer.layer, to_file(name, "F32", numbers, sizes));
}

void Translation::set_weight(const Drawn& layer, const std::string& name, const Constant& numbers, const Sizes& sizes) {
  if (!numbers.is_missing()) set_weight(layer, name, numbers.all_real(), sizes);
  if (!numbers.origin.empty() && !placed_.insert(numbers.origin).second) {
    say(fmt::format("The tensor “{:.100}” is shared by several layers; each has its own copy here.", numbers.origin));
  }
}

void Translation::set_buffer(const Drawn& layer, const std::string& name, std::int64_t number) {
  weights_.emplace_back(layer.layer, to_file<std::int64_t>(name, "I64", {number}, {}));
}

Result<Tensor> Translation::draw_parameter(const Constant& constant, const Sizes& sizes) {
  if (!constant.is_real()) return Error{"it joins whole numbers that are the same for every sample"};
  const auto key = std::pair(constant.origin, sizes);
  if (const auto found = parameters_.find(key); !constant.origin.empty() && found != parameters_.end()) {
    return found->second;
  }
  // A scalar has no axis to be drawn with.
  const Sizes drawn_sizes = sizes.empty() ? Sizes{1} : sizes;
  if (constant.is_uniform() && constant.origin.empty()) {
    const auto same = draw("Constant", "", {{"shape", Integers(drawn_sizes)}, {"value", constant.number(0)}}, {});
    if (!same) return same.error();
    return Tensor{same->port(), Layout::plain(batch_size_, drawn_sizes), true};
  }
  const Result<Drawn> drawn = draw("Parameter", as_identifier(constant.origin), {{"shape", Integers(drawn_sizes)}}, {});
  if (!drawn) return drawn.error();
  set_weight(*drawn, "weight", constant, drawn_sizes);
  network_.layers.back().trainable = !constant.origin.empty();
  Tensor tensor = {drawn->port(), Layout::plain(batch_size_, drawn_sizes), true};
  if (!constant.origin.empty()) parameters_.emplace(key, tensor);
  return tensor;
}

Result<void> Translation::add_inputs(const std::vector<Sizes>& sizes,
                                     const std::vector<std::optional<std::size_t>>& batch_axes) {
  for (std::size_t i = 0; i < graph_.inputs.size(); ++i) {
    const ValueId value = graph_.inputs[i];
    const std::string& name = graph_.values[static_cast<std::size_t>(value)];
    Sizes places;
    std::vector<Places> axes;
    for (std::size_t axis = 0; axis < sizes[i].size(); ++axis) {
      if (axis == batch_axes[i]) {
        axes.push_back({batch_place});
      } else {
        axes.push_back({static_cast<int>(places.size())});
        places.push_back(sizes[i][axis]);
      }
    }
    // A sample of one number has an axis all the same.
    const Sizes shape = places.empty() ? Sizes{1} : places;
    const auto declared = graph_.declared.find(value);
    const bool is_real = declared == graph_.declared.end() || declared->second.is_real.value_or(true);
    const Result<Drawn> drawn =
        draw("Input", as_identifier(name),
             {{"shape", Integers(shape)}, {"dtype", std::string(is_real ? "float32" : "int64")}}, {});
    if (!drawn) return Error{fmt::format("The input “{:.100}” can't be drawn: {}.", name, drawn.error().message)};
    set(value, Tensor{drawn->port(), Layout::of(batch_size_, shape, axes), is_real});
  }
  return {};
}

void Translation::add_outputs() {
  for (const ValueId value : graph_.outputs) {
    const std::string& name = graph_.values[static_cast<std::size_t>(value)];
    const Tensor* found = tensor(value);
    if (!found) {
      say(
          fmt::format("The output “{:.100}” is left out: it doesn't depend on the input, or what it depends on is "
                      "left out.",
                      name));
      continue;
    }
    const Result<Tensor> last = canonical(*found);
    if (!last) {
      say(fmt::format("The output “{:.100}” can't be brought into its own order of axes: {}.", name,
                      last.error().message));
    }
    if (const auto drawn = draw("Output", as_identifier(name), {}, {last ? *last : *found}); !drawn) {
      say(fmt::format("The output “{:.100}” can't be drawn: {}.", name, drawn.error().message));
    }
  }
}

void Translation::leave_out(const Node& node, const std::string& why) {
  say(fmt::format("{} is left out: {}.", node.described(), why));
  for (const ValueId value : node.outputs) {
    if (value == no_value || readers(value) == 0 || tensor(value) || constant(value)) continue;
    const std::string& name = graph_.values[static_cast<std::size_t>(value)];
    Sizes sizes;
    bool is_real = true;
    const Tensor* like = node.input(0) == no_value ? nullptr : tensor(node.input(0));
    const auto declared = graph_.declared.find(value);
    if (declared != graph_.declared.end() && !declared->second.sizes.empty()) {
      for (const auto& size : declared->second.sizes) sizes.push_back(size.number > 0 ? size.number : 1);
      sizes.front() = batch_size_;
      is_real = declared->second.is_real.value_or(true);
    } else if (like) {
      sizes = like->layout.sizes();
      is_real = like->is_real;
    }
    if (sizes.empty() || sizes.front() != batch_size_ || sizes.size() < 2) continue;
    const Sizes sample(sizes.begin() + 1, sizes.end());
    const auto drawn = draw("Input", "gap_" + as_identifier(name),
                            {{"shape", Integers(sample)}, {"dtype", std::string(is_real ? "float32" : "int64")}}, {});
    if (!drawn) continue;
    set(value, Tensor{drawn->port(), Layout::plain(batch_size_, sample), is_real});
    say(fmt::format(
        "What comes after it reads the Input “{}”, of {}{}.", network_.layers.back().name, shape_of(sample).to_string(),
        declared == graph_.declared.end() ? " (its own input's shape; the model doesn't say another)" : ""));
  }
}

Network Translation::take_network() {
  std::map<LayerId, std::vector<LayerId>> sources;
  for (const Connection& connection : network_.connections) {
    sources[connection.to.layer].push_back(connection.from.layer);
  }
  std::set<LayerId> needed;
  std::vector<LayerId> open;
  const bool has_output = std::any_of(network_.layers.begin(), network_.layers.end(),
                                      [](const Layer& layer) { return layer.type == "Output"; });
  for (const Layer& layer : network_.layers) {
    if (layer.type == "Output" || !has_output) open.push_back(layer.id);
  }
  for (const ValueId value : graph_.inputs) {
    if (const Tensor* found = tensor(value)) open.push_back(found->port.layer);
  }
  while (!open.empty()) {
    const LayerId layer = open.back();
    open.pop_back();
    if (!needed.insert(layer).second) continue;
    open.insert(open.end(), sources[layer].begin(), sources[layer].end());
  }
  std::erase_if(network_.layers, [&](const Layer& layer) { return !needed.contains(layer.id); });
  std::erase_if(network_.connections, [&](const Connection& c) { return !needed.contains(c.to.layer); });
  std::erase_if(weights_, [&](const auto& weight) { return !needed.contains(weight.first); });
  std::sort(network_.connections.begin(), network_.connections.end());
  for (auto& [layer, tensor] : weights_) tensor.name = network_.find(layer)->name + "." + tensor.name;
  return std::move(network_);
}

std::vector<NamedTensor> Translation::take_weights() {
  std::vector<NamedTensor> tensors;
  for (auto& [layer, tensor] : weights_) tensors.push_back(std::move(tensor));
  weights_.clear();
  return tensors;
}

}  // namespace netwright::onnx_import
