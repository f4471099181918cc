#include "designer/training/run_keeping.h"

#include <QAbstractButton>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QInputDialog>
#include <QMenu>
#include <QMessageBox>
#include <QStandardPaths>

#include "backend/core/safe_file.h"
#include "backend/run/metrics_csv.h"
#include "designer/document/file_path.h"

namespace netwright {
namespace {

/// In a home without a place for data there is no trash, and Qt would make one of its own beside the runs.
bool put_into_trash(const QString& folder) {
  QDir().mkpath(QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation));
  return QFile::moveToTrash(folder);
}

}  // namespace

RunNotes notes_of_run(const QString& folder) {
  const Result<RunFolder> run = RunFolder::open(path_of(folder));
  if (!run) return {};
  const Result<RunNotes> notes = read_notes(*run);
  return notes ? *notes : RunNotes{};
}

RunKeeping::RunKeeping(QWidget* window) : QObject(window), window_(window), trash_(put_into_trash) {}

void RunKeeping::change(const QString& folder, const std::function<void(RunNotes&)>& change) {
  const Result<RunFolder> run = RunFolder::open(path_of(folder));
  if (!run) {
    emit message(QString::fromStdString(run.error().message));
    return;
  }
  Result<RunNotes> notes = read_notes(*run);
  if (notes) {
    change(*notes);
    if (const Result<void> written = write_notes(*run, *notes); !written) notes = written.error();
  }
  if (!notes) emit message(QString::fromStdString(notes.error().message));
  emit notes_changed(folder);
}

void RunKeeping::set_title(const QString& folder, const QString& title) {
  change(folder, [&](RunNotes& notes) { notes.title = title.toStdString(); });
}

void RunKeeping::set_note(const QString& folder, const QString& note) {
  change(folder, [&](RunNotes& notes) { notes.note = note.toStdString(); });
}

void RunKeeping::ask_for_note(const QString& folder, const QString& title) {
  auto* dialog = new QInputDialog(window_);
  dialog->setObjectName(QStringLiteral("runs.note"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Note"));
  dialog->setLabelText(tr("Note on the run “%1”:").arg(title));
  dialog->setOption(QInputDialog::UsePlainTextEditForTextInput);
  dialog->setTextValue(QString::fromStdString(notes_of_run(folder).note));
  connect(dialog, &QInputDialog::textValueSelected, this,
          [this, folder](const QString& note) { set_note(folder, note); });
  dialog->open();
}

void RunKeeping::remove(const QStringList& folders) {
  QStringList gone;
  QStringList left;
  bool is_busy = false;
  for (const QString& folder : folders) {
    const Result<RunFolder> run = RunFolder::open(path_of(folder));
    if (!run) continue;
    if (folder == under_way_ || is_under_way(*run)) {
      is_busy = true;
    } else {
      (trash_(folder) ? gone : left) += folder;
    }
  }
  QString words;
  if (!gone.isEmpty()) {
    words = gone.size() == 1 ? tr("The run was moved to the trash.")
                             : tr("%1 runs were moved to the trash.").arg(gone.size());
  }
  if (!left.isEmpty() && remove_for_good(left)) {
    gone += left;
    words = gone.size() == 1 ? tr("The run was deleted.") : tr("%1 runs were deleted.").arg(gone.size());
  }
  if (is_busy)
    words +=
        (words.isEmpty() ? QString() : QStringLiteral(" ")) + tr("A run under way can't be deleted: stop it first.");
  if (!words.isEmpty()) emit message(words);
  if (!gone.isEmpty()) emit removed(gone);
}

/// False where nothing was; what can't be deleted is said.
bool RunKeeping::remove_for_good(const QStringList& folders) {
  QMessageBox box(
      QMessageBox::Warning, tr("Delete"),
      folders.size() == 1 ? tr("Delete the run for good?") : tr("Delete %1 runs for good?").arg(folders.size()),
      QMessageBox::Cancel, window_);
  box.setObjectName(QStringLiteral("runs.delete"));
  box.setInformativeText(tr("There is no trash where they lie. Weights, curves and samples would be gone.\n%1")
                             .arg(QDir::toNativeSeparators(folders.join(QLatin1Char('\n')))));
  const QAbstractButton* yes = box.addButton(tr("Delete"), QMessageBox::DestructiveRole);
  box.setDefaultButton(QMessageBox::Cancel);
  box.exec();
  if (box.clickedButton() != yes) return false;
  bool is_any_gone = false;
  for (const QString& folder : folders) {
    const Result<RunFolder> run = RunFolder::open(path_of(folder));
    if (!run) continue;
    const Result<void> deleted = delete_run(*run);
    if (deleted) {
      is_any_gone = true;
    } else {
      emit message(QString::fromStdString(deleted.error().message));
    }
  }
  return is_any_gone;
}

void RunKeeping::ask_to_save(const QString& what, const QString& name, const QString& folder,
                             const std::function<Result<std::string>()>& content) {
  const QString project_folder = QDir::cleanPath(folder + QStringLiteral("/../.."));
  QFileDialog dialog(window_, tr("Save: %1").arg(what), folder.isEmpty() ? QString() : project_folder,
                     QStringLiteral("%1 (*.csv)").arg(what));
  dialog.setObjectName(QStringLiteral("runs.save"));
  dialog.setAcceptMode(QFileDialog::AcceptSave);
  dialog.setDefaultSuffix(QStringLiteral("csv"));
  dialog.selectFile(QString::fromStdString(file_name_of(name.toStdString())) + QStringLiteral(".csv"));
  if (dialog.exec() != QDialog::Accepted) return;
  const QString path = dialog.selectedFiles().value(0);
  const Result<std::string> text = content();
  const Result<void> written = text ? write_file(path_of(path), *text) : Result<void>(text.error());
  if (written) {
    emit message(tr("Saved %1").arg(QDir::toNativeSeparators(path)));
  } else {
    emit message(tr("%1 can't be saved: %2").arg(what, QString::fromStdString(written.error().message)));
  }
}

void RunKeeping::ask_to_save_metrics(const QString& folder, const QString& title) {
  ask_to_save(tr("Metrics as CSV"), title + tr(" metrics"), folder, [folder]() -> Result<std::string> {
    const Result<RunFolder> run = RunFolder::open(path_of(folder));
    if (!run) return run.error();
    const auto events = run->events();
    if (!events) return events.error();
    return metrics_csv(*events);
  });
}

void RunKeeping::add_actions(QMenu& menu, const QStringList& folders, const QString& title,
                             const std::function<void()>& rename) {
  if (folders.size() == 1) {
    const QString& folder = folders.first();
    menu.addAction(tr("Fork…"), this, [this, folder, title] { emit fork_requested(folder, title); });
    menu.addAction(tr("Rename"), QKeySequence(Qt::Key_F2), this, rename);
    menu.addAction(tr("Note…"), this, [this, folder, title] { ask_for_note(folder, title); });
    menu.addAction(tr("Save metrics as CSV…"), this, [this, folder, title] { ask_to_save_metrics(folder, title); });
    menu.addSeparator();
  }
  QAction* remove_action = menu.addAction(folders.size() == 1 ? tr("Delete") : tr("Delete %1 runs").arg(folders.size()),
                                          QKeySequence(Qt::Key_Delete), this, [this, folders] { remove(folders); });
  remove_action->setEnabled(folders != QStringList(under_way_));
}

}  // namespace netwright
