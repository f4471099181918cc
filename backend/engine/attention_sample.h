#pragma once

#include <optional>

#include "backend/engine/batch_producer.h"
#include "backend/engine/graph_module.h"
#include "backend/engine/sample_files.h"

namespace netwright {

/// How many texts or series are shown with the weights that attention gives to their steps.
inline constexpr std::int64_t attention_samples = 24;

/// One `attention` sample of the last attention layer: its weights over some sequences, with what was wanted and what
/// came. Nothing where the network attends to nothing or the samples are no sequences of a classification.
std::vector<Event> show_attention(GraphModule& module, const Dataset& dataset, const Result<Batch>& samples,
                                  const SamplePlace& place);

}  // namespace netwright
