#pragma once
// The canvas: one network of the document, drawn and edited. Everything it shows comes from the document, everything
// it changes goes through Document::edit, one undo step a gesture.

#include <QGraphicsView>
#include <QTimer>
#include <memory>
#include <optional>
#include <set>

#include "designer/canvas/layer_kind.h"
#include "designer/document/background.h"
#include "designer/document/document.h"

class QMenu;

namespace netwright {

class ConnectionItem;
class Gesture;
class GhostItem;
class LayerItem;
class Minimap;
class NetworkScene;
class NoteEditor;
class PendingWireItem;
class QuickAdd;
struct Pointer;
struct PortHit;
struct QuickAddRequest;

/// The mime type of a drag from the palette; its data is the LayerKind's text.
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
  /// The one selected layer where it is a Block; else none.
  LayerId selected_block() const;
  bool snaps() const { return snaps_; }
  /// Pixels per canvas unit.
  double zoom() const { return transform().m11(); }

 public slots:
  void select_all();
  /// Removes selected wires and layers; where a layer had one way in, its neighbours are joined again.
  void delete_selection();
  void copy();
  void cut();
  void paste();
  void duplicate();
  /// The whole network, at most at its own size.
  void fit();
  /// As a network is first met: all of it where that can be read, else its beginning.
  void show_start();
  void zoom_in();
  void zoom_out();
  void zoom_reset();
  /// Centres, selects and flashes the layer.
  void focus_layer(netwright::LayerId layer);
  /// Below the selected layer and connected to its free output where that fits, else at the view's centre. The new
  /// layer becomes the selection, so that repeated additions make a chain.
  /// `kind` is a LayerKind's text.
  void add_layer(const QString& kind);
  /// The selected layers become a network of their own and one Block in their place.
  void make_block();
  /// The selected Block's layers come back in its place.
  void expand_block();
  /// Asks for the tab of the selected Block's network.
  void open_block();
  /// Lays all layers out in rows, top to bottom; large networks a while later.
  void arrange();
  void set_snap(bool snap);
  /// A note under the pointer, open to be written.
  void add_note();

 signals:
  void selection_changed();
  /// Double-clicked: show its settings.
  void layer_activated(netwright::LayerId layer);
  /// A Block was double-clicked: show the network that it stands for.
  void block_opened(netwright::NetworkId network);
  /// Why something couldn't be done, for the status bar.
  void message(const QString& text);
  void zoom_changed(double zoom);

 protected:
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void keyReleaseEvent(QKeyEvent* event) override;
  bool event(QEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dragMoveEvent(QDragMoveEvent* event) override;
  void dragLeaveEvent(QDragLeaveEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  bool viewportEvent(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void scrollContentsBy(int dx, int dy) override;
  void paintEvent(QPaintEvent* event) override;
  void drawBackground(QPainter* painter, const QRectF& rect) override;
  void drawForeground(QPainter* painter, const QRectF& rect) override;

 private:
  // The network as the document has it; null once it is gone.
  const Network* current() const;
  bool do_edit(const QString& text, const std::vector<Edit>& edits, const QString& merge_key = {});

  // Editing (network_view.cpp)
  void paste_fragment(const Network& fragment, Point offset, const QString& text);
  void place_layer(const LayerKind& kind, const QuickAddRequest& request);
  void nudge(QPointF shift);
  /// For a layer below the one selected layer, else at `place`.
  QuickAddRequest request_at(QPointF place) const;

  // Blocks (block_actions.cpp)
  void activate(LayerId layer);
  /// False where one is a Block that would hold this network within itself; that is then said.
  bool may_hold(const std::vector<Layer>& layers);

  // Notes (note_actions.cpp)
  void add_note(QPointF place);
  void edit_note(std::size_t note);
  void keep_note(std::size_t note, const QString& text);
  void delete_notes(const std::set<std::size_t>& gone);
  std::set<std::size_t> selected_notes() const;

  // What is seen (canvas_zoom.cpp)
  QPointF view_centre() const;
  QPointF cursor_place() const;
  void zoom_by(double factor, QPointF about);
  void scroll_by(QPointF pixels);

  // The pointer (canvas_pointer.cpp)
  Pointer pointer_at(QPointF position, Qt::KeyboardModifiers modifiers) const;
  void press_left(const Pointer& pointer);
  void start_move(LayerItem& grabbed, const Pointer& pointer);
  void begin(std::unique_ptr<Gesture> gesture);
  void cancel_gesture();
  void hover(const Pointer& pointer);
  void clear_hover();
  void update_cursor();
  QString tool_tip_at(const Pointer& pointer) const;
  void scroll_at_edge();
  /// `other`: a wire or a note, or null.
  void set_selected(const std::set<LayerId>& layers, QGraphicsItem* other);
  void set_ghost(const LayerKind& kind, QPointF place);
  void remove_ghost();

  // The quick-add list and menus (canvas_menu.cpp)
  void open_quick_add(const QuickAddRequest& request, const QString& text = {});
  void add_chosen(const QString& kind);
  QMenu* menu_for(const Pointer& pointer);
  void add_layer_actions(QMenu& menu, LayerId layer);
  void add_wire_actions(QMenu& menu, const Connection& connection, QPointF place);
  void add_canvas_actions(QMenu& menu, QPointF place);

  Document& document_;
  NetworkId network_;
  NetworkScene* scene_;
  QuickAdd* quick_add_ = nullptr;
  NoteEditor* note_editor_ = nullptr;
  Minimap* minimap_ = nullptr;
  std::unique_ptr<Gesture> gesture_;
  std::unique_ptr<GhostItem> ghost_;
  std::optional<Connection> ghost_wire_;
  bool snaps_ = true;
  bool is_space_held_ = false;
  bool has_space_panned_ = false;
  bool is_batch_selecting_ = false;
  std::optional<QPointF> pan_from_;
  /// Pressed, but not yet moved far enough to be a drag.
  std::optional<QPointF> pressed_at_;
  LayerId pressed_layer_;
  std::optional<Connection> pressed_wire_;
  std::optional<std::size_t> pressed_note_;
  bool deselects_others_on_release_ = false;
  LayerId hovered_layer_;
  std::optional<Connection> hovered_wire_;
  QPointF last_pointer_;
  int pastes_in_a_row_ = 0;
  /// The wire that waits for the quick-add list's choice.
  std::unique_ptr<PendingWireItem> waiting_wire_;
  QTimer edge_timer_;
  Background arranging_;
  bool was_empty_ = true;
  bool must_fit_ = true;  ///< at the first size that the view gets
};

}  // namespace netwright
