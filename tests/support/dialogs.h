#pragma once
// What a person does with dialogs that stop the window.

#include <QApplication>
#include <QFileDialog>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QTest>
#include <QTimer>

#include <functional>

namespace netwright {

/// Does `act` with the next modal dialog, and notes that it came.
inline void on_dialog(bool& came, const std::function<void(QWidget*)>& act) {
  came = false;
  auto* timer = new QTimer(qApp);
  QObject::connect(timer, &QTimer::timeout, timer, [timer, act, &came] {
    if (QWidget* dialog = QApplication::activeModalWidget()) {
      timer->stop();
      timer->deleteLater();
      came = true;
      act(dialog);
    }
  });
  timer->start(20);
}

inline QMessageBox* message_box(QWidget* dialog) {
  auto* box = qobject_cast<QMessageBox*>(dialog);
  if (box == nullptr) qFatal("not a message box");
  return box;
}

inline void press(QWidget* dialog, QMessageBox::StandardButton button) {
  QTest::mouseClick(message_box(dialog)->button(button), Qt::LeftButton);
}

inline void choose_file(QWidget* dialog, const QString& path) {
  auto* files = qobject_cast<QFileDialog*>(dialog);
  if (files == nullptr) qFatal("not a file dialog");
  // The dialog reads its folder in the background and then selects the suggested file: type after that, as a person
  // does.
  QTest::qWait(400);
  files->findChild<QLineEdit*>()->setText(path);
  QTest::keyClick(files->findChild<QLineEdit*>(), Qt::Key_Return);
}

}  // namespace netwright
