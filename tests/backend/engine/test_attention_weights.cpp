// The weights that attention gives to the steps of its input, against real PyTorch.

#include <torch/torch.h>
//
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/drawing.h"
#include "tests/support/padded_sequences.h"
#include "tests/support/python_torch.h"

using namespace netwright;

namespace {

constexpr std::int64_t steps = 6;
constexpr std::int64_t features = 8;
constexpr std::int64_t heads = 4;
const std::vector<std::int64_t> lengths = {6, 2, 1, 4};

Project attending(bool is_causal, bool norm_first, double dropout) {
  Project project = empty_project();
  Drawing draw(project);
  draw.add("Input", "steps", {{"shape", Integers{steps, features}}});
  draw.add("MultiheadAttention", "attention1", {{"num_heads", heads}, {"is_causal", is_causal}, {"dropout", dropout}});
  draw.add("TransformerEncoderLayer", "encoder1",
           {{"nhead", heads}, {"dim_feedforward", std::int64_t{10}}, {"norm_first", norm_first}, {"dropout", dropout}});
  draw.add("AdditiveAttention", "pooling1", {{"hidden_size", std::int64_t{5}}});
  draw.add("Linear", "fc", {{"out_features", std::int64_t{2}}});
  draw.add("Output", "output");
  return project;
}

torch::Tensor given_lengths() {
  return torch::tensor(lengths, torch::kInt64);
}

/// Every own step's weights sum to 1 over own steps; padding has none and gets none.
bool are_shares(const torch::Tensor& weights) {
  for (std::size_t sample = 0; sample < lengths.size(); ++sample) {
    const torch::Tensor own = weights[static_cast<std::int64_t>(sample)];
    const std::int64_t length = lengths[sample];
    const torch::Tensor rows =
        own.dim() == 1 ? own.narrow(0, 0, length) : own.narrow(1, 0, length).narrow(2, 0, length);
    const torch::Tensor sums = rows.sum(-1);
    if (!torch::allclose(sums, torch::ones_like(sums))) return false;
    if (own.count_nonzero().item<std::int64_t>() != rows.count_nonzero().item<std::int64_t>()) return false;
  }
  return true;
}

}  // namespace

class TestAttentionWeights : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    torch::manual_seed(4);
    QVERIFY(folder_.isValid());
  }

  void equal_pytorchs_data() {
    QTest::addColumn<bool>("is_causal");
    QTest::addColumn<bool>("norm_first");
    QTest::newRow("plain") << false << false;
    QTest::newRow("causal, norm first") << true << true;
  }
  void equal_pytorchs() {
    QFETCH(bool, is_causal);
    QFETCH(bool, norm_first);
    const auto module = padded_sequences::module_of(attending(is_causal, norm_first, 0));
    const torch::Tensor x = torch::randn({4, steps, features}, torch::kFloat64);
    nlohmann::json weights = nlohmann::json::object();
    for (const auto& [name, tensor] : module->named_state()) {
      weights[name] = tensor.sizes().vec();
      write_numbers(file("weight." + name), tensor);
    }
    write_numbers(file("input"), x);
    std::ofstream(file("case.json").toStdString())
        << nlohmann::json{{"shape", x.sizes().vec()}, {"lengths", lengths}, {"heads", heads}, {"is_causal", is_causal},
                          {"norm_first", norm_first}, {"width", 10},        {"hidden", 5},    {"weights", weights}};
    const QString complaint = run_python_torch("backend/engine/attention_oracle.py", {folder_.path()});
    QVERIFY2(complaint.isEmpty(), qPrintable(complaint));

    const auto maps = module->attention({x}, given_lengths());
    QCOMPARE(maps.size(), std::size_t(3));
    for (const auto& map : maps) {
      torch::Tensor expected = read_numbers<double>(file(map.layer), map.weights.sizes().vec());
      if (map.weights.dim() == 4) {
        QCOMPARE(map.weights.sizes().vec(), (std::vector<std::int64_t>{4, heads, steps, steps}));
        // What a padded step would look at is of no interest.
        for (std::size_t i = 0; i < lengths.size(); ++i)
          expected[static_cast<std::int64_t>(i)].narrow(1, lengths[i], steps - lengths[i]).zero_();
      }
      const double error = (map.weights - expected).abs().max().item<double>();
      QVERIFY2(error < 1e-12, qPrintable(QString("%1: %2").arg(map.layer.c_str()).arg(error)));
      QVERIFY(are_shares(map.weights));
    }
  }

  void are_seen_in_evaluation() {
    const auto module = padded_sequences::module_of(attending(false, false, 0.5));
    const torch::Tensor x = torch::randn({4, steps, features}, torch::kFloat64);
    module->train();
    const auto once = module->attention({x}, given_lengths());
    QVERIFY(module->is_training());
    QVERIFY(module->layers().front().second->is_training());
    module->eval();
    const auto again = module->attention({x}, given_lengths());
    for (std::size_t i = 0; i < once.size(); ++i) {
      QCOMPARE(once[i].layer, again[i].layer);
      QVERIFY(once[i].weights.equal(again[i].weights));
      QVERIFY(!once[i].weights.requires_grad());
    }
    // Sequences that are whole need no lengths.
    const auto whole = module->attention({x});
    const auto said = module->attention({x}, torch::full({4}, steps, torch::kInt64));
    for (std::size_t i = 0; i < whole.size(); ++i) QVERIFY(whole[i].weights.equal(said[i].weights));
    QVERIFY(torch::allclose(whole[0].weights.sum(-1), torch::ones({4, heads, steps}, torch::kFloat64)));
  }

  /// Queries of one sequence, keys of the same or of another: each sample's map is the one it has alone.
  void of_functions_and_across_sequences() {
    Project project = empty_project();
    Drawing draw(project);
    const LayerId x = draw.add("Input", "steps", {{"shape", Integers{steps, features}}});
    const LayerId fixed = draw.add("Input", "queries", {{"shape", Integers{3, features}}});
    const LayerId scaled = draw.add("ScaledDotProduct", "scaled", {{"is_causal", true}}, {x, x, x});
    const LayerId across = draw.add("MultiheadAttention", "across", {{"num_heads", heads}}, {fixed, scaled});
    const LayerId back = draw.add("MultiheadAttention", "back", {{"num_heads", heads}}, {scaled, across});
    draw.add("Output", "output", {}, {back});
    const auto module = padded_sequences::module_of(project);
    const torch::Tensor first = torch::randn({4, steps, features}, torch::kFloat64);
    const torch::Tensor second = torch::randn({4, 3, features}, torch::kFloat64);
    const auto maps = module->attention({first, second}, given_lengths());
    QCOMPARE(maps.size(), std::size_t(3));
    QVERIFY(are_shares(maps[0].weights.unsqueeze(1)));
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const auto sample = static_cast<std::int64_t>(i);
      const auto alone =
          module->attention({first.narrow(0, sample, 1).narrow(1, 0, lengths[i]), second.narrow(0, sample, 1)});
      for (std::size_t layer = 0; layer < maps.size(); ++layer) {
        const torch::Tensor found = maps[layer].weights.narrow(0, sample, 1);
        const torch::Tensor own = padded_sequences::part(found, alone[layer].weights.sizes());
        QVERIFY(torch::allclose(own, alone[layer].weights));
        QCOMPARE(found.count_nonzero().item<std::int64_t>(), own.count_nonzero().item<std::int64_t>());
      }
    }
  }

 private:
  QString file(const std::string& name) const { return folder_.filePath(QString::fromStdString(name)); }

  QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestAttentionWeights)
#include "test_attention_weights.moc"
