#pragma once
// Pictures in columns, one for each sample, whose rows are what was given, what was wanted and what came: of
// reconstructions and masks.

#include "designer/training/picture_painting.h"
#include "designer/training/sample_view.h"

namespace netwright {

class PictureRowsView : public SampleView {
  Q_OBJECT

 public:
  /// `two` and `three`: the rows' captions where there are so many.
  PictureRowsView(QStringList two, QStringList three, QWidget* parent = nullptr);

  void show_content(std::shared_ptr<const SampleContent> content, const SampleMoment& moment) override;
  /// Of the rows as shown.
  QStringList captions() const;
  QRectF place(int row, int column) const { return sheet().place({row, column}); }
  QSize sizeHint() const override { return {460, 260}; }

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  const PictureGrid* grid() const;
  PictureSheet sheet() const;
  double caption_width() const;

  QStringList two_;
  QStringList three_;
  std::shared_ptr<const SampleContent> content_;
};

}  // namespace netwright
