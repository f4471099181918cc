#include "backend/data/random.h"

namespace netwright {

Random::Random(std::uint64_t seed, std::uint32_t stream) {
  std::seed_seq sequence{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), stream};
  bits_.seed(sequence);
}

Random::Random(std::uint64_t seed) : bits_(scrambled(seed)) {}

std::uint64_t Random::below(std::uint64_t bound) {
  const std::uint64_t biased = std::mt19937_64::max() - std::mt19937_64::max() % bound;
  std::uint64_t draw = bits_();
  while (draw >= biased) draw = bits_();
  return draw % bound;
}

double Random::uniform() {
  return static_cast<double>(bits_() >> 11) * 0x1p-53;
}

double Random::normal() {
  // Twelve uniforms of 16 bits each from three draws, taken at the middle of their steps.
  std::uint64_t sum = 0;
  for (int draw = 0; draw < 3; ++draw) {
    for (std::uint64_t bits = bits_(), part = 0; part < 4; ++part, bits >>= 16) sum += bits & 0xFFFF;
  }
  return (static_cast<double>(sum) + 6) * 0x1p-16 - 6;
}

}  // namespace netwright
