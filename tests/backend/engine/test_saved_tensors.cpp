// What rows say that autograd keeps of their layers, against what it does in real PyTorch.

#include <torch/torch.h>
//
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "backend/interop/pytorch_call.h"
#include "backend/interop/pytorch_definitions.h"
#include "backend/layers/catalogue.h"
#include "tests/support/python_torch.h"

using namespace netwright;

namespace {

struct Case {
  const LayerSpec* spec;
  const Sample* sample;
  std::string title;
};

/// Samples whose layers are what their rows' figures are of.
bool is_compared(const LayerSpec& spec, const Sample& sample) {
  if (!spec.call || sample.inputs.empty()) return false;
  // Estimates: what recurrence and attention keep isn't in proportion to their outputs, and differs by device.
  if (spec.category == Category::Recurrent || spec.category == Category::Attention) return false;
  // Bags keep where each word went; products of matrices keep broadcast copies; margins that mirror keep the input.
  static const std::set<std::string> estimates = {"EmbeddingBag", "MatMul", "Pad"};
  if (estimates.contains(spec.type)) return false;
  // Inputs padded beforehand are kept instead of the inputs, and what lies between three factors is kept, too.
  const Settings settings = completed(spec.settings, sample.settings);
  const std::string mode = settings.text("padding_mode");
  const bool is_padded = settings.text("padding") == "same" || (!mode.empty() && mode != "zeros");
  return !is_padded && sample.inputs.size() <= 2;
}

nlohmann::json json_of(const Case& one) {
  const Settings settings = completed(one.spec->settings, one.sample->settings);
  const NnCall call = one.spec->call({settings, one.sample->inputs});
  std::vector<std::string> names;
  nlohmann::json shapes = nlohmann::json::array();
  for (const Shape& shape : one.sample->inputs) {
    names.push_back(std::string("x").append(std::to_string(names.size())));
    std::vector<std::int64_t> sizes;
    for (const Dim& dim : shape.dims()) sizes.push_back(dim.value());
    shapes.push_back(sizes);
  }
  const std::string constructor = call.is_module() ? to_text(pytorch_constructor(call)) : std::string();
  const std::string expression = pytorch_expression(call, "module", names);
  const bool are_words = one.spec->elements == Elements::Indices;
  return {{"constructor", constructor},
          {"expression", expression},
          {"definitions", pytorch_definitions(" " + constructor + "\n " + expression)},
          {"inputs", std::move(shapes)},
          {"words", are_words ? settings.integer("num_embeddings") : 0},
          {"is_positive", one.sample->is_positive}};
}

}  // namespace

class TestSavedTensors : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(folder_.isValid());
    nlohmann::json list = nlohmann::json::array();
    for (const LayerSpec& spec : catalogue()) {
      for (std::size_t i = 0; i < spec.samples.size(); ++i) {
        if (!is_compared(spec, spec.samples[i])) continue;
        cases_.push_back({&spec, &spec.samples[i], spec.type + " " + std::to_string(i)});
        list.push_back(json_of(cases_.back()));
      }
    }
    std::ofstream(folder_.filePath("cases.json").toStdString()) << list;
    const QString complaint = run_python_torch("backend/engine/saved_oracle.py", {folder_.path()});
    QVERIFY2(complaint.isEmpty(), qPrintable(complaint));
    std::ifstream(folder_.filePath("kept.json").toStdString()) >> kept_;
    QCOMPARE(kept_.size(), cases_.size());
  }

  void rows_say_what_is_kept_data() {
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < cases_.size(); ++i) QTest::newRow(cases_[i].title.c_str()) << static_cast<int>(i);
  }
  void rows_say_what_is_kept() {
    QFETCH(int, index);
    const LayerSpec& spec = *cases_[static_cast<std::size_t>(index)].spec;
    const nlohmann::json& kept = kept_[static_cast<std::size_t>(index)];
    // PyTorch 1.13 keeps what it takes the mean of, though it needs but its size; later ones don't.
    const bool is_mean = spec.type == "Mean" || spec.type == "GlobalAvgPool";
    if (!is_mean) QCOMPARE(kept["input"].get<bool>(), spec.saved.input);
    QCOMPARE(kept["output"].get<bool>(), spec.saved.output);
    double expected = static_cast<double>(spec.saved.bytes_per_output);
    // A CPU keeps the mask as floats, a GPU as bytes.
    if (spec.type == "Dropout") expected *= 4;
    // Built from steps that keep their inputs, whose borders the figure leaves out.
    const bool is_built = spec.type.starts_with("LPPool") || spec.type == "LocalResponseNorm";
    const double found = kept["bytes"].get<double>();
    QVERIFY2(std::abs(found - expected) <= (is_built ? 0.25 * expected : 0),
             qPrintable(QString("%1 bytes for each number, not %2").arg(found).arg(expected)));
  }

 private:
  QTemporaryDir folder_;
  std::vector<Case> cases_;
  nlohmann::json kept_;
};

QTEST_GUILESS_MAIN(TestSavedTensors)
#include "test_saved_tensors.moc"
