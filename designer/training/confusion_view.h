#pragma once
// The confusion matrix of the test split: rows are true classes, columns predicted ones, tinted by their share of the
// row; recall at the right, precision below.

#include <QStringList>
#include <QWidget>
#include <vector>

#include "backend/run/event.h"

namespace netwright {

class ConfusionView : public QWidget {
  Q_OBJECT

 public:
  explicit ConfusionView(QWidget* parent = nullptr);

  /// Classes without a name are numbered.
  void show_matrix(const std::vector<std::string>& classes, const ConfusionEvent& matrix);
  void clear();
  /// Whether a click on a cell leads to its samples.
  void set_has_samples(bool has_samples);
  /// The cell in words; empty outside.
  QString words_at(QPoint position) const;
  /// For tests: where the cell of a row and a column is.
  QRectF cell(std::size_t row, std::size_t column) const;

  QSize sizeHint() const override;

 signals:
  /// A click on a cell that has samples.
  void cell_chosen(std::size_t row, std::size_t column);

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;

 private:
  bool can_open(int row, int column) const;
  struct Geometry {
    double label_width;
    double head_height;
    double margin_width;
    double row_height;
    double column_width;
    bool is_head_upright;  ///< names of columns stand on end
  };
  /// Measured once for a size and a matrix: it looks at every name.
  const Geometry& geometry() const;
  /// As large as the largest count allows.
  QFont cell_font(const Geometry& g) const;
  void paint_cells(QPainter& painter, const Geometry& g) const;
  /// Cells too small for figures, as the pixels of one image.
  void paint_tints(QPainter& painter) const;
  QColor tint(std::size_t row, std::size_t column) const;
  void paint_heads(QPainter& painter, const Geometry& g) const;

  QStringList classes_;
  std::vector<std::vector<std::int64_t>> counts_;
  std::vector<std::int64_t> row_sums_;
  std::vector<std::int64_t> column_sums_;
  mutable Geometry geometry_{};
  mutable QSize measured_size_;
  int epoch_ = 0;
  bool has_samples_ = false;
  int hover_row_ = -1;
  int hover_column_ = -1;
};

}  // namespace netwright
