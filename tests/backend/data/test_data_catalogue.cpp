#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <map>
#include <set>

#include "backend/data/data_catalogue.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

/// FNV-1a, written down here so that a change of the drawn data is seen.
quint64 fingerprint(const Dataset& data) {
  quint64 hash = 0xcbf29ce484222325;
  for (const Array* array : {&data.train.inputs, &data.train.targets, &data.test.inputs, &data.test.targets}) {
    for (const std::byte byte : array->bytes) hash = (hash ^ std::to_integer<quint64>(byte)) * 0x100000001b3;
  }
  return hash;
}

std::map<std::int64_t, int> class_counts(const Split& split) {
  std::map<std::int64_t, int> counts;
  for (std::int64_t i = 0; i < split.count(); ++i) ++counts[split.targets.as<std::int64_t>()[split.row(i)]];
  return counts;
}

/// Everything that isn't for testing is for training.
DataSource without_validation(DataSource data) {
  data.preparation.set("validation_fraction", 0.0);
  return data;
}

const std::vector<std::string> generators = {"two-spirals", "circles", "checkerboard", "shapes"};

}  // namespace

class TestDataCatalogue : public QObject {
  Q_OBJECT

 private slots:
  void every_row_is_complete() {
    std::set<std::string> sources;
    for (const DataSpec& spec : data_catalogue()) {
      QVERIFY2(sources.insert(spec.source).second, spec.source.c_str());
      QVERIFY(!spec.title.empty() && !spec.summary.empty());
      QVERIFY(spec.describe && spec.load && spec.missing);
      QCOMPARE(find_data_spec(spec.source), &spec);
      for (const SettingSpec& setting : spec.settings) {
        QVERIFY2(!complaint(setting, setting.fallback), setting.name.c_str());
        QVERIFY2(!setting.help.empty(), setting.name.c_str());
      }
    }
    for (const char* source : {"fashion-mnist", "idx", "two-spirals", "circles", "checkerboard", "shapes"}) {
      QVERIFY2(sources.contains(source), source);
    }
    QCOMPARE(find_data_spec("no such data"), nullptr);
    const SettingSpec* classes = find_spec(find_data_spec("image-masks")->settings, "classes");
    QVERIFY2(classes && classes->help.ends_with("With two, 255 (white) in a mask is 1."), "help of classes");
  }

  void descriptions_are_what_is_loaded() {
    for (const std::string& source : generators) {
      const DataSource data = {source, {{"train_samples", std::int64_t{60}}, {"test_samples", std::int64_t{40}}}};
      const auto description = describe(data);
      const auto loaded = load(data);
      QVERIFY2(description && loaded, source.c_str());
      QCOMPARE(description->sample_shape, loaded->sample_shape);
      QCOMPARE(description->classes, static_cast<std::int64_t>(loaded->classes.size()));
      QCOMPARE(description->train_samples, std::int64_t{60});
      QCOMPARE(description->test_samples, std::int64_t{40});
      for (const Split* split : {&loaded->train, &loaded->test}) {
        std::vector<std::int64_t> sizes = {split->targets.count()};
        for (const Dim& dim : loaded->sample_shape.dims()) sizes.push_back(*dim);
        QCOMPARE(split->inputs.sizes, sizes);
        for (const auto& [label, count] : class_counts(*split)) {
          QVERIFY(label >= 0 && label < description->classes && count > 0);
        }
      }
      QCOMPARE(loaded->train.count(), std::int64_t{54});
      QCOMPARE(loaded->validation.count(), std::int64_t{6});
      QCOMPARE(loaded->test.count(), std::int64_t{40});
      QCOMPARE(load(without_validation(data))->train.count(), std::int64_t{60});
    }
  }

  void preparation_is_part_of_loading() {
    const DataSource data = {"circles",
                             {{"train_samples", std::int64_t{100}}},
                             {{"validation_fraction", 0.25}, {"normalisation", std::string("none")}}};
    const auto loaded = load(data);
    QVERIFY(loaded);
    QCOMPARE(class_counts(loaded->train).size(), std::size_t{2});
    QCOMPARE(loaded->validation.count(), std::int64_t{25});
    QCOMPARE(loaded->normalisation.mean, std::vector<float>{0});
    const auto refused = load({"circles", {}, {{"validation_fraction", 1.5}}});
    QVERIFY(!refused);
    QVERIFY2(refused.error().message.find("validation_fraction") != std::string::npos, refused.error().message.c_str());
  }

  void without_room_it_is_said_in_words() {
    // So many bytes go to a file, and there is no folder for it.
    qputenv("TMPDIR", folder_.filePath("missing").toUtf8());
    const auto loaded = load({"shapes", {{"train_samples", std::int64_t{100'000}}, {"size", std::int64_t{64}}}});
    qunsetenv("TMPDIR");
    QVERIFY(!loaded);
    QVERIFY2(loaded.error().message.find("Shapes: neither memory nor the disk has room") == 0,
             loaded.error().message.c_str());
  }

  void settings_out_of_range_are_refused() {
    const DataSource data = {"circles", {{"noise", -1.0}}};
    QVERIFY(!describe(data));
    const auto loaded = load(data);
    QVERIFY(!loaded);
    QVERIFY2(loaded.error().message.find("noise") != std::string::npos, loaded.error().message.c_str());
    QVERIFY(!load({"circles", {{"train_samples", std::string("many")}}}));
    QVERIFY(!load({"no such data", {}}));
    QVERIFY(!load({}));
    const auto huge = load({"shapes", {{"train_samples", std::int64_t{1'000'000}}, {"size", std::int64_t{256}}}});
    QVERIFY(!huge);
    QVERIFY2(huge.error().message.find("fewer or smaller") != std::string::npos, huge.error().message.c_str());
  }

  void the_same_seed_draws_the_same_everywhere_data() {
    QTest::addColumn<QString>("source");
    QTest::addColumn<quint64>("expected");
    QTest::newRow("two-spirals") << "two-spirals" << quint64{0x791cf78d2cf385cc};
    QTest::newRow("circles") << "circles" << quint64{0x6c195a3e712a9873};
    QTest::newRow("checkerboard") << "checkerboard" << quint64{0x288e0cf7f9c8e010};
    QTest::newRow("shapes") << "shapes" << quint64{0xc4bf9feb23744231};
  }
  void the_same_seed_draws_the_same_everywhere() {
    QFETCH(QString, source);
    QFETCH(quint64, expected);
    const auto drawn = [&](std::int64_t seed, std::int64_t train = 50) {
      return *load(without_validation(
          {source.toStdString(), {{"train_samples", train}, {"test_samples", std::int64_t{20}}, {"seed", seed}}}));
    };
    QCOMPARE(fingerprint(drawn(7)), expected);
    QVERIFY(fingerprint(drawn(8)) != expected);
    QVERIFY(drawn(7).test.inputs.bytes == drawn(7, 90).test.inputs.bytes);
    QVERIFY(drawn(7).test.inputs.bytes != drawn(7, 20).train.inputs.bytes);
  }

  void circles_have_their_radii() {
    const auto data = load({"circles", {{"noise", 0.0}, {"inner_radius", 0.25}}});
    for (std::int64_t i = 0; i < data->train.inputs.count(); ++i) {
      const float* point = data->train.inputs.as<float>() + 2 * i;
      const bool is_inner = data->train.targets.as<std::int64_t>()[i] == 0;
      QVERIFY(std::abs(std::hypot(point[0], point[1]) - (is_inner ? 0.25 : 1.0)) < 1e-5);
    }
  }

  void spirals_lie_opposite_each_other() {
    const auto data = load({"two-spirals", {{"noise", 0.0}, {"turns", 2.0}}});
    for (std::int64_t i = 0; i < data->train.inputs.count(); ++i) {
      const float* point = data->train.inputs.as<float>() + 2 * i;
      const double radius = std::hypot(point[0], point[1]);
      const double arm = data->train.targets.as<std::int64_t>()[i] == 0 ? 1 : -1;
      QVERIFY(std::abs(point[0] - arm * radius * std::cos(4 * M_PI * radius)) < 1e-4);
      QVERIFY(std::abs(point[1] - arm * radius * std::sin(4 * M_PI * radius)) < 1e-4);
    }
  }

  void neighbouring_fields_of_the_checkerboard_differ() {
    const auto data = load({"checkerboard", {{"noise", 0.0}, {"cells", std::int64_t{2}}}});
    for (std::int64_t i = 0; i < data->train.inputs.count(); ++i) {
      const float* point = data->train.inputs.as<float>() + 2 * i;
      const bool differ = (point[0] > 0) != (point[1] > 0);
      if (point[0] != 0 && point[1] != 0) QCOMPARE(data->train.targets.as<std::int64_t>()[i], differ ? 1 : 0);
    }
  }

  void noise_has_its_deviation() {
    const auto drawn = [](double noise) {
      return *load({"circles", {{"noise", noise}, {"train_samples", std::int64_t{20'000}}}});
    };
    const Dataset clean = drawn(0);
    const Dataset noisy = drawn(0.5);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 40'000; ++i) {
      const double difference = noisy.train.inputs.as<float>()[i] - clean.train.inputs.as<float>()[i];
      sum += difference;
      squares += difference * difference;
    }
    // Four standard errors of the mean and of the deviation of 40,000 draws.
    QVERIFY(std::abs(sum / 40'000) < 4 * 0.5 / 200);
    QVERIFY(std::abs(std::sqrt(squares / 40'000) - 0.5) < 4 * 0.5 / std::sqrt(80'000.0));
  }

  void shapes_have_colour_size_and_classes() {
    const DataSource data = {"shapes",
                             {{"colour", true},
                              {"size", std::int64_t{24}},
                              {"classes", std::int64_t{10}},
                              {"train_samples", std::int64_t{100}},
                              {"test_samples", std::int64_t{10}},
                              {"noise", 0.0}}};
    QCOMPARE(describe(data)->sample_shape, (Shape{3, 24, 24}));
    const auto loaded = load(data);
    QVERIFY(loaded);
    QCOMPARE(loaded->classes.size(), std::size_t{10});
    QCOMPARE(loaded->classes[2], std::string("triangle"));
    for (const auto& [label, count] : class_counts(loaded->train)) QCOMPARE(count, 9);
    // Without noise each channel has a ground, an ink lighter than it by 0.25 at least, and mixtures at the edge.
    for (std::int64_t plane = 0; plane < 300; ++plane) {
      const auto* pixels = loaded->train.inputs.as<std::uint8_t>() + plane * 24 * 24;
      const auto [least, most] = std::minmax_element(pixels, pixels + 24 * 24);
      QVERIFY(*most - *least >= 60);
    }
  }

  void normalised_training_data_have_mean_0_and_deviation_1() {
    for (const std::string& source : generators) {
      DataSource data = without_validation({source, {{"train_samples", std::int64_t{500}}}});
      if (source == "shapes") data.settings.set("colour", true);
      const auto loaded = load(data);
      const Array& inputs = loaded->train.inputs;
      const auto channels = static_cast<std::size_t>(inputs.sizes[1]);
      QCOMPARE(loaded->normalisation.mean.size(), channels);
      QCOMPARE(loaded->normalisation.deviation.size(), channels);
      std::size_t plane = 1;
      for (std::size_t axis = 2; axis < inputs.sizes.size(); ++axis)
        plane *= static_cast<std::size_t>(inputs.sizes[axis]);
      for (std::size_t channel = 0; channel < channels; ++channel) {
        std::vector<double> values;
        for (std::size_t i = 0; i < 500 * channels * plane; ++i) {
          if (i / plane % channels != channel) continue;
          const double raw = inputs.type == ElementType::UInt8 ? inputs.as<std::uint8_t>()[i] : inputs.as<float>()[i];
          values.push_back((raw * loaded->normalisation.scale - loaded->normalisation.mean[channel]) /
                           loaded->normalisation.deviation[channel]);
        }
        double mean = 0;
        for (const double value : values) mean += value / static_cast<double>(values.size());
        double variance = 0;
        for (const double value : values)
          variance += (value - mean) * (value - mean) / static_cast<double>(values.size());
        QVERIFY2(std::abs(mean) < 1e-4, source.c_str());
        QVERIFY2(std::abs(variance - 1) < 1e-3, source.c_str());
      }
    }
  }

  void fashion_mnist_is_what_was_published() {
    const DataSource source = {"fashion-mnist", {}};
    QCOMPARE(describe(source)->train_samples, std::int64_t{60'000});
    const DataSpec* spec = find_data_spec("fashion-mnist");
    if (!spec->missing().empty()) {
      QVERIFY(spec->missing().find("apt install dataset-fashion-mnist") != std::string::npos);
      QVERIFY(!load(source));
      QSKIP("dataset-fashion-mnist isn't installed");
    }
    const auto held_back = load(source);
    for (const auto& [label, count] : class_counts(held_back->train)) QCOMPARE(count, 5'400);
    for (const auto& [label, count] : class_counts(held_back->validation)) QCOMPARE(count, 600);
    const auto data = load(without_validation(source));
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(data->train.inputs.sizes, (std::vector<std::int64_t>{60'000, 1, 28, 28}));
    QCOMPARE(data->test.inputs.sizes, (std::vector<std::int64_t>{10'000, 1, 28, 28}));
    for (const auto& [label, count] : class_counts(data->train)) QCOMPARE(count, 6'000);
    for (const auto& [label, count] : class_counts(data->test)) QCOMPARE(count, 1'000);
    const std::vector<std::int64_t> first = {9, 0, 0, 3, 0, 2, 7, 2, 5, 5};
    QVERIFY(std::equal(first.begin(), first.end(), data->train.targets.as<std::int64_t>()));
    QCOMPARE(data->classes[9], std::string("Ankle boot"));
    QVERIFY(std::abs(data->normalisation.mean[0] - 0.2860) < 5e-5);
    QVERIFY(std::abs(data->normalisation.deviation[0] - 0.3530) < 5e-5);
  }

  void descriptions_follow_the_files() {
    const QString table = folder_.filePath("table.csv");
    const DataSource data = {"csv", {{"file", table.toStdString()}}};
    QVERIFY(!describe(data));
    QVERIFY(put_file(table, "a,b,c\n1,2,x\n3,4,y\n"));
    QCOMPARE(describe(data)->sample_shape, (Shape{2}));
    QCOMPARE(describe(data)->sample_shape, (Shape{2}));
    // As long as before, but written later.
    QTest::qSleep(20);
    QVERIFY(put_file(table, "a,b\n1,2\n3,4\n5,66\n"));
    QCOMPARE(describe(data)->sample_shape, (Shape{1}));
    QVERIFY(QFile::remove(table));
    QVERIFY(!describe(data));
  }

 private:
  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestDataCatalogue)
#include "test_data_catalogue.moc"
