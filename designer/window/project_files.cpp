#include "designer/window/project_files.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QStandardPaths>

#include "backend/graph/templates.h"
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

QString start_folder(const Document& document) {
  if (!document.file_path().isEmpty()) {
    return QFileInfo(document.file_path()).absolutePath();
  }
  const QStringList recent = ProjectFiles::recent();
  return recent.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation)
                          : QFileInfo(recent.front()).absolutePath();
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
    say_failed(tr("The template can't be opened"), name, project.error().message);
    return false;
  }
  document_.reset(*std::move(project));
  return true;
}

bool ProjectFiles::open() {
  QFileDialog dialog(window_, tr("Open a project"), start_folder(document_), filter());
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
    say_failed(tr("The project can't be opened"), path, opened.error().message);
    return false;
  }
  remember(path);
  return true;
}

bool ProjectFiles::save() {
  return document_.file_path().isEmpty() ? save_as() : save_to(document_.file_path());
}

bool ProjectFiles::save_as() {
  QFileDialog dialog(window_, tr("Save the project"), start_folder(document_), filter());
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
    say_failed(tr("The project can't be saved"), path, saved.error().message);
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

void ProjectFiles::say_failed(const QString& title, const QString& path, const std::string& why) {
  QMessageBox box(QMessageBox::Critical, title,
                  tr("%1: %2").arg(title, QDir::toNativeSeparators(QFileInfo(path).fileName())), QMessageBox::Ok,
                  window_);
  box.setObjectName(QStringLiteral("failure"));
  box.setTextFormat(Qt::PlainText);
  box.setInformativeText(QString::fromStdString(why));
  box.exec();
}

}  // namespace netwright
