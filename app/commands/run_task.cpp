#include "app/commands/run_task.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "backend/data/data_catalogue.h"
#include "backend/graph/recipe_specs.h"
#include "backend/graph/task_networks.h"

namespace netwright {

namespace {

Result<std::filesystem::path> checkpoint_of(const RunFolder& folder, const std::string& which) {
  const std::vector<std::string> kept = folder.checkpoints();
  for (const std::string& name : which.empty() ? std::vector<std::string>{"best", "last"} : std::vector{which}) {
    if (std::find(kept.begin(), kept.end(), name) != kept.end()) return folder.checkpoint(name);
  }
  if (kept.empty()) return Error{fmt::format("{} has no checkpoint yet.", folder.path().string())};
  return Error{fmt::format("{} has no checkpoint {}; it has {}.", folder.path().string(),
                           which.empty() ? "best or last" : which, fmt::join(kept, ", "))};
}

}  // namespace

Result<std::unique_ptr<RunTask>> open_run_task(const RunFolder& folder, const std::string& which,
                                               torch::Device device) {
  auto project = folder.project();
  if (!project) return project.error();
  auto opened = std::make_unique<RunTask>();
  opened->project = std::move(*project);
  if (auto events = folder.events()) opened->events = std::move(*events);
  for (const Event& event : opened->events) {
    if (const auto* run = std::get_if<RunEvent>(&event)) opened->run = *run;
  }
  const Project& kept = opened->project;
  if (kept.networks.empty()) return Error{fmt::format("{} has no network.", folder.project_file().string())};
  const std::vector<const Network*> learning = networks_of_task(kept);
  opened->network = !opened->run.network.empty() ? kept.find(std::string_view(opened->run.network))
                    : !learning.empty()          ? learning.front()
                                                 : &kept.networks.front();
  if (!opened->network) {
    return Error{fmt::format("{} has no network “{}”.", folder.project_file().string(), opened->run.network)};
  }
  auto checkpoint = checkpoint_of(folder, which);
  if (!checkpoint) return checkpoint.error();
  opened->checkpoint = std::move(*checkpoint);
  auto dataset = load(kept.data);
  if (!dataset) return dataset.error();
  opened->dataset = std::move(*dataset);
  auto task = make_task({kept, *opened->network, opened->dataset, device});
  if (!task) return task.error();
  opened->task = std::move(*task);
  if (const auto loaded = opened->task->load_weights(opened->checkpoint); !loaded) return loaded.error();
  return opened;
}

std::int64_t RunTask::seed() const {
  return completed(recipe_specs(), project.recipe.settings).integer("seed");
}

Result<std::unique_ptr<BatchProducer>> RunTask::batches(torch::Device device, std::int64_t batch_size) const {
  return BatchProducer::create(split(), dataset,
                               {.batch_size = batch_size,
                                .shuffle = false,
                                .seed = seed(),
                                .limit = is_test_split() ? run.test_samples : run.validation_samples,
                                .channels_last = task->wants_channels_last(),
                                .device = device});
}

}  // namespace netwright
