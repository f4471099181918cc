#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "backend/report/convergence.h"
#include "tests/support/python_oracle.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

RunEvent classifier() {
  RunEvent run;
  run.figures = {{"loss", "Loss", "Loss", false, "lower"}, {"accuracy", "Accuracy", "Accuracy", true, "higher"}};
  run.main_figure = "accuracy";
  return run;
}

EpochEvent epoch_with(int number, double train, double held_out) {
  EpochEvent epoch;
  epoch.epoch = number;
  epoch.elapsed = 10.0 * number;
  epoch.train = {{"accuracy", train}, {"loss", 1 - train}};
  epoch.held_out = {{"accuracy", held_out}, {"loss", 1 - held_out}};
  return epoch;
}

std::vector<Event> run_of(const std::vector<double>& held_out) {
  std::vector<Event> events = {classifier()};
  for (std::size_t i = 0; i < held_out.size(); ++i) {
    events.emplace_back(epoch_with(static_cast<int>(i) + 1, 0.9, held_out[i]));
  }
  return events;
}

bool is_near(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max(1.0, std::abs(b));
}

}  // namespace

class ConvergenceTest : public QObject {
  Q_OBJECT

 private slots:
  void levels_are_shares_of_the_way_from_the_first_epoch_to_the_best() {
    // From 0.5 to 0.9: 90 % of the way is 0.86, 95 % 0.88, 99 % 0.896.
    const RunDynamics dynamics = dynamics_of(run_of({0.5, 0.7, 0.87, 0.85, 0.88, 0.9, 0.89}));
    const Convergence& found = dynamics.convergence;
    QCOMPARE(found.figure, std::string("accuracy"));
    QCOMPARE(found.best_epoch, 6);
    QCOMPARE(found.best, 0.9);
    QCOMPARE(found.best_seconds, 60.0);
    QCOMPARE(found.epochs_since_best, 1);
    QCOMPARE(found.levels.size(), 3U);
    QVERIFY(is_near(found.levels[0].value, 0.86));
    QCOMPARE(found.levels[0].epoch, 3);
    QCOMPARE(found.levels[0].seconds, 30.0);
    QCOMPARE(found.levels[2].epoch, 6);
    QVERIFY(found.missing.empty());
  }

  void a_figure_that_is_to_fall_is_followed_downwards() {
    auto events = run_of({0.5, 0.7, 0.9, 0.8});
    std::get<RunEvent>(events.front()).main_figure = "loss";
    const Convergence found = dynamics_of(events).convergence;
    QCOMPARE(found.best_epoch, 3);
    QVERIFY(is_near(found.best, 0.1));
    QCOMPARE(found.levels[0].epoch, 3);
  }

  void where_there_is_no_way_it_says_why() {
    QVERIFY(!dynamics_of({}).convergence.missing.empty());
    QVERIFY(!dynamics_of(run_of({0.7})).convergence.missing.empty());
    const Convergence falling = dynamics_of(run_of({0.9, 0.8, 0.7})).convergence;
    QVERIFY(falling.levels.empty() && !falling.missing.empty());
    QCOMPARE(falling.best_epoch, 1);
    QCOMPARE(falling.epochs_since_best, 2);
    auto adversarial = run_of({0.5, 0.6});
    std::get<RunEvent>(adversarial.front()).main_figure = "";
    QVERIFY(!dynamics_of(adversarial).convergence.missing.empty());
    QCOMPARE(dynamics_of(adversarial).convergence.best_epoch, 2);
    auto unknown = run_of({std::nan(""), std::nan("")});
    QVERIFY(!dynamics_of(unknown).convergence.missing.empty());
  }

  void gaps_are_above_zero_where_held_out_samples_fare_worse() {
    std::vector<Event> events = {classifier()};
    for (int i = 1; i <= 10; ++i)
      events.emplace_back(epoch_with(i, 0.8 + 0.02 * i, i <= 4 ? 0.7 + 0.02 * i : 0.78 - 0.01 * (i - 4)));
    const RunDynamics dynamics = dynamics_of(events);
    QCOMPARE(dynamics.convergence.best_epoch, 4);
    QCOMPARE(dynamics.gaps.size(), 2U);
    const GeneralisationGap& loss = dynamics.gaps[0];
    const GeneralisationGap& accuracy = dynamics.gaps[1];
    QVERIFY(is_near(accuracy.best_gap, 0.1));
    QVERIFY(is_near(loss.best_gap, 0.1));
    QVERIFY(is_near(accuracy.last_gap, 1.0 - 0.72));
    QVERIFY(is_near(accuracy.slope, 0.03));
    QCOMPARE(accuracy.trend, std::string("grows"));
    QCOMPARE(dynamics_of(run_of({0.5, 0.6, 0.7})).gaps[1].trend, std::string());
  }

  void stability_agrees_with_numpy_and_scipy() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    nlohmann::json asked = nlohmann::json::array();
    std::vector<std::vector<Event>> runs;
    for (int length : {40, 300, 1000}) {
      std::vector<Event> events = {classifier()};
      nlohmann::json series;
      for (int i = 1; i <= length; ++i) {
        StepEvent step;
        step.step = i;
        step.epoch = i / 37.0;
        double loss = 2 * std::exp(-i / 90.0) + 0.3 + std::normal_distribution<double>(0, 0.02)(random);
        if (i % 71 == 0 || i % 71 == 1) loss += 0.8;  // two in a row are one spike
        step.figures = {{"loss", loss}};
        series["epochs"].push_back(step.epoch);
        series["values"].push_back(loss);
        events.emplace_back(step);
      }
      for (int i = 1; i <= 12; ++i) {
        const double gap = 0.002 * i * (length % 3) + std::normal_distribution<double>(0, 0.004)(random);
        events.emplace_back(epoch_with(i, 0.9, 0.9 - gap));
        if (i > 6) {
          series["gap_epochs"].push_back(i);
          series["gaps"].push_back(gap);
        }
      }
      asked.push_back(series);
      runs.push_back(std::move(events));
    }
    QTemporaryDir folder;
    QFile file(folder.filePath("series.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(asked.dump()));
    file.close();
    const QString complaint = run_python_torch("backend/report/convergence_oracle.py", {folder.path()});
    QVERIFY2(complaint.isEmpty(), qPrintable(complaint));
    QFile answer_file(folder.filePath("answers.json"));
    QVERIFY(answer_file.open(QIODevice::ReadOnly));
    const auto answers = nlohmann::json::parse(answer_file.readAll().toStdString());
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const RunDynamics dynamics = dynamics_of(runs[i]);
      QCOMPARE(dynamics.stability.size(), 1U);
      const SeriesStability& loss = dynamics.stability.front();
      QVERIFY(is_near(loss.tail_mean, answers[i]["mean"]));
      QVERIFY(std::abs(loss.tail_deviation - answers[i]["deviation"].get<double>()) < 1e-8);
      QVERIFY(std::abs(loss.tail_slope - answers[i]["slope"].get<double>()) < 1e-8);
      std::vector<double> begins;
      QCOMPARE(loss.spikes.size(), answers[i]["spikes"].size());
      for (std::size_t s = 0; s < loss.spikes.size(); ++s) {
        // The oracle names where a spike begins, we where it is highest.
        QVERIFY(std::abs(loss.spikes[s].epoch - answers[i]["spikes"][s].get<double>()) < 3 / 37.0);
      }
      QVERIFY(is_near(dynamics.gaps[1].slope, answers[i]["gap_slope"]));
      QCOMPARE(dynamics.gaps[1].trend, answers[i]["trend"].get<std::string>());
    }
  }

  void a_spike_is_one_however_long_and_noise_is_none() {
    std::vector<double> epochs;
    std::vector<double> values;
    std::mt19937 random(3);
    for (int i = 0; i < 200; ++i) {
      epochs.push_back(i);
      values.push_back(1 + std::uniform_real_distribution<double>(-0.02, 0.02)(random));
    }
    QCOMPARE(spikes_of(epochs, values).size(), 0U);
    values[100] = 2;
    values[101] = 5;
    values[102] = 3;
    const auto spikes = spikes_of(epochs, values);
    QCOMPARE(spikes.size(), 1U);
    QCOMPARE(spikes[0].value, 5.0);
    QCOMPARE(spikes[0].epoch, 101.0);
    QVERIFY(std::abs(spikes[0].typical - 1) < 0.05);
    values[150] = std::nan("");
    QCOMPARE(spikes_of(epochs, values).size(), 1U);
    // A loss that falls fast at first has no spike there.
    std::vector<double> falling;
    for (int i = 0; i < 200; ++i) falling.push_back(3 * std::exp(-i / 5.0) + 0.1);
    QCOMPARE(spikes_of(epochs, falling).size(), 0U);
  }

  void of_layers_gradients_the_whole_norm_is_followed() {
    std::vector<Event> events = {classifier()};
    for (int i = 1; i <= 9; ++i) {
      LayersEvent layers;
      layers.epoch = i / 3.0;
      layers.layers = {
          {"a", {{"gradient_norm", 3.0 * i}}}, {"relu", {{"dead", 0.5}}}, {"b", {{"gradient_norm", 4.0 * i}}}};
      events.emplace_back(layers);
    }
    events.emplace_back(LayersEvent{});
    const GradientNorms norms = gradient_norms_of(events);
    QCOMPARE(norms.values.size(), 9U);
    QCOMPARE(norms.values[1], 10.0);
    const RunDynamics dynamics = dynamics_of(events);
    QCOMPARE(dynamics.stability.size(), 1U);
    QCOMPARE(dynamics.stability[0].highest, 45.0);
  }

  void gradient_norms_are_looked_at_as_losses_are() {
    RunEvent run = classifier();
    run.figures.push_back({"gradient_norm", "Gradient norm", "Gradient norm", false, ""});
    std::vector<Event> events = {run};
    for (int i = 1; i <= 30; ++i) {
      StepEvent step;
      step.epoch = i / 10.0;
      step.figures = {{"loss", 1.0}, {"accuracy", 0.5}, {"gradient_norm", 2.0 + i % 2}};
      events.emplace_back(step);
    }
    const RunDynamics dynamics = dynamics_of(events);
    QCOMPARE(dynamics.stability.size(), 2U);
    QCOMPARE(dynamics.stability[1].figure, std::string("gradient_norm"));
    QCOMPARE(dynamics.stability[1].highest, 3.0);
  }
};

QTEST_MAIN(ConvergenceTest)
#include "test_convergence.moc"
