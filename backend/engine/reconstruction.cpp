#include "backend/engine/reconstruction.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "backend/engine/code_map.h"
#include "backend/engine/losses.h"
#include "backend/engine/own_draws.h"
#include "backend/engine/sample_files.h"
#include "backend/graph/layer_search.h"
#include "backend/graph/task_specs.h"

namespace netwright {

namespace {

constexpr std::int64_t shown_pictures = 12;
constexpr std::int64_t mapped_samples = 1000;
constexpr std::uint64_t test_noise = 0x6e6f697365;
enum : std::size_t { Errors = 2, Divergence, Sparsity };

/// Empty where there is none.
std::string name_of_first(const Network& network, std::string_view type) {
  const Layer* layer = first_of_type(network, type);
  return layer ? layer->name : std::string();
}

double normalised(const Normalisation& n, double light) {
  return (light - n.mean.front()) / n.deviation.front();
}

}  // namespace

std::string bottleneck_of(const Network& network, const NetworkReport& report, const std::string& name) {
  if (!name.empty()) return network.find(std::string_view(name)) ? name : std::string();
  if (std::string drawn = name_of_first(network, "Reparameterize"); !drawn.empty()) return drawn;
  std::string smallest;
  std::int64_t least = 0;
  for (const LayerId id : report.order) {
    const Layer* layer = network.find(id);
    const auto figures = report.layers.find(id);
    if (!layer || layer->type == "Input" || layer->type == "Output" || figures == report.layers.end()) continue;
    if (figures->second.outputs.size() != 1) continue;
    const Dim elements = figures->second.outputs.front().elements();
    if (!elements || (!smallest.empty() && *elements >= least)) continue;
    smallest = layer->name;
    least = *elements;
  }
  return smallest;
}

Result<std::unique_ptr<Task>> Reconstruction::create(const TaskContext& context) {
  auto parts = prepare(context);
  if (!parts) return parts.error();
  const Settings settings = completed(find_task_spec("Reconstruction")->settings, context.project.recipe.task_settings);
  return std::unique_ptr<Task>(new Reconstruction(std::move(*parts), context, settings));
}

Reconstruction::Reconstruction(Parts parts, const TaskContext& context, Settings settings)
    : SingleNetworkTask(Parts{parts.network, parts.report, std::move(parts.learner)}, context, 3),
      settings_(std::move(settings)),
      figures_({{"loss", "Loss", "Loss", false, "lower"},
                {"error", "Reconstruction error", "Reconstruction error", false, "lower"}}),
      code_layer_(bottleneck_of(parts.network, parts.report, settings_.text("code_layer"))),
      variational_(name_of_first(parts.network, "Reparameterize")) {
  if (!variational_.empty()) figures_.push_back({"kl", "Distance from N(0, 1)", "Code", false, ""});
  if (settings_.text("sparsity") != "none")
    figures_.push_back({"sparsity", "Sparsity penalty", "Code", false, "lower"});
  if (dataset().train.inputs.type == ElementType::UInt8) {
    low_ = normalised(dataset().normalisation, 0);
    high_ = normalised(dataset().normalisation, 1);
  }
}

/// What the network gets to see of it.
torch::Tensor Reconstruction::seen_of(const torch::Tensor& input) const {
  const std::string kind = settings_.text("corruption");
  if (kind == "none") return input;
  return corrupted(kind, settings_.real("corruption_level"), input, low_, high_);
}

SingleNetworkTask::Outcome Reconstruction::run(const Batch& batch, bool /*is_training*/) {
  const std::string sparsity = settings_.text("sparsity");
  std::vector<GraphModule::Watched> watched;
  if (!variational_.empty()) watched.push_back({variational_});
  if (sparsity != "none" && !code_layer_.empty()) watched.push_back({code_layer_});
  const torch::Tensor output = module().forward({seen_of(batch.inputs)}, batch.lengths, watched).at(0);

  const torch::Tensor& wanted = batch.undisturbed.defined() ? batch.undisturbed : batch.inputs;
  const torch::Tensor error = reconstruction_loss(settings_.text("loss"), output, wanted);
  Outcome outcome{error};
  torch::Tensor divergence = torch::zeros({}, error.options());
  torch::Tensor penalty = torch::zeros({}, error.options());
  if (!variational_.empty()) {
    divergence = kl_from_standard_normal(watched.front().inputs.at(0), watched.front().inputs.at(1));
    const auto values = static_cast<double>(batch.inputs.numel() / batch.size());
    outcome.loss = outcome.loss + divergence * (settings_.real("beta") / values);
  }
  if (sparsity != "none" && !code_layer_.empty()) {
    penalty = sparsity_penalty(sparsity, settings_.real("sparsity_rate"), watched.back().outputs.at(0));
    outcome.loss = outcome.loss + penalty * settings_.real("sparsity_weight");
  }
  const auto samples = static_cast<double>(batch.size());
  outcome.measured =
      torch::stack({error.detach(), divergence.detach(), penalty.detach()}).to(torch::kFloat64) * samples;
  return outcome;
}

void Reconstruction::clear_test_sums() {
  SingleNetworkTask::clear_test_sums();
  test_batch_ = 0;
}

void Reconstruction::evaluate(const Batch& batch) {
  // Every epoch is judged on the same noise, and judging changes nothing of what training draws.
  const OwnDraws draws(test_noise + test_batch_++, device());
  SingleNetworkTask::evaluate(batch);
}

std::optional<torch::Tensor> Reconstruction::input_gradient(const Batch& batch) {
  const OwnDraws draws(test_noise + test_batch_, device());
  return SingleNetworkTask::input_gradient(batch);
}

FigureValues Reconstruction::figures_of(const Sums& sums) const {
  FigureValues values = {{"loss", sums[1] / sums[0]}, {"error", sums[Errors] / sums[0]}};
  if (!variational_.empty()) values["kl"] = sums[Divergence] / sums[0];
  if (settings_.text("sparsity") != "none") values["sparsity"] = sums[Sparsity] / sums[0];
  return values;
}

std::vector<Event> Reconstruction::show_samples(const SamplePlace& place) {
  if (place.step == 0) return {};
  const torch::NoGradGuard no_grad;
  const Learner::Averaged averaged(learner());
  const OwnDraws draws(1, device());
  module().eval();
  std::vector<Event> events = show_pictures(place);
  for (Event& event : show_code(place)) events.push_back(std::move(event));
  return events;
}

std::vector<Event> Reconstruction::show_pictures(const SamplePlace& place) {
  if (!are_pictures(dataset())) return {};
  const auto samples = some_samples(shown_pictures);
  if (!samples) return {};
  const torch::Tensor seen = seen_of(samples->inputs);
  const torch::Tensor given = module().forward(seen);
  std::vector<Array> pictures;
  const auto add_row = [&](const torch::Tensor& row) {
    for (std::int64_t i = 0; i < row.size(0); ++i) {
      pictures.push_back(picture_of(row[i], dataset(), dataset().train.inputs.type));
    }
  };
  add_row(samples->inputs);
  if (settings_.text("corruption") != "none") add_row(seen);
  add_row(given);
  return {write_sample(place, "reconstructions", pictures, static_cast<int>(samples->size()))};
}

std::vector<Event> Reconstruction::show_code(const SamplePlace& place) {
  if (code_layer_.empty()) return {};
  const auto samples = some_samples(mapped_samples);
  if (!samples || samples->size() < 3) return {};
  std::vector<torch::Tensor> codes;
  std::vector<torch::Tensor> errors;
  for (std::int64_t begin = 0; begin < samples->size(); begin += 250) {
    const torch::Tensor part = samples->inputs.slice(0, begin, begin + 250);
    const torch::Tensor lengths =
        samples->lengths.defined() ? samples->lengths.slice(0, begin, begin + 250) : torch::Tensor();
    std::vector<GraphModule::Watched> watched = {{code_layer_}};
    const torch::Tensor given = module().forward({part}, lengths, watched).at(0);
    codes.push_back(watched.front().outputs.at(0).flatten(1).to(torch::kCPU));
    errors.push_back((given - part).flatten(1).square().mean(1).to(torch::kCPU));
  }
  const CodeMap map = map_of(torch::cat(codes), axes_);
  axes_ = map.axes;
  nlohmann::ordered_json content = {{"layer", code_layer_}, {"classes", dataset().classes}};
  auto points = nlohmann::ordered_json::array();
  const auto* xy = map.points.data_ptr<float>();
  for (std::int64_t i = 0; i < map.points.size(0); ++i) points.push_back({xy[2 * i], xy[2 * i + 1]});
  content["points"] = std::move(points);
  std::vector<std::int64_t> labels;
  if (dataset().target == TargetKind::Class) {
    const torch::Tensor targets = samples->targets.to(torch::kCPU).contiguous();
    labels.assign(targets.data_ptr<std::int64_t>(), targets.data_ptr<std::int64_t>() + targets.numel());
  }
  content["labels"] = labels;
  const torch::Tensor score = torch::cat(errors).contiguous();
  content["errors"] = std::vector<float>(score.data_ptr<float>(), score.data_ptr<float>() + score.numel());
  content["explained"] = map.explained;
  return {write_sample(place, "code", content)};
}

}  // namespace netwright
