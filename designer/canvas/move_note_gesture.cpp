#include "designer/canvas/move_note_gesture.h"

#include <QCoreApplication>

#include "designer/canvas/geometry.h"

namespace netwright {

MoveNoteGesture::MoveNoteGesture(NetworkScene& scene, std::size_t note, QPointF start, bool snaps, Complain complain)
    : scene_(scene), note_(note), start_(start), snaps_(snaps), complain_(std::move(complain)) {
  if (const NoteItem* item = scene_.note(note_)) origin_ = item->pos();
}

void MoveNoteGesture::move(const Pointer& pointer) {
  NoteItem* item = scene_.note(note_);
  if (!item) return;
  const QPointF place = origin_ + pointer.place - start_;
  item->setPos(snaps_ ? snapped(place) : place);
}

void MoveNoteGesture::finish(const Pointer& pointer) {
  move(pointer);
  const NoteItem* item = scene_.note(note_);
  const Network* network = scene_.network();
  if (!item || !network || note_ >= network->notes.size() || item->pos() == origin_) return;
  std::vector<CanvasNote> notes = network->notes;
  notes[note_].position = to_point(item->pos());
  const QString text = QCoreApplication::translate("MoveNoteGesture", "Move a note");
  if (const Result<void> done = scene_.document().edit(text, {SetCanvasNotes{network->id, std::move(notes)}}); !done) {
    cancel();
    complain_(QString::fromStdString(done.error().message));
  }
}

void MoveNoteGesture::cancel() {
  if (NoteItem* item = scene_.note(note_)) item->setPos(origin_);
}

}  // namespace netwright
