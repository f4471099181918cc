#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace netwright {

/// What random tests ask of a generator; the same on every platform (the standard's distributions aren't).
class RandomChoice {
 public:
  explicit RandomChoice(std::mt19937& random) : random_(random) {}

  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::size_t>(high - low + 1)));
  }
  bool one_in(std::size_t count) { return below(count) == 0; }
  template <class T>
  T& from(std::vector<T>& items) {
    return items[below(items.size())];
  }
  template <class T>
  const T& from(const std::vector<T>& items) {
    return items[below(items.size())];
  }
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::mt19937& random_;
};

}  // namespace netwright
