// Random networks from the whole catalogue: what analysis predicts is what runs, and every mistake is said.
// NETWRIGHT_RANDOM_GRAPHS asks for more of them than a short test can take.

#include <torch/torch.h>
//
#include <QTest>
#include <algorithm>
#include <map>
#include <numeric>
#include <random>

#include "backend/analysis/analyse.h"
#include "backend/engine/graph_module.h"
#include "backend/graph/flatten.h"
#include "backend/graph/gestures.h"
#include "backend/graph/project_json.h"
#include "backend/layers/catalogue.h"
#include "tests/support/random_inputs.h"
#include "tests/support/random_project.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

constexpr std::int64_t batch = 2;

int rounds() {
  bool is_named = false;
  const int named = qEnvironmentVariableIntValue("NETWRIGHT_RANDOM_GRAPHS", &is_named);
  return is_named ? named : 400;
}

/// The same with an Output at every port, so that every layer's result shows. `places` receives, per Output in the
/// order of ids, the port that it reads.
Network with_probes(Network network, std::vector<PortRef>& places) {
  std::erase_if(network.connections, [&](const Connection& c) { return network.find(c.to.layer)->type == "Output"; });
  std::erase_if(network.layers, [](const Layer& layer) { return layer.type == "Output"; });
  for (const Layer& layer : std::vector<Layer>(network.layers)) {
    for (int port = 0; port < output_count(*find_layer_spec(layer.type), layer.settings); ++port) {
      const Layer probe = make_layer(network, "Output", {});
      network.layers.push_back(probe);
      network.connections.push_back({{layer.id, port}, {probe.id, 0}});
      places.push_back({layer.id, port});
    }
  }
  std::sort(network.connections.begin(), network.connections.end());
  return network;
}

std::vector<std::int64_t> sizes_of(const Shape& shape) {
  std::vector<std::int64_t> sizes;
  for (const Dim& dim : shape.dims()) sizes.push_back(dim.value_or(-1));
  return sizes;
}

/// One layer as it really ran: its weights, and the sizes of what went in and out, without the batch.
struct RanLayer {
  NamedTensors weights;
  std::vector<std::vector<std::int64_t>> inputs;
  std::vector<std::vector<std::int64_t>> outputs;

  std::int64_t numel(const std::string& ending) const {
    std::int64_t count = 0;
    for (const auto& [name, tensor] : weights) {
      if (name.ends_with(ending)) count += tensor.numel();
    }
    return count;
  }
};

std::int64_t product(const std::vector<std::int64_t>& sizes, std::size_t first = 0) {
  return std::accumulate(sizes.begin() + static_cast<std::ptrdiff_t>(std::min(first, sizes.size())), sizes.end(),
                         std::int64_t{1}, std::multiplies<>());
}

/// Projections of queries, keys, values and of the result, then scores and sums (Vaswani et al. 2017).
std::int64_t attention_macs(const RanLayer& ran, const std::string& prefix) {
  const std::int64_t queries = ran.inputs[0][0];
  const std::int64_t keys = ran.inputs[ran.inputs.size() > 1 ? 1 : 0][0];
  const std::int64_t features = ran.inputs[0][1];
  const std::int64_t in = ran.numel(prefix + "in_proj_weight") / 3;
  const std::int64_t out = ran.numel(prefix + "out_proj.weight");
  return queries * (in + out) + 2 * keys * in + 2 * queries * keys * features;
}

/// Multiply-adds counted from the real weights: each is used once for every place it is laid on.
std::int64_t macs_of(const std::string& type, const RanLayer& ran) {
  const std::int64_t weight = ran.numel(".weight");
  if (type.starts_with("ConvTranspose")) return weight * product(ran.inputs[0], 1);
  if (type == "Conv1d" || type == "Conv2d" || type == "Conv3d") return weight * product(ran.outputs[0], 1);
  if (type == "Linear" || type == "Bilinear") return weight / ran.outputs[0].back() * product(ran.outputs[0]);
  if (type == "RNN" || type == "LSTM" || type == "GRU") {
    std::int64_t step = 0;
    for (const auto& [name, tensor] : ran.weights) step += tensor.dim() == 2 ? tensor.numel() : 0;
    return step * ran.inputs[0][0];
  }
  if (type == "MultiheadAttention") return attention_macs(ran, ".");
  if (type == "TransformerEncoderLayer") {
    return attention_macs(ran, "self_attn.") +
           ran.inputs[0][0] * (ran.numel("linear1.weight") + ran.numel("linear2.weight"));
  }
  if (type == "AdditiveAttention") return ran.inputs[0][0] * (weight + ran.inputs[0][1]);
  if (type == "MatMul") return product(ran.outputs[0]) * ran.inputs[0].back();
  if (type == "ScaledDotProduct") {
    const std::int64_t pairs = product(ran.outputs[0]) / ran.outputs[0].back() * *(ran.inputs[1].end() - 2);
    return pairs * (ran.inputs[0].back() + ran.inputs[2].back());
  }
  return 0;
}

/// False for mistakes of naming, connections too many, and inputs of Blocks that nothing within may need: analysis
/// forbids them, though each layer knows its input.
bool needs_layers_that_fit(const std::string& mistake) {
  return mistake != "a bad name" && mistake != "a double name" && mistake != "a dangling connection" &&
         mistake != "a wrong port" && mistake != "a double connection" && mistake != "an unfed Block" &&
         mistake != "an absurd Input";
}

}  // namespace

class TestRandomGraphs : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    seed_ = test_seed();
    qInfo("seed %u", seed_);
  }

  void predictions_are_what_runs() {
    std::mt19937 random(seed_);
    torch::manual_seed(seed_);
    std::map<std::string, int> seen;
    for (int round = 0; round < rounds(); ++round) {
      Project project = random_project(random);
      const std::string text = to_json(project);
      const auto fail = [&](const std::string& what) {
        qWarning("%s", text.c_str());
        QFAIL(qPrintable(QString("round %1: %2").arg(round).arg(QString::fromStdString(what))));
      };
      for (const Layer& layer : project.networks.front().layers) ++seen[layer.type];
      const Totals drawn = analyse(project).networks.front().totals;
      project = flattened(project);
      std::vector<PortRef> places;
      project.networks.front() = with_probes(project.networks.front(), places);
      const Network& network = project.networks.front();
      const Report report = analyse(project);
      const NetworkReport& predicted = report.networks.front();
      if (!report.is_sound(network.id)) return fail("error: " + report.diagnostics.front().message);
      const auto built = GraphModule::build(network, predicted);
      if (!built) return fail(built.error().message);
      GraphModule& module = **built;

      const NamedTensors state = module.named_state();
      std::int64_t parameters = 0;
      std::int64_t trainable = 0;
      for (const torch::Tensor& parameter : module.parameters()) {
        parameters += parameter.numel();
        trainable += parameter.requires_grad() ? parameter.numel() : 0;
      }
      if (parameters != drawn.parameters || drawn.macs != predicted.totals.macs) return fail("the totals with Blocks");
      if (parameters != predicted.totals.parameters) return fail("the number of parameters");
      if (trainable != predicted.totals.trainable_parameters) return fail("the number of trainable parameters");

      std::vector<std::vector<std::int64_t>> real;
      for (const bool is_training : {true, false}) {
        module.train(is_training);
        std::vector<torch::Tensor> outputs;
        try {
          outputs = module.forward(random_inputs(network, predicted, batch));
        } catch (const c10::Error& error) {
          return fail(error.what_without_backtrace());
        }
        real.clear();
        for (std::size_t i = 0; i < outputs.size(); ++i) {
          const Layer& layer = *network.find(places[i].layer);
          const Shape& shape = predicted.layers.at(layer.id).outputs.at(static_cast<std::size_t>(places[i].port));
          std::vector<std::int64_t> sizes = sizes_of(shape);
          real.push_back(sizes);
          sizes.insert(sizes.begin(), batch);
          if (outputs[i].sizes().vec() != sizes) return fail("the shape of " + layer.name);
        }
      }
      check_layers(network, predicted, state, places, real, fail);
      if (QTest::currentTestFailed()) return;
    }
    for (const LayerSpec& spec : catalogue()) {
      if (seen[spec.type] < 1) qWarning("%s never took part", spec.type.c_str());
    }
  }

  void every_mistake_is_said() {
    std::mt19937 random(seed_);
    for (int round = 0; round < rounds(); ++round) {
      const auto [project, mistake] = random_spoilt_project(random);
      const Network& network = project.networks.front();
      const auto what = QString("round %1: %2").arg(round).arg(QString::fromStdString(mistake));
      const Report report = analyse(project);
      QVERIFY2(!report.is_sound(network.id), qPrintable(what));
      for (const Diagnostic& diagnostic : report.diagnostics) QVERIFY(!diagnostic.message.empty());
      if (mistake == "an absurd Input") continue;  // weights to match would be made
      const Project flat = flattened(project);
      const auto built = GraphModule::build(flat.networks.front(), analyse(flat).networks.front());
      if (built && needs_layers_that_fit(mistake)) qWarning("%s", to_json(project).c_str());
      QVERIFY2(!built || !needs_layers_that_fit(mistake), qPrintable(what));
      QVERIFY(built || !built.error().message.empty());
    }
  }

 private:
  /// Names and shapes of the weights, and the multiply-adds, layer by layer.
  template <class Fail>
  static void check_layers(const Network& network, const NetworkReport& predicted, const NamedTensors& state,
                           const std::vector<PortRef>& places, const std::vector<std::vector<std::int64_t>>& real,
                           const Fail& fail) {
    std::size_t weights = 0;
    for (const LayerId id : predicted.order) {
      const Layer& layer = *network.find(id);
      const LayerReport& figures = predicted.layers.at(id);
      RanLayer ran;
      for (const Weight& weight : figures.weights) {
        if (weights >= state.size() || state[weights].first != layer.name + '.' + weight.name) {
          return fail("the names of the weights of " + layer.name);
        }
        if (state[weights].second.sizes().vec() != sizes_of(weight.shape)) {
          return fail("the shape of " + state[weights].first);
        }
        ran.weights.push_back(state[weights++]);
      }
      const auto sizes_at = [&](PortRef port) {
        return real[static_cast<std::size_t>(std::find(places.begin(), places.end(), port) - places.begin())];
      };
      for (const Connection& connection : network.connections) {
        if (connection.to.layer == id) ran.inputs.push_back(sizes_at(connection.from));
      }
      if (layer.type == "Output") continue;
      for (std::size_t port = 0; port < figures.outputs.size(); ++port) {
        ran.outputs.push_back(sizes_at({id, static_cast<int>(port)}));
      }
      if (figures.macs != macs_of(layer.type, ran)) return fail("the multiply-adds of " + layer.name);
    }
    if (weights != state.size()) return fail("weights that no layer predicts");
  }

  unsigned seed_ = 0;
};

QTEST_GUILESS_MAIN(TestRandomGraphs)
#include "test_random_graphs.moc"
