#pragma once
// Something the user does with the button held. Until it is finished only items show it; the document is edited
// once, at the end, and not at all where the gesture is cancelled.

#include <QPointF>
#include <Qt>
#include <functional>

namespace netwright {

/// Where the pointer is, in canvas units, and how much a pixel on the screen is there.
struct Pointer {
  QPointF place;
  Qt::KeyboardModifiers modifiers;
  qreal pixel = 1;
};

class Gesture {
 public:
  virtual ~Gesture() = default;
  virtual void move(const Pointer& pointer) = 0;
  virtual void finish(const Pointer& pointer) = 0;
  /// Leaves everything as it was before the gesture.
  virtual void cancel() = 0;
  virtual Qt::CursorShape cursor() const { return Qt::ArrowCursor; }
};

/// How a gesture tells why it did nothing.
using Complain = std::function<void(const QString&)>;

}  // namespace netwright
