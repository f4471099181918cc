#pragma once
// The inspector's page when nothing is selected: the network's totals are beside it, so this is the project's name and
// note and the data it learns from.

#include <QWidget>

#include "designer/document/document.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QTimer;

namespace netwright {

class FigureGrid;
class SettingsForm;

class ProjectPage : public QWidget {
  Q_OBJECT

 public:
  explicit ProjectPage(Document& document, QWidget* parent = nullptr);

  void show_project();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void show_data();
  void choose_source(int index);
  void change_data(const DataSource& chosen, const QString& gesture);

  Document& document_;
  QLineEdit* name_;
  QPlainTextEdit* note_;
  QComboBox* source_;
  QLabel* source_words_;
  SettingsForm* form_;
  FigureGrid* figures_;
  QTimer* rest_;
  QString gesture_;
};

}  // namespace netwright
