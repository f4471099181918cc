// NetworkView's sight: which part of the network is seen, and how large.

#include <QScrollBar>
#include <QVariantAnimation>
#include <algorithm>
#include <cmath>

#include "designer/canvas/minimap.h"
#include "designer/canvas/network_scene.h"
#include "designer/canvas/network_view.h"

namespace netwright {
namespace {

constexpr double smallest_zoom = 0.02;
constexpr double readable_zoom = 0.8;
constexpr double room_for_layer = 120;
constexpr double largest_zoom = 4;
constexpr double zoom_step = 1.25;

}  // namespace

void NetworkView::fit() {
  if (viewport()->width() < 2 || must_fit_) {
    must_fit_ = true;
    if (!isVisible()) return;
  }
  must_fit_ = false;
  const QRectF content = scene_->content_rect();
  double scale = 1;
  if (!content.isNull()) {
    const QRectF roomy = content.adjusted(-40, -40, 40, 60);
    scale = std::min({1.0, viewport()->width() / roomy.width(), viewport()->height() / roomy.height()});
  }
  setTransform(QTransform::fromScale(scale, scale));
  centerOn(content.isNull() ? QPointF() : content.center());
  minimap_->follow_view();
  emit zoom_changed(scale);
}

void NetworkView::show_start() {
  fit();
  const QRectF content = scene_->content_rect();
  if (must_fit_ || content.isNull() || zoom() >= readable_zoom) return;
  // A long network is met at its beginning, at a size that can be read; the minimap shows the rest.
  setTransform(QTransform::fromScale(readable_zoom, readable_zoom));
  const double top = content.top() - 40 + viewport()->height() / readable_zoom / 2;
  // A note beside the first layer is read first: it is in view where both fit.
  const double half = viewport()->width() / readable_zoom / 2;
  const double from_left = content.left() - 20 + half;
  const double first = scene_->top_layer_centre().x();
  centerOn(first - from_left < half - room_for_layer ? std::min(first, from_left) : first, top);
  minimap_->follow_view();
  emit zoom_changed(readable_zoom);
}

void NetworkView::zoom_by(double factor, QPointF about) {
  const double target = std::clamp(zoom() * factor, std::min(smallest_zoom, zoom()), std::max(largest_zoom, zoom()));
  const QPointF fixed = mapToScene(about.toPoint());
  setTransform(QTransform::fromScale(target, target));
  scroll_by(about - QPointF(mapFromScene(fixed)));
  minimap_->follow_view();
  emit zoom_changed(target);
}

void NetworkView::scroll_by(QPointF pixels) {
  horizontalScrollBar()->setValue(horizontalScrollBar()->value() - static_cast<int>(std::lround(pixels.x())));
  verticalScrollBar()->setValue(verticalScrollBar()->value() - static_cast<int>(std::lround(pixels.y())));
}

void NetworkView::zoom_in() {
  zoom_by(zoom_step, QRectF(viewport()->rect()).center());
}

void NetworkView::zoom_out() {
  zoom_by(1 / zoom_step, QRectF(viewport()->rect()).center());
}

void NetworkView::zoom_reset() {
  zoom_by(1 / zoom(), QRectF(viewport()->rect()).center());
}

QPointF NetworkView::view_centre() const {
  return mapToScene(viewport()->rect().center());
}

QPointF NetworkView::cursor_place() const {
  return viewport()->rect().contains(last_pointer_.toPoint()) ? mapToScene(last_pointer_.toPoint()) : view_centre();
}

void NetworkView::focus_layer(LayerId layer) {
  const LayerItem* item = scene_->item(layer);
  if (!item) return;
  must_fit_ = false;
  if (zoom() < names_only_zoom) setTransform(QTransform());
  centerOn(item->rect().center());
  minimap_->follow_view();
  emit zoom_changed(zoom());
  select({layer});
  auto* flash = new QVariantAnimation(this);
  flash->setDuration(900);
  flash->setStartValue(1.0);
  flash->setEndValue(0.0);
  connect(flash, &QVariantAnimation::valueChanged, this, [this, layer](const QVariant& value) {
    LayerItem* shown = scene_->item(layer);
    if (!shown) return;
    NodeState state = shown->state();
    state.flash = value.toReal();
    shown->set_state(state);
  });
  flash->start(QAbstractAnimation::DeleteWhenStopped);
}

void NetworkView::resizeEvent(QResizeEvent* event) {
  QGraphicsView::resizeEvent(event);
  if (must_fit_ && isVisible()) {
    must_fit_ = false;
    show_start();
  }
  minimap_->follow_view();
}

void NetworkView::scrollContentsBy(int dx, int dy) {
  QGraphicsView::scrollContentsBy(dx, dy);
  if (minimap_) minimap_->follow_view();
}

}  // namespace netwright
