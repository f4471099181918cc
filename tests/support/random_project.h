#pragma once
// Random projects drawn from the whole catalogue: a new row takes part without a word here.

#include <cstdint>
#include <random>
#include <string>

#include "backend/graph/project.h"

namespace netwright {

struct RandomSizes {
  std::size_t most_layers = 12;         ///< besides Inputs and Outputs
  std::int64_t most_elements = 20'000;  ///< of one layer's output
  std::int64_t most_weights = 100'000;  ///< of one layer
  std::int64_t most_macs = 5'000'000;   ///< of one layer
};

/// A first network without errors: one or two Inputs (image, signal, volume, sequence, words or vector), branches,
/// merges, several Outputs now and then, some layers frozen, some in Blocks. The same generator state gives the same
/// project.
Project random_project(std::mt19937& random, const RandomSizes& sizes = {});

/// What every Embedding of the network understands: whole numbers below this.
std::int64_t vocabulary_of(const Network& network);

struct SpoiltProject {
  Project project;
  std::string mistake;  ///< what was done to it
};

/// A random project with one mistake that no network can run with.
SpoiltProject random_spoilt_project(std::mt19937& random, const RandomSizes& sizes = {});

}  // namespace netwright
