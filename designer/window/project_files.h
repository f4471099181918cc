#pragma once
// New, open and save as a user meets them: asks before losing work, says in words what failed, remembers recent files.

#include <QObject>
#include <QStringList>

#include "designer/document/document.h"

class QWidget;

namespace netwright {

class ProjectFiles : public QObject {
  Q_OBJECT

 public:
  /// Dialogs belong to `window`.
  ProjectFiles(Document& document, QWidget* window);

  /// False where the user kept what there is, or it failed (which was then said).
  bool new_project();
  bool new_from_template(const QString& name);
  bool open();
  bool open_file(const QString& path);
  bool save();
  bool save_as();
  /// True where nothing would be lost, or the user saved or gave it up.
  bool may_discard();

  /// Where a file dialog starts.
  QString folder() const;
  /// Newest first, those that still exist.
  static QStringList recent();
  void clear_recent();

 signals:
  void recent_changed();
  void message(const QString& text);

 private:
  bool save_to(const QString& path);
  void remember(const QString& path);

  Document& document_;
  QWidget* window_;
};

}  // namespace netwright
