#pragma once
// Random numbers that are the same on every platform (the standard's distributions aren't).

#include <cstdint>
#include <random>

namespace netwright {

class Random {
 public:
  /// Streams of one seed are independent of each other.
  Random(std::uint64_t seed, std::uint32_t stream);

  /// In [0, 1), with 53 bits.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Mean 0, deviation 1: the sum of twelve uniform numbers less six, which needs no library function.
  double normal();

 private:
  std::mt19937_64 bits_;
};

}  // namespace netwright
