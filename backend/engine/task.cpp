#include "backend/engine/task.h"

#include <fmt/format.h>

#include "backend/engine/adversarial.h"
#include "backend/engine/classification.h"
#include "backend/engine/reconstruction.h"
#include "backend/engine/regression.h"
#include "backend/engine/segmentation.h"

namespace netwright {

Result<std::unique_ptr<Task>> make_task(const TaskContext& context) {
  const std::string& task = context.project.recipe.task;
  try {
    if (task == "Classification") return Classification::create(context);
    if (task == "Regression" || task == "Forecast") return Regression::create(context);
    if (task == "Segmentation") return Segmentation::create(context);
    if (task == "Reconstruction") return Reconstruction::create(context);
    if (task == "Adversarial") return Adversarial::create(context);
  } catch (const c10::Error& error) {
    return Error{
        fmt::format("The task couldn't be prepared on {}: {}", context.device.str(), error.what_without_backtrace())};
  }
  return Error{fmt::format("The engine can't run the task “{}”.", task)};
}

}  // namespace netwright
