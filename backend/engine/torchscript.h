#pragma once

#include <string>

#include "backend/analysis/report.h"
#include "backend/core/result.h"
#include "backend/engine/graph_module.h"
#include "backend/graph/network.h"

namespace netwright {

/// The network as a TorchScript file, for torch.jit.load of Python and LibTorch. It holds the module's weights under
/// their names, takes batches of any size, and knows training from evaluation (it starts in evaluation). `module` must
/// have been built from the network.
Result<std::string> torchscript(const Network& network, const NetworkReport& report, const GraphModule& module);

}  // namespace netwright
