#include "designer/canvas/connect_gesture.h"

#include <QCoreApplication>
#include <QLineF>
#include <limits>

#include "backend/graph/gestures.h"
#include "designer/canvas/ports.h"
#include "designer/document/words.h"

namespace netwright {
namespace {

constexpr qreal reach = 28;  // pixels within which a port attracts the wire

}  // namespace

ConnectGesture::ConnectGesture(NetworkScene& scene, const PortHit& fixed, const std::optional<Connection>& detached,
                               DropOnCanvas drop, Complain complain)
    : scene_(scene),
      fixed_(fixed),
      detached_(detached),
      drop_(std::move(drop)),
      complain_(std::move(complain)),
      wire_(std::make_unique<PendingWireItem>()) {
  if (ConnectionItem* wire = detached ? scene.item(*detached) : nullptr) wire->setVisible(false);
  offer();
}

ConnectGesture::~ConnectGesture() {
  withdraw();
}

void ConnectGesture::offer() {
  const Network* network = scene_.network();
  if (!network) return;
  const std::vector<PortRef> valid = fixed_.is_output
                                         ? valid_inputs(scene_.document().project(), *network, fixed_.port, detached_)
                                         : valid_outputs(scene_.document().project(), *network, fixed_.port, detached_);
  offered_.insert(valid.begin(), valid.end());
  for (const auto& [layer, item] : scene_.layer_items()) {
    NodeState state = item->state();
    auto& ports = fixed_.is_output ? state.offered_inputs : state.offered_outputs;
    for (auto port = offered_.lower_bound({layer, 0}); port != offered_.end() && port->layer == layer; ++port)
      ports.insert(port->port);
    state.is_dimmed = ports.empty() && layer != fixed_.port.layer;
    item->set_state(state);
  }
  const QPointF start = scene_.place_of(fixed_);
  wire_->set_ends(start, start, false);
  scene_.add_overlay(*wire_);
}

void ConnectGesture::withdraw() {
  for (const auto& [layer, item] : scene_.layer_items()) {
    NodeState state = item->state();
    state.offered_inputs.clear();
    state.offered_outputs.clear();
    state.hovered_input = state.hovered_output = -1;
    state.is_dimmed = false;
    item->set_state(state);
  }
  wire_.reset();
  if (detached_)
    if (ConnectionItem* wire = scene_.item(*detached_)) wire->setVisible(true);
}

std::optional<PortRef> ConnectGesture::nearest_end(const Pointer& pointer) const {
  std::optional<PortRef> nearest;
  qreal distance = reach * pointer.pixel;
  const LayerItem* under = scene_.layer_at(pointer.place);
  const QRectF around = QRectF(pointer.place, QSizeF()).adjusted(-distance, -distance, distance, distance);
  // Over a node, its nearest port will do from any distance.
  if (under) distance = std::numeric_limits<qreal>::max();
  for (const LayerItem* item : under ? std::vector{const_cast<LayerItem*>(under)} : scene_.layers_in(around)) {
    for (auto port = offered_.lower_bound({item->layer(), 0}); port != offered_.end() && port->layer == item->layer();
         ++port) {
      const qreal d = QLineF(pointer.place, scene_.place_of({*port, !fixed_.is_output})).length();
      if (d > distance) continue;
      distance = d;
      nearest = *port;
    }
  }
  return nearest;
}

void ConnectGesture::point_at(std::optional<PortRef> end) {
  if (end == end_) return;
  const auto set_hovered = [this](PortRef port, bool on) {
    LayerItem* item = scene_.item(port.layer);
    if (!item) return;
    NodeState state = item->state();
    (fixed_.is_output ? state.hovered_input : state.hovered_output) = on ? port.port : -1;
    item->set_state(state);
  };
  if (end_) set_hovered(*end_, false);
  end_ = end;
  if (end_) set_hovered(*end_, true);
}

void ConnectGesture::move(const Pointer& pointer) {
  point_at(nearest_end(pointer));
  const QPointF fixed = scene_.place_of(fixed_);
  const QPointF loose = end_ ? scene_.place_of({*end_, !fixed_.is_output}) : pointer.place;
  fixed_.is_output ? wire_->set_ends(fixed, loose, end_.has_value()) : wire_->set_ends(loose, fixed, end_.has_value());
}

void ConnectGesture::finish(const Pointer& pointer) {
  move(pointer);
  const std::optional<PortRef> end = end_;
  withdraw();
  const Network* network = scene_.network();
  if (!network) return;
  std::vector<Edit> edits;
  QString text = tr("Connect");
  if (end) {
    const Connection made = fixed_.is_output ? Connection{fixed_.port, *end} : Connection{*end, fixed_.port};
    if (detached_ == made) return;
    edits = netwright::connect(*network, made);
    // Connecting frees a taken input by itself, also where the wire carried off led to it.
    if (detached_ && detached_->to != made.to) edits.insert(edits.begin(), Disconnect{network->id, *detached_});
    if (detached_) text = tr("Reconnect");
  } else if (detached_) {
    edits.emplace_back(Disconnect{network->id, *detached_});
    text = tr("Disconnect");
  } else if (const LayerItem* under = scene_.layer_at(pointer.place)) {
    if (under->layer() != fixed_.port.layer)
      complain_(tr("%1 can't be connected there: it would make a cycle, or no port is free.").arg(under->face().name));
    return;
  } else {
    drop_(fixed_, pointer.place);
    return;
  }
  if (const Result<void> done = scene_.document().edit(text, edits); !done)
    complain_(QString::fromStdString(done.error().message));
}

void ConnectGesture::cancel() {
  withdraw();
}

}  // namespace netwright
