#include "tests/support/random_project.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <vector>

#include "backend/analysis/analyse.h"
#include "backend/graph/blocks.h"
#include "backend/graph/edit.h"
#include "backend/graph/gestures.h"
#include "backend/layers/catalogue.h"
#include "tests/support/random_choice.h"

namespace netwright {

namespace {

/// Merges take up to this many more inputs than they must.
constexpr int most_extra_inputs = 2;

/// A whole number that may suit these shapes: small, or one of their sizes, or a divisor of one (channels into groups).
std::int64_t fitting_number(RandomChoice& choose, const std::vector<Shape>& shapes) {
  const Shape& shape = choose.from(shapes);
  const std::int64_t size = shape.rank() > 0 ? choose.from(shape.dims()).value_or(1) : 1;
  switch (choose.below(3)) {
    case 0:
      return choose.between(-3, 5);
    case 1:
      return size;
    default: {
      std::vector<std::int64_t> divisors;
      for (std::int64_t d = 1; d <= size; ++d) {
        if (size % d == 0) divisors.push_back(d);
      }
      return divisors.empty() ? 1 : choose.from(divisors);
    }
  }
}

std::int64_t clamped(std::int64_t number, const SettingSpec& spec) {
  return static_cast<std::int64_t>(std::clamp(static_cast<double>(number), spec.minimum, spec.maximum));
}

double fitting_real(RandomChoice& choose, const SettingSpec& spec) {
  const double share = static_cast<double>(choose.between(1, 19)) / 20;
  return std::clamp(choose.one_in(4) ? 2 * share : share, spec.minimum, spec.maximum);
}

Integers shuffled_axes(RandomChoice& choose, std::size_t rank) {
  Integers axes;
  for (std::size_t axis = 1; axis <= rank; ++axis) axes.push_back(static_cast<std::int64_t>(axis));
  choose.shuffle(axes);
  return axes;
}

/// A list of any length that may suit these shapes: an order of the axes, sizes to reshape to, parts of one axis.
Integers fitting_list(RandomChoice& choose, const std::vector<Shape>& shapes) {
  const Shape& shape = choose.from(shapes);
  switch (choose.below(4)) {
    case 0:
      return shuffled_axes(choose, shape.rank());
    case 1: {
      Integers sizes;
      for (const Dim& dim : shape.dims()) sizes.push_back(dim.value_or(1));
      choose.shuffle(sizes);
      if (!sizes.empty() && choose.one_in(2)) choose.from(sizes) = -1;
      return sizes;
    }
    case 2: {
      const std::int64_t size = shape.rank() > 0 ? choose.from(shape.dims()).value_or(1) : 1;
      const std::int64_t part = choose.between(1, std::max<std::int64_t>(size - 1, 1));
      return {part, size - part};
    }
    default: {
      Integers numbers;
      for (std::size_t i = 0, n = 1 + choose.below(4); i < n; ++i) numbers.push_back(fitting_number(choose, shapes));
      return numbers;
    }
  }
}

Value fitting_value(RandomChoice& choose, const SettingSpec& spec, const std::vector<Shape>& shapes) {
  switch (spec.kind) {
    case SettingKind::Boolean:
      return choose.one_in(2);
    case SettingKind::Integer:
      return clamped(fitting_number(choose, shapes), spec);
    case SettingKind::Real:
      return fitting_real(choose, spec);
    case SettingKind::Choice:
      return choose.from(spec.choices);
    case SettingKind::Text:
    case SettingKind::FilePath:
    case SettingKind::FolderPath:
      return spec.fallback;
    case SettingKind::Integers: {
      if (!spec.choices.empty() && choose.one_in(3)) return choose.from(spec.choices);
      Integers numbers = spec.length == 0 ? fitting_list(choose, shapes) : Integers(spec.length);
      if (spec.length > 0) {
        const bool are_equal = choose.one_in(2);
        for (std::size_t i = 0; i < numbers.size(); ++i) {
          numbers[i] = are_equal && i > 0 ? numbers[0]
                       : choose.one_in(4) ? fitting_number(choose, shapes)
                                          : choose.between(0, 4);
        }
      }
      for (std::int64_t& number : numbers) number = clamped(number, spec);
      return numbers;
    }
    case SettingKind::Reals: {
      Reals numbers(spec.length == 0 ? 1 + choose.below(3) : spec.length);
      for (double& number : numbers) number = fitting_real(choose, spec);
      return numbers;
    }
  }
  return spec.fallback;
}

Settings fitting_settings(RandomChoice& choose, const LayerSpec& spec, const std::vector<Shape>& shapes) {
  Settings settings;
  if (!spec.samples.empty() && choose.one_in(3)) settings = choose.from(spec.samples).settings;
  settings = completed(spec.settings, settings);
  for (const SettingSpec& setting : spec.settings) {
    // A few at a time: each further change makes it less likely that all fit.
    if (choose.one_in(3)) settings.set(setting.name, fitting_value(choose, setting, shapes));
  }
  return settings;
}

bool are_allowed(const LayerSpec& spec, const Settings& settings) {
  return std::none_of(spec.settings.begin(), spec.settings.end(), [&](const SettingSpec& setting) {
    const Value* value = settings.find(setting.name);
    return !value || complaint(setting, *value);
  });
}

/// Draws one network, layer by layer.
class RandomDrawing {
 public:
  RandomDrawing(std::mt19937& random, const RandomSizes& sizes) : choose_(random), sizes_(sizes) {}

  Project draw() {
    const std::size_t inputs = choose_.one_in(4) ? 2 : 1;
    for (std::size_t i = 0; i < inputs; ++i) add_input();
    const std::size_t layers = 1 + choose_.below(sizes_.most_layers);
    for (std::size_t i = 0; i < layers; ++i) add_layer();
    add_outputs();
    for (std::size_t i = choose_.below(6); i < 2; ++i) add_block();
    return std::move(project_);
  }

 private:
  /// An output that layers can read.
  struct Place {
    PortRef from;
    Shape shape;
    bool is_integer = false;
    int readers = 0;
  };

  Network& network() { return project_.networks.front(); }

  void apply_or_throw(const Edit& edit) {
    if (const auto done = apply(project_, edit); !done) throw std::logic_error(done.error().message);
  }

  void add_input() {
    const auto size = [&](std::int64_t low, std::int64_t high) { return choose_.between(low, high); };
    const std::size_t kind = choose_.below(6);
    Integers shape;
    if (kind == 0) shape = {size(1, 8), size(5, 17), size(5, 17)};
    if (kind == 1) shape = {size(1, 8), size(5, 40)};
    if (kind == 2) shape = {size(1, 4), size(4, 9), size(4, 9), size(4, 9)};
    if (kind == 3) shape = {size(3, 12), size(2, 16)};
    if (kind == 4) shape = {size(3, 12)};
    if (kind == 5) shape = {size(2, 40)};
    const bool are_words = kind == 4;
    // Two of one shape can be merged.
    if (!places_.empty() && choose_.one_in(2)) {
      const Place& other = places_.front();
      shape.clear();
      for (const Dim& dim : other.shape.dims()) shape.push_back(*dim);
    }
    const bool is_integer = are_words && shape.size() == 1;
    Layer layer = make_layer(network(), "Input", {}, {{"shape", shape}});
    layer.settings.set("dtype", std::string(is_integer ? "int64" : "float32"));
    apply_or_throw(AddLayer{network().id, layer});
    places_.push_back({.from = {layer.id, 0}, .shape = Shape::from_sizes(shape), .is_integer = is_integer});
  }

  void add_layer() {
    for (int attempt = 0; attempt < 300; ++attempt) {
      if (try_layer(random_row())) return;
    }
  }

  /// By category first: otherwise most layers would be activations.
  const LayerSpec& random_row() {
    static const std::vector<std::vector<const LayerSpec*>> by_category = [] {
      std::map<Category, std::vector<const LayerSpec*>> sorted;
      for (const LayerSpec& row : catalogue()) sorted[row.category].push_back(&row);
      sorted.erase(Category::InputOutput);
      sorted.erase(Category::Block);
      std::vector<std::vector<const LayerSpec*>> groups;
      for (auto& [category, rows] : sorted) groups.push_back(std::move(rows));
      return groups;
    }();
    return *choose_.from(choose_.from(by_category));
  }

  /// The newest place most often, so that networks grow deep; else any.
  std::size_t random_place() { return choose_.one_in(3) ? choose_.below(places_.size()) : places_.size() - 1; }

  std::vector<std::size_t> random_sources(const LayerSpec& spec) {
    const int most = std::min(spec.max_inputs, std::max(spec.min_inputs, 1) + most_extra_inputs);
    const auto count = static_cast<std::size_t>(choose_.between(spec.min_inputs, most));
    std::vector<std::size_t> sources;
    while (sources.size() < count) {
      std::size_t place = random_place();
      if (!sources.empty() && choose_.one_in(2)) {
        // Most merges want one shape.
        std::vector<std::size_t> alike;
        for (std::size_t i = 0; i < places_.size(); ++i) {
          if (places_[i].shape == places_[sources.front()].shape) alike.push_back(i);
        }
        place = choose_.from(alike);
      }
      sources.push_back(place);
    }
    return sources;
  }

  bool is_small(const LayerSpec& spec, const LayerView& view, const std::vector<Shape>& outputs) const {
    for (const Shape& shape : outputs) {
      const auto elements = shape.elements();
      if (!elements || *elements < 1 || *elements > sizes_.most_elements) return false;
    }
    if (spec.weights) {
      for (const Weight& weight : spec.weights(view)) {
        const auto elements = weight.shape.elements();
        if (!elements || *elements > sizes_.most_weights) return false;
      }
    }
    const Dim macs = spec.macs ? spec.macs(view, outputs) : Dim(0);
    return macs && *macs <= sizes_.most_macs;
  }

  bool try_layer(const LayerSpec& spec) {
    const std::vector<std::size_t> sources = random_sources(spec);
    std::vector<Shape> shapes;
    bool are_integers = false;
    for (const std::size_t source : sources) {
      const Place& place = places_[source];
      are_integers = place.is_integer;
      if (spec.elements != Elements::Any && are_integers != (spec.elements == Elements::Indices)) return false;
      if (are_integers != places_[sources.front()].is_integer) return false;
      shapes.push_back(place.shape);
    }
    const std::vector<Shape> known = {places_.back().shape};
    const Settings settings = fitting_settings(choose_, spec, shapes.empty() ? known : shapes);
    if (!are_allowed(spec, settings)) return false;
    const LayerView view{settings, shapes};
    const ShapeResult result = spec.shapes(view);
    const auto* outputs = std::get_if<std::vector<Shape>>(&result);
    if (!outputs || !is_small(spec, view, *outputs)) return false;

    Layer layer = make_layer(network(), spec.type, {}, settings);
    layer.trainable = !choose_.one_in(8);
    apply_or_throw(AddLayer{network().id, layer});
    for (std::size_t port = 0; port < sources.size(); ++port) {
      Place& place = places_[sources[port]];
      ++place.readers;
      apply_or_throw(Connect{network().id, {place.from, {layer.id, static_cast<int>(port)}}});
    }
    for (std::size_t port = 0; port < outputs->size(); ++port) {
      places_.push_back({.from = {layer.id, static_cast<int>(port)},
                         .shape = (*outputs)[port],
                         .is_integer = spec.elements == Elements::Any && are_integers});
    }
    return true;
  }

  /// The last place ends in an Output; of the others that nothing reads, most do. Dead ends are allowed.
  void add_outputs() {
    for (std::size_t i = places_.size(); i-- > 0;) {
      const bool is_last = i + 1 == places_.size();
      if (!is_last && (places_[i].readers > 0 || choose_.one_in(3))) continue;
      const Layer layer = make_layer(network(), "Output", {});
      apply_or_throw(AddLayer{network().id, layer});
      apply_or_throw(Connect{network().id, {places_[i].from, {layer.id, 0}}});
    }
  }

  /// Puts some layers that hang together into a Block, which may hold the Block made before; repeats it where it gives
  /// what it takes.
  void add_block() {
    const std::set<LayerId> layers = random_neighbours();
    const Report report = analyse(project_);
    const auto shape_at = [&](PortRef port) {
      return report.find(network().id, port.layer)->outputs.at(static_cast<std::size_t>(port.port));
    };
    const auto made = make_block(project_, network().id, layers, shape_at);
    if (!made) return;
    const Project before = project_;
    for (const Edit& edit : made->edits) apply_or_throw(edit);
    if (choose_.one_in(2)) apply_or_throw(SetSetting{network().id, made->block, "repeat", choose_.between(2, 3)});
    if (!analyse(project_).is_sound(network().id)) project_ = before;
  }

  std::set<LayerId> random_neighbours() {
    std::vector<LayerId> inner;
    for (const Layer& layer : network().layers) {
      if (layer.type != "Input" && layer.type != "Output") inner.push_back(layer.id);
    }
    std::set<LayerId> chosen = {choose_.from(inner)};
    for (std::size_t i = 0, n = choose_.below(6); i < n; ++i) {
      std::vector<LayerId> beside;
      for (const Connection& connection : network().connections) {
        for (const auto& [from, to] : {std::pair(connection.from.layer, connection.to.layer),
                                       std::pair(connection.to.layer, connection.from.layer)}) {
          const bool is_inner = std::find(inner.begin(), inner.end(), to) != inner.end();
          if (chosen.contains(from) && is_inner) beside.push_back(to);
        }
      }
      if (!beside.empty()) chosen.insert(choose_.from(beside));
    }
    return chosen;
  }

  RandomChoice choose_;
  RandomSizes sizes_;
  Project project_ = empty_project();
  std::vector<Place> places_;
};

}  // namespace

Project random_project(std::mt19937& random, const RandomSizes& sizes) {
  return RandomDrawing(random, sizes).draw();
}

std::int64_t vocabulary_of(const Network& network) {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const Layer& layer : network.layers) {
    if (const Value* size = layer.settings.find("num_embeddings"); size && std::holds_alternative<std::int64_t>(*size))
      least = std::min(least, std::get<std::int64_t>(*size));
  }
  return least;
}

}  // namespace netwright
