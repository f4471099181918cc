#include "backend/graph/task_networks.h"

#include "backend/graph/task_specs.h"

namespace netwright {

namespace {

std::string name_of(const Recipe& recipe, const char* side) {
  const TaskSpec* spec = find_task_spec("Adversarial");
  return completed(spec->settings, recipe.task_settings).text(side);
}

}  // namespace

std::string generator_name(const Recipe& recipe) {
  return name_of(recipe, "generator");
}

std::string discriminator_name(const Recipe& recipe) {
  return name_of(recipe, "discriminator");
}

std::vector<const Network*> networks_of_task(const Project& project) {
  std::vector<const Network*> networks;
  if (project.recipe.task == "Adversarial") {
    for (const std::string& name : {generator_name(project.recipe), discriminator_name(project.recipe)}) {
      if (const Network* network = project.find(std::string_view(name))) networks.push_back(network);
    }
  } else if (!project.networks.empty()) {
    networks.push_back(&project.networks.front());
  }
  return networks;
}

}  // namespace netwright
