#include "designer/window/project_import.h"

#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QStringList>

#include <filesystem>

#include "backend/analysis/analyse.h"
#include "backend/graph/flatten.h"
#include "backend/interop/onnx_import.h"
#include "backend/interop/weights_import.h"
#include "designer/document/file_path.h"
#include "designer/panels/figure_text.h"
#include "designer/window/failure.h"
#include "designer/window/notes_dialog.h"
#include "designer/window/project_files.h"
#include "designer/window/project_weights.h"

namespace netwright {

/// What became of the tensors of a file.
struct ProjectImport::Match {
  std::size_t expected = 0;
  std::size_t missing = 0;
  QStringList notes;
  QString file;  ///< where they were written; empty where any is missing
  QString failure;

  bool is_complete() const { return missing == 0; }
};

ProjectImport::Match ProjectImport::match(const Project& project, NetworkId network, TensorFile content) {
  const Project flat = flattened(project);
  const Report report = analyse(flat);
  const Network* drawn = flat.find(network);
  const NetworkReport* figures = report.find(network);
  if (drawn == nullptr || figures == nullptr) return {};
  MatchedWeights matched = match_weights(*drawn, *figures, std::move(content));
  Match result;
  result.expected = matched.expected;
  result.missing = matched.missing.size();
  for (const std::string& name : matched.missing) {
    result.notes += ProjectImport::tr("Nothing in the file fits %1.").arg(QString::fromStdString(name));
  }
  for (const std::string& why : matched.complaints()) result.notes += QString::fromStdString(why);
  if (result.expected == 0 || !result.is_complete()) return result;
  const QString file = ProjectWeights::new_file();
  const auto written =
      write_safetensors(path_of(file), {.tensors = std::move(matched.weights), .metadata = {{"format", "pt"}}});
  if (written) {
    result.file = file;
  } else {
    result.failure = QString::fromStdString(written.error().message);
  }
  return result;
}

struct ProjectImport::Model {
  QString failure = {};
  Project project = {};
  Dim parameters = {};
  QStringList notes = {};
  Match match = {};
};

struct ProjectImport::Weights {
  QString failure = {};
  QString project_file = {};  ///< as it was when asked
  Match match = {};
};

ProjectImport::ProjectImport(Document& document, ProjectFiles& files, ProjectWeights& weights, QWidget* window)
    : QObject(window), document_(document), files_(files), weights_(weights), window_(window) {}

bool ProjectImport::can_read(const QString& path) {
  return path.endsWith(QLatin1String(".onnx"), Qt::CaseInsensitive) ||
         path.endsWith(QLatin1String(".safetensors"), Qt::CaseInsensitive);
}

void ProjectImport::ask(NetworkId network) {
  QFileDialog dialog(window_, tr("Import a model or weights"), files_.folder(),
                     tr("Models and weights (*.onnx *.safetensors);;ONNX models (*.onnx);;Weights (*.safetensors)"));
  dialog.setObjectName(QStringLiteral("import_dialog"));
  dialog.setFileMode(QFileDialog::ExistingFile);
  if (dialog.exec() == QDialog::Accepted) import_file(dialog.selectedFiles().value(0), network);
}

void ProjectImport::import_file(const QString& path, NetworkId network) {
  if (is_busy_ || path.isEmpty()) return;
  set_busy(true);
  emit message(tr("Reading %1…").arg(QFileInfo(path).fileName()));
  if (path.endsWith(QLatin1String(".onnx"), Qt::CaseInsensitive)) {
    import_model(path);
  } else {
    import_weights(path, network);
  }
}

void ProjectImport::import_model(const QString& path) {
  reading_.run(
      [path](const std::atomic<bool>& /*cancelled*/) -> Model {
        Result<Imported> imported = import_onnx(path_of(path));
        if (!imported) return {.failure = QString::fromStdString(imported.error().message)};
        Model model;
        for (const std::string& note : imported->messages) model.notes += QString::fromStdString(note);
        const NetworkId network = imported->project.networks.front().id;
        model.match = match(imported->project, network, {.tensors = std::move(imported->weights), .metadata = {}});
        model.project = std::move(imported->project);
        model.parameters = analyse(model.project).find(network)->totals.parameters;
        return model;
      },
      [this, path](const Model& model) { take(path, model); });
}

void ProjectImport::import_weights(const QString& path, NetworkId network) {
  reading_.run(
      [path, network, project = document_.project(),
       file = document_.file_path()](const std::atomic<bool>& /*cancelled*/) -> Weights {
        Result<TensorFile> content = read_safetensors(path_of(path));
        if (!content) return {.failure = QString::fromStdString(content.error().message)};
        return {.project_file = file, .match = match(project, network, std::move(*content))};
      },
      [this, path](const Weights& weights) { take(path, weights); });
}

void ProjectImport::take(const QString& path, const Model& model) {
  set_busy(false);
  const QString name = QFileInfo(path).fileName();
  if (!model.failure.isEmpty()) {
    emit message({});
    show_failure(window_, tr("The model can't be imported"), path, model.failure);
    return;
  }
  // Asked only now: what was drawn while the file was read counts too.
  if (!files_.may_discard()) {
    QFile::remove(model.match.file);
    emit message({});
    return;
  }
  document_.reset(model.project);
  const Match& match = model.match;
  QStringList notes = model.notes;
  if (!match.failure.isEmpty()) notes += match.failure;
  if (!match.file.isEmpty()) {
    if (const Result<bool> kept = weights_.adopt(match.file); !kept) {
      notes += QString::fromStdString(kept.error().message);
    }
  } else if (match.missing > 0) {
    notes += tr("No weights are kept: %1 of %2 tensors are missing, so the network starts untrained.")
                 .arg(match.missing)
                 .arg(match.expected);
  }
  const std::size_t layers = model.project.networks.front().layers.size();
  const QString words =
      tr("%1, %2 parameters%3")
          .arg(layers == 1 ? tr("1 layer") : tr("%1 layers").arg(layers), count_text(model.parameters),
               match.file.isEmpty() ? QString() : tr(", with its weights"));
  emit message(tr("Imported %1: %2").arg(name, words));
  if (!notes.isEmpty()) show_notes(window_, tr("%1 was imported").arg(name), words, notes);
}

void ProjectImport::take(const QString& path, const Weights& weights) {
  set_busy(false);
  emit message({});
  const QString title = tr("The weights can't be imported");
  const Match& match = weights.match;
  const QString failure = weights.failure.isEmpty() ? match.failure : weights.failure;
  if (!failure.isEmpty()) {
    show_failure(window_, title, path, failure);
    return;
  }
  if (match.expected == 0) {
    show_failure(window_, title, path, tr("The network in front has no weights."));
    return;
  }
  if (!match.is_complete()) {
    show_notes(window_, title,
               tr("A network runs with all of its weights or none: %1 of its %2 tensors were found in %3 by name and "
                  "shape.")
                   .arg(match.expected - match.missing)
                   .arg(match.expected)
                   .arg(QFileInfo(path).fileName()),
               match.notes);
    return;
  }
  if (weights.project_file != document_.file_path()) {
    QFile::remove(match.file);
    return;
  }
  const Result<bool> kept = weights_.adopt(match.file);
  if (!kept) {
    show_failure(window_, title, path, QString::fromStdString(kept.error().message));
  } else if (*kept) {
    emit message(
        tr("All %1 tensors of the network were found in %2").arg(match.expected).arg(QFileInfo(path).fileName()));
  }
}

void ProjectImport::set_busy(bool is_busy) {
  is_busy_ = is_busy;
  emit busy_changed();
}

}  // namespace netwright
