#pragma once
// What a task shows at an epoch's end: pictures and lists, as files of the run folder.

#include <torch/torch.h>

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "backend/data/dataset.h"
#include "backend/run/event.h"

namespace netwright {

/// Where and when.
struct SamplePlace {
  std::filesystem::path folder;  ///< the run's
  std::int64_t step = 0;
  int epoch = 0;          ///< epochs done
  bool is_asked = false;  ///< not at an epoch's end, but because somebody wants to see it now
};

/// Writes `samples/<kind>-<epoch>.json`, or `<kind>-<epoch>-step-<step>.json` where it is asked for; a SampleEvent, or
/// a warning where that fails.
Event write_sample(const SamplePlace& place, const std::string& kind, const nlohmann::ordered_json& content);
/// The same as `.png`: the pictures row by row.
Event write_sample(const SamplePlace& place, const std::string& kind, const std::vector<Array>& pictures, int columns);

/// One normalised sample (C×H×W, C 1 or 3) as bytes of light, the normalisation undone; of real-valued data three
/// deviations to either side of the mean are shown.
Array picture_of(const torch::Tensor& sample, const Legend& legend, ElementType type);
/// Whether samples are pictures: 1×H×W or 3×H×W.
bool are_pictures(const Legend& legend);

}  // namespace netwright
