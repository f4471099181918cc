#pragma once
// Work that must not hold up the window: reading records and data sets.

#include <QCoreApplication>
#include <QObject>
#include <QPointer>
#include <QThreadPool>
#include <atomic>
#include <memory>
#include <utility>

namespace netwright {

/// One piece of background work at a time counts: starting the next, or destroying this, makes the one before moot.
class Background {
 public:
  Background() = default;
  ~Background() { cancel(); }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void cancel() {
    if (cancelled_) *cancelled_ = true;
  }

  /// Runs `work(cancelled)` on another thread (it may look at the flag to leave early, and must not touch what it
  /// doesn't own), then `then(result)` on this one, unless cancelled meanwhile.
  template <class Work, class Then>
  void run(Work work, Then then) {
    cancel();
    cancelled_ = std::make_shared<std::atomic<bool>>(false);
    QThreadPool::globalInstance()->start(
        [cancelled = cancelled_, work = std::move(work), then = std::move(then)]() mutable {
          if (*cancelled) return;
          auto result = std::make_shared<decltype(work(*cancelled))>(work(*cancelled));
          if (*cancelled) return;  // the application itself may be on its way out
          // Cancelled and delivered on the same thread: what `then` refers to can't go in between.
          QMetaObject::invokeMethod(
              QCoreApplication::instance(),
              [cancelled, result, then = std::move(then)]() mutable {
                if (!*cancelled) then(std::move(*result));
              },
              Qt::QueuedConnection);
        });
  }

 private:
  std::shared_ptr<std::atomic<bool>> cancelled_;
};

}  // namespace netwright
