#include "designer/training/picture_rows_view.h"

#include <QFontMetricsF>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr double rows_edge = 10;
constexpr double caption_gap = 10;

}  // namespace

PictureRowsView::PictureRowsView(QStringList two, QStringList three, QWidget* parent)
    : SampleView(parent), two_(std::move(two)), three_(std::move(three)) {
  setMinimumSize(160, 120);
  setFocusPolicy(Qt::StrongFocus);
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void PictureRowsView::show_content(std::shared_ptr<const SampleContent> content, const SampleMoment& /*moment*/) {
  content_ = std::move(content);
  update();
}

const PictureGrid* PictureRowsView::grid() const {
  return content_ ? std::get_if<PictureGrid>(content_.get()) : nullptr;
}

QStringList PictureRowsView::captions() const {
  const PictureGrid* shown = grid();
  if (!shown) return {};
  if (shown->rows == two_.size()) return two_;
  if (shown->rows == three_.size()) return three_;
  return {};
}

double PictureRowsView::caption_width() const {
  const QFontMetricsF metrics(Theme::instance().caption());
  double width = 0;
  for (const QString& caption : captions()) width = std::max(width, metrics.horizontalAdvance(caption));
  return width > 0 ? std::ceil(width) + caption_gap : 0;
}

PictureSheet PictureRowsView::sheet() const {
  const PictureGrid* shown = grid();
  if (!shown) return {};
  QRectF area = QRectF(rect()).adjusted(rows_edge, rows_edge, -rows_edge, -rows_edge);
  area.setLeft(area.left() + caption_width());
  return {*shown, area, devicePixelRatioF(), {.between = 3, .bands = 14, .may_fold = true}};
}

void PictureRowsView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), colours().surface);
  const PictureGrid* shown = grid();
  if (!shown) return;
  const PictureSheet now = sheet();
  now.paint(painter, *shown);

  const QStringList words = captions();
  painter.setFont(Theme::instance().caption());
  painter.setPen(colours().muted);
  const double height = QFontMetricsF(painter.font()).height();
  for (int band = 0; band < now.bands(); ++band) {
    for (int row = 0; row < words.size(); ++row) {
      const QRectF first = now.place({row, band * now.columns_of_a_band()});
      if (first.height() < height - 3) continue;
      painter.drawText(QRectF(first.left() - caption_width(), first.center().y() - height / 2,
                              caption_width() - caption_gap, height),
                       Qt::AlignRight | Qt::AlignVCenter, words[row]);
    }
  }
}

}  // namespace netwright
