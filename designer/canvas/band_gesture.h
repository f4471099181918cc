#pragma once

#include <QGraphicsRectItem>
#include <memory>
#include <set>

#include "designer/canvas/gesture.h"
#include "designer/canvas/network_scene.h"

namespace netwright {

/// Selects what a rectangle touches; Shift adds, Control toggles.
class BandGesture : public Gesture {
 public:
  using Select = std::function<void(const std::set<LayerId>&)>;
  BandGesture(NetworkScene& scene, QPointF start, std::set<LayerId> before, Select select);
  void move(const Pointer& pointer) override;
  void finish(const Pointer& pointer) override;
  void cancel() override;

 private:
  NetworkScene& scene_;
  QPointF start_;
  std::set<LayerId> before_;
  Select select_;
  std::unique_ptr<QGraphicsRectItem> band_;
};

}  // namespace netwright
