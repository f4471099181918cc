#include <torch/torch.h>
//
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "backend/analysis/analyse.h"
#include "backend/core/safe_file.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/image_file.h"
#include "backend/engine/adversarial.h"
#include "backend/engine/sample_batch.h"
#include "tests/support/drawing.h"
#include "tests/support/python_torch.h"

using namespace netwright;

namespace {

std::int64_t whole(std::int64_t number) {
  return number;
}

/// A class as a second Input: embedded, flat, beside what comes from `beside`.
LayerId with_class(Drawing& draw, LayerId beside, std::int64_t classes) {
  const LayerId label = draw.add("Input", "label", {{"shape", Integers{1}}, {"dtype", std::string("int64")}});
  draw.add("Embedding", "embedding", {{"num_embeddings", classes}, {"embedding_dim", whole(3)}}, {label});
  const LayerId flat = draw.add("Flatten", "flatten_label");
  return draw.add("Concat", "concat", {}, {beside, flat});
}

struct Drawn {
  std::int64_t classes = 0;     ///< of conditional sides; 0: none
  const char* last = nullptr;   ///< an activation behind the discriminator's score
  bool has_batch_norm = false;  ///< in the generator
  std::int64_t scores = 1;
};

/// Networks for points: `generator` (latent 3) and `discriminator`.
Project of_points(const std::string& loss, const Drawn& drawn = {}) {
  Project project = empty_project();
  project.networks.front().name = "generator";
  Drawing generator(project);
  LayerId at = generator.add("Input", "latent", {{"shape", Integers{3}}});
  if (drawn.classes > 0) at = with_class(generator, at, drawn.classes);
  generator.add("Linear", "fc1", {{"out_features", whole(16)}}, {at});
  if (drawn.has_batch_norm) generator.add("BatchNorm1d", "bn1");
  generator.add("Tanh", "tanh");
  generator.add("Linear", "fc2", {{"out_features", whole(2)}});
  generator.add("Output", "output");

  Project other = empty_project();
  Drawing discriminator(other);
  at = discriminator.add("Input", "sample", {{"shape", Integers{2}}});
  if (drawn.classes > 0) at = with_class(discriminator, at, drawn.classes);
  discriminator.add("Linear", "fc1", {{"out_features", whole(16)}}, {at});
  discriminator.add("LeakyReLU", "leaky", {{"negative_slope", 0.2}});
  discriminator.add("Linear", "fc2", {{"out_features", drawn.scores}});
  if (drawn.last) discriminator.add(drawn.last, "last");
  discriminator.add("Output", "output");
  Network network = other.networks.front();
  network.id = {2};
  network.name = "discriminator";
  project.networks.push_back(std::move(network));

  project.data = {.source = "circles", .settings = {{"train_samples", whole(200)}, {"test_samples", whole(80)}}};
  project.recipe.task = "Adversarial";
  project.recipe.task_settings = {{"loss", loss}, {"frechet", false}};
  project.recipe.optimiser_settings = {{"lr", 0.01}, {"betas", Reals{0.5, 0.9}}};
  project.recipe.discriminator_optimiser = {"SGD", {{"lr", 0.05}, {"momentum", 0.5}}};
  project.recipe.settings = {{"batch_size", whole(20)}, {"epochs", whole(5)}, {"seed", whole(3)}};
  return project;
}

/// Small convolutional sides for pictures of 1×8×8, told apart by class where `classes` isn't 0.
Project of_pictures(const std::string& loss, std::int64_t classes = 0) {
  Project project = of_points(loss);
  project.networks.clear();
  Project made = empty_project();
  Drawing generator(made);
  LayerId at = generator.add("Input", "latent", {{"shape", Integers{6}}});
  if (classes > 0) at = with_class(generator, at, classes);
  generator.add("Linear", "fc1", {{"out_features", whole(64)}}, {at});
  generator.add("BatchNorm1d", "bn1");
  generator.add("ReLU", "relu");
  generator.add("Unflatten", "unflatten", {{"unflattened_size", Integers{4, 4, 4}}});
  generator.add("ConvTranspose2d", "conv1",
                {{"out_channels", whole(1)},
                 {"kernel_size", Integers{4, 4}},
                 {"stride", Integers{2, 2}},
                 {"padding", Integers{1, 1}}});
  generator.add("Tanh", "tanh");
  generator.add("Output", "output");
  Project judging = empty_project();
  Drawing discriminator(judging);
  discriminator.add("Input", "sample", {{"shape", Integers{1, 8, 8}}});
  discriminator.add("Conv2d", "conv1",
                    {{"out_channels", whole(4)},
                     {"kernel_size", Integers{4, 4}},
                     {"stride", Integers{2, 2}},
                     {"padding", Integers{1, 1}}});
  discriminator.add("LeakyReLU", "leaky", {{"negative_slope", 0.2}});
  at = discriminator.add("Flatten", "flatten");
  if (classes > 0) at = with_class(discriminator, at, classes);
  discriminator.add("Linear", "fc1", {{"out_features", whole(1)}}, {at});
  discriminator.add("Output", "output");
  const auto take = [&](Project& from, std::int64_t id, const char* name) {
    Network network = from.networks.front();
    network.id = {id};
    network.name = name;
    project.networks.push_back(std::move(network));
  };
  take(made, 1, "generator");
  take(judging, 2, "discriminator");
  project.data = {.source = "shapes",
                  .settings = {{"train_samples", whole(120)},
                               {"test_samples", whole(60)},
                               {"size", whole(8)},
                               {"classes", classes > 0 ? classes : whole(2)}},
                  .preparation = {{"normalisation", std::string("signed")}}};
  return project;
}

Dataset dataset_of(const Project& project) {
  auto dataset = load(project.data);
  if (!dataset) throw std::runtime_error(dataset.error().message);
  return std::move(*dataset);
}

/// A task and what it was made of.
struct Game {
  explicit Game(const Project& drawn, std::int64_t steps_per_epoch = 10)
      : project(drawn), dataset(dataset_of(project)), created(created_of(steps_per_epoch)) {
    if (!created) throw std::runtime_error(created.error().message);
  }
  Game(const Game&) = delete;
  Game& operator=(const Game&) = delete;

  Adversarial& task() { return dynamic_cast<Adversarial&>(**created); }
  Batch batch(std::int64_t place, std::int64_t size = 20) const {
    auto all = sample_batch(dataset.train, dataset, dataset.train.count(), torch::kCPU);
    const std::int64_t begin = place * size % (all->size() - size + 1);
    return {all->inputs.narrow(0, begin, size).clone(), all->targets.narrow(0, begin, size).clone()};
  }
  Batch held_out() const { return *sample_batch(dataset.test, dataset, 60, torch::kCPU); }
  void train(int steps, int from = 0) {
    for (int step = from; step < from + steps; ++step) {
      if (!task().step(batch(step))) throw std::runtime_error("a step wasn't finite");
    }
  }
  FigureValues figures() { return task().figures_of(task().training_sums()); }

  /// `generator.fc1.weight` and the like.
  std::map<std::string, torch::Tensor> weights() {
    const QTemporaryDir folder;
    const std::filesystem::path file = folder.filePath("weights.safetensors").toStdString();
    if (const auto saved = task().save(file, "{}"); !saved) throw std::runtime_error(saved.error().message);
    auto content = read_safetensors(file);
    std::map<std::string, torch::Tensor> weights;
    for (const NamedTensor& entry : content->tensors) {
      if (entry.name.starts_with("training/")) continue;
      torch::Tensor tensor = torch::empty(entry.sizes, entry.dtype == "I64" ? torch::kInt64 : torch::kFloat32);
      std::memcpy(tensor.data_ptr(), entry.bytes.data(), entry.bytes.size());
      weights[entry.name] = tensor;
    }
    return weights;
  }

  Project project;
  Dataset dataset;
  Result<std::unique_ptr<Task>> created;

 private:
  Result<std::unique_ptr<Task>> created_of(std::int64_t steps_per_epoch) {
    return Adversarial::create({.project = project,
                                .network = project.networks.front(),
                                .dataset = dataset,
                                .device = torch::kCPU,
                                .plan = {.steps_per_epoch = steps_per_epoch, .epochs = 5}});
  }
};

using Weights = std::map<std::string, torch::Tensor>;

bool same(const Weights& a, const Weights& b, const std::string& side = {}) {
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const auto& entry) {
           return !entry.first.starts_with(side) || torch::equal(entry.second, b.at(entry.first));
         });
}

/// Every weight is another one.
bool all_differ(const Weights& a, const Weights& b, const std::string& side) {
  return std::none_of(a.begin(), a.end(), [&](const auto& entry) {
    return entry.first.starts_with(side) && torch::equal(entry.second, b.at(entry.first));
  });
}

std::string refusal_of(const Project& project) {
  try {
    const Game game(project);
    return "nothing was refused";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

const std::vector<std::string> losses = {"non_saturating", "least_squares", "hinge", "wasserstein_gp"};

Network& network_of(Project& project, std::string_view name) {
  for (Network& network : project.networks) {
    if (network.name == name) return network;
  }
  throw std::runtime_error("no such network");
}

}  // namespace

class TestAdversarial : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { torch::set_num_threads(1); }
  void init() { QVERIFY(folder_.isValid()); }

  void equals_pytorch_data() {
    QTest::addColumn<QString>("loss");
    QTest::addColumn<double>("real_label");
    QTest::addColumn<double>("instance_noise");
    QTest::addColumn<int>("discriminator_steps");
    for (const std::string& loss : losses) {
      QTest::addRow("%s", loss.c_str()) << loss.c_str() << 1.0 << 0.0 << 1;
      QTest::addRow("%s, all settings", loss.c_str()) << loss.c_str() << 0.9 << 0.3 << 2;
    }
  }
  void equals_pytorch() {
    QFETCH(QString, loss);
    QFETCH(double, real_label);
    QFETCH(double, instance_noise);
    QFETCH(int, discriminator_steps);
    Project project = of_points(loss.toStdString());
    Settings& settings = project.recipe.task_settings;
    settings.set("real_label", real_label);
    settings.set("instance_noise", instance_noise);
    settings.set("discriminator_steps", whole(discriminator_steps));
    settings.set("gradient_penalty", 7.0);
    Game game(project);

    constexpr int steps = 6;
    nlohmann::json plan = {
        {"loss", loss.toStdString()}, {"real_label", real_label}, {"instance_noise", instance_noise},
        {"gradient_penalty", 7.0},    {"all_steps", 50},          {"discriminator_steps", discriminator_steps}};
    const auto file_of = [](const std::string& name) {
      return (name.starts_with("generator") ? "G" : "D") + name.substr(name.find('.'));
    };
    for (const auto& [name, tensor] : game.weights()) {
      write_numbers(path(file_of(name)), tensor);
      plan["sizes"][file_of(name)] = tensor.sizes().vec();
    }
    std::vector<torch::Tensor> batches;
    for (int step = 0; step < steps; ++step) batches.push_back(game.batch(step).inputs);
    write_numbers(path("batch"), torch::stack(batches));
    plan["sizes"]["batch"] = torch::stack(batches).sizes().vec();
    QVERIFY(write_file(path("plan.json").toStdString(), plan.dump()));
    const QString complaint = run_python_torch("backend/engine/adversarial_oracle.py", {folder_.path()});
    QVERIFY2(complaint.isEmpty(), qPrintable(complaint));

    for (int step = 0; step < steps; ++step) {
      torch::manual_seed(1000 + static_cast<std::uint64_t>(step));
      game.task().clear_training_sums();
      QVERIFY(game.task().step(game.batch(step)));
    }
    const torch::Tensor expected = read_numbers<double>(path("figures"), {6});
    const FigureValues figures = game.figures();
    int index = 0;
    for (const char* name : {"d_loss", "d_real", "d_fake", "d_gradient", "g_loss", "g_gradient"}) {
      const double wanted = expected[index++].item<double>();
      const double found = figures.at(name);
      QVERIFY2(std::abs(found - wanted) < 2e-5 * (1 + std::abs(wanted)),
               qPrintable(QString("%1: %2, not %3").arg(name).arg(found).arg(wanted)));
    }
    for (const auto& [name, found] : game.weights()) {
      const torch::Tensor wanted = read_numbers<float>(path(file_of(name) + ".after"), found.sizes().vec());
      const double worst = (found - wanted).abs().max().item<double>();
      QVERIFY2(worst < 5e-6, qPrintable(QString("%1: %2").arg(name.c_str()).arg(worst)));
    }
  }

  void only_the_right_side_learns_data() {
    QTest::addColumn<QString>("loss");
    QTest::addColumn<bool>("has_pictures");
    for (const std::string& loss : losses) {
      QTest::addRow("%s, points", loss.c_str()) << loss.c_str() << false;
      QTest::addRow("%s, pictures", loss.c_str()) << loss.c_str() << true;
    }
  }
  void only_the_right_side_learns() {
    QFETCH(QString, loss);
    QFETCH(bool, has_pictures);
    Project project = has_pictures ? of_pictures(loss.toStdString()) : of_points(loss.toStdString());
    project.recipe.task_settings.set("discriminator_steps", whole(3));
    Game game(project);
    const auto is_weight = [](const std::string& name) {
      return name.find("running") == std::string::npos && name.find("tracked") == std::string::npos;
    };
    const auto weights = [&](Game& of) {
      Weights all = of.weights();
      std::erase_if(all, [&](const auto& entry) { return !is_weight(entry.first); });
      return all;
    };
    const Weights before = weights(game);
    game.train(2);
    const Weights judged = weights(game);
    QVERIFY(same(judged, before, "generator"));
    QVERIFY(!same(judged, before, "discriminator"));
    QVERIFY(!game.figures().contains("g_loss"));
    game.train(1, 2);
    const Weights both = weights(game);
    QVERIFY(all_differ(both, judged, "generator"));
    QVERIFY(game.figures().contains("g_loss"));

    for (const std::string frozen : {"generator", "discriminator"}) {
      project.recipe.task_settings.set("frozen", frozen);
      Game still(project);
      const Weights start = still.weights();  // statistics too
      still.train(3);
      const Weights end = still.weights();
      const std::string other = frozen == "generator" ? "discriminator" : "generator";
      QVERIFY2(same(start, end, frozen), frozen.c_str());
      QVERIFY2(!same(start, end, other), frozen.c_str());
      QCOMPARE(still.figures().contains(frozen == "generator" ? "g_gradient" : "d_gradient"), false);
      QVERIFY(still.figures().contains(frozen == "generator" ? "d_gradient" : "g_gradient"));
      QVERIFY(still.figures().contains("d_real"));
    }
  }

  void a_seed_is_a_run() {
    const auto run = [](std::int64_t seed, bool looks) {
      Project project = of_pictures("wasserstein_gp", 2);
      project.recipe.settings.set("seed", seed);
      project.recipe.task_settings.set("instance_noise", 0.1);
      Game game(project);
      const QTemporaryDir folder;
      for (int step = 0; step < 4; ++step) {
        game.train(1, step);
        if (!looks) continue;
        game.task().clear_test_sums();
        game.task().evaluate(game.held_out());
        game.task().epoch_done(step + 1, game.task().figures_of(game.task().test_sums()));
        game.task().show_samples({folder.path().toStdString(), step, step});
        game.task().first_bad_layer(game.batch(0));
      }
      return std::pair(game.weights(), game.task().training_sums());
    };
    const auto [weights, sums] = run(3, false);
    const auto [again, sums_again] = run(3, false);
    QVERIFY(same(weights, again));
    QCOMPARE(sums, sums_again);
    const auto [watched, watched_sums] = run(3, true);
    QVERIFY(same(weights, watched));
    QCOMPARE(sums, watched_sums);
    QVERIFY(!same(weights, run(4, false).first));
  }

  void training_goes_on_as_if_never_stopped() {
    Project project = of_pictures("hinge", 2);
    project.recipe.settings.set("ema_decay", 0.9);
    project.recipe.task_settings.set("discriminator_steps", whole(2));
    project.recipe.task_settings.set("instance_noise", 0.5);
    Game straight(project);
    straight.train(3);
    // What was set meanwhile stays so, too, and looking into the layers changes nothing.
    QVERIFY(straight.task().set("discriminator_steps", 3));
    QVERIFY(!straight.task().set("temperature", 3));
    QVERIFY(straight.task().save(path("half.safetensors").toStdString(), R"({"step":3})"));
    straight.task().watch_step();
    const auto layers = straight.task().watched_layers(straight.held_out());
    QVERIFY(layers.size() > 4 && layers.front().layer.starts_with("generator."));
    straight.task().clear_training_sums();
    straight.train(3, 3);

    torch::manual_seed(77);
    Game resumed(project);
    const auto progress = resumed.task().resume(path("half.safetensors").toStdString());
    QVERIFY2(progress, progress ? "" : progress.error().message.c_str());
    QCOMPARE(*progress, std::string(R"({"step":3})"));
    resumed.train(3, 3);
    QVERIFY(same(straight.weights(), resumed.weights()));
    QCOMPARE(straight.task().training_sums(), resumed.task().training_sums());
  }

  void weights_come_back() {
    Game game(of_points("hinge", {.has_batch_norm = true}));
    game.train(3);
    QVERIFY(game.task().save(path("w.safetensors").toStdString(), "{}"));
    Project other = of_points("hinge", {.has_batch_norm = true});
    other.recipe.settings.set("seed", whole(9));
    Game loaded(other);
    QVERIFY(!same(loaded.weights(), game.weights()));
    const auto result = loaded.task().load_weights(path("w.safetensors").toStdString());
    QVERIFY2(result, result ? "" : result.error().message.c_str());
    QVERIFY(same(loaded.weights(), game.weights()));

    // One network alone, as it is used elsewhere.
    const Network& network = other.networks.front();
    auto module = GraphModule::build(network, *analyse(other).find(network.id));
    QVERIFY(module);
    QVERIFY(load_weights(path("w.safetensors").toStdString(), **module, "generator"));
    QVERIFY(torch::equal((*module)->named_parameters()["fc1.weight"], game.weights().at("generator.fc1.weight")));
  }

  void evaluation_is_of_what_is_held_out_data() {
    QTest::addColumn<QString>("loss");
    for (const std::string& loss : losses) QTest::newRow(loss.c_str()) << loss.c_str();
  }
  /// By the weights as they are saved, in modules of their own.
  void evaluation_is_of_what_is_held_out() {
    QFETCH(QString, loss);
    Game game(of_pictures(loss.toStdString(), 2));
    game.train(5);
    const Weights before = game.weights();
    game.task().clear_test_sums();
    const Batch batch = game.held_out();
    game.task().evaluate(batch);
    const Sums sums = game.task().test_sums();
    QCOMPARE(sums.front(), 60.0);
    const FigureValues figures = game.task().figures_of(sums);
    QVERIFY(same(game.weights(), before));

    QVERIFY(game.task().save(path("e.safetensors").toStdString(), "{}"));
    const Network& network = network_of(game.project, "discriminator");
    auto module = *GraphModule::build(network, *analyse(game.project).find(network.id));
    QVERIFY(load_weights(path("e.safetensors").toStdString(), *module, "discriminator"));
    module->eval();
    const torch::NoGradGuard no_grad;
    const torch::Tensor scores =
        module->forward(std::vector<torch::Tensor>{batch.inputs, batch.targets.view({-1, 1})}).at(0);
    const double expected = verdict_of(loss.toStdString(), scores).mean().item<double>();
    QVERIFY(std::abs(figures.at("d_real") - expected) < 1e-5 * (1 + std::abs(expected)));
    for (const char* name : {"g_loss", "d_loss", "d_fake", "diversity"}) QVERIFY2(figures.contains(name), name);
    QVERIFY(!figures.contains("g_gradient"));

    // The same each time, whatever was drawn before.
    torch::rand({5});
    game.task().clear_test_sums();
    game.task().evaluate(batch);
    QCOMPARE(game.task().test_sums(), sums);
  }

  void sums_add_up() {
    Game game(of_points("non_saturating"));
    game.train(2);
    const Sums first = game.task().training_sums();
    game.train(3, 2);
    Sums rest = game.task().training_sums();
    for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= first[i];
    QCOMPARE(rest.front(), 60.0);
    game.task().clear_training_sums();
    QCOMPARE(game.task().training_sums().front(), 0.0);
    QVERIFY(game.figures().empty());

    Game other(of_points("non_saturating"));
    other.train(2);
    other.task().clear_training_sums();
    other.train(3, 2);
    const FigureValues a = game.task().figures_of(rest);
    const FigureValues b = other.figures();
    QCOMPARE(a.size(), b.size());
    for (const auto& [name, value] : a)
      QVERIFY2(std::abs(value - b.at(name)) < 1e-9 * (1 + std::abs(value)), name.c_str());
  }

  void figures_are_announced() {
    for (const std::string& loss : losses) {
      const auto figures = adversarial_figures(loss, true);
      QCOMPARE(figures.front().name, std::string("g_loss"));
      std::set<std::string> names;
      for (const FigureSpec& figure : figures) names.insert(figure.name);
      QCOMPARE(names, (std::set<std::string>{"g_loss", "d_loss", "d_real", "d_fake", "g_gradient", "d_gradient",
                                             "diversity", "frechet"}));
      for (const FigureSpec& figure : figures) {
        if (figure.name == "d_real") QCOMPARE(figure.is_share, loss != "wasserstein_gp");
      }
      QCOMPARE(adversarial_figures(loss, false).size(), figures.size() - 1);
    }
    Game game(of_points("hinge"));
    QCOMPARE(game.task().main_figure(), std::string());
    QVERIFY(game.task().epoch_figures().empty());
  }

  void spread_is_the_mean_squared_distance() {
    torch::manual_seed(2);
    const torch::Tensor x = torch::randn({9, 2, 3});
    const torch::Tensor classes = torch::tensor({0, 0, 1, 1, 1, 2, 0, 1, 0}, torch::kInt64);
    const auto distance = [&](std::int64_t i, std::int64_t k) { return (x[i] - x[k]).square().sum().item<double>(); };
    double all = 0;
    std::map<std::int64_t, std::pair<double, double>> within;  // the sum over pairs, and their number
    for (std::int64_t i = 0; i < 9; ++i) {
      for (std::int64_t k = 0; k < i; ++k) {
        all += distance(i, k) / 36;
        const auto c = classes[i].item<std::int64_t>();
        if (c != classes[k].item<std::int64_t>()) continue;
        within[c].first += distance(i, k);
        within[c].second += 1;
      }
    }
    QVERIFY(std::abs(spread_of(x, {}).item<double>() - all) < 1e-5 * all);
    // Each class's mean distance counts by its samples less one: 4, 4 and 1 of them.
    const double expected = (3 * within[0].first / within[0].second + 3 * within[1].first / within[1].second) / 6;
    QVERIFY(std::abs(spread_of(x, classes).item<double>() - expected) < 1e-5 * expected);
    QCOMPARE(spread_of(x.narrow(0, 0, 1), {}).item<float>(), 0.0F);
    QCOMPARE(spread_of(x.narrow(0, 4, 2), classes.narrow(0, 4, 2)).item<float>(), 0.0F);
  }

  void a_last_sigmoid_says_the_same() {
    Game plain(of_points("non_saturating"));
    plain.train(3);
    Game squeezed(of_points("non_saturating", {.last = "Sigmoid"}));
    squeezed.train(3);
    QVERIFY(same(plain.weights(), squeezed.weights()));
    QCOMPARE(plain.task().training_sums(), squeezed.task().training_sums());
  }

  void trying_the_penalty_leaves_no_trace() {
    const auto wall = [&](const std::string& loss) {
      Game game(of_pictures(loss));
      return std::pair(game.weights(), torch::randn({3}));
    };
    const auto [weights, draw] = wall("hinge");
    const auto [tried, tried_draw] = wall("wasserstein_gp");
    QVERIFY(same(weights, tried));
    QVERIFY(torch::equal(draw, tried_draw));
  }

  void what_does_not_fit_is_refused_data() {
    QTest::addColumn<QString>("mistake");
    QTest::addColumn<QString>("expected");
    QTest::newRow("no such network") << "name"
                                     << "“critic”";
    QTest::newRow("one network twice") << "twice"
                                       << "its own discriminator";
    QTest::newRow("samples of another shape") << "shape"
                                              << "3";
    QTest::newRow("the data has another shape") << "data"
                                                << "samples";
    QTest::newRow("several scores") << "scores"
                                    << "One score";
    QTest::newRow("a Sigmoid before hinge") << "sigmoid"
                                            << "plain scores";
    QTest::newRow("a class that is a real number") << "dtype"
                                                   << "whole numbers";
    QTest::newRow("two classes at once") << "pair"
                                         << "int64";
    QTest::newRow("fewer embeddings than classes") << "embeddings"
                                                   << "2 classes";
    QTest::newRow("classes that the data doesn't have") << "classes"
                                                        << "class";
    QTest::newRow("an optimiser that isn't known") << "optimiser"
                                                   << "Lion";
    QTest::newRow("a latent of any shape") << "latent"
                                           << "?×2";
  }
  void what_does_not_fit_is_refused() {
    QFETCH(QString, mistake);
    QFETCH(QString, expected);
    Project project = of_points(
        "hinge",
        {.classes = mistake == "dtype" || mistake == "classes" || mistake == "pair" || mistake == "embeddings" ? 2 : 0,
         .last = mistake == "sigmoid" ? "Sigmoid" : nullptr,
         .scores = mistake == "scores" ? 2 : 1});
    Network& generator = network_of(project, "generator");
    if (mistake == "name") project.recipe.task_settings.set("discriminator", std::string("critic"));
    if (mistake == "twice") project.recipe.task_settings.set("discriminator", std::string("generator"));
    if (mistake == "optimiser") project.recipe.discriminator_optimiser.type = "Lion";
    const auto set = [&](const char* layer, const char* setting, Value value) {
      const LayerId id = std::as_const(generator).find(std::string_view(layer))->id;
      generator.find(id)->settings.set(setting, std::move(value));
    };
    if (mistake == "shape") set("fc2", "out_features", whole(3));
    if (mistake == "latent") set("latent", "shape", Integers{0, 3});
    if (mistake == "embeddings") set("embedding", "num_embeddings", whole(1));
    if (mistake == "pair") set("label", "shape", Integers{2});
    if (mistake == "dtype") set("label", "dtype", std::string("float32"));
    if (mistake == "data") project.data = of_pictures("hinge").data;
    if (mistake == "classes") {
      Dataset dataset = dataset_of(project);
      dataset.target = TargetKind::None;
      dataset.classes.clear();
      dataset.train.targets = dataset.test.targets = {};
      const auto created = Adversarial::create(
          {.project = project, .network = project.networks.front(), .dataset = dataset, .plan = {10, 5}});
      QVERIFY(!created);
      QVERIFY2(created.error().message.find(expected.toStdString()) != std::string::npos,
               created.error().message.c_str());
      return;
    }
    const std::string refusal = refusal_of(project);
    QVERIFY2(refusal.find(expected.toStdString()) != std::string::npos, refusal.c_str());
    QVERIFY(refusal != "nothing was refused");
  }

  void what_has_no_second_derivative_is_refused() {
    Project project = of_points("wasserstein_gp");
    for (Layer& layer : network_of(project, "discriminator").layers) {
      if (layer.name == "leaky") layer = {.id = layer.id, .name = "hard", .type = "Hardsigmoid", .settings = {}};
    }
    const std::string refusal = refusal_of(project);
    // Newer ones than 1.13 know it.
    if (TORCH_VERSION_MAJOR < 2) {
      QVERIFY2(refusal.find("gradient of a gradient") != std::string::npos, refusal.c_str());
      QVERIFY2(refusal.find("“discriminator”") != std::string::npos, refusal.c_str());
      QVERIFY2(refusal.find('\n') == std::string::npos, refusal.c_str());
    }
    project.recipe.task_settings.set("loss", std::string("hinge"));
    QCOMPARE(refusal_of(project), std::string("nothing was refused"));
  }

  void walls_are_of_fixed_noise() {
    Game game(of_pictures("non_saturating"));
    const std::filesystem::path folder = path("run").toStdString();
    const auto show = [&](int epoch) {
      const auto events = game.task().show_samples({folder, 7, epoch});
      if (events.size() != 1) throw std::runtime_error("not one event");
      return std::get<SampleEvent>(events.front());
    };
    const SampleEvent first = show(0);
    QCOMPARE(first.kind, std::string("wall"));
    QCOMPARE(first.file, std::string("samples/wall-0000.png"));
    QCOMPARE(first.rows, 8);
    QCOMPARE(first.columns, 8);
    QCOMPARE(first.step, std::int64_t(7));
    const auto picture = read_image(folder / first.file);
    QVERIFY(picture);
    QCOMPARE(picture->sizes, (std::vector<std::int64_t>{1, 64, 64}));

    const auto bytes = [&](const SampleEvent& event) { return *read_file(folder / event.file, 1 << 20); };
    QVERIFY(bytes(show(1)) == bytes(first));  // nothing was learned in between
    game.train(5);
    QVERIFY(bytes(show(2)) != bytes(first));
    Project other = game.project;
    other.recipe.settings.set("seed", whole(8));
    Game reseeded(other);
    reseeded.task().show_samples({path("other").toStdString(), 0, 0});
    QVERIFY(*read_file(path("other/samples/wall-0000.png").toStdString(), 1 << 20) != bytes(first));
  }

  void classes_are_rows_of_the_wall() {
    Project project = of_pictures("non_saturating", 3);
    // The generator sees the class alone.
    for (Layer& layer : network_of(project, "generator").layers) {
      if (layer.name == "latent") layer.settings.set("shape", Integers{1});
    }
    Game game(project);
    game.train(3);
    const std::filesystem::path folder = path("classes").toStdString();
    const auto events = game.task().show_samples({folder, 0, 0});
    const auto& wall = std::get<SampleEvent>(events.front());
    QCOMPARE(wall.rows, 3);
    QCOMPARE(wall.columns, 8);
    const auto picture = read_image(folder / wall.file);
    QVERIFY(picture);
    QCOMPARE(picture->sizes, (std::vector<std::int64_t>{1, 24, 64}));
    const torch::Tensor pixels =
        torch::from_blob(const_cast<std::uint8_t*>(picture->as<std::uint8_t>()), {3, 8, 8, 8}, torch::kUInt8)
            .to(torch::kFloat32);  // class, row of pixels, column of the wall, pixel
    const torch::Tensor by_class = pixels.mean({1, 2, 3});
    QVERIFY(by_class.std().item<float>() > 0);
  }

  void points_are_lists() {
    Game game(of_points("hinge"));
    const std::filesystem::path folder = path("points").toStdString();
    const auto events = game.task().show_samples({folder, 0, 3});
    QCOMPARE(events.size(), std::size_t(1));
    const auto& event = std::get<SampleEvent>(events.front());
    QCOMPARE(event.kind, std::string("points"));
    QCOMPARE(event.file, std::string("samples/points-0003.json"));
    const auto content = nlohmann::json::parse(*read_file(folder / event.file, 1 << 20));
    QCOMPARE(content["fake"].size(), std::size_t(500));
    const Split& real = game.dataset.train;
    QCOMPARE(content["real"].size(), static_cast<std::size_t>(real.count()));
    // Real ones lie where they came from, the normalisation undone.
    for (int i = 0; i < real.count(); ++i) {
      for (int axis = 0; axis < 2; ++axis) {
        const double expected = real.inputs.as<float>()[2 * real.row(i) + axis];
        QVERIFY(std::abs(content["real"][i][axis].get<double>() - expected) < 1e-5);
      }
    }
  }

  void a_collapse_raises_an_alarm() {
    Project project = of_points("non_saturating");
    for (Layer& layer : network_of(project, "generator").layers) {
      if (layer.name == "fc2") layer.initialisation = "constant";
    }
    project.recipe.task_settings.set("frozen", std::string("generator"));
    Game game(project);
    std::set<std::string> alarms;
    for (int epoch = 1; epoch <= 4; ++epoch) {
      game.task().clear_training_sums();
      game.train(10, 10 * epoch);
      for (const Event& event : game.task().epoch_done(epoch, {})) {
        const auto& alarm = std::get<AlarmEvent>(event);
        QVERIFY(!alarm.is_over);
        QCOMPARE(alarm.step, std::int64_t(10 * epoch));
        alarms.insert(alarm.kind);
      }
    }
    QVERIFY(alarms.contains("collapse"));
  }

  void quality_is_measured() {
    qputenv("XDG_CACHE_HOME", path("cache").toUtf8());
    Project project = of_points("non_saturating", {.classes = 2});
    project.recipe.task_settings.set("frechet", true);
    Game game(project);
    QCOMPARE(game.task().main_figure(), std::string("frechet"));
    const auto events = game.task().show_samples({path("run").toStdString(), 0, 0});
    QCOMPARE(events.size(), std::size_t(2));
    QVERIFY(std::get<MessageEvent>(events.front()).text.find("Fréchet distance") != std::string::npos);
    const Weights before = game.weights();
    const double first = game.task().epoch_figures().at("frechet");
    QVERIFY(std::isfinite(first) && first > 0);
    QCOMPARE(game.task().epoch_figures().at("frechet"), first);
    QVERIFY(same(game.weights(), before));
    game.train(100);
    const double later = game.task().epoch_figures().at("frechet");
    QVERIFY2(later < first, qPrintable(QString("%1 %2").arg(later).arg(first)));
  }

  void rates_keep_their_ratio() {
    Game game(of_points("hinge"));
    QCOMPARE(game.task().learning_rate(), 0.01);
    game.task().set_learning_rate(0.02);
    QCOMPARE(game.task().learning_rate(), 0.02);
    // SGD's step is as far as its rate: the first one with twice the rate goes twice as far.
    Game slow(of_points("hinge"));
    const Weights start = slow.weights();
    torch::manual_seed(1);
    slow.train(1);
    torch::manual_seed(1);
    game.train(1);
    const auto moved = [&](Game& of) {
      return (of.weights().at("discriminator.fc2.weight") - start.at("discriminator.fc2.weight")).norm().item<double>();
    };
    QVERIFY(std::abs(moved(game) / moved(slow) - 2) < 1e-3);
  }

  void what_is_not_finite_is_told() {
    Game game(of_points("least_squares"));
    Batch batch = game.batch(0);
    batch.inputs[3][1] = INFINITY;
    const Weights before = game.weights();
    QVERIFY(!game.task().step(batch));
    QVERIFY(same(game.weights(), before));
    QVERIFY(game.task().has_finite_weights());
    QCOMPARE(game.task().first_bad_layer(batch).value_or(""), std::string("discriminator.sample"));
    QVERIFY(!game.task().first_bad_layer(game.batch(0)));
  }

  void batches_may_be_small() {
    for (const std::string& loss : losses) {
      Game game(of_points(loss));
      QVERIFY(game.task().step(game.batch(0, 1)));
      const FigureValues figures = game.figures();
      QVERIFY(!figures.contains("diversity"));
      for (const auto& [name, value] : figures) QVERIFY2(std::isfinite(value), name.c_str());
    }
  }

  void gradients_are_gathered() {
    Project project = of_points("hinge");
    project.recipe.settings.set("accumulate", whole(2));
    Game game(project);
    const Weights before = game.weights();
    game.train(1);
    QVERIFY(same(game.weights(), before));
    QVERIFY(!game.figures().contains("d_gradient"));
    game.train(1, 1);
    QVERIFY(!same(game.weights(), before, "generator"));
    QVERIFY(!same(game.weights(), before, "discriminator"));
  }

 private:
  QString path(const std::string& name) const { return folder_.filePath(QString::fromStdString(name)); }

  QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestAdversarial)
#include "test_adversarial.moc"
