// Every row of the catalogue against LibTorch: what the row predicts for its samples must be what runs.

#include <torch/torch.h>
//
#include <QTest>
#include <algorithm>
#include <set>

#include "backend/analysis/analyse.h"
#include "backend/engine/graph_module.h"
#include "backend/layers/catalogue.h"
#include "tests/support/drawing.h"

using namespace netwright;

namespace {

constexpr std::int64_t batch = 2;

struct Subject {
  Project project = empty_project();
  Report report;
  LayerId layer;
  std::vector<torch::Tensor> inputs;
  const LayerReport& layer_report() const { return report.networks.front().layers.at(layer); }
};

Subject subject_of(const LayerSpec& spec, const Sample& sample) {
  Subject subject;
  Drawing draw(subject.project);
  std::vector<LayerId> sources;
  for (std::size_t i = 0; i < sample.inputs.size(); ++i) {
    Integers shape;
    for (const Dim& dim : sample.inputs[i].dims()) shape.push_back(dim.value());
    sources.push_back(draw.add("Input", "input" + std::to_string(i), {{"shape", shape}}));
    shape.insert(shape.begin(), batch);
    subject.inputs.push_back(torch::randn(shape, torch::kFloat64));
  }
  subject.layer = draw.add(spec.type, "subject", sample.settings, sources);
  draw.add("Output", "output", {}, {subject.layer});
  subject.report = analyse(subject.project);
  return subject;
}

std::vector<std::int64_t> sizes_of(const Shape& shape) {
  std::vector<std::int64_t> sizes;
  for (const Dim& dim : shape.dims()) sizes.push_back(dim.value_or(-1));
  return sizes;
}

/// For each output position on `axis`, the input positions whose change can change it. Float64, evaluation mode.
std::vector<std::set<std::int64_t>> seen_positions(GraphModule& module, const std::vector<torch::Tensor>& inputs,
                                                   std::int64_t axis) {
  const torch::NoGradGuard no_grad;
  std::vector<std::set<std::int64_t>> seen;
  const std::int64_t dim = axis + 2;
  // Twice, from negative and from positive values: one of them shows through every rectifier.
  for (const double centre : {-1.0, 1.0}) {
    std::vector<torch::Tensor> base;
    for (const torch::Tensor& input : inputs) base.push_back(torch::rand_like(input) * 0.5 + centre);
    const torch::Tensor before = module.forward(base).at(0);
    seen.resize(static_cast<std::size_t>(before.size(dim)));
    for (std::int64_t position = 0; position < base.front().size(dim); ++position) {
      std::vector<torch::Tensor> moved;
      for (const torch::Tensor& input : base) {
        torch::Tensor copy = input.clone();
        torch::Tensor slice = copy.select(dim, position);
        slice.add_(torch::rand_like(slice) * 3 + 3);
        moved.push_back(copy);
      }
      const torch::Tensor changed = module.forward(moved).at(0).ne(before).transpose(0, dim).flatten(1).any(1);
      for (std::int64_t i = 0; i < changed.size(0); ++i) {
        if (changed[i].item<bool>()) seen[static_cast<std::size_t>(i)].insert(position);
      }
    }
  }
  return seen;
}

/// What happens where a window reaches beyond the input.
enum class Border {
  Clipped,   ///< it sees what is left of it
  HasGaps,   ///< its ends may fall between dilated points
  Reflected  ///< it sees positions elsewhere
};

/// Empty where the prediction holds for every output position.
QString field_complaint(const AxisField& field, const std::vector<std::set<std::int64_t>>& seen, std::int64_t size,
                        Border border) {
  for (std::size_t i = 0; i < seen.size(); ++i) {
    std::int64_t first = field.is_whole ? 0 : field.start + static_cast<std::int64_t>(i) * field.stride;
    std::int64_t last = field.is_whole ? size - 1 : first + field.size - 1;
    const bool is_inside = first >= 0 && last < size;
    if (border == Border::Reflected && !is_inside) continue;
    first = std::max<std::int64_t>(first, 0);
    last = std::min(last, size - 1);
    const std::int64_t least = seen[i].empty() ? -1 : *seen[i].begin();
    const std::int64_t most = seen[i].empty() ? -1 : *seen[i].rbegin();
    bool fits = least == first && most == last;
    if (border == Border::HasGaps && !is_inside) fits = least >= first && most <= last;
    if (field.is_bound) fits = most - least < field.size;
    if (!fits) {
      return QString("output %1 sees %2 to %3, not %4 to %5").arg(i).arg(least).arg(most).arg(first).arg(last);
    }
  }
  return {};
}

}  // namespace

class TestConformance : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    torch::manual_seed(5);
  }

  void every_row_has_samples() {
    for (const LayerSpec& spec : catalogue()) {
      QVERIFY2(!spec.call || !spec.samples.empty(), qPrintable(QString::fromStdString(spec.type)));
    }
  }

  void prediction_is_what_runs_data() {
    QTest::addColumn<int>("row");
    QTest::addColumn<int>("sample");
    for (std::size_t row = 0; row < catalogue().size(); ++row) {
      for (std::size_t sample = 0; sample < catalogue()[row].samples.size(); ++sample) {
        QTest::addRow("%s %zu", catalogue()[row].type.c_str(), sample)
            << static_cast<int>(row) << static_cast<int>(sample);
      }
    }
  }
  void prediction_is_what_runs() {
    QFETCH(int, row);
    QFETCH(int, sample);
    const LayerSpec& spec = catalogue()[static_cast<std::size_t>(row)];
    const Subject subject = subject_of(spec, spec.samples[static_cast<std::size_t>(sample)]);
    const LayerReport& predicted = subject.layer_report();
    QVERIFY2(predicted.is_valid, subject.report.diagnostics.empty()
                                     ? "invalid without a diagnostic"
                                     : subject.report.diagnostics.front().message.c_str());

    auto built = GraphModule::build(subject.project.networks.front(), subject.report.networks.front());
    QVERIFY2(built, built ? "" : built.error().message.c_str());
    GraphModule& module = **built;
    module.to(torch::kFloat64);

    // Weights: names, order, shapes, kind, number.
    const NamedTensors state = module.named_state();
    QCOMPARE(state.size(), predicted.weights.size());
    std::int64_t parameters = 0;
    for (std::size_t i = 0; i < state.size(); ++i) {
      const Weight& weight = predicted.weights[i];
      QCOMPARE(state[i].first, "subject." + weight.name);
      QCOMPARE(state[i].second.sizes().vec(), sizes_of(weight.shape));
      QCOMPARE(module.named_buffers().contains(state[i].first), weight.is_buffer);
      if (!weight.is_buffer) parameters += state[i].second.numel();
    }
    QCOMPARE(parameters, predicted.parameters.value_or(0));

    // Shapes, in both modes.
    std::vector<std::int64_t> expected = sizes_of(predicted.outputs.front());
    expected.insert(expected.begin(), batch);
    for (const bool is_training : {true, false}) {
      module.train(is_training);
      const torch::Tensor output = module.forward(subject.inputs).at(0);
      QCOMPARE(output.sizes().vec(), expected);
    }
    QVERIFY(!module.first_bad_layer(subject.inputs));
  }

  void receptive_field_is_what_is_seen_data() { prediction_is_what_runs_data(); }
  void receptive_field_is_what_is_seen() {
    QFETCH(int, row);
    QFETCH(int, sample);
    const LayerSpec& spec = catalogue()[static_cast<std::size_t>(row)];
    const Subject subject = subject_of(spec, spec.samples[static_cast<std::size_t>(sample)]);
    const LayerReport& predicted = subject.layer_report();
    auto built = GraphModule::build(subject.project.networks.front(), subject.report.networks.front());
    QVERIFY(built);
    GraphModule& module = **built;
    module.to(torch::kFloat64);
    module.eval();

    const torch::Tensor& input = subject.inputs.front();
    for (const torch::Tensor& other : subject.inputs) {
      if (other.sizes().slice(2) != input.sizes().slice(2)) QSKIP("The inputs have no axes in common.");
    }
    const auto axes = static_cast<std::size_t>(std::max<std::int64_t>(input.dim() - 2, 0));
    if (axes == 0) return;
    QCOMPARE(predicted.field.size(), axes);
    const bool has_positions = predicted.outputs.front().rank() == axes + 1;
    const Layer& layer = *subject.project.networks.front().find(subject.layer);
    const std::string mode = layer.settings.text("padding_mode");
    const Integers dilation = layer.settings.integers("dilation");
    Border border = Border::Clipped;
    if (std::any_of(dilation.begin(), dilation.end(), [](std::int64_t d) { return d > 1; })) border = Border::HasGaps;
    if (mode == "circular" || mode == "reflect") border = Border::Reflected;
    for (std::size_t axis = 0; axis < axes; ++axis) {
      const std::int64_t size = input.size(static_cast<std::int64_t>(axis) + 2);
      if (has_positions) {
        const auto seen = seen_positions(module, subject.inputs, static_cast<std::int64_t>(axis));
        const QString complaint = field_complaint(predicted.field[axis], seen, size, border);
        QVERIFY2(complaint.isEmpty(), qPrintable(QString("axis %1: %2").arg(axis).arg(complaint)));
      } else {
        // Flattened without mixing: every output still is one position.
        QCOMPARE(predicted.field[axis].size, std::int64_t(1));
      }
    }
  }
};

QTEST_GUILESS_MAIN(TestConformance)
#include "test_conformance.moc"
