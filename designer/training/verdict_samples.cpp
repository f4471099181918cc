#include "designer/training/verdict_samples.h"

#include "backend/data/data_catalogue.h"
#include "backend/data/held_out.h"
#include "backend/data/preparation.h"
#include "backend/run/run_folder.h"

namespace netwright {

Result<std::shared_ptr<const Dataset>> data_of_run(const QString& run_folder, const std::string& fingerprint) {
  const Result<RunFolder> run = RunFolder::open(run_folder.toStdU16String());
  if (!run) return run.error();
  const Result<Project> project = run->project();
  if (!project) return project.error();
  Result<Dataset> data = load(project->data);
  if (!data) return data.error();
  if (!fingerprint.empty() && fingerprint_of(*data) != fingerprint) {
    return Error{"The data have changed since this run learned from them, so its samples can't be shown."};
  }
  return std::make_shared<const Dataset>(std::move(*data));
}

DataSample samples_of(const Dataset& data, const VerdictCell& cell) {
  const Split& split = held_out_split(data);
  std::vector<std::int64_t> rows;
  QStringList words;
  for (std::size_t i = 0; i < cell.rows.size(); ++i) {
    if (cell.rows[i] < 0 || cell.rows[i] >= split.inputs.count()) continue;
    rows.push_back(cell.rows[i]);
    words << (i < cell.shares.size() ? QStringLiteral("%1 %").arg(100 * cell.shares[i], 0, 'f', 0) : QString());
  }
  DataSample sample = sample_of_rows(data, split, rows);
  sample.words = words;
  return sample;
}

}  // namespace netwright
