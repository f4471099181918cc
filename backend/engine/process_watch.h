#pragma once
// Who of several processes is still there. Each gives a sign of life through a store that all share, and listens for
// the others': a machine that lost its power closes no connection.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace netwright {

/// A store of numbers and texts that several processes see. Each call throws where nobody answers.
class SharedStore {
 public:
  virtual ~SharedStore() = default;
  /// The number's new value; it starts from 0.
  virtual std::int64_t add(const std::string& key, std::int64_t number) = 0;
  virtual void set(const std::string& key, const std::string& text) = 0;
  /// Empty where there is none.
  virtual std::string get(const std::string& key) = 0;
};

class ProcessWatch {
 public:
  struct Times {
    std::chrono::milliseconds between_beats{500};
    std::chrono::milliseconds silence{5000};    ///< after which a process counts as lost
    std::chrono::milliseconds suspicion{2000};  ///< the same, once something is known to be wrong
  };

  /// `names`: what each process is called in messages, by rank. All processes begin at about the same time.
  ProcessWatch(int rank, std::vector<std::string> names, std::unique_ptr<SharedStore> store, const Times& times);
  ~ProcessWatch();
  ProcessWatch(const ProcessWatch&) = delete;
  ProcessWatch& operator=(const ProcessWatch&) = delete;

  /// Which process is gone, and why; empty while all are there.
  std::string lost() const;
  /// For someone whose connection broke: which process it was, as soon as that is known; empty where all give signs of
  /// life for `most`.
  std::string wait_for_loss(std::chrono::milliseconds most);
  /// The last sign of life. `why` as in ProcessGroup::leave(). `waits`: until the others have left as well or are
  /// silent, five seconds at most.
  void leave(const std::string& why, bool waits);

 private:
  struct State;
  void stop();

  // The thread's as well: where it waits for an answer that never comes, it outlives the watch.
  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace netwright
