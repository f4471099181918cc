#include "designer/training/picture_painting.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace netwright {

QSizeF fitting_size(QSize pixels, QSizeF room, double ratio) {
  if (pixels.isEmpty() || room.width() <= 0 || room.height() <= 0) return {0, 0};
  const double most = std::min(room.width() * ratio / pixels.width(), room.height() * ratio / pixels.height());
  const double scale = most >= 1 ? std::floor(most + 1e-9) : most;
  return QSizeF(pixels) * scale / ratio;
}

void draw_picture(QPainter& painter, const QRectF& target, const QImage& image, const QRect& source) {
  const double ratio = painter.device()->devicePixelRatioF();
  const QSize device = (target.size() * ratio).toSize();
  if (device.width() >= source.width()) {
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter.drawImage(target, image, source);
    return;
  }
  // A painter's own smoothing looks at four pixels, too few where many become one.
  QImage small = image.copy(source).scaled(device, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
  small.setDevicePixelRatio(ratio);
  painter.drawImage(target.topLeft(), small);
}

PictureSheet::PictureSheet(const PictureGrid& grid, const QRectF& area, double ratio, const Gaps& gaps)
    : rows_(grid.rows), columns_(grid.columns), gaps_(gaps) {
  for (int bands = 1; bands <= (gaps.may_fold ? std::max(1, columns_) : 1); ++bands) {
    const int band_columns = (columns_ + bands - 1) / bands;
    if (bands > 1 && (columns_ + band_columns - 1) / band_columns != bands) continue;  // the last would be empty
    const double between_columns = gaps.between * (band_columns - 1);
    const double between_rows = gaps.between * (rows_ - 1) * bands + gaps.bands * (bands - 1);
    const QSizeF room((area.width() - between_columns) / band_columns,
                      (area.height() - between_rows) / (rows_ * bands));
    const QSizeF cell = fitting_size(grid.cell(), room, ratio);
    if (cell.width() <= cell_.width() + 1e-9 && bands > 1) continue;
    cell_ = cell;
    bands_ = bands;
    band_columns_ = band_columns;
  }
  const QSizeF size(cell_.width() * band_columns_ + gaps.between * (band_columns_ - 1),
                    (cell_.height() * rows_ + gaps.between * (rows_ - 1)) * bands_ + gaps.bands * (bands_ - 1));
  const auto whole = [ratio](double at) { return std::floor(at * ratio) / ratio; };
  bounds_ = QRectF(QPointF(whole(area.left() + std::max(0.0, area.width() - size.width()) / 2),
                           whole(area.top() + std::max(0.0, area.height() - size.height()) / 2)),
                   size);
}

QRectF PictureSheet::place(Cell cell) const {
  const int band = cell.column / std::max(1, band_columns_);
  const int column = cell.column % std::max(1, band_columns_);
  const double band_height = (cell_.height() + gaps_.between) * rows_ - gaps_.between + gaps_.bands;
  return {bounds_.topLeft() + QPointF((cell_.width() + gaps_.between) * column,
                                      band_height * band + (cell_.height() + gaps_.between) * cell.row),
          cell_};
}

std::optional<PictureSheet::Cell> PictureSheet::cell_at(QPointF position) const {
  for (int row = 0; row < rows_; ++row) {
    for (int column = 0; column < columns_; ++column) {
      if (place({row, column}).contains(position)) return Cell{row, column};
    }
  }
  return {};
}

void PictureSheet::paint(QPainter& painter, const PictureGrid& grid) const {
  if (cell_.isEmpty()) return;
  for (int row = 0; row < rows_; ++row) {
    for (int column = 0; column < columns_; ++column) {
      draw_picture(painter, place({row, column}), grid.image, grid.source(row, column));
    }
  }
}

}  // namespace netwright
