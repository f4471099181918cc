#include <torch/torch.h>
//
#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>

#include "backend/engine/flat_parameters.h"
#include "backend/engine/optimisers.h"
#include "backend/graph/recipe_specs.h"
#include "tests/support/python_torch.h"

using namespace netwright;

namespace {

// The last is large enough to be split between threads, and none is a multiple of a vector's length.
const std::vector<std::vector<std::int64_t>> shapes = {{7, 5}, {3}, {}, {70001}};
constexpr std::int64_t steps = 50;
constexpr std::int64_t slower_at = 26;
const std::vector<std::int64_t> looks = {1, 2, 10, 25, 50};

struct Weights : torch::nn::Module {
  Weights(const torch::Tensor& flat, torch::ScalarType type) {
    std::int64_t offset = 0;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const std::int64_t count = torch::empty(shapes[i]).numel();
      std::string name(1, 'w');
      name += std::to_string(i);
      values.push_back(register_parameter(name, flat.narrow(0, offset, count).view(shapes[i]).to(type).clone()));
      offset += count;
    }
  }
  void set_gradients(const torch::Tensor& flat) {
    std::int64_t offset = 0;
    for (torch::Tensor& value : values) {
      value.mutable_grad().copy_(flat.narrow(0, offset, value.numel()).view(value.sizes()));
      offset += value.numel();
    }
  }
  torch::Tensor flat() const {
    std::vector<torch::Tensor> parts;
    for (const torch::Tensor& value : values) parts.push_back(value.detach().to(torch::kFloat64).reshape(-1));
    return torch::cat(parts);
  }
  std::vector<torch::Tensor> values;
};

struct Case {
  const char* name;
  Choice optimiser;
};

Choice adam() {
  return {"Adam"};
}

/// Every combination of an optimiser's options, each on and off.
std::vector<Case> cases() {
  return {
      {"sgd", {"SGD", {{"lr", 0.1}}}},
      {"sgd-decay", {"SGD", {{"lr", 0.1}, {"weight_decay", 0.01}}}},
      {"sgd-momentum", {"SGD", {{"lr", 0.1}, {"momentum", 0.9}}}},
      {"sgd-momentum-decay", {"SGD", {{"lr", 0.1}, {"momentum", 0.9}, {"weight_decay", 0.01}}}},
      {"sgd-dampening", {"SGD", {{"lr", 0.1}, {"momentum", 0.9}, {"dampening", 0.3}}}},
      {"sgd-dampening-decay", {"SGD", {{"lr", 0.1}, {"momentum", 0.9}, {"dampening", 0.3}, {"weight_decay", 0.01}}}},
      {"sgd-nesterov", {"SGD", {{"lr", 0.1}, {"momentum", 0.9}, {"nesterov", true}}}},
      {"sgd-nesterov-decay", {"SGD", {{"lr", 0.1}, {"momentum", 0.9}, {"nesterov", true}, {"weight_decay", 0.01}}}},
      {"adam", {"Adam", {{"lr", 0.01}}}},
      {"adam-betas-eps", {"Adam", {{"lr", 0.01}, {"betas", Reals{0.8, 0.95}}, {"eps", 1e-4}}}},
      {"adam-decay", {"Adam", {{"lr", 0.01}, {"weight_decay", 0.1}}}},
      {"adam-amsgrad", {"Adam", {{"lr", 0.01}, {"amsgrad", true}}}},
      {"adam-amsgrad-decay", {"Adam", {{"lr", 0.01}, {"amsgrad", true}, {"weight_decay", 0.1}}}},
      {"adamw", {"AdamW", {{"lr", 0.01}, {"weight_decay", 0.1}}}},
      {"adamw-no-decay", {"AdamW", {{"lr", 0.01}, {"weight_decay", 0.0}}}},
      {"adamw-amsgrad", {"AdamW", {{"lr", 0.01}, {"amsgrad", true}, {"weight_decay", 0.1}}}},
      {"rmsprop", {"RMSprop", {{"lr", 0.01}}}},
      {"rmsprop-alpha-eps", {"RMSprop", {{"lr", 0.01}, {"alpha", 0.9}, {"eps", 1e-3}}}},
      {"rmsprop-decay", {"RMSprop", {{"lr", 0.01}, {"weight_decay", 0.1}}}},
      {"rmsprop-momentum", {"RMSprop", {{"lr", 0.01}, {"momentum", 0.9}}}},
      {"rmsprop-momentum-decay", {"RMSprop", {{"lr", 0.01}, {"momentum", 0.9}, {"weight_decay", 0.1}}}},
      {"rmsprop-centered", {"RMSprop", {{"lr", 0.01}, {"centered", true}}}},
      {"rmsprop-centered-decay", {"RMSprop", {{"lr", 0.01}, {"centered", true}, {"weight_decay", 0.1}}}},
      {"rmsprop-centered-momentum", {"RMSprop", {{"lr", 0.01}, {"centered", true}, {"momentum", 0.9}}}},
      {"rmsprop-all", {"RMSprop", {{"lr", 0.01}, {"centered", true}, {"momentum", 0.9}, {"weight_decay", 0.1}}}},
      {"adagrad", {"Adagrad", {{"lr", 0.05}}}},
      {"adagrad-eps", {"Adagrad", {{"lr", 0.05}, {"eps", 1e-3}}}},
      {"adagrad-lr-decay", {"Adagrad", {{"lr", 0.05}, {"lr_decay", 0.1}}}},
      {"adagrad-start", {"Adagrad", {{"lr", 0.05}, {"initial_accumulator_value", 0.5}}}},
      {"adagrad-all",
       {"Adagrad", {{"lr", 0.05}, {"lr_decay", 0.1}, {"weight_decay", 0.1}, {"initial_accumulator_value", 0.5}}}},
      {"nadam", {"NAdam", {}}},
      {"nadam-betas-eps", {"NAdam", {{"lr", 0.01}, {"betas", Reals{0.8, 0.95}}, {"eps", 1e-4}}}},
      {"nadam-momentum-decay", {"NAdam", {{"lr", 0.01}, {"momentum_decay", 0.2}}}},
      {"nadam-decay", {"NAdam", {{"lr", 0.01}, {"weight_decay", 0.1}}}},
      {"radam", {"RAdam", {{"lr", 0.01}}}},
      {"radam-betas-eps", {"RAdam", {{"lr", 0.01}, {"betas", Reals{0.8, 0.95}}, {"eps", 1e-4}}}},
      {"radam-never-sure", {"RAdam", {{"lr", 0.01}, {"betas", Reals{0.9, 0.6}}}}},
      {"radam-decay", {"RAdam", {{"lr", 0.01}, {"weight_decay", 0.1}}}},
  };
}

nlohmann::json to_json(const Value& value) {
  return std::visit([](const auto& held) { return nlohmann::json(held); }, value);
}

std::int64_t count_of_weights() {
  std::int64_t count = 0;
  for (const auto& shape : shapes) count += torch::empty(shape).numel();
  return count;
}

/// ‖found − expected‖ / ‖expected‖
double relative_error(const torch::Tensor& found, const torch::Tensor& expected) {
  return ((found - expected).norm() / expected.norm()).item<double>();
}

/// The largest difference in any one weight, relative to the weights' root mean square.
double worst_error(const torch::Tensor& found, const torch::Tensor& expected) {
  return ((found - expected).abs().max() / expected.pow(2).mean().sqrt()).item<double>();
}

struct Net : torch::nn::Module {
  Net()
      : conv(register_module("conv", torch::nn::Conv2d(1, 3, 3))),
        frozen(register_module("frozen", torch::nn::Linear(3, 3))),
        fc(register_module("fc", torch::nn::Linear(3, 2))) {
    for (torch::Tensor& parameter : frozen->parameters()) parameter.set_requires_grad(false);
  }
  torch::Tensor forward(const torch::Tensor& x) { return fc(torch::relu(frozen(conv(x).mean({2, 3})))); }
  torch::nn::Conv2d conv;
  torch::nn::Linear frozen;
  torch::nn::Linear fc;
};

}  // namespace

class TestOptimisers : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(single_.isValid() && double_.isValid());
    for (const auto& [folder, dtype] : {std::pair(&single_, "float32"), std::pair(&double_, "float64")}) {
      nlohmann::json plan = {{"dtype", dtype}, {"shapes", shapes}, {"steps", steps},
                             {"looks", looks}, {"seed", 11},       {"slower_at", slower_at}};
      for (const Case& c : cases()) {
        nlohmann::json settings = nlohmann::json::object();
        for (const auto& [name, value] : c.optimiser.settings.values()) settings[name] = to_json(value);
        plan["cases"].push_back({{"name", c.name}, {"type", c.optimiser.type}, {"settings", settings}});
      }
      QFile file(folder->filePath("cases.json"));
      QVERIFY(file.open(QIODevice::WriteOnly));
      file.write(QByteArray::fromStdString(plan.dump()));
      file.close();
      const QString complaint = run_python_torch("backend/engine/optimisers_oracle.py", {folder->path()});
      QVERIFY2(complaint.isEmpty(), qPrintable(complaint));
    }
  }

  void matches_torch_optim_data() {
    QTest::addColumn<int>("index");
    QTest::addColumn<bool>("is_double");
    const auto all = cases();
    for (std::size_t i = 0; i < all.size(); ++i) {
      // float32 takes the fused loops, float64 the tensor operations that also run on a GPU.
      QTest::addRow("%s, float32", all[i].name) << static_cast<int>(i) << false;
      QTest::addRow("%s, float64", all[i].name) << static_cast<int>(i) << true;
    }
  }
  void matches_torch_optim() {
    QFETCH(int, index);
    QFETCH(bool, is_double);
    const Case c = cases()[static_cast<std::size_t>(index)];
    // Only the fused loops split the work themselves; threads that wait for each other slow a busy machine down.
    torch::set_num_threads(is_double ? 1 : 2);
    const QTemporaryDir& folder = is_double ? double_ : single_;
    const std::int64_t count = count_of_weights();
    const torch::Tensor start = read_numbers<double>(folder.filePath("weights"), {count});
    const torch::Tensor gradients = read_numbers<double>(folder.filePath("gradients"), {steps, count});
    const auto look_count = static_cast<std::int64_t>(looks.size());
    const torch::Tensor expected = read_numbers<double>(folder.filePath(c.name), {look_count, count});

    Weights weights(start, is_double ? torch::kFloat64 : torch::kFloat32);
    FlatParameters parameters(weights);
    auto optimiser = make_optimiser(c.optimiser, parameters);
    QVERIFY2(optimiser, optimiser ? "" : optimiser.error().message.c_str());
    std::int64_t look = 0;
    for (std::int64_t step = 1; step <= steps; ++step) {
      if (step == slower_at) (*optimiser)->set_learning_rate((*optimiser)->learning_rate() / 2);
      weights.set_gradients(gradients[step - 1]);
      (*optimiser)->step();
      if (step != looks[static_cast<std::size_t>(look)]) continue;
      const torch::Tensor found = weights.flat();
      const double error = relative_error(found, expected[look]);
      const double worst = worst_error(found, expected[look++]);
      const QString figures = QString("step %1: %2, the worst %3").arg(step).arg(error).arg(worst);
      QVERIFY2(error < (is_double ? 1e-14 : 2e-7), qPrintable(figures));
      QVERIFY2(worst < (is_double ? 1e-13 : 4e-6), qPrintable(figures));
    }
    QCOMPARE(look, look_count);
    QVERIFY(parameters.is_intact());
  }

  void resumes_exactly_data() { matches_torch_optim_data(); }
  void resumes_exactly() {
    QFETCH(int, index);
    QFETCH(bool, is_double);
    const Case c = cases()[static_cast<std::size_t>(index)];
    // Only the fused loops split the work themselves; threads that wait for each other slow a busy machine down.
    torch::set_num_threads(is_double ? 1 : 2);
    const QTemporaryDir& folder = is_double ? double_ : single_;
    const std::int64_t count = count_of_weights();
    const torch::Tensor start = read_numbers<double>(folder.filePath("weights"), {count});
    const torch::Tensor gradients = read_numbers<double>(folder.filePath("gradients"), {steps, count});

    Weights straight(start, is_double ? torch::kFloat64 : torch::kFloat32);
    FlatParameters straight_flat(straight);
    auto straight_optimiser = make_optimiser(c.optimiser, straight_flat);
    QVERIFY(straight_optimiser);
    (*straight_optimiser)->set_learning_rate(0.02);
    const auto do_step = [&](Weights& weights, Optimiser& optimiser, std::int64_t step) {
      weights.set_gradients(gradients[step]);
      optimiser.step();
    };
    for (std::int64_t step = 0; step < 5; ++step) do_step(straight, **straight_optimiser, step);

    Weights resumed(straight.flat(), is_double ? torch::kFloat64 : torch::kFloat32);
    FlatParameters resumed_flat(resumed);
    auto resumed_optimiser = make_optimiser(c.optimiser, resumed_flat);
    QVERIFY(resumed_optimiser);
    NamedTensors state;
    for (const auto& [name, tensor] : (*straight_optimiser)->state()) state.emplace_back(name, tensor.clone());
    const auto loaded = (*resumed_optimiser)->load_state(state);
    QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
    for (std::int64_t step = 5; step < 10; ++step) {
      do_step(straight, **straight_optimiser, step);
      do_step(resumed, **resumed_optimiser, step);
    }
    QVERIFY(torch::equal(straight.flat(), resumed.flat()));
  }

  void refuses_foreign_state() {
    Weights weights(torch::randn(count_of_weights(), torch::kFloat64), torch::kFloat32);
    FlatParameters parameters(weights);
    auto plain = make_optimiser(adam(), parameters);
    auto amsgrad = make_optimiser({"Adam", {{"amsgrad", true}}}, parameters);
    QVERIFY(plain && amsgrad);
    auto missing = (*amsgrad)->load_state((*plain)->state());
    QVERIFY(!missing);
    QVERIFY(missing.error().message.find("max_exp_avg_sq") != std::string::npos);
    QVERIFY(!(*plain)->load_state((*amsgrad)->state()));
    NamedTensors state = (*plain)->state();
    state.back().second = torch::zeros(3);
    QVERIFY(!(*plain)->load_state(state));
  }

  void refuses_bad_recipes_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("setting");
    QTest::addColumn<double>("value");
    QTest::newRow("unknown optimiser") << "Adagradd"
                                       << "lr" << 0.1;
    QTest::newRow("negative learning rate") << "SGD"
                                            << "lr" << -0.1;
    QTest::newRow("not a number") << "Adam"
                                  << "lr" << std::nan("");
    QTest::newRow("beta of 1") << "Adam"
                               << "betas" << 1.0;
    QTest::newRow("nesterov without momentum") << "SGD"
                                               << "nesterov" << 1.0;
  }
  void refuses_bad_recipes() {
    QFETCH(QString, type);
    QFETCH(QString, setting);
    QFETCH(double, value);
    Choice choice{type.toStdString()};
    Value typed = value;
    if (setting == "betas") typed = Reals{value, value};
    if (setting == "nesterov") typed = true;
    choice.settings.set(setting.toStdString(), typed);
    Weights weights(torch::randn(count_of_weights(), torch::kFloat64), torch::kFloat32);
    FlatParameters parameters(weights);
    const auto optimiser = make_optimiser(choice, parameters);
    QVERIFY(!optimiser);
    QVERIFY(!optimiser.error().message.empty());
  }

  void gradients_accumulate_in_place() {
    torch::manual_seed(3);
    Net net;
    const torch::Tensor x = torch::randn({4, 1, 8, 8});
    Net twin;
    {
      const torch::NoGradGuard no_grad;
      for (std::size_t i = 0; i < net.parameters().size(); ++i) twin.parameters()[i].copy_(net.parameters()[i]);
    }
    FlatParameters flat(net);
    QVERIFY(flat.is_intact());
    QCOMPARE(flat.count(), std::int64_t(3 * 9 + 3 + 3 * 2 + 2));
    QVERIFY(torch::equal(net.forward(x), twin.forward(x)));

    for (int pass = 0; pass < 2; ++pass) {
      net.forward(x).pow(2).sum().backward();
      twin.forward(x).pow(2).sum().backward();
      QVERIFY(flat.is_intact());
    }
    double squares = 0;
    for (std::size_t i = 0; i < net.parameters().size(); ++i) {
      const torch::Tensor parameter = net.parameters()[i];
      QCOMPARE(parameter.grad().defined(), parameter.requires_grad());
      if (!parameter.requires_grad()) continue;
      QVERIFY(torch::allclose(parameter.grad(), twin.parameters()[i].grad()));
      squares += parameter.grad().pow(2).sum().item<double>();
    }
    QVERIFY(std::abs(flat.norm().item<double>() - std::sqrt(squares)) < 1e-4 * std::sqrt(squares));
    flat.zero_grad();
    for (const torch::Tensor& parameter : net.parameters()) {
      if (parameter.requires_grad()) QVERIFY(parameter.grad().eq(0).all().item<bool>());
    }
    // What would part the views is seen.
    net.fc->weight.mutable_grad() = torch::zeros_like(net.fc->weight);
    QVERIFY(!flat.is_intact());
  }

  void gaps_stay_zero() {
    Weights weights(torch::randn(count_of_weights(), torch::kFloat64), torch::kFloat32);
    FlatParameters flat(weights);
    QVERIFY(flat.weights().numel() > flat.count());
    for (const OptimiserSpec& spec : optimiser_specs()) {
      Choice choice{spec.type};
      if (find_spec(spec.settings, "eps")) choice.settings.set("eps", 0.0);
      auto optimiser = make_optimiser(choice, flat);
      QVERIFY(optimiser);
      weights.set_gradients(torch::randn(count_of_weights(), torch::kFloat64));
      (*optimiser)->step();
      QVERIFY(torch::isfinite(flat.weights()).all().item<bool>());
      const double in_views = weights.flat().abs().sum().item<double>();
      const double in_buffer = flat.weights().to(torch::kFloat64).abs().sum().item<double>();
      QVERIFY(std::abs(in_views - in_buffer) < 1e-9 * in_views);
    }
  }

  void nothing_to_train() {
    Net net;
    for (torch::Tensor& parameter : net.parameters()) parameter.set_requires_grad(false);
    FlatParameters flat(net);
    QCOMPARE(flat.count(), std::int64_t(0));
    auto optimiser = make_optimiser(adam(), flat);
    QVERIFY(optimiser);
    flat.zero_grad();
    (*optimiser)->step();
    QVERIFY(flat.is_intact());
  }

 private:
  QTemporaryDir single_;
  QTemporaryDir double_;
};

QTEST_GUILESS_MAIN(TestOptimisers)
#include "test_optimisers.moc"
