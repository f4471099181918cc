// What a report measures of a trained network, against PyTorch with the same weights.

#include <torch/torch.h>
//
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>

#include "backend/data/data_catalogue.h"
#include "backend/engine/latency.h"
#include "backend/engine/robustness.h"
#include "backend/engine/trainer.h"
#include "backend/graph/project_json.h"
#include "tests/support/drawing.h"
#include "tests/support/files.h"
#include "tests/support/python_torch.h"

using namespace netwright;

namespace {

std::int64_t whole(int value) {
  return value;
}

Project shapes_project(const std::string& task) {
  Project project = empty_project();
  project.data = {
      "shapes",
      {{"train_samples", whole(300)}, {"test_samples", whole(250)}, {"size", whole(12)}, {"classes", whole(3)}},
      {{"validation_fraction", 0.0}}};
  project.recipe.task = task;
  project.recipe.task_settings = {};
  project.recipe.settings = {{"epochs", whole(4)}, {"batch_size", whole(32)}, {"seed", whole(3)}};
  project.recipe.optimiser_settings = {{"lr", 0.01}};
  return project;
}

Project small_classifier() {
  Project project = shapes_project("Classification");
  project.data.preparation.set("normalisation", std::string("standard"));
  Drawing draw(project);
  draw.add("Input", "image", {{"shape", Integers{1, 12, 12}}});
  draw.add("Conv2d", "conv",
           {{"out_channels", whole(4)}, {"kernel_size", Integers{3, 3}}, {"padding", Integers{1, 1}}});
  draw.add("BatchNorm2d", "norm");
  draw.add("ReLU", "relu");
  draw.add("Flatten", "flat");
  draw.add("Linear", "linear", {{"out_features", whole(3)}});
  draw.add("Output", "output");
  return project;
}

Project small_autoencoder() {
  Project project = shapes_project("Reconstruction");
  project.data.preparation.set("normalisation", std::string("unit"));
  Drawing draw(project);
  draw.add("Input", "image", {{"shape", Integers{1, 12, 12}}});
  draw.add("Flatten", "flat");
  draw.add("Linear", "encoder", {{"out_features", whole(16)}});
  draw.add("ReLU", "relu");
  draw.add("Linear", "decoder", {{"out_features", whole(144)}});
  draw.add("Sigmoid", "sigmoid");
  draw.add("Unflatten", "picture", {{"dim", whole(1)}, {"unflattened_size", Integers{1, 12, 12}}});
  draw.add("Output", "output");
  return project;
}

Project template_project(const char* name) {
  auto project = read_project(std::string(NETWRIGHT_SOURCE "/resources/templates/") + name + ".netwright");
  if (!project) qFatal("%s", project.error().message.c_str());
  return std::move(*project);
}

/// A trained run, and a fresh task that has loaded its best weights, as the verbs do.
struct Measured {
  explicit Measured(Project trained, std::int64_t limit = 0)
      : project(std::move(trained)), dataset(*load(project.data)) {
    CommandQueue commands;
    auto trainer = Trainer::create(project, dataset, {.limit_samples = limit});
    if (!trainer) qFatal("%s", trainer.error().message.c_str());
    done = (*trainer)->run(
        path_of(folder.path()), [](const Event&) {}, commands);
    auto made = make_task({project, project.networks.front(), dataset});
    if (!made) qFatal("%s", made.error().message.c_str());
    task = std::move(*made);
    weights = folder.filePath("checkpoints/best.safetensors");
    if (const auto loaded = task->load_weights(path_of(weights)); !loaded) qFatal("%s", loaded.error().message.c_str());
  }

  FigureValues evaluated() {
    task->clear_test_sums();
    auto batches = BatchProducer::create(dataset.test, dataset, {.shuffle = false});
    (*batches)->begin(1);
    while (const auto batch = (*batches)->next()) task->evaluate(*batch);
    const FigureValues values = task->figures_of(task->test_sums());
    task->clear_test_sums();
    return values;
  }

  QTemporaryDir folder;
  Project project;
  Dataset dataset;
  DoneEvent done;
  std::unique_ptr<Task> task;
  QString weights;
};

bool is_near(double a, double b, double tolerance) {
  return std::abs(a - b) <= tolerance;
}

const RobustnessCurve& curve_of(const ReportedRobustness& robustness, const std::string& kind) {
  for (const RobustnessCurve& curve : robustness.curves) {
    if (curve.kind == kind) return curve;
  }
  throw std::runtime_error("no curve of " + kind);
}

}  // namespace

class TestRobustness : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void disturbed_figures_agree_with_pytorch_data() {
    QTest::addColumn<bool>("is_classifier");
    QTest::newRow("classification") << true;
    QTest::newRow("reconstruction") << false;
  }
  void disturbed_figures_agree_with_pytorch() {
    QFETCH(bool, is_classifier);
    Measured run(is_classifier ? small_classifier() : small_autoencoder());
    const RobustnessOptions options{.samples = 1000};
    std::vector<std::string> told;
    const ReportedRobustness found = measure_robustness(*run.task, run.dataset, run.dataset.test, options,
                                                        [&](const std::string& what) { told.push_back(what); });
    QVERIFY2(found.missing.empty(), found.missing.c_str());
    QCOMPARE(found.samples, std::int64_t{250});
    QCOMPARE(told.size(), options.noise.size() + options.blur.size() + options.byte_steps.size());

    QTemporaryDir folder;
    auto batches = BatchProducer::create(run.dataset.test, run.dataset, {.batch_size = 250, .shuffle = false});
    (*batches)->begin(1);
    const auto all = (*batches)->next();
    write_numbers(folder.filePath("inputs.bin"), all->inputs);
    if (all->targets.defined()) write_numbers(folder.filePath("targets.bin"), all->targets);
    QVERIFY(QFile::copy(run.weights, folder.filePath("weights.safetensors")));
    const nlohmann::json plan = {{"kind", is_classifier ? "classifier" : "autoencoder"},
                                 {"sizes", all->inputs.sizes().vec()},
                                 {"mean", run.dataset.normalisation.mean.front()},
                                 {"deviation", run.dataset.normalisation.deviation.front()},
                                 {"batch", 100},
                                 {"seed", 0x64697374},
                                 {"noise", options.noise},
                                 {"blur", options.blur},
                                 {"byte_steps", options.byte_steps}};
    QVERIFY(put_file(folder.filePath("plan.json"), QByteArray::fromStdString(plan.dump())));
    const QString complaint = run_python_torch("backend/engine/robustness_oracle.py", {folder.path()});
    QVERIFY2(complaint.isEmpty(), qPrintable(complaint));
    const auto answers = nlohmann::json::parse(file_content(folder.filePath("answers.json")).toStdString());

    // One sample in 250 may fall to the other side by a last digit.
    const double tolerance = is_classifier ? 1.01 / 250 : 1e-5;
    QVERIFY(is_near(found.input_deviation, answers["deviation"], 1e-5));
    for (const char* kind : {"noise", "blur", "fgsm"}) {
      const RobustnessCurve& curve = curve_of(found, kind);
      QVERIFY2(curve.missing.empty(), curve.missing.c_str());
      QCOMPARE(curve.points.size(), answers[kind].size() + 1);
      QVERIFY(is_near(curve.points.front().value, answers["undisturbed"], tolerance));
      double change = 0;
      for (std::size_t i = 0; i < answers[kind].size(); ++i) {
        const double expected = answers[kind][i];
        const QByteArray where = QByteArray(kind) + " " + QByteArray::number(qulonglong(i)) + ": " +
                                 QByteArray::number(curve.points[i + 1].value) + ", PyTorch " +
                                 QByteArray::number(expected);
        QVERIFY2(is_near(curve.points[i + 1].value, expected, tolerance), where);
        change = std::max(change, std::abs(expected - curve.points.front().value));
      }
      // Else the comparison would say nothing.
      QVERIFY2(change > 5 * tolerance, kind);
    }
    // ε of light is the same whatever the normalisation: 8 of 255, in normalised units.
    const DisturbedAt& eight = curve_of(found, "fgsm").points[4];
    QCOMPARE(eight.raw, std::optional<double>(8.0));
    QVERIFY(is_near(eight.level, 8 / 255.0 / run.dataset.normalisation.deviation.front(), 1e-6));
    if (!is_classifier) return;

    (*batches)->begin(1);
    while (const auto batch = (*batches)->next()) run.task->evaluate(*batch);
    ReportedQuality quality{.classes = run.dataset.classes};
    take_rankings(*run.task->class_curves(), quality);
    QCOMPARE(quality.rankings.size(), 3U);
    QVERIFY(is_near(*quality.macro_auc, answers["macro_auc"], 1e-4));
    QVERIFY(is_near(*quality.macro_average_precision, answers["macro_average_precision"], 1e-4));
  }

  void measuring_leaves_the_weights_and_figures_as_they_were() {
    Measured run(small_classifier());
    const FigureValues before = run.evaluated();
    measure_robustness(*run.task, run.dataset, run.dataset.test, {.samples = 100});
    QCOMPARE(run.evaluated(), before);
  }

  void every_task_says_what_it_can_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("has_blur");
    QTest::addColumn<bool>("is_worse_with_noise");
    QTest::newRow("forecast") << "waves_forecast" << false << true;
    QTest::newRow("segmentation") << "unet_shapes" << true << true;
    QTest::newRow("words") << "word_language_lstm" << false << false;
    QTest::newRow("adversarial") << "mlp_gan" << false << false;
    QTest::newRow("drawn codes") << "variational_autoencoder" << true << true;
  }
  void every_task_says_what_it_can() {
    QFETCH(QString, name);
    QFETCH(bool, has_blur);
    QFETCH(bool, is_worse_with_noise);
    Project project = template_project(name.toLatin1().constData());
    project.recipe.settings.set("epochs", whole(1));
    if (project.recipe.task == "Adversarial") project.recipe.task_settings.set("frechet", false);
    Measured run(std::move(project), 200);
    const ReportedRobustness found =
        measure_robustness(*run.task, run.dataset, run.dataset.test, {.samples = 50, .noise = {2}, .blur = {2}});
    if (!is_worse_with_noise) {
      QVERIFY(!found.missing.empty() && found.curves.empty());
    } else {
      QVERIFY2(found.missing.empty(), found.missing.c_str());
      QCOMPARE(found.figure, run.task->main_figure());
      const RobustnessCurve& noise = curve_of(found, "noise");
      QCOMPARE(noise.points.size(), 2U);
      QVERIFY(noise.points[0].value != noise.points[1].value);
      QCOMPARE(curve_of(found, "blur").missing.empty(), has_blur);
      QVERIFY2(curve_of(found, "fgsm").missing.empty(), curve_of(found, "fgsm").missing.c_str());
      QCOMPARE(curve_of(found, "fgsm").points.size(), 7U);
    }
    // A generator has a latency as well.
    const auto latency =
        measure_latency(*run.task, run.dataset, run.dataset.test, {.batches = {1, 3, 300}, .seconds = 0.05});
    QVERIFY2(latency, latency ? "" : latency.error().message.c_str());
    QVERIFY(latency->runs >= 5);
    QVERIFY(latency->p10_ms > 0 && latency->p10_ms <= latency->median_ms && latency->median_ms <= latency->p90_ms);
    QVERIFY(!latency->throughput.empty());
    const ThroughputAt& last = latency->throughput.back();
    QVERIFY(is_near(last.samples_per_second, 1000.0 * static_cast<double>(last.batch) / last.milliseconds, 1e-6));
  }

  void a_step_along_the_gradient_hurts_more_than_noise_of_its_size() {
    Measured run(small_classifier());
    const double deviation = run.dataset.normalisation.deviation.front();
    const double step = 16 / 255.0 / deviation;
    RobustnessOptions options{.samples = 250, .blur = {}, .byte_steps = {16}};
    const double scale = measure_robustness(*run.task, run.dataset, run.dataset.test,
                                            {.samples = 250, .noise = {}, .blur = {}, .byte_steps = {}})
                             .input_deviation;
    options.noise = {step / scale};
    const ReportedRobustness found = measure_robustness(*run.task, run.dataset, run.dataset.test, options);
    QVERIFY(curve_of(found, "fgsm").points[1].value < curve_of(found, "noise").points[1].value);
  }

  void the_averaged_weights_that_were_saved_are_those_measured() {
    Project project = small_classifier();
    project.recipe.settings.set("ema_decay", 0.9);
    Measured run(std::move(project));
    // Without a validation split, what the run was tested on is its last epoch's held-out split, with the average.
    const FigureValues measured = run.evaluated();
    QVERIFY2(is_near(measured.at("accuracy"), run.done.best, 1e-9),
             QByteArray::number(measured.at("accuracy")) + " instead of " + QByteArray::number(run.done.best));
  }

  void a_blur_keeps_what_is_even_and_its_middle() {
    const torch::Tensor even = torch::full({2, 3, 9, 7}, 0.25);
    QVERIFY(torch::allclose(blurred(even, 2.5), even));
    QVERIFY(blurred(even, 0).is_same(even));
    torch::Tensor point = torch::zeros({1, 1, 21, 21});
    point.index_put_({0, 0, 10, 10}, 1.0);
    const torch::Tensor soft = blurred(point, 1.5);
    QVERIFY(is_near(soft.sum().item<double>(), 1, 1e-5));
    QVERIFY(is_near(soft[0][0][10][10].item<double>(), 1 / (2 * M_PI * 1.5 * 1.5), 1e-3));
    QVERIFY(torch::allclose(soft, soft.transpose(2, 3)));
  }
};

QTEST_MAIN(TestRobustness)
#include "test_robustness.moc"
