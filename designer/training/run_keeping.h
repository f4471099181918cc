#pragma once
// The book-keeping of runs: titles, notes, deletion, and metrics as files. Lists and tables ask here and follow.

#include <QObject>
#include <QString>
#include <QStringList>
#include <functional>

#include "backend/run/run_notes.h"

class QMenu;

namespace netwright {

/// What is left of a run's notes when it can't be read is nothing.
RunNotes notes_of_run(const QString& folder);

class RunKeeping : public QObject {
  Q_OBJECT

 public:
  /// `window`: over which dialogs stand.
  explicit RunKeeping(QWidget* window);

  /// The run that the designer trains now, which isn't deleted; empty: none.
  void set_under_way(const QString& folder) { under_way_ = folder; }
  /// How a folder is brought to the desktop's trash; false where that can't be.
  void set_trash(std::function<bool(const QString&)> trash) { trash_ = std::move(trash); }

  /// An empty title: the run is called by its name again.
  void set_title(const QString& folder, const QString& title);
  void set_note(const QString& folder, const QString& note);
  /// In a dialog, of any number of lines.
  void ask_for_note(const QString& folder, const QString& title);
  /// To the trash; where there is none, for good, after a question.
  void remove(const QStringList& folders);
  void ask_to_save_metrics(const QString& folder, const QString& title);
  /// Asks for a CSV file, at first beside the project that the run `folder` is of, and writes it; says what failed.
  void ask_to_save(const QString& what, const QString& name, const QString& folder,
                   const std::function<Result<std::string>()>& content);

  /// What can be done with runs; `rename` begins to edit the title in place.
  void add_actions(QMenu& menu, const QStringList& folders, const QString& title, const std::function<void()>& rename);

 signals:
  void notes_changed(const QString& folder);
  void removed(const QStringList& folders);
  /// The user wants a new run to go on from this one.
  void fork_requested(const QString& folder, const QString& title);
  void message(const QString& text);

 private:
  void change(const QString& folder, const std::function<void(RunNotes&)>& change);
  bool remove_for_good(const QStringList& folders);

  QWidget* window_;
  QString under_way_;
  std::function<bool(const QString&)> trash_;
};

}  // namespace netwright
