#pragma once
// What several verbs take: a project's file or a run's folder, and the weights that go with it.

#include <filesystem>
#include <optional>
#include <string>

#include "backend/core/result.h"
#include "backend/graph/project.h"
#include "backend/run/event.h"

namespace netwright {

struct Source {
  Project project;
  std::string network;            ///< the one that was trained; empty: the first
  std::filesystem::path weights;  ///< a safetensors file; empty where there are none
  bool is_run = false;
  std::optional<MemoryEvent> memory;  ///< what a run's steps really took
};

/// A run's weights are its best checkpoint, else its last; a project's are those beside it (`classifier.safetensors`
/// for `classifier.netwright`), where an import put them.
Result<Source> open_source(const std::filesystem::path& path);

/// The safetensors file that `path` means: itself, or of a run's folder the best checkpoint, else the last.
Result<std::filesystem::path> weights_at(const std::filesystem::path& path);

/// The network that `name` says, else the one that was trained. The message lists those there are.
Result<const Network*> network_of(const Source& source, const std::string& name);

}  // namespace netwright
