#include "designer/training/run_place.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>
#include <filesystem>

#include "backend/graph/project_json.h"
#include "backend/run/run_folder.h"
#include "designer/document/file_path.h"

namespace netwright {
QString runs_owner(const Document& document) {
  if (!document.file_path().isEmpty()) return QFileInfo(document.file_path()).absoluteFilePath();
  const QDir home(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation));
  return home.filePath(
      QStringLiteral("unsaved/%1.netwright").arg(QString::fromStdString(file_name_of(document.project().name))));
}

Result<QString> move_run(const QString& run_folder, const QString& owner) {
  namespace fs = std::filesystem;
  const fs::path source = path_of(run_folder);
  const fs::path target = runs_folder_of(path_of(owner)) / source.filename();
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (!error) fs::rename(source, target, error);
  if (error == std::errc::cross_device_link) {
    fs::copy(source, target, fs::copy_options::recursive, error);
    std::error_code ignored;
    fs::remove_all(error ? target : source, ignored);
  }
  if (error) {
    const QString words = QObject::tr("The run %1 stays in %2: it can't be moved beside the project (%3).");
    return Error{words
                     .arg(QString::fromStdU16String(source.filename().u16string()),
                          QDir::toNativeSeparators(QFileInfo(run_folder).path()),
                          QString::fromStdString(error.message()))
                     .toStdString()};
  }
  return QString::fromStdU16String(target.u16string());
}

Result<RunPlace> prepare_run(const Project& project, const QString& owner) {
  const std::filesystem::path runs = runs_folder_of(path_of(owner));
  const QDir folder(QString::fromStdU16String(runs.u16string()));
  if (!folder.mkpath(QStringLiteral("."))) {
    const QString words = QObject::tr("The folder for runs, %1, can't be made. Save the project where you may write.");
    return Error{words.arg(QDir::toNativeSeparators(folder.path())).toStdString()};
  }
  const QString stem = QString::fromStdString(new_run_name(project.name));
  QString name = stem;
  for (int attempt = 2; folder.exists(name); ++attempt) name = QStringLiteral("%1-%2").arg(stem).arg(attempt);
  const RunPlace place{folder.filePath(name + QStringLiteral(".netwright")), folder.filePath(name)};
  if (auto written = write_project(project, path_of(place.project_file)); !written) return written.error();
  return place;
}

QString weights_beside(const QString& project_file) {
  return QString::fromStdU16String(weights_file_of(path_of(project_file)).u16string());
}

}  // namespace netwright
