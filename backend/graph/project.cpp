#include "backend/graph/project.h"

#include "backend/data/preparation.h"
#include "backend/graph/recipe_specs.h"
#include "backend/graph/schedule.h"
#include "backend/graph/task_specs.h"

namespace netwright {

const Network* Project::find(NetworkId network) const {
  const auto it = std::find_if(networks.begin(), networks.end(), [&](const Network& n) { return n.id == network; });
  return it == networks.end() ? nullptr : &*it;
}

Network* Project::find(NetworkId network) {
  return const_cast<Network*>(std::as_const(*this).find(network));
}

const Network* Project::find(std::string_view network_name) const {
  const auto it =
      std::find_if(networks.begin(), networks.end(), [&](const Network& n) { return n.name == network_name; });
  return it == networks.end() ? nullptr : &*it;
}

NetworkId Project::next_network_id() const {
  return {networks.empty() ? 1 : networks.back().id.value + 1};
}

Project empty_project() {
  Project project;
  project.name = "Untitled";
  project.data.preparation = defaults(preparation_specs());
  Recipe& recipe = project.recipe;
  recipe.task_settings = defaults(find_task_spec(recipe.task)->settings);
  recipe.settings = defaults(recipe_specs());
  recipe.optimiser_settings = defaults(find_optimiser_spec(recipe.optimiser)->settings);
  recipe.schedule.settings = defaults(find_schedule_spec(recipe.schedule.type)->settings);
  recipe.discriminator_optimiser.settings =
      defaults(find_optimiser_spec(recipe.discriminator_optimiser.type)->settings);
  project.networks.push_back({.id = {1}, .name = "classifier", .layers = {}, .connections = {}});
  return project;
}

}  // namespace netwright
