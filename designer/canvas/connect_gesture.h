#pragma once

#include <memory>
#include <set>

#include "designer/canvas/gesture.h"
#include "designer/canvas/network_scene.h"

namespace netwright {

/// Draws a wire from a port, either way, or carries off the end of one that is there. Only ports it may end at light
/// up; the nearest within reach attracts it.
class ConnectGesture : public Gesture {
 public:
  /// Called where a new wire is dropped on empty canvas: the fixed end, and the place.
  using DropOnCanvas = std::function<void(const PortHit& fixed, QPointF place)>;

  /// `detached` is the connection whose other end is carried off, if any.
  ConnectGesture(NetworkScene& scene, const PortHit& fixed, const std::optional<Connection>& detached,
                 DropOnCanvas drop, Complain complain);
  ~ConnectGesture() override;
  void move(const Pointer& pointer) override;
  void finish(const Pointer& pointer) override;
  void cancel() override;
  Qt::CursorShape cursor() const override { return Qt::CrossCursor; }

 private:
  void offer();
  void withdraw();
  std::optional<PortRef> nearest_end(const Pointer& pointer) const;
  void point_at(std::optional<PortRef> end);

  NetworkScene& scene_;
  PortHit fixed_;
  std::optional<Connection> detached_;
  DropOnCanvas drop_;
  Complain complain_;
  std::set<PortRef> offered_;
  std::optional<PortRef> end_;
  std::unique_ptr<PendingWireItem> wire_;
};

}  // namespace netwright
