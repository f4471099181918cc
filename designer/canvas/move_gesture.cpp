#include "designer/canvas/move_gesture.h"

#include <QCoreApplication>

#include "designer/canvas/geometry.h"
#include "designer/canvas/placement.h"

namespace netwright {

MoveGesture::MoveGesture(NetworkScene& scene, LayerId grabbed, QPointF start, bool snaps, Complain complain)
    : scene_(scene), grabbed_(grabbed), start_(start), snaps_(snaps), complain_(std::move(complain)) {
  for (const QGraphicsItem* selected : scene.selectedItems())
    if (const auto* layer = qgraphicsitem_cast<const LayerItem*>(selected)) origins_[layer->layer()] = layer->pos();
  const Network* network = scene.network();
  const Layer* layer = network && origins_.size() == 1 ? network->find(grabbed) : nullptr;
  may_insert_ = layer && network->connections_of(grabbed).empty() && fits_on_wire(scene_.document().project(), *layer);
}

void MoveGesture::move(const Pointer& pointer) {
  QPointF shift = pointer.place - start_;
  if (snaps_) {
    const QPointF origin = origins_[grabbed_];
    shift = snapped(origin + shift) - origin;
  }
  for (const auto& [layer, origin] : origins_) scene_.show_at(layer, origin + shift);
  if (may_insert_) light(scene_.connection_at(scene_.item(grabbed_)->rect().center(), node_height / 2));
}

void MoveGesture::finish(const Pointer& pointer) {
  move(pointer);
  const Network* network = scene_.network();
  const std::optional<Connection> target = lit_;
  light(nullptr);
  if (!network) return;
  std::vector<Edit> edits;
  if (target) {
    Layer layer = *network->find(grabbed_);
    layer.position = to_point(scene_.item(grabbed_)->pos());
    edits = insert_with_room(*network, *target, layer);
  } else {
    for (const auto& [layer, origin] : origins_)
      if (const LayerItem* item = scene_.item(layer); item && item->pos() != origin)
        edits.emplace_back(MoveLayer{network->id, layer, to_point(item->pos())});
  }
  const QString text = target ? QCoreApplication::translate("MoveGesture", "Insert %1")
                                    .arg(QString::fromStdString(network->find(grabbed_)->name))
                              : QCoreApplication::translate("MoveGesture", "Move %n layer(s)", nullptr,
                                                            static_cast<int>(origins_.size()));
  if (const Result<void> done = scene_.document().edit(text, edits); !done) {
    cancel();
    complain_(QString::fromStdString(done.error().message));
  }
}

void MoveGesture::cancel() {
  light(nullptr);
  const Network* network = scene_.network();
  for (const auto& [layer, origin] : origins_)
    if (const Layer* kept = network ? network->find(layer) : nullptr) scene_.show_at(layer, to_qt(kept->position));
}

void MoveGesture::light(ConnectionItem* wire) {
  if (ConnectionItem* before = lit_ ? scene_.item(*lit_) : nullptr; before && before != wire) before->set_lit(false);
  lit_ = wire ? std::optional(wire->connection()) : std::nullopt;
  if (wire) wire->set_lit(true);
}

}  // namespace netwright
