#include <QTest>
#include <cmath>
#include <limits>
#include <random>

#include "designer/training/axis_scale.h"
#include "designer/training/series_decimation.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

unsigned seed() {
  static const unsigned value = test_seed();
  return value;
}

struct Flat {
  std::vector<double> x;
  std::vector<double> y;
  std::vector<std::size_t> segment;
};

Flat flat(const Decimated& decimated) {
  Flat out;
  for (std::size_t s = 0; s < decimated.segments.size(); ++s) {
    for (std::size_t i = 0; i < decimated.segments[s].size(); ++i) {
      out.x.push_back(decimated.segments[s].x[i]);
      out.y.push_back(decimated.segments[s].y[i]);
      out.segment.push_back(s);
    }
  }
  return out;
}

int column_of(double x, Range visible, int columns) {
  return std::min(columns - 1, static_cast<int>((x - visible.low) / (visible.width() / columns)));
}

bool has_gap_between(const Curve& curve, double from, double to) {
  for (std::size_t i = 0; i < curve.size(); ++i) {
    if (curve.x[i] >= from && curve.x[i] <= to && !std::isfinite(curve.y[i])) return true;
  }
  return false;
}

}  // namespace

class TestSeriesDecimation : public QObject {
  Q_OBJECT

 private slots:
  void keeps_every_peak_data();
  void keeps_every_peak();
  void breaks_lines_only_at_gaps();
  void runs_on_to_the_edges();
  void survives_odd_input();
  void smooths_without_bias();
  void ticks_are_round_data();
  void ticks_are_round();
  void log_ticks_are_in_range();
  void ranges_ignore_what_is_not_finite();
  void figures_data();
  void figures();
};

void TestSeriesDecimation::keeps_every_peak_data() {
  QTest::addColumn<int>("points");
  QTest::addColumn<int>("columns");
  QTest::addColumn<double>("gap_share");
  QTest::addRow("many points a column") << 50000 << 300 << 0.0;
  QTest::addRow("few points a column") << 700 << 300 << 0.0;
  QTest::addRow("fewer points than columns") << 40 << 300 << 0.0;
  QTest::addRow("one column") << 1000 << 1 << 0.0;
  QTest::addRow("with gaps") << 20000 << 200 << 0.01;
  QTest::addRow("mostly gaps") << 5000 << 200 << 0.7;
}

void TestSeriesDecimation::keeps_every_peak() {
  QFETCH(int, points);
  QFETCH(int, columns);
  QFETCH(double, gap_share);
  qInfo("seed %u", seed());
  std::mt19937 random(seed());
  std::uniform_real_distribution<double> share(0, 1);
  std::normal_distribution<double> noise;
  Curve curve;
  double x = 0;
  for (int i = 0; i < points; ++i) {
    const double spike = share(random) < 0.01 ? 50 * noise(random) : 0;
    curve.add(x, share(random) < gap_share ? (i % 2 ? not_a_number : infinity) : noise(random) + spike);
    if (share(random) > 0.1) x += share(random);  // several points may share an x
  }
  const Range visible{x * 0.2, x * 0.9};
  const Decimated decimated = decimate(curve, visible, columns);
  const Flat shown = flat(decimated);

  std::vector<double> least(static_cast<std::size_t>(columns), infinity);
  std::vector<double> greatest(static_cast<std::size_t>(columns), -infinity);
  std::vector<double> shown_least = least;
  std::vector<double> shown_greatest = greatest;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    if (!visible.contains(curve.x[i]) || !std::isfinite(curve.y[i])) continue;
    const auto column = static_cast<std::size_t>(column_of(curve.x[i], visible, columns));
    least[column] = std::min(least[column], curve.y[i]);
    greatest[column] = std::max(greatest[column], curve.y[i]);
  }
  for (std::size_t i = 0; i < shown.x.size(); ++i) {
    QVERIFY(i == 0 || shown.x[i] >= shown.x[i - 1]);
    if (!visible.contains(shown.x[i])) continue;
    const auto column = static_cast<std::size_t>(column_of(shown.x[i], visible, columns));
    shown_least[column] = std::min(shown_least[column], shown.y[i]);
    shown_greatest[column] = std::max(shown_greatest[column], shown.y[i]);
  }
  QCOMPARE(shown_least, least);
  QCOMPARE(shown_greatest, greatest);
  QVERIFY(shown.x.size() <= static_cast<std::size_t>(4 * columns + 2));
  QVERIFY(decimated.segments.size() <= static_cast<std::size_t>(columns + 2));
  QVERIFY(decimated.gaps.size() <= static_cast<std::size_t>(columns));
  QCOMPARE(decimated.gaps.empty(), !has_gap_between(curve, visible.low, visible.high));
}

void TestSeriesDecimation::breaks_lines_only_at_gaps() {
  qInfo("seed %u", seed());
  std::mt19937 random(seed());
  std::uniform_real_distribution<double> share(0, 1);
  for (int round = 0; round < 200; ++round) {
    Curve curve;
    for (int i = 0; i < 200; ++i) curve.add(i, share(random) < 0.05 ? not_a_number : share(random));
    const Range visible{0, 199};
    const int columns = 1 + static_cast<int>(share(random) * 250);
    const Flat shown = flat(decimate(curve, visible, columns));
    for (std::size_t i = 1; i < shown.x.size(); ++i) {
      if (column_of(shown.x[i], visible, columns) == column_of(shown.x[i - 1], visible, columns)) continue;
      // From the start of the column, since a gap within one shows at its right edge.
      const double column = visible.width() / columns;
      const double start = visible.low + column * column_of(shown.x[i - 1], visible, columns);
      const bool is_broken = shown.segment[i] != shown.segment[i - 1];
      if (is_broken) {
        QVERIFY(has_gap_between(curve, start, shown.x[i]));
      } else {
        QVERIFY(!has_gap_between(curve, shown.x[i - 1], shown.x[i]));
      }
    }
  }
}

void TestSeriesDecimation::runs_on_to_the_edges() {
  const Curve curve{{0, 1, 2, 3, 4}, {10, 11, 12, 13, 14}};
  const Decimated decimated = decimate(curve, {1.4, 2.6}, 100);
  QCOMPARE(decimated.segments.size(), std::size_t{1});
  QCOMPARE(decimated.segments.front(), (Curve{{1, 2, 3}, {11, 12, 13}}));
  QCOMPARE(decimate(curve, {1.2, 1.8}, 100).segments.front(), (Curve{{1, 2}, {11, 12}}));
}

void TestSeriesDecimation::survives_odd_input() {
  QVERIFY(decimate({}, {0, 1}, 100).segments.empty());
  QVERIFY(decimate({{1}, {1}}, {1, 1}, 100).segments.empty());
  QVERIFY(decimate({{1}, {1}}, {0, 2}, 0).segments.empty());
  QCOMPARE(decimate({{1}, {1}}, {0, 2}, 10).segments.front(), (Curve{{1}, {1}}));
  const Decimated all_gaps = decimate({{1, 2, 3}, {not_a_number, infinity, -infinity}}, {0, 4}, 10);
  QVERIFY(all_gaps.segments.empty());
  QCOMPARE(all_gaps.gaps, (std::vector<double>{1, 2, 3}));
}

void TestSeriesDecimation::smooths_without_bias() {
  qInfo("seed %u", seed());
  std::mt19937 random(seed());
  std::normal_distribution<double> noise;
  std::vector<double> values(60);
  for (double& value : values) value = 3 + noise(random);
  const double beta = 0.9;
  const std::vector<double> mean = smoothed(values, beta);
  for (std::size_t t = 0; t < values.size(); ++t) {
    double sum = 0;
    double weights = 0;
    for (std::size_t i = 0; i <= t; ++i) {
      const double weight = std::pow(beta, static_cast<double>(t - i));
      sum += weight * values[i];
      weights += weight;
    }
    QVERIFY(std::abs(mean[t] - sum / weights) < 1e-12);
  }
  QCOMPARE(smoothed(values, 0), values);
  const std::vector<double> with_gap = smoothed({1, not_a_number, 1, 1}, beta);
  QVERIFY(std::isnan(with_gap[1]));
  QVERIFY(std::abs(with_gap[3] - 1) < 1e-12);
}

void TestSeriesDecimation::ticks_are_round_data() {
  QTest::addColumn<double>("low");
  QTest::addColumn<double>("high");
  QTest::addColumn<int>("count");
  QTest::addColumn<QStringList>("texts");
  QTest::addRow("percent") << 0.0 << 100.0 << 5 << QStringList{"0", "20", "40", "60", "80", "100"};
  QTest::addRow("loss") << 0.0 << 2.4 << 5 << QStringList{"0.0", "0.5", "1.0", "1.5", "2.0"};
  QTest::addRow("narrow") << 0.31 << 0.33 << 4 << QStringList{"0.310", "0.315", "0.320", "0.325", "0.330"};
  QTest::addRow("negative") << -1.0 << 1.0 << 4 << QStringList{"-1.0", "-0.5", "0.0", "0.5", "1.0"};
  QTest::addRow("no width") << 1.0 << 1.0 << 4 << QStringList{};
  QTest::addRow("no number") << not_a_number << 1.0 << 4 << QStringList{};
  QTest::addRow("endless") << -infinity << infinity << 4 << QStringList{};
}

void TestSeriesDecimation::ticks_are_round() {
  QFETCH(double, low);
  QFETCH(double, high);
  QFETCH(int, count);
  QFETCH(QStringList, texts);
  QStringList found;
  for (const Tick& tick : linear_ticks({low, high}, count)) found << QString::fromStdString(tick.text);
  QCOMPARE(found, texts);
}

void TestSeriesDecimation::log_ticks_are_in_range() {
  for (const Range range : {Range{-3, 1}, Range{-0.1, 0.1}, Range{-20, 20}, Range{-2.2, -1.1}, Range{-300, 300}}) {
    const std::vector<Tick> ticks = log_ticks(range, 6);
    QVERIFY2(ticks.size() >= 2 && ticks.size() <= 14, qPrintable(QString::number(ticks.size())));
    for (const Tick& tick : ticks) {
      QVERIFY(tick.at >= range.low - 1e-9 && tick.at <= range.high + 1e-9);
      QVERIFY(std::abs(std::stod(tick.text) / std::pow(10, tick.at) - 1) < 1e-3);
    }
  }
}

void TestSeriesDecimation::ranges_ignore_what_is_not_finite() {
  const Curve curve{{0, 1, 2, 3, 4}, {not_a_number, 5, infinity, 2, 900}};
  Range range;
  QVERIFY(join_finite_range(curve, {0, 3}, range, false));
  QCOMPARE(range, (Range{2, 5}));
  QVERIFY(!join_finite_range(curve, {0, 0.5}, range, false));
  QCOMPARE(with_air({0.5, 2.5}, false).low, 0.0);
  for (const Range flat_range : {Range{0, 0}, Range{3, 3}, Range{-1e300, 1e300}, Range{1e-30, 1e-30}}) {
    const Range airy = with_air(flat_range, false);
    QVERIFY(airy.width() > 0 && std::isfinite(airy.width()));
    QVERIFY(airy.low <= flat_range.low && airy.high >= flat_range.high);
  }
  const Curve decades = in_decades({{0, 1, 2, 3}, {100, 0, -1, not_a_number}});
  QCOMPARE(decades.y[0], 2.0);
  QVERIFY(std::isnan(decades.y[1]) && std::isnan(decades.y[2]) && std::isnan(decades.y[3]));
}

void TestSeriesDecimation::figures_data() {
  QTest::addColumn<double>("value");
  QTest::addColumn<QString>("text");
  QTest::addRow("loss") << 0.31274 << "0.3127";
  QTest::addRow("above one") << 2.30258 << "2.303";
  QTest::addRow("percent") << 88.9123 << "88.91";
  QTest::addRow("hundred") << 100.0 << "100.0";
  QTest::addRow("large") << 12345.6 << "12346";
  QTest::addRow("small") << 0.00001234 << "1.234e-05";
  QTest::addRow("zero") << 0.0 << "0.0000";
  QTest::addRow("nan") << not_a_number << "not a number";
  QTest::addRow("infinite") << infinity << "∞";
}

void TestSeriesDecimation::figures() {
  QFETCH(double, value);
  QFETCH(QString, text);
  QCOMPARE(QString::fromStdString(figure_text(value)), text);
}

QTEST_APPLESS_MAIN(TestSeriesDecimation)
#include "test_series_decimation.moc"
