// Project → ONNX → project: the same report and the same outputs.

#include <torch/torch.h>
//
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <random>

#include "backend/analysis/analyse.h"
#include "backend/analysis/report_json.h"
#include "backend/core/safe_file.h"
#include "backend/engine/checkpoint.h"
#include "backend/graph/flatten.h"
#include "backend/graph/project_json.h"
#include "backend/graph/templates.h"
#include "backend/interop/onnx/onnx_export.h"
#include "backend/interop/onnx_import.h"
#include "backend/interop/weights_import.h"
#include "backend/layers/catalogue.h"
#include "tests/support/files.h"
#include "tests/support/onnx_comparison.h"
#include "tests/support/random_inputs.h"
#include "tests/support/random_project.h"
#include "tests/support/sample_project.h"
#include "tests/support/sample_rows.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

constexpr double tolerance = 1e-4;

/// A network that runs.
struct Running {
  Project project;
  Report report;
  std::shared_ptr<GraphModule> module;

  const Network& network() const { return project.networks.front(); }
  const NetworkReport& figures() const { return report.networks.front(); }
};

Result<Running> running(const Project& drawn) {
  Running running{flattened(drawn), {}, nullptr};
  running.report = analyse(running.project);
  auto module = unsettled_module(running.network(), running.figures());
  if (!module) return module.error();
  running.module = *module;
  return running;
}

/// Out as ONNX and in again, with its weights. Refuses where the import has something to say.
Result<Running> there_and_back(const Running& original, const std::filesystem::path& folder) {
  const auto model = onnx_model(original.network(), original.figures(), weights_of(*original.module));
  if (!model) return model.error();
  const std::filesystem::path file = folder / (original.network().name + ".onnx");
  if (const auto written = write_file(file, *model); !written) return written.error();
  auto imported = import_onnx(file);
  if (!imported) return imported.error();
  if (!imported->messages.empty()) return Error{imported->messages.front()};
  auto back = running(imported->project);
  if (!back) return back;
  const MatchedWeights weights =
      match_weights(back->network(), back->figures(), {.tensors = std::move(imported->weights), .metadata = {}});
  if (!weights.is_complete()) return Error{"Not all weights came back."};
  if (weights.expected == 0) return back;
  if (const auto written =
          write_safetensors(folder / "model.safetensors", {.tensors = weights.weights, .metadata = {}});
      !written) {
    return written.error();
  }
  const auto loaded = load_weights(folder / "model.safetensors", *back->module);
  if (!loaded) return loaded.error();
  return back;
}

/// The report but for what the recipe decides, which no ONNX file holds.
Json figures_of(const Running& running) {
  Json network = report_json(running.project, running.report).at("networks").at(0);
  network.erase("training_bytes");
  network.erase("training_fixed_bytes");
  return network;
}

/// Samples that ONNX can say but no row of the catalogue: what comes in then is named as left out.
const QSet<QString> one_way = {"ConvTranspose2d 4", "EmbeddingBag 1", "LSTM 5",     "LSTM 6",
                               "Threshold 2",       "Upsample 2",     "Upsample 3", "BatchNorm1d 2",
                               "BatchNorm2d 2",     "BatchNorm3d 2"};

/// Templates that come back in other layers, which compute the same: ONNX has neither a recurrent layer's last output
/// nor attention as one node, draws nothing in evaluation, and leaves out what changes no value.
const QSet<QString> in_other_words = {"bidirectional_lstm",      "gru_attention", "transformer_words",
                                      "variational_autoencoder", "vgg_small",     "waves_forecast",
                                      "word_language_lstm"};

using Named = std::map<std::string, torch::Tensor>;

/// Layers of the type in the order of their ids, in which the module takes and gives tensors.
std::vector<std::string> names_of(const Network& network, const std::string& type) {
  std::vector<std::string> names;
  for (const Layer& layer : network.layers) {
    if (layer.type == type) names.push_back(layer.name);
  }
  return names;
}

Named outputs_of(const Running& running, const Named& inputs) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> given;
  for (const std::string& name : names_of(running.network(), "Input")) given.push_back(inputs.at(name));
  const std::vector<torch::Tensor> outputs = running.module->forward(given);
  Named named;
  for (const std::string& name : names_of(running.network(), "Output")) named[name] = outputs.at(named.size());
  return named;
}

/// The largest, relative to the largest value; infinite where shapes differ, nothing where the original isn't finite.
std::optional<double> difference(const Running& original, const Running& back) {
  const auto drawn = random_inputs(original.network(), original.figures(), 3);
  Named inputs;
  for (const std::string& name : names_of(original.network(), "Input")) inputs[name] = drawn.at(inputs.size());
  const Named expected = outputs_of(original, inputs);
  const Named actual = outputs_of(back, inputs);
  double worst = 0;
  for (const auto& [name, tensor] : expected) {
    if (!torch::isfinite(tensor).all().item<bool>()) return std::nullopt;
    // A sample of one number comes back with an axis of size 1.
    const torch::Tensor given = tensor.dim() == 1 ? actual.at(name).flatten() : actual.at(name);
    if (given.sizes() != tensor.sizes()) return std::numeric_limits<double>::infinity();
    worst = std::max(worst, relative_error(given, tensor));
  }
  return worst;
}

}  // namespace

class TestOnnxRoundTrip : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

 private Q_SLOTS:
  void initTestCase() { torch::set_num_threads(1); }

  void every_template_comes_back_data() {
    QTest::addColumn<QString>("name");
    for (const Template& each : templates()) {
      if (each.name != "empty") QTest::newRow(each.name.c_str()) << QString::fromStdString(each.name);
    }
  }
  void every_template_comes_back() {
    QFETCH(QString, name);
    torch::manual_seed(3);
    const auto project = open_template(name.toStdString());
    QVERIFY(project);
    const auto original = running(*project);
    QVERIFY2(original, original ? "" : original.error().message.c_str());
    const auto back = there_and_back(*original, path_of(folder_.path()));
    QVERIFY2(back, back ? "" : back.error().message.c_str());
    const Json expected = figures_of(*original);
    const Json actual = figures_of(*back);
    if (in_other_words.contains(name)) {
      QVERIFY2(actual != expected, "it comes back as it was: take it off the list");
    } else {
      QVERIFY2(actual == expected, qPrintable(QString::fromStdString(Json::diff(expected, actual).dump())));
    }
    QVERIFY(difference(*original, *back).value() <= 1e-5);
  }

  void every_row_computes_the_same_data() { add_samples(); }
  void every_row_computes_the_same() {
    QFETCH(int, row);
    QFETCH(int, sample);
    torch::manual_seed(3);
    const LayerSpec& spec = catalogue()[static_cast<std::size_t>(row)];
    const auto original = running(sample_project(spec, spec.samples[static_cast<std::size_t>(sample)]));
    QVERIFY2(original, original ? "" : original.error().message.c_str());
    const auto back = there_and_back(*original, path_of(folder_.path()));
    if (one_way.contains(QString(QTest::currentDataTag()))) {
      QVERIFY2(!back, "it does come back: take it off the list");
      QVERIFY2(back.error().message.find("is left out") != std::string::npos, back.error().message.c_str());
      return;
    }
    QVERIFY2(back, back ? "" : back.error().message.c_str());
    const double error = difference(*original, *back).value_or(0);
    QVERIFY2(error <= tolerance, qPrintable(QString("error %1").arg(error)));
  }

  void random_networks_compute_the_same() {
    const unsigned seed = test_seed();
    const QString keep = qEnvironmentVariable("NETWRIGHT_KEEP");  // a folder for networks that fail
    qInfo("NETWRIGHT_SEED=%u", seed);
    std::mt19937 random(seed);
    torch::manual_seed(seed);
    constexpr int networks = 150;
    int left_out = 0;
    int outliers = 0;
    for (int i = 0; i < networks; ++i) {
      const auto original = running(random_project(random));
      QVERIFY2(original, original ? "" : original.error().message.c_str());
      const auto back = there_and_back(*original, path_of(folder_.path()));
      const bool is_left_out = !back && back.error().message.find("is left out") != std::string::npos;
      QVERIFY2(
          back || is_left_out,
          back ? "" : qPrintable(QString("network %1: %2").arg(i).arg(QString::fromStdString(back.error().message))));
      if (is_left_out) ++left_out;
      const std::optional<double> error = back ? difference(*original, *back) : std::nullopt;
      if (error.value_or(0) > tolerance) {
        ++outliers;
        qInfo("network %d: error %.1e", i, *error);
        if (!keep.isEmpty()) {
          QVERIFY(write_project(original->project, QString("%1/%2.netwright").arg(keep).arg(i).toStdString()));
        }
      }
    }
    qInfo("%d networks, %d not wholly in the catalogue's words, %d outliers", networks, left_out, outliers);
    QVERIFY(left_out < networks / 4);
    QVERIFY(outliers <= networks / 30);
  }
};

QTEST_GUILESS_MAIN(TestOnnxRoundTrip)
#include "test_onnx_round_trip.moc"
