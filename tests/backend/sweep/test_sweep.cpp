// Axes, ranges and draws, their words and their JSON.

#include <QTest>
#include <cmath>
#include <set>

#include "backend/graph/project_json.h"
#include "backend/sweep/sweep.h"
#include "backend/sweep/sweep_json.h"
#include "backend/sweep/sweep_proposal.h"
#include "backend/sweep/sweep_text.h"
#include "backend/sweep/variable_setting.h"

using namespace netwright;

namespace {

Project template_of(const char* name) {
  return *read_project(std::string(NETWRIGHT_SOURCE "/resources/templates/") + name + ".netwright");
}

/// Ends the test where the text isn't an axis.
SweepAxis axis(const Project& project, const char* text) {
  const auto read = axis_from_text(project, text);
  if (!read) qFatal("%s: %s", text, read.error().message.c_str());
  return *read;
}

QString words(const std::string& text) {
  return QString::fromStdString(text);
}

QString why_not(const Project& project, const Sweep& sweep) {
  const auto whole = checked(project, sweep);
  return whole ? QString() : words(whole.error().message);
}

}  // namespace

class TestSweep : public QObject {
  Q_OBJECT

 private slots:
  void texts_are_axes_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("setting");
    QTest::addColumn<QString>("values");
    QTest::newRow("a rate") << "optimiser.lr=0.1,0.01"
                            << "optimiser.lr"
                            << "0.1, 0.01";
    QTest::newRow("by its other name") << "recipe.learning_rate=0.1"
                                       << "optimiser.lr"
                                       << "0.1";
    QTest::newRow("whole numbers") << "conv1.out_channels=8, 16,32"
                                   << "conv1.out_channels"
                                   << "8, 16, 32";
    QTest::newRow("with the network") << "classifier.conv1.out_channels=8"
                                      << "conv1.out_channels"
                                      << "8";
    QTest::newRow("lists") << "conv1.kernel_size=3,5x7"
                           << "conv1.kernel_size"
                           << "3, 5×7";
    QTest::newRow("a list's word") << "conv1.padding=same,1"
                                   << "conv1.padding"
                                   << "same, 1";
    QTest::newRow("reals in lists") << "optimiser.betas=0.9x0.99"
                                    << "optimiser.betas"
                                    << "0.9×0.99";
    QTest::newRow("choices") << "task.loss=cross_entropy,focal"
                             << "task.loss"
                             << "cross_entropy, focal";
    QTest::newRow("optimisers") << "optimiser.type=SGD,Adam"
                                << "optimiser.type"
                                << "SGD, Adam";
    QTest::newRow("flags") << "conv1.bias=yes,no"
                           << "conv1.bias"
                           << "true, false";
    QTest::newRow("whole reals") << "optimiser.weight_decay=0,1"
                                 << "optimiser.weight_decay"
                                 << "0, 1";
    QTest::newRow("preparation") << "preparation.validation_fraction=0.1"
                                 << "preparation.validation_fraction"
                                 << "0.1";
  }
  void texts_are_axes() {
    QFETCH(QString, text);
    const SweepAxis read = axis(template_of("lenet5"), text.toUtf8().constData());
    QTEST(words(read.setting), "setting");
    QTEST(words(values_text(read.values)), "values");
    QVERIFY(!read.range);
    // What is written is read as the same values.
    const Project project = template_of("lenet5");
    const auto setting = find_variable(project, read.setting);
    QVERIFY(setting);
    QCOMPARE(*values_from_text(setting->spec, values_text(read.values)), read.values);
  }

  void ranges_are_read() {
    const Project project = template_of("lenet5");
    const SweepAxis rate = axis(project, "optimiser.lr=1e-4..0.1:log:4");
    QVERIFY(rate.range);
    QCOMPARE(rate.range->low, 1e-4);
    QCOMPARE(rate.range->high, 0.1);
    QCOMPARE(rate.range->count, 4);
    QVERIFY(rate.range->is_log);
    const SweepAxis channels = axis(project, "conv1.out_channels=8..64");
    QCOMPARE(channels.range->count, 3);
    QVERIFY(!channels.range->is_log);
  }

  void what_is_no_axis_is_said_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("message");
    QTest::newRow("no values") << "optimiser.lr"
                               << "isn't of the form setting=values";
    QTest::newRow("no owner") << "lr=0.1"
                              << "doesn't say whose setting it is";
    QTest::newRow("no layer") << "conv9.bias=yes"
                              << "There is no layer conv9";
    QTest::newRow("no setting") << "conv1.units=3"
                                << "conv1 (Conv2d) has no setting units. There are: out_channels";
    QTest::newRow("not of this optimiser") << "optimiser.momentum=0.9"
                                           << "Optimiser (Adam) has no setting momentum";
    QTest::newRow("no number") << "optimiser.lr=fast"
                               << "optimiser.lr: lr must be a number, not “fast”";
    QTest::newRow("no whole number") << "recipe.batch_size=1.5"
                                     << "batch_size must be a whole number";
    QTest::newRow("below the least") << "recipe.batch_size=0"
                                     << "batch_size must be from 1 to";
    QTest::newRow("no choice") << "optimiser.type=Adan"
                               << "type must be one of SGD, Adam";
    QTest::newRow("no scale") << "optimiser.lr=0.1..1:logarithmic"
                              << "isn't log, linear or a count";
    QTest::newRow("no range") << "optimiser.lr=low..high"
                              << "isn't a range such as";
  }
  void what_is_no_axis_is_said() {
    QFETCH(QString, text);
    QFETCH(QString, message);
    const auto read = axis_from_text(template_of("lenet5"), text.toStdString());
    QVERIFY(!read);
    QVERIFY2(words(read.error().message).contains(message), read.error().message.c_str());
  }

  void sweeps_that_cannot_be_are_refused() {
    const Project project = template_of("lenet5");
    QVERIFY(why_not(project, {}).contains("at least one setting"));
    Sweep twice{.axes = {axis(project, "optimiser.lr=0.1"), axis(project, "learning_rate=0.2")}};
    QCOMPARE(why_not(project, twice), QString("optimiser.lr is varied twice."));
    Sweep empty{.axes = {{"optimiser.lr"}}};
    QVERIFY(why_not(project, empty).contains("no values to try"));
    Sweep same{.axes = {{"recipe.epochs", {std::int64_t{3}, std::int64_t{3}}}}};
    QVERIFY(why_not(project, same).contains("3 stands there twice"));
    const auto ranged = [](const char* setting, SweepRange range) { return Sweep{.axes = {{setting, {}, range}}}; };
    QVERIFY(why_not(project, ranged("optimiser.lr", {0.1, 0.1})).contains("must go upwards"));
    QVERIFY(why_not(project, ranged("optimiser.lr", {0, 0.1, 3, true})).contains("must begin above 0"));
    QVERIFY(why_not(project, ranged("optimiser.lr", {0.1, 0.2, 1})).contains("from 2 to 10,000"));
    QVERIFY(why_not(project, ranged("optimiser.lr", {-1, 0.2, 3})).contains("lr must be from 0 to 1000"));
    QVERIFY(why_not(project, ranged("task.loss", {1, 2})).contains("only numbers have a range"));
    QVERIFY(why_not(project, ranged("recipe.seed", {0, 20000, 10000})).isEmpty());
    Sweep large = ranged("recipe.seed", {0, 20000, 200});
    large.axes.push_back({"recipe.batch_size", {}, SweepRange{1, 10000, 60}});
    QVERIFY(why_not(project, large).contains("These are 12,000 runs"));
    QVERIFY(why_not(project, {.axes = twice.axes, .method = SweepMethod::Random, .count = 0}).contains("twice"));
    twice.axes.pop_back();
    twice.method = SweepMethod::Random;
    twice.count = 0;
    QVERIFY(why_not(project, twice).contains("at least one run"));
  }

  void a_grid_is_every_combination_once() {
    const Project project = template_of("lenet5");
    const Sweep sweep = *checked(
        project, {.axes = {axis(project, "optimiser.lr=0.1,0.01"), axis(project, "conv1.out_channels=4..16:log:3"),
                           axis(project, "task.loss=cross_entropy,focal")}});
    const auto all = combinations(project, sweep);
    QCOMPARE(all.size(), std::size_t{12});
    QCOMPARE(std::set<std::vector<Value>>(all.begin(), all.end()).size(), std::size_t{12});
    // The last changes fastest.
    QCOMPARE(words(values_title(sweep, all[0])), QString("lr 0.1, out_channels 4, loss cross_entropy"));
    QCOMPARE(words(values_title(sweep, all[1])), QString("lr 0.1, out_channels 4, loss focal"));
    QCOMPARE(words(values_title(sweep, all[2])), QString("lr 0.1, out_channels 8, loss cross_entropy"));
    QCOMPARE(words(values_title(sweep, all[11])), QString("lr 0.01, out_channels 16, loss focal"));
  }

  void ranges_have_their_ends_and_even_distances() {
    const Project project = template_of("lenet5");
    const SettingSpec rate = find_variable(project, "optimiser.lr")->spec;
    const SettingSpec batch = find_variable(project, "recipe.batch_size")->spec;
    const auto values = [](const SettingSpec& spec, SweepRange range) { return grid_values({"", {}, range}, spec); };
    const auto rates = values(rate, {1e-4, 0.1, 4, true});
    QCOMPARE(rates.size(), std::size_t{4});
    QCOMPARE(std::get<double>(rates.front()), 1e-4);
    QCOMPARE(std::get<double>(rates.back()), 0.1);
    QVERIFY(std::abs(std::get<double>(rates[1]) / 1e-3 - 1) < 1e-12);
    const auto linear = values(rate, {0, 1, 5});
    QCOMPARE(std::get<double>(linear[1]), 0.25);
    // Whole numbers, once each.
    QCOMPARE(words(values_text(values(batch, {8, 64, 4, true}))), QString("8, 16, 32, 64"));
    QCOMPARE(words(values_text(values(batch, {1, 3, 9}))), QString("1, 2, 3"));
  }

  void draws_repeat_by_seed_and_stay_within() {
    const Project project = template_of("lenet5");
    Sweep sweep{.axes = {axis(project, "optimiser.lr=1e-4..0.1:log"), axis(project, "recipe.batch_size=8..12"),
                         axis(project, "conv1.bias=yes,no")},
                .method = SweepMethod::Random,
                .count = 400,
                .seed = 7};
    const auto all = combinations(project, sweep);
    QCOMPARE(all.size(), std::size_t{400});
    QVERIFY(combinations(project, sweep) == all);
    sweep.count = 10;
    const auto few = combinations(project, sweep);
    QVERIFY(std::equal(few.begin(), few.end(), all.begin()));
    sweep.seed = 8;
    QVERIFY(combinations(project, sweep) != few);

    int low_decade = 0;
    std::map<std::int64_t, int> batches;
    for (const std::vector<Value>& values : all) {
      const double rate = std::get<double>(values[0]);
      QVERIFY(rate >= 1e-4 && rate <= 0.1);
      low_decade += rate < 1e-3 ? 1 : 0;
      ++batches[std::get<std::int64_t>(values[1])];
    }
    // A third of the draws in each decade; each whole number a fifth, the ends too (five deviations wide).
    QVERIFY2(low_decade > 86 && low_decade < 181, qPrintable(QString::number(low_decade)));
    QCOMPARE(batches.size(), std::size_t{5});
    for (const auto& [batch, count] : batches) {
      QVERIFY2(batch >= 8 && batch <= 12 && count > 40 && count < 120, qPrintable(QString::number(count)));
    }
  }

  void draws_end_where_there_are_no_more() {
    const Project project = template_of("lenet5");
    const Sweep sweep{.axes = {axis(project, "recipe.batch_size=8,16,32"), axis(project, "conv1.bias=yes,no")},
                      .method = SweepMethod::Random,
                      .count = 50};
    QCOMPARE(combinations(project, sweep).size(), std::size_t{6});
  }

  void json_keeps_all() {
    const Project project = template_of("lenet5");
    Sweep sweep{.id = "2026-11-26T18-00-00Z-sweep",
                .axes = {axis(project, "optimiser.lr=0.1,1"), axis(project, "recipe.batch_size=8..64:log:4"),
                         axis(project, "optimiser.betas=0.9x0.99,1e-3x0.5"), axis(project, "conv1.kernel_size=3,5x7"),
                         axis(project, "conv1.bias=yes,no"), axis(project, "task.loss=focal")}};
    const auto grid = sweep_from_json(to_json(sweep), "a.json");
    QVERIFY2(grid, grid ? "" : grid.error().message.c_str());
    QVERIFY(*grid == sweep);
    sweep.method = SweepMethod::Random;
    sweep.count = 33;
    sweep.seed = 99;
    const auto random = sweep_from_json(to_json(sweep), "a.json");
    QVERIFY(random && *random == sweep);
    QVERIFY(try_the_same(*random, sweep) && !try_the_same(*grid, sweep));
    const auto broken = sweep_from_json("{\"format\":\"netwright-sweep\",\"version\":1,\"id\":3}", "a.json");
    QVERIFY(!broken && words(broken.error().message).contains("a.json: id must be text"));
  }

  void proposals_are_allowed_and_hold_the_present_value() {
    for (const char* name : {"lenet5", "two_spirals_mlp", "wgan_gp", "waves_forecast", "transformer_words"}) {
      const Project project = template_of(name);
      const auto all = variable_settings(project);
      QVERIFY(all.size() > 40);
      std::set<std::string> paths;
      for (const VariableSetting& setting : all) {
        QVERIFY2(paths.insert(setting.path).second, setting.path.c_str());
        const auto found = find_variable(project, setting.path);
        QVERIFY2(found && found->value == setting.value && found->path == setting.path, setting.path.c_str());
        const SweepAxis proposed = proposed_axis(setting);
        QVERIFY2(why_not(project, {.axes = {proposed}}).isEmpty(), setting.path.c_str());
        QVERIFY2(std::find(proposed.values.begin(), proposed.values.end(), setting.value) != proposed.values.end(),
                 setting.path.c_str());
        if (setting.spec.kind != SettingKind::Integer && setting.spec.kind != SettingKind::Real) continue;
        const Sweep ranged{.axes = {{setting.path, {}, proposed_range(setting)}}};
        QVERIFY2(why_not(project, ranged).isEmpty(), qPrintable(words(setting.path) + why_not(project, ranged)));
      }
    }
    const Project project = template_of("two_spirals_mlp");
    const auto proposed = [&](const char* path) {
      return words(values_text(proposed_axis(*find_variable(project, path)).values));
    };
    QCOMPARE(proposed("optimiser.lr"), QString("0.0032, 0.01, 0.032"));
    QCOMPARE(proposed("recipe.batch_size"), QString("32, 64, 128"));
    QCOMPARE(proposed("recipe.seed"), QString("1, 2, 3"));
    QCOMPARE(proposed("optimiser.weight_decay"), QString("0, 0.0001, 0.001"));
    QCOMPARE(proposed("optimiser.amsgrad"), QString("false, true"));
  }
};

QTEST_GUILESS_MAIN(TestSweep)
#include "test_sweep.moc"
