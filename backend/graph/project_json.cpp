#include "backend/graph/project_json.h"

#include <fmt/format.h>

#include <set>

#include "backend/core/json_text.h"
#include "backend/core/safe_file.h"
#include "backend/data/preparation.h"
#include "backend/graph/recipe_specs.h"
#include "backend/graph/schedule.h"
#include "backend/graph/task_specs.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

constexpr const char* project_format = "netwright-project";
constexpr const char* fragment_format = "netwright-network";
constexpr std::size_t size_limit = std::size_t{256} << 20;
constexpr std::size_t depth_limit = 64;
constexpr std::int64_t highest_id = 1'000'000'000;

/// Ends the reading of one file; caught where reading began.
struct Malformed {
  std::string what;
};

/// A member of an object, with the path that leads to it for messages.
class Reader {
 public:
  Reader(const Json& json, std::string path) : json_(json), path_(std::move(path)) {}

  Reader at(const char* key) const {
    object();
    const auto it = json_.find(key);
    if (it == json_.end()) throw Malformed{fmt::format("{} has no “{}”", place(), key)};
    return Reader(*it, path_.empty() ? key : path_ + "." + key);
  }
  bool has(const char* key) const {
    object();
    return json_.contains(key);
  }
  template <class Visit>
  void each(Visit visit) const {
    if (!json_.is_array()) throw Malformed{place() + " must be a list"};
    for (std::size_t i = 0; i < json_.size(); ++i) visit(Reader(json_[i], fmt::format("{}[{}]", path_, i)));
  }
  template <class Visit>
  void each_member(Visit visit) const {
    object();
    for (auto it = json_.begin(); it != json_.end(); ++it) visit(it.key(), Reader(*it, path_ + "." + it.key()));
  }
  std::string text() const {
    if (!json_.is_string()) throw Malformed{place() + " must be text"};
    return json_.get<std::string>();
  }
  std::int64_t integer() const {
    const auto value = value_from_json(json_);
    const auto* number = value ? std::get_if<std::int64_t>(&*value) : nullptr;
    if (!number) throw Malformed{place() + " must be a whole number"};
    return *number;
  }
  bool flag() const {
    if (!json_.is_boolean()) throw Malformed{place() + " must be true or false"};
    return json_.get<bool>();
  }
  Integers integers(std::size_t count) const {
    const auto value = value_from_json(json_);
    const auto* list = value ? std::get_if<Integers>(&*value) : nullptr;
    if (!list || list->size() != count) throw Malformed{fmt::format("{} must be {} whole numbers", place(), count)};
    return *list;
  }
  Point point() const {
    if (!json_.is_array() || json_.size() != 2 || !json_[0].is_number() || !json_[1].is_number()) {
      throw Malformed{place() + " must be two numbers"};
    }
    return {json_[0].get<double>(), json_[1].get<double>()};
  }
  Value value() const {
    auto value = value_from_json(json_);
    if (!value) throw Malformed{place() + " must be a number, a word, true, false, or a list of numbers"};
    return *std::move(value);
  }
  std::string place() const { return path_.empty() ? "the project" : path_; }

 private:
  void object() const {
    if (!json_.is_object()) throw Malformed{place() + " must be an object"};
  }
  const Json& json_;
  std::string path_;
};

const std::vector<SettingSpec>& specs_of_layer(const std::string& type) {
  static const std::vector<SettingSpec> none;
  const LayerSpec* spec = find_layer_spec(type);
  return spec ? spec->settings : none;
}

/// The settings of a catalogue's row; none where there is no such row.
template <class Row>
const std::vector<SettingSpec>& specs_of(const Row* row) {
  static const std::vector<SettingSpec> none;
  return row ? row->settings : none;
}

Settings read_settings(const Reader& json, const std::vector<SettingSpec>& specs) {
  Settings settings;
  json.each_member([&](const std::string& name, const Reader& value) { settings.set(name, value.value()); });
  return completed(specs, std::move(settings));
}

Json number(double value) {
  if (!(value > -1e15 && value < 1e15)) return 0;
  const auto whole = static_cast<std::int64_t>(value);
  return static_cast<double>(whole) == value ? Json(whole) : Json(value);
}

Json network_json(const Network& network) {
  Json json = {{"id", network.id.value}, {"name", network.name}};
  Json layers = Json::array();
  Json positions = Json::object();
  for (const Layer& layer : network.layers) {
    Json item = {{"id", layer.id.value}, {"name", layer.name}, {"type", layer.type}};
    item["settings"] = to_json(layer.settings, specs_of_layer(layer.type));
    if (!layer.trainable) item["trainable"] = false;
    if (!layer.initialisation.empty()) item["initialisation"] = layer.initialisation;
    layers.push_back(std::move(item));
    positions[std::to_string(layer.id.value)] = {number(layer.position.x), number(layer.position.y)};
  }
  Json connections = Json::array();
  for (const Connection& c : network.connections) {
    connections.push_back({{"from", {c.from.layer.value, c.from.port}}, {"to", {c.to.layer.value, c.to.port}}});
  }
  json["layers"] = std::move(layers);
  json["connections"] = std::move(connections);
  json["positions"] = std::move(positions);
  if (!network.exposed.empty()) {
    Json exposed = Json::array();
    for (const ExposedSetting& e : network.exposed) {
      exposed.push_back({{"name", e.name}, {"layer", e.layer.value}, {"setting", e.setting}});
    }
    json["exposed"] = std::move(exposed);
  }
  return json;
}

PortRef read_port(const Reader& json) {
  const Integers ends = json.integers(2);
  if (ends[1] < -1'000'000 || ends[1] > 1'000'000) throw Malformed{json.place() + " names a port that can't be"};
  if (ends[0] < 1 || ends[0] > highest_id) throw Malformed{json.place() + " names a layer that can't be"};
  return {LayerId{ends[0]}, static_cast<int>(ends[1])};
}

Network read_network(const Reader& json) {
  Network network;
  network.id = {json.at("id").integer()};
  network.name = json.at("name").text();
  std::set<LayerId> ids;
  json.at("layers").each([&](const Reader& item) {
    Layer layer;
    layer.id = {item.at("id").integer()};
    layer.name = item.at("name").text();
    layer.type = item.at("type").text();
    layer.settings = read_settings(item.at("settings"), specs_of_layer(layer.type));
    if (item.has("trainable")) layer.trainable = item.at("trainable").flag();
    if (item.has("initialisation")) layer.initialisation = item.at("initialisation").text();
    if (layer.id.value < 1 || layer.id.value > highest_id)
      throw Malformed{item.place() + ".id must be from 1 to a thousand million"};
    if (!ids.insert(layer.id).second)
      throw Malformed{fmt::format("{}.id {} is used twice", item.place(), layer.id.value)};
    network.layers.push_back(std::move(layer));
  });
  std::sort(network.layers.begin(), network.layers.end(), [](const Layer& a, const Layer& b) { return a.id < b.id; });
  json.at("connections").each([&](const Reader& item) {
    network.connections.push_back({read_port(item.at("from")), read_port(item.at("to"))});
  });
  std::sort(network.connections.begin(), network.connections.end());
  if (json.has("exposed")) {
    json.at("exposed").each([&](const Reader& item) {
      network.exposed.push_back({item.at("name").text(), {item.at("layer").integer()}, item.at("setting").text()});
    });
  }
  if (json.has("positions")) {
    json.at("positions").each_member([&](const std::string& id, const Reader& place) {
      const Point point = place.point();
      const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
      if (id.empty() || id.size() > 10 || !std::all_of(id.begin(), id.end(), is_digit)) {
        throw Malformed{place.place() + " isn't named by a layer's id"};
      }
      if (Layer* layer = network.find(LayerId{std::stoll(id)})) layer->position = point;
    });
  }
  return network;
}

template <class Find>
Choice read_choice(const Reader& json, Find find) {
  Choice choice{json.at("type").text()};
  choice.settings = read_settings(json.at("settings"), specs_of(find(choice.type)));
  return choice;
}

template <class Find>
Json choice_json(const Choice& choice, Find find) {
  return {{"type", choice.type}, {"settings", to_json(choice.settings, specs_of(find(choice.type)))}};
}

/// What every version has, then what only says something where it isn't the default.
Json recipe_json(const Recipe& recipe) {
  Json json = {{"task", recipe.task}};
  const Settings task_settings = completed(specs_of(find_task_spec(recipe.task)), recipe.task_settings);
  json["task_settings"] = to_json(task_settings, specs_of(find_task_spec(recipe.task)));
  json["settings"] = to_json(recipe.settings, recipe_specs());
  json["optimiser"] = choice_json({recipe.optimiser, recipe.optimiser_settings}, find_optimiser_spec);
  json["schedule"] = choice_json(recipe.schedule, find_schedule_spec);
  if (recipe.task == "Adversarial") {
    json["discriminator_optimiser"] = choice_json(recipe.discriminator_optimiser, find_optimiser_spec);
  }
  return json;
}

Recipe read_recipe(const Reader& json) {
  Recipe recipe;
  recipe.task = json.at("task").text();
  const auto& task_settings = specs_of(find_task_spec(recipe.task));
  recipe.task_settings =
      json.has("task_settings") ? read_settings(json.at("task_settings"), task_settings) : defaults(task_settings);
  recipe.settings = read_settings(json.at("settings"), recipe_specs());
  const Choice optimiser = read_choice(json.at("optimiser"), find_optimiser_spec);
  recipe.optimiser = optimiser.type;
  recipe.optimiser_settings = optimiser.settings;
  if (json.has("schedule")) recipe.schedule = read_choice(json.at("schedule"), find_schedule_spec);
  if (json.has("discriminator_optimiser")) {
    recipe.discriminator_optimiser = read_choice(json.at("discriminator_optimiser"), find_optimiser_spec);
  }
  return recipe;
}

Project read_project_json(const Reader& json) {
  Project project = empty_project();
  project.networks.clear();
  project.name = json.at("name").text();
  if (json.has("note")) project.note = json.at("note").text();
  if (json.has("data")) {
    const Reader data = json.at("data");
    project.data.source = data.at("source").text();
    project.data.settings = read_settings(data.at("settings"), {});
    if (data.has("preparation")) {
      project.data.preparation = read_settings(data.at("preparation"), preparation_specs());
    }
  }
  if (json.has("recipe")) project.recipe = read_recipe(json.at("recipe"));
  std::set<NetworkId> ids;
  json.at("networks").each([&](const Reader& item) {
    Network network = read_network(item);
    if (network.id.value < 1 || !ids.insert(network.id).second) {
      throw Malformed{item.place() + ".id must be 1 or more and used once"};
    }
    project.networks.push_back(std::move(network));
  });
  std::sort(project.networks.begin(), project.networks.end(),
            [](const Network& a, const Network& b) { return a.id < b.id; });
  return project;
}

Json header(const char* format) {
  return {{"format", format}, {"version", project_version}};
}

Json parsed(const std::string& text) {
  return Json::parse(text, [](int depth, Json::parse_event_t, Json&) {
    if (static_cast<std::size_t>(depth) > depth_limit) throw Malformed{"it is nested too deeply"};
    return true;
  });
}

/// Parses, checks format and version, and turns every exception into words.
template <class T>
Result<T> read_text(const std::string& text, const std::string& origin, const char* format, T (*read)(const Reader&)) {
  try {
    const Json json = parsed(text);
    const Reader reader(json, "");
    if (!json.is_object() || json.value("format", "") != std::string(format)) {
      throw Malformed{fmt::format("it isn't a {} file (no \"format\": \"{}\")", "Netwright", format)};
    }
    const std::int64_t version = reader.at("version").integer();
    if (version > project_version) {
      throw Malformed{fmt::format("it has version {}, this Netwright reads up to {}; open it with a newer Netwright",
                                  version, project_version)};
    }
    if (version < 1) throw Malformed{fmt::format("version {} doesn't exist", version)};
    return read(reader);
  } catch (const Malformed& malformed) {
    return Error{origin + ": " + malformed.what};
  } catch (const Json::parse_error& error) {
    return Error{fmt::format("{}: isn't valid JSON at byte {}: {}", origin, error.byte, error.what())};
  } catch (const Json::exception& error) {
    return Error{origin + ": " + error.what()};
  }
}

}  // namespace

std::string to_json(const Project& project) {
  Json json = header(project_format);
  json["name"] = project.name;
  json["note"] = project.note;
  json["data"] = {{"source", project.data.source},
                  {"settings", to_json(project.data.settings, {})},
                  {"preparation", to_json(project.data.preparation, preparation_specs())}};
  json["recipe"] = recipe_json(project.recipe);
  Json networks = Json::array();
  for (const Network& network : project.networks) networks.push_back(network_json(network));
  json["networks"] = std::move(networks);
  return pretty(json);
}

Result<Project> project_from_json(const std::string& text, const std::string& origin) {
  return read_text<Project>(text, origin, project_format, &read_project_json);
}

std::string to_json(const Network& fragment) {
  Json json = header(fragment_format);
  json["network"] = network_json(fragment);
  return pretty(json);
}

Result<Network> network_from_json(const std::string& text, const std::string& origin) {
  return read_text<Network>(text, origin, fragment_format,
                            [](const Reader& json) { return read_network(json.at("network")); });
}

Result<Project> read_project(const std::filesystem::path& path) {
  const auto text = read_file(path, size_limit);
  if (!text) return text.error();
  return project_from_json(*text, path.string());
}

Result<void> write_project(const Project& project, const std::filesystem::path& path) {
  return write_file(path, to_json(project));
}

}  // namespace netwright
