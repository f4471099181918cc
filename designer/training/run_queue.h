#pragma once
// Runs that wait for their turn: each with the project as it was when it was queued.

#include <QObject>
#include <QStringList>
#include <optional>
#include <vector>

#include "backend/graph/project.h"
#include "backend/sweep/sweep_json.h"

namespace netwright {

struct QueuedRun {
  Project project;
  QString title;               ///< what tells it apart
  QString owner;               ///< whose runs it is among: see run_place.h
  QString device;              ///< as RunControls::device()
  QString weights;             ///< a file that it starts from, or empty
  QStringList arguments = {};  ///< further ones of the engine: what it starts from
  std::optional<SweepRun> sweep = {};
};

/// A run by itself, or those of a sweep that still wait: they move and go together.
struct QueueEntry {
  int id = 0;
  QString title;
  std::vector<QueuedRun> runs;  ///< never empty
};

class RunQueue : public QObject {
  Q_OBJECT

 public:
  explicit RunQueue(QObject* parent = nullptr) : QObject(parent) {}

  void add(QueuedRun run);
  /// One entry. Does nothing without runs.
  void add_sweep(const QString& title, std::vector<QueuedRun> runs);
  const std::vector<QueueEntry>& entries() const { return entries_; }
  /// Of all entries.
  int count() const;
  bool is_empty() const { return entries_.empty(); }

  /// The first one, which stays until it is taken. The queue isn't empty.
  const QueuedRun& front() const { return entries_.front().runs.front(); }
  QueuedRun take();
  /// Ids that aren't there (any more) are passed over.
  void remove(int id);
  void move_up(int id);
  void clear();
  /// A project got another file: its runs will lie there.
  void set_owner(const QString& before, const QString& now);

 signals:
  void changed();

 private:
  std::vector<QueueEntry>::iterator find(int id);

  std::vector<QueueEntry> entries_;
  int last_id_ = 0;
};

}  // namespace netwright
