#pragma once
// Pictures drawn by whole device pixels: few are enlarged without blur, and only what is too large is brought down,
// smoothly.

#include <QImage>
#include <QRectF>
#include <optional>
#include <vector>

#include "designer/training/sample_content.h"

class QPainter;

namespace netwright {

/// The size in which a picture of `pixels` fits `room`: a whole number of device pixels for each of its own, or less
/// than one where not even that fits. `ratio`: device pixels for each logical one.
QSizeF fitting_size(QSize pixels, QSizeF room, double ratio);

/// `source` of the image into `target`, whose size comes from fitting_size().
void draw_picture(QPainter& painter, const QRectF& target, const QImage& image, const QRect& source);

/// Where the pictures of a grid are. Columns may go on below in further bands where that makes the pictures larger.
class PictureSheet {
 public:
  struct Cell {
    int row = 0;
    int column = 0;
    bool operator==(const Cell&) const = default;
  };
  struct Gaps {
    double between = 2;
    double bands = 14;
    bool may_fold = false;
  };

  PictureSheet() = default;
  /// In the middle of `area`.
  PictureSheet(const PictureGrid& grid, const QRectF& area, double ratio, const Gaps& gaps);

  QRectF place(Cell cell) const;
  std::optional<Cell> cell_at(QPointF position) const;
  QRectF bounds() const { return bounds_; }
  int bands() const { return bands_; }
  int columns_of_a_band() const { return band_columns_; }
  void paint(QPainter& painter, const PictureGrid& grid) const;

 private:
  int rows_ = 0;
  int columns_ = 0;
  int bands_ = 1;
  int band_columns_ = 0;
  Gaps gaps_;
  QSizeF cell_;
  QRectF bounds_;
};

}  // namespace netwright
