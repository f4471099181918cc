#pragma once

#include <QPlainTextEdit>

namespace netwright {

/// Edits a note where it stands. Ctrl+Return or a click elsewhere keeps the text, Escape drops it.
class NoteEditor : public QPlainTextEdit {
  Q_OBJECT

 public:
  explicit NoteEditor(QWidget* parent);
  /// `place`: in the parent; `zoom`: pixels per canvas unit.
  void open(std::size_t note, const QString& text, const QRect& place, double zoom);
  /// Keeps what is being edited, if anything is.
  void close_keeping();

 signals:
  void kept(std::size_t note, const QString& text);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  void finish(bool keeps);

  std::size_t note_ = 0;
  bool is_open_ = false;
};

}  // namespace netwright
