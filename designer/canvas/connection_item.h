#pragma once

#include <QGraphicsItem>
#include <QLineF>
#include <QPainterPath>

#include "backend/graph/network.h"

namespace netwright {

/// Wires that span at least this may have nodes between their ends.
inline constexpr qreal long_wire = 120;

/// A wire between two nodes.
class ConnectionItem : public QGraphicsItem {
 public:
  enum { Type = UserType + 2 };

  explicit ConnectionItem(const Connection& connection);

  const Connection& connection() const { return connection_; }
  void set_path(const QPainterPath& path);
  const QPainterPath& path() const { return path_; }
  QLineF chord() const { return chord_; }
  /// So long that nodes may be in its way.
  bool is_long() const { return chord_.dy() >= long_wire; }
  /// Lit: what is being dragged would be dropped into it.
  void set_lit(bool is_lit);
  bool is_lit() const { return is_lit_; }
  void set_hovered(bool is_hovered);
  void set_in_error(bool is_in_error);
  bool is_in_error() const { return is_in_error_; }
  /// From a scene point to the curve, in canvas units.
  qreal distance_to(QPointF point) const;

  int type() const override { return Type; }
  QRectF boundingRect() const override { return bounds_; }
  QPainterPath shape() const override;
  void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

 private:
  Connection connection_;
  QPainterPath path_;
  QLineF chord_;
  QRectF bounds_;
  bool is_straight_ = false;
  bool is_lit_ = false;
  bool is_hovered_ = false;
  bool is_in_error_ = false;
};

/// The wire being drawn by a gesture.
class PendingWireItem : public QGraphicsItem {
 public:
  PendingWireItem();
  /// `is_attached`: letting go here makes a connection.
  void set_ends(QPointF from, QPointF to, bool is_attached);
  QRectF boundingRect() const override;
  void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

 private:
  QPainterPath path_;
  bool is_attached_ = false;
};

}  // namespace netwright
