#pragma once
// The weights that came into the open project by an import: beside its file, where the engine finds them; for a project
// never saved, in the program's own data folder until it gets a file.

#include <QObject>
#include <QString>

#include "backend/core/result.h"
#include "designer/document/document.h"

class QWidget;

namespace netwright {

class ProjectWeights : public QObject {
  Q_OBJECT

 public:
  /// Dialogs belong to `window`.
  ProjectWeights(Document& document, QWidget* window);
  ~ProjectWeights() override;

  /// A safetensors file; empty where there are none.
  QString file() const;
  /// `classifier.safetensors` for `classifier.netwright`.
  static QString beside(const QString& project_file);
  /// A new file's name, to be written and then given to adopt().
  static QString new_file();
  /// Moves `written` to its place; asks before it replaces weights that are there. False where the user kept those.
  Result<bool> adopt(const QString& written);

 signals:
  void message(const QString& text);

 private:
  void follow_file();
  void forget();
  bool may_replace(const QString& target) const;

  Document& document_;
  QWidget* window_;
  QString project_file_;
  QString unplaced_;  ///< of a project without a file
};

}  // namespace netwright
