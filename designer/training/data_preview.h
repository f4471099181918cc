#pragma once
// A look at the data that the project learns from, read in the background while it is visible.

#include <QTimer>
#include <QWidget>

#include "designer/document/document.h"
#include "designer/training/background.h"
#include "designer/training/data_sample.h"

namespace netwright {

class DataPreview : public QWidget {
  Q_OBJECT

 public:
  explicit DataPreview(Document& document, QWidget* parent = nullptr);

  /// What is shown now.
  const DataSample& sample() const { return sample_; }
  bool is_loading() const { return is_loading_; }
  QSize sizeHint() const override { return {360, 300}; }

 signals:
  void loaded();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void follow_document();
  void load();
  double paint_head(QPainter& painter, const QRectF& place) const;
  double paint_balance(QPainter& painter, const QRectF& place) const;
  void paint_images(QPainter& painter, const QRectF& place) const;
  void paint_points(QPainter& painter, const QRectF& place) const;

  Document& document_;
  DataSource wanted_;
  DataSource shown_;
  DataSample sample_;
  bool is_loading_ = false;
  QTimer settle_;
  Background loading_;
};

}  // namespace netwright
