#pragma once
// The scores that a trained classifier gives, ranked: ROC and precision-recall curves.

#include <string>

#include "backend/engine/task.h"
#include "backend/graph/network.h"
#include "backend/report/run_report.h"

namespace netwright {

/// Fills in the rankings of `quality`, or why there are none: for data with classes or labels, over all that `batches`
/// gives in an epoch. Scores become probabilities first, so that samples compare: by softmax for classes (what sklearn
/// calls one versus rest); for labels their order doesn't change. `network`, flattened or not, tells what its output
/// is.
void rank_classes(Task& task, const Dataset& dataset, const Network& network, BatchProducer& batches,
                  ReportedQuality& quality);

}  // namespace netwright
