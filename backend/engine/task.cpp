#include "backend/engine/task.h"

#include <fmt/format.h>

#include "backend/engine/classification.h"

namespace netwright {

Result<std::unique_ptr<Task>> make_task(const Project& project, const Network& network, const Dataset& dataset,
                                        torch::Device device) {
  if (project.recipe.task == "Classification") {
    return Classification::create(project, network, dataset, device);
  }
  return Error{fmt::format("The engine can't run the task “{}”.", project.recipe.task)};
}

}  // namespace netwright
