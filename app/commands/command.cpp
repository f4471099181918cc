#include "app/commands/command.h"

#include <fmt/core.h>

namespace netwright {

void remark(const std::string& message) {
  fmt::print(stderr, "netwright-engine: {}\n", message);
}

Exit failed(const std::string& message) {
  remark(message);
  return Exit::Failed;
}

Exit bad_arguments(const std::string& message) {
  failed(message);
  return Exit::BadArguments;
}

}  // namespace netwright
