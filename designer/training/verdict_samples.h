#pragma once
// The samples behind a cell of a confusion matrix, as they can be shown.

#include <memory>

#include "backend/core/result.h"
#include "designer/training/data_sample.h"
#include "designer/training/sample_content.h"

namespace netwright {

/// The data of a run, read again. Refuses data that have changed since (by their fingerprint, where the run has one).
Result<std::shared_ptr<const Dataset>> data_of_run(const QString& run_folder, const std::string& fingerprint);

/// The cell's samples in its order, each with the share that the network gave to its verdict. Rows that aren't there
/// are left out.
DataSample samples_of(const Dataset& data, const VerdictCell& cell);

}  // namespace netwright
