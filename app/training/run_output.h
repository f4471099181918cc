#pragma once

#include <fstream>
#include <optional>
#include <string>

#include "app/training/progress.h"
#include "backend/run/run_folder.h"

namespace netwright {

/// Where a run's events go: first into the record, then to stdout as lines of JSON or as what a person reads;
/// and what matters of them into engine.log.
class RunOutput {
 public:
  static Result<RunOutput> open(const RunFolder& folder, bool as_json, const std::string& unit);
  void add(const Event& event);
  /// To stdout alone: what the record holds already.
  void show(const Event& event);

 private:
  RunOutput(EventWriter record, std::ofstream log, bool as_json, const std::string& unit);
  void log(const Event& event);
  void log(const std::string& line);

  EventWriter record_;
  std::ofstream log_;
  bool as_json_;
  Progress progress_;
  bool record_failed_ = false;
  bool stdout_failed_ = false;
};

/// One event as a line on stdout; false where nobody reads it any more.
bool print_event(const Event& event);

}  // namespace netwright
