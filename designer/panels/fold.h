#pragma once
// A heading that opens and closes what is beneath it.

#include <QWidget>

class QLabel;
class QToolButton;

namespace netwright {

class Fold : public QWidget {
  Q_OBJECT

 public:
  /// Closed at first. The heading's button has the object name of the fold and `.head`.
  Fold(const QString& title, QWidget* content, QWidget* parent = nullptr);

  void set_open(bool is_open);
  bool is_open() const;
  /// Beside the title: what is to know of the content while it is closed.
  void set_note(const QString& note);
  QString note() const;

 private:
  void restyle();

  QToolButton* head_;
  QLabel* note_;
  QWidget* content_;
};

}  // namespace netwright
