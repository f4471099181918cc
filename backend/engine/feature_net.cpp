#include "backend/engine/feature_net.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "backend/analysis/analyse.h"
#include "backend/data/held_out.h"
#include "backend/data/preparation.h"
#include "backend/engine/checkpoint.h"
#include "backend/engine/learner.h"
#include "backend/engine/own_draws.h"
#include "backend/engine/sample_batch.h"
#include "backend/engine/single_network_task.h"
#include "backend/graph/gestures.h"

namespace netwright {

namespace {

constexpr int version = 1;  // of the net and how it is trained, in the cached file's name
constexpr std::uint64_t seed = 64;
constexpr std::int64_t most_samples = 20'000;
constexpr std::int64_t most_epochs = 10;
constexpr std::int64_t batch_size = 128;
constexpr std::int64_t largest_side = 64;  // pixels; larger pictures are averaged down first
constexpr const char* features_layer = "features";

class Chain {
 public:
  explicit Chain(Network& network) : network_(network) {}
  void add(const std::string& type, const Settings& settings = {}, const char* name = nullptr) {
    Layer layer = make_layer(network_, type, {}, settings);
    if (name) layer.name = name;
    if (last_) network_.connections.push_back({{*last_, 0}, {layer.id, 0}});
    last_ = layer.id;
    network_.layers.push_back(std::move(layer));
  }

 private:
  Network& network_;
  std::optional<LayerId> last_;
};

Project drawn(const std::vector<std::int64_t>& sample, std::int64_t classes) {
  Project project = empty_project();
  Chain chain(project.networks.front());
  chain.add("Input", {{"shape", Integers(sample)}});
  const bool is_picture = sample.size() == 3 && std::min(sample[1], sample[2]) >= 8;
  if (is_picture) {
    if (std::max(sample[1], sample[2]) > largest_side) {
      chain.add("AdaptiveAvgPool2d",
                {{"output_size", Integers{std::min(sample[1], largest_side), std::min(sample[2], largest_side)}}});
    }
    chain.add("BatchNorm2d", {{"affine", false}});
    for (const std::int64_t channels : {16, 32}) {
      chain.add("Conv2d", {{"out_channels", channels}, {"kernel_size", Integers{3, 3}}, {"padding", Integers{1, 1}}});
      chain.add("ReLU");
      chain.add("MaxPool2d");
    }
    chain.add("Flatten");
  } else {
    if (sample.size() > 1) chain.add("Flatten");
    chain.add("BatchNorm1d", {{"affine", false}});
    chain.add("Linear", {{"out_features", std::int64_t{128}}});
    chain.add("ReLU");
  }
  chain.add("Linear", {{"out_features", FeatureNet::features}}, features_layer);
  chain.add("ReLU");
  chain.add("Linear", {{"out_features", classes}});
  chain.add("Output");
  return project;
}

/// Empty where there is no place for it.
std::filesystem::path cached_file(const Dataset& dataset) {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if ((!cache || !*cache) && (!home || !*home)) return {};
  const std::filesystem::path folder =
      cache && *cache ? std::filesystem::path(cache) : std::filesystem::path(home) / ".cache";
  return folder / "netwright" / fmt::format("features-{}-{}.safetensors", version, fingerprint_of(dataset));
}

Result<std::unique_ptr<BatchProducer>> training_batches(const Dataset& dataset, torch::Device device) {
  return BatchProducer::create(dataset.train, dataset,
                               {.batch_size = batch_size, .seed = seed, .limit = most_samples, .device = device});
}

}  // namespace

Result<std::unique_ptr<FeatureNet>> FeatureNet::create(const Dataset& dataset, torch::Device device) {
  if (dataset.train.inputs.type == ElementType::Int64) return Error{"Words have no features to be compared by."};
  const std::vector<std::int64_t> sample(dataset.train.inputs.sizes.begin() + 1, dataset.train.inputs.sizes.end());
  const bool has_classes = dataset.target == TargetKind::Class && dataset.classes.size() > 1;
  const Project project = drawn(sample, has_classes ? static_cast<std::int64_t>(dataset.classes.size()) : 2);
  const OwnDraws draws(seed, device);
  auto module = GraphModule::build(project.networks.front(), analyse(project).networks.front());
  if (!module) return module.error();
  (*module)->to(device);
  std::unique_ptr<FeatureNet> net(new FeatureNet(dataset, device, std::move(*module)));
  if (!has_classes) {
    if (const auto settled = net->settle(); !settled) return settled.error();
    return net;
  }
  const std::filesystem::path cached = cached_file(dataset);
  if (cached.empty() || !load_weights(cached, *net->module_)) {
    if (const auto learned = net->learn(); !learned) return learned.error();
    // Without a cache it is only slower the next time.
    if (!cached.empty() && !save_weights(cached, *net->module_)) net->module_->eval();
  }
  net->module_->eval();
  net->accuracy_ = net->measured_accuracy();
  return net;
}

FeatureNet::FeatureNet(const Dataset& dataset, torch::Device device, std::shared_ptr<GraphModule> module)
    : dataset_(dataset), device_(device), module_(std::move(module)) {}

/// As it came: its own first layer normalises, so that runs with different normalisations compare.
torch::Tensor FeatureNet::seen(const torch::Tensor& samples) const {
  return without_normalisation(samples, dataset_.normalisation);
}

Result<void> FeatureNet::learn() {
  auto batches = training_batches(dataset_, device_);
  if (!batches) return batches.error();
  Recipe recipe;
  recipe.optimiser_settings = {{"lr", 0.002}};
  const auto epochs = static_cast<int>(std::clamp<std::int64_t>(most_samples / (*batches)->samples(), 1, most_epochs));
  auto learner = Learner::create(module_,
                                 {.recipe = recipe,
                                  .optimiser = {recipe.optimiser, recipe.optimiser_settings},
                                  .steps = {.steps_per_epoch = (*batches)->batches(), .epochs = epochs}},
                                 device_);
  if (!learner) return learner.error();
  module_->train();
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    (*batches)->begin(epoch);
    while (const std::optional<Batch> batch = (*batches)->next()) {
      if (batch->size() < 2) continue;  // batch normalisation has nothing to compare
      (*learner)->begin();
      const torch::Tensor loss =
          torch::nn::functional::cross_entropy(module_->forward(seen(batch->inputs)), batch->targets);
      (*learner)->share_of(loss).backward();
      (*learner)->finish(loss.detach());
    }
  }
  return {};
}

/// Fills in what the first layer normalises by.
Result<void> FeatureNet::settle() {
  const torch::NoGradGuard no_grad;
  auto batches = training_batches(dataset_, device_);
  if (!batches) return batches.error();
  module_->train();
  (*batches)->begin(1);
  while (const std::optional<Batch> batch = (*batches)->next()) {
    if (batch->size() > 1) module_->forward(seen(batch->inputs));
  }
  module_->eval();
  return {};
}

double FeatureNet::measured_accuracy() {
  const torch::NoGradGuard no_grad;
  const Split& split = held_out_split(dataset_);
  const auto samples = sample_batch(split, dataset_, 2000, device_);
  if (!samples) return 0;
  std::int64_t right = 0;
  for (std::int64_t begin = 0; begin < samples->size(); begin += batch_size) {
    const torch::Tensor output = module_->forward(seen(samples->inputs.slice(0, begin, begin + batch_size)));
    right += output.argmax(1).eq(samples->targets.slice(0, begin, begin + batch_size)).sum().item<std::int64_t>();
  }
  return static_cast<double>(right) / static_cast<double>(samples->size());
}

torch::Tensor FeatureNet::features_of(const torch::Tensor& samples) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> parts;
  for (std::int64_t begin = 0; begin < samples.size(0); begin += batch_size) {
    std::vector<GraphModule::Watched> watched = {{features_layer}};
    module_->forward({seen(samples.slice(0, begin, begin + batch_size))}, {}, watched);
    parts.push_back(watched.front().outputs.at(0));
  }
  return torch::cat(parts);
}

}  // namespace netwright
