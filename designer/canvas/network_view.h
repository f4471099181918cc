#pragma once
// The canvas: one network of the document, drawn and edited. Everything it shows comes from the document, everything
// it changes goes through Document::edit, one undo step a gesture.

#include <QGraphicsView>
#include <memory>
#include <optional>
#include <set>

#include "designer/document/document.h"

class QMenu;

namespace netwright {

class ConnectionItem;
class Gesture;
class GhostItem;
class Minimap;
class NetworkScene;
class QuickAdd;
struct QuickAddRequest;

/// The mime type of a drag from the palette; its data is the layer type's name in UTF-8.
inline constexpr char layer_mime_type[] = "application/x-netwright-layer";

class NetworkView : public QGraphicsView {
  Q_OBJECT

 public:
  NetworkView(Document& document, NetworkId network, QWidget* parent = nullptr);
  ~NetworkView() override;

  NetworkId network() const;
  /// The selected layers; selected wires are not among them.
  std::set<LayerId> selection() const;
  void select(const std::set<LayerId>& layers);
  bool has_selection() const;  ///< layers or wires
  bool snaps() const;
  /// Pixels per canvas unit.
  double zoom() const;

 public slots:
  void select_all();
  /// Removes selected wires and layers; where a layer had one way in, its neighbours are joined again.
  void delete_selection();
  void copy();
  void cut();
  void paste();
  void duplicate();
  void fit();
  void zoom_in();
  void zoom_out();
  void zoom_reset();
  /// Centres, selects and flashes the layer.
  void focus_layer(netwright::LayerId layer);
  /// Below the selected layer and connected to its free output where that fits, else at the view's centre. The new
  /// layer becomes the selection, so that repeated additions make a chain.
  void add_layer(const QString& type);
  /// Lays all layers out in rows, top to bottom.
  void arrange();
  void set_snap(bool snap);

 signals:
  void selection_changed();
  /// Double-clicked: show its settings.
  void layer_activated(netwright::LayerId layer);
  /// Why something couldn't be done, for the status bar.
  void message(const QString& text);
  void zoom_changed(double zoom);
};

}  // namespace netwright
