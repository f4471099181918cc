#pragma once
// The window: palette, canvas tabs, inspector and summary, problems and training around one Document.

#include <QMainWindow>

#include "designer/document/document.h"

namespace netwright {

class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(QWidget* parent = nullptr);
  ~MainWindow() override;

  Document& document();
};

}  // namespace netwright
