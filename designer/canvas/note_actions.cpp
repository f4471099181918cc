// NetworkView's side of notes.

#include "designer/canvas/geometry.h"
#include "designer/canvas/network_scene.h"
#include "designer/canvas/network_view.h"
#include "designer/canvas/note_editor.h"

namespace netwright {

void NetworkView::add_note(QPointF place) {
  const Network* network = current();
  if (!network) return;
  std::vector<CanvasNote> notes = network->notes;
  notes.push_back({{}, to_point(snaps_ ? snapped(place) : place)});
  const std::size_t added = notes.size() - 1;
  if (!do_edit(tr("Add a note"), {SetCanvasNotes{network_, std::move(notes)}})) return;
  edit_note(added);
}

void NetworkView::add_note() {
  add_note(cursor_place());
}

void NetworkView::edit_note(std::size_t note) {
  const NoteItem* item = scene_->note(note);
  if (!item) return;
  const QRect place = mapFromScene(item->rect()).boundingRect();
  note_editor_->open(note, QString::fromStdString(item->note().text), place, zoom());
}

void NetworkView::keep_note(std::size_t note, const QString& text) {
  const Network* network = current();
  if (!network || note >= network->notes.size()) return;
  std::vector<CanvasNote> notes = network->notes;
  const std::string said = text.trimmed().toStdString();
  if (said == notes[note].text && !said.empty()) return;
  // An empty note would be a card that nobody finds a use for.
  if (said.empty()) {
    delete_notes({note});
    return;
  }
  notes[note].text = said;
  do_edit(tr("Write a note"), {SetCanvasNotes{network_, std::move(notes)}});
}

void NetworkView::delete_notes(const std::set<std::size_t>& gone) {
  const Network* network = current();
  if (!network || gone.empty()) return;
  std::vector<CanvasNote> kept;
  for (std::size_t i = 0; i < network->notes.size(); ++i) {
    if (!gone.contains(i)) kept.push_back(network->notes[i]);
  }
  do_edit(tr("Delete %n note(s)", nullptr, static_cast<int>(gone.size())), {SetCanvasNotes{network_, std::move(kept)}});
}

std::set<std::size_t> NetworkView::selected_notes() const {
  std::set<std::size_t> notes;
  for (const QGraphicsItem* item : scene_->selectedItems()) {
    if (const auto* note = qgraphicsitem_cast<const NoteItem*>(item)) notes.insert(note->index());
  }
  return notes;
}

}  // namespace netwright
