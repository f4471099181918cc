#include <QTest>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "backend/data/data_catalogue.h"
#include "backend/data/figures.h"
#include "tests/support/data_source.h"

using namespace netwright;

namespace {

using Texts = std::vector<std::string>;

/// FNV-1a, written down here so that a change of the drawn data is seen.
quint64 hash_of(const Dataset& data) {
  quint64 hash = 0xcbf29ce484222325;
  for (const Split* split : {&data.train, &data.test}) {
    for (const Array* array : {&split->inputs, &split->targets, &split->lengths}) {
      for (const std::byte byte : array->bytes) hash = (hash ^ std::to_integer<quint64>(byte)) * 0x100000001b3;
    }
  }
  return hash;
}

Settings with(Settings settings, const char* name, Value value) {
  settings.set(name, std::move(value));
  return settings;
}

Settings small(const std::string& source) {
  if (source == "waves") return {{"steps", std::int64_t{120}}, {"length", std::int64_t{8}}};
  return {{"train_samples", std::int64_t{60}}, {"test_samples", std::int64_t{40}}};
}

}  // namespace

class TestGenerators : public QObject {
  Q_OBJECT

 private slots:
  void the_same_seed_draws_the_same_everywhere_data() {
    QTest::addColumn<quint64>("expected");
    QTest::newRow("blobs") << quint64{0x74b7e41b307f1df4};
    QTest::newRow("regression-curve") << quint64{0xebf643d486e7dc9b};
    QTest::newRow("shape-masks") << quint64{0xda34bc89fd647a42};
    QTest::newRow("adding-problem") << quint64{0xcae5923b67228ffe};
    QTest::newRow("brackets") << quint64{0x9bdc3bb8411316e7};
    QTest::newRow("waves") << quint64{0xccae383839fcd406};
  }
  void the_same_seed_draws_the_same_everywhere() {
    QFETCH(quint64, expected);
    const std::string source = QTest::currentDataTag();
    const Settings settings = with(small(source), "seed", std::int64_t{7});
    const Dataset data = load_as_described(source, settings);
    QCOMPARE(hash_of(data), expected);
    QVERIFY(hash_of(load_as_described(source, with(settings, "seed", std::int64_t{8}))) != expected);
    if (source == "waves") return;
    // The size of one split doesn't change the other, and they aren't the same samples.
    const Dataset more = load_as_described(source, with(settings, "train_samples", std::int64_t{90}));
    QVERIFY(more.test.inputs.bytes == data.test.inputs.bytes);
    QVERIFY(more.test.targets.bytes == data.test.targets.bytes);
    QVERIFY(load_as_described(source, with(settings, "train_samples", std::int64_t{40})).train.inputs.bytes !=
            data.test.inputs.bytes);
  }

  void blobs_lie_around_their_centres() {
    const Settings settings = {{"dimensions", std::int64_t{5}},
                               {"classes", std::int64_t{4}},
                               {"noise", 0.1},
                               {"train_samples", std::int64_t{4000}}};
    const Dataset clean = load_as_described("blobs", with(settings, "noise", 0.0));
    QCOMPARE(clean.sample_shape, (Shape{5}));
    QCOMPARE(clean.classes, (Texts{"blob 1", "blob 2", "blob 3", "blob 4"}));
    std::map<std::int64_t, std::set<std::vector<float>>> centres;
    for (const Split* split : {&clean.train, &clean.test}) {
      for (std::int64_t i = 0; i < split->count(); ++i) {
        centres[split->targets.as<std::int64_t>()[i]].insert(row_of<float>(split->inputs, i));
      }
    }
    QCOMPARE(centres.size(), std::size_t{4});
    for (const auto& [label, points] : centres) QCOMPARE(points.size(), std::size_t{1});

    const Dataset noisy = load_as_described("blobs", settings);
    double squares = 0;
    for (std::int64_t i = 0; i < noisy.train.count(); ++i) {
      const std::vector<float>& centre = *centres[noisy.train.targets.as<std::int64_t>()[i]].begin();
      const std::vector<float> point = row_of<float>(noisy.train.inputs, i);
      for (std::size_t d = 0; d < 5; ++d) squares += std::pow(point[d] - centre[d], 2);
    }
    // Four standard errors of the deviation of 20,000 draws.
    QVERIFY(std::abs(std::sqrt(squares / 20'000) - 0.1) < 4 * 0.1 / std::sqrt(40'000.0));
  }

  void curves_are_sums_of_waves() {
    const Settings settings = {
        {"inputs", std::int64_t{3}}, {"targets", std::int64_t{2}}, {"noise", 0.0}, {"waves", 1.5}};
    const Dataset data = load_as_described("regression-curve", settings);
    QCOMPARE(data.target_names, (Texts{"y1", "y2"}));
    QCOMPARE(data.train.targets.sizes[1], 2);
    // Each target is a·basis, the sines and cosines of the inputs: solved from six samples, it holds for all others.
    for (std::size_t target = 0; target < 2; ++target) {
      const auto basis = [&](const Split& split, std::int64_t i) {
        std::vector<double> values;
        for (const float x : row_of<float>(split.inputs, i)) {
          values.push_back(std::sin(M_PI * 1.5 * x) / std::sqrt(3.0));
          values.push_back(std::cos(M_PI * 1.5 * x) / std::sqrt(3.0));
        }
        return values;
      };
      std::vector<std::vector<double>> rows;
      for (std::int64_t i = 0; i < 6; ++i) {
        rows.push_back(basis(data.train, i));
        rows.back().push_back(row_of<float>(data.train.targets, i)[target]);
      }
      for (std::size_t pivot = 0; pivot < 6; ++pivot) {
        std::size_t largest = pivot;
        for (std::size_t row = pivot; row < 6; ++row) {
          if (std::abs(rows[row][pivot]) > std::abs(rows[largest][pivot])) largest = row;
        }
        std::swap(rows[pivot], rows[largest]);
        for (std::size_t row = 0; row < 6; ++row) {
          if (row == pivot) continue;
          const double factor = rows[row][pivot] / rows[pivot][pivot];
          for (std::size_t column = pivot; column < 7; ++column) rows[row][column] -= factor * rows[pivot][column];
        }
      }
      for (std::size_t input = 0; input < 3; ++input) {
        const double sine = rows[2 * input][6] / rows[2 * input][2 * input];
        const double cosine = rows[2 * input + 1][6] / rows[2 * input + 1][2 * input + 1];
        QVERIFY(std::abs(std::hypot(sine, cosine) - 1) < 1e-3);
      }
      for (std::int64_t i = 0; i < data.test.count(); ++i) {
        const std::vector<double> values = basis(data.test, i);
        double y = 0;
        for (std::size_t c = 0; c < 6; ++c) y += values[c] * rows[c][6] / rows[c][c];
        QVERIFY(std::abs(y - row_of<float>(data.test.targets, i)[target]) < 1e-3);
      }
    }
  }

  void masks_say_where_figures_are() {
    const Settings settings = {{"kinds", std::int64_t{10}},
                               {"size", std::int64_t{24}},
                               {"colour", true},
                               {"noise", 0.0},
                               {"most_figures", std::int64_t{1}}};
    const Dataset data = load_as_described("shape-masks", settings);
    QCOMPARE(data.sample_shape, (Shape{3, 24, 24}));
    QCOMPARE(data.target_shape, (Shape{24, 24}));
    QCOMPARE(data.classes.size(), std::size_t{11});
    QCOMPARE(data.classes[0], std::string("background"));
    QCOMPARE(data.classes[3], std::string("triangle"));
    QCOMPARE(data.train.targets.type, ElementType::UInt8);
    std::set<int> seen;
    for (std::int64_t i = 0; i < 300; ++i) {
      const auto mask = row_of<std::uint8_t>(data.train.targets, i);
      const auto pixels = row_of<std::uint8_t>(data.train.inputs, i);
      std::set<int> labels(mask.begin(), mask.end());
      QVERIFY(labels.erase(0) == 1);
      QVERIFY2(labels.size() == 1, "one figure is somewhere in each picture");
      seen.insert(*labels.begin());
      // Without noise what is at least half covered is lighter than what is less.
      int darkest_inside = 255;
      int lightest_outside = 0;
      for (std::size_t p = 0; p < mask.size(); ++p) {
        if (mask[p] > 0) darkest_inside = std::min<int>(darkest_inside, pixels[p]);
        if (mask[p] == 0) lightest_outside = std::max<int>(lightest_outside, pixels[p]);
      }
      QVERIFY(darkest_inside >= lightest_outside);
    }
    QCOMPARE(seen.size(), std::size_t{10});

    const Dataset several = load_as_described("shape-masks", with(settings, "most_figures", std::int64_t{3}));
    std::size_t most = 0;
    for (std::int64_t i = 0; i < several.train.count(); ++i) {
      const auto mask = row_of<std::uint8_t>(several.train.targets, i);
      most = std::max(most, std::set<int>(mask.begin(), mask.end()).size());
    }
    QCOMPARE(most, std::size_t{4});
  }

  void two_marked_numbers_are_added() {
    const Dataset data = load_as_described("adding-problem", {{"length", std::int64_t{20}}});
    QCOMPARE(data.sample_shape, (Shape{20, 2}));
    QCOMPARE(data.target_shape, (Shape{1}));
    std::set<std::int64_t> lengths;
    for (std::int64_t i = 0; i < data.train.count(); ++i) {
      const auto steps = row_of<float>(data.train.inputs, i);
      const std::int64_t own = data.train.lengths.as<std::int64_t>()[i];
      lengths.insert(own);
      float sum = 0;
      int marks[2] = {0, 0};
      for (std::int64_t step = 0; step < 20; ++step) {
        const float number = steps[static_cast<std::size_t>(2 * step)];
        const float mark = steps[static_cast<std::size_t>(2 * step + 1)];
        if (step >= own) QVERIFY(number == 0 && mark == 0);
        QVERIFY(number >= 0 && number < 1 && (mark == 0 || mark == 1));
        sum += number * mark;
        if (mark == 1) ++marks[step >= own / 2 ? 1 : 0];
      }
      QVERIFY(marks[0] == 1 && marks[1] == 1);
      QVERIFY(std::abs(sum - data.train.targets.as<float>()[i]) < 1e-6);
    }
    QCOMPARE(lengths.size(), std::size_t{11});
    QCOMPARE(*lengths.begin(), 10);
  }

  void brackets_are_balanced_or_not() {
    const Dataset data = load_as_described("brackets", {{"length", std::int64_t{12}}, {"kinds", std::int64_t{2}}});
    QCOMPARE(data.vocabulary.tokens, (Texts{"<pad>", "<unk>", "(", ")", "[", "]"}));
    QCOMPARE(data.classes, (Texts{"unbalanced", "balanced"}));
    std::map<std::int64_t, int> counts;
    std::set<std::int64_t> lengths;
    for (std::int64_t i = 0; i < data.train.count(); ++i) {
      const auto numbers = row_of<std::int64_t>(data.train.inputs, i);
      const std::int64_t own = data.train.lengths.as<std::int64_t>()[i];
      lengths.insert(own);
      QString text;
      for (std::size_t step = 0; step < numbers.size(); ++step) {
        const bool is_own = static_cast<std::int64_t>(step) < own;
        QCOMPARE(numbers[step] >= 2, is_own);
        if (is_own) text += QString::fromStdString(data.vocabulary.tokens[static_cast<std::size_t>(numbers[step])]);
      }
      // Pairs that close each other are taken out until none is left.
      for (qsizetype before = -1; before != text.size();) {
        before = text.size();
        text.remove("()").remove("[]");
      }
      const std::int64_t label = data.train.targets.as<std::int64_t>()[i];
      QCOMPARE(label == 1, text.isEmpty());
      ++counts[label];
    }
    QCOMPARE(counts[0], counts[1]);
    QCOMPARE(lengths, (std::set<std::int64_t>{2, 4, 6, 8, 10, 12}));
  }

  void one_kind_of_short_brackets_can_be_drawn() {
    const Dataset data = load_as_described("brackets", {{"length", std::int64_t{3}}, {"kinds", std::int64_t{1}}});
    for (std::int64_t i = 0; i < data.train.count(); ++i) QCOMPARE(data.train.lengths.as<std::int64_t>()[i], 2);
  }

  void waves_are_waves_with_a_trend() {
    const Settings settings = {
        {"steps", std::int64_t{500}}, {"channels", std::int64_t{3}}, {"noise", 0.0}, {"trend", 0.0},
        {"length", std::int64_t{16}}, {"horizon", std::int64_t{2}}};
    const Dataset flat = load_as_described("waves", settings);
    QCOMPARE(flat.sample_shape, (Shape{16, 3}));
    QCOMPARE(flat.target_shape, (Shape{2, 3}));
    QCOMPARE(flat.feature_names, (Texts{"wave 1", "wave 2", "wave 3"}));
    QVERIFY(flat.is_ordered);
    const Dataset rising = load_as_described("waves", with(settings, "trend", 50.0));
    // Windows follow each other step by step; the trend is a tenth a step.
    for (std::int64_t i = 0; i < flat.train.count(); ++i) {
      const float difference = rising.train.inputs.as<float>()[i * 48] - flat.train.inputs.as<float>()[i * 48];
      QVERIFY(std::abs(difference - 0.1 * static_cast<double>(i)) < 1e-3);
    }
    // A sum of three sines obeys a linear recurrence of six steps, x(t) + x(t−6) = a·(x(t−1) + x(t−5)) + b·(x(t−2) +
    // x(t−4)) + c·x(t−3); three numbers fitted to the first steps foretell the rest.
    std::vector<double> x;
    for (std::int64_t i = 0; i < flat.train.count(); ++i) x.push_back(flat.train.inputs.as<float>()[i * 48]);
    std::vector<std::vector<double>> normal(3, std::vector<double>(4));
    const auto terms = [&x](std::size_t t) {
      return std::vector<double>{x[t - 1] + x[t - 5], x[t - 2] + x[t - 4], x[t - 3], x[t] + x[t - 6]};
    };
    for (std::size_t t = 6; t < 200; ++t) {
      const std::vector<double> row = terms(t);
      for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 4; ++j) normal[i][j] += row[i] * row[j];
      }
    }
    for (std::size_t pivot = 0; pivot < 3; ++pivot) {
      for (std::size_t row = 0; row < 3; ++row) {
        if (row == pivot) continue;
        const double factor = normal[row][pivot] / normal[pivot][pivot];
        for (std::size_t column = 0; column < 4; ++column) normal[row][column] -= factor * normal[pivot][column];
      }
    }
    for (std::size_t t = 200; t < x.size(); ++t) {
      const std::vector<double> row = terms(t);
      double foretold = 0;
      for (std::size_t i = 0; i < 3; ++i) foretold += row[i] * normal[i][3] / normal[i][i];
      QVERIFY(std::abs(foretold - row[3]) < 1e-3);
    }
    // Another channel is another wave, and more channels leave the first as it is.
    const Dataset one = load_as_described("waves", with(settings, "channels", std::int64_t{1}));
    QCOMPARE(one.train.inputs.as<float>()[100 * 16], flat.train.inputs.as<float>()[100 * 48]);
    QVERIFY(flat.train.inputs.as<float>()[0] != flat.train.inputs.as<float>()[1]);
  }

  void too_many_samples_are_refused() {
    for (const auto& [source, setting, value] : {std::tuple("brackets", "length", std::int64_t{1000}),
                                                 std::tuple("adding-problem", "length", std::int64_t{2000}),
                                                 std::tuple("shape-masks", "size", std::int64_t{256})}) {
      const auto data = load({source, {{"train_samples", std::int64_t{1'000'000}}, {setting, value}}});
      QVERIFY(!data);
      QVERIFY2(data.error().message.find("fewer or smaller") != std::string::npos, data.error().message.c_str());
    }
  }
};

QTEST_APPLESS_MAIN(TestGenerators)
#include "test_generators.moc"
