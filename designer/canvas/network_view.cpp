#include "designer/canvas/network_view.h"

#include <QPaintEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "backend/graph/gestures.h"
#include "designer/canvas/geometry.h"
#include "designer/canvas/gesture.h"
#include "designer/canvas/layout.h"
#include "designer/canvas/minimap.h"
#include "designer/canvas/network_scene.h"
#include "designer/canvas/note_editor.h"
#include "designer/canvas/placement.h"
#include "designer/canvas/quick_add.h"
#include "designer/document/clipboard.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

/// Larger networks take their time: they are arranged on another thread.
constexpr std::size_t most_arranged_at_once = 100;
/// How far the canvas can be scrolled; larger networks than this would be unusable for other reasons.
constexpr qreal canvas_reach = 2'000'000;

}  // namespace

NetworkView::NetworkView(Document& document, NetworkId network, QWidget* parent)
    : QGraphicsView(parent), document_(document), network_(network), scene_(new NetworkScene(document, network, this)) {
  setScene(scene_);
  setObjectName("network_view");
  setAccessibleName(tr("Network canvas"));
  setFrameShape(QFrame::NoFrame);
  setRenderHints(QPainter::Antialiasing | QPainter::TextAntialiasing);
  setOptimizationFlags(DontAdjustForAntialiasing | DontSavePainterState);
  setViewportUpdateMode(SmartViewportUpdate);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setTransformationAnchor(NoAnchor);
  setResizeAnchor(NoAnchor);
  setFocusPolicy(Qt::StrongFocus);
  setAcceptDrops(true);
  viewport()->setMouseTracking(true);
  setSceneRect(-canvas_reach, -canvas_reach, 2 * canvas_reach, 2 * canvas_reach);

  quick_add_ = new QuickAdd(this);
  note_editor_ = new NoteEditor(viewport());
  connect(note_editor_, &NoteEditor::kept, this, &NetworkView::keep_note);
  minimap_ = new Minimap(*this, *scene_);
  connect(quick_add_, &QuickAdd::chosen, this, &NetworkView::add_chosen);
  connect(quick_add_, &QuickAdd::dismissed, this, [this] {
    waiting_wire_.reset();
    setFocus();
  });
  connect(scene_, &QGraphicsScene::selectionChanged, this, [this] {
    if (!is_batch_selecting_) emit selection_changed();
  });
  connect(scene_, &NetworkScene::network_edited, this, &NetworkView::cancel_gesture);
  // The hint of an empty canvas comes and goes with the first layer.
  connect(scene_, &NetworkScene::content_changed, this, [this] {
    if (const bool is_empty = scene_->layer_items().empty(); is_empty != was_empty_) {
      was_empty_ = is_empty;
      viewport()->update();
    }
  });
  connect(&document_, &Document::replaced, this, &NetworkView::show_start);
  edge_timer_.setInterval(16);
  connect(&edge_timer_, &QTimer::timeout, this, &NetworkView::scroll_at_edge);
}

NetworkView::~NetworkView() {
  // Their items are in the scene, which outlives this destructor's body only as long as it needs.
  gesture_.reset();
  ghost_.reset();
  waiting_wire_.reset();
  scene_->disconnect(this);
}

NetworkId NetworkView::network() const {
  return network_;
}

const Network* NetworkView::current() const {
  return scene_->network();
}

bool NetworkView::do_edit(const QString& text, const std::vector<Edit>& edits, const QString& merge_key) {
  const Result<void> done = document_.edit(text, edits, merge_key);
  if (!done) emit message(QString::fromStdString(done.error().message));
  return static_cast<bool>(done);
}

std::set<LayerId> NetworkView::selection() const {
  std::set<LayerId> layers;
  for (const QGraphicsItem* item : scene_->selectedItems())
    if (const auto* layer = qgraphicsitem_cast<const LayerItem*>(item)) layers.insert(layer->layer());
  return layers;
}

void NetworkView::select(const std::set<LayerId>& layers) {
  set_selected(layers, nullptr);
}

void NetworkView::set_selected(const std::set<LayerId>& layers, QGraphicsItem* other) {
  is_batch_selecting_ = true;
  bool is_changed = false;
  for (QGraphicsItem* item : scene_->selectedItems()) {
    const auto* layer = qgraphicsitem_cast<LayerItem*>(item);
    if (item == other || (layer && layers.contains(layer->layer()))) continue;
    item->setSelected(false);
    is_changed = true;
  }
  const auto choose = [&](QGraphicsItem* item) {
    if (!item || item->isSelected()) return;
    item->setSelected(true);
    is_changed = true;
  };
  for (const LayerId layer : layers) choose(scene_->item(layer));
  choose(other);
  is_batch_selecting_ = false;
  if (is_changed) emit selection_changed();
}

bool NetworkView::has_selection() const {
  return !scene_->selectedItems().isEmpty();
}

void NetworkView::select_all() {
  std::set<LayerId> all;
  if (const Network* network = current())
    for (const Layer& layer : network->layers) all.insert(layer.id);
  select(all);
}

void NetworkView::delete_selection() {
  const Network* network = current();
  if (!network) return;
  if (const std::set<std::size_t> notes = selected_notes(); !notes.empty()) {
    delete_notes(notes);
    return;
  }
  const std::set<LayerId> layers = selection();
  std::vector<Edit> edits;
  int wires = 0;
  for (const QGraphicsItem* item : scene_->selectedItems()) {
    const auto* wire = qgraphicsitem_cast<const ConnectionItem*>(item);
    if (!wire) continue;
    ++wires;
    const Connection& c = wire->connection();
    if (!layers.contains(c.from.layer) && !layers.contains(c.to.layer)) edits.emplace_back(Disconnect{network_, c});
  }
  const std::vector<Edit> removal = remove_layers(*network, layers, true);
  edits.insert(edits.end(), removal.begin(), removal.end());
  const int count = static_cast<int>(layers.size());
  do_edit(count == 0 ? tr("Delete %n connection(s)", nullptr, wires) : tr("Delete %n layer(s)", nullptr, count), edits);
}

void NetworkView::copy() {
  const Network* network = current();
  const std::set<LayerId> layers = selection();
  if (!network || layers.empty()) return;
  copy_to_clipboard(fragment_of(*network, layers));
  pastes_in_a_row_ = 0;
}

void NetworkView::cut() {
  if (selection().empty()) return;
  copy();
  delete_selection();
  // The place is free now: the first paste goes back to it.
  pastes_in_a_row_ = -1;
}

void NetworkView::paste() {
  const Result<Network> fragment = clipboard_fragment();
  if (!fragment) {
    emit message(QString::fromStdString(fragment.error().message));
    return;
  }
  if (fragment->layers.empty()) return;
  ++pastes_in_a_row_;
  const double step = 2 * grid_step * pastes_in_a_row_;
  Point offset{step, step};
  QRectF rect;
  for (const Layer& layer : fragment->layers) rect |= node_rect(to_qt(layer.position));
  const QRectF shown = mapToScene(viewport()->rect()).boundingRect();
  if (!shown.intersects(rect.translated(to_qt(offset))))
    offset = to_point(snapped(shown.center() - rect.center() + QPointF(step, step)));
  paste_fragment(*fragment, offset, tr("Paste %n layer(s)", nullptr, static_cast<int>(fragment->layers.size())));
}

void NetworkView::duplicate() {
  const Network* network = current();
  const std::set<LayerId> layers = selection();
  if (!network || layers.empty()) return;
  paste_fragment(fragment_of(*network, layers), {2 * grid_step, 2 * grid_step},
                 tr("Duplicate %n layer(s)", nullptr, static_cast<int>(layers.size())));
}

void NetworkView::paste_fragment(const Network& fragment, Point offset, const QString& text) {
  const Network* network = current();
  if (!network || !may_hold(fragment.layers)) return;
  std::vector<LayerId> added;
  const std::vector<Edit> edits = netwright::paste(*network, fragment, offset, added);
  if (do_edit(text, edits)) select({added.begin(), added.end()});
}

void NetworkView::nudge(QPointF shift) {
  const Network* network = current();
  const std::set<LayerId> layers = selection();
  if (!network || layers.empty()) return;
  std::vector<Edit> edits;
  QString key = QStringLiteral("nudge/%1").arg(network_.value);
  for (const LayerId id : layers) {
    edits.emplace_back(MoveLayer{network_, id, to_point(to_qt(network->find(id)->position) + shift)});
    key += QStringLiteral("/%1").arg(id.value);
  }
  do_edit(tr("Move %n layer(s)", nullptr, static_cast<int>(layers.size())), edits, key);
}

void NetworkView::add_layer(const QString& kind) {
  place_layer(LayerKind::from_text(kind.toStdString()), request_at(view_centre()));
}

QuickAddRequest NetworkView::request_at(QPointF place) const {
  QuickAddRequest request{.place = place};
  if (const std::set<LayerId> selected = selection(); selected.size() == 1) request.after = *selected.begin();
  return request;
}

void NetworkView::place_layer(const LayerKind& kind, const QuickAddRequest& request) {
  const Network* network = current();
  if (!network) return;
  if (!may_hold({Layer{.id = {}, .name = {}, .type = kind.type, .settings = kind.settings(), .position = {}}})) return;
  const Project& project = document_.project();
  const QString title = QString::fromStdString(kind.title(project));
  LayerId added;
  if (const auto edits = request.after ? append_layer(project, *network, *request.after, kind, added) : std::nullopt) {
    if (!do_edit(tr("Add %1").arg(title), *edits)) return;
    select({added});
    ensureVisible(scene_->item(added)->rect(), 40, 60);
    return;
  }
  QPointF corner = request.place - QPointF(node_width / 2, node_height / 2);
  if (request.fed_from) corner = request.place - QPointF(node_width / 2, 0);
  if (request.leads_to) corner = request.place - QPointF(node_width / 2, node_height);
  if (snaps_) corner = snapped(corner);
  Layer layer = make_layer(*network, kind.type, to_point(corner), kind.settings());
  if (request.inserted_in) {
    if (!do_edit(tr("Insert %1").arg(title), insert_with_room(*network, *request.inserted_in, layer))) return;
  } else {
    if (scene_->layer_at(node_rect(corner).center())) layer.position = free_place(*network, layer.position);
    std::vector<Edit> edits{AddLayer{network_, layer}};
    std::vector<Edit> joined;
    if (request.fed_from) joined = netwright::connect(*network, {*request.fed_from, {layer.id, 0}});
    if (request.leads_to) joined = netwright::connect(*network, {{layer.id, 0}, *request.leads_to});
    edits.insert(edits.end(), joined.begin(), joined.end());
    if (!do_edit(tr("Add %1").arg(title), edits)) return;
  }
  select({layer.id});
}

void NetworkView::arrange() {
  const Network* network = current();
  if (!network || network->layers.empty()) return;
  const QPointF corner = snapped(scene_->content_rect().topLeft());
  if (network->layers.size() <= most_arranged_at_once) {
    if (do_edit(tr("Arrange"), tidied(*network, to_point(corner)))) fit();
    return;
  }
  emit message(tr("Arranging %1 layers…").arg(network->layers.size()));
  auto drawn = std::make_shared<const Network>(*network);
  arranging_.run([drawn, corner](const std::atomic<bool>& /*cancelled*/) { return tidied(*drawn, to_point(corner)); },
                 [this, drawn](const std::vector<Edit>& edits) {
                   if (!current()) return;
                   if (*current() != *drawn) {
                     arrange();  // it was drawn on meanwhile
                     return;
                   }
                   if (!do_edit(tr("Arrange"), edits)) return;
                   fit();
                   emit message(tr("Arranged"));
                 });
}

void NetworkView::set_snap(bool snap) {
  snaps_ = snap;
}

void NetworkView::paintEvent(QPaintEvent* event) {
  if (zoom() >= plain_zoom) {
    QGraphicsView::paintEvent(event);
    return;
  }
  // The base class keeps account of what is to be updated; it paints one pixel, and the rest is painted in one go.
  QPaintEvent pixel(QRect(0, 0, 1, 1));
  QGraphicsView::paintEvent(&pixel);
  QPainter painter(viewport());
  painter.setClipRegion(event->region());
  painter.setRenderHints(renderHints());
  painter.setTransform(viewportTransform());
  const QRectF exposed = mapToScene(event->rect().adjusted(-2, -2, 2, 2)).boundingRect();
  drawBackground(&painter, exposed);
  scene_->paint_from_afar(painter, exposed);
  drawForeground(&painter, exposed);
}

void NetworkView::drawBackground(QPainter* painter, const QRectF& rect) {
  painter->fillRect(rect, colours().canvas);
  // As the canvas shrinks the dots of every second row and column remain, so that they never crowd.
  qreal step = grid_step;
  while (step * zoom() < 15) step *= 2;
  std::vector<QPointF> dots;
  const qreal left = std::floor(rect.left() / step) * step;
  for (qreal y = std::floor(rect.top() / step) * step; y <= rect.bottom(); y += step)
    for (qreal x = left; x <= rect.right(); x += step) dots.emplace_back(x, y);
  // Cosmetic widths are in the device's own pixels.
  QPen pen(colours().grid, 1.8 * painter->device()->devicePixelRatioF(), Qt::SolidLine, Qt::RoundCap);
  pen.setCosmetic(true);
  painter->setPen(pen);
  painter->drawPoints(dots.data(), static_cast<int>(dots.size()));
}

void NetworkView::drawForeground(QPainter* painter, const QRectF&) {
  const Network* network = current();
  if (!network || !network->layers.empty() || ghost_ || quick_add_->isVisible()) return;
  painter->save();
  painter->resetTransform();
  const QRectF area = viewport()->rect();
  painter->setFont(Theme::instance().heading());
  painter->setPen(colours().muted);
  const qreal line = painter->fontMetrics().height();
  painter->drawText(area.translated(0, -line * 0.7), Qt::AlignCenter, tr("Drag a layer here, or type its name"));
  painter->setFont(Theme::instance().caption());
  painter->setPen(colours().faint);
  painter->drawText(area.translated(0, line * 0.7), Qt::AlignCenter, tr("Networks read from top to bottom"));
  painter->restore();
}

}  // namespace netwright
