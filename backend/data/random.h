#pragma once
// Random numbers that are the same on every platform (the standard's distributions aren't).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace netwright {

/// A bijection whose values look random (SplitMix: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators).
constexpr std::uint64_t scrambled(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

/// The next number of the stream that `counter` stands in.
constexpr std::uint64_t next_scrambled(std::uint64_t& counter) {
  return scrambled(counter += 0x9E3779B97F4A7C15);
}

class Random {
 public:
  /// Streams of one seed are independent of each other.
  Random(std::uint64_t seed, std::uint32_t stream);
  /// Costs next to nothing to make, for very many short streams. Seeds near each other give unlike numbers.
  explicit Random(std::uint64_t seed) : counter_(scrambled(seed)) {}

  /// 64 even bits.
  std::uint64_t bits() { return twister_ ? (*twister_)() : next_scrambled(counter_); }
  /// In [0, bound); each number as often as any other.
  std::uint64_t below(std::uint64_t bound);
  /// In [0, 1), with 53 bits.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Mean 0, deviation 1: the sum of twelve uniform numbers less six, which needs no library function.
  double normal();

 private:
  std::optional<std::mt19937_64> twister_;  ///< else SplitMix
  std::uint64_t counter_ = 0;
};

template <class T>
void shuffle(std::vector<T>& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

}  // namespace netwright
