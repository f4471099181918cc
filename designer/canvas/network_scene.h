#pragma once
// The items of one network, kept in step with the document: an edit or a new report touches only the items whose
// look it changes.

#include <QGraphicsScene>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "designer/canvas/connection_item.h"
#include "designer/canvas/layer_item.h"
#include "designer/document/document.h"

namespace netwright {

/// A port under the cursor.
struct PortHit {
  PortRef port;
  bool is_output = false;
  bool operator==(const PortHit&) const = default;
};

class NetworkScene : public QGraphicsScene {
  Q_OBJECT

 public:
  NetworkScene(Document& document, NetworkId network, QObject* parent = nullptr);

  Document& document() { return document_; }
  NetworkId network_id() const { return network_; }
  /// Null once the document has no such network.
  const Network* network() const { return document_.project().find(network_); }

  LayerItem* item(LayerId layer) const;
  ConnectionItem* item(const Connection& connection) const;
  const std::unordered_map<LayerId, LayerItem*>& layer_items() const { return layers_; }

  /// The topmost node at a scene point.
  LayerItem* layer_at(QPointF point) const;
  /// The nearest port within `reach` canvas units.
  std::optional<PortHit> port_at(QPointF point, qreal reach) const;
  ConnectionItem* connection_at(QPointF point, qreal reach) const;
  std::vector<LayerItem*> layers_in(const QRectF& rect) const;
  /// Around all nodes; null where there are none.
  QRectF content_rect() const;

  QPointF place_of(const PortHit& port) const;
  /// Moves the item alone (a drag in progress); the document isn't asked.
  void show_at(LayerId layer, QPointF position);

 signals:
  /// Nodes came, went, moved or changed their look.
  void content_changed();
  /// The document changed by an edit that may concern a gesture in progress.
  void network_edited();

 private:
  void rebuild();
  void follow(const Edit& edit);
  void follow_report();
  void add_item(const Layer& layer);
  void remove_item(LayerId layer);
  void connect_item(const Connection& connection);
  void disconnect_item(const Connection& connection);
  const std::vector<Connection>& connections_of(LayerId layer) const;
  LayerFace current_face(const Layer& layer) const;
  void refresh(LayerId layer);
  void route(ConnectionItem& item);
  void route_all_of(LayerId layer);
  std::optional<qreal> lane_around(const ConnectionItem& item, QPointF from, QPointF to) const;

  Document& document_;
  NetworkId network_;
  std::unordered_map<LayerId, LayerItem*> layers_;
  std::map<Connection, ConnectionItem*> wires_;
  std::unordered_map<LayerId, std::vector<Connection>> connections_;
  std::unordered_map<LayerId, std::vector<const Diagnostic*>> complaints_;
  std::set<LayerId> stale_;        ///< whose face or ports changed in the step being applied
  bool are_places_stale_ = false;  ///< nodes moved: wires that go round others may have to go elsewhere
};

}  // namespace netwright
