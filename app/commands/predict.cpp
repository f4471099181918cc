#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/commands/command.h"
#include "app/commands/table.h"
#include "app/commands/trained_network.h"
#include "backend/data/image_file.h"
#include "backend/data/image_fit.h"
#include "backend/data/image_grid.h"
#include "backend/data/npy.h"
#include "backend/data/tokens.h"
#include "backend/engine/batch_producer.h"
#include "backend/engine/device.h"
#include "backend/engine/sample_batch.h"
#include "backend/engine/sample_files.h"
#include "backend/engine/single_network_task.h"
#include "backend/engine/threads.h"
#include "backend/graph/layer_search.h"

namespace netwright {

namespace {

struct PredictArguments {
  std::string source;
  std::string input;
  std::string text;
  std::optional<std::int64_t> samples;
  std::int64_t seed = 1;
  std::string output;
  std::string layer;
  std::string network;
  std::string device = "auto";
  int threads = 0;
  bool is_fitted = false;
  bool as_json = false;
};

struct Predictions {
  torch::Tensor output;         ///< N×…, float32, as the network (or the layer that is asked for) gives it
  torch::Tensor probabilities;  ///< N×classes, or none where the network doesn't classify
  torch::Tensor values;         ///< N×target shape in the target's own units, or none where it doesn't regress
  torch::Tensor errors;         ///< N: the mean squared error of reconstructions, or none
  bool has_labels = false;      ///< probabilities are of labels, each by itself
  std::vector<std::string> classes;
  Legend legend;
  ElementType data_type = ElementType::Float32;

  std::string label(std::int64_t index) const {
    const auto at = static_cast<std::size_t>(index);
    return at < classes.size() ? classes[at] : std::to_string(index);
  }
};

/// What goes into the network: normalised, batch first.
struct Samples {
  torch::Tensor inputs;
  torch::Tensor lengths = {};
};

/// The file's samples, batch first. `is_fitted`: pictures are brought to the network's size.
Result<Array> read_input(const std::filesystem::path& path, const Shape& wanted, bool is_fitted) {
  if (path.extension() == ".npy") return read_npy(path);
  Result<Array> image = read_image(path);
  if (!image) return image.error();
  const bool is_image_network = wanted.rank() == 3 && (wanted[0] == 1 || wanted[0] == 3);
  if (is_image_network && image->sizes[0] != *wanted[0]) *image = with_channels(*image, *wanted[0]);
  const bool has_other_size =
      is_image_network && wanted[1] && wanted[2] && (image->sizes[1] != *wanted[1] || image->sizes[2] != *wanted[2]);
  if (is_fitted && has_other_size) *image = fitted(*image, *wanted[1], *wanted[2], Fit::Pad);
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
  return fmt::format(
      "{} holds samples of {}, but the network takes {}. Bring it to {} first; --fit does it for a picture.", file,
      given.to_string(), wanted.to_string(), wanted.to_string());
}

/// Values in the data's own units are normalised as training did; others are taken as they are.
Result<Normalisation> normalisation_for(const Array& input, const TrainedNetwork& trained) {
  const bool is_bytes = input.type == ElementType::UInt8;
  const Normalisation as_is{.scale = is_bytes ? 1.0F / 255 : 1.0F, .mean = {0}, .deviation = {1}};
  if (trained.project.data.source.empty() && !trained.legend) {
    if (is_bytes) remark("The project has no data, so bytes are scaled to 0…1.");
    return as_is;
  }
  if (!trained.legend && is_bytes) {
    return Error{fmt::format("Can't normalise the input as in training: {} Or give float32 values that are normalised.",
                             trained.legend_problem)};
  }
  if (!trained.legend) {
    remark(fmt::format("Classes have no names: {}", trained.legend_problem));
    return as_is;
  }
  if (trained.data_type == input.type) return trained.legend->normalisation;
  remark("The input isn't of the data's own type, so its values are taken as they are: they should be normalised.");
  return as_is;
}

constexpr std::int64_t shown_classes = 5;

/// Whether the network's Input takes whole numbers.
bool takes_words(const Network& network) {
  const std::vector<LayerId> inputs = layers_of_type(network, "Input");
  return std::any_of(inputs.begin(), inputs.end(),
                     [&](LayerId id) { return network.find(id)->settings.text("dtype") == "int64"; });
}

/// Words that the embedding has no row for would end in a message of LibTorch's that helps nobody.
std::optional<std::string> word_complaint(const torch::Tensor& words, const Network& network, const std::string& file) {
  const std::int64_t least = words.min().item<std::int64_t>();
  const std::int64_t most = words.max().item<std::int64_t>();
  for (const LayerId id : layers_of_type(network, "Embedding")) {
    const Layer* embedding = network.find(id);
    const std::int64_t rows = embedding->settings.integer("num_embeddings");
    if (least >= 0 && most < rows) continue;
    return fmt::format("{} holds the word {}, but {} knows 0 to {}.", file, least < 0 ? least : most, embedding->name,
                       rows - 1);
  }
  return std::nullopt;
}

Result<Samples> samples_of_file(const PredictArguments& arguments, const TrainedNetwork& trained) {
  Result<Array> input = read_input(arguments.input, trained.report.input, arguments.is_fitted);
  if (!input) return input.error();
  if (const auto complaint = shape_complaint(*input, trained.report.input, arguments.input)) return Error{*complaint};
  if (takes_words(trained.network())) {
    if (input->type != ElementType::Int64) {
      return Error{fmt::format("The network takes whole numbers (words), and {} holds none: give int64 or int32.",
                               arguments.input)};
    }
    torch::Tensor words = torch::empty(input->sizes, torch::kInt64);
    std::memcpy(words.data_ptr(), input->bytes.data(), input->bytes.size());
    if (const auto why = word_complaint(words, trained.network(), arguments.input)) return Error{*why};
    return Samples{std::move(words)};
  }
  const auto normalisation = normalisation_for(*input, trained);
  if (!normalisation) return normalisation.error();
  Legend legend = trained.legend.value_or(Legend());
  legend.normalisation = *normalisation;
  legend.target = TargetKind::None;
  const Split split{std::move(*input), {}};
  const std::int64_t count = split.count();
  auto batches = BatchProducer::create(split, legend, {.batch_size = count, .shuffle = false});
  if (!batches) return batches.error();
  (*batches)->begin(1);
  return Samples{(*batches)->next()->inputs.clone()};
}

Result<Samples> samples_of_text(const std::string& text, const TrainedNetwork& trained) {
  if (!trained.legend || trained.legend->vocabulary.tokens.empty()) {
    return Error{fmt::format("“{}” wasn't trained on texts{}.", trained.network().name,
                             trained.legend_problem.empty() ? "" : ": " + trained.legend_problem)};
  }
  const std::int64_t length = trained.report.input[0].value_or(0);
  const std::vector<std::int64_t> words = encoded(text, trained.legend->vocabulary, length);
  torch::Tensor row = torch::full({1, length}, Vocabulary::padding, torch::kInt64);
  std::copy(words.begin(), words.end(), row.data_ptr<std::int64_t>());
  return Samples{std::move(row), torch::tensor({static_cast<std::int64_t>(words.size())}, torch::kInt64)};
}

/// Latents for a generator, drawn from N(0, 1).
Result<Samples> drawn_samples(const PredictArguments& arguments, const TrainedNetwork& trained) {
  std::vector<std::int64_t> sizes = {*arguments.samples};
  for (const Dim& dim : trained.report.input.dims()) sizes.push_back(dim.value_or(1));
  torch::manual_seed(static_cast<std::uint64_t>(arguments.seed));
  return Samples{torch::randn(sizes)};
}

/// In batches, so that memory stays bounded. A second Input (a class) goes through the classes in turn.
Result<torch::Tensor> run_network(const PredictArguments& arguments, const TrainedNetwork& trained,
                                  const Samples& samples, torch::Device device) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> outputs;
  const std::int64_t count = samples.inputs.size(0);
  const auto classes = static_cast<std::int64_t>(
      trained.legend && !trained.legend->classes.empty() ? trained.legend->classes.size() : 1);
  for (std::int64_t begin = 0; begin < count; begin += 128) {
    const std::int64_t end = std::min<std::int64_t>(begin + 128, count);
    std::vector<torch::Tensor> inputs = {samples.inputs.slice(0, begin, end).to(device)};
    if (trained.module->input_count() == 2) {
      inputs.push_back(torch::arange(begin, end, torch::kInt64).remainder(classes).unsqueeze(1).to(device));
    }
    const torch::Tensor lengths = samples.lengths.defined() ? samples.lengths.slice(0, begin, end) : torch::Tensor();
    std::vector<GraphModule::Watched> watched;
    if (!arguments.layer.empty()) watched.push_back({arguments.layer});
    torch::Tensor output = trained.module->forward(std::move(inputs), lengths, watched).at(0);
    if (!watched.empty()) {
      if (watched.front().outputs.empty()) {
        return Error{fmt::format("There is no layer “{}” in “{}” that computes anything.", arguments.layer,
                                 trained.network().name)};
      }
      output = watched.front().outputs.front();
    }
    outputs.push_back(output.to(torch::kCPU));
  }
  return torch::cat(outputs).to(torch::kFloat32).contiguous();
}

/// What the task makes of the network's output.
void interpret(Predictions& predictions, const TrainedNetwork& trained, const Samples& samples) {
  const std::string& task = trained.project.recipe.task;
  const torch::Tensor& output = predictions.output;
  const bool are_labels = trained.legend && trained.legend->target == TargetKind::Labels;
  if (task == "Classification" && output.dim() == 2) {
    switch (output_form_of(trained.network())) {
      case OutputForm::Probabilities:
        predictions.probabilities = output;
        break;
      case OutputForm::LogProbabilities:
        predictions.probabilities = output.exp();
        break;
      case OutputForm::Scores:
        predictions.probabilities = are_labels ? output.sigmoid() : torch::softmax(output, 1);
        break;
    }
    predictions.has_labels = are_labels;
  } else if ((task == "Regression" || task == "Forecast") && trained.legend) {
    predictions.values = without_normalisation(output, trained.legend->target_normalisation);
  } else if (task == "Reconstruction" && output.sizes() == samples.inputs.sizes()) {
    predictions.errors = (output - samples.inputs).flatten(1).square().mean(1);
  }
}

Result<Predictions> predict(const PredictArguments& arguments, torch::Device device) {
  const auto trained = open_trained_network(arguments.source, arguments.network, device);
  if (!trained) return trained.error();
  const std::size_t inputs = trained->module->input_count();
  if (inputs > 2 || (inputs == 2 && !arguments.samples) || trained->module->output_count() != 1) {
    return Error{fmt::format("“{}” has {} inputs and {} outputs; predict works with one of each.",
                             trained->network().name, inputs, trained->module->output_count())};
  }
  if (trained->is_untrained) {
    remark(fmt::format("{} has no weights: these are the predictions of an untrained network. Give a run's folder.",
                       arguments.source));
  }
  const auto samples = arguments.samples        ? drawn_samples(arguments, *trained)
                       : arguments.text.empty() ? samples_of_file(arguments, *trained)
                                                : samples_of_text(arguments.text, *trained);
  if (!samples) return samples.error();
  auto output = run_network(arguments, *trained, *samples, device);
  if (!output) return output.error();
  Predictions predictions;
  predictions.output = std::move(*output);
  predictions.legend = trained->legend.value_or(Legend());
  predictions.data_type = trained->data_type;
  predictions.classes = predictions.legend.classes;
  if (arguments.layer.empty()) interpret(predictions, *trained, *samples);
  return predictions;
}

/// Pictures as PNG where the name says so, else an array.
Result<void> write_output(const std::string& file, const Predictions& predictions) {
  const torch::Tensor& output = predictions.values.defined() ? predictions.values : predictions.output;
  if (std::filesystem::path(file).extension() == ".png") {
    if (output.dim() != 4 || (output.size(1) != 1 && output.size(1) != 3)) {
      return Error{fmt::format("The output is no picture, so it can't go to {}; give a name that ends in .npy.", file)};
    }
    std::vector<Array> pictures;
    for (std::int64_t i = 0; i < output.size(0); ++i) {
      pictures.push_back(picture_of(output[i], predictions.legend, predictions.data_type));
    }
    const auto columns = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(output.size(0)))));
    return write_png(file, image_grid(pictures, columns));
  }
  Array array = make_array(ElementType::Float32, output.sizes().vec());
  std::memcpy(array.bytes.data(), output.data_ptr<float>(), array.bytes.size());
  return write_npy(file, array);
}

/// The first few classes of a sample: [label, probability], the likeliest first.
nlohmann::ordered_json likeliest(const Predictions& predictions, std::int64_t sample) {
  const torch::Tensor shares = predictions.probabilities[sample];
  const auto [best, index] = shares.topk(std::min(shown_classes, shares.size(0)));
  auto list = nlohmann::ordered_json::array();
  for (std::int64_t i = 0; i < index.size(0); ++i) {
    list.push_back({predictions.label(index[i].item<std::int64_t>()), best[i].item<float>()});
  }
  return list;
}

nlohmann::ordered_json json_of(const Predictions& predictions) {
  nlohmann::ordered_json json = {{"output_shape", predictions.output.sizes().vec()}};
  const auto numbers = [](const torch::Tensor& values) {
    const torch::Tensor flat = values.contiguous();
    return std::vector<float>(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
  };
  if (predictions.values.defined()) {
    auto list = nlohmann::ordered_json::array();
    for (std::int64_t i = 0; i < predictions.values.size(0); ++i) list.push_back(numbers(predictions.values[i]));
    json["values"] = std::move(list);
  }
  if (predictions.errors.defined()) json["errors"] = numbers(predictions.errors);
  if (!predictions.probabilities.defined()) return json;
  if (predictions.has_labels) {
    auto list = nlohmann::ordered_json::array();
    for (std::int64_t i = 0; i < predictions.probabilities.size(0); ++i) {
      nlohmann::ordered_json labels;
      for (std::int64_t label = 0; label < predictions.probabilities.size(1); ++label) {
        labels[predictions.label(label)] = predictions.probabilities[i][label].item<float>();
      }
      list.push_back(std::move(labels));
    }
    json["predictions"] = std::move(list);
    return json;
  }
  const auto [best, index] = predictions.probabilities.max(1);
  auto list = nlohmann::ordered_json::array();
  for (std::int64_t i = 0; i < index.size(0); ++i) {
    const auto chosen = index[i].item<std::int64_t>();
    list.push_back({{"class", chosen},
                    {"label", predictions.label(chosen)},
                    {"probability", best[i].item<float>()},
                    {"likeliest", likeliest(predictions, i)}});
  }
  json["predictions"] = std::move(list);
  return json;
}

std::string shape_text(const torch::Tensor& tensor) {
  return fmt::format("{}", fmt::join(tensor.sizes().vec(), "×"));
}

constexpr std::int64_t shown_samples = 20;

std::string more_text(std::int64_t count) {
  return count > shown_samples ? fmt::format("… and {} more; --json lists them all.\n", count - shown_samples) : "";
}

/// A row of numbers for each sample.
std::string value_table(const Predictions& predictions) {
  constexpr std::int64_t most_columns = 8;
  const torch::Tensor values = predictions.values.flatten(1);
  const auto& names = predictions.legend.target_names;
  const std::int64_t width = std::min(values.size(1), most_columns);
  std::vector<Column> columns = {{"Sample", Align::Right}};
  for (std::int64_t i = 0; i < width; ++i) {
    const auto at = static_cast<std::size_t>(i);
    columns.push_back({at < names.size() ? names[at] : fmt::format("value {}", i + 1), Align::Right});
  }
  std::vector<std::vector<std::string>> rows;
  for (std::int64_t sample = 0; sample < std::min(values.size(0), shown_samples); ++sample) {
    std::vector<std::string> row = {std::to_string(sample)};
    for (std::int64_t i = 0; i < width; ++i) row.push_back(fmt::format("{:.6g}", values[sample][i].item<float>()));
    rows.push_back(std::move(row));
  }
  return table(columns, rows) + more_text(values.size(0));
}

/// The samples that came back worst: what the network hasn't seen the like of.
std::string error_table(const Predictions& predictions) {
  const auto [sorted, order] = predictions.errors.sort(/*dim=*/0, /*descending=*/true);
  std::vector<std::vector<std::string>> rows;
  for (std::int64_t i = 0; i < std::min(sorted.size(0), shown_samples); ++i) {
    rows.push_back({std::to_string(order[i].item<std::int64_t>()), fmt::format("{:.6f}", sorted[i].item<float>())});
  }
  return table({{"Sample", Align::Right}, {"Reconstruction error", Align::Right}}, rows) + more_text(sorted.size(0));
}

std::string label_table(const Predictions& predictions) {
  std::vector<std::vector<std::string>> rows;
  for (std::int64_t i = 0; i < std::min(predictions.probabilities.size(0), shown_samples); ++i) {
    std::string labels;
    for (std::int64_t label = 0; label < predictions.probabilities.size(1); ++label) {
      const float probability = predictions.probabilities[i][label].item<float>();
      if (probability < 0.5F) continue;
      labels += fmt::format("{}{} ({:.1f} %)", labels.empty() ? "" : ", ", predictions.label(label), 100 * probability);
    }
    rows.push_back({std::to_string(i), labels.empty() ? "none" : labels});
  }
  return table({{"Sample", Align::Right}, {"Labels"}}, rows) + more_text(predictions.probabilities.size(0));
}

/// Whether there is more to say of them than their shape.
bool has_words(const Predictions& predictions) {
  return predictions.values.defined() || predictions.errors.defined() || predictions.probabilities.defined();
}

std::string text_of(const Predictions& predictions) {
  if (predictions.values.defined()) return value_table(predictions);
  if (predictions.errors.defined()) return error_table(predictions);
  if (predictions.has_labels) return label_table(predictions);
  if (!predictions.probabilities.defined()) {
    return fmt::format("The output is {}; --output FILE.npy keeps it.\n", shape_text(predictions.output));
  }
  std::vector<std::vector<std::string>> rows;
  const std::int64_t count = predictions.probabilities.size(0);
  if (count == 1) {
    const auto [best, index] =
        predictions.probabilities[0].topk(std::min(shown_classes, predictions.probabilities.size(1)));
    for (std::int64_t i = 0; i < index.size(0); ++i) {
      rows.push_back(
          {predictions.label(index[i].item<std::int64_t>()), fmt::format("{:.1f} %", 100 * best[i].item<float>())});
    }
    return table({{"Class"}, {"Probability", Align::Right}}, rows);
  }
  const auto [best, index] = predictions.probabilities.max(1);
  for (std::int64_t i = 0; i < std::min(count, shown_samples); ++i) {
    rows.push_back({std::to_string(i), predictions.label(index[i].item<std::int64_t>()),
                    fmt::format("{:.1f} %", 100 * best[i].item<float>())});
  }
  return table({{"Sample", Align::Right}, {"Class"}, {"Probability", Align::Right}}, rows) + more_text(count);
}

Exit predict_and_tell(const PredictArguments& arguments) {
  set_threads(arguments.threads);
  const auto device = pick_device(arguments.device);
  if (!device) return bad_arguments(device.error().message);
  const auto predictions = predict(arguments, *device);
  if (!predictions) return failed(predictions.error().message);
  if (!arguments.output.empty()) {
    if (const auto written = write_output(arguments.output, *predictions); !written) {
      return failed(written.error().message);
    }
  }
  const bool is_kept = !arguments.output.empty();
  if (arguments.as_json) {
    fmt::print("{}\n", json_of(*predictions).dump());
  } else {
    fmt::print("{}{}", has_words(*predictions) || !is_kept ? text_of(*predictions) : "",
               is_kept ? fmt::format("Written: {}\n", arguments.output) : "");
  }
  return Exit::Done;
}

}  // namespace

Verb predict_verb() {
  return {"predict", "Runs a trained network on an image, a text or arrays, or draws samples from a generator.",
          "netwright-engine predict classifier.runs/2026-01-31T12-00-00Z-classifier --input shoe.png", true,
          [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<PredictArguments>();
            app.add_option("source", arguments->source,
                           "A run's folder (its best weights, else its last), or a project's file (with the weights "
                           "in PROJECT.safetensors beside it, where an import put them)")
                ->required();
            CLI::Option_group* what = app.add_option_group("What goes in");
            what->add_option("--input", arguments->input,
                             "PNG, JPEG, or .npy with the batch first (int64 for the words of texts). Values of the "
                             "data's own type are normalised as in "
                             "training, others taken as they are");
            what->add_option("--text", arguments->text, "A text, for networks that learned from texts");
            what->add_option("--samples", arguments->samples,
                             "How many samples a generator shall make of random latents; classes come in turn")
                ->check(CLI::Range(1, 100000));
            what->require_option(1);
            app.add_option("--seed", arguments->seed, "With --samples: the same seed draws the same")
                ->capture_default_str();
            app.add_option("--output", arguments->output,
                           "Where the output goes: .npy (float32; regression in the target's units), or .png for "
                           "pictures");
            app.add_option("--layer", arguments->layer,
                           "The output of this layer instead of the network's (an autoencoder's code)");
            app.add_option("--network", arguments->network, "Which network (default: the one that was trained)");
            app.add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
            app.add_option("--threads", arguments->threads, "Threads to compute with (default: one per usable core)")
                ->check(CLI::Range(1, 4096));
            app.add_flag("--fit", arguments->is_fitted,
                         "Bring a picture of another size to the network's: scaled to lie within, black around it");
            app.add_flag("--json", arguments->as_json, "As JSON");
            return [arguments] { return predict_and_tell(*arguments); };
          }};
}

}  // namespace netwright
