#pragma once
// Where the runs of the open project go.

#include <QString>

#include "backend/core/result.h"
#include "designer/document/document.h"

namespace netwright {

/// The project's file; for one never saved, a name under the program's own data folder, by which its runs are found.
QString runs_owner(const Document& document);

struct RunPlace {
  QString project_file;  ///< the project as it is now, beside the run folder; the caller removes it after the run
  QString run_folder;    ///< not there yet
};

/// Moves a run among the runs of `owner`; gives its new folder. Where that fails the run stays where it was.
Result<QString> move_run(const QString& run_folder, const QString& owner);

/// Writes the project among the runs of `owner`.
Result<RunPlace> prepare_run(const Project& project, const QString& owner);

/// Where the engine looks for a project's weights: `classifier.safetensors` for `classifier.netwright`.
QString weights_beside(const QString& project_file);

}  // namespace netwright
