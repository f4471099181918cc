#pragma once
// A run is a folder: `<project>.runs/<UTC time>-<name>/{project.json, events.jsonl, engine.log, checkpoints/, samples/,
// export/}`.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "backend/core/result.h"
#include "backend/graph/project.h"
#include "backend/run/event.h"

namespace netwright {

class RunFolder {
 public:
  /// Makes a new folder beside the project's file and writes project.json into it.
  static Result<RunFolder> create_beside(const std::filesystem::path& project_file, const Project& project);
  /// Makes `folder` (refused where it holds a run already) and writes project.json into it.
  static Result<RunFolder> create(const std::filesystem::path& folder, const Project& project);
  /// Refuses a folder without project.json.
  static Result<RunFolder> open(const std::filesystem::path& folder);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path project_file() const { return path_ / "project.json"; }
  std::filesystem::path events_file() const { return path_ / "events.jsonl"; }
  /// What the numbers of the data mean: to use the network without the data (data/legend_json.h).
  std::filesystem::path legend_file() const { return path_ / "data.json"; }
  std::filesystem::path log_file() const { return path_ / "engine.log"; }
  std::filesystem::path checkpoint(const std::string& name) const {
    return path_ / "checkpoints" / (name + ".safetensors");
  }
  std::filesystem::path last_checkpoint() const { return checkpoint("last"); }
  std::filesystem::path best_checkpoint() const { return checkpoint("best"); }
  /// The names of those that are there: `best`, `last`, then those kept on request (`step-400`), by their steps.
  std::vector<std::string> checkpoints() const;

  Result<Project> project() const;
  /// Every event of the record; an incomplete last line is left out.
  Result<std::vector<Event>> events() const;
  /// Cuts the record after its first `count` lines; how many it has then, fewer where it was shorter.
  Result<std::int64_t> cut_record(std::int64_t count) const;

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// Letters, digits and `_` of the name, with one `-` for anything between them: what no file system refuses.
std::string file_name_of(const std::string& name);
/// `<UTC time>-<name>`, which sorts by time; the caller makes it unique.
std::string new_run_name(const std::string& project_name);

/// Where a project's weights lie, if it came with some: `classifier.safetensors` for `classifier.netwright`.
std::filesystem::path weights_file_of(const std::filesystem::path& project_file);
/// The folder that holds a project's runs.
std::filesystem::path runs_folder_of(const std::filesystem::path& project_file);
/// The runs of a project, newest first.
std::vector<RunFolder> runs_of(const std::filesystem::path& project_file);

/// Appends events to a record, each line whole and flushed. A record has one writer at a time.
class EventWriter {
 public:
  static Result<EventWriter> append_to(const std::filesystem::path& file);
  EventWriter(EventWriter&& other) noexcept;
  EventWriter& operator=(EventWriter&&) = delete;
  ~EventWriter();
  Result<void> write(const Event& event);

 private:
  explicit EventWriter(int descriptor) : descriptor_(descriptor) {}
  Result<void> write_bytes(std::string_view bytes);
  int descriptor_;
};

}  // namespace netwright
