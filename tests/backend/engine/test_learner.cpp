#include <torch/torch.h>
//
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <nlohmann/json.hpp>

#include "backend/analysis/analyse.h"
#include "backend/engine/learner.h"
#include "backend/graph/recipe_specs.h"
#include "tests/support/drawing.h"
#include "tests/support/python_torch.h"

using namespace netwright;

namespace {

constexpr std::int64_t batch = 6;
constexpr std::int64_t features = 5;
constexpr std::int64_t outputs = 3;
constexpr std::int64_t steps = 12;
constexpr std::int64_t steps_per_epoch = 3;
constexpr std::int64_t most_batches = 3 * steps;

/// The network of learner_oracle.py.
std::shared_ptr<GraphModule> drawn(bool is_frozen = false) {
  Project project = empty_project();
  Drawing draw(project);
  draw.add("Input", "input", {{"shape", Integers{features}}});
  draw.add("Linear", "fc1", {{"out_features", std::int64_t{8}}});
  draw.add("Tanh", "tanh1");
  const LayerId middle = draw.add("Linear", "fc2", {{"out_features", std::int64_t{8}}});
  draw.network().find(middle)->trainable = !is_frozen;
  draw.add("Tanh", "tanh2");
  draw.add("Linear", "fc3", {{"out_features", outputs}});
  draw.add("Output", "output");
  auto module = GraphModule::build(project.networks.front(), analyse(project).networks.front());
  if (!module) throw std::runtime_error(module.error().message);
  return *module;
}

torch::Tensor flat(const GraphModule& module) {
  std::vector<torch::Tensor> parts;
  for (const auto& [name, tensor] : module.named_state()) parts.push_back(tensor.detach().reshape(-1));
  return torch::cat(parts);
}

void set_weights(GraphModule& module, const torch::Tensor& values) {
  const torch::NoGradGuard no_grad;
  std::int64_t offset = 0;
  for (const auto& [name, tensor] : module.named_state()) {
    tensor.copy_(values.narrow(0, offset, tensor.numel()).view(tensor.sizes()));
    offset += tensor.numel();
  }
}

struct Setup {
  Settings recipe = {};
  Choice optimiser = {"Adam", {{"lr", 0.02}}};
  Choice schedule = {"Constant"};
  bool is_frozen = false;
};

Result<std::unique_ptr<Learner>> built(const Setup& setup) {
  Recipe recipe;
  recipe.settings = setup.recipe;
  recipe.schedule = setup.schedule;
  return Learner::create(drawn(setup.is_frozen), {recipe, setup.optimiser, {steps_per_epoch, steps / steps_per_epoch}},
                         torch::kCPU);
}

std::unique_ptr<Learner> learner_of(const Setup& setup) {
  auto learner = built(setup);
  if (!learner) throw std::runtime_error(learner.error().message);
  return std::move(*learner);
}

bool train(Learner& learner, const torch::Tensor& x, const torch::Tensor& y) {
  learner.module().train();
  learner.begin();
  const torch::Tensor loss = torch::nn::functional::mse_loss(learner.module().forward(x), y);
  learner.share_of(loss).backward();
  return learner.finish(loss.detach());
}

struct Case {
  std::string name;
  Setup setup;
};

std::vector<Case> cases() {
  const Choice sgd = {"SGD", {{"lr", 0.1}, {"momentum", 0.9}}};
  const Choice falling = {"Exponential", {{"gamma", 0.8}}};
  return {
      {"plain", {}},
      {"l1", {.recipe = {{"l1", 0.01}}}},
      {"l2", {.recipe = {{"l2", 0.01}}}},
      {"l1-l2", {.recipe = {{"l1", 0.003}, {"l2", 0.02}}, .optimiser = sgd}},
      {"clip-norm", {.recipe = {{"clip_norm", 0.1}}, .optimiser = sgd}},
      {"clip-norm-never", {.recipe = {{"clip_norm", 1000.0}}, .optimiser = sgd}},
      {"clip-value", {.recipe = {{"clip_value", 0.02}}, .optimiser = sgd}},
      {"clip-both", {.recipe = {{"clip_value", 0.05}, {"clip_norm", 0.1}}, .optimiser = sgd}},
      {"accumulate", {.recipe = {{"accumulate", std::int64_t{3}}}}},
      {"accumulate-all",
       {.recipe = {{"accumulate", std::int64_t{2}}, {"l1", 0.01}, {"l2", 0.01}, {"clip_norm", 0.2}}, .optimiser = sgd}},
      {"average", {.recipe = {{"ema_decay", 0.9}}}},
      {"scheduled", {.schedule = falling}},
      {"frozen", {.recipe = {{"l1", 0.01}, {"l2", 0.01}, {"ema_decay", 0.5}}, .is_frozen = true}},
      {"everything",
       {.recipe = {{"accumulate", std::int64_t{3}},
                   {"l1", 0.002},
                   {"l2", 0.01},
                   {"clip_value", 0.1},
                   {"clip_norm", 0.2},
                   {"ema_decay", 0.8}},
        .optimiser = {"NAdam", {{"lr", 0.01}}},
        .schedule = falling,
        .is_frozen = true}},
  };
}

nlohmann::json to_json(const Settings& settings) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [name, value] : settings.values()) {
    json[name] = std::visit([](const auto& held) { return nlohmann::json(held); }, value);
  }
  return json;
}

/// What a learner is, its weights included.
NamedTensors everything_of(const Learner& learner) {
  NamedTensors all = learner.module().named_state();
  for (const auto& [name, tensor] : learner.state()) all.emplace_back("learner/" + name, tensor);
  for (auto& [name, tensor] : all) tensor = tensor.detach().clone();
  return all;
}

bool equal(const NamedTensors& a, const NamedTensors& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && torch::equal(x.second, y.second);
  });
}

double relative_error(const torch::Tensor& found, const torch::Tensor& expected) {
  return ((found - expected).norm() / expected.norm()).item<double>();
}

}  // namespace

class TestLearner : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    torch::manual_seed(5);
    QVERIFY(folder_.isValid());
    start_ = flat(*drawn()).clone();
    inputs_ = torch::randn({most_batches, batch, features});
    targets_ = torch::randn({most_batches, batch, outputs});
    write_numbers(path("weights"), start_);
    write_numbers(path("inputs"), inputs_);
    write_numbers(path("targets"), targets_);
    nlohmann::json plan = {{"steps", steps},
                           {"steps_per_epoch", steps_per_epoch},
                           {"batch", batch},
                           {"features", features},
                           {"outputs", outputs}};
    for (const Case& c : cases()) {
      plan["cases"].push_back({{"name", c.name},
                               {"recipe", to_json(c.setup.recipe)},
                               {"optimiser", c.setup.optimiser.type},
                               {"settings", to_json(c.setup.optimiser.settings)},
                               {"is_scheduled", c.setup.schedule.type == "Exponential"},
                               {"frozen", c.setup.is_frozen}});
      // See optimisers_oracle.py.
      if (c.setup.optimiser.type == "NAdam") plan["cases"].back()["settings"]["foreach"] = true;
    }
    QFile file(path("cases.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(plan.dump()));
    file.close();
    const QString complaint = run_python_torch("backend/engine/learner_oracle.py", {folder_.path()});
    QVERIFY2(complaint.isEmpty(), qPrintable(complaint));
  }

  void matches_pytorch_step_by_step_data() {
    QTest::addColumn<int>("index");
    const auto all = cases();
    for (std::size_t i = 0; i < all.size(); ++i) QTest::addRow("%s", all[i].name.c_str()) << static_cast<int>(i);
  }
  void matches_pytorch_step_by_step() {
    QFETCH(int, index);
    const Case c = cases()[static_cast<std::size_t>(index)];
    const QString name = QString::fromStdString(c.name);
    const std::int64_t count = start_.numel();
    const torch::Tensor expected = read_numbers<float>(path(name), {steps, count});
    const torch::Tensor average = read_numbers<float>(path(name + ".average"), {steps, count});
    const torch::Tensor figures = read_numbers<double>(path(name + ".figures"), {steps, 2});
    const auto module = drawn(c.setup.is_frozen);
    set_weights(*module, start_);
    Recipe recipe;
    recipe.settings = c.setup.recipe;
    recipe.schedule = c.setup.schedule;
    auto made =
        Learner::create(module, {recipe, c.setup.optimiser, {steps_per_epoch, steps / steps_per_epoch}}, torch::kCPU);
    QVERIFY2(made, made ? "" : made.error().message.c_str());
    Learner& learner = **made;
    QCOMPARE(learner.parameters(), count);

    const std::int64_t accumulate = std::max<std::int64_t>(c.setup.recipe.integer("accumulate"), 1);
    for (std::int64_t i = 0; i < steps * accumulate; ++i) {
      const std::int64_t step = i / accumulate;
      QCOMPARE(learner.steps(), step);
      const double rate = learner.scheduled_rate();
      const bool is_step = train(learner, inputs_[i], targets_[i]);
      QCOMPARE(is_step, (i + 1) % accumulate == 0);
      if (!is_step) continue;
      const double error = relative_error(flat(*module), expected[step]);
      QVERIFY2(error < 1e-6, qPrintable(QString("step %1: %2").arg(step).arg(error)));
      QVERIFY(std::abs(rate / figures[step][0].item<double>() - 1) < 1e-12);
      const double norm = learner.gradient_norm().item<double>();
      QVERIFY2(std::abs(norm / figures[step][1].item<double>() - 1) < 1e-5, qPrintable(QString::number(norm)));
      if (c.setup.recipe.real("ema_decay") == 0) continue;
      const Learner::Averaged averaged(learner);
      const double average_error = relative_error(flat(*module), average[step]);
      QVERIFY2(average_error < 1e-6, qPrintable(QString("step %1: %2").arg(step).arg(average_error)));
    }
    if (c.setup.is_frozen) {
      const auto fresh = drawn();
      set_weights(*fresh, start_);
      QVERIFY(torch::equal(module->named_parameters()["fc2.weight"], fresh->named_parameters()["fc2.weight"]));
      QVERIFY(torch::equal(module->named_parameters()["fc2.bias"], fresh->named_parameters()["fc2.bias"]));
      QVERIFY(!torch::equal(module->named_parameters()["fc1.bias"], fresh->named_parameters()["fc1.bias"]));
    }
  }

  void accumulation_is_one_large_batch() {
    const auto many = learner_with_start({.recipe = {{"accumulate", std::int64_t{3}}}});
    const auto one = learner_with_start({});
    for (std::int64_t i = 0; i < most_batches; i += 3) {
      for (std::int64_t part = i; part < i + 3; ++part) train(*many, inputs_[part], targets_[part]);
      train(*one, inputs_.narrow(0, i, 3).flatten(0, 1), targets_.narrow(0, i, 3).flatten(0, 1));
    }
    QCOMPARE(many->steps(), one->steps());
    const double error = relative_error(flat(many->module()), flat(one->module()));
    QVERIFY2(error < 1e-6, qPrintable(QString::number(error)));
  }

  void no_batch_is_dropped() {
    const auto many = learner_with_start({.recipe = {{"accumulate", std::int64_t{4}}, {"l2", 0.01}}});
    const auto one = learner_with_start({.recipe = {{"l2", 0.01}}});
    QVERIFY(!many->flush());
    // An epoch that ends within a step: the next one's first batches fill it.
    for (std::int64_t i = 0; i < 3; ++i) QVERIFY(!train(*many, inputs_[i], targets_[i]));
    many->epoch_done(1);
    QVERIFY(train(*many, inputs_[3], targets_[3]));
    train(*one, inputs_.narrow(0, 0, 4).flatten(0, 1), targets_.narrow(0, 0, 4).flatten(0, 1));
    QVERIFY(!many->flush());
    // The run's last batches.
    for (std::int64_t i = 4; i < 6; ++i) QVERIFY(!train(*many, inputs_[i], targets_[i]));
    QVERIFY(many->flush());
    QVERIFY(!many->flush());
    train(*one, inputs_.narrow(0, 4, 2).flatten(0, 1), targets_.narrow(0, 4, 2).flatten(0, 1));
    QCOMPARE(many->steps(), std::int64_t{2});
    const double error = relative_error(flat(many->module()), flat(one->module()));
    QVERIFY2(error < 1e-6, qPrintable(QString::number(error)));
  }

  void goes_on_to_the_bit_data() {
    QTest::addColumn<QString>("optimiser");
    for (const OptimiserSpec& spec : optimiser_specs()) {
      const QByteArray name = QByteArray::fromStdString(spec.type);
      QTest::newRow(name.constData()) << QString(name);
    }
  }
  void goes_on_to_the_bit() {
    QFETCH(QString, optimiser);
    const Setup setup = {.recipe = {{"accumulate", std::int64_t{2}}, {"ema_decay", 0.7}, {"l1", 0.01}},
                         .optimiser = {optimiser.toStdString()},
                         .schedule = {"ReduceOnPlateau", {{"patience", std::int64_t{0}}, {"factor", 0.5}}}};
    const auto go_on = [&](Learner& learner, std::int64_t from, std::int64_t to) {
      for (std::int64_t i = from; i < to; ++i) {
        train(learner, inputs_[i], targets_[i]);
        if (i % 5 == 4) learner.epoch_done(1);
      }
    };
    // Stopped between steps, and while a batch waits for the next.
    for (const std::int64_t stop : {10, 11, 16}) {
      const auto straight = learner_with_start(setup);
      straight->set_learning_rate(0.03);
      go_on(*straight, 0, stop);
      NamedTensors state = straight->state();
      for (auto& [name, tensor] : state) tensor = tensor.clone();
      const torch::Tensor weights = flat(straight->module()).clone();

      const auto resumed = learner_with_start(setup);
      go_on(*resumed, 20, 23);
      const auto loaded = resumed->load_state(state);
      QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
      set_weights(resumed->module(), weights);
      QVERIFY(equal(everything_of(*straight), everything_of(*resumed)));
      QCOMPARE(resumed->learning_rate(), 0.03);
      QCOMPARE(resumed->steps(), stop / 2);
      go_on(*straight, stop, 30);
      go_on(*resumed, stop, 30);
      QVERIFY(equal(everything_of(*straight), everything_of(*resumed)));
      QVERIFY(straight->scheduled_rate() < 0.03);
    }
  }

  void the_average_takes_the_weights_place() {
    const auto learner = learner_with_start({.recipe = {{"ema_decay", 0.9}}});
    for (std::int64_t i = 0; i < 4; ++i) train(*learner, inputs_[i], targets_[i]);
    const NamedTensors before = everything_of(*learner);
    const torch::Tensor own = flat(learner->module()).clone();
    const torch::Tensor output = learner->module().forward(inputs_[0]).detach();
    {
      const Learner::Averaged averaged(*learner);
      const torch::Tensor average = flat(learner->module()).clone();
      QVERIFY(!torch::equal(average, own));
      QVERIFY(!torch::equal(learner->module().forward(inputs_[0]), output));
      {
        const Learner::Averaged again(*learner);
        QVERIFY(torch::equal(flat(learner->module()), average));
      }
      QVERIFY(torch::equal(flat(learner->module()), average));
    }
    QVERIFY(equal(everything_of(*learner), before));
    // The weights are still those that the optimiser changes.
    train(*learner, inputs_[4], targets_[4]);
    QVERIFY(!torch::equal(flat(learner->module()), own));

    const auto plain = learner_with_start({});
    const torch::Tensor weights = flat(plain->module()).clone();
    const Learner::Averaged averaged(*plain);
    QVERIFY(torch::equal(flat(plain->module()), weights));
  }

  void a_new_average_is_a_copy() {
    const auto learner = learner_with_start({.recipe = {{"ema_decay", 0.999}}});
    const torch::Tensor own = flat(learner->module()).clone();
    const Learner::Averaged averaged(*learner);
    QVERIFY(torch::equal(flat(learner->module()), own));
  }

  void the_rate_can_be_changed_while_it_trains() {
    const auto learner = learner_with_start({.optimiser = {"SGD", {{"lr", 0.5}}}, .schedule = {"Exponential"}});
    QCOMPARE(learner->learning_rate(), 0.5);
    for (std::int64_t i = 0; i < steps_per_epoch; ++i) train(*learner, inputs_[i], targets_[i]);
    learner->set_learning_rate(0.2);
    QVERIFY(std::abs(learner->scheduled_rate() - 0.18) < 1e-15);
    const torch::Tensor before = flat(learner->module()).clone();
    train(*learner, inputs_[5], targets_[5]);
    const double moved = (flat(learner->module()) - before).norm().item<double>();
    QVERIFY(std::abs(moved / (0.18 * learner->gradient_norm().item<double>()) - 1) < 1e-5);
  }

  void refuses_data() {
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("expected");
    QTest::newRow("optimiser") << "optimiser"
                               << "“Adamm”";
    QTest::newRow("schedule") << "schedule"
                              << "“Linear”";
    QTest::newRow("setting") << "l1"
                             << "l1 must be";
    QTest::newRow("accumulate") << "accumulate"
                                << "accumulate must be";
  }
  void refuses() {
    QFETCH(QString, change);
    QFETCH(QString, expected);
    Setup setup;
    if (change == "optimiser") setup.optimiser.type = "Adamm";
    if (change == "schedule") setup.schedule.type = "Linear";
    if (change == "l1") setup.recipe.set("l1", -1.0);
    if (change == "accumulate") setup.recipe.set("accumulate", std::int64_t{0});
    const auto learner = built(setup);
    QVERIFY(!learner);
    QVERIFY2(learner.error().message.find(expected.toStdString()) != std::string::npos,
             learner.error().message.c_str());
  }

  void foreign_state_changes_nothing_data() {
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("expected");
    for (const char* name : {"ema", "schedule", "initial_lr", "exp_avg", "step"}) {
      QTest::addRow("no %s", name) << QString("no %1").arg(name) << name;
    }
    QTest::newRow("short average") << "short ema"
                                   << "ema";
    QTest::newRow("gathered, but no gradients") << "add gathered"
                                                << "gradients";
    QTest::newRow("gradients, but none gathered") << "add gradients"
                                                  << "gradients";
    QTest::newRow("unknown") << "add sum"
                             << "sum";
  }
  void foreign_state_changes_nothing() {
    QFETCH(QString, change);
    QFETCH(QString, expected);
    const Setup setup = {.recipe = {{"ema_decay", 0.9}}};
    const auto other = learner_with_start(setup);
    train(*other, inputs_[7], targets_[7]);
    const std::string name = change.section(' ', 1).toStdString();
    NamedTensors state = other->state();
    if (change.startsWith("no ")) std::erase_if(state, [&](const auto& entry) { return entry.first == name; });
    if (change.startsWith("add ")) state.emplace_back(name, torch::tensor(std::int64_t{1}));
    for (auto& [key, tensor] : state) {
      if (change.startsWith("short ") && key == name) tensor = tensor.narrow(0, 0, 3);
    }
    const auto learner = learner_with_start(setup);
    train(*learner, inputs_[0], targets_[0]);
    const NamedTensors before = everything_of(*learner);
    const auto loaded = learner->load_state(state);
    QVERIFY(!loaded);
    QVERIFY2(loaded.error().message.find("“" + expected.toStdString() + "”") != std::string::npos,
             loaded.error().message.c_str());
    QVERIFY(equal(everything_of(*learner), before));
  }

  void what_is_taken_over_makes_the_next_step_the_same() {
    const Setup setup = {.recipe = {{"ema_decay", 0.9}}};
    const auto first = learner_with_start(setup);
    for (int i = 0; i < 5; ++i) train(*first, inputs_[i], targets_[i]);
    const auto second = learner_with_start(setup);
    {
      const torch::NoGradGuard no_grad;
      const NamedTensors from = first->module().named_state();
      const NamedTensors to = second->module().named_state();
      for (std::size_t i = 0; i < from.size(); ++i) torch::Tensor(to[i].second).copy_(from[i].second);
    }
    QVERIFY(second->take_over(first->state()));
    train(*first, inputs_[5], targets_[5]);
    train(*second, inputs_[5], targets_[5]);
    const NamedTensors expected = first->module().named_state();
    const NamedTensors given = second->module().named_state();
    for (std::size_t i = 0; i < expected.size(); ++i) QVERIFY(torch::equal(given[i].second, expected[i].second));
    // The schedule is its own, and survives a checkpoint.
    const auto third = learner_with_start(setup);
    QVERIFY(third->load_state(second->state()));
    QVERIFY(equal(third->state(), second->state()));
  }

  void an_average_that_nobody_keeps_is_refused() {
    const auto averaging = learner_with_start({.recipe = {{"ema_decay", 0.9}}});
    const auto plain = learner_with_start({});
    const auto loaded = plain->load_state(averaging->state());
    QVERIFY(!loaded);
    QVERIFY2(loaded.error().message.find("“ema”") != std::string::npos, loaded.error().message.c_str());
  }

  void nothing_is_mixed_on_the_cpu() {
    const auto learner = learner_with_start({.recipe = {{"mixed_precision", true}}});
    QVERIFY(!learner->is_mixed());
    QVERIFY(!can_mix(torch::kCPU));
    const torch::Tensor a = torch::randn({4, 4});
    const torch::Tensor plain = torch::mm(a, a);
    for (const torch::Device device : {torch::Device(torch::kCPU), torch::Device(torch::kCUDA, 0)}) {
      const Autocast mixed(true, device);
      QVERIFY(torch::equal(torch::mm(a, a), plain));
    }
  }

 private:
  QString path(const QString& name) const { return folder_.filePath(name); }
  /// A learner whose weights are the oracle's.
  std::unique_ptr<Learner> learner_with_start(const Setup& setup) const {
    // An average begins as a copy of the weights, so they are drawn before it.
    torch::manual_seed(5);
    return learner_of(setup);
  }

  QTemporaryDir folder_;
  torch::Tensor start_;
  torch::Tensor inputs_;
  torch::Tensor targets_;
};

QTEST_GUILESS_MAIN(TestLearner)
#include "test_learner.moc"
