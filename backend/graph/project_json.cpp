#include "backend/graph/project_json.h"

#include <fmt/format.h>

#include <set>

#include "backend/core/json_reader.h"
#include "backend/core/safe_file.h"
#include "backend/data/preparation.h"
#include "backend/graph/recipe_specs.h"
#include "backend/graph/schedule.h"
#include "backend/graph/task_specs.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

constexpr DocumentFormat project_format = {"netwright-project", project_version};
constexpr DocumentFormat fragment_format = {"netwright-network", project_version};
constexpr std::size_t largest_project = std::size_t{256} << 20;
constexpr std::int64_t highest_id = 1'000'000'000;

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

Settings read_settings(const JsonReader& json, const std::vector<SettingSpec>& specs) {
  Settings settings;
  json.each_member([&](const std::string& name, const JsonReader& value) { settings.set(name, value.value()); });
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
  if (!network.notes.empty()) {
    Json notes = Json::array();
    for (const CanvasNote& note : network.notes) {
      notes.push_back({{"text", note.text},
                       {"position", {number(note.position.x), number(note.position.y)}},
                       {"width", number(note.width)}});
    }
    json["notes"] = std::move(notes);
  }
  if (!network.exposed.empty()) {
    Json exposed = Json::array();
    for (const ExposedSetting& e : network.exposed) {
      exposed.push_back({{"name", e.name}, {"layer", e.layer.value}, {"setting", e.setting}});
    }
    json["exposed"] = std::move(exposed);
  }
  return json;
}

PortRef read_port(const JsonReader& json) {
  const Integers ends = json.integers(2);
  if (ends[1] < -1'000'000 || ends[1] > 1'000'000) throw Malformed{json.place() + " names a port that can't be"};
  if (ends[0] < 1 || ends[0] > highest_id) throw Malformed{json.place() + " names a layer that can't be"};
  return {LayerId{ends[0]}, static_cast<int>(ends[1])};
}

Network read_network(const JsonReader& json) {
  Network network;
  network.id = {json.at("id").integer()};
  network.name = json.at("name").text();
  std::set<LayerId> ids;
  json.at("layers").each([&](const JsonReader& item) {
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
  json.at("connections").each([&](const JsonReader& item) {
    network.connections.push_back({read_port(item.at("from")), read_port(item.at("to"))});
  });
  std::sort(network.connections.begin(), network.connections.end());
  if (json.has("exposed")) {
    json.at("exposed").each([&](const JsonReader& item) {
      network.exposed.push_back({item.at("name").text(), {item.at("layer").integer()}, item.at("setting").text()});
    });
  }
  if (json.has("notes")) {
    json.at("notes").each([&](const JsonReader& item) {
      const Reals place = item.at("position").reals(2);
      CanvasNote note{item.at("text").text(), {place[0], place[1]}};
      if (item.has("width")) note.width = item.at("width").real();
      network.notes.push_back(std::move(note));
    });
  }
  if (json.has("positions")) {
    json.at("positions").each_member([&](const std::string& id, const JsonReader& place) {
      const Reals at = place.reals(2);
      const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
      if (id.empty() || id.size() > 10 || !std::all_of(id.begin(), id.end(), is_digit)) {
        throw Malformed{place.place() + " isn't named by a layer's id"};
      }
      if (Layer* layer = network.find(LayerId{std::stoll(id)})) layer->position = {at[0], at[1]};
    });
  }
  return network;
}

template <class Find>
Choice read_choice(const JsonReader& json, Find find) {
  Choice choice{json.at("type").text()};
  choice.settings = read_settings(json.at("settings"), specs_of(find(choice.type)));
  return choice;
}

/// What isn't there is as the program has it, with its settings: read again after saving it is the same.
template <class Find>
void read_choice(const JsonReader& json, const char* name, Choice& choice, Find find) {
  if (json.has(name)) {
    choice = read_choice(json.at(name), find);
  } else {
    choice.settings = defaults(specs_of(find(choice.type)));
  }
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

Recipe read_recipe(const JsonReader& json) {
  Recipe recipe;
  recipe.task = json.at("task").text();
  const auto& task_settings = specs_of(find_task_spec(recipe.task));
  recipe.task_settings =
      json.has("task_settings") ? read_settings(json.at("task_settings"), task_settings) : defaults(task_settings);
  recipe.settings = read_settings(json.at("settings"), recipe_specs());
  const Choice optimiser = read_choice(json.at("optimiser"), find_optimiser_spec);
  recipe.optimiser = optimiser.type;
  recipe.optimiser_settings = optimiser.settings;
  read_choice(json, "schedule", recipe.schedule, find_schedule_spec);
  read_choice(json, "discriminator_optimiser", recipe.discriminator_optimiser, find_optimiser_spec);
  return recipe;
}

Project read_project_json(const JsonReader& json) {
  Project project = empty_project();
  project.networks.clear();
  project.name = json.at("name").text();
  if (json.has("note")) project.note = json.at("note").text();
  if (json.has("data")) {
    const JsonReader data = json.at("data");
    project.data.source = data.at("source").text();
    project.data.settings = read_settings(data.at("settings"), {});
    project.data.preparation = data.has("preparation") ? read_settings(data.at("preparation"), preparation_specs())
                                                       : defaults(preparation_specs());
  }
  if (json.has("recipe")) project.recipe = read_recipe(json.at("recipe"));
  std::set<NetworkId> ids;
  json.at("networks").each([&](const JsonReader& item) {
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

Json header(const DocumentFormat& format) {
  return {{"format", format.name}, {"version", format.version}};
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
  return read_document(text, origin, project_format, read_project_json);
}

std::string to_json(const Network& fragment) {
  Json json = header(fragment_format);
  json["network"] = network_json(fragment);
  return pretty(json);
}

Result<Network> network_from_json(const std::string& text, const std::string& origin) {
  return read_document(text, origin, fragment_format,
                       [](const JsonReader& json) { return read_network(json.at("network")); });
}

Result<Project> read_project(const std::filesystem::path& path) {
  const auto text = read_file(path, largest_project);
  if (!text) return text.error();
  return project_from_json(*text, path.string());
}

Result<void> write_project(const Project& project, const std::filesystem::path& path) {
  return write_file(path, to_json(project));
}

}  // namespace netwright
