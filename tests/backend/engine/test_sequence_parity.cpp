// Rows of sequences against real PyTorch and against their papers' formulas: every sample's values, weights by name.

#include <torch/torch.h>
//
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "backend/engine/nn_bindings.h"
#include "backend/layers/catalogue.h"
#include "tests/support/python_torch.h"

using namespace netwright;

namespace {

constexpr std::int64_t batch = 3;

const std::set<std::string> rows = {"RNN",
                                    "LSTM",
                                    "GRU",
                                    "Embedding",
                                    "EmbeddingBag",
                                    "Bilinear",
                                    "MultiheadAttention",
                                    "ScaledDotProduct",
                                    "AdditiveAttention",
                                    "TransformerEncoderLayer",
                                    "PositionalEncoding"};

struct Case {
  std::string title;
  NnCall call;
  Op op;
  std::vector<torch::Tensor> inputs;
  torch::Tensor output;
};

nlohmann::json json_of(const std::vector<std::pair<std::string, Value>>& values) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [name, value] : values) std::visit([&, &key = name](const auto& v) { json[key] = v; }, value);
  return json;
}

Case case_of(const LayerSpec& spec, const Sample& sample, std::size_t number) {
  const Settings settings = completed(spec.settings, sample.settings);
  const LayerView view{settings, sample.inputs};
  Case made{
      .title = spec.type + " " + std::to_string(number), .call = spec.call(view), .op = {}, .inputs = {}, .output = {}};
  auto op = bind(made.call);
  if (!op) throw std::runtime_error(op.error().message);
  made.op = std::move(*op);
  if (made.op.module) {
    made.op.module->to(torch::kFloat64);
    made.op.module->eval();
  }
  for (const Shape& shape : sample.inputs) {
    std::vector<std::int64_t> sizes = {batch};
    for (const Dim& dim : shape.dims()) sizes.push_back(dim.value());
    const bool are_words = spec.elements == Elements::Indices;
    made.inputs.push_back(are_words ? torch::randint(0, settings.integer("num_embeddings"), sizes, torch::kInt64)
                                    : torch::randn(sizes, torch::kFloat64));
  }
  const torch::NoGradGuard no_grad;
  made.output = made.op.forward(made.inputs).at(0);
  return made;
}

}  // namespace

class TestSequenceParity : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    torch::manual_seed(3);
    QVERIFY(folder_.isValid());
    for (const LayerSpec& spec : catalogue()) {
      if (!rows.contains(spec.type)) continue;
      for (std::size_t i = 0; i < spec.samples.size(); ++i) cases_.push_back(case_of(spec, spec.samples[i], i));
    }
    nlohmann::json list = nlohmann::json::array();
    for (std::size_t i = 0; i < cases_.size(); ++i) list.push_back(written(i));
    std::ofstream(folder_.filePath("cases.json").toStdString()) << list;
    const QString complaint = run_python_torch("backend/engine/sequence_oracle.py", {folder_.path()});
    QVERIFY2(complaint.isEmpty(), qPrintable(complaint));
  }

  void values_are_pytorchs_data() {
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      QTest::newRow(cases_[i].title.c_str()) << static_cast<int>(i);
    }
  }
  void values_are_pytorchs() {
    QFETCH(int, index);
    const torch::Tensor& found = cases_[static_cast<std::size_t>(index)].output;
    const torch::Tensor expected = read_numbers<double>(file(index, "output"), found.sizes().vec());
    const double error = (found - expected).abs().max().item<double>();
    QVERIFY2(error < 1e-12, qPrintable(QString::number(error)));
  }

  void every_row_is_compared() {
    std::set<std::string> compared;
    for (const Case& one : cases_) compared.insert(one.title.substr(0, one.title.find(' ')));
    QCOMPARE(compared, rows);
  }

 private:
  QString file(std::size_t index, const QString& what) const {
    return folder_.filePath(QString("%1.%2").arg(index).arg(what));
  }

  /// Writes the case's numbers and says what they are.
  nlohmann::json written(std::size_t index) const {
    const Case& one = cases_[index];
    nlohmann::json inputs = nlohmann::json::array();
    for (std::size_t port = 0; port < one.inputs.size(); ++port) {
      write_numbers(file(index, "input." + QString::number(port)), one.inputs[port]);
      inputs.push_back(
          {{"shape", one.inputs[port].sizes().vec()}, {"integers", !one.inputs[port].is_floating_point()}});
    }
    nlohmann::json weights = nlohmann::json::array();
    const auto add = [&](const std::string& name, const torch::Tensor& tensor) {
      write_numbers(file(index, "weight." + QString::fromStdString(name)), tensor);
      weights.push_back({{"name", name}, {"shape", tensor.sizes().vec()}});
    };
    if (one.op.module) {
      for (const auto& entry : one.op.module->named_parameters()) add(entry.key(), entry.value());
      for (const auto& entry : one.op.module->named_buffers()) add(entry.key(), entry.value());
    }
    return {{"name", one.call.name},
            {"arguments", json_of(one.call.arguments)},
            {"forward", json_of(one.call.forward)},
            {"inputs", std::move(inputs)},
            {"weights", std::move(weights)}};
  }

  QTemporaryDir folder_;
  std::vector<Case> cases_;
};

QTEST_GUILESS_MAIN(TestSequenceParity)
#include "test_sequence_parity.moc"
