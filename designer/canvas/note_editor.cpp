#include "designer/canvas/note_editor.h"

#include <QKeyEvent>
#include <algorithm>
#include <utility>

#include "designer/theme/theme.h"

namespace netwright {

NoteEditor::NoteEditor(QWidget* parent) : QPlainTextEdit(parent) {
  setObjectName(QStringLiteral("canvas.note_editor"));
  setAccessibleName(tr("Note"));
  setPlaceholderText(tr("A heading\nWhat this part is for"));
  setTabChangesFocus(true);
  hide();
}

void NoteEditor::open(std::size_t note, const QString& text, const QRect& place, double zoom) {
  close_keeping();
  note_ = note;
  is_open_ = true;
  QFont font = Theme::instance().body();
  font.setPixelSize(std::clamp(static_cast<int>(12 * zoom), 11, 24));
  setFont(font);
  setPlainText(text);
  const QSize least(240, 6 * fontMetrics().lineSpacing());
  setGeometry(QRect(place.topLeft(), place.size().expandedTo(least)));
  show();
  raise();
  setFocus();
  moveCursor(QTextCursor::End);
}

void NoteEditor::close_keeping() {
  finish(true);
}

void NoteEditor::finish(bool keeps) {
  if (!std::exchange(is_open_, false)) return;
  hide();
  if (keeps) emit kept(note_, toPlainText());
}

void NoteEditor::keyPressEvent(QKeyEvent* event) {
  const bool is_return = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (event->key() == Qt::Key_Escape) {
    finish(false);
    parentWidget()->setFocus();
  } else if (is_return && event->modifiers() & Qt::ControlModifier) {
    finish(true);
    parentWidget()->setFocus();
  } else {
    QPlainTextEdit::keyPressEvent(event);
  }
}

void NoteEditor::focusOutEvent(QFocusEvent* event) {
  QPlainTextEdit::focusOutEvent(event);
  // A menu of its own takes the focus for a moment only.
  if (event->reason() != Qt::PopupFocusReason && event->reason() != Qt::ActiveWindowFocusReason) finish(true);
}

}  // namespace netwright
