// Every row of the catalogue against LibTorch: what the report says of its samples must be what runs.

#include <torch/torch.h>
//
#include <QTest>
#include <algorithm>
#include <set>

#include "backend/analysis/analyse.h"
#include "backend/engine/graph_module.h"
#include "backend/layers/catalogue.h"
#include "tests/support/drawing.h"
#include "tests/support/sample_rows.h"

using namespace netwright;

namespace {

constexpr std::int64_t batch = 2;

/// A sample's layer between Inputs and Outputs, one for each of its ports.
struct Subject {
  const LayerSpec& spec;
  const Sample& sample;
  Project project = empty_project();
  Report report = {};
  LayerId layer = {};

  const Network& network() const { return project.networks.front(); }
  const Settings& settings() const { return network().find(layer)->settings; }
  const LayerReport& layer_report() const { return report.networks.front().layers.at(layer); }
};

Subject subject_of(const LayerSpec& spec, const Sample& sample) {
  Subject subject{spec, sample};
  Drawing draw(subject.project);
  std::vector<LayerId> sources;
  for (const Shape& input : sample.inputs) {
    Integers shape;
    for (const Dim& dim : input.dims()) shape.push_back(dim.value());
    const std::string dtype = spec.elements == Elements::Indices ? "int64" : "float32";
    sources.push_back(
        draw.add("Input", "input" + std::to_string(sources.size()), {{"shape", shape}, {"dtype", dtype}}));
  }
  if (sources.empty()) {
    // What has no input is as many as the batch, which an Input beside it says.
    Layer layer = make_layer(draw.network(), spec.type, {}, sample.settings);
    layer.name = "subject";
    subject.layer = layer.id;
    draw.network().layers.push_back(layer);
    draw.add("Input", "beside", {{"shape", Integers{3}}});
  } else {
    subject.layer = draw.add(spec.type, "subject", sample.settings, sources);
  }
  const int ports = output_count(spec, subject.settings());
  for (int port = 0; port < ports; ++port) {
    const LayerId output = draw.add("Output", "output" + std::to_string(port), {}, {subject.layer});
    draw.network().connections.pop_back();
    draw.connect(subject.layer, output, 0, port);
  }
  subject.report = analyse(subject.project);
  return subject;
}

std::vector<std::int64_t> sizes_of(const Shape& shape) {
  std::vector<std::int64_t> sizes;
  for (const Dim& dim : shape.dims()) sizes.push_back(dim.value_or(-1));
  return sizes;
}

/// One batch for each Input: words, or numbers around `centre`, positive where they must be.
std::vector<torch::Tensor> inputs_of(const Subject& subject, double centre) {
  std::vector<torch::Tensor> inputs;
  for (const Shape& shape : subject.sample.inputs) {
    std::vector<std::int64_t> sizes = sizes_of(shape);
    sizes.insert(sizes.begin(), batch);
    if (subject.spec.elements == Elements::Indices) {
      inputs.push_back(torch::randint(subject.settings().integer("num_embeddings"), sizes, torch::kInt64));
    } else {
      const double least = subject.sample.is_positive ? centre + 2 : centre;
      inputs.push_back(torch::rand(sizes, torch::kFloat64) * 0.5 + least);
    }
  }
  if (inputs.empty()) inputs.push_back(torch::rand({batch, 3}, torch::kFloat64));
  return inputs;
}

std::shared_ptr<GraphModule> module_of(const Subject& subject) {
  auto built = GraphModule::build(subject.network(), subject.report.networks.front());
  if (!built) throw std::runtime_error(built.error().message);
  (*built)->to(torch::kFloat64);
  return *built;
}

/// Whether the outputs' positions run along the input's own axes, so that a field per axis says what each sees.
bool keeps_axes(const LayerSpec& spec, const Sample& sample) {
  if (!spec.call || spec.output_window || spec.elements == Elements::Indices || sample.inputs.size() != 1) return false;
  const Shape& input = sample.inputs.front();
  if (input.rank() < 2) return false;
  const Settings settings = completed(spec.settings, sample.settings);
  const LayerView view{settings, sample.inputs};
  const ShapeResult result = spec.shapes(view);
  const auto* outputs = std::get_if<std::vector<Shape>>(&result);
  if (!outputs || outputs->front().rank() != input.rank()) return false;
  const auto windows = spec.window ? spec.window(view, 0) : std::vector<AxisWindow>();
  for (std::size_t axis = 0; axis < windows.size(); ++axis) {
    const AxisWindow& window = windows[axis];
    if (window.is_folded || (window.to != AxisWindow::same && window.to != static_cast<int>(axis))) return false;
  }
  return true;
}

/// The first of the axes along which positions lie.
std::size_t first_axis(const LayerSpec& spec, const Shape& input) {
  return spec.features_last && input.rank() == 2 ? 0 : 1;
}

/// For each output position on `axis`, the input positions whose change can change it. Evaluation mode.
std::vector<std::set<std::int64_t>> seen_positions(const Subject& subject, GraphModule& module, std::size_t axis) {
  const torch::NoGradGuard no_grad;
  const auto dim = static_cast<std::int64_t>(axis) + 1;
  std::vector<std::set<std::int64_t>> seen;
  // Twice, from negative and from positive values: one of them shows through every rectifier.
  for (const double centre : {-1.0, 1.0}) {
    const torch::Tensor base = inputs_of(subject, centre).front();
    const torch::Tensor before = module.forward(base);
    seen.resize(static_cast<std::size_t>(before.size(dim)));
    for (std::int64_t position = 0; position < base.size(dim); ++position) {
      const torch::Tensor moved = base.clone();
      torch::Tensor slice = moved.select(dim, position);
      slice.add_(torch::rand_like(slice) * 3 + 3);
      const torch::Tensor changed = module.forward(moved).ne(before).transpose(0, dim).flatten(1).any(1);
      for (std::int64_t i = 0; i < changed.size(0); ++i) {
        if (changed[i].item<bool>()) seen[static_cast<std::size_t>(i)].insert(position);
      }
    }
  }
  return seen;
}

/// Where an output sees less than the window that covers what it sees.
enum class Gaps {
  None,
  AtBorders,  ///< a window's ends that lie within the input may fall between dilated points
  Elsewhere,  ///< what reaches beyond the input sees other positions of it
  Anywhere    ///< dilated points between which the outputs' grid is finer; steps that know only those before
};

Gaps gaps_of(const Subject& subject) {
  const Settings& settings = subject.settings();
  if (subject.spec.category == Category::Recurrent) return Gaps::Anywhere;
  const Integers dilation = settings.integers("dilation");
  const bool has_gaps = std::any_of(dilation.begin(), dilation.end(), [](std::int64_t d) { return d > 1; });
  if (has_gaps) return subject.spec.type.starts_with("ConvTranspose") ? Gaps::Anywhere : Gaps::AtBorders;
  for (const char* name : {"padding_mode", "mode"}) {
    const std::string mode = settings.text(name);
    if (mode == "circular" || mode == "reflect") return Gaps::Elsewhere;
    if (mode == "replicate" && subject.spec.type == "Pad") return Gaps::Elsewhere;
  }
  return Gaps::None;
}

/// Empty where the field holds for every output position: exactly for each first of a period, in size for the others.
QString field_complaint(const AxisField& field, const std::vector<std::set<std::int64_t>>& seen, std::int64_t size,
                        Gaps gaps) {
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const auto position = static_cast<std::int64_t>(i);
    std::int64_t first = field.is_whole ? 0 : field.start + position / field.period * field.stride;
    std::int64_t last = field.is_whole ? size - 1 : first + field.size - 1;
    const bool is_inside = first >= 0 && last < size;
    if (gaps == Gaps::Elsewhere && !is_inside) continue;
    first = std::max<std::int64_t>(first, 0);
    last = std::min(last, size - 1);
    const std::int64_t least = seen[i].empty() ? size : *seen[i].begin();
    const std::int64_t most = seen[i].empty() ? -1 : *seen[i].rbegin();
    const bool may_see_less = gaps == Gaps::Anywhere || (gaps == Gaps::AtBorders && !is_inside);
    bool fits = false;
    if (field.is_bound || position % field.period != 0) {
      fits = most - least < field.size;
    } else if (may_see_less) {
      fits = seen[i].empty() || (least >= first && most <= last);
    } else {
      fits = first > last ? seen[i].empty() : least == first && most == last;
    }
    if (!fits) {
      return QString("output %1 sees %2 to %3, not %4 to %5").arg(i).arg(least).arg(most).arg(first).arg(last);
    }
  }
  return {};
}

Subject subject_at(int row, int sample) {
  const LayerSpec& spec = catalogue()[static_cast<std::size_t>(row)];
  return subject_of(spec, spec.samples[static_cast<std::size_t>(sample)]);
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
    add_samples([](const LayerSpec& spec, const Sample&) { return spec.call != nullptr; });
  }
  void prediction_is_what_runs() {
    QFETCH(int, row);
    QFETCH(int, sample);
    const Subject subject = subject_at(row, sample);
    const LayerReport& predicted = subject.layer_report();
    QVERIFY2(predicted.is_valid, subject.report.diagnostics.empty()
                                     ? "invalid without a diagnostic"
                                     : subject.report.diagnostics.front().message.c_str());
    const auto module = module_of(subject);

    // Weights: names, order, shapes, kind, number.
    const NamedTensors state = module->named_state();
    QCOMPARE(state.size(), predicted.weights.size());
    std::int64_t parameters = 0;
    for (std::size_t i = 0; i < state.size(); ++i) {
      const Weight& weight = predicted.weights[i];
      QCOMPARE(state[i].first, "subject." + weight.name);
      QCOMPARE(state[i].second.sizes().vec(), sizes_of(weight.shape));
      QCOMPARE(module->named_buffers().contains(state[i].first), weight.is_buffer);
      if (!weight.is_buffer) parameters += state[i].second.numel();
    }
    QCOMPARE(parameters, predicted.parameters.value_or(0));

    // Shapes, in both modes, at every port.
    const auto inputs = inputs_of(subject, -0.25);
    for (const bool is_training : {true, false}) {
      module->train(is_training);
      const auto outputs = module->forward(inputs);
      QCOMPARE(outputs.size(), predicted.outputs.size());
      for (std::size_t port = 0; port < outputs.size(); ++port) {
        std::vector<std::int64_t> expected = sizes_of(predicted.outputs[port]);
        expected.insert(expected.begin(), batch);
        QCOMPARE(outputs[port].sizes().vec(), expected);
      }
    }
    QVERIFY(!module->first_bad_layer(inputs));
  }

  void receptive_field_is_what_is_seen_data() { add_samples(keeps_axes); }
  void receptive_field_is_what_is_seen() {
    QFETCH(int, row);
    QFETCH(int, sample);
    const Subject subject = subject_at(row, sample);
    const auto module = module_of(subject);
    module->eval();
    const ReceptiveField& field = subject.layer_report().field;
    const Shape& input = subject.sample.inputs.front();
    const std::size_t first = first_axis(subject.spec, input);
    QCOMPARE(field.size(), first == 0 ? std::size_t{1} : input.rank() - 1);
    for (std::size_t i = 0; i < field.size(); ++i) {
      const std::size_t axis = first + i;
      // A single position is all there is, for outputs that see none of it too.
      if (input[axis] == 1) continue;
      const auto seen = seen_positions(subject, *module, axis);
      const QString complaint = field_complaint(field[i], seen, input[axis].value(), gaps_of(subject));
      QVERIFY2(complaint.isEmpty(), qPrintable(QString("axis %1: %2").arg(axis).arg(complaint)));
    }
  }
};

QTEST_GUILESS_MAIN(TestConformance)
#include "test_conformance.moc"
