#pragma once
// The rows of the data catalogue, and what several of them share.

#include "backend/data/data_catalogue.h"
#include "backend/data/random.h"

namespace netwright {

DataSpec fashion_mnist_spec();
DataSpec idx_spec();
DataSpec two_spirals_spec();
DataSpec circles_spec();
DataSpec checkerboard_spec();
DataSpec shapes_spec();

/// train_samples, test_samples, noise and seed, with these defaults.
std::vector<SettingSpec> generator_settings(std::int64_t train_samples, std::int64_t test_samples, double noise);

/// The two splits of a generator draw from different streams, so that the size of one doesn't change the other.
inline constexpr std::uint32_t train_stream = 1;
inline constexpr std::uint32_t test_stream = 2;

}  // namespace netwright
