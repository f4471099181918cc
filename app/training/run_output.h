#pragma once

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "app/training/progress.h"
#include "backend/report/tensorboard.h"
#include "backend/run/run_folder.h"

namespace netwright {

/// Where a run's events go: first into the record, then to stdout as lines of JSON or as what a person reads;
/// what matters of them into engine.log, and figures into TensorBoard's event files.
class RunOutput {
 public:
  static Result<RunOutput> open(const RunFolder& folder, bool as_json, const std::string& unit);
  /// Before the first event: TensorBoard's files anew, from what the record of a resumed run holds.
  void begin_tensorboard(const RunFolder& folder, const std::vector<Event>& known);
  void add(const Event& event);
  /// To stdout alone: what the record holds already.
  void show(const Event& event);

 private:
  RunOutput(EventWriter record, std::ofstream log, bool as_json, const std::string& unit);
  void log(const Event& event);
  void log(const std::string& line);
  void write_tensorboard(const Event& event);

  EventWriter record_;
  std::ofstream log_;
  bool as_json_;
  Progress progress_;
  std::optional<TensorBoardWriter> tensorboard_;  ///< nothing where it can't be written
  bool record_failed_ = false;
  bool stdout_failed_ = false;
};

/// One event as a line on stdout; false where nobody reads it any more.
bool print_event(const Event& event);

}  // namespace netwright
