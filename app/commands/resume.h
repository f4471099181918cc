#pragma once

#include <optional>
#include <string>

#include "app/commands/command.h"

namespace netwright {

struct ResumeArguments {
  std::string run;
  std::optional<int> epochs;
  std::string device;  ///< empty: the run's
  int threads = 0;     ///< 0: as many as the run had
  bool as_json = false;
  bool may_be_done = false;  ///< a run that has finished is no mistake
};

/// Goes on with a run to its end.
Exit resume(const ResumeArguments& arguments);

}  // namespace netwright
