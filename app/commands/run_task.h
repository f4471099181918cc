#pragma once
// A run's network with its trained weights, its data and its record: what verbs that measure a run begin with.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/engine/task.h"
#include "backend/run/run_folder.h"

namespace netwright {

struct RunTask {
  Project project;
  Dataset dataset;
  std::vector<Event> events;         ///< empty where the run has no record
  RunEvent run;                      ///< of the record; defaults where there is none
  const Network* network = nullptr;  ///< which learned (Adversarial: the first of them); of `project`
  std::filesystem::path checkpoint;
  std::unique_ptr<Task> task;  ///< refers to the others

  /// What the weights are measured on: the test split, where there is none the validation split.
  const Split& split() const { return dataset.test.count() > 0 ? dataset.test : dataset.validation; }
  bool is_test_split() const { return dataset.test.count() > 0; }
  /// Batches of the samples that the run itself was tested on: its seed drew them where they were limited.
  Result<std::unique_ptr<BatchProducer>> batches(torch::Device device, std::int64_t batch_size = 128) const;
  std::int64_t seed() const;
};

/// `which`: `best`, `last`, or empty for the best that there is.
Result<std::unique_ptr<RunTask>> open_run_task(const RunFolder& folder, const std::string& which, torch::Device device);

}  // namespace netwright
