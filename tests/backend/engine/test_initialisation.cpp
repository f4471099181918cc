#include <torch/torch.h>
//
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <nlohmann/json.hpp>

#include "backend/analysis/analyse.h"
#include "backend/engine/initialisation.h"
#include "backend/graph/blocks.h"
#include "backend/graph/flatten.h"
#include "backend/graph/recipe_specs.h"
#include "tests/support/drawing.h"
#include "tests/support/python_torch.h"

using namespace netwright;

namespace {

constexpr std::uint64_t seed = 19;

/// A parameter that is drawn, in parts, and what stands behind it.
struct Drawn {
  std::string parameter;
  std::int64_t parts = 1;
  std::string nonlinearity = "linear";
  std::optional<double> slope = std::nullopt;
};

struct Case {
  std::string name;
  Project project;
  std::vector<Drawn> draws;  ///< in topological order
};

Case images() {
  Project project = empty_project();
  Drawing draw(project);
  draw.add("Input", "image", {{"shape", Integers{3, 8, 8}}});
  draw.add("Conv2d", "conv1", {{"out_channels", std::int64_t{6}}});
  draw.add("ReLU", "relu1");
  draw.add("Conv2d", "conv2", {{"out_channels", std::int64_t{8}}, {"groups", std::int64_t{2}}});
  draw.add("BatchNorm2d", "bn1");
  draw.add("MaxPool2d", "pool1");
  const LayerId left = draw.add("LeakyReLU", "leaky", {{"negative_slope", 0.2}});
  draw.add("ConvTranspose2d", "conv3", {{"out_channels", std::int64_t{8}}, {"kernel_size", Integers{1, 1}}});
  draw.add("BatchNorm2d", "bn2");
  draw.add("Add", "add1", {}, {draw.last(), left});
  draw.add("GELU", "gelu");
  draw.add("Flatten", "flatten");
  draw.add("Linear", "fc1", {{"out_features", std::int64_t{20}}});
  draw.add("LayerNorm", "ln1");
  draw.add("Tanh", "tanh");
  draw.add("Linear", "fc2", {{"out_features", std::int64_t{12}}});
  draw.add("Dropout", "dropout");
  draw.add("SELU", "selu");
  draw.add("Linear", "fc3", {{"out_features", std::int64_t{11}}});
  draw.add("PReLU", "prelu", {{"init", 0.3}});
  draw.add("Linear", "fc4", {{"out_features", std::int64_t{10}}, {"bias", false}});
  draw.add("Sigmoid", "sigmoid");
  draw.add("Linear", "fc5", {{"out_features", std::int64_t{4}}});
  draw.add("Linear", "fc6", {{"out_features", std::int64_t{4}}});
  draw.add("Output", "output");
  return {"images",
          project,
          {{"conv1.weight", 1, "relu"},
           {"conv2.weight", 1, "leaky_relu", 0.2},
           {"conv3.weight", 1, "relu"},
           {"fc1.weight", 1, "tanh"},
           {"fc2.weight", 1, "selu"},
           {"fc3.weight", 1, "leaky_relu", 0.3},
           {"fc4.weight", 1, "sigmoid"},
           {"fc5.weight"},
           {"fc6.weight"}}};
}

Case sequences() {
  Project project = empty_project();
  Drawing draw(project);
  draw.add("Input", "words", {{"shape", Integers{7}}, {"dtype", std::string("int64")}});
  draw.add("Embedding", "table", {{"num_embeddings", std::int64_t{9}}, {"embedding_dim", std::int64_t{8}}});
  draw.add("LSTM", "lstm1", {{"hidden_size", std::int64_t{4}}, {"bidirectional", true}});
  draw.add("GRU", "gru1", {{"hidden_size", std::int64_t{8}}});
  draw.add("RNN", "rnn1", {{"hidden_size", std::int64_t{8}}, {"nonlinearity", std::string("relu")}});
  draw.add("MultiheadAttention", "attention1", {{"num_heads", std::int64_t{2}}});
  draw.add("ReLU", "relu1");
  draw.add("TransformerEncoderLayer", "encoder1", {{"nhead", std::int64_t{2}}, {"dim_feedforward", std::int64_t{16}}});
  draw.add("AdditiveAttention", "pooling1", {{"hidden_size", std::int64_t{6}}});
  draw.add("Output", "output");
  return {"sequences",
          project,
          {{"lstm1.weight_ih_l0", 4},
           {"lstm1.weight_hh_l0", 4},
           {"lstm1.weight_ih_l0_reverse", 4},
           {"lstm1.weight_hh_l0_reverse", 4},
           {"gru1.weight_ih_l0", 3},
           {"gru1.weight_hh_l0", 3},
           {"rnn1.weight_ih_l0"},
           {"rnn1.weight_hh_l0"},
           {"attention1.in_proj_weight", 3},
           {"attention1.out_proj.weight"},
           {"encoder1.self_attn.in_proj_weight", 3},
           {"encoder1.self_attn.out_proj.weight"},
           {"encoder1.linear1.weight", 1, "relu"},
           {"encoder1.linear2.weight"},
           {"pooling1.proj.weight", 1, "tanh"},
           {"pooling1.score.weight"}}};
}

std::vector<Case> cases() {
  return {images(), sequences()};
}

std::vector<std::string> ways() {
  std::vector<std::string> ways = find_spec(recipe_specs(), "initialisation")->choices;
  std::erase(ways, "default");
  return ways;
}

std::shared_ptr<GraphModule> module_of(const Project& project) {
  torch::manual_seed(1);
  auto module = GraphModule::build(project.networks.front(), analyse(project).networks.front());
  if (!module) throw std::runtime_error(module.error().message);
  return *module;
}

std::map<std::string, torch::Tensor> state_of(const GraphModule& module) {
  std::map<std::string, torch::Tensor> state;
  for (const auto& [name, tensor] : module.named_state()) state[name] = tensor.detach();
  return state;
}

void begin(GraphModule& module, const Project& project, const std::string& way) {
  torch::manual_seed(seed);
  const auto begun = initialise(module, project.networks.front(), way);
  if (!begun) throw std::runtime_error(begun.error().message);
}

}  // namespace

class TestInitialisation : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    QVERIFY(folder_.isValid());
    nlohmann::json plan = {{"seed", seed}};
    for (const Case& c : cases()) {
      const auto state = state_of(*module_of(c.project));
      for (const std::string& way : ways()) {
        nlohmann::json draws = nlohmann::json::array();
        for (const Drawn& d : c.draws) {
          for (const torch::Tensor& part : state.at(d.parameter).chunk(d.parts, 0)) {
            draws.push_back({{"shape", part.sizes().vec()},
                             {"nonlinearity", d.nonlinearity},
                             {"slope", d.slope ? nlohmann::json(*d.slope) : nlohmann::json()}});
          }
        }
        plan["cases"].push_back({{"name", c.name + "-" + way}, {"way", way}, {"draws", draws}});
      }
    }
    QFile file(folder_.filePath("cases.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(plan.dump()));
    file.close();
    const QString complaint = run_python_torch("backend/engine/initialisation_oracle.py", {folder_.path()});
    QVERIFY2(complaint.isEmpty(), qPrintable(complaint));
  }

  void matches_torch_nn_init_data() {
    QTest::addColumn<int>("index");
    QTest::addColumn<QString>("way");
    const auto all = cases();
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (const std::string& way : ways()) {
        QTest::addRow("%s, %s", all[i].name.c_str(), way.c_str()) << static_cast<int>(i) << QString::fromStdString(way);
      }
    }
  }
  void matches_torch_nn_init() {
    QFETCH(int, index);
    QFETCH(QString, way);
    const Case c = cases()[static_cast<std::size_t>(index)];
    const auto module = module_of(c.project);
    std::map<std::string, torch::Tensor> before = state_of(*module);
    for (auto& [name, tensor] : before) tensor = tensor.clone();
    begin(*module, c.project, way.toStdString());
    std::map<std::string, torch::Tensor> left = state_of(*module);

    std::int64_t count = 0;
    for (const Drawn& d : c.draws) count += left.at(d.parameter).numel();
    const torch::Tensor expected =
        read_numbers<float>(folder_.filePath(QString::fromStdString(c.name) + "-" + way), {count});
    std::int64_t offset = 0;
    for (const Drawn& d : c.draws) {
      const torch::Tensor found = left.at(d.parameter).reshape(-1);
      const torch::Tensor wanted = expected.narrow(0, offset, found.numel());
      QVERIFY2(torch::allclose(found, wanted, 1e-5, 1e-7), d.parameter.c_str());
      offset += found.numel();
      left.erase(d.parameter);
    }
    // The rest: biases are 0, and norms, tables and slopes are left.
    for (const auto& [name, tensor] : left) {
      const bool is_norm = name.find("bn") != std::string::npos || name.find("ln1") != std::string::npos;
      if (name.find("bias") != std::string::npos && !is_norm) {
        QVERIFY2(tensor.eq(0).all().item<bool>(), name.c_str());
      } else {
        QVERIFY2(torch::equal(tensor, before.at(name)), name.c_str());
      }
    }
  }

  void orthogonal_matrices_are() {
    const Case c = sequences();
    const auto module = module_of(c.project);
    begin(*module, c.project, "orthogonal");
    for (const torch::Tensor& gate : state_of(*module).at("gru1.weight_hh_l0").chunk(3, 0)) {
      QVERIFY(torch::allclose(gate.mm(gate.t()), torch::eye(8), 1e-5, 1e-5));
    }
    const torch::Tensor wide = state_of(*module).at("encoder1.linear1.weight");
    QVERIFY(torch::allclose(wide.t().mm(wide), 2 * torch::eye(8), 1e-5, 1e-5));
  }

  void default_is_pytorchs() {
    for (const Case& c : cases()) {
      const auto module = module_of(c.project);
      const auto twin = module_of(c.project);
      begin(*module, c.project, "default");
      for (const auto& [name, tensor] : state_of(*module)) {
        QVERIFY2(torch::equal(tensor, state_of(*twin).at(name)), name.c_str());
      }
    }
  }

  void a_layers_own_choice_goes_before_the_networks() {
    Case c = sequences();
    Network& network = c.project.networks.front();
    const auto layer = [&](const char* name) -> Layer& { return *network.find(network.find(name)->id); };
    layer("table").initialisation = "constant";
    layer("table").settings.set("padding_idx", std::int64_t{2});
    layer("lstm1").initialisation = "default";
    layer("rnn1").initialisation = "normal";
    const auto module = module_of(c.project);
    const auto before = state_of(*module_of(c.project));
    begin(*module, c.project, "xavier_uniform");
    const auto after = state_of(*module);
    QVERIFY(torch::equal(after.at("lstm1.weight_hh_l0"), before.at("lstm1.weight_hh_l0")));
    QVERIFY(torch::equal(after.at("lstm1.bias_hh_l0"), before.at("lstm1.bias_hh_l0")));
    const double spread = after.at("rnn1.weight_hh_l0").std().item<double>();
    QVERIFY2(spread > 0.014 && spread < 0.026, qPrintable(QString::number(spread)));
    torch::Tensor table = torch::full({9, 8}, 0.01);
    table[2].zero_();
    QVERIFY(torch::equal(after.at("table.weight"), table));
    const double bound = std::sqrt(6.0 / (8 + 8));
    const torch::Tensor gate = after.at("gru1.weight_ih_l0");
    QVERIFY(gate.abs().max().item<double>() <= bound);
    QVERIFY(gate.abs().max().item<double>() > 0.9 * bound);
  }

  void moments_are_as_the_formulas_say() {
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "input", {{"shape", Integers{300}}});
    draw.add("Linear", "fc1", {{"out_features", std::int64_t{500}}});
    draw.add("ReLU", "relu1");
    draw.add("Output", "output");
    for (const auto& [way, deviation] :
         {std::pair("xavier_uniform", std::sqrt(2.0) * std::sqrt(2.0 / 800)),
          std::pair("xavier_normal", std::sqrt(2.0) * std::sqrt(2.0 / 800)),
          std::pair("kaiming_uniform", std::sqrt(2.0 / 300)), std::pair("kaiming_normal", std::sqrt(2.0 / 300)),
          std::pair("normal", 0.02)}) {
      const auto module = module_of(project);
      begin(*module, project, way);
      const torch::Tensor weight = state_of(*module).at("fc1.weight");
      // Of 150,000 numbers.
      QVERIFY2(std::abs(weight.std().item<double>() / deviation - 1) < 0.01, way);
      QVERIFY2(std::abs(weight.mean().item<double>()) < 0.01 * deviation, way);
    }
  }

  void layers_within_blocks_begin_too() {
    Case c = images();
    Network& network = c.project.networks.front();
    network.find(network.find("fc1")->id)->initialisation = "constant";
    auto made = make_block(c.project, network.id, {network.find("fc1")->id, network.find("ln1")->id},
                           [](PortRef) { return Shape{72}; });
    QVERIFY2(made, made ? "" : made.error().message.c_str());
    QVERIFY(apply_all(c.project, made->edits));
    const Project flat = flattened(c.project);
    const auto module = module_of(flat);
    begin(*module, flat, "default");
    QVERIFY(state_of(*module).at("block1.fc1.weight").eq(0.01F).all().item<bool>());
  }

  void refuses_what_it_does_not_know() {
    Case c = images();
    const auto module = module_of(c.project);
    const auto unknown = initialise(*module, c.project.networks.front(), "glorot");
    QVERIFY(!unknown);
    QVERIFY2(unknown.error().message.find("conv1") != std::string::npos, unknown.error().message.c_str());
    QVERIFY2(unknown.error().message.find("xavier_uniform") != std::string::npos, unknown.error().message.c_str());
    const auto foreign = initialise(*module, sequences().project.networks.front(), "normal");
    QVERIFY(!foreign);
    QVERIFY2(foreign.error().message.find("conv1") != std::string::npos, foreign.error().message.c_str());
  }

 private:
  QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestInitialisation)
#include "test_initialisation.moc"
