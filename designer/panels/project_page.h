#pragma once
// The inspector's page when nothing is selected: the network's totals are beside it, so this is the project's name and
// note and the data it learns from.

#include <QWidget>

#include "designer/document/document.h"

class QLineEdit;
class QPlainTextEdit;
class QTimer;

namespace netwright {

class ProjectPage : public QWidget {
  Q_OBJECT

 public:
  explicit ProjectPage(Document& document, QWidget* parent = nullptr);

  void show_project();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  Document& document_;
  QLineEdit* name_;
  QPlainTextEdit* note_;
  QTimer* rest_;
  QString gesture_;
};

}  // namespace netwright
