#pragma once
// Random numbers that are the same on every platform (the standard's distributions aren't).

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace netwright {

class Random {
 public:
  /// Streams of one seed are independent of each other.
  Random(std::uint64_t seed, std::uint32_t stream);
  /// One that takes a tenth of the time to make, for very many of them. Seeds near each other give unlike numbers.
  explicit Random(std::uint64_t seed);

  /// 64 even bits.
  std::uint64_t bits() { return bits_(); }
  /// In [0, bound); each number as often as any other.
  std::uint64_t below(std::uint64_t bound);
  /// In [0, 1), with 53 bits.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Mean 0, deviation 1: the sum of twelve uniform numbers less six, which needs no library function.
  double normal();

 private:
  std::mt19937_64 bits_;
};

/// A bijection whose values look random (the finaliser of Steele, Lea and Flood's SplitMix).
constexpr std::uint64_t scrambled(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

template <class T>
void shuffle(std::vector<T>& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

}  // namespace netwright
