#pragma once

#include <QGraphicsItem>

#include "backend/graph/network.h"

namespace netwright {

/// A note on the canvas: its place in the network's list, and what it says at this moment.
class NoteItem : public QGraphicsItem {
 public:
  enum { Type = UserType + 3 };

  NoteItem(std::size_t index, CanvasNote note);

  std::size_t index() const { return index_; }
  const CanvasNote& note() const { return note_; }
  void set_note(CanvasNote note);
  QRectF rect() const;  ///< in the scene

  int type() const override { return Type; }
  QRectF boundingRect() const override;
  void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

 private:
  std::size_t index_;
  CanvasNote note_;
  qreal height_;
};

}  // namespace netwright
