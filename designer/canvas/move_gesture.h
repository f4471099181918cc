#pragma once

#include <map>

#include "designer/canvas/gesture.h"
#include "designer/canvas/network_scene.h"

namespace netwright {

/// Drags the selected layers. A single layer without connections may be dropped into a wire.
class MoveGesture : public Gesture {
 public:
  /// `grabbed` keeps to the grid where `snaps`; the others keep their distance to it.
  MoveGesture(NetworkScene& scene, LayerId grabbed, QPointF start, bool snaps, Complain complain);
  void move(const Pointer& pointer) override;
  void finish(const Pointer& pointer) override;
  void cancel() override;
  Qt::CursorShape cursor() const override { return Qt::SizeAllCursor; }

 private:
  void light(ConnectionItem* wire);

  NetworkScene& scene_;
  LayerId grabbed_;
  QPointF start_;
  bool snaps_;
  Complain complain_;
  std::map<LayerId, QPointF> origins_;
  bool may_insert_ = false;
  std::optional<Connection> lit_;
};

}  // namespace netwright
