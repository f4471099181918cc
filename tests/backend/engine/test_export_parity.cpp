// What is exported gives what GraphModule gives: real PyTorch runs the exported code with the exported weights, for
// every template, every sample of the catalogue and random networks. NETWRIGHT_RANDOM_GRAPHS asks for more of these.

#include <torch/torch.h>
//
#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "backend/analysis/analyse.h"
#include "backend/engine/checkpoint.h"
#include "backend/engine/graph_module.h"
#include "backend/engine/torchscript.h"
#include "backend/graph/flatten.h"
#include "backend/graph/project_json.h"
#include "backend/graph/templates.h"
#include "backend/interop/pytorch_code.h"
#include "backend/layers/catalogue.h"
#include "tests/support/drawing.h"
#include "tests/support/files.h"
#include "tests/support/random_inputs.h"
#include "tests/support/random_project.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

constexpr std::int64_t batch = 3;
constexpr double most_error = 1e-4;

NamedTensor to_file(const std::string& name, const torch::Tensor& tensor) {
  const torch::Tensor whole = tensor.detach().contiguous();
  NamedTensor named{name, whole.scalar_type() == torch::kInt64 ? "I64" : "F32", whole.sizes().vec(), {}};
  named.bytes.resize(whole.nbytes());
  std::memcpy(named.bytes.data(), whole.data_ptr(), whole.nbytes());
  return named;
}

/// The layer between its Inputs and Outputs.
Project project_of(const LayerSpec& spec, const Sample& sample) {
  Project project = empty_project();
  Drawing draw(project);
  std::vector<LayerId> sources;
  for (std::size_t i = 0; i < std::max<std::size_t>(sample.inputs.size(), 1); ++i) {
    Integers shape = {4};
    if (!sample.inputs.empty()) {
      shape.clear();
      for (const Dim& dim : sample.inputs[i].dims()) shape.push_back(dim.value());
    }
    const std::string dtype = spec.elements == Elements::Indices ? "int64" : "float32";
    const LayerId input = draw.add("Input", "input" + std::to_string(i), {{"shape", shape}, {"dtype", dtype}});
    if (!sample.inputs.empty()) sources.push_back(input);
  }
  Layer layer = make_layer(draw.network(), spec.type, {}, sample.settings);
  if (!apply(project, AddLayer{draw.network().id, layer})) throw std::logic_error("the layer doesn't fit");
  for (std::size_t port = 0; port < sources.size(); ++port)
    draw.connect(sources[port], layer.id, static_cast<int>(port));
  for (int port = 0; port < output_count(spec, layer.settings); ++port) {
    const Layer output = make_layer(draw.network(), "Output", {});
    if (!apply(project, AddLayer{draw.network().id, output})) throw std::logic_error("the Output doesn't fit");
    draw.connect(layer.id, output.id, 0, port);
  }
  return project;
}

/// What a network gives in its present mode, and how far that can be relied on.
struct Expected {
  std::vector<torch::Tensor> outputs;
  std::vector<torch::Tensor> exact;  ///< in float64, which tells what rounding does
  std::vector<bool> steady;          ///< stay finite, or don't, whatever rounding does: not so 0 / 0 and √0
  bool is_random = false;
};

bool are_equal(const torch::Tensor& a, const torch::Tensor& b) {
  return torch::allclose(a, b, 0, 0, /*equal_nan=*/true);
}

Expected expected_of(GraphModule& module, const std::vector<torch::Tensor>& inputs) {
  Expected expected{.outputs = module.forward(inputs), .exact = {}, .steady = {}};
  expected.steady.assign(expected.outputs.size(), true);
  constexpr int unmoved = 2;  // only chance makes a difference then
  for (int i = 0; i < unmoved + 3; ++i) {
    std::vector<torch::Tensor> moved = inputs;
    for (torch::Tensor& input : moved) {
      if (i >= unmoved && input.is_floating_point()) input = input * (1 + 3e-7 * torch::randn_like(input));
    }
    const std::vector<torch::Tensor> results = module.forward(moved);
    for (std::size_t k = 0; k < results.size(); ++k) {
      expected.is_random = expected.is_random || (i < unmoved && !are_equal(results[k], expected.outputs[k]));
      expected.steady[k] = expected.steady[k] && torch::equal(results[k].isfinite(), expected.outputs[k].isfinite());
    }
  }
  std::vector<torch::Tensor> precise = inputs;
  for (torch::Tensor& input : precise) {
    if (input.is_floating_point()) input = input.to(torch::kFloat64);
  }
  module.to(torch::kFloat64);
  try {
    expected.exact = module.forward(precise);
  } catch (const c10::Error&) {
    // The network has float32 of its own (constants beside words): rounding by 1e-5 is taken for granted.
    for (const torch::Tensor& output : expected.outputs)
      expected.exact.push_back(output + (output.is_floating_point() ? 1e-5 : 0));
  }
  module.to(torch::kFloat32);
  return expected;
}

int random_networks() {
  bool is_named = false;
  const int named = qEnvironmentVariableIntValue("NETWRIGHT_RANDOM_GRAPHS", &is_named);
  return is_named ? named : 200;
}

}  // namespace

class TestExportParity : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    const auto seed = test_seed();
    qInfo("seed %u", seed);
    torch::manual_seed(seed);
    std::mt19937 random(seed);
    for (const Template& one : templates()) {
      if (one.name != "empty") add_case("template_" + one.name, *open_template(one.name));
    }
    for (const LayerSpec& spec : catalogue()) {
      if (spec.category == Category::InputOutput || spec.category == Category::Block) continue;
      for (std::size_t i = 0; i < spec.samples.size(); ++i)
        add_case(spec.type + "_" + std::to_string(i), project_of(spec, spec.samples[i]));
    }
    for (int i = 0; i < random_networks(); ++i) add_case("random_" + std::to_string(i), random_project(random));

    const QString script = file_content(NETWRIGHT_SOURCE "/tests/backend/engine/export_oracle.py");
    for (const QString& line : run_python(script, {folder_.path()}).split('\n')) results_ << line.split(' ');
  }

  void everything_runs_here() {
    QVERIFY2(refused_.isEmpty(), qPrintable(refused_.join('\n')));
    QVERIFY2(unsteady_ <= cases_ / 10, qPrintable(QString("%1 outputs can't be compared").arg(unsteady_)));
  }

  void exported_code_gives_the_same() { compare("code"); }
  void torchscript_gives_the_same() {
    QVERIFY2(unscripted_.isEmpty(), qPrintable(unscripted_.join('\n')));
    compare("script");
  }

 private:
  void add_case(const std::string& name, const Project& project) {
    try {
      make_case(name, project);
    } catch (const c10::Error& error) {
      refused_ << QString::fromStdString(name + ": " + error.what_without_backtrace() + to_json(project));
    }
  }

  void make_case(const std::string& name, const Project& drawn) {
    const Project project = flattened(drawn);
    const Network& network = project.networks.front();
    const Report report = analyse(project);
    auto built = GraphModule::build(network, report.networks.front());
    if (!built) {
      refused_ << QString::fromStdString(name + ": " + built.error().message);
      return;
    }
    GraphModule& module = **built;
    const torch::NoGradGuard no_grad;
    const std::vector<torch::Tensor> inputs = random_inputs(network, report.networks.front(), batch);
    TensorFile file;
    for (std::size_t i = 0; i < inputs.size(); ++i)
      file.tensors.push_back(to_file("input." + std::to_string(i), inputs[i]));
    // Training first, so that running statistics are more than zeros and ones.
    const Expected trained = expected_of(module, inputs);
    // What drops whole channels again and again may look certain.
    const bool has_chance = std::any_of(network.layers.begin(), network.layers.end(), [](const Layer& layer) {
      return find_layer_spec(layer.type)->category == Category::Regularisation;
    });
    if (!trained.is_random && !has_chance) add_expected(file, "training.", trained);
    const std::vector<NamedTensor> weights = weights_of(module);
    const Result<std::string> script = torchscript(network, report.networks.front(), module);
    if (!script) unscripted_ << QString::fromStdString(name + ": " + script.error().message);
    module.eval();
    add_expected(file, "", expected_of(module, inputs));

    const QString folder = folder_.filePath(QString::fromStdString(name));
    QVERIFY(QDir().mkpath(folder));
    QVERIFY(bool(write_safetensors(path_of(folder + "/case.safetensors"), file)));
    QVERIFY(bool(write_safetensors(path_of(folder + "/weights.safetensors"), {weights, {}})));
    QVERIFY(put_file(folder + "/model.py", QByteArray::fromStdString(pytorch_code(drawn, analyse(drawn)))));
    if (script) QVERIFY(put_file(folder + "/model.pt", QByteArray::fromStdString(*script)));
    ++cases_;
  }

  void add_expected(TensorFile& file, const std::string& prefix, const Expected& expected) {
    for (std::size_t i = 0; i < expected.outputs.size(); ++i) {
      const std::string number = "." + std::to_string(i);
      const torch::Tensor& output = expected.outputs[i];
      file.tensors.push_back(to_file(prefix + "output" + number, output));
      file.tensors.push_back(to_file(prefix + "exact" + number, expected.exact[i].to(output.scalar_type())));
      const torch::Tensor steady = torch::tensor(expected.steady[i] ? 1 : 0, torch::kInt64);
      file.tensors.push_back(to_file(prefix + "steady" + number, steady));
      unsteady_ += expected.steady[i] ? 0 : 1;
    }
  }

  void compare(const QString& form) {
    int compared = 0;
    double worst = 0;
    QStringList failures;
    for (const QStringList& words : results_) {
      if (words.size() < 3 || words[1] != form) continue;
      bool is_number = false;
      const double error = words[2].toDouble(&is_number);
      ++compared;
      if (is_number && words.size() == 3 && error <= most_error) {
        worst = std::max(worst, error);
      } else {
        failures << words.join(' ');
      }
    }
    for (const QString& failure : failures) {
      qWarning("%s", qPrintable(failure));
      if (failures.size() > 5) continue;
      qWarning("%s", file_content(folder_.filePath(failure.section(' ', 0, 0) + "/model.py")).constData());
    }
    qInfo("%d of %d compared, the largest relative error %.2g", compared, cases_, worst);
    if (compared < cases_ && !results_.isEmpty()) qWarning("%s", qPrintable(results_.last().join(' ')));
    QCOMPARE(compared, cases_);
    QVERIFY(failures.isEmpty());
  }

  QTemporaryDir folder_;
  int cases_ = 0;
  int unsteady_ = 0;  ///< outputs that aren't compared
  QStringList refused_;
  QStringList unscripted_;
  QList<QStringList> results_;
};

QTEST_GUILESS_MAIN(TestExportParity)
#include "test_export_parity.moc"
