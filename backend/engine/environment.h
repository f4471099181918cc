#pragma once

#include <map>
#include <string>

namespace netwright {

/// What a run's figures depend on besides its project: versions, BLAS, threads, host.
std::map<std::string, std::string> run_environment();

}  // namespace netwright
