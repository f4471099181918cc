#include <torch/torch.h>
//
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <nlohmann/json.hpp>

#include "backend/data/data_catalogue.h"
#include "backend/data/preparation.h"
#include "backend/engine/feature_net.h"
#include "backend/engine/frechet.h"
#include "backend/engine/frechet_meter.h"
#include "backend/engine/sample_batch.h"
#include "tests/support/python_torch.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

const torch::TensorOptions real = torch::TensorOptions(torch::kFloat64);

struct Pair {
  const char* name;
  torch::Tensor a;
  torch::Tensor b;
};

std::vector<Pair> pairs() {
  const torch::Tensor a = torch::randn({500, 8}, real);
  const torch::Tensor mixed = torch::randn({500, 8}, real).matmul(torch::randn({8, 8}, real));
  const torch::Tensor flat = torch::randn({500, 3}, real).matmul(torch::randn({3, 8}, real));
  return {{"two of one kind", a, torch::randn({300, 8}, real)},
          {"moved", a, a + 2},
          {"wider", a, 3 * a},
          {"mixed", mixed, a},
          {"of few dimensions", flat, mixed},
          {"few samples", torch::randn({5, 8}, real), torch::randn({6, 8}, real)},
          {"a single point", torch::ones({20, 8}, real), mixed},
          {"one feature", torch::randn({50, 1}, real), 2 * torch::randn({50, 1}, real) + 1}};
}

Dataset dataset_of(const std::string& source, const Settings& settings, const Settings& preparation = {}) {
  auto dataset = load({.source = source, .settings = settings, .preparation = preparation});
  if (!dataset) throw std::runtime_error(dataset.error().message);
  return std::move(*dataset);
}

Dataset shapes(const Settings& preparation = {}) {
  return dataset_of("shapes",
                    {{"train_samples", std::int64_t{800}},
                     {"test_samples", std::int64_t{600}},
                     {"size", std::int64_t{16}},
                     {"noise", 0.05}},
                    preparation);
}

Dataset without_classes(Dataset dataset) {
  dataset.target = TargetKind::None;
  dataset.classes.clear();
  for (Split* split : {&dataset.train, &dataset.validation, &dataset.test}) split->targets = {};
  return dataset;
}

std::unique_ptr<FeatureNet> net_of(const Dataset& dataset) {
  auto net = FeatureNet::create(dataset, torch::kCPU);
  if (!net) throw std::runtime_error(net.error().message);
  return std::move(*net);
}

std::unique_ptr<FrechetMeter> meter_of(const Dataset& dataset) {
  auto meter = FrechetMeter::create(dataset, torch::kCPU);
  if (!meter) throw std::runtime_error(meter.error().message);
  return std::move(*meter);
}

}  // namespace

class TestFrechet : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(2);
    QVERIFY(folder_.isValid());
    const unsigned seed = test_seed();
    qInfo("NETWRIGHT_SEED=%u", seed);
    torch::manual_seed(seed);
    pairs_ = pairs();
    nlohmann::json plan = nlohmann::json::array();
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      nlohmann::json row = nlohmann::json::array();
      for (const auto& [side, features] : {std::pair("a", pairs_[i].a), std::pair("b", pairs_[i].b)}) {
        const std::string file = std::to_string(i) + side;
        write_numbers(path(file), features);
        row.push_back({{"file", file}, {"sizes", features.sizes().vec()}});
      }
      plan.push_back(row);
    }
    QFile file(path("cases.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray::fromStdString(plan.dump()));
    file.close();
    const QString complaint = run_python_torch("backend/engine/frechet_oracle.py", {folder_.path()});
    QVERIFY2(complaint.isEmpty(), qPrintable(complaint));
  }
  void init() { qputenv("XDG_CACHE_HOME", path("cache").toUtf8()); }

  void equals_numpy_data() {
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < pairs_.size(); ++i) QTest::newRow(pairs_[i].name) << static_cast<int>(i);
  }
  void equals_numpy() {
    QFETCH(int, index);
    const Pair& pair = pairs_[static_cast<std::size_t>(index)];
    const double expected =
        read_numbers<double>(path("expected"), {static_cast<std::int64_t>(pairs_.size())})[index].item<double>();
    const FeatureStatistics a = statistics_of(pair.a);
    const FeatureStatistics b = statistics_of(pair.b);
    const double found = frechet_distance(a, b);
    // Roots of eigenvalues that are 0 but for rounding cost half the digits.
    QVERIFY2(std::abs(found - expected) < 1e-6 * (1 + expected), qPrintable(QString("%1 %2").arg(found).arg(expected)));
    QVERIFY(std::abs(frechet_distance(b, a) - found) < 1e-6 * (1 + expected));
    QVERIFY(std::abs(frechet_distance(a, a)) < 1e-6 * (1 + expected));
  }

  void one_dimension_is_as_the_formula_says() {
    // N(0, 1) and N(3, 2²): 3² + (2 − 1)².
    const auto normal = [](double mean, double deviation) {
      return FeatureStatistics{torch::full({1}, mean, real), torch::full({1, 1}, deviation * deviation, real)};
    };
    QVERIFY(std::abs(frechet_distance(normal(0, 1), normal(3, 2)) - 10) < 1e-12);
    QVERIFY(std::isnan(frechet_distance(normal(0, 1), normal(NAN, 2))));
    QVERIFY(std::isnan(frechet_distance(normal(0, INFINITY), normal(0, 2))));
  }

  void features_tell_classes_apart() {
    const auto net = net_of(shapes());
    QVERIFY(net->accuracy());
    QVERIFY2(*net->accuracy() > 0.5, qPrintable(QString::number(*net->accuracy())));  // of four kinds
    const auto samples = sample_batch(shapes().test, shapes(), 300, torch::kCPU);
    const torch::Tensor features = net->features_of(samples->inputs);
    QCOMPARE(features.sizes().vec(), (std::vector<std::int64_t>{300, FeatureNet::features}));
    QVERIFY(!features.requires_grad());
  }

  void the_same_data_has_the_same_net_data() {
    QTest::addColumn<bool>("has_classes");
    QTest::newRow("trained") << true;
    QTest::newRow("random") << false;
  }
  void the_same_data_has_the_same_net() {
    QFETCH(bool, has_classes);
    const auto of = [&](const char* normalisation) {
      const Dataset dataset = shapes({{"normalisation", std::string(normalisation)}});
      return has_classes ? dataset : without_classes(dataset);
    };
    const auto features = [](const Dataset& dataset, FeatureNet& net) {
      return net.features_of(sample_batch(dataset.test, dataset, 100, torch::kCPU)->inputs);
    };
    const Dataset signed_data = of("signed");
    const Dataset unit_data = of("unit");

    forget();
    torch::manual_seed(5);
    const torch::Tensor draw = torch::randn({3});
    torch::manual_seed(5);
    const auto first = net_of(signed_data);
    QVERIFY(torch::equal(torch::randn({3}), draw));
    QCOMPARE(first->accuracy().has_value(), has_classes);
    const torch::Tensor expected = features(signed_data, *first);

    forget();
    torch::manual_seed(6);
    QVERIFY(torch::equal(features(signed_data, *net_of(signed_data)), expected));
    forget();
    const torch::Tensor other = features(unit_data, *net_of(unit_data));
    const double difference = ((other - expected).norm() / expected.norm()).item<double>();
    QVERIFY2(difference < 0.05, qPrintable(QString::number(difference)));
  }

  void weights_are_kept() {
    forget();
    const Dataset dataset = shapes();
    const QDir cache(path("cache/netwright"));
    const auto features = [&](FeatureNet& net) {
      return net.features_of(sample_batch(dataset.test, dataset, 100, torch::kCPU)->inputs);
    };
    const torch::Tensor expected = features(*net_of(dataset));
    const QStringList files = cache.entryList(QDir::Files);
    QCOMPARE(files.size(), 1);
    QVERIFY(files.front().contains(QString::fromStdString(fingerprint_of(dataset))));
    QFile file(cache.filePath(files.front()));
    const QDateTime written = QFileInfo(file).lastModified();

    QVERIFY(torch::equal(features(*net_of(dataset)), expected));
    QCOMPARE(QFileInfo(file).lastModified(), written);

    // One that can't be read is replaced.
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("nonsense");
    file.close();
    QVERIFY(torch::equal(features(*net_of(dataset)), expected));
    QVERIFY(file.size() > 1000);

    // Without a place for it all goes on.
    qputenv("XDG_CACHE_HOME", "/proc/nowhere");
    QVERIFY(torch::equal(features(*net_of(dataset)), expected));
  }

  void random_nets_are_not_kept() {
    forget();
    net_of(without_classes(shapes()));
    QVERIFY(!QDir(path("cache")).exists());
  }

  void every_kind_of_sample_has_features_data() {
    QTest::addColumn<QString>("source");
    QTest::newRow("points") << "circles";
    QTest::newRow("pictures") << "shapes";
  }
  void every_kind_of_sample_has_features() {
    QFETCH(QString, source);
    const Dataset dataset =
        dataset_of(source.toStdString(), {{"train_samples", std::int64_t{600}}, {"test_samples", std::int64_t{200}}});
    const auto meter = meter_of(dataset);
    QVERIFY(meter->note().find("classifier") != std::string::npos);
    const auto unclassed = meter_of(without_classes(dataset));
    QVERIFY(unclassed->note().find("random features") != std::string::npos);
  }

  void worse_samples_are_further_data() { the_same_data_has_the_same_net_data(); }
  void worse_samples_are_further() {
    QFETCH(bool, has_classes);
    const Dataset dataset = has_classes ? shapes() : without_classes(shapes());
    const auto meter = meter_of(dataset);
    const auto training = sample_batch(dataset.train, dataset, dataset.train.count(), torch::kCPU);
    torch::manual_seed(1);
    const auto with_noise = [&](double level) {
      return meter->distance_of([&](std::int64_t count, const torch::Tensor&) {
        const torch::Tensor chosen =
            training->inputs.index_select(0, torch::randint(training->size(), {count}, torch::kInt64));
        return chosen + level * torch::randn_like(chosen);
      });
    };
    const double clean = with_noise(0);
    const double little = with_noise(0.3);
    const double much = with_noise(1);
    const double collapsed = meter->distance_of([&](std::int64_t count, const torch::Tensor&) {
      return training->inputs.narrow(0, 0, 1).expand({count, -1, -1, -1});
    });
    const QString figures = QString("%1 %2 %3 %4").arg(clean).arg(little).arg(much).arg(collapsed);
    QVERIFY2(clean < little && little < much && 3 * clean < collapsed, qPrintable(figures));
  }

  void classes_are_asked_for_as_often_as_they_are() {
    const Dataset dataset = shapes();
    const auto meter = meter_of(dataset);
    std::vector<torch::Tensor> asked;
    meter->distance_of([&](std::int64_t count, const torch::Tensor& classes) {
      asked.push_back(classes);
      return torch::randn({count, 1, 16, 16});
    });
    const torch::Tensor counts = torch::bincount(torch::cat(asked), {}, 4);
    QCOMPARE(counts.sum().item<std::int64_t>(), FrechetMeter::generated);
    QVERIFY(counts.min().item<std::int64_t>() > FrechetMeter::generated / 5);
  }

  void words_have_no_features() {
    Dataset dataset = shapes();
    dataset.train.inputs = make_array(ElementType::Int64, {10, 4});
    const auto net = FeatureNet::create(dataset, torch::kCPU);
    QVERIFY(!net);
    QVERIFY(net.error().message.find("Words") != std::string::npos);
  }

 private:
  void forget() { QDir(path("cache")).removeRecursively(); }
  QString path(const std::string& name) const { return folder_.filePath(QString::fromStdString(name)); }

  QTemporaryDir folder_;
  std::vector<Pair> pairs_;
};

QTEST_GUILESS_MAIN(TestFrechet)
#include "test_frechet.moc"
