#include "designer/training/run_marks.h"

#include <QIconEngine>
#include <QPainter>
#include <functional>

#include "designer/theme/theme.h"
#include "designer/training/plot_painting.h"

namespace netwright {
namespace {

class DrawnMark : public QIconEngine {
 public:
  using Draw = std::function<void(QPainter&, const QRectF&)>;
  explicit DrawnMark(Draw draw) : draw_(std::move(draw)) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode /*mode*/, QIcon::State /*state*/) override {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    draw_(*painter, rect);
    painter->restore();
  }
  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap pixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, QRect(QPoint(), size), mode, state);
    return pixmap;
  }
  QIconEngine* clone() const override { return new DrawnMark(draw_); }

 private:
  Draw draw_;
};

}  // namespace

QIcon run_tick(bool is_on, std::optional<int> colour) {
  return QIcon(new DrawnMark([is_on, colour](QPainter& painter, const QRectF& rect) {
    const double unit = rect.width() / 14;
    const QRectF box = rect.adjusted(unit / 2, unit / 2, -unit / 2, -unit / 2);
    const QColor fill = colour ? series_colour(static_cast<std::size_t>(*colour)) : colours().accent;
    painter.setPen(QPen(is_on ? fill : colours().faint, unit));
    painter.setBrush(is_on ? fill : colours().surface);
    painter.drawRoundedRect(box, 3.5 * unit, 3.5 * unit);
    if (!is_on) return;
    painter.setPen(QPen(colours().surface, 1.8 * unit, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const auto at = [&](double x, double y) { return rect.topLeft() + QPointF(x, y) * unit; };
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(QPolygonF({at(3.6, 7.2), at(6, 9.6), at(10.4, 4.6)}));
  }));
}

QIcon run_swatch(int colour) {
  return QIcon(new DrawnMark([colour](QPainter& painter, const QRectF& rect) {
    const auto number = static_cast<std::size_t>(colour);
    const double unit = rect.width() / swatch_width;
    painter.translate(rect.left(), rect.center().y());
    painter.scale(unit, unit);
    LegendEntry look{{}, {}, series_colour(number), MarkerShape::None, is_colour_again(number)};
    paint_swatch(painter, QPointF(0, 0), look);
  }));
}

}  // namespace netwright
