#include "backend/sweep/variable_setting.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "backend/data/data_catalogue.h"
#include "backend/data/preparation.h"
#include "backend/graph/blocks.h"
#include "backend/graph/edit.h"
#include "backend/graph/recipe_specs.h"
#include "backend/graph/schedule.h"
#include "backend/graph/task_specs.h"

namespace netwright {

namespace {

constexpr const char* type_setting = "type";

/// One part of a project that holds settings, and how it is changed.
struct Holder {
  std::string name;  ///< `optimiser`; of a layer its shortest name
  std::string group;
  std::vector<SettingSpec> specs;
  Settings settings;                    ///< whole
  std::vector<std::string> types = {};  ///< what can be chosen in its place
  std::string type = {};                ///< the one that is
  NetworkId network = {};
  LayerId layer = {};
};

template <class Row>
std::vector<SettingSpec> specs_of_row(const Row* row) {
  return row ? row->settings : std::vector<SettingSpec>();
}

template <class Rows>
std::vector<std::string> types_of(const Rows& rows) {
  std::vector<std::string> types;
  for (const auto& row : rows) types.push_back(row.type);
  return types;
}

Holder holder_of(const char* name, const char* title, std::vector<SettingSpec> specs, const Settings& settings) {
  Holder holder{name, title, std::move(specs), {}};
  holder.settings = completed(holder.specs, settings);
  return holder;
}

Holder optimiser_holder(const char* name, const char* title, const std::string& type, const Settings& settings) {
  Holder holder = holder_of(name, "", specs_of_row(find_optimiser_spec(type)), settings);
  holder.group = fmt::format("{} ({})", title, type);
  holder.type = type;
  holder.types = types_of(optimiser_specs());
  return holder;
}

std::vector<Holder> recipe_holders(const Project& project) {
  const Recipe& recipe = project.recipe;
  std::vector<Holder> holders;
  holders.push_back(holder_of("recipe", "Recipe", recipe_specs(), recipe.settings));
  const bool has_sides = recipe.task == "Adversarial";
  holders.push_back(optimiser_holder("optimiser", has_sides ? "Generator's optimiser" : "Optimiser", recipe.optimiser,
                                     recipe.optimiser_settings));
  if (has_sides) {
    const Choice& choice = recipe.discriminator_optimiser;
    holders.push_back(optimiser_holder("discriminator", "Discriminator's optimiser", choice.type, choice.settings));
  }
  Holder schedule =
      holder_of("schedule", "", specs_of_row(find_schedule_spec(recipe.schedule.type)), recipe.schedule.settings);
  schedule.group = fmt::format("Schedule ({})", recipe.schedule.type);
  schedule.type = recipe.schedule.type;
  schedule.types = types_of(schedule_specs());
  holders.push_back(std::move(schedule));
  Holder task = holder_of("task", "", specs_of_row(find_task_spec(recipe.task)), recipe.task_settings);
  task.group = fmt::format("Task ({})", recipe.task);
  holders.push_back(std::move(task));
  if (const DataSpec* source = find_data_spec(project.data.source)) {
    Holder data = holder_of("data", "", source->settings, project.data.settings);
    data.group = fmt::format("Data ({})", source->title);
    holders.push_back(std::move(data));
  }
  holders.push_back(holder_of("preparation", "Preparation of the data", preparation_specs(), project.data.preparation));
  return holders;
}

constexpr std::array own_words = {"recipe", "optimiser", "discriminator", "schedule",
                                  "task",   "data",      "preparation",   "learning_rate"};

bool is_own_word(std::string_view name) {
  return std::find(own_words.begin(), own_words.end(), name) != own_words.end();
}

Holder layer_holder(const Project& project, const Network& network, const Layer& layer) {
  const auto same_name = [&](const Network& other) { return other.find(std::string_view(layer.name)) != nullptr; };
  const bool is_only_one =
      !is_own_word(layer.name) && std::count_if(project.networks.begin(), project.networks.end(), same_name) == 1;
  Holder holder;
  holder.name = is_only_one ? layer.name : network.name + "." + layer.name;
  holder.group = fmt::format("{} ({})", holder.name, layer.type);
  holder.specs = settings_of(project, layer);
  holder.settings = completed(holder.specs, layer.settings);
  holder.network = network.id;
  holder.layer = layer.id;
  return holder;
}

bool can_vary(const SettingSpec& spec) {
  return spec.kind != SettingKind::FilePath && spec.kind != SettingKind::FolderPath;
}

SettingSpec type_spec(const Holder& holder) {
  return {.name = type_setting,
          .kind = SettingKind::Choice,
          .fallback = holder.types.front(),
          .help = "Which one; another begins with its own defaults.",
          .choices = holder.types};
}

std::vector<VariableSetting> settings_within(const Holder& holder) {
  std::vector<VariableSetting> settings;
  const auto add = [&](const SettingSpec& spec, const Value& value) {
    settings.push_back({holder.name + "." + spec.name, holder.group, spec, value});
  };
  if (!holder.types.empty()) add(type_spec(holder), holder.type);
  for (const SettingSpec& spec : holder.specs) {
    if (can_vary(spec)) add(spec, *holder.settings.find(spec.name));
  }
  return settings;
}

/// Cut at the dots.
std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    parts.emplace_back(path.substr(0, dot));
    if (dot == path.size()) return parts;
    path.remove_prefix(dot + 1);
  }
}

/// The layer that names lead to, the first of them a network's or a layer's, those between Blocks'.
std::optional<Holder> layer_at(const Project& project, const std::vector<std::string>& names) {
  for (const Network& start : project.networks) {
    const Network* network = &start;
    std::size_t first = network->name == names.front() && names.size() > 1 ? 1 : 0;
    const Layer* layer = nullptr;
    for (std::size_t i = first; i < names.size(); ++i) {
      if (layer) network = is_block(*layer) ? network_of_block(project, *layer) : nullptr;
      layer = network ? network->find(std::string_view(names[i])) : nullptr;
      if (!layer) break;
    }
    if (layer) return layer_holder(project, *network, *layer);
  }
  return std::nullopt;
}

struct Found {
  Holder holder;
  VariableSetting setting;
};

std::string names_in(const std::vector<VariableSetting>& settings) {
  std::vector<std::string> names;
  for (const VariableSetting& setting : settings) names.push_back(setting.spec.name);
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

Result<Found> find_in(const Project& project, std::string_view path) {
  if (path == "learning_rate" || path == "recipe.learning_rate" || path == "recipe.lr") path = "optimiser.lr";
  std::vector<std::string> names = parts_of(path);
  const std::string setting = names.back();
  names.pop_back();
  if (names.empty()) {
    return Error{
        fmt::format("“{}” doesn't say whose setting it is: optimiser.lr, recipe.batch_size, conv1.kernel_size.", path)};
  }
  std::optional<Holder> holder;
  if (names.size() == 1 && is_own_word(names.front())) {
    for (Holder& one : recipe_holders(project)) {
      if (one.name == names.front()) holder = std::move(one);
    }
    if (!holder) return Error{fmt::format("This project has no {}.", names.front())};
  } else {
    holder = layer_at(project, names);
  }
  if (!holder) {
    return Error{
        fmt::format("There is no layer {}; settings of the recipe begin with recipe, task, optimiser, "
                    "schedule, data or preparation.",
                    fmt::join(names, "."))};
  }
  const std::vector<VariableSetting> settings = settings_within(*holder);
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const VariableSetting& one) { return one.spec.name == setting; });
  if (found == settings.end()) {
    return Error{fmt::format("{} has no setting {}. There are: {}.", holder->group, setting, names_in(settings))};
  }
  return Found{std::move(*holder), *found};
}

/// The edit that sets a value of the recipe or the data.
Edit recipe_edit(const Project& project, const Holder& holder, const std::string& setting, const Value& value) {
  if (holder.name == "data" || holder.name == "preparation") {
    DataSource data = project.data;
    (holder.name == "data" ? data.settings : data.preparation).set(setting, value);
    return SetData{std::move(data)};
  }
  Recipe recipe = project.recipe;
  const auto set = [&](std::string& type, Settings& settings, auto find) {
    if (setting != type_setting) {
      settings.set(setting, value);
    } else if (const auto& chosen = std::get<std::string>(value); chosen != type) {
      type = chosen;
      settings = defaults(find(chosen)->settings);
    }
  };
  if (holder.name == "optimiser") {
    set(recipe.optimiser, recipe.optimiser_settings, find_optimiser_spec);
  } else if (holder.name == "discriminator") {
    set(recipe.discriminator_optimiser.type, recipe.discriminator_optimiser.settings, find_optimiser_spec);
  } else if (holder.name == "schedule") {
    set(recipe.schedule.type, recipe.schedule.settings, find_schedule_spec);
  } else {
    (holder.name == "task" ? recipe.task_settings : recipe.settings).set(setting, value);
  }
  return SetRecipe{std::move(recipe)};
}

}  // namespace

std::vector<VariableSetting> variable_settings(const Project& project) {
  std::vector<VariableSetting> all;
  const auto add = [&all](const Holder& holder) {
    for (VariableSetting& setting : settings_within(holder)) all.push_back(std::move(setting));
  };
  for (const Holder& holder : recipe_holders(project)) add(holder);
  for (const Network& network : project.networks) {
    for (const Layer& layer : network.layers) add(layer_holder(project, network, layer));
  }
  return all;
}

Result<VariableSetting> find_variable(const Project& project, std::string_view path) {
  auto found = find_in(project, path);
  if (!found) return found.error();
  return std::move(found->setting);
}

Result<void> set_variable(Project& project, std::string_view path, const Value& value) {
  const auto found = find_in(project, path);
  if (!found) return found.error();
  const Holder& holder = found->holder;
  const SettingSpec& spec = found->setting.spec;
  const Value whole = *completed({spec}, {{spec.name, value}}).find(spec.name);
  if (const auto why = complaint(spec, whole)) return Error{fmt::format("{}: {}.", found->setting.path, *why)};
  const Edit edit = holder.layer ? Edit(SetSetting{holder.network, holder.layer, spec.name, whole})
                                 : recipe_edit(project, holder, spec.name, whole);
  if (const auto done = apply(project, edit); !done) return done.error();
  return {};
}

std::string setting_name(std::string_view path) {
  return parts_of(path).back();
}

}  // namespace netwright
