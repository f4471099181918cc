#pragma once
// One diagnostic as a row: what is wrong, where, what was expected, and buttons that mend it.

#include <QFrame>
#include <QStringList>

#include "backend/analysis/diagnostic.h"
#include "backend/graph/project.h"

namespace netwright {

/// All that a row shows.
struct ProblemText {
  Severity severity = Severity::Error;
  QString place;  ///< `conv1`, or `generator / conv1`
  QString message;
  QString details;  ///< `expected 3 dimensions, found 784`; may be empty
  QStringList fixes;
  bool operator==(const ProblemText&) const = default;
};

ProblemText text_of(const Project& project, const Diagnostic& diagnostic, bool name_network);

class ProblemRow : public QFrame {
  Q_OBJECT

 public:
  ProblemRow(const ProblemText& text, QWidget* parent);

 signals:
  void clicked();
  /// Counted as in the text.
  void fix_clicked(int fix);

 protected:
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void enterEvent(QEnterEvent* event) override;
  void leaveEvent(QEvent* event) override;
};

}  // namespace netwright
