// NetworkView's quick-add list and context menus.

#include <QContextMenuEvent>
#include <QMenu>

#include "backend/layers/catalogue.h"
#include "designer/canvas/gesture.h"
#include "designer/canvas/network_scene.h"
#include "designer/canvas/network_view.h"
#include "designer/canvas/quick_add.h"
#include "designer/document/clipboard.h"

namespace netwright {

void NetworkView::open_quick_add(const QuickAddRequest& request, const QString& text) {
  if (!current()) return;
  const QPoint at = viewport()->mapTo(this, mapFromScene(request.place));
  quick_add_->open(request, document_.project(), network_, at, text);
}

void NetworkView::add_chosen(const QString& kind) {
  waiting_wire_.reset();
  setFocus();
  place_layer(LayerKind::from_text(kind.toStdString()), quick_add_->request());
}

void NetworkView::contextMenuEvent(QContextMenuEvent* event) {
  event->accept();
  cancel_gesture();
  quick_add_->dismiss();
  QPointF position = event->pos();
  if (event->reason() == QContextMenuEvent::Keyboard && viewport()->rect().contains(last_pointer_.toPoint()))
    position = last_pointer_;
  QMenu* menu = menu_for(pointer_at(position, event->modifiers()));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->popup(viewport()->mapToGlobal(position.toPoint()));
}

QMenu* NetworkView::menu_for(const Pointer& pointer) {
  auto* menu = new QMenu(this);
  menu->setObjectName("canvas_menu");
  if (const LayerItem* layer = scene_->layer_at(pointer.place)) {
    if (!layer->isSelected()) select({layer->layer()});
    add_layer_actions(*menu, layer->layer());
  } else if (ConnectionItem* wire = scene_->connection_at(pointer.place, 8 * pointer.pixel)) {
    set_selected({}, wire);
    add_wire_actions(*menu, wire->connection(), pointer.place);
  } else if (NoteItem* note = scene_->note_at(pointer.place)) {
    set_selected({}, note);
    const std::size_t index = note->index();
    menu->addAction(tr("Edit the note"), this, [this, index] { edit_note(index); });
    menu->addAction(tr("Delete"), QKeySequence(Qt::Key_Delete), this, &NetworkView::delete_selection);
  } else {
    add_canvas_actions(*menu, pointer.place);
  }
  return menu;
}

void NetworkView::add_layer_actions(QMenu& menu, LayerId layer) {
  const Network* network = current();
  const Layer* found = network ? network->find(layer) : nullptr;
  if (!found) return;
  for (const Diagnostic& diagnostic : document_.report().diagnostics) {
    if (diagnostic.network != network_ || diagnostic.layer != layer) continue;
    for (const Fix& fix : diagnostic.fixes)
      menu.addAction(QString::fromStdString(fix.label), this,
                     [this, fix] { do_edit(QString::fromStdString(fix.label), fix.edits); });
  }
  if (!menu.isEmpty()) menu.addSeparator();
  menu.addAction(tr("Settings"), this, [this, layer] { emit layer_activated(layer); });
  if (selected_block() == layer) {
    menu.addAction(tr("Open the block"), this, &NetworkView::open_block);
    menu.addAction(tr("Expand the block"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_G), this,
                   &NetworkView::expand_block);
  }
  const LayerReport* report = document_.report().find(network_, layer);
  if (report && report->parameters.value_or(0) > 0) {
    const bool trainable = found->trainable;
    menu.addAction(trainable ? tr("Freeze weights") : tr("Train weights"), this, [this, layer, trainable] {
      do_edit(trainable ? tr("Freeze weights") : tr("Train weights"), {SetTrainable{network_, layer, !trainable}});
    });
  }
  menu.addSeparator();
  menu.addAction(tr("Cut"), QKeySequence::Cut, this, &NetworkView::cut);
  menu.addAction(tr("Copy"), QKeySequence::Copy, this, &NetworkView::copy);
  menu.addAction(tr("Duplicate"), QKeySequence(Qt::CTRL | Qt::Key_D), this, &NetworkView::duplicate);
  menu.addAction(tr("Make a block"), QKeySequence(Qt::CTRL | Qt::Key_G), this, &NetworkView::make_block);
  const std::vector<Connection> connections = network->connections_of(layer);
  if (!connections.empty()) {
    menu.addAction(tr("Disconnect"), this, [this, connections] {
      std::vector<Edit> edits;
      for (const Connection& c : connections) edits.emplace_back(Disconnect{network_, c});
      do_edit(tr("Disconnect"), edits);
    });
  }
  menu.addSeparator();
  menu.addAction(tr("Delete"), QKeySequence(Qt::Key_Delete), this, &NetworkView::delete_selection);
}

void NetworkView::add_wire_actions(QMenu& menu, const Connection& connection, QPointF place) {
  menu.addAction(tr("Insert layer…"), this,
                 [this, connection, place] { open_quick_add({.place = place, .inserted_in = connection}); });
  menu.addSeparator();
  menu.addAction(tr("Delete"), QKeySequence(Qt::Key_Delete), this, &NetworkView::delete_selection);
}

void NetworkView::add_canvas_actions(QMenu& menu, QPointF place) {
  menu.addAction(tr("Add layer…"), QKeySequence(Qt::Key_Space), this,
                 [this, place] { open_quick_add({.place = place}); });
  menu.addAction(tr("Add a note"), this, [this, place] { add_note(place); });
  QAction* paste_action = menu.addAction(tr("Paste"), QKeySequence::Paste, this, &NetworkView::paste);
  paste_action->setEnabled(static_cast<bool>(clipboard_fragment()));
  menu.addSeparator();
  const bool has_layers = current() && !current()->layers.empty();
  menu.addAction(tr("Select all"), QKeySequence::SelectAll, this, &NetworkView::select_all)->setEnabled(has_layers);
  menu.addAction(tr("Arrange"), this, &NetworkView::arrange)->setEnabled(has_layers);
  menu.addAction(tr("Fit to view"), QKeySequence(Qt::CTRL | Qt::Key_9), this, &NetworkView::fit)
      ->setEnabled(has_layers);
  menu.addSeparator();
  QAction* snap_action = menu.addAction(tr("Snap to grid"));
  snap_action->setCheckable(true);
  snap_action->setChecked(snaps_);
  connect(snap_action, &QAction::toggled, this, &NetworkView::set_snap);
}

}  // namespace netwright
