#pragma once
// The open project. Document owns the Project, the undo stack and the Report; it is the only mutator: everything
// else asks it to edit and listens. Canvas items and panels hold ids and the document, never the truth.

#include <QObject>
#include <QString>
#include <QUndoStack>

#include "backend/analysis/live_analysis.h"
#include "backend/graph/edit.h"
#include "designer/document/data_watch.h"

namespace netwright {

/// A key for Document::edit that no step had before: edits of different layers or fields are never one gesture.
QString new_merge_key();

class Document : public QObject {
  Q_OBJECT

 public:
  explicit Document(QObject* parent = nullptr);

  const Project& project() const { return project_; }
  const Report& report() const { return analysis_.report(); }
  /// What the project's data give, where that is known.
  const std::optional<DataDescription>& data() const { return analysis_.data(); }
  /// A large file is being looked through: `data_described` comes.
  bool is_reading_data() const { return data_watch_.is_reading(); }
  QUndoStack& undo_stack() { return undo_stack_; }

  /// Empty until the project was saved or opened.
  const QString& file_path() const { return file_path_; }
  /// What the window's title shows: the file's name, or the project's.
  QString display_name() const;
  bool is_modified() const { return !undo_stack_.isClean(); }

  /// Replaces the project (New, a template); not undoable.
  void reset(Project project);
  Result<void> open(const QString& path);
  Result<void> save(const QString& path);

  /// One undo step of all the edits, or none at all where one doesn't fit (then says why).
  /// Steps in a row with the same non-empty `merge_key` become one; a step that ends where it began vanishes.
  Result<void> edit(const QString& text, const std::vector<Edit>& edits, const QString& merge_key = {});

 signals:
  /// After each single edit, undo and redo included (they come as inverse edits): the typed event that views follow.
  void edited(const netwright::Edit& edit);
  /// After a whole step, when the report is new.
  void analysed();
  /// What the project's data give is known anew, with the step that chose them or, for a large file, later.
  void data_described();
  /// The whole project was replaced: rebuild.
  void replaced();
  /// The path, name or modified state changed.
  void title_changed();

 private:
  friend class EditCommand;
  /// Applies the edits one by one, telling of each; takes back those already applied where one doesn't fit.
  Result<std::vector<Edit>> apply_each(const std::vector<Edit>& edits);
  void apply_step(const std::vector<Edit>& edits);
  void tell_analysed(const std::vector<Edit>& edits);
  void replace(Project project, const QString& path);

  Project project_;
  DataWatch data_watch_;
  LiveAnalysis analysis_;
  QUndoStack undo_stack_;
  QString file_path_;
};

}  // namespace netwright
