#include "backend/engine/process_watch.h"

#include <fmt/format.h>

#include <condition_variable>
#include <exception>
#include <mutex>

namespace netwright {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// A process that leaves says so by a number of beats that no run ever reaches.
constexpr std::int64_t farewell_beats = std::int64_t{1} << 40;
// Before a reason that is another process's: to be passed on as it is.
constexpr char passed_on = '=';

std::string beat_key(std::size_t rank) {
  return fmt::format("beats/{}", rank);
}

std::string reason_key(std::size_t rank) {
  return fmt::format("reason/{}", rank);
}

}  // namespace

struct ProcessWatch::State {
  struct Other {
    std::int64_t beats = 0;
    Clock::time_point heard = Clock::now();
  };

  std::size_t rank;
  std::vector<std::string> names;
  std::unique_ptr<SharedStore> store;
  Times times;
  std::vector<Other> others = std::vector<Other>(names.size());

  std::mutex mutex = {};
  std::condition_variable changed = {};
  std::string lost = {};
  bool is_suspicious = false;
  bool is_deaf = false;  ///< the store didn't answer
  bool is_leaving = false;
  Clock::time_point answered = Clock::now();  ///< by the store

  void watch();
  std::string look(milliseconds silence);
  std::string farewell_of(std::size_t rank);
  std::string unanswered() const;
  bool is_overdue() const { return Clock::now() - answered > (is_suspicious ? times.suspicion : times.silence); }
  /// To be called with the lock.
  std::string known() const { return lost.empty() && is_overdue() ? unanswered() : lost; }
};

void ProcessWatch::State::watch() {
  std::unique_lock lock(mutex);
  while (!is_leaving) {
    const auto silence = is_suspicious ? times.suspicion : times.silence;
    const bool looks = lost.empty();
    lock.unlock();
    std::string found;
    bool is_answered = true;
    try {
      store->add(beat_key(rank), 1);
      if (looks) found = look(silence);
    } catch (const std::exception&) {
      found = unanswered();
      is_answered = false;
    }
    lock.lock();
    if (is_answered) answered = Clock::now();
    is_deaf = !is_answered;
    if (lost.empty()) lost = found;
    if (!lost.empty()) changed.notify_all();
    changed.wait_for(lock, times.between_beats, [this] { return is_leaving; });
  }
}

std::string ProcessWatch::State::unanswered() const {
  return rank == 0 ? std::string("The store that the processes share no longer answers.")
                   : fmt::format("{} was lost: it no longer answers.", names.front());
}

std::string ProcessWatch::State::look(milliseconds silence) {
  const auto now = Clock::now();
  std::string silent;
  for (std::size_t other_rank = 0; other_rank < others.size(); ++other_rank) {
    if (other_rank == rank) continue;
    Other& other = others[other_rank];
    const std::int64_t beats = store->add(beat_key(other_rank), 0);
    if (beats >= farewell_beats) return farewell_of(other_rank);
    if (beats != other.beats) other = {beats, now};
    if (silent.empty() && now - other.heard > silence) {
      silent = fmt::format("{} was lost: it has given no sign of life for {:.0f} s.", names[other_rank],
                           std::chrono::duration<double>(now - other.heard).count());
    }
  }
  return silent;
}

std::string ProcessWatch::State::farewell_of(std::size_t other_rank) {
  const std::string reason = store->get(reason_key(other_rank));
  if (reason.empty()) return fmt::format("{} has ended before the others.", names[other_rank]);
  if (reason.front() == passed_on) return reason.substr(1);
  return fmt::format("{} failed: {}", names[other_rank], reason);
}

ProcessWatch::ProcessWatch(int rank, std::vector<std::string> names, std::unique_ptr<SharedStore> store,
                           const Times& times)
    : state_(new State{static_cast<std::size_t>(rank), std::move(names), std::move(store), times}),
      thread_([state = state_] { state->watch(); }) {}

ProcessWatch::~ProcessWatch() {
  stop();
}

void ProcessWatch::stop() {
  bool is_overdue = false;
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_leaving = true;
    is_overdue = state_->is_overdue();
  }
  state_->changed.notify_all();
  if (!thread_.joinable()) return;
  if (is_overdue) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

std::string ProcessWatch::lost() const {
  const std::lock_guard lock(state_->mutex);
  return state_->known();
}

std::string ProcessWatch::wait_for_loss(milliseconds most) {
  std::unique_lock lock(state_->mutex);
  state_->is_suspicious = true;
  const auto until = Clock::now() + most;
  while (state_->known().empty() && Clock::now() < until) state_->changed.wait_for(lock, state_->times.between_beats);
  return state_->known();
}

void ProcessWatch::leave(const std::string& why, bool waits) {
  stop();
  State& state = *state_;
  const std::lock_guard lock(state.mutex);
  if (state.is_deaf || state.is_overdue()) return;
  try {
    const bool is_anothers = !state.lost.empty() && why.starts_with(state.lost);
    const std::string reason = is_anothers ? passed_on + state.lost : why;
    if (!why.empty()) state.store->set(reason_key(state.rank), reason);
    state.store->add(beat_key(state.rank), farewell_beats);
    const auto until = Clock::now() + std::chrono::seconds(5);
    const auto is_gone = [&](std::size_t rank) {
      State::Other& other = state.others[rank];
      const std::int64_t beats = state.store->add(beat_key(rank), 0);
      if (beats != other.beats) other = {beats, Clock::now()};
      return rank == state.rank || beats >= farewell_beats || Clock::now() - other.heard > state.times.suspicion;
    };
    for (std::size_t rank = 0; waits && rank < state.others.size(); ++rank) {
      while (!is_gone(rank) && Clock::now() < until) std::this_thread::sleep_for(milliseconds(20));
    }
  } catch (const std::exception&) {
    // Nobody answers: there is nobody to tell.
  }
}

}  // namespace netwright
