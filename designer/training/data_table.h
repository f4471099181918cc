#pragma once
// The first rows of a table: targets first, then the features, each under its range and histogram.

#include "designer/training/preview_part.h"

class QScrollArea;

namespace netwright {

/// The table itself, as wide as its columns.
class DataRows : public QWidget {
  Q_OBJECT

 public:
  explicit DataRows(QWidget* parent = nullptr);

  void show_columns(const DataSample& sample);
  QSize sizeHint() const override;
  QRectF column_place(std::size_t index) const;

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void paint_head(QPainter& painter, std::size_t index) const;
  double width_of(const SampleColumn& column) const;

  std::vector<SampleColumn> columns_;
  std::vector<double> lefts_;  ///< of the columns, and the right edge of the last
  int hidden_ = 0;
};

class DataTable : public PreviewPart {
  Q_OBJECT

 public:
  explicit DataTable(QWidget* parent = nullptr);

  int heightForWidth(int width) const override;
  DataRows* rows() const { return rows_; }

 protected:
  void refresh() override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  DataRows* rows_;
  QScrollArea* scroll_;
};

}  // namespace netwright
