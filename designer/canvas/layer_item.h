#pragma once

#include <QGraphicsItem>

#include "designer/canvas/layer_painter.h"

namespace netwright {

/// A node on the canvas: an id and what it shows of the document at this moment.
class LayerItem : public QGraphicsItem {
 public:
  enum { Type = UserType + 1 };

  LayerItem(LayerId layer, LayerFace face);

  LayerId layer() const { return layer_; }
  const LayerFace& face() const { return face_; }
  const NodeState& state() const { return state_; }
  /// Both paint anew only where something changed; true where it did.
  bool set_face(LayerFace face);
  bool set_state(NodeState state);

  /// Scene places of ports.
  QPointF input_place(int port) const;
  QPointF output_place(int port) const;
  QRectF rect() const;  ///< the node itself, in the scene, without ports and labels

  int type() const override { return Type; }
  QRectF boundingRect() const override { return bounds_; }
  QPainterPath shape() const override;
  void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

 private:
  LayerId layer_;
  LayerFace face_;
  NodeState state_;
  QRectF bounds_;
};

/// What a drag from the palette would add, where it would be added.
class GhostItem : public QGraphicsItem {
 public:
  GhostItem(const Project& project, LayerKind kind);
  const LayerKind& kind() const { return kind_; }
  QRectF boundingRect() const override;
  void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

 private:
  LayerKind kind_;
  LayerFace face_;
};

}  // namespace netwright
