#pragma once

#include "backend/analysis/report.h"
#include "backend/data/data_catalogue.h"
#include "backend/graph/project.h"

namespace netwright {

/// A pure function that always returns: what is upstream of a mistake stays live.
Report analyse(const Project& project);
/// The same where what the data gives is known already.
Report analyse(const Project& project, const DataDescription& data);

/// The first error that keeps `network` from running at all; that it doesn't fit the data or the task keeps it only
/// from being trained. Nothing where it can run.
const Diagnostic* mistake_in(const Report& report, NetworkId network);

/// The settings, inputs and spec of one layer as its rules see them, or nothing where they aren't known or valid.
/// (The explain panel and the engine ask the rows through this.)
struct KnownLayer {
  const Layer* layer;
  const LayerSpec* spec;
  const LayerReport* report;
  LayerView view() const { return {layer->settings, report->inputs}; }
};
std::optional<KnownLayer> known_layer(const Network& network, const NetworkReport& report, LayerId layer);

}  // namespace netwright
