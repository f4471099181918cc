#include "backend/engine/frechet_meter.h"

#include <fmt/format.h>

#include "backend/data/held_out.h"
#include "backend/engine/sample_batch.h"
#include "backend/engine/single_network_task.h"

namespace netwright {

namespace {

constexpr std::int64_t most_real = 5000;
constexpr std::int64_t enough_real = 500;  // several for each of the covariance's rows
constexpr std::int64_t at_once = 256;

}  // namespace

Result<std::unique_ptr<FrechetMeter>> FrechetMeter::create(const Dataset& dataset, torch::Device device) {
  const Split& held_out = held_out_split(dataset);
  const bool has_enough = held_out.count() >= std::min(enough_real, dataset.train.count());
  auto real = sample_batch(has_enough ? held_out : dataset.train, dataset, most_real, device);
  if (!real) return real.error();
  if (real->size() < 2) return Error{"There are too few samples to compare with."};
  auto net = FeatureNet::create(dataset, device);
  if (!net) return net.error();
  std::unique_ptr<FrechetMeter> meter(new FrechetMeter(std::move(*net), std::move(*real)));
  const auto training = sample_batch(dataset.train, dataset, generated, device);
  if (!training) return training.error();
  if (training->size() < 2) return Error{"There are too few samples to compare with."};
  meter->floor_ = frechet_distance(statistics_of(meter->net_->features_of(training->inputs)), meter->real_);
  return meter;
}

FrechetMeter::FrechetMeter(std::unique_ptr<FeatureNet> net, Batch real)
    : net_(std::move(net)),
      real_(statistics_of(net_->features_of(real.inputs))),
      classes_(net_->accuracy() ? real.targets : torch::Tensor()) {}

double FrechetMeter::distance_of(const Generate& generate) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> parts;
  for (std::int64_t begin = 0; begin < generated; begin += at_once) {
    torch::Tensor classes;
    if (classes_.defined()) {
      const torch::Tensor places =
          torch::arange(begin, begin + at_once, classes_.options()).remainder(classes_.size(0));
      classes = classes_.index_select(0, places);
    }
    parts.push_back(net_->features_of(generate(at_once, classes)));
  }
  return frechet_distance(statistics_of(torch::cat(parts)), real_);
}

std::string FrechetMeter::note() const {
  const std::string by = net_->accuracy()
                             ? fmt::format(
                                   "the features of a small classifier trained on the same data (right for {:.1f} % of "
                                   "held-out samples)",
                                   100 * *net_->accuracy())
                             : std::string("random features, since the data has no classes to train a classifier on");
  return fmt::format(
      "The Fréchet distance is measured over {}. Training samples have a distance of {:.3g}: no generator "
      "needs to come below.",
      by, floor_);
}

}  // namespace netwright
