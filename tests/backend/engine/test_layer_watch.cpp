#include <torch/torch.h>
//
#include <QTest>
#include <cmath>

#include "backend/analysis/analyse.h"
#include "backend/engine/layer_watch.h"
#include "tests/support/drawing.h"

using namespace netwright;

namespace {

constexpr double rate = 0.1;

bool is_near(double a, double b) {
  return std::abs(a - b) <= 1e-4 * std::max(std::abs(b), 1e-6);
}

struct Watching {
  Project project = empty_project();
  std::unique_ptr<Learner> learner;

  void learn(std::int64_t accumulate = 1) {
    project.recipe.settings = {{"accumulate", accumulate}};
    auto module = GraphModule::build(project.networks.front(), analyse(project).networks.front());
    if (!module) throw std::runtime_error(module.error().message);
    auto made = Learner::create(*module, {project.recipe, {"SGD", {{"lr", rate}}}, {10, 1}}, torch::kCPU);
    if (!made) throw std::runtime_error(made.error().message);
    learner = std::move(*made);
  }
  torch::Tensor parameter(const std::string& name) const {
    for (const auto& [known, tensor] : learner->module().named_state()) {
      if (known == name) return tensor;
    }
    throw std::runtime_error("no " + name);
  }
  void step(const torch::Tensor& x) const {
    learner->module().train();
    learner->begin();
    const torch::Tensor loss = learner->module().forward(x).square().mean();
    learner->share_of(loss).backward();
    learner->finish(loss.detach());
  }
};

const FigureValues& of(const std::vector<LayerFigures>& layers, const std::string& name) {
  for (const LayerFigures& layer : layers) {
    if (layer.layer == name) return layer.values;
  }
  throw std::runtime_error("no layer " + name);
}

}  // namespace

class TestLayerWatch : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() { torch::manual_seed(5); }

  void weights_gradients_and_steps_follow_their_formulas() {
    Watching w;
    Drawing draw(w.project);
    draw.add("Input", "input", {{"shape", Integers{6}}});
    draw.add("Linear", "fc1", {{"out_features", std::int64_t{8}}});
    draw.add("Tanh", "tanh1");
    draw.add("Linear", "fc2", {{"out_features", std::int64_t{3}}});
    draw.add("Output", "output");
    w.learn();
    const torch::Tensor x = torch::randn({12, 6});
    const torch::Tensor before = w.parameter("fc1.weight").clone();
    LayerWatch watch(*w.learner, w.project.networks.front(), "net");
    watch.before_step();
    w.step(x);
    const torch::Tensor after = w.parameter("fc1.weight").detach();
    const torch::Tensor gradient = (before - after) / rate;
    const auto layers = watch.after_step({x});

    QCOMPARE(layers.size(), std::size_t{3});
    QCOMPARE(layers.front().layer, std::string("net.fc1"));
    const FigureValues& fc1 = of(layers, "net.fc1");
    const auto number = [](const torch::Tensor& tensor) { return tensor.item<double>(); };
    QVERIFY(is_near(fc1.at("weight_mean"), number(after.mean())));
    QVERIFY(is_near(fc1.at("weight_deviation"), number(after.std(false))));
    QVERIFY(is_near(fc1.at("weight_norm"), number(after.norm())));
    QVERIFY(std::abs(fc1.at("gradient_norm") / number(gradient.norm()) - 1) < 1e-3);
    QVERIFY(std::abs(fc1.at("gradient_deviation") / number(gradient.std(false)) - 1) < 1e-3);
    QVERIFY(std::abs(fc1.at("update_ratio") / number((after - before).norm() / before.norm()) - 1) < 1e-4);
    const torch::Tensor made = torch::linear(x, after, w.parameter("fc1.bias")).detach();
    QVERIFY(is_near(fc1.at("activation_mean"), number(made.mean())));
    QVERIFY(is_near(of(layers, "net.tanh1").at("activation_deviation"), number(made.tanh().std(false))));
    QVERIFY(!of(layers, "net.tanh1").contains("weight_mean"));
    QCOMPARE(of(layers, "net.tanh1").at("dead"), 0.0);
  }

  void units_that_never_fire_are_dead() {
    Watching w;
    Drawing draw(w.project);
    draw.add("Input", "image", {{"shape", Integers{1, 8, 8}}});
    draw.add("Conv2d", "conv1", {{"out_channels", std::int64_t{4}}});
    draw.add("ReLU", "relu1");
    draw.add("Flatten", "flatten1");
    draw.add("Linear", "fc1", {{"out_features", std::int64_t{10}}});
    draw.add("ReLU", "relu2");
    draw.add("Output", "output");
    w.learn();
    {
      const torch::NoGradGuard no_grad;
      w.parameter("conv1.bias").fill_(1).narrow(0, 0, 1).fill_(-100);
      w.parameter("conv1.weight").fill_(0.1);
      w.parameter("fc1.bias").narrow(0, 0, 7).fill_(-1000);
    }
    LayerWatch watch(*w.learner, w.project.networks.front());
    watch.before_step();
    const auto layers = watch.after_step({torch::rand({16, 1, 8, 8})});
    QCOMPARE(of(layers, "relu1").at("dead"), 0.25);
    QVERIFY(of(layers, "relu2").at("dead") >= 0.7);
    QCOMPARE(of(layers, "conv1").at("dead"), 0.0);
    // No step was made.
    QVERIFY(!of(layers, "conv1").contains("update_ratio"));
    QVERIFY(!of(layers, "conv1").contains("gradient_norm"));
  }

  void signals_have_channels_and_sequences_have_features() {
    for (const bool is_signal : {true, false}) {
      Watching w;
      Drawing draw(w.project);
      draw.add("Input", "input", {{"shape", Integers{3, 6}}});
      if (is_signal) {
        draw.add("Conv1d", "first", {{"out_channels", std::int64_t{4}}, {"kernel_size", Integers{1}}});
      } else {
        draw.add("Linear", "first", {{"out_features", std::int64_t{4}}});
      }
      draw.add("ReLU", "relu1");
      draw.add("Output", "output");
      w.learn();
      {
        const torch::NoGradGuard no_grad;
        w.parameter("first.bias").fill_(10).narrow(0, 0, 2).fill_(-100);
      }
      LayerWatch watch(*w.learner, w.project.networks.front());
      watch.before_step();
      QCOMPARE(of(watch.after_step({torch::rand({9, 3, 6})}), "relu1").at("dead"), 0.5);
    }
  }

  void watching_changes_nothing() {
    Watching w;
    Drawing draw(w.project);
    draw.add("Input", "input", {{"shape", Integers{6}}});
    draw.add("Linear", "fc1", {{"out_features", std::int64_t{8}}});
    draw.add("BatchNorm1d", "norm1");
    draw.add("Dropout", "dropout1");
    draw.add("Output", "output");
    w.learn(/*accumulate=*/2);
    const torch::Tensor x = torch::randn({12, 6});
    LayerWatch watch(*w.learner, w.project.networks.front());
    w.learner->module().train();
    const torch::Tensor mean = w.parameter("norm1.running_mean").clone();
    const torch::Tensor drawn = at::detail::getDefaultCPUGenerator().get_state();
    watch.before_step();
    const auto layers = watch.after_step({x});
    QVERIFY(torch::equal(mean, w.parameter("norm1.running_mean")));
    QVERIFY(torch::equal(drawn, at::detail::getDefaultCPUGenerator().get_state()));
    QVERIFY(w.learner->module().is_training());
    // The first of two batches makes no step.
    watch.before_step();
    w.step(x);
    QVERIFY(!of(watch.after_step({x}), "fc1").contains("update_ratio"));
    watch.before_step();
    w.step(x);
    QVERIFY(of(watch.after_step({x}), "fc1").contains("update_ratio"));
  }
};

QTEST_GUILESS_MAIN(TestLayerWatch)
#include "test_layer_watch.moc"
