#include "designer/training/run_queue.h"

#include <algorithm>
#include <numeric>

namespace netwright {

void RunQueue::add(QueuedRun run) {
  const QString title = run.title;
  std::vector<QueuedRun> runs;
  runs.push_back(std::move(run));
  add_sweep(title, std::move(runs));
}

void RunQueue::add_sweep(const QString& title, std::vector<QueuedRun> runs) {
  if (runs.empty()) return;
  entries_.push_back({++last_id_, title, std::move(runs)});
  emit changed();
}

int RunQueue::count() const {
  return std::accumulate(entries_.begin(), entries_.end(), 0,
                         [](int sum, const QueueEntry& entry) { return sum + static_cast<int>(entry.runs.size()); });
}

QueuedRun RunQueue::take() {
  std::vector<QueuedRun>& runs = entries_.front().runs;
  QueuedRun run = std::move(runs.front());
  runs.erase(runs.begin());
  if (runs.empty()) entries_.erase(entries_.begin());
  emit changed();
  return run;
}

std::vector<QueueEntry>::iterator RunQueue::find(int id) {
  return std::find_if(entries_.begin(), entries_.end(), [id](const QueueEntry& entry) { return entry.id == id; });
}

void RunQueue::remove(int id) {
  const auto entry = find(id);
  if (entry == entries_.end()) return;
  entries_.erase(entry);
  emit changed();
}

void RunQueue::move_up(int id) {
  const auto entry = find(id);
  if (entry == entries_.end() || entry == entries_.begin()) return;
  std::iter_swap(entry, entry - 1);
  emit changed();
}

void RunQueue::clear() {
  if (entries_.empty()) return;
  entries_.clear();
  emit changed();
}

void RunQueue::set_owner(const QString& before, const QString& now) {
  for (QueueEntry& entry : entries_) {
    for (QueuedRun& run : entry.runs) {
      if (run.owner == before) run.owner = now;
    }
  }
}

}  // namespace netwright
