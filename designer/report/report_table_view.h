#pragma once

#include <QWidget>

#include "backend/report/report_content.h"

namespace netwright {

/// A table of a report: as wide as there is room, as high as its rows. What doesn't fit its column is elided, and shown
/// whole beside the pointer; Ctrl+C copies all, by tabs.
class ReportTableView : public QWidget {
  Q_OBJECT

 public:
  explicit ReportTableView(ReportTable table, QWidget* parent = nullptr);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;
  /// Lines, cells parted by tabs.
  QString as_text() const;

 protected:
  void paintEvent(QPaintEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;

 private:
  /// Left edges of the columns and the right edge of the last.
  std::vector<double> edges() const;
  double wanted_width(std::size_t column) const;
  int row_height() const;
  bool has_titles() const;

  ReportTable table_;
};

}  // namespace netwright
