#include "designer/window/project_export.h"

#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>

#include <algorithm>
#include <array>
#include <filesystem>

#include "backend/core/safe_file.h"
#include "backend/graph/project_json.h"
#include "backend/interop/pytorch_code.h"
#include "backend/interop/svg_export.h"
#include "backend/run/run_folder.h"
#include "designer/document/file_path.h"
#include "designer/training/engine_process.h"
#include "designer/training/run_place.h"
#include "designer/training/run_record.h"
#include "designer/window/failure.h"
#include "designer/window/project_files.h"
#include "designer/window/project_weights.h"

namespace netwright {

namespace {

constexpr std::array formats = {
    ExportFormat{"pytorch", QT_TRANSLATE_NOOP("ProjectExport", "&PyTorch code…"), "py", false},
    ExportFormat{"onnx", QT_TRANSLATE_NOOP("ProjectExport", "&ONNX…"), "onnx", true},
    ExportFormat{"torchscript", QT_TRANSLATE_NOOP("ProjectExport", "&TorchScript…"), "pt", true},
    ExportFormat{"safetensors", QT_TRANSLATE_NOOP("ProjectExport", "&Weights as safetensors…"), "safetensors", true},
    ExportFormat{"svg", QT_TRANSLATE_NOOP("ProjectExport", "&Drawing as SVG…"), "svg", false},
    ExportFormat{"json", QT_TRANSLATE_NOOP("ProjectExport", "&Figures as JSON…"), "json", false},
};

/// Alike but for where the layers stand: weights of one are weights of the other.
bool is_alike(Network a, Network b) {
  for (Network* network : {&a, &b}) {
    for (Layer& layer : network->layers) {
      layer.position = {};
      layer.trainable = true;
    }
  }
  return a == b;
}

bool is_alike(const Project& a, const Project& b) {
  return std::equal(a.networks.begin(), a.networks.end(), b.networks.begin(), b.networks.end(),
                    [](const Network& one, const Network& other) { return is_alike(one, other); });
}

/// The newest run of what is drawn that kept weights of `network`; empty where there is none.
QString run_with_weights(const Document& document, NetworkId network) {
  // Runs train the first network.
  if (network != document.project().networks.front().id) return {};
  for (const RunFolder& run : runs_of(path_of(runs_owner(document)))) {
    std::error_code ignored;
    if (!std::filesystem::exists(run.last_checkpoint(), ignored)) continue;
    const Result<Project> project = run.project();
    if (project && is_alike(*project, document.project())) return QString::fromStdU16String(run.path().u16string());
  }
  return {};
}

}  // namespace

std::span<const ExportFormat> export_formats() {
  return formats;
}

ProjectExport::ProjectExport(Document& document, ProjectFiles& files, const ProjectWeights& weights, QWidget* window)
    : QObject(window), document_(document), files_(files), weights_(weights), window_(window) {
  connect(&engine_, &QProcess::finished, this, &ProjectExport::engine_ended);
  connect(&engine_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error == QProcess::FailedToStart) fail(path_, tr("The engine can't be started: %1").arg(engine_.errorString()));
  });
  connect(&engine_, &QProcess::stateChanged, this, &ProjectExport::busy_changed);
}

ProjectExport::~ProjectExport() {
  engine_.disconnect(this);
  if (!is_busy()) return;
  engine_.kill();
  engine_.waitForFinished(-1);
}

void ProjectExport::ask(const ExportFormat& format, NetworkId network) {
  const QString suffix = QString::fromLatin1(format.suffix);
  QString kind = tr(format.title).remove(QLatin1Char('&'));
  kind.chop(1);
  QFileDialog dialog(window_, tr("Export: %1").arg(kind), files_.folder(),
                     QStringLiteral("%1 (*.%2)").arg(kind, suffix));
  dialog.setObjectName(QStringLiteral("export_dialog"));
  dialog.setAcceptMode(QFileDialog::AcceptSave);
  dialog.setDefaultSuffix(suffix);
  dialog.selectFile(QString::fromStdString(file_name_of(document_.display_name().toStdString())) + QLatin1Char('.') +
                    suffix);
  if (dialog.exec() == QDialog::Accepted) write(format, network, dialog.selectedFiles().value(0));
}

void ProjectExport::write(const ExportFormat& format, NetworkId network, const QString& path) {
  const Network* drawn = document_.project().find(network);
  if (path.isEmpty() || drawn == nullptr || is_busy()) return;
  const QString shown = QDir::toNativeSeparators(path);
  done_words_ = tr("Exported %1").arg(shown);
  path_ = path;
  const std::string_view name = format.name;
  if (name == "pytorch" || name == "svg") {
    const Report& report = document_.report();
    const auto written = write_file(
        path_of(path), name == "svg" ? svg_drawing(*drawn, report) : pytorch_code(document_.project(), report));
    if (written) {
      emit message(done_words_);
    } else {
      fail(path, QString::fromStdString(written.error().message));
    }
    return;
  }
  start_engine(format, *drawn, path);
}

void ProjectExport::start_engine(const ExportFormat& format, const Network& network, const QString& path) {
  const QString program = EngineProcess::find_program();
  if (program.isEmpty()) {
    fail(path, tr("This format is written by netwright-engine, which is neither beside this program nor on the PATH."));
    return;
  }
  QString source = format.has_weights ? run_with_weights(document_, network.id) : QString();
  if (!source.isEmpty()) {
    const QString run = QFileInfo(source).fileName();
    done_words_ = tr("%1 with the best weights of run %2")
                      .arg(done_words_, QString::fromStdString(title_of_run(run.toStdString())));
  } else {
    // As it is drawn now, saved or not, with its weights beside it.
    scratch_ = std::make_unique<QTemporaryDir>();
    source = scratch_->filePath(QStringLiteral("drawing.netwright"));
    const auto written = write_project(document_.project(), path_of(source));
    if (!written) {
      fail(path, QString::fromStdString(written.error().message));
      return;
    }
    const QString kept = weights_.file();
    if (!kept.isEmpty()) QFile::link(kept, ProjectWeights::beside(source));
    if (format.has_weights) {
      done_words_ = kept.isEmpty() ? tr("%1 with fresh weights: it was never trained").arg(done_words_)
                                   : tr("%1 with the imported weights").arg(done_words_);
    }
  }
  emit message(tr("Exporting %1…").arg(QFileInfo(path).fileName()));
  engine_.start(program,
                {QStringLiteral("export"), source, QStringLiteral("--to"), QString::fromLatin1(format.name),
                 QStringLiteral("--output"), path, QStringLiteral("--network"), QString::fromStdString(network.name)});
}

void ProjectExport::engine_ended(int exit_code, QProcess::ExitStatus status) {
  scratch_.reset();
  if (status == QProcess::NormalExit && exit_code == 0) {
    emit message(done_words_);
    return;
  }
  QStringList lines =
      QString::fromUtf8(engine_.readAllStandardError()).trimmed().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
  lines.replaceInStrings(QStringLiteral("netwright-engine: "), QString());
  const QString why = lines.isEmpty() ? tr("The engine ended without a word.") : lines.join(QLatin1Char('\n'));
  fail(path_, status == QProcess::CrashExit ? tr("The engine crashed. %1").arg(why) : why);
}

void ProjectExport::fail(const QString& path, const QString& why) {
  scratch_.reset();
  emit message({});
  show_failure(window_, tr("The export failed"), path, why);
}

}  // namespace netwright
