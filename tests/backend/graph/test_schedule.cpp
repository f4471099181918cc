#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "backend/graph/schedule.h"
#include "tests/support/python_oracle.h"

using namespace netwright;

namespace {

constexpr StepPlan plan = {.steps_per_epoch = 7, .epochs = 24};

/// A schedule here and what it is in PyTorch, where a cosine's and a cycle's arguments count steps.
struct Case {
  std::string name;
  Choice here;
  std::string torch_class;
  nlohmann::json arguments = nlohmann::json::object();
  std::string every = "step";  ///< step, epoch, or loss: epoch, told the loss
  std::int64_t warmup_steps = 0;
  double rate = 0.05;
  std::vector<double> losses = {};
};

/// Falls for a while, stands still, falls a little, rises, falls, and stands still to the end.
std::vector<double> losses() {
  return {2.0,  1.5,    1.2,    1.2,  1.2, 1.2,  1.19999, 1.19998, 1.1999, 1.1, 1.3, 1.4,
          1.35, 1.0999, 1.0998, 1.09, 0.8, 0.79, 0.80,    0.79,    0.79,   0.9, 0.9, 0.9};
}

std::vector<Case> cases() {
  const std::int64_t epoch = plan.steps_per_epoch;
  const std::int64_t run = plan.steps();
  std::vector<Case> all = {
      {"constant", {"Constant"}, ""},
      {"step", {"Step", {{"step_size", std::int64_t{5}}}}, "StepLR", {{"step_size", 5}}, "epoch"},
      {"step-gamma",
       {"Step", {{"step_size", std::int64_t{1}}, {"gamma", 0.7}}},
       "StepLR",
       {{"step_size", 1}, {"gamma", 0.7}},
       "epoch"},
      {"milestones",
       {"MultiStep", {{"milestones", Integers{3, 10, 23}}}},
       "MultiStepLR",
       {{"milestones", {3, 10, 23}}},
       "epoch"},
      {"milestones-unsorted",
       {"MultiStep", {{"milestones", Integers{12, 4, 4, 90}}, {"gamma", 0.5}}},
       "MultiStepLR",
       {{"milestones", {12, 4, 4, 90}}, {"gamma", 0.5}},
       "epoch"},
      {"exponential", {"Exponential", {{"gamma", 0.9}}}, "ExponentialLR", {{"gamma", 0.9}}, "epoch"},
      {"exponential-rising", {"Exponential", {{"gamma", 1.1}}}, "ExponentialLR", {{"gamma", 1.1}}, "epoch"},
      {"cosine-run", {"CosineAnnealing"}, "CosineAnnealingLR", {{"T_max", run}}},
      {"cosine-least",
       {"CosineAnnealing", {{"eta_min", 0.004}}},
       "CosineAnnealingLR",
       {{"T_max", run}, {"eta_min", 0.004}}},
      {"cosine-short",
       {"CosineAnnealing", {{"T_max", std::int64_t{5}}, {"eta_min", 0.001}}},
       "CosineAnnealingLR",
       {{"T_max", 5 * epoch}, {"eta_min", 0.001}}},
      {"cosine-from-below",
       {"CosineAnnealing", {{"eta_min", 0.2}}},
       "CosineAnnealingLR",
       {{"T_max", run}, {"eta_min", 0.2}}},
      {"restarts",
       {"CosineAnnealingWarmRestarts", {{"T_0", std::int64_t{5}}}},
       "CosineAnnealingWarmRestarts",
       {{"T_0", 5 * epoch}}},
      {"restarts-doubling",
       {"CosineAnnealingWarmRestarts", {{"T_0", std::int64_t{3}}, {"T_mult", std::int64_t{2}}, {"eta_min", 0.002}}},
       "CosineAnnealingWarmRestarts",
       {{"T_0", 3 * epoch}, {"T_mult", 2}, {"eta_min", 0.002}}},
      {"cycle", {"OneCycle"}, "OneCycleLR"},
      {"cycle-linear",
       {"OneCycle", {{"anneal_strategy", std::string("linear")}, {"pct_start", 0.45}}},
       "OneCycleLR",
       {{"anneal_strategy", "linear"}, {"pct_start", 0.45}}},
      {"cycle-factors",
       {"OneCycle", {{"div_factor", 4.0}, {"final_div_factor", 10.0}}},
       "OneCycleLR",
       {{"div_factor", 4.0}, {"final_div_factor", 10.0}}},
      {"cycle-three",
       {"OneCycle", {{"three_phase", true}, {"pct_start", 0.4}}},
       "OneCycleLR",
       {{"three_phase", true}, {"pct_start", 0.4}}},
      {"cycle-three-linear",
       {"OneCycle", {{"three_phase", true}, {"anneal_strategy", std::string("linear")}}},
       "OneCycleLR",
       {{"three_phase", true}, {"anneal_strategy", "linear"}}},
      {"cycle-at-once", {"OneCycle", {{"pct_start", 0.0}}}, "OneCycleLR", {{"pct_start", 0.0}}},
      {"cycle-rising", {"OneCycle", {{"pct_start", 1.0}}}, "OneCycleLR", {{"pct_start", 1.0}}},
      {"plateau", {"ReduceOnPlateau", {{"patience", std::int64_t{2}}}}, "ReduceLROnPlateau", {{"patience", 2}}, "loss"},
      {"plateau-default", {"ReduceOnPlateau"}, "ReduceLROnPlateau", {}, "loss"},
      {"plateau-at-once",
       {"ReduceOnPlateau", {{"patience", std::int64_t{0}}, {"factor", 0.5}}},
       "ReduceLROnPlateau",
       {{"patience", 0}, {"factor", 0.5}},
       "loss"},
      {"plateau-cooldown",
       {"ReduceOnPlateau",
        {{"patience", std::int64_t{1}}, {"factor", 0.3}, {"cooldown", std::int64_t{3}}, {"min_lr", 0.002}}},
       "ReduceLROnPlateau",
       {{"patience", 1}, {"factor", 0.3}, {"cooldown", 3}, {"min_lr", 0.002}},
       "loss"},
      {"plateau-threshold",
       {"ReduceOnPlateau", {{"patience", std::int64_t{1}}, {"factor", 0.8}, {"threshold", 0.05}}},
       "ReduceLROnPlateau",
       {{"patience", 1}, {"factor", 0.8}, {"threshold", 0.05}},
       "loss"},
      {"plateau-absolute",
       {"ReduceOnPlateau",
        {{"patience", std::int64_t{1}}, {"factor", 0.8}, {"threshold", 0.2}, {"threshold_mode", std::string("abs")}}},
       "ReduceLROnPlateau",
       {{"patience", 1}, {"factor", 0.8}, {"threshold", 0.2}, {"threshold_mode", "abs"}},
       "loss"},
      {"plateau-eps",
       {"ReduceOnPlateau", {{"patience", std::int64_t{0}}, {"factor", 0.5}, {"eps", 0.01}}},
       "ReduceLROnPlateau",
       {{"patience", 0}, {"factor", 0.5}, {"eps", 0.01}},
       "loss"},
  };
  for (Case& c : all) {
    if (c.torch_class == "OneCycleLR") {
      c.arguments.update({{"max_lr", c.rate}, {"total_steps", run}, {"cycle_momentum", false}});
    }
    if (c.every == "loss") c.losses = losses();
  }
  // All of them again with a warm-up, one of part of an epoch and one of several epochs.
  const std::size_t count = all.size();
  for (std::size_t i = 0; i < count; ++i) {
    Case warm = all[i];
    warm.name += "-warm";
    warm.warmup_steps = i % 2 == 0 ? 3 * epoch : 5;
    warm.here.settings.set("warmup_epochs", i % 2 == 0 ? 3.0 : 5.0 / static_cast<double>(epoch));
    all.push_back(warm);
  }
  return all;
}

std::vector<double> read_doubles(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return {};
  const QByteArray bytes = file.readAll();
  std::vector<double> numbers(static_cast<std::size_t>(bytes.size()) / sizeof(double));
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(double));
  return numbers;
}

Schedule made(const Choice& choice, double rate = 0.05, const StepPlan& steps = plan) {
  auto schedule = Schedule::create(choice, steps, rate);
  if (!schedule) throw std::runtime_error(schedule.error().message);
  return *schedule;
}

}  // namespace

class TestSchedule : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(folder_.isValid());
    nlohmann::json content = {{"steps_per_epoch", plan.steps_per_epoch}, {"epochs", plan.epochs}};
    for (const Case& c : cases()) {
      content["cases"].push_back({{"name", c.name},
                                  {"class", c.torch_class},
                                  {"arguments", c.arguments.is_null() ? nlohmann::json::object() : c.arguments},
                                  {"every", c.every},
                                  {"warmup_steps", c.warmup_steps},
                                  {"rate", c.rate},
                                  {"losses", c.losses}});
    }
    QFile file(folder_.filePath("cases.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(content.dump()));
    file.close();
    const QString complaint = run_python_torch("backend/graph/schedule_oracle.py", {folder_.path()});
    QVERIFY2(complaint.isEmpty(), qPrintable(complaint));
  }

  void matches_torch_lr_scheduler_data() {
    QTest::addColumn<int>("index");
    const auto all = cases();
    for (std::size_t i = 0; i < all.size(); ++i) QTest::addRow("%s", all[i].name.c_str()) << static_cast<int>(i);
  }
  void matches_torch_lr_scheduler() {
    QFETCH(int, index);
    const Case c = cases()[static_cast<std::size_t>(index)];
    const std::vector<double> expected = read_doubles(folder_.filePath(QString::fromStdString(c.name)));
    QCOMPARE(expected.size(), static_cast<std::size_t>(plan.steps()));
    Schedule schedule = made(c.here, c.rate);
    for (std::int64_t step = 0; step < plan.steps(); ++step) {
      const double found = c.rate * schedule.factor(step);
      const double wanted = expected[static_cast<std::size_t>(step)];
      // PyTorch's rates are the rounded sums and products of all steps so far.
      QVERIFY2(std::abs(found - wanted) <= 1e-12 * c.rate,
               qPrintable(QString("step %1: %2, not %3").arg(step).arg(found, 0, 'g', 17).arg(wanted, 0, 'g', 17)));
      if ((step + 1) % plan.steps_per_epoch != 0) continue;
      const auto epoch = static_cast<std::size_t>(step / plan.steps_per_epoch);
      schedule.epoch_done(c.losses.empty() ? 1.0 : c.losses[epoch]);
    }
  }

  void every_schedule_is_compared() {
    for (const ScheduleSpec& spec : schedule_specs()) {
      const auto all = cases();
      QVERIFY2(std::ranges::any_of(all, [&](const Case& c) { return c.here.type == spec.type; }), spec.type.c_str());
      QVERIFY(find_spec(spec.settings, "warmup_epochs"));
      QVERIFY(!spec.summary.empty());
    }
  }

  void a_plateau_goes_on_where_it_was() {
    const Choice choice = {"ReduceOnPlateau", {{"patience", std::int64_t{1}}, {"cooldown", std::int64_t{2}}}};
    for (std::size_t stop = 0; stop < losses().size(); ++stop) {
      Schedule straight = made(choice);
      Schedule first = made(choice);
      for (std::size_t epoch = 0; epoch < stop; ++epoch) {
        straight.epoch_done(losses()[epoch]);
        first.epoch_done(losses()[epoch]);
      }
      Schedule resumed = made(choice);
      resumed.load_state(first.state());
      for (std::size_t epoch = stop; epoch < losses().size(); ++epoch) {
        straight.epoch_done(losses()[epoch]);
        resumed.epoch_done(losses()[epoch]);
        QCOMPARE(resumed.factor(0), straight.factor(0));
      }
      QCOMPARE(resumed.state(), straight.state());
    }
  }

  void a_loss_that_is_no_number_is_no_progress() {
    Schedule schedule = made({"ReduceOnPlateau", {{"patience", std::int64_t{0}}}});
    schedule.epoch_done(1.0);
    QCOMPARE(schedule.factor(0), 1.0);
    schedule.epoch_done(std::numeric_limits<double>::quiet_NaN());
    QCOMPARE(schedule.factor(0), 0.1);
    schedule.epoch_done(std::numeric_limits<double>::infinity());
    QVERIFY(std::abs(schedule.factor(0) - 0.01) < 1e-15);
  }

  void others_do_not_listen() {
    for (const ScheduleSpec& spec : schedule_specs()) {
      if (spec.type == "ReduceOnPlateau") continue;
      Schedule schedule = made({spec.type});
      const double before = schedule.factor(40);
      for (int epoch = 0; epoch < 30; ++epoch) schedule.epoch_done(1.0 + epoch);
      QCOMPARE(schedule.factor(40), before);
    }
  }

  void no_run_is_too_short_or_too_long() {
    for (const ScheduleSpec& spec : schedule_specs()) {
      for (const StepPlan& steps : {StepPlan{1, 1}, StepPlan{0, 0}, StepPlan{10, 1}, StepPlan{1, 10}, StepPlan{3, 7}}) {
        for (const double pct_start : {0.0, 0.1, 0.3, 0.5}) {
          for (const bool three_phase : {false, true}) {
            Choice choice{spec.type};
            if (spec.type == "OneCycle") choice.settings = {{"pct_start", pct_start}, {"three_phase", three_phase}};
            const Schedule schedule = made(choice, 0.1, steps);
            for (const std::int64_t step : {0, 1, 2, 9, 10, 11, 1000, 123456789}) {
              const double factor = schedule.factor(step);
              QVERIFY2(factor >= 0 && factor <= 1, qPrintable(QString("%1, step %2 of %3×%4: %5")
                                                                  .arg(spec.type.c_str())
                                                                  .arg(step)
                                                                  .arg(steps.steps_per_epoch)
                                                                  .arg(steps.epochs)
                                                                  .arg(factor)));
            }
          }
        }
      }
      // Nothing is divided by a rate of 0.
      QVERIFY(std::isfinite(made({spec.type}, 0).factor(3)));
    }
  }

  void a_longer_run_stays_at_the_lowest_rate() {
    const Schedule schedule = made({"CosineAnnealing", {{"eta_min", 0.005}}});
    for (const std::int64_t step : {plan.steps(), plan.steps() + 1, 3 * plan.steps()}) {
      QVERIFY(std::abs(schedule.factor(step) - 0.1) < 1e-15);
    }
  }

  void refuses_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("setting");
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("expected");
    QTest::newRow("unknown") << "Stepp"
                             << "gamma" << 0.1 << "“Stepp”";
    QTest::newRow("step of 0") << "Step"
                               << "step_size" << 0.0 << "step_size";
    QTest::newRow("negative gamma") << "Exponential"
                                    << "gamma" << -0.1 << "gamma";
    QTest::newRow("not a number") << "Exponential"
                                  << "gamma" << std::nan("") << "gamma";
    QTest::newRow("no milestone") << "MultiStep"
                                  << "milestones" << -1.0 << "milestones";
    QTest::newRow("factor of 1") << "ReduceOnPlateau"
                                 << "factor" << 1.0 << "factor must be below 1";
    QTest::newRow("three long phases") << "OneCycle"
                                       << "pct_start" << 0.6 << "at most 0.5";
    QTest::newRow("negative warm-up") << "Constant"
                                      << "warmup_epochs" << -1.0 << "warmup_epochs";
  }
  void refuses() {
    QFETCH(QString, type);
    QFETCH(QString, setting);
    QFETCH(double, value);
    QFETCH(QString, expected);
    Choice choice{type.toStdString()};
    choice.settings.set(setting.toStdString(), value);
    if (setting == "step_size") choice.settings.set("step_size", static_cast<std::int64_t>(value));
    if (setting == "milestones") choice.settings.set("milestones", Integers{3, static_cast<std::int64_t>(value)});
    if (type == "OneCycle") choice.settings.set("three_phase", true);
    const auto schedule = Schedule::create(choice, plan, 0.1);
    QVERIFY(!schedule);
    QVERIFY2(schedule.error().message.find(expected.toStdString()) != std::string::npos,
             schedule.error().message.c_str());
    QVERIFY(learning_rate_curve(choice, plan, 0.1, 10).empty());
  }

  void curve_covers_the_run() {
    const Choice choice = {"OneCycle", {{"div_factor", 10.0}, {"final_div_factor", 100.0}}};
    const std::vector<double> curve = learning_rate_curve(choice, plan, 0.2, 50);
    QCOMPARE(curve.size(), std::size_t{50});
    QVERIFY(std::abs(curve.front() - 0.02) < 1e-12);
    QVERIFY(std::abs(curve.back() - 0.0002) < 1e-12);
    QVERIFY(std::abs(*std::ranges::max_element(curve) - 0.2) < 0.002);
    const Schedule schedule = made(choice, 0.2);
    const std::vector<double> all = learning_rate_curve(choice, plan, 0.2, static_cast<int>(plan.steps()));
    for (std::int64_t step = 0; step < plan.steps(); ++step) {
      QCOMPARE(all[static_cast<std::size_t>(step)], 0.2 * schedule.factor(step));
    }
    QCOMPARE(learning_rate_curve(choice, plan, 0.2, 1).size(), std::size_t{1});
    QVERIFY(learning_rate_curve(choice, plan, 0.2, 0).empty());
    // As if no plateau came.
    for (const double rate : learning_rate_curve({"ReduceOnPlateau"}, plan, 0.2, 20)) QCOMPARE(rate, 0.2);
  }

 private:
  QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestSchedule)
#include "test_schedule.moc"
