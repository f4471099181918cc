#include "backend/data/random.h"

#include <limits>

namespace netwright {

Random::Random(std::uint64_t seed, std::uint32_t stream) {
  std::seed_seq sequence{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), stream};
  twister_.emplace(sequence);
}

std::uint64_t Random::below(std::uint64_t bound) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t biased = most - most % bound;
  std::uint64_t draw = bits();
  while (draw >= biased) draw = bits();
  return draw % bound;
}

double Random::uniform() {
  return static_cast<double>(bits() >> 11) * 0x1p-53;
}

double Random::normal() {
  // Twelve uniforms of 16 bits each from three draws, taken at the middle of their steps.
  std::uint64_t sum = 0;
  for (int draw = 0; draw < 3; ++draw) {
    for (std::uint64_t drawn = bits(), part = 0; part < 4; ++part, drawn >>= 16) sum += drawn & 0xFFFF;
  }
  return (static_cast<double>(sum) + 6) * 0x1p-16 - 6;
}

}  // namespace netwright
