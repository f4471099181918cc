#pragma once
// Names and figures in two columns; the figures can be selected and copied.

#include <QWidget>

#include <vector>

class QGridLayout;
class QLabel;

namespace netwright {

struct Figure {
  QString name;
  QString value;
  QString exact;         ///< tooltip: the whole number behind a rounded one
  bool is_part = false;  ///< set in and smaller: a part of the figure above
};

class FigureGrid : public QWidget {
  Q_OBJECT

 public:
  explicit FigureGrid(QWidget* parent = nullptr);

  /// Labels are reused: only what differs is set anew. The value's label has the object name `figure.<name>`.
  void show_figures(const std::vector<Figure>& figures);

 private:
  struct Row {
    QLabel* name;
    QLabel* value;
  };
  QGridLayout* grid_;
  std::vector<Row> rows_;
};

}  // namespace netwright
