#pragma once

#include "designer/canvas/gesture.h"
#include "designer/canvas/network_scene.h"

namespace netwright {

/// Drags one note.
class MoveNoteGesture : public Gesture {
 public:
  MoveNoteGesture(NetworkScene& scene, std::size_t note, QPointF start, bool snaps, Complain complain);
  void move(const Pointer& pointer) override;
  void finish(const Pointer& pointer) override;
  void cancel() override;
  Qt::CursorShape cursor() const override { return Qt::SizeAllCursor; }

 private:
  NetworkScene& scene_;
  std::size_t note_;
  QPointF start_;
  QPointF origin_;
  bool snaps_;
  Complain complain_;
};

}  // namespace netwright
