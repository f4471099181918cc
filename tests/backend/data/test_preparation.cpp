#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include "backend/data/normaliser.h"
#include "backend/data/preparation.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

using Rows = std::vector<std::int64_t>;

/// Sample i has the input i and the class classes[i].
Dataset classified(const std::vector<std::int64_t>& classes, std::int64_t number) {
  Dataset data;
  data.name = "Test data";
  data.sample_shape = {1};
  for (std::int64_t c = 0; c < number; ++c) data.classes.push_back("class " + std::to_string(c));
  const auto count = static_cast<std::int64_t>(classes.size());
  data.train = {make_array(ElementType::Float32, {count, 1}), make_array(ElementType::Int64, {count})};
  for (std::int64_t i = 0; i < count; ++i) {
    data.train.inputs.as<float>()[i] = static_cast<float>(i);
    data.train.targets.as<std::int64_t>()[i] = classes[static_cast<std::size_t>(i)];
  }
  return data;
}

/// So many samples of each class, mixed.
Dataset classified_by_size(const std::vector<int>& sizes, unsigned seed) {
  std::vector<std::int64_t> classes;
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    classes.insert(classes.end(), static_cast<std::size_t>(sizes[c]), static_cast<std::int64_t>(c));
  }
  std::shuffle(classes.begin(), classes.end(), std::mt19937(seed));
  return classified(classes, static_cast<std::int64_t>(sizes.size()));
}

Dataset samples(std::int64_t count) {
  return classified(std::vector<std::int64_t>(static_cast<std::size_t>(count)), 1);
}

/// Values of `sizes` whose samples are numbers drawn around another place for each channel.
Dataset floats(std::vector<std::int64_t> sizes, unsigned seed) {
  Dataset data;
  data.name = "Floats";
  data.target = TargetKind::None;
  data.train.inputs = make_array(ElementType::Float32, std::move(sizes));
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  const std::int64_t last = data.train.inputs.sizes.back();
  const std::int64_t all = data.train.inputs.count() * sample_elements(data.train.inputs);
  for (std::int64_t i = 0; i < all; ++i) {
    const auto place = static_cast<float>(i % last);
    data.train.inputs.as<float>()[i] = 3 * place + (1 + place) * normal(random);
  }
  return data;
}

Rows rows_of(const Split& split) {
  Rows rows;
  for (std::int64_t i = 0; i < split.count(); ++i) rows.push_back(split.row(i));
  return rows;
}

Rows from_to(std::int64_t begin, std::int64_t end) {
  Rows rows(static_cast<std::size_t>(end - begin));
  std::iota(rows.begin(), rows.end(), begin);
  return rows;
}

/// Samples of each class in a split.
std::map<std::int64_t, int> classes_in(const Split& split) {
  std::map<std::int64_t, int> counts;
  for (const std::int64_t row : rows_of(split)) ++counts[split.targets.as<std::int64_t>()[row]];
  return counts;
}

Settings with(std::initializer_list<std::pair<const std::string, Value>> values) {
  return Settings(values);
}

void prepare_or_fail(Dataset& data, const Settings& settings) {
  if (const auto prepared = prepare(data, settings); !prepared) qFatal("%s", prepared.error().message.c_str());
}

/// What a network gets for the values of a split, sample by sample.
std::vector<float> normalised(const Array& values, const Split& split, const Normalisation& by) {
  const Normaliser normaliser(values, by, false);
  const std::int64_t elements = sample_elements(values);
  std::vector<float> all(static_cast<std::size_t>(split.count() * elements));
  for (std::int64_t i = 0; i < split.count(); ++i) {
    const auto begin = static_cast<std::size_t>(split.row(i) * elements) * bytes_of(values.type);
    normaliser.write(values.bytes.data() + begin, all.data() + i * elements);
  }
  return all;
}

struct Summary {
  double mean = 0;
  double deviation = 0;
  float minimum = 0;
  float maximum = 0;
};

/// Of every `step`-th block of `plane` values from `first` on.
Summary summary_of(const std::vector<float>& values, std::size_t first, std::size_t plane, std::size_t step) {
  std::vector<double> chosen;
  for (std::size_t begin = first * plane; begin < values.size(); begin += step * plane) {
    for (std::size_t i = 0; i < plane; ++i) chosen.push_back(values[begin + i]);
  }
  Summary summary;
  for (const double value : chosen) summary.mean += value / static_cast<double>(chosen.size());
  for (const double value : chosen) {
    summary.deviation += (value - summary.mean) * (value - summary.mean) / static_cast<double>(chosen.size());
  }
  summary.deviation = std::sqrt(summary.deviation);
  const auto [least, most] = std::minmax_element(chosen.begin(), chosen.end());
  summary.minimum = static_cast<float>(*least);
  summary.maximum = static_cast<float>(*most);
  return summary;
}

/// The same samples, each split in arrays of its own.
Dataset rearranged(const Dataset& data) {
  Dataset copy = data;
  for (Split* split : {&copy.train, &copy.validation, &copy.test}) {
    const Split old = *split;
    for (Array Split::*part : {&Split::inputs, &Split::targets, &Split::lengths}) {
      const Array& from = old.*part;
      if (from.count() == 0) continue;
      std::vector<std::int64_t> sizes = from.sizes;
      sizes.front() = old.count();
      Array to = make_array(from.type, sizes);
      const std::size_t bytes = static_cast<std::size_t>(sample_elements(from)) * bytes_of(from.type);
      for (std::int64_t i = 0; i < old.count(); ++i) {
        std::copy_n(from.bytes.data() + static_cast<std::size_t>(old.row(i)) * bytes, bytes,
                    to.bytes.data() + static_cast<std::size_t>(i) * bytes);
      }
      split->*part = std::move(to);
    }
    split->rows.reset();
  }
  return copy;
}

}  // namespace

class TestPreparation : public QObject {
  Q_OBJECT

 private slots:
  void settings_are_described() {
    std::set<std::string> names;
    for (const SettingSpec& spec : preparation_specs()) {
      QVERIFY2(names.insert(spec.name).second, spec.name.c_str());
      QVERIFY2(!spec.help.empty() && !complaint(spec, spec.fallback), spec.name.c_str());
    }
    for (const char* name :
         {"test_fraction", "validation_fraction", "split", "split_seed", "normalisation", "class_order", "flip",
          "crop_padding", "rotation", "shift", "brightness", "noise", "erasing"}) {
      QVERIFY2(names.contains(name), name);
    }
  }

  void stratified_splits_keep_each_class_s_share() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 60; ++round) {
      std::vector<int> sizes(1 + random() % 12);
      for (int& size : sizes) size = static_cast<int>(random() % 3 == 0 ? random() % 4 : random() % 200);
      sizes.front() += 3;
      Dataset data = classified_by_size(sizes, static_cast<unsigned>(random()));
      const int total = std::accumulate(sizes.begin(), sizes.end(), 0);
      const double test = 0.05 + 0.01 * static_cast<double>(random() % 50);
      const double validation = 0.05 + 0.01 * static_cast<double>(random() % 50);
      prepare_or_fail(data, with({{"test_fraction", test},
                                  {"validation_fraction", validation},
                                  {"split_seed", static_cast<std::int64_t>(random() % 1000)}}));

      Rows all = rows_of(data.train);
      for (const Split* split : {&data.validation, &data.test}) {
        const Rows rows = rows_of(*split);
        QVERIFY(std::is_sorted(rows.begin(), rows.end()));
        all.insert(all.end(), rows.begin(), rows.end());
      }
      std::sort(all.begin(), all.end());
      QCOMPARE(all, from_to(0, total));
      const auto share = [](double fraction, int of) {
        return std::clamp(static_cast<int>(std::llround(fraction * of)), 1, of - 1);
      };
      QCOMPARE(data.test.count(), share(test, total));
      QCOMPARE(data.validation.count(), share(validation, total - static_cast<int>(data.test.count())));

      std::map<std::int64_t, int> left;
      for (std::size_t c = 0; c < sizes.size(); ++c) {
        if (sizes[c] > 0) left[static_cast<std::int64_t>(c)] = sizes[c];
      }
      int remaining = total;
      for (const Split* split : {&data.test, &data.validation}) {
        std::map<std::int64_t, int> counts = classes_in(*split);
        const double fraction = static_cast<double>(split->count()) / remaining;
        // Every class keeps a sample where so many are left at all; where none is short of samples, shares are exact.
        const bool can_keep = remaining - split->count() >= static_cast<std::int64_t>(left.size());
        const bool is_exact = std::all_of(left.begin(), left.end(), [&](const auto& item) {
          return std::ceil(fraction * item.second) < item.second;
        });
        for (auto& [label, size] : left) {
          QVERIFY2(!can_keep || counts[label] < size, "a class lost its last sample");
          QVERIFY2(!is_exact || std::abs(counts[label] - fraction * size) < 1, "a class's share is wrong");
          size -= counts[label];
        }
        std::erase_if(left, [](const auto& item) { return item.second == 0; });
        remaining -= static_cast<int>(split->count());
      }
    }
  }

  void shares_are_exact_where_no_class_is_small() {
    Dataset data = classified_by_size({100, 50, 30, 20}, 7);
    prepare_or_fail(data, with({{"test_fraction", 0.2}, {"validation_fraction", 0.1}}));
    QCOMPARE(classes_in(data.test), (std::map<std::int64_t, int>{{0, 20}, {1, 10}, {2, 6}, {3, 4}}));
    QCOMPARE(data.validation.count(), 16);
    const auto counts = classes_in(data.validation);
    QCOMPARE(counts.at(0), 8);
    QCOMPARE(counts.at(1), 4);
    QVERIFY(counts.at(2) >= 2 && counts.at(2) <= 3 && counts.at(3) >= 1 && counts.at(3) <= 2);
  }

  void random_splits_are_drawn_by_the_seed_alone() {
    const auto drawn = [](std::int64_t seed, double validation, const char* manner) {
      Dataset data = classified_by_size({500, 500}, 3);
      prepare_or_fail(
          data, with({{"split", std::string(manner)}, {"split_seed", seed}, {"validation_fraction", validation}}));
      return data;
    };
    for (const char* manner : {"random", "stratified"}) {
      const Dataset data = drawn(5, 0.1, manner);
      QCOMPARE(data.test.count(), 200);
      QCOMPARE(data.validation.count(), 80);
      QCOMPARE(rows_of(drawn(5, 0.1, manner).test), rows_of(data.test));
      QCOMPARE(rows_of(drawn(5, 0.1, manner).validation), rows_of(data.validation));
      QVERIFY(rows_of(drawn(6, 0.1, manner).test) != rows_of(data.test));
      // How much is held back for validation doesn't change what is tested on.
      QCOMPARE(rows_of(drawn(5, 0.3, manner).test), rows_of(data.test));
      QVERIFY(rows_of(data.test) != from_to(800, 1000));
    }
    QVERIFY(classes_in(drawn(5, 0.1, "random").test).at(0) != 100);
    QCOMPARE(classes_in(drawn(5, 0.1, "stratified").test).at(0), 100);
  }

  void without_classes_stratified_is_random() {
    Dataset stratified = floats({300, 2}, 1);
    Dataset random = floats({300, 2}, 1);
    prepare_or_fail(stratified, with({{"split", std::string("stratified")}}));
    prepare_or_fail(random, with({{"split", std::string("random")}}));
    QCOMPARE(stratified.test.count(), 60);
    QCOMPARE(rows_of(stratified.test), rows_of(random.test));
    QCOMPARE(rows_of(stratified.validation), rows_of(random.validation));
  }

  void ordered_splits_never_mix_data() {
    QTest::addColumn<QString>("manner");
    QTest::addColumn<bool>("is_ordered");
    QTest::newRow("as chosen") << "ordered" << false;
    QTest::newRow("a series, stratified") << "stratified" << true;
    QTest::newRow("a series, random") << "random" << true;
    QTest::newRow("a series, ordered") << "ordered" << true;
  }
  void ordered_splits_never_mix() {
    QFETCH(QString, manner);
    QFETCH(bool, is_ordered);
    Dataset data = samples(100);
    data.is_ordered = is_ordered;
    prepare_or_fail(data, with({{"split", manner.toStdString()}}));
    QCOMPARE(rows_of(data.train), from_to(0, 72));
    QCOMPARE(rows_of(data.validation), from_to(72, 80));
    QCOMPARE(rows_of(data.test), from_to(80, 100));
  }

  void windows_that_share_targets_are_left_out_at_the_cuts() {
    Dataset data = samples(100);
    data.is_ordered = true;
    data.overlap = 3;
    prepare_or_fail(data, {});
    QCOMPARE(rows_of(data.test), from_to(80, 100));
    QCOMPARE(rows_of(data.validation), from_to(69, 77));
    QCOMPARE(rows_of(data.train), from_to(0, 66));
    data = samples(4);
    data.is_ordered = true;
    data.overlap = 50;
    prepare_or_fail(data, {});
    QCOMPARE(rows_of(data.train), from_to(0, 1));
    QCOMPARE(rows_of(data.test), from_to(3, 4));
  }

  void splits_that_the_source_gives_stay() {
    Dataset data = samples(50);
    data.test = samples(7).train;
    prepare_or_fail(data,
                    with({{"test_fraction", 0.9}, {"validation_fraction", 0.2}, {"split", std::string("ordered")}}));
    QVERIFY(!data.test.rows);
    QCOMPARE(data.test.count(), 7);
    QCOMPARE(rows_of(data.validation), from_to(40, 50));

    // A source may have cut its own rows out of shared arrays.
    data = samples(50);
    data.test = data.train;
    data.train.rows = from_to(10, 30);
    data.test.rows = from_to(0, 5);
    prepare_or_fail(data, with({{"validation_fraction", 0.2}, {"split", std::string("ordered")}}));
    QCOMPARE(rows_of(data.train), from_to(10, 26));
    QCOMPARE(rows_of(data.validation), from_to(26, 30));
    QCOMPARE(rows_of(data.test), from_to(0, 5));

    data = samples(50);
    data.validation = samples(9).train;
    prepare_or_fail(data, with({{"validation_fraction", 0.5}}));
    QCOMPARE(data.validation.count(), 9);
    QCOMPARE(data.train.count(), 40);
  }

  void tiny_data_sets_are_prepared_data() {
    QTest::addColumn<int>("count");
    QTest::addColumn<double>("test_fraction");
    QTest::addColumn<QList<int>>("counts");
    QTest::newRow("two") << 2 << 0.2 << QList<int>{1, 0, 1};
    QTest::newRow("three") << 3 << 0.2 << QList<int>{1, 1, 1};
    QTest::newRow("three, most for testing") << 3 << 0.9 << QList<int>{1, 0, 2};
    QTest::newRow("one, nothing for testing") << 1 << 0.0 << QList<int>{1, 0, 0};
    QTest::newRow("two, nothing for testing") << 2 << 0.0 << QList<int>{1, 1, 0};
  }
  void tiny_data_sets_are_prepared() {
    QFETCH(int, count);
    QFETCH(double, test_fraction);
    QFETCH(QList<int>, counts);
    for (const char* manner : {"stratified", "random", "ordered"}) {
      Dataset data = samples(count);
      prepare_or_fail(data, with({{"test_fraction", test_fraction}, {"split", std::string(manner)}}));
      QCOMPARE((QList<int>{int(data.train.count()), int(data.validation.count()), int(data.test.count())}), counts);
      QCOMPARE(data.normalisation.deviation, std::vector<float>{1});
    }
  }

  void normalisation_is_of_the_training_samples_alone_data() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"standard", "unit", "signed"}) QTest::newRow(kind) << kind;
  }
  void normalisation_is_of_the_training_samples_alone() {
    QFETCH(QString, kind);
    const Settings settings = with({{"split", std::string("ordered")}, {"normalisation", kind.toStdString()}});
    const auto prepared = [&](float held_back) {
      Dataset data = floats({100, 3}, 11);
      data.target = TargetKind::Values;
      data.train.targets = floats({100, 2}, 12).train.inputs;
      data.target_shape = {2};
      for (std::int64_t i = 72; i < 100; ++i) {
        for (int f = 0; f < 3; ++f) data.train.inputs.as<float>()[3 * i + f] += held_back;
        for (int f = 0; f < 2; ++f) data.train.targets.as<float>()[2 * i + f] += held_back;
      }
      prepare_or_fail(data, settings);
      return data;
    };
    const Dataset plain = prepared(0);
    const Dataset other = prepared(1e6F);
    QCOMPARE(rows_of(plain.train), from_to(0, 72));
    for (const auto part : {&Legend::normalisation, &Legend::target_normalisation}) {
      QCOMPARE((plain.*part).mean, (other.*part).mean);
      QCOMPARE((plain.*part).deviation, (other.*part).deviation);
    }
    QCOMPARE(plain.normalisation.mean.size(), std::size_t{3});
    QCOMPARE(plain.target_normalisation.mean.size(), std::size_t{2});

    // And it does follow the training samples.
    Dataset moved = floats({100, 3}, 11);
    for (std::int64_t i = 0; i < 216; ++i) moved.train.inputs.as<float>()[i] += 50;
    prepare_or_fail(moved, settings);
    QVERIFY(std::abs(moved.normalisation.mean[1] - plain.normalisation.mean[1] - 50) < 1e-3);
  }

  void inputs_are_brought_to_what_was_chosen_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("layout");
    for (const char* kind : {"standard", "unit", "signed", "none"}) {
      for (const char* layout : {"vectors", "sequences", "pictures", "bytes", "numbers"}) {
        QTest::addRow("%s, %s", layout, kind) << kind << layout;
      }
    }
  }
  void inputs_are_brought_to_what_was_chosen() {
    QFETCH(QString, kind);
    QFETCH(QString, layout);
    std::vector<std::int64_t> sizes = {40, 3};
    if (layout == "sequences") sizes = {40, 5, 3};
    if (layout == "pictures" || layout == "bytes") sizes = {40, 3, 4, 2};
    if (layout == "numbers") sizes = {40};
    Dataset data = floats(sizes, 21);
    if (layout == "bytes") {
      Array bytes = make_array(ElementType::UInt8, sizes);
      for (std::size_t i = 0; i < bytes.bytes.size(); ++i) {
        const int plane = static_cast<int>(i / 8 % 3);
        bytes.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(20 * plane + static_cast<int>(i * i * 7 % 101));
      }
      data.train.inputs = std::move(bytes);
    }
    const Array& inputs = data.train.inputs;
    prepare_or_fail(data, with({{"normalisation", kind.toStdString()}}));
    const std::vector<float> values = normalised(inputs, data.train, data.normalisation);
    const std::size_t plane = sizes.size() == 4 ? 8 : 1;
    const std::size_t places = sizes.size() == 1 ? 1 : 3;
    for (std::size_t place = 0; place < places; ++place) {
      const Summary found = summary_of(values, place, plane, places);
      if (kind == "standard") {
        QVERIFY(std::abs(found.mean) < 1e-4 && std::abs(found.deviation - 1) < 1e-4);
      } else if (layout == "bytes" && kind != "none") {
        // By what bytes can be, whatever they are.
        const auto* first = inputs.as<std::uint8_t>() + data.train.row(0) * 24;
        for (std::size_t i = 0; i < 24; ++i) {
          const float unit = static_cast<float>(first[i]) / 255;
          QVERIFY(std::abs(values[i] - (kind == "unit" ? unit : 2 * unit - 1)) < 1e-6F);
        }
      } else if (kind == "unit") {
        QVERIFY(std::abs(found.minimum) < 1e-5F && std::abs(found.maximum - 1) < 1e-5F);
      } else if (kind == "signed") {
        QVERIFY(std::abs(found.minimum + 1) < 1e-5F && std::abs(found.maximum - 1) < 1e-5F);
      } else {
        const std::int64_t row = data.train.row(0);
        const float raw =
            inputs.type == ElementType::UInt8
                ? static_cast<float>(inputs.as<std::uint8_t>()[row * 24 + static_cast<std::int64_t>(place * 8)])
                : inputs.as<float>()[row * sample_elements(inputs) + static_cast<std::int64_t>(place * plane)];
        QCOMPARE(values[place * plane], raw);
      }
    }
  }

  void padding_does_not_count() {
    Dataset data = floats({30, 6, 2}, 31);
    data.train.lengths = make_array(ElementType::Int64, {30});
    for (std::int64_t i = 0; i < 30; ++i) {
      data.train.lengths.as<std::int64_t>()[i] = 1 + i % 6;
      for (std::int64_t step = 1 + i % 6; step < 6; ++step) {
        for (int f = 0; f < 2; ++f) data.train.inputs.as<float>()[(i * 6 + step) * 2 + f] = 1e5F;
      }
    }
    prepare_or_fail(data, {});
    for (const float mean : data.normalisation.mean) QVERIFY(std::abs(mean) < 20);
    for (const float deviation : data.normalisation.deviation) QVERIFY(deviation < 20);
  }

  void targets_are_normalised_along_their_last_axis() {
    Dataset data = floats({60, 2}, 41);
    data.target = TargetKind::Values;
    data.train.targets = floats({60, 4, 3}, 42).train.inputs;
    data.target_shape = {4, 3};
    prepare_or_fail(data, with({{"normalisation", std::string("unit")}}));
    QCOMPARE(data.target_normalisation.axis, 1);
    const std::vector<float> values = normalised(data.train.targets, data.train, data.target_normalisation);
    for (std::size_t place = 0; place < 3; ++place) {
      const Summary found = summary_of(values, place, 1, 3);
      QVERIFY(std::abs(found.mean) < 1e-4 && std::abs(found.deviation - 1) < 1e-4);
    }
    prepare_or_fail(data, with({{"normalisation", std::string("none")}}));
    QCOMPARE(data.target_normalisation.mean, std::vector<float>{0});
    QCOMPARE(data.target_normalisation.deviation, std::vector<float>{1});

    // Single numbers have one mean.
    Dataset single = floats({60, 2}, 41);
    single.target = TargetKind::Values;
    single.train.targets = floats({60}, 43).train.inputs;
    prepare_or_fail(single, {});
    QCOMPARE(single.target_normalisation.mean.size(), std::size_t{1});
  }

  void words_stay_as_they_are() {
    Dataset data = samples(20);
    data.train.inputs = make_array(ElementType::Int64, {20, 5});
    prepare_or_fail(data, {});
    QCOMPARE(data.normalisation.scale, 1.0F);
    QCOMPARE(data.normalisation.mean, std::vector<float>{0});
    QCOMPARE(data.normalisation.deviation, std::vector<float>{1});
  }

  void what_never_changes_is_only_moved() {
    for (const char* kind : {"standard", "unit", "signed"}) {
      Dataset data = floats({40, 2}, 51);
      for (std::int64_t i = 0; i < 40; ++i) data.train.inputs.as<float>()[2 * i] = 4.25F;
      prepare_or_fail(data, with({{"normalisation", std::string(kind)}}));
      QCOMPARE(data.normalisation.deviation[0], 1.0F);
      QCOMPARE(data.normalisation.mean[0], 4.25F);
      QVERIFY(data.normalisation.deviation[1] != 1.0F);
    }
  }

  void values_of_any_size_are_normalised_data() {
    QTest::addColumn<double>("offset");
    QTest::addColumn<double>("size");
    QTest::newRow("tiny") << 0.0 << 1e-12;
    QTest::newRow("huge") << 0.0 << 1e30;
    QTest::newRow("far away") << 1e6 << 8.0;
    QTest::newRow("the whole range") << 0.0 << 3.4e38;
  }
  void values_of_any_size_are_normalised() {
    QFETCH(double, offset);
    QFETCH(double, size);
    Dataset data = floats({100, 1}, 61);
    for (std::int64_t i = 0; i < 100; ++i) {
      data.train.inputs.as<float>()[i] = static_cast<float>(offset + size * (i % 2 == 0 ? -1 : 1));
    }
    prepare_or_fail(data, with({{"test_fraction", 0.0}, {"validation_fraction", 0.0}}));
    QVERIFY(std::abs(data.normalisation.mean[0] - offset) <= 1e-6 * (std::abs(offset) + size));
    QVERIFY(std::abs(data.normalisation.deviation[0] / size - 1) < 1e-5);
  }

  void classes_are_numbered_as_chosen() {
    const auto prepared = [](const char* order) {
      Dataset data = classified({2, 0, 2, 1, 2, 1, 2, 1, 2, 1}, 3);
      data.classes = {"pear", "apple", "fig"};
      data.test = data.train;
      prepare_or_fail(data, with({{"class_order", std::string(order)}, {"validation_fraction", 0.0}}));
      return data;
    };
    const auto words = [](const Dataset& data) {
      std::vector<std::string> list;
      for (std::int64_t i = 0; i < 10; ++i) {
        list.push_back(data.classes[static_cast<std::size_t>(data.test.targets.as<std::int64_t>()[i])]);
      }
      return list;
    };
    const Dataset given = prepared("given");
    QCOMPARE(given.classes, (std::vector<std::string>{"pear", "apple", "fig"}));
    QCOMPARE(prepared("name").classes, (std::vector<std::string>{"apple", "fig", "pear"}));
    QCOMPARE(prepared("frequency").classes, (std::vector<std::string>{"fig", "apple", "pear"}));
    QCOMPARE(words(prepared("name")), words(given));
    QCOMPARE(words(prepared("frequency")), words(given));
    QCOMPARE(prepared("frequency").train.targets.as<std::int64_t>()[0], std::int64_t{0});
  }

  void numbering_classes_leaves_shared_arrays_alone() {
    const Dataset source = classified({1, 0, 1, 0}, 2);
    Dataset data = source;
    data.classes = {"b", "a"};
    prepare_or_fail(data, with({{"class_order", std::string("name")}}));
    QCOMPARE(data.train.targets.as<std::int64_t>()[0], std::int64_t{0});
    QCOMPARE(source.train.targets.as<std::int64_t>()[0], std::int64_t{1});
  }

  void what_is_missing_is_at_its_default() {
    Dataset missing = classified_by_size({40, 60}, 71);
    Dataset complete = classified_by_size({40, 60}, 71);
    prepare_or_fail(missing, {});
    prepare_or_fail(complete, defaults(preparation_specs()));
    QCOMPARE(rows_of(missing.train), rows_of(complete.train));
    QCOMPARE(rows_of(missing.validation), rows_of(complete.validation));
    QCOMPARE(fingerprint_of(missing), fingerprint_of(complete));
    QCOMPARE(missing.test.count(), 20);
    QCOMPARE(missing.validation.count(), 8);
  }

  void what_can_not_be_is_refused_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("reason");
    QTest::newRow("no samples") << "no samples"
                                << "Test data has no samples to learn from.";
    QTest::newRow("one sample") << "one sample"
                                << "Test data has one sample, which can't be both for training and for testing. Give "
                                   "it more samples, or set test_fraction to 0.";
    QTest::newRow("fraction") << "fraction"
                              << "validation_fraction must be from 0 to 0.9";
    QTest::newRow("manner") << "manner"
                            << "split must be one of stratified, random, ordered";
    QTest::newRow("kind") << "kind"
                          << "flip must be one of";
    QTest::newRow("class") << "class"
                           << "in the training samples, sample 3 (counted from 0) has class 2, but there are 2";
    QTest::newRow("negative class") << "negative class"
                                    << "sample 3 (counted from 0) has class -1";
    QTest::newRow("not a number") << "not a number"
                                  << "in the training samples, sample 4 (counted from 0) has the input “height” nan";
    QTest::newRow("infinite target") << "infinite target"
                                     << "in the test samples, sample 1 (counted from 0) has the target -inf";
    QTest::newRow("mask") << "mask"
                          << "sample 1 (counted from 0) has class 9, but there are 2 classes";
  }
  void what_can_not_be_is_refused() {
    QFETCH(QString, what);
    QFETCH(QString, reason);
    Dataset data = classified_by_size({4, 5}, 81);
    Settings settings;
    if (what == "no samples") data.train = samples(0).train;
    if (what == "one sample") data = samples(1);
    if (what == "fraction") settings.set("validation_fraction", 0.95);
    if (what == "manner") settings.set("split", std::string("by hand"));
    if (what == "kind") settings.set("flip", true);
    if (what == "class") data.train.targets.as<std::int64_t>()[3] = 2;
    if (what == "negative class") data.train.targets.as<std::int64_t>()[3] = -1;
    if (what == "not a number") {
      data = floats({9, 2}, 82);
      data.feature_names = {"width", "height"};
      data.train.inputs.as<float>()[9] = std::numeric_limits<float>::quiet_NaN();
    }
    if (what == "infinite target") {
      data.target = TargetKind::Values;
      data.train.targets = floats({9, 1}, 83).train.inputs;
      data.test = data.train;
      data.test.targets = floats({9, 1}, 84).train.inputs;
      data.test.targets.as<float>()[1] = -std::numeric_limits<float>::infinity();
    }
    if (what == "mask") {
      data.target = TargetKind::Mask;
      data.train.targets = make_array(ElementType::UInt8, {9, 2, 2});
      data.train.targets.as<std::uint8_t>()[6] = 9;
    }
    const auto prepared = prepare(data, settings);
    QVERIFY(!prepared);
    QVERIFY2(QString::fromStdString(prepared.error().message).contains(reason), prepared.error().message.c_str());
  }

  void fingerprints_tell_data_sets_apart() {
    const auto fresh = [] {
      Dataset data = classified_by_size({30, 20, 10}, 91);
      data.train.lengths = make_array(ElementType::Int64, {60});
      data.vocabulary.tokens = {"<pad>", "<unk>", "a"};
      prepare_or_fail(data, {});
      return data;
    };
    const Dataset data = fresh();
    const std::string known = fingerprint_of(data);
    QCOMPARE(known.size(), std::size_t{16});
    QCOMPARE(known.find_first_not_of("0123456789abcdef"), std::string::npos);
    QCOMPARE(fingerprint_of(fresh()), known);
    // Where the samples lie doesn't matter.
    QVERIFY(!rearranged(data).train.rows);
    QCOMPARE(fingerprint_of(rearranged(data)), known);

    const auto changed = [&](auto change) {
      Dataset other = fresh();
      change(other);
      return fingerprint_of(other) != known;
    };
    QVERIFY(changed([](Dataset& d) { d.train.inputs.bytes.data()[4 * d.train.row(0)] ^= std::byte{1}; }));
    QVERIFY(changed([](Dataset& d) { d.train.inputs.bytes.data()[4 * d.validation.row(2) + 3] ^= std::byte{128}; }));
    QVERIFY(changed([](Dataset& d) { d.test.inputs.bytes.data()[4 * d.test.row(1)] ^= std::byte{1}; }));
    QVERIFY(changed([](Dataset& d) { d.train.targets.as<std::int64_t>()[d.test.row(5)] ^= 1; }));
    QVERIFY(changed([](Dataset& d) { d.train.lengths.as<std::int64_t>()[d.train.row(7)] = 1; }));
    QVERIFY(changed([](Dataset& d) { d.vocabulary.tokens[2] = "b"; }));
    QVERIFY(changed([](Dataset& d) { std::swap((*d.train.rows)[0], (*d.train.rows)[1]); }));
    QVERIFY(changed([](Dataset& d) {
      d.validation.rows->push_back(d.train.rows->back());
      d.train.rows->pop_back();
    }));
    QVERIFY(changed([](Dataset& d) { d.train.inputs.sizes = {60, 1, 1}; }));
  }

  void a_fingerprint_is_the_same_everywhere() {
    Dataset data = classified({0, 1, 2, 0, 1}, 3);
    data.test = classified({2}, 3).train;
    // Written down in Python once more, by the description of Hash alone.
    QCOMPARE(QString::fromStdString(fingerprint_of(data)), QString("57169d33a6fb3e2f"));
  }

  void class_weights_are_balanced() {
    // The example of scikit-learn's compute_class_weight.
    QCOMPARE(balanced_class_weights(classified({1, 1, 1, 1, 0, 0}, 2)), (std::vector<double>{1.5, 0.75}));
    // A class without samples gets 1 and isn't counted.
    QCOMPARE(balanced_class_weights(classified({1, 1, 1, 1, 0, 0}, 3)), (std::vector<double>{1.5, 0.75, 1}));
    QVERIFY(balanced_class_weights(floats({4, 2}, 1)).empty());
  }

  void class_weights_are_of_the_training_split_and_have_mean_1() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    Dataset data = classified_by_size({200, 30, 7, 90}, seed);
    prepare_or_fail(data, with({{"split", std::string("random")}}));
    const std::vector<double> weights = balanced_class_weights(data);
    QStringList labels;
    double sum = 0;
    for (const std::int64_t row : rows_of(data.train)) {
      const std::int64_t label = data.train.targets.as<std::int64_t>()[row];
      sum += weights[static_cast<std::size_t>(label)];
      labels << QString::number(label);
    }
    QVERIFY(std::abs(sum / static_cast<double>(data.train.count()) - 1) < 1e-12);
    const QString formula =
        "import sys, numpy as np\n"
        "y = np.array(sys.argv[1:], dtype=int)\n"
        "print(*(len(y) / (len(np.unique(y)) * np.bincount(y))).tolist())";
    const QStringList expected = run_python(formula, labels).split(' ');
    QVERIFY2(expected.size() == 4, qPrintable(expected.join(' ')));
    for (std::size_t c = 0; c < 4; ++c) {
      QVERIFY(std::abs(weights[c] - expected[static_cast<qsizetype>(c)].toDouble()) < 1e-12);
    }
  }

  void masks_are_weighed_by_pixels() {
    Dataset data = classified({0, 0}, 2);
    data.target = TargetKind::Mask;
    data.train.targets = make_array(ElementType::UInt8, {2, 2, 3});
    data.train.targets.as<std::uint8_t>()[5] = 1;
    data.train.targets.as<std::uint8_t>()[6] = 1;
    data.train.targets.as<std::uint8_t>()[7] = 1;
    QCOMPARE(balanced_class_weights(data), (std::vector<double>{12.0 / (2 * 9), 12.0 / (2 * 3)}));
  }
};

QTEST_APPLESS_MAIN(TestPreparation)
#include "test_preparation.moc"
