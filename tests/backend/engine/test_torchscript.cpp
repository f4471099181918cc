// TorchScript as LibTorch reads it back. (test_export_parity.cpp has Python read it.)

#include <torch/script.h>
#include <torch/torch.h>
//
#include <QTest>
#include <sstream>

#include "backend/analysis/analyse.h"
#include "backend/engine/graph_module.h"
#include "backend/engine/torchscript.h"
#include "backend/graph/blocks.h"
#include "backend/graph/flatten.h"
#include "backend/graph/templates.h"
#include "tests/support/drawing.h"
#include "tests/support/random_inputs.h"

using namespace netwright;

namespace {

struct Pair {
  std::shared_ptr<GraphModule> module;
  torch::jit::Module script;
};

/// The project's first network, built and read back from TorchScript.
Pair pair_of(const Project& drawn) {
  const Project project = flattened(drawn);
  const Report report = analyse(project);
  auto module = GraphModule::build(project.networks.front(), report.networks.front());
  if (!module) throw std::runtime_error(module.error().message);
  const auto script = torchscript(project.networks.front(), report.networks.front(), **module);
  if (!script) throw std::runtime_error(script.error().message);
  std::istringstream file(*script);
  return {*module, torch::jit::load(file)};
}

torch::Tensor run(torch::jit::Module& script, const torch::Tensor& input) {
  return script.forward({input}).toTensor();
}

/// Input 3×6×6, a Block of conv1, bn1 and relu1 twice, Output.
Project with_repeated_block() {
  Project project = empty_project();
  Drawing draw(project);
  draw.add("Input", "input1", {{"shape", Integers{3, 6, 6}}});
  const LayerId conv = draw.add("Conv2d", "conv1", {{"out_channels", std::int64_t{3}}, {"padding", Integers{1, 1}}});
  const LayerId bn = draw.add("BatchNorm2d", "bn1");
  const LayerId relu = draw.add("ReLU", "relu1");
  draw.add("Output", "output1");
  const auto made = make_block(project, {1}, {conv, bn, relu}, [](PortRef) { return Shape{3, 6, 6}; });
  if (!made || !apply_all(project, made->edits)) throw std::logic_error("no Block could be made");
  if (!apply(project, SetSetting{{1}, made->block, "repeat", std::int64_t{2}})) throw std::logic_error("not repeated");
  return project;
}

}  // namespace

class TestTorchscript : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    torch::manual_seed(3);
  }

  void batches_of_any_size_data() {
    QTest::addColumn<QString>("name");
    for (const Template& one : templates()) {
      if (one.name != "empty") QTest::newRow(one.name.c_str()) << QString::fromStdString(one.name);
    }
  }
  void batches_of_any_size() {
    QFETCH(QString, name);
    const torch::NoGradGuard no_grad;
    const Project project = *open_template(name.toStdString());
    auto [module, script] = pair_of(project);
    module->eval();
    for (const std::int64_t batch : {1, 5}) {
      const Report report = analyse(project);
      const torch::Tensor input = random_inputs(project.networks.front(), report.networks.front(), batch).at(0);
      QVERIFY(torch::allclose(run(script, input), module->forward(input), 1e-4, 1e-5));
    }
  }

  void weights_lie_within_blocks() {
    auto [module, script] = pair_of(with_repeated_block());
    QStringList names;
    for (const auto& parameter : script.named_parameters()) names << QString::fromStdString(parameter.name);
    for (const auto& [name, tensor] : module->named_state()) {
      if (tensor.requires_grad()) QVERIFY2(names.removeOne(QString::fromStdString(name)), name.c_str());
    }
    QVERIFY2(names.isEmpty(), qPrintable(names.join(' ')));
  }

  void training_is_known_from_evaluation() {
    const torch::NoGradGuard no_grad;
    auto [module, script] = pair_of(with_repeated_block());
    const torch::Tensor input = torch::randn({4, 3, 6, 6}) + 2;
    QVERIFY(!script.is_training());
    module->eval();
    const torch::Tensor before = run(script, input);
    QVERIFY(torch::allclose(before, module->forward(input), 1e-4, 1e-5));
    script.train();
    module->train();
    QVERIFY(torch::allclose(run(script, input), module->forward(input), 1e-4, 1e-5));
    script.eval();
    module->eval();
    const torch::Tensor after = run(script, input);
    QVERIFY(torch::allclose(after, module->forward(input), 1e-4, 1e-5));
    QVERIFY(!torch::allclose(after, before, 1e-3, 1e-3));  // the running statistics moved
  }

  void a_script_can_be_trained_on() {
    auto [module, script] = pair_of(*open_template("two_spirals_mlp"));
    script.train();
    const torch::Tensor input = torch::randn({8, 2});
    run(script, input).pow(2).sum().backward();
    for (const auto& parameter : script.parameters()) QVERIFY(parameter.grad().defined());
  }
};

QTEST_GUILESS_MAIN(TestTorchscript)
#include "test_torchscript.moc"
