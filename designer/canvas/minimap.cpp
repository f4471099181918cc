#include "designer/canvas/minimap.h"

#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "designer/canvas/geometry.h"
#include "designer/canvas/network_scene.h"
#include "designer/canvas/network_view.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr QSize map_size(172, 120);
constexpr int margin = 12;
constexpr qreal map_padding = 8;

}  // namespace

Minimap::Minimap(NetworkView& view, NetworkScene& scene) : QWidget(&view), view_(view), scene_(scene) {
  setObjectName("minimap");
  setFixedSize(map_size);
  setCursor(Qt::PointingHandCursor);
  setToolTip(tr("Overview: click or drag to move the view"));
  hide();
  connect(&scene, &NetworkScene::content_changed, this, &Minimap::follow_content);
  follow_content();
}

void Minimap::follow_content() {
  content_ = scene_.content_rect();
  nodes_ = {};
  follow_view();
}

void Minimap::follow_view() {
  const bool is_needed = !content_.isNull() && !shown_rect().contains(content_) &&
                         view_.width() > 2 * map_size.width() && view_.height() > 2 * map_size.height();
  setVisible(is_needed);
  if (!is_needed) return;
  move(view_.width() - width() - margin, view_.height() - height() - margin);
  raise();
  update();
}

QRectF Minimap::shown_rect() const {
  return view_.mapToScene(view_.viewport()->rect()).boundingRect();
}

QTransform Minimap::to_map() const {
  const QRectF inner = QRectF(rect()).adjusted(map_padding, map_padding, -map_padding, -map_padding);
  const qreal scale = std::min(inner.width() / content_.width(), inner.height() / content_.height());
  QTransform transform;
  transform.translate(inner.center().x(), inner.center().y());
  transform.scale(scale, scale);
  transform.translate(-content_.center().x(), -content_.center().y());
  return transform;
}

void Minimap::draw_nodes() {
  nodes_ = QPixmap(size() * devicePixelRatioF());
  nodes_.setDevicePixelRatio(devicePixelRatioF());
  nodes_.fill(Qt::transparent);
  QPainter painter(&nodes_);
  const QTransform transform = to_map();
  for (const auto& [id, item] : scene_.layer_items()) {
    QRectF node = transform.mapRect(item->rect());
    node.setSize(node.size().expandedTo(QSizeF(1.5, 1)));
    const LayerFace& face = item->face();
    QColor fill = face.category ? Theme::instance().category(*face.category) : colours().muted;
    if (face.severity == Severity::Error) fill = colours().error;
    painter.fillRect(node, fill);
  }
}

void Minimap::paintEvent(QPaintEvent*) {
  if (nodes_.isNull() || nodes_.devicePixelRatio() != devicePixelRatioF()) draw_nodes();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  QColor back = colours().surface;
  back.setAlphaF(0.92f);
  painter.setPen(QPen(colours().outline, 1));
  painter.setBrush(back);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
  painter.drawPixmap(0, 0, nodes_);
  const QRectF inner = QRectF(rect()).adjusted(3, 3, -3, -3);
  const QRectF frame = to_map().mapRect(shown_rect()).intersected(inner);
  painter.setPen(QPen(colours().accent, 1.25));
  painter.setBrush(colours().selection);
  painter.drawRoundedRect(frame, 2, 2);
}

void Minimap::mousePressEvent(QMouseEvent* event) {
  event->accept();
  view_.centerOn(to_map().inverted().map(event->position()));
}

void Minimap::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::LeftButton) mousePressEvent(event);
}

void Minimap::mouseReleaseEvent(QMouseEvent* event) {
  event->accept();  // or the view behind it would take part in the click
}

}  // namespace netwright
