#pragma once

#include <string>

#include "backend/layers/nn_call.h"

namespace netwright {

/// PyTorch's own default of an argument, so that code needn't say it; null where there is none.
const Value* pytorch_default(const NnCall& call, const std::string& argument);

}  // namespace netwright
