#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/commands/command.h"
#include "app/commands/source.h"
#include "app/commands/table.h"
#include "backend/analysis/analyse.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/image_file.h"
#include "backend/engine/batch_producer.h"
#include "backend/engine/checkpoint.h"
#include "backend/engine/classification.h"
#include "backend/engine/device.h"
#include "backend/engine/threads.h"
#include "backend/graph/flatten.h"
#include "backend/graph/recipe_specs.h"
#include "backend/data/npy.h"

namespace netwright {

namespace {

struct Arguments {
  std::string source;
  std::string input;
  std::string output;
  std::string network;
  std::string device = "auto";
  int threads = 0;
  bool as_json = false;
};

struct Predictions {
  torch::Tensor output;         ///< N×…, float32, as the network gives it
  torch::Tensor probabilities;  ///< N×classes, or none where the network doesn't classify
  std::vector<std::string> classes;

  std::string label(std::int64_t index) const {
    const auto at = static_cast<std::size_t>(index);
    return at < classes.size() ? classes[at] : std::to_string(index);
  }
};

void remark(const std::string& text) {
  fmt::print(stderr, "netwright-engine: {}\n", text);
}

/// C×H×W with the channels that the network takes: gray by luminance (ITU-R BT.601), colour by repeating.
Array with_channels(const Array& image, std::int64_t channels) {
  const std::int64_t pixels = image.sizes[1] * image.sizes[2];
  Array converted = make_array(ElementType::UInt8, {channels, image.sizes[1], image.sizes[2]});
  const auto* from = image.as<std::uint8_t>();
  auto* to = converted.as<std::uint8_t>();
  for (std::int64_t i = 0; i < pixels; ++i) {
    if (channels == 1) {
      const int red = from[i];
      const int green = from[pixels + i];
      const int blue = from[2 * pixels + i];
      to[i] = static_cast<std::uint8_t>((299 * red + 587 * green + 114 * blue + 500) / 1000);
    } else {
      for (std::int64_t channel = 0; channel < channels; ++channel) to[channel * pixels + i] = from[i];
    }
  }
  return converted;
}

/// The file's samples, batch first.
Result<Array> read_input(const std::filesystem::path& path, const Shape& wanted) {
  if (path.extension() == ".npy") return read_npy(path);
  Result<Array> image = read_image(path);
  if (!image) return image.error();
  const bool is_image_network = wanted.rank() == 3 && (wanted[0] == 1 || wanted[0] == 3);
  if (is_image_network && image->sizes[0] != *wanted[0]) *image = with_channels(*image, *wanted[0]);
  image->sizes.insert(image->sizes.begin(), 1);
  return image;
}

/// Why the samples don't fit the network; nothing where they do.
std::optional<std::string> shape_complaint(const Array& input, const Shape& wanted, const std::string& file) {
  std::vector<Dim> dims;
  for (std::size_t axis = 1; axis < input.sizes.size(); ++axis) dims.emplace_back(input.sizes[axis]);
  const Shape given(dims);
  if (!input.sizes.empty() && input.count() > 0 && given.is_compatible_with(wanted)) return std::nullopt;
  if (input.count() == 0) return fmt::format("{} holds no samples.", file);
  std::vector<Dim> all(input.sizes.begin(), input.sizes.end());
  if (Shape(all).is_compatible_with(wanted)) {
    return fmt::format("{} holds one sample without a batch; give it a first dimension of 1 (numpy: x[None]).", file);
  }
  return fmt::format("{} holds samples of {}, but the network takes {}. Nothing is resized here: bring it to {} first.",
                     file, given.to_string(), wanted.to_string(), wanted.to_string());
}

/// Values in the data's own units are normalised as training did; others are taken as they are.
Result<Normalisation> normalisation_for(const Array& input, const Project& project, std::vector<std::string>& classes) {
  const bool is_bytes = input.type == ElementType::UInt8;
  const Normalisation as_is{.scale = is_bytes ? 1.0F / 255 : 1.0F, .mean = {0}, .deviation = {1}};
  if (project.data.source.empty()) {
    if (is_bytes) remark("The project has no data, so bytes are scaled to 0…1.");
    return as_is;
  }
  const Result<Dataset> dataset = load(project.data);
  if (!dataset && is_bytes) {
    return Error{fmt::format("Can't normalise the input as in training: {} Or give float32 values that are normalised.",
                             dataset.error().message)};
  }
  if (!dataset) {
    remark(fmt::format("Classes have no names: {}", dataset.error().message));
    return as_is;
  }
  classes = dataset->classes;
  if (dataset->train.inputs.type == input.type) return dataset->normalisation;
  remark("The input isn't of the data's own type, so its values are taken as they are: they should be normalised.");
  return as_is;
}

Result<torch::Tensor> run_network(GraphModule& module, const Split& samples, const Normalisation& normalisation,
                                  torch::Device device) {
  auto batches = BatchProducer::create(samples, normalisation, {.batch_size = 128, .shuffle = false, .device = device});
  if (!batches) return batches.error();
  const torch::NoGradGuard no_grad;
  module.eval();
  std::vector<torch::Tensor> outputs;
  (*batches)->begin(1);
  while (const auto batch = (*batches)->next()) outputs.push_back(module.forward(batch->inputs).to(torch::kCPU));
  return torch::cat(outputs).to(torch::kFloat32).contiguous();
}

/// The words of texts go in as they are.
torch::Tensor run_on_words(GraphModule& module, const Array& words, torch::Device device) {
  const torch::NoGradGuard no_grad;
  module.eval();
  torch::Tensor input = torch::empty(words.sizes, torch::kInt64);
  std::memcpy(input.data_ptr(), words.bytes.data(), words.bytes.size());
  std::vector<torch::Tensor> outputs;
  for (const torch::Tensor& batch : input.split(128)) {
    outputs.push_back(module.forward(batch.to(device)).to(torch::kCPU));
  }
  return torch::cat(outputs).to(torch::kFloat32).contiguous();
}

/// Whether the network's Input takes whole numbers.
bool takes_words(const Network& network) {
  return std::any_of(network.layers.begin(), network.layers.end(), [](const Layer& layer) {
    return layer.type == "Input" && layer.settings.text("dtype") == "int64";
  });
}

Result<Predictions> predict(const Arguments& arguments, torch::Device device) {
  const Result<Source> source = open_source(arguments.source);
  if (!source) return source.error();
  if (source->is_run && source->weights.empty()) {
    return Error{fmt::format("{} has no checkpoint: train it for at least one epoch.", arguments.source)};
  }
  const Result<const Network*> chosen = network_of(*source, arguments.network);
  if (!chosen) return chosen.error();
  const Project project = flattened(source->project);
  const Network* network = project.find((*chosen)->id);

  const Report report = analyse(project);
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (diagnostic.severity == Severity::Error && diagnostic.network == network->id) return Error{diagnostic.message};
  }
  const NetworkReport& figures = *report.find(network->id);
  torch::manual_seed(static_cast<std::uint64_t>(completed(recipe_specs(), project.recipe.settings).integer("seed")));
  auto module = GraphModule::build(*network, figures);
  if (!module) return module.error();
  if ((*module)->input_count() != 1 || (*module)->output_count() != 1) {
    return Error{fmt::format("“{}” has {} inputs and {} outputs; predict works with one of each.", network->name,
                             (*module)->input_count(), (*module)->output_count())};
  }
  if (source->weights.empty()) {
    remark(fmt::format("{} has no weights: these are the predictions of an untrained network. Give a run's folder.",
                       arguments.source));
  } else if (const auto loaded = load_weights(source->weights, **module, network->name); !loaded) {
    return loaded.error();
  }
  (*module)->to(device);

  Result<Array> input = read_input(arguments.input, figures.input);
  if (!input) return input.error();
  if (const auto complaint = shape_complaint(*input, figures.input, arguments.input)) return Error{*complaint};
  Predictions predictions;
  if (takes_words(*network)) {
    if (input->type != ElementType::Int64) {
      return Error{fmt::format("The network takes whole numbers (words), and {} holds none: give int64 or int32.",
                               arguments.input)};
    }
    predictions.output = run_on_words(**module, *input, device);
  } else {
    const auto normalisation = normalisation_for(*input, project, predictions.classes);
    if (!normalisation) return normalisation.error();
    const std::int64_t count = input->count();
    const Split samples{std::move(*input), make_array(ElementType::Int64, {count})};
    auto output = run_network(**module, samples, *normalisation, device);
    if (!output) return output.error();
    predictions.output = std::move(*output);
  }
  if (project.recipe.task == "Classification" && predictions.output.dim() == 2) {
    predictions.probabilities = ends_in_softmax(*network) ? predictions.output : torch::softmax(predictions.output, 1);
  }
  return predictions;
}

Result<void> write_output(const std::string& file, const torch::Tensor& output) {
  Array array = make_array(ElementType::Float32, output.sizes().vec());
  std::memcpy(array.bytes.data(), output.data_ptr<float>(), array.bytes.size());
  return write_npy(file, array);
}

nlohmann::ordered_json json_of(const Predictions& predictions) {
  nlohmann::ordered_json json = {{"output_shape", predictions.output.sizes().vec()}};
  if (!predictions.probabilities.defined()) return json;
  const auto [best, index] = predictions.probabilities.max(1);
  auto list = nlohmann::ordered_json::array();
  for (std::int64_t i = 0; i < index.size(0); ++i) {
    const auto chosen = index[i].item<std::int64_t>();
    list.push_back({{"class", chosen}, {"label", predictions.label(chosen)}, {"probability", best[i].item<float>()}});
  }
  json["predictions"] = std::move(list);
  return json;
}

std::string shape_text(const torch::Tensor& tensor) {
  return fmt::format("{}", fmt::join(tensor.sizes().vec(), "×"));
}

std::string text_of(const Predictions& predictions) {
  if (!predictions.probabilities.defined()) {
    return fmt::format("The output is {}; --output FILE.npy keeps it.\n", shape_text(predictions.output));
  }
  std::vector<std::vector<std::string>> rows;
  const std::int64_t count = predictions.probabilities.size(0);
  if (count == 1) {
    constexpr std::int64_t shown_classes = 5;
    const auto [best, index] =
        predictions.probabilities[0].topk(std::min(shown_classes, predictions.probabilities.size(1)));
    for (std::int64_t i = 0; i < index.size(0); ++i) {
      rows.push_back(
          {predictions.label(index[i].item<std::int64_t>()), fmt::format("{:.1f} %", 100 * best[i].item<float>())});
    }
    return table({{"Class"}, {"Probability", Align::Right}}, rows);
  }
  constexpr std::int64_t shown_samples = 20;
  const auto [best, index] = predictions.probabilities.max(1);
  for (std::int64_t i = 0; i < std::min(count, shown_samples); ++i) {
    rows.push_back({std::to_string(i), predictions.label(index[i].item<std::int64_t>()),
                    fmt::format("{:.1f} %", 100 * best[i].item<float>())});
  }
  std::string text = table({{"Sample", Align::Right}, {"Class"}, {"Probability", Align::Right}}, rows);
  if (count > shown_samples) text += fmt::format("… and {} more; --json lists them all.\n", count - shown_samples);
  return text;
}

Exit predict_and_tell(const Arguments& arguments) {
  set_threads(arguments.threads);
  const auto device = pick_device(arguments.device);
  if (!device) return bad_arguments(device.error().message);
  const auto predictions = predict(arguments, *device);
  if (!predictions) return failed(predictions.error().message);
  if (!arguments.output.empty()) {
    if (const auto written = write_output(arguments.output, predictions->output); !written) {
      return failed(written.error().message);
    }
  }
  fmt::print("{}", arguments.as_json ? json_of(*predictions).dump() + "\n" : text_of(*predictions));
  return Exit::Done;
}

}  // namespace

Verb predict_verb() {
  return {"predict", "Runs a trained network on an image or on arrays.",
          "netwright-engine predict classifier.runs/2026-01-31T12-00-00Z-classifier --input shoe.png", true,
          [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<Arguments>();
            app.add_option("source", arguments->source,
                           "A run's folder (its best weights, else its last), or a project's file (with the weights "
                           "in PROJECT.safetensors beside it, where an import put them)")
                ->required();
            app.add_option("--input", arguments->input,
                           "PNG, JPEG, or .npy with the batch first (int64 for the words of texts). Values of the "
                           "data's own type are normalised as in "
                           "training, others taken as they are")
                ->required();
            app.add_option("--output", arguments->output, "Where the network's output goes (.npy, float32)");
            app.add_option("--network", arguments->network, "Which network (default: the one that was trained)");
            app.add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
            app.add_option("--threads", arguments->threads, "Threads to compute with (default: one per usable core)")
                ->check(CLI::Range(1, 4096));
            app.add_flag("--json", arguments->as_json, "As JSON");
            return [arguments] { return predict_and_tell(*arguments); };
          }};
}

}  // namespace netwright
