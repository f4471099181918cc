#pragma once
// What a person does at the main window, by mouse and keyboard.

#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

#include "designer/canvas/network_scene.h"
#include "designer/canvas/network_view.h"
#include "designer/main_window.h"
#include "designer/training/training_panel.h"

namespace netwright {

class Person {
 public:
  explicit Person(MainWindow& window) : window_(window) {}

  /// Looked for in the whole window; ends the test where it isn't there.
  template <class T>
  T* find(const QString& name) {
    T* found = window_.findChild<T*>(name);
    if (!found) qFatal("no %s", qPrintable(name));
    return found;
  }

  void click(QWidget* widget) { QTest::mouseClick(widget, Qt::LeftButton); }

  /// As a person adds a layer: its name into the palette's search, then Enter.
  void add(const QString& type) {
    auto* search = find<QLineEdit>("palette.search");
    click(search);
    search->selectAll();
    QTest::keyClicks(search, type);
    QTest::keyClick(search, Qt::Key_Return);
  }

  /// Replaces what stands in a field.
  void type(QWidget* field, const QString& text) {
    if (!field) qFatal("no field for %s", qPrintable(text));
    click(field);
    if (auto* spin = qobject_cast<QAbstractSpinBox*>(field)) spin->selectAll();
    if (auto* line = qobject_cast<QLineEdit*>(field)) line->selectAll();
    QTest::keyClicks(field, text);
    QTest::keyClick(field, Qt::Key_Return);
  }
  /// A setting of the selected layer (`out_features`), in its first or only field.
  void set(const QString& setting, const QString& text) { type_in("inspector.form", setting, text); }
  void type_in(const QString& form, const QString& setting, const QString& text) {
    auto* field = find<QWidget>(form)->findChild<QWidget*>("setting." + setting + ".0");
    if (auto* combo = qobject_cast<QComboBox*>(field)) {
      choose(combo, text);
    } else {
      type(field, text);
    }
  }

  /// Opens the list and clicks the entry.
  void choose(QComboBox* combo, const QString& text) {
    const int row = combo->findText(text);
    if (row < 0) qFatal("no entry %s in %s", qPrintable(text), qPrintable(combo->objectName()));
    if (row == combo->currentIndex()) return;
    combo->showPopup();
    QAbstractItemView* list = combo->view();
    const QModelIndex index = combo->model()->index(row, 0);
    list->scrollTo(index);
    QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualRect(index).center());
    QTest::mouseRelease(list->viewport(), Qt::LeftButton, {}, list->visualRect(index).center());
    combo->hidePopup();
  }

  /// Clicks the first fix in Problems whose words contain `words`; false where there is none.
  bool mend(const QString& words) {
    QTest::mouseClick(find<QWidget>("status.problems"), Qt::LeftButton);
    QApplication::processEvents();
    for (QPushButton* fix : window_.findChildren<QPushButton*>()) {
      if (!fix->objectName().startsWith("fix.") || !fix->isVisible() || !fix->text().contains(words)) continue;
      click(fix);
      QApplication::processEvents();
      return true;
    }
    return false;
  }

  /// Nothing selected: the inspector shows the project.
  void select_nothing() {
    NetworkView& view = *window_.view();
    view.fit();
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, QPoint(5, view.viewport()->height() / 2));
  }

 private:
  MainWindow& window_;
};

}  // namespace netwright
