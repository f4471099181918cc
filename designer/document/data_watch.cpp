#include "designer/document/data_watch.h"

#include <chrono>
#include <future>

namespace netwright {

namespace {

/// What is found sooner comes with the edit itself, so that nothing flickers.
constexpr std::chrono::milliseconds blink{40};

}  // namespace

std::optional<DataDescription> DataWatch::describe(const DataSource& data) {
  using Description = std::optional<DataDescription>;
  const auto promise = std::make_shared<std::promise<Description>>();
  std::future<Description> answer = promise->get_future();
  reading_.run(
      [data, promise](const std::atomic<bool>&) {
        Description description = netwright::describe(data);
        promise->set_value(description);
        return description;
      },
      [this](const Description& description) {
        is_reading_ = false;
        emit described(description);
      });
  is_reading_ = answer.wait_for(blink) != std::future_status::ready;
  if (is_reading_) return std::nullopt;
  reading_.cancel();
  return answer.get();
}

}  // namespace netwright
