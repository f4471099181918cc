#pragma once
// The items of one network, kept in step with the document: an edit or a new report touches only the items whose
// look it changes.

#include <QGraphicsItemGroup>
#include <QGraphicsScene>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include "designer/canvas/connection_item.h"
#include "designer/canvas/layer_item.h"
#include "designer/canvas/note_item.h"
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
  /// The note with this place in the network's list; null where there is none.
  NoteItem* note(std::size_t index) const { return index < notes_.size() ? notes_[index] : nullptr; }
  NoteItem* note_at(QPointF point) const;
  const std::unordered_map<LayerId, LayerItem*>& layer_items() const { return layers_; }

  /// The topmost node at a scene point.
  LayerItem* layer_at(QPointF point) const;
  /// The nearest port within `reach` canvas units.
  std::optional<PortHit> port_at(QPointF point, qreal reach) const;
  ConnectionItem* connection_at(QPointF point, qreal reach) const;
  std::vector<LayerItem*> layers_in(const QRectF& rect) const;
  /// Around all nodes and notes; null where there are none.
  QRectF content_rect() const;
  /// The middle of the highest layer; the origin where there is none.
  QPointF top_layer_centre() const;

  QPointF place_of(const PortHit& port) const;
  /// Shows an item of a gesture above everything else, for as long as it lives.
  void add_overlay(QGraphicsItem& item);
  /// All nodes as plain rectangles and all wires as lines, in one go: an item at a time takes ten times as long where
  /// thousands are in view.
  void paint_from_afar(QPainter& painter, const QRectF& exposed) const;

  /// Moves the item alone (a drag in progress); the document isn't asked.
  void show_at(LayerId layer, QPointF position);

 signals:
  /// Nodes came, went, moved or changed their look.
  void content_changed();
  /// The document changed by an edit that may concern a gesture in progress.
  void network_edited();

 private:
  /// What a node shows of its report; the rest of its face changes only by edits of the layer itself.
  struct Figures {
    bool is_valid = false;
    Dim parameters = {};
    ReceptiveField field = {};
    std::vector<Shape> outputs = {};
    bool operator==(const Figures&) const = default;
  };

  void rebuild();
  void rebuild_notes();
  void follow(const Edit& edit);
  void follow_report();
  void add_item(const Layer& layer);
  void remove_item(LayerId layer);
  ConnectionItem* add_wire(const Connection& connection);
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
  QGraphicsItemGroup* overlays_;
  std::unordered_map<LayerId, LayerItem*> layers_;
  std::map<Connection, ConnectionItem*> wires_;
  std::vector<NoteItem*> notes_;
  std::unordered_map<LayerId, std::vector<Connection>> connections_;
  std::unordered_map<LayerId, std::vector<const Diagnostic*>> complaints_;
  std::unordered_map<LayerId, Figures> figures_;
  std::set<LayerId> edited_;       ///< whose face the step being applied may change
  std::set<LayerId> regrown_;      ///< whose ports came or went
  bool are_blocks_stale_ = false;  ///< other networks changed, which Blocks here may stand for
  bool are_places_stale_ = false;  ///< nodes moved: wires that go round others may have to go elsewhere
};

}  // namespace netwright
