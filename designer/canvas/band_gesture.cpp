#include "designer/canvas/band_gesture.h"

#include <QPen>

#include "designer/theme/theme.h"

namespace netwright {

BandGesture::BandGesture(NetworkScene& scene, QPointF start, std::set<LayerId> before, Select select)
    : scene_(scene),
      start_(start),
      before_(std::move(before)),
      select_(std::move(select)),
      band_(std::make_unique<QGraphicsRectItem>()) {
  QPen pen(colours().accent, 1);
  pen.setCosmetic(true);
  band_->setPen(pen);
  band_->setBrush(colours().selection);
  band_->setZValue(4);
  scene.add_overlay(*band_);
}

void BandGesture::move(const Pointer& pointer) {
  const QRectF rect = QRectF(start_, pointer.place).normalized();
  band_->setRect(rect);
  std::set<LayerId> chosen;
  if (pointer.modifiers & (Qt::ShiftModifier | Qt::ControlModifier)) chosen = before_;
  for (const LayerItem* layer : scene_.layers_in(rect)) {
    if (pointer.modifiers & Qt::ControlModifier && before_.contains(layer->layer()))
      chosen.erase(layer->layer());
    else
      chosen.insert(layer->layer());
  }
  select_(chosen);
}

void BandGesture::finish(const Pointer& pointer) {
  move(pointer);
  band_.reset();
}

void BandGesture::cancel() {
  band_.reset();
  select_(before_);
}

}  // namespace netwright
