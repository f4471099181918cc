#include "designer/window/project_files.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QStandardPaths>

#include "backend/graph/templates.h"
#include "designer/window/failure.h"
#include "designer/window/user_settings.h"

namespace netwright {

namespace {

constexpr int most_recent = 10;

QString recent_key() {
  return QStringLiteral("recent");
}

QString filter() {
  return ProjectFiles::tr("Netwright projects (*.netwright)");
}

}  // namespace

ProjectFiles::ProjectFiles(Document& document, QWidget* window)
    : QObject(window), document_(document), window_(window) {}

bool ProjectFiles::new_project() {
  if (!may_discard()) {
    return false;
  }
  document_.reset(empty_project());
  return true;
}

bool ProjectFiles::new_from_template(const QString& name) {
  if (!may_discard()) {
    return false;
  }
  auto project = open_template(name.toStdString());
  if (!project) {
    show_failure(window_, tr("The template can't be opened"), name, QString::fromStdString(project.error().message));
    return false;
  }
  document_.reset(*std::move(project));
  return true;
}

bool ProjectFiles::open() {
  QFileDialog dialog(window_, tr("Open a project"), folder(), filter());
  dialog.setObjectName(QStringLiteral("open_dialog"));
  dialog.setFileMode(QFileDialog::ExistingFile);
  return dialog.exec() == QDialog::Accepted && open_file(dialog.selectedFiles().value(0));
}

bool ProjectFiles::open_file(const QString& path) {
  if (path.isEmpty() || !may_discard()) {
    return false;
  }
  const auto opened = document_.open(path);
  if (!opened) {
    show_failure(window_, tr("The project can't be opened"), path, QString::fromStdString(opened.error().message));
    return false;
  }
  remember(path);
  return true;
}

bool ProjectFiles::save() {
  return document_.file_path().isEmpty() ? save_as() : save_to(document_.file_path());
}

bool ProjectFiles::save_as() {
  QFileDialog dialog(window_, tr("Save the project"), folder(), filter());
  dialog.setObjectName(QStringLiteral("save_dialog"));
  dialog.setAcceptMode(QFileDialog::AcceptSave);
  dialog.setDefaultSuffix(QStringLiteral("netwright"));
  dialog.selectFile(document_.display_name() + QStringLiteral(".netwright"));
  return dialog.exec() == QDialog::Accepted && save_to(dialog.selectedFiles().value(0));
}

bool ProjectFiles::may_discard() {
  if (!document_.is_modified()) {
    return true;
  }
  QMessageBox box(QMessageBox::Warning, tr("Unsaved changes"),
                  tr("Save the changes to “%1”?").arg(document_.display_name()),
                  QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, window_);
  box.setObjectName(QStringLiteral("ask_to_save"));
  box.setInformativeText(tr("They are lost otherwise."));
  box.setDefaultButton(QMessageBox::Save);
  switch (box.exec()) {
    case QMessageBox::Save:
      return save();
    case QMessageBox::Discard:
      return true;
    default:
      return false;
  }
}

QString ProjectFiles::folder() const {
  if (!document_.file_path().isEmpty()) {
    return QFileInfo(document_.file_path()).absolutePath();
  }
  const QStringList known = recent();
  return known.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation)
                         : QFileInfo(known.front()).absolutePath();
}

QStringList ProjectFiles::recent() {
  QStringList existing;
  for (const QString& path : UserSettings().value(recent_key()).toStringList()) {
    if (QFileInfo::exists(path)) {
      existing += path;
    }
  }
  return existing;
}

void ProjectFiles::clear_recent() {
  UserSettings().remove(recent_key());
  emit recent_changed();
}

bool ProjectFiles::save_to(const QString& path) {
  const auto saved = document_.save(path);
  if (!saved) {
    show_failure(window_, tr("The project can't be saved"), path, QString::fromStdString(saved.error().message));
    return false;
  }
  remember(path);
  emit message(tr("Saved %1").arg(QDir::toNativeSeparators(path)));
  return true;
}

void ProjectFiles::remember(const QString& path) {
  UserSettings settings;
  const QString whole = QFileInfo(path).absoluteFilePath();
  QStringList paths = settings.value(recent_key()).toStringList();
  paths.removeAll(whole);
  paths.prepend(whole);
  settings.setValue(recent_key(), paths.mid(0, most_recent));
  emit recent_changed();
}

}  // namespace netwright
