#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <random>
#include <set>

#include "backend/data/data_catalogue.h"
#include "tests/support/data_source.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

using Floats = std::vector<float>;
using Sizes = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;

/// A column of words, the step's number, and its square.
QByteArray counting(int steps) {
  QByteArray content = "day,step,square\n";
  for (int i = 0; i < steps; ++i) {
    content += "day " + QByteArray::number(i) + "," + QByteArray::number(i) + "," + QByteArray::number(i * i) + "\n";
  }
  return content;
}

}  // namespace

class TestSeries : public QObject {
  Q_OBJECT

 private slots:
  void windows_are_followed_by_their_targets() {
    const Dataset data = loaded(counting(20), {{"length", std::int64_t{3}}});
    QCOMPARE(data.feature_names, (Texts{"step", "square"}));
    QCOMPARE(data.target_names, (Texts{"step", "square"}));
    QCOMPARE(data.sample_shape, (Shape{3, 2}));
    QCOMPARE(data.target, TargetKind::Values);
    QCOMPARE(data.target_shape, (Shape{2}));
    QVERIFY(data.is_ordered);
    QCOMPARE(data.overlap, 3);
    // The last fifth is for testing: steps 16 to 19, which hold one window and its target.
    QCOMPARE(data.train.inputs.sizes, (Sizes{13, 3, 2}));
    QCOMPARE(data.train.targets.sizes, (Sizes{13, 2}));
    QCOMPARE(row_of<float>(data.train.inputs, 12), (Floats{12, 144, 13, 169, 14, 196}));
    QCOMPARE(row_of<float>(data.train.targets, 12), (Floats{15, 225}));
    QCOMPARE(data.test.count(), 1);
    QCOMPARE(row_of<float>(data.test.inputs, 0), (Floats{16, 256, 17, 289, 18, 324}));
    QCOMPARE(row_of<float>(data.test.targets, 0), (Floats{19, 361}));
  }

  void several_steps_may_be_predicted() {
    const Dataset data = loaded(counting(40), {{"length", std::int64_t{4}},
                                               {"horizon", std::int64_t{3}},
                                               {"stride", std::int64_t{2}},
                                               {"columns", std::string("square")},
                                               {"target", std::string("step,3")}});
    QCOMPARE(data.sample_shape, (Shape{4, 1}));
    QCOMPARE(data.target_shape, (Shape{3, 2}));
    QCOMPARE(data.train.targets.sizes, (Sizes{13, 3, 2}));
    QCOMPARE(data.overlap, 3);
    QCOMPARE(row_of<float>(data.train.inputs, 1), (Floats{4, 9, 16, 25}));
    QCOMPARE(row_of<float>(data.train.targets, 1), (Floats{6, 36, 7, 49, 8, 64}));
    QCOMPARE(data.target_names, (Texts{"step", "square"}));
  }

  void every_step_may_be_predicted() {
    const Dataset data = loaded(counting(30), {{"length", std::int64_t{4}},
                                               {"forecast", std::string("every_step")},
                                               {"horizon", std::int64_t{7}},
                                               {"target", std::string("step")}});
    QCOMPARE(data.target_shape, (Shape{4, 1}));
    QCOMPARE(row_of<float>(data.train.inputs, 2), (Floats{2, 4, 3, 9, 4, 16, 5, 25}));
    QCOMPARE(row_of<float>(data.train.targets, 2), (Floats{3, 4, 5, 6}));
    QCOMPARE(data.train.count(), 20);
  }

  void no_time_is_in_two_splits_data() {
    QTest::addColumn<bool>("every_step");
    QTest::newRow("following") << false;
    QTest::newRow("every step") << true;
  }
  void no_time_is_in_two_splits() {
    QFETCH(bool, every_step);
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 200; ++round) {
      const auto drawn = [&](int least, int most) {
        return least + static_cast<std::int64_t>(random() % static_cast<unsigned>(most - least + 1));
      };
      const Settings settings = {{"length", drawn(1, 12)},
                                 {"horizon", drawn(1, 5)},
                                 {"stride", drawn(1, 6)},
                                 {"test_fraction", 0.1 + 0.01 * static_cast<double>(drawn(0, 60))},
                                 {"forecast", std::string(every_step ? "every_step" : "following")},
                                 {"columns", std::string("step")}};
      QVERIFY(put_file(file(), counting(static_cast<int>(drawn(30, 200)))));
      Settings with_file = settings;
      with_file.set("file", file().toStdString());
      const auto data =
          load({"series", with_file, {{"validation_fraction", 0.2}, {"normalisation", std::string("none")}}});
      if (!data) {
        QVERIFY2(data.error().message.find("no window of") != std::string::npos, data.error().message.c_str());
        continue;
      }
      // The only column is the time itself.
      const auto times = [](const Split& split) {
        std::set<float> seen;
        for (std::int64_t i = 0; i < split.count(); ++i) {
          for (const float time : row_of<float>(split.inputs, split.row(i))) seen.insert(time);
          for (const float time : row_of<float>(split.targets, split.row(i))) seen.insert(time);
        }
        return seen;
      };
      const std::set<float> train = times(data->train);
      const std::set<float> test = times(data->test);
      QVERIFY(!train.empty() && !test.empty());
      QVERIFY(*train.rbegin() < *test.begin());
      if (data->validation.count() == 0) continue;
      const std::set<float> validation = times(data->validation);
      QVERIFY(*validation.rbegin() < *test.begin());
      // prepare() keeps one window at least, which may then reach into the validation split.
      if (data->train.count() > 1) QVERIFY(*train.rbegin() < *validation.begin());
    }
  }

  void missing_values_data() {
    QTest::addColumn<QString>("missing");
    QTest::addColumn<int>("windows");
    QTest::addColumn<float>("third");
    // Windows of two and their targets in 16 steps, of which the first and the third lack their values; there is none
    // before the first.
    QTest::newRow("the one before") << "previous" << 13 << 1.0F;
    QTest::newRow("left out") << "leave_out" << 11 << 4.0F;
  }
  void missing_values() {
    QFETCH(QString, missing);
    QFETCH(int, windows);
    QFETCH(float, third);
    QByteArray content = "step\nNA\n1\n?\n";
    for (int i = 3; i < 20; ++i) content += QByteArray::number(i) + "\n";
    const Dataset data = loaded(content, {{"length", std::int64_t{2}}, {"missing", missing.toStdString()}});
    QCOMPARE(data.train.count(), windows);
    // Without the step that lacks its value, the first whole window begins behind it.
    QCOMPARE(row_of<float>(data.train.inputs, 0)[1], third);
    for (std::int64_t i = 0; i < data.train.count(); ++i) {
      for (const float value : row_of<float>(data.train.inputs, i)) QVERIFY(std::isfinite(value));
      for (const float value : row_of<float>(data.train.targets, i)) QVERIFY(std::isfinite(value));
    }
  }

  void unfit_series_are_refused_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("setting");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const QByteArray& content, const char* setting, const char* value,
                        const char* reason) {
      QTest::newRow(name) << content << QString(setting) << QString(value) << QString(reason);
    };
    row("too short", counting(20), "", "",
        "of its 20 steps 16 are for training, in which no window of 33 steps without a missing value lies: shorten "
        "length or change test_fraction");
    row("too short to test", counting(60), "", "", "of its 60 steps 12 are for testing");
    row("words", counting(100), "columns", "day", "column 1 (day) isn't numeric (line 2: \"day 0\")");
    row("words as target", counting(100), "target", "1", "column 1 (day) isn't numeric");
    row("no such column", counting(100), "columns", "hour", "columns: there is no column hour among day, step, square");
    row("only words", "a,b\nx,y\nz,w\n", "", "", "no column holds only numbers");
    row("missing", counting(99) + "end,,7\n", "missing", "refuse",
        "column 2 (step) lacks a value on line 101; set missing to previous or leave_out");
    row("broken", counting(99) + "end,7\n", "", "", "line 101: 2 fields");
    row("empty", "", "", "", "the file is empty");
  }
  void unfit_series_are_refused() {
    QFETCH(QByteArray, content);
    QFETCH(QString, setting);
    QFETCH(QString, value);
    QFETCH(QString, reason);
    QVERIFY(put_file(file(), content));
    Settings settings = {{"file", file().toStdString()}};
    if (!setting.isEmpty()) settings.set(setting.toStdString(), value.toStdString());
    const auto data = load({"series", settings});
    QVERIFY(!data);
    QVERIFY2(QString::fromStdString(data.error().message).contains(reason), data.error().message.c_str());
    QVERIFY(!describe({"series", settings}));
  }

  void windows_that_take_too_much_are_refused() {
    const auto data =
        load({"waves",
              {{"steps", std::int64_t{1'000'000}}, {"channels", std::int64_t{16}}, {"length", std::int64_t{10'000}}}});
    QVERIFY(!data);
    QVERIFY2(data.error().message.find("raise stride") != std::string::npos, data.error().message.c_str());
  }

  void features_are_normalised_one_by_one() {
    QVERIFY(put_file(file(), counting(100)));
    const auto data = load({"series", {{"file", file().toStdString()}, {"length", std::int64_t{5}}}});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(data->normalisation.axis, 1);
    QCOMPARE(data->normalisation.mean.size(), std::size_t{2});
    QCOMPARE(data->target_normalisation.mean.size(), std::size_t{2});
  }

 private:
  QString file() const { return folder_.filePath("series.csv"); }
  Dataset loaded(const QByteArray& content, Settings settings) {
    put_file(file(), content);
    settings.set("file", file().toStdString());
    return load_as_described("series", settings);
  }
  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestSeries)
#include "test_series.moc"
