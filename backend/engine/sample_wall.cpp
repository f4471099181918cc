#include "backend/engine/sample_wall.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "backend/engine/sample_batch.h"

namespace netwright {

namespace {

constexpr std::int64_t columns = 8;
constexpr std::int64_t most_rows = 16;
constexpr std::int64_t points = 500;

bool are_points(const Legend& legend) {
  return legend.sample_shape == Shape{2};
}

nlohmann::ordered_json list_of(const torch::Tensor& samples, const Legend& legend) {
  const torch::Tensor here = without_normalisation(samples, legend.normalisation).to(torch::kCPU).contiguous();
  auto list = nlohmann::ordered_json::array();
  const auto* xy = here.data_ptr<float>();
  for (std::int64_t i = 0; i < here.size(0); ++i) list.push_back({xy[2 * i], xy[2 * i + 1]});
  return list;
}

}  // namespace

SampleWall::SampleWall(const Dataset& dataset, const std::vector<std::int64_t>& latent, std::int64_t classes,
                       std::uint64_t seed, torch::Device device)
    : dataset_(dataset), device_(device) {
  // Drawn on the CPU, it is the same on every device.
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  std::vector<std::int64_t> sizes = latent;
  const bool is_plane = are_points(dataset);
  const std::int64_t rows = classes > 0 ? std::min(classes, most_rows) : columns;
  sizes.insert(sizes.begin(), is_plane ? points : classes > 0 ? columns : rows * columns);
  latent_ = torch::randn(sizes, generator);
  if (!is_plane && classes > 0) {
    std::vector<std::int64_t> repeats(sizes.size(), 1);
    repeats.front() = rows;
    latent_ = latent_.repeat(repeats);
    classes_ = torch::arange(rows, torch::kInt64).repeat_interleave(columns).to(device);
  } else if (classes > 0) {
    classes_ = torch::arange(points, torch::kInt64).remainder(classes).to(device);
  }
  latent_ = latent_.to(device);
}

std::vector<Event> SampleWall::show(const Generate& generate, const SamplePlace& place) const {
  const bool is_plane = are_points(dataset_);
  if (!is_plane && !are_pictures(dataset_)) return {};
  const torch::NoGradGuard no_grad;
  const torch::Tensor generated = generate(latent_, classes_).to(torch::kFloat32);
  if (is_plane) return {show_points(generated, place)};
  std::vector<Array> pictures;
  for (std::int64_t i = 0; i < generated.size(0); ++i) {
    pictures.push_back(picture_of(generated[i], dataset_, dataset_.train.inputs.type));
  }
  return {write_sample(place, "wall", pictures, static_cast<int>(columns))};
}

Event SampleWall::show_points(const torch::Tensor& generated, const SamplePlace& place) const {
  const auto real = sample_batch(dataset_.train, dataset_, points, device_);
  nlohmann::ordered_json content;
  content["real"] = real ? list_of(real->inputs, dataset_) : nlohmann::ordered_json::array();
  content["fake"] = list_of(generated, dataset_);
  return write_sample(place, "points", content);
}

}  // namespace netwright
