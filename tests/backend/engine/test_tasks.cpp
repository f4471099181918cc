// What tasks measure and show, against the same numbers reckoned by hand from the weights that a run left.

#include <torch/torch.h>
//
#include <fmt/format.h>

#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>

#include "backend/analysis/analyse.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/image_file.h"
#include "backend/engine/checkpoint.h"
#include "backend/engine/code_map.h"
#include "backend/engine/reconstruction.h"
#include "backend/engine/threads.h"
#include "backend/engine/trainer.h"
#include "tests/support/drawing.h"
#include "tests/support/files.h"
#include "tests/support/sklearn_oracle.h"

using namespace netwright;

namespace {

std::int64_t whole(int value) {
  return value;
}

struct Run {
  std::shared_ptr<QTemporaryDir> folder = std::make_shared<QTemporaryDir>();
  std::vector<Event> events;
  DoneEvent done;
  std::string refusal;

  std::vector<SampleEvent> samples(const std::string& kind) const {
    std::vector<SampleEvent> found;
    for (const Event& event : events) {
      if (const auto* sample = std::get_if<SampleEvent>(&event); sample && sample->kind == kind)
        found.push_back(*sample);
    }
    return found;
  }
  std::filesystem::path path(const std::string& file) const { return path_of(folder->filePath(file.c_str())); }
  nlohmann::json json(const SampleEvent& sample) const {
    return nlohmann::json::parse(file_content(folder->filePath(sample.file.c_str())).toStdString());
  }
};

Run run_of(const Project& project) {
  Run run;
  const auto dataset = load(project.data);
  if (!dataset) qFatal("%s", dataset.error().message.c_str());
  CommandQueue commands;
  auto trainer = Trainer::create(project, *dataset, {});
  if (!trainer) {
    run.refusal = trainer.error().message;
    return run;
  }
  run.done = (*trainer)->run(
      path_of(run.folder->path()), [&](const Event& e) { run.events.push_back(e); }, commands);
  return run;
}

/// The network with the best or the last weights, in evaluation mode, and the test split as one batch.
struct Trained {
  std::shared_ptr<GraphModule> module;
  Dataset dataset;
  Batch batch;
};

Trained trained(const Project& project, const Run& run, const char* weights = "best") {
  Trained result;
  result.dataset = *load(project.data);
  const Report report = analyse(project);
  result.module = *GraphModule::build(project.networks.front(), report.networks.front());
  if (!load_weights(run.path(fmt::format("checkpoints/{}.safetensors", weights)), *result.module)) qFatal("no weights");
  result.module->eval();
  const auto count = result.dataset.test.count();
  auto batches = BatchProducer::create(result.dataset.test, result.dataset, {.batch_size = count, .shuffle = false});
  (*batches)->begin(1);
  const auto batch = (*batches)->next();
  result.batch = {batch->inputs.clone(), batch->targets.defined() ? batch->targets.clone() : torch::Tensor(),
                  batch->lengths.defined() ? batch->lengths.clone() : torch::Tensor()};
  return result;
}

Project project_of(const std::string& source, const Settings& settings, const std::string& task,
                   const Settings& task_settings = {}) {
  Project project = empty_project();
  project.data = {source, settings, {{"validation_fraction", 0.0}}};
  project.recipe.task = task;
  project.recipe.task_settings = task_settings;
  project.recipe.settings = {{"epochs", whole(3)}, {"batch_size", whole(32)}, {"seed", whole(3)}};
  project.recipe.optimiser_settings = {{"lr", 0.01}};
  return project;
}

const Settings small_shapes = {
    {"train_samples", whole(200)}, {"test_samples", whole(60)}, {"size", whole(12)}, {"classes", whole(3)}};

/// A dense autoencoder of 12×12 pictures.
Project autoencoder(const Settings& task_settings, const std::string& code_activation = "") {
  Project project = project_of("shapes", small_shapes, "Reconstruction", task_settings);
  project.data.preparation.set("normalisation", std::string("unit"));
  Drawing draw(project);
  draw.add("Input", "image", {{"shape", Integers{1, 12, 12}}});
  draw.add("Flatten", "flat");
  draw.add("Linear", "encoder", {{"out_features", whole(32)}});
  draw.add("ReLU", "relu1");
  draw.add("Linear", "code", {{"out_features", whole(8)}});
  if (!code_activation.empty()) draw.add(code_activation, "active");
  draw.add("Linear", "decoder", {{"out_features", whole(144)}});
  draw.add("Sigmoid", "sigmoid");
  draw.add("Unflatten", "picture", {{"dim", whole(1)}, {"unflattened_size", Integers{1, 12, 12}}});
  draw.add("Output", "output");
  return project;
}

bool close(double a, double b, double relative = 1e-4) {
  return std::abs(a - b) <= relative * (std::abs(a) + std::abs(b)) + 1e-7;
}

std::vector<double> list_of(const torch::Tensor& values) {
  const torch::Tensor flat = values.to(torch::kFloat64).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

/// Every figure that both have.
void agree_with_sklearn(const FigureValues& figures, const nlohmann::json& answer) {
  int compared = 0;
  for (const auto& [name, value] : answer.items()) {
    if (!figures.contains(name)) continue;
    const double own = figures.at(name);
    QVERIFY2(close(own, value),
             qPrintable(QString("%1: %2, sklearn %3").arg(name.c_str()).arg(own).arg(double(value))));
    ++compared;
  }
  QVERIFY(compared >= 2);
}

/// Trains a classification and compares what it measured on the test split.
Run compare_classes(const Project& project) {
  const Run run = run_of(project);
  if (!run.refusal.empty()) qFatal("%s", run.refusal.c_str());
  const Trained it = trained(project, run);
  const torch::NoGradGuard no_grad;
  const torch::Tensor output = it.module->forward(it.batch.inputs, it.batch.lengths).to(torch::kFloat64);
  nlohmann::json rows = nlohmann::json::array();
  for (std::int64_t i = 0; i < output.size(0); ++i) rows.push_back(list_of(output[i]));
  const nlohmann::json asked = {{{"task", "classes"}, {"true", list_of(it.batch.targets)}, {"given", rows}}};
  agree_with_sklearn(run.done.test, answers_of_sklearn(asked)[0]);
  return run;
}

}  // namespace

class TestTasks : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { set_threads(2); }

  void regression_measures_in_the_targets_units() {
    Project project = project_of("regression-curve", {}, "Regression");
    project.recipe.settings.set("epochs", whole(5));
    const auto description = describe(project.data);
    QVERIFY(description);
    Drawing draw(project);
    draw.add("Input", "x", {{"shape", Integers{*description->sample_shape[0]}}});
    draw.add("Linear", "hidden", {{"out_features", whole(32)}});
    draw.add("Tanh", "tanh");
    draw.add("Linear", "y", {{"out_features", *description->target_shape[0]}});
    draw.add("Output", "output");
    const Run run = run_of(project);
    QVERIFY2(run.refusal.empty(), run.refusal.c_str());
    QCOMPARE(run.done.reason, "finished");

    const Trained it = trained(project, run);
    const torch::NoGradGuard no_grad;
    const torch::Tensor output = it.module->forward(it.batch.inputs).to(torch::kFloat64);
    const Normalisation& scale = it.dataset.target_normalisation;
    const auto in_units = [&](const torch::Tensor& values) {
      return values * torch::tensor(scale.deviation).to(torch::kFloat64) +
             torch::tensor(scale.mean).to(torch::kFloat64);
    };
    const torch::Tensor truth = in_units(it.batch.targets.to(torch::kFloat64));
    const torch::Tensor errors = in_units(output) - truth;
    const double squares = errors.square().mean().item<double>();
    QVERIFY(close(run.done.test.at("mae"), errors.abs().mean().item<double>()));
    QVERIFY(close(run.done.test.at("rmse"), std::sqrt(squares)));
    QVERIFY(close(run.done.test.at("r2"), 1 - squares / truth.var(false).item<double>()));
    const nlohmann::json asked = {
        {{"task", "regression"}, {"true", list_of(truth)}, {"given", list_of(in_units(output))}}};
    agree_with_sklearn(run.done.test, answers_of_sklearn(asked)[0]);
    // The loss is of normalised numbers.
    QVERIFY(close(run.done.test.at("loss"), (output - it.batch.targets).square().mean().item<double>()));
    QVERIFY2(run.done.test.at("r2") > 0.3, qPrintable(QString::number(run.done.test.at("r2"))));
  }

  void classes_are_measured_as_sklearn_does() {
    // Eight digits written as points around a ring: enough classes for a top five.
    QTemporaryDir folder;
    QFile table(folder.filePath("ring.csv"));
    QVERIFY(table.open(QIODevice::WriteOnly));
    table.write("x,y,class\n");
    torch::manual_seed(4);
    for (int i = 0; i < 400; ++i) {
      const double angle = (i % 8 + 0.9 * torch::randn({}).item<double>()) * 0.785;
      table.write(QString("%1,%2,c%3\n").arg(std::cos(angle)).arg(std::sin(angle)).arg(i % 8).toUtf8());
    }
    table.close();
    Project project = project_of("csv", {{"file", folder.filePath("ring.csv").toStdString()}}, "Classification");
    project.data.settings.set("target", std::string("class"));
    Drawing draw(project);
    draw.add("Input", "x", {{"shape", Integers{2}}});
    draw.add("Linear", "hidden", {{"out_features", whole(16)}});
    draw.add("Tanh", "tanh");
    draw.add("Linear", "scores", {{"out_features", whole(8)}});
    draw.add("Output", "output");
    compare_classes(project);
  }

  void a_next_word_has_a_perplexity() {
    QTemporaryDir folder;
    QFile table(folder.filePath("words.csv"));
    QVERIFY(table.open(QIODevice::WriteOnly));
    table.write("text,label\n");
    const QStringList words = {"a", "cat", "sees", "the", "dog"};
    for (int i = 0; i < 300; ++i) {
      table.write(QString("%1 %2,%3\n").arg(words[i % 5], words[(i + 1) % 5], words[(i + 2 + i % 7 / 6) % 5]).toUtf8());
    }
    table.close();
    Project project = project_of("text", {{"file", folder.filePath("words.csv").toStdString()}}, "Classification");
    project.data.settings.set("text", std::string("text"));
    project.data.settings.set("label", std::string("label"));
    const auto description = describe(project.data);
    QVERIFY(description);
    Drawing draw(project);
    draw.add("Input", "text", {{"shape", Integers{*description->sample_shape[0]}}, {"dtype", std::string("int64")}});
    draw.add("Embedding", "words", {{"num_embeddings", whole(16)}, {"embedding_dim", whole(4)}});
    draw.add("GRU", "gru", {{"hidden_size", whole(8)}, {"output", std::string("last output")}});
    draw.add("Linear", "scores", {{"out_features", whole(5)}});
    draw.add("Output", "output");
    const Run run = compare_classes(project);
    QVERIFY(run.done.test.contains("perplexity"));
    QVERIFY(run.done.test.at("perplexity") > 1 && run.done.test.at("perplexity") < 5.5);
  }

  void a_forecast_shows_how_series_go_on() {
    Project project =
        project_of("waves", {{"steps", whole(400)}, {"length", whole(16)}, {"horizon", whole(4)}}, "Forecast");
    Drawing draw(project);
    draw.add("Input", "past", {{"shape", Integers{16, 1}}});
    draw.add("GRU", "gru", {{"hidden_size", whole(8)}, {"output", std::string("last output")}});
    draw.add("Linear", "y", {{"out_features", whole(4)}});
    draw.add("Unflatten", "steps", {{"dim", whole(1)}, {"unflattened_size", Integers{4, 1}}});
    draw.add("Output", "output");
    const Run run = run_of(project);
    QVERIFY2(run.refusal.empty(), run.refusal.c_str());
    const auto shown = run.samples("forecast");
    QCOMPARE(shown.size(), 3);
    const auto series = run.json(shown.back())["series"];
    QVERIFY(!series.empty());
    // The first window of the test split, in the series' own units.
    const Trained it = trained(project, run, "last");
    const torch::NoGradGuard no_grad;
    const torch::Tensor forecast = it.module->forward(it.batch.inputs)[0];
    const Normalisation& scale = it.dataset.target_normalisation;
    for (int step = 0; step < 4; ++step) {
      const double expected = forecast[step][0].item<double>() * scale.deviation[0] + scale.mean[0];
      QVERIFY(close(series[0]["forecast"][step].get<double>(), expected, 1e-3));
      const double truth = it.batch.targets[0][step][0].item<double>() * scale.deviation[0] + scale.mean[0];
      QVERIFY(close(series[0]["truth"][step].get<double>(), truth, 1e-3));
    }
    QCOMPARE(series[0]["past"].size(), 16);
  }

  void segmentation_measures_overlap() {
    Project project =
        project_of("shape-masks", {{"train_samples", whole(60)}, {"test_samples", whole(20)}, {"size", whole(16)}},
                   "Segmentation", {{"loss", std::string("cross_entropy_dice")}});
    const auto description = describe(project.data);
    QVERIFY(description);
    Drawing draw(project);
    draw.add("Input", "image", {{"shape", Integers{*description->sample_shape[0], 16, 16}}});
    draw.add("Conv2d", "conv1", {{"out_channels", whole(8)}, {"padding", std::string("same")}});
    draw.add("ReLU", "relu1");
    draw.add("Conv2d", "scores", {{"out_channels", description->classes}, {"padding", std::string("same")}});
    draw.add("Output", "output");
    const Run run = run_of(project);
    QVERIFY2(run.refusal.empty(), run.refusal.c_str());

    const Trained it = trained(project, run);
    const torch::NoGradGuard no_grad;
    const torch::Tensor predicted = it.module->forward(it.batch.inputs).argmax(1);
    double overlaps = 0;
    int occurring = 0;
    for (std::int64_t c = 0; c < description->classes; ++c) {
      const torch::Tensor is_truth = it.batch.targets.eq(c);
      const torch::Tensor is_answer = predicted.eq(c);
      const double together = is_truth.logical_or(is_answer).sum().item<double>();
      if (together == 0) continue;
      overlaps += is_truth.logical_and(is_answer).sum().item<double>() / together;
      ++occurring;
    }
    QVERIFY(close(run.done.test.at("miou"), overlaps / occurring));
    const nlohmann::json asked = {
        {{"task", "segmentation"}, {"true", list_of(it.batch.targets)}, {"given", list_of(predicted)}}};
    agree_with_sklearn(run.done.test, answers_of_sklearn(asked)[0]);
    QVERIFY(
        close(run.done.test.at("accuracy"), predicted.eq(it.batch.targets).to(torch::kFloat64).mean().item<double>()));
    // Picture, truth and answer, row by row.
    const auto shown = run.samples("masks");
    QCOMPARE(shown.size(), 3);
    QCOMPARE(shown.back().rows, 3);
    const auto picture = read_image(run.path(shown.back().file));
    QVERIFY(picture);
    QCOMPARE(picture->sizes, (std::vector<std::int64_t>{3, 3 * 16, shown.back().columns * 16}));
  }

  void an_autoencoder_shows_what_it_gives_back() {
    const Project project = autoencoder({});
    const Run run = run_of(project);
    QVERIFY2(run.refusal.empty(), run.refusal.c_str());
    const Trained it = trained(project, run);
    const torch::NoGradGuard no_grad;
    const torch::Tensor output = it.module->forward(it.batch.inputs);
    QVERIFY(close(run.done.test.at("error"), (output - it.batch.inputs).square().mean().item<double>()));
    QCOMPARE(run.done.test.at("loss"), run.done.test.at("error"));

    const SampleEvent shown = run.samples("reconstructions").back();
    QCOMPARE(shown.rows, 2);
    QCOMPARE(shown.columns, 12);
    const auto picture = read_image(run.path(shown.file));
    QVERIFY(picture);
    QCOMPARE(picture->sizes, (std::vector<std::int64_t>{1, 24, 144}));
    // The first one: what went in as it came, then what came back.
    for (int pixel = 0; pixel < 144; ++pixel) {
      const int at = pixel / 12 * 144 + pixel % 12;
      const auto raw = it.dataset.test.inputs.as<std::uint8_t>()[pixel];
      QVERIFY(std::abs(picture->as<std::uint8_t>()[at] - raw) <= 1);
      const auto given = std::lround(255 * output[0][0][pixel / 12][pixel % 12].item<float>());
      QVERIFY(std::abs(picture->as<std::uint8_t>()[12 * 144 + at] - given) <= 1);
    }

    const auto code = run.json(run.samples("code").back());
    QCOMPARE(code["layer"].get<std::string>(), "code");
    QCOMPARE(code["points"].size(), 60);
    QCOMPARE(code["labels"].size(), 60);
    QCOMPARE(code["labels"][4].get<std::int64_t>(), it.batch.targets[4].item<std::int64_t>());
    const double first_error = (output[0] - it.batch.inputs[0]).square().mean().item<double>();
    QVERIFY(close(code["errors"][0].get<double>(), first_error, 1e-3));
  }

  void denoising_wants_the_clean_input() {
    const Project project = autoencoder({{"corruption", std::string("gaussian")}, {"corruption_level", 0.5}});
    const Run run = run_of(project);
    QVERIFY2(run.refusal.empty(), run.refusal.c_str());
    QCOMPARE(run.samples("reconstructions").back().rows, 3);
    // The same noise each time.
    QCOMPARE(run_of(project).done.test, run.done.test);
    // Judged on noisy inputs: the error differs from that on clean ones.
    const Trained it = trained(project, run);
    const torch::NoGradGuard no_grad;
    const double clean = (it.module->forward(it.batch.inputs) - it.batch.inputs).square().mean().item<double>();
    QVERIFY(!close(run.done.test.at("error"), clean, 1e-3));
  }

  void sparsity_quiets_the_code() {
    const auto activity = [](double weight) {
      Project project = autoencoder({{"sparsity", std::string("kl")},
                                     {"sparsity_weight", weight},
                                     {"sparsity_rate", 0.05},
                                     {"code_layer", std::string("active")}},
                                    "Sigmoid");
      project.recipe.settings.set("epochs", whole(10));
      const Run run = run_of(project);
      const Trained it = trained(project, run);
      const torch::NoGradGuard no_grad;
      std::vector<GraphModule::Watched> watched = {{"active"}};
      it.module->forward({it.batch.inputs}, {}, watched);
      return watched[0].outputs.at(0).mean().item<double>();
    };
    const double free = activity(0);
    const double held = activity(0.5);
    QVERIFY2(held < 0.15 && held < 0.5 * free, qPrintable(QString("%1 and %2").arg(free).arg(held)));
  }

  void a_variational_code_keeps_to_its_prior() {
    const auto run_with = [](double beta) {
      Project project =
          project_of("shapes", small_shapes, "Reconstruction", {{"loss", std::string("bce")}, {"beta", beta}});
      project.data.preparation.set("normalisation", std::string("unit"));
      project.recipe.settings.set("epochs", whole(10));
      Drawing draw(project);
      draw.add("Input", "image", {{"shape", Integers{1, 12, 12}}});
      draw.add("Flatten", "flat");
      draw.add("Linear", "encoder", {{"out_features", whole(32)}});
      const LayerId hidden = draw.add("ReLU", "relu1");
      const LayerId mean = draw.add("Linear", "mean", {{"out_features", whole(4)}}, {hidden});
      const LayerId log_var = draw.add("Linear", "log_var", {{"out_features", whole(4)}}, {hidden});
      draw.add("Reparameterize", "draw", {}, {mean, log_var});
      draw.add("Linear", "decoder", {{"out_features", whole(144)}});
      draw.add("Sigmoid", "sigmoid");
      draw.add("Unflatten", "picture", {{"dim", whole(1)}, {"unflattened_size", Integers{1, 12, 12}}});
      draw.add("Output", "output");
      return run_of(project);
    };
    const Run loose = run_with(0.01);
    const Run tight = run_with(20);
    QVERIFY2(loose.refusal.empty(), loose.refusal.c_str());
    QVERIFY(tight.done.test.at("kl") < 0.3 * loose.done.test.at("kl"));
    QVERIFY(tight.done.test.at("error") > loose.done.test.at("error"));
    QCOMPARE(loose.json(loose.samples("code").back())["layer"].get<std::string>(), "draw");
    // L = error + β·KL / values of a sample.
    const FigureValues& test = tight.done.test;
    QVERIFY(close(test.at("loss"), test.at("error") + 20 * test.at("kl") / 144));
  }

  void several_labels_each_by_itself() {
    // Labels from classes: one of three is set, so that what is right can be counted.
    Project project = project_of("circles", {{"train_samples", whole(200)}, {"test_samples", whole(80)}},
                                 "Classification", {{"loss", std::string("bce_with_logits")}});
    Drawing draw(project);
    draw.add("Input", "x", {{"shape", Integers{2}}});
    draw.add("Linear", "hidden", {{"out_features", whole(16)}});
    draw.add("ReLU", "relu");
    draw.add("Linear", "scores", {{"out_features", whole(2)}});
    draw.add("Output", "output");
    // Classes are no labels.
    QVERIFY(run_of(project).refusal.find("bce_with_logits") != std::string::npos);

    Dataset dataset = *load(project.data);
    const auto as_labels = [](Split& split) {
      Array labels = make_array(ElementType::Float32, {split.inputs.count(), 2});
      for (std::int64_t i = 0; i < split.inputs.count(); ++i) {
        labels.as<float>()[2 * i + split.targets.as<std::int64_t>()[i]] = 1;
      }
      split.targets = labels;
    };
    as_labels(dataset.train);
    as_labels(dataset.test);
    dataset.target = TargetKind::Labels;
    dataset.target_shape = {2};
    project.recipe.settings.set("epochs", whole(15));
    CommandQueue commands;
    auto trainer = Trainer::create(project, dataset, {});
    QVERIFY2(bool(trainer), trainer ? "" : trainer.error().message.c_str());
    const QTemporaryDir folder;
    int confusions = 0;
    const DoneEvent done = (*trainer)->run(
        path_of(folder.path()),
        [&](const Event& event) { confusions += std::holds_alternative<ConfusionEvent>(event) ? 1 : 0; }, commands);
    QCOMPARE(done.reason, "finished");
    QCOMPARE(confusions, 0);
    QVERIFY2(done.test.at("accuracy") > 0.9, qPrintable(QString::number(done.test.at("accuracy"))));
  }

  void a_task_refuses_data_it_cannot_learn_from() {
    Project project = project_of("circles", {}, "Regression");
    Drawing draw(project);
    draw.add("Input", "x", {{"shape", Integers{2}}});
    draw.add("Linear", "scores", {{"out_features", whole(2)}});
    draw.add("Output", "output");
    const std::string why = run_of(project).refusal;
    QVERIFY2(why.find("a class for each sample") != std::string::npos, why.c_str());
  }

  void a_code_map_is_its_principal_components_data() {
    QTest::addColumn<int>("size");
    QTest::newRow("short") << 12;
    QTest::newRow("long") << 700;
  }
  void a_code_map_is_its_principal_components() {
    QFETCH(int, size);
    torch::manual_seed(5);
    // Two directions stand out, the first more than the second.
    torch::Tensor code = 0.1 * torch::randn({200, size}, torch::kFloat64);
    code += torch::randn({200, 1}, torch::kFloat64) * 5 * torch::randn({1, size}, torch::kFloat64);
    code += torch::randn({200, 1}, torch::kFloat64) * 2 * torch::randn({1, size}, torch::kFloat64);
    const CodeMap map = map_of(code);
    const torch::Tensor centred = code - code.mean(0, true);
    const auto [u, s, v] = torch::linalg_svd(centred, /*full_matrices=*/false);
    const double total = s.square().sum().item<double>();
    for (int axis = 0; axis < 2; ++axis) {
      const torch::Tensor expected = u.select(1, axis) * s[axis];
      const torch::Tensor got = map.points.select(1, axis).to(torch::kFloat64);
      const double sign = expected.dot(got).item<double>() > 0 ? 1 : -1;
      QVERIFY(torch::allclose(got * sign, expected, 1e-4, 1e-3 * s[axis].item<double>()));
      QVERIFY(close(map.explained.at(static_cast<std::size_t>(axis)), s[axis].square().item<double>() / total, 1e-3));
    }
    // Drawn again from the mirror image, it doesn't flip.
    const CodeMap again = map_of(code, -map.axes);
    QVERIFY(torch::allclose(again.points, -map.points, 1e-3, 1e-3));
  }

  void the_bottleneck_is_found() {
    const Project project = autoencoder({});
    const Report report = analyse(project);
    const Network& network = project.networks.front();
    QCOMPARE(bottleneck_of(network, report.networks.front(), ""), "code");
    QCOMPARE(bottleneck_of(network, report.networks.front(), "relu1"), "relu1");
    QCOMPARE(bottleneck_of(network, report.networks.front(), "nowhere"), "");
  }
};

QTEST_GUILESS_MAIN(TestTasks)
#include "test_tasks.moc"
