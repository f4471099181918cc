#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "backend/data/data_catalogue.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

/// A pixel of record `record` in batch `batch`, so that each is another.
char pixel(int batch, int record, int place) {
  return static_cast<char>(batch * 31 + record * 7 + place);
}

QByteArray batch_10(int batch, const QList<int>& labels) {
  QByteArray bytes;
  for (int record = 0; record < labels.size(); ++record) {
    bytes += static_cast<char>(labels[record]);
    for (int place = 0; place < 3072; ++place) bytes += pixel(batch, record, place);
  }
  return bytes;
}

QByteArray batch_100(int records) {
  QByteArray bytes;
  for (int record = 0; record < records; ++record) {
    bytes += static_cast<char>(record % 20);
    bytes += static_cast<char>(99 - record % 100);
    for (int place = 0; place < 3072; ++place) bytes += pixel(0, record, place);
  }
  return bytes;
}

}  // namespace

class TestCifar : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(folder_->isValid());
  }

  void cifar_10_is_taken_apart() {
    put_cifar_10(folder_->path());
    check_cifar_10();
  }

  void the_archive_s_own_folder_is_found_within() {
    QVERIFY(QDir(folder_->path()).mkdir("cifar-10-batches-bin"));
    put_cifar_10(folder_->filePath("cifar-10-batches-bin"));
    check_cifar_10();
  }

  void cifar_100_has_two_kinds_of_labels() {
    put("train.bin", batch_100(600));
    put("test.bin", batch_100(3));
    QByteArray coarse;
    for (int i = 0; i < 20; ++i) coarse += "group " + QByteArray::number(i) + "\r\n";
    put("coarse_label_names.txt", coarse);

    const auto fine = loaded({});
    QVERIFY2(fine, fine ? "" : fine.error().message.c_str());
    QCOMPARE(fine->name, std::string("CIFAR-100"));
    QCOMPARE(fine->classes.size(), std::size_t{100});
    QCOMPARE(fine->classes[42], std::string("42"));
    QCOMPARE(fine->train.count(), std::int64_t{600});
    for (int i = 0; i < 600; ++i) {
      QCOMPARE(fine->train.targets.as<std::int64_t>()[i], std::int64_t{99 - i % 100});
      const auto* image = fine->train.inputs.as<char>() + i * 3072;
      QVERIFY(image[0] == pixel(0, i, 0) && image[3071] == pixel(0, i, 3071));
    }
    const Settings coarse_labels = {{"labels", std::string("coarse")}};
    const auto groups = loaded(coarse_labels);
    QVERIFY(groups);
    QCOMPARE(described(coarse_labels)->classes, std::int64_t{20});
    QCOMPARE(groups->classes.size(), std::size_t{20});
    QCOMPARE(groups->classes[19], std::string("group 19"));
    for (int i = 0; i < 600; ++i) QCOMPARE(groups->train.targets.as<std::int64_t>()[i], std::int64_t{i % 20});
  }

  void what_does_not_fit_is_refused_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("reason");
    QTest::newRow("label too high") << "data_batch_2.bin" << batch_10(2, {1, 10})
                                    << "data_batch_2.bin: at byte 3073: label 10, where the 10 classes";
    QTest::newRow("truncated") << "data_batch_3.bin" << batch_10(3, {1}).chopped(1)
                               << "data_batch_3.bin: 3072 bytes aren't a whole number";
    QTest::newRow("empty") << "test_batch.bin" << QByteArray() << "test_batch.bin: 0 bytes";
    QTest::newRow("too few names") << "batches.meta.txt" << QByteArray("cat\ndog\n") << "2 names for 10 classes";
    QTest::newRow("names that are none") << "batches.meta.txt" << QByteArray(100'000, 'x') << "batches.meta.txt";
  }
  void what_does_not_fit_is_refused() {
    QFETCH(QString, file);
    QFETCH(QByteArray, content);
    QFETCH(QString, reason);
    put_cifar_10(folder_->path());
    put(file, content);
    const auto data = loaded({});
    QVERIFY(!data);
    QVERIFY2(QString::fromStdString(data.error().message).contains(reason), data.error().message.c_str());
  }

  void missing_files_are_named() {
    QVERIFY(!describe({"cifar", {}}));
    QVERIFY(load({"cifar", {}}).error().message.find("No folder") != std::string::npos);
    const auto nothing = loaded({});
    QVERIFY(!nothing);
    QVERIFY2(nothing.error().message.find("holds neither data_batch_1.bin") != std::string::npos,
             nothing.error().message.c_str());
    put_cifar_10(folder_->path());
    QVERIFY(QFile::remove(folder_->filePath("data_batch_4.bin")));
    QVERIFY(!described({}));
    QVERIFY2(loaded({}).error().message.find("data_batch_4.bin") != std::string::npos,
             loaded({}).error().message.c_str());
  }

  void any_byte_may_be_wrong() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    put_cifar_10(folder_->path());
    const QByteArray whole = batch_10(1, {3, 1, 4, 1});
    for (int round = 0; round < 200; ++round) {
      QByteArray damaged = whole;
      const auto at = static_cast<qsizetype>(round % 2 == 0 ? 3073 * (random() % 4) : random() % damaged.size());
      damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1U << random() % 8));
      if (round % 5 == 0) damaged.truncate(static_cast<qsizetype>(random() % damaged.size()));
      put("data_batch_1.bin", damaged);
      const auto data = loaded({});
      if (!data) continue;
      for (std::int64_t i = 0; i < data->train.targets.count(); ++i) {
        QVERIFY(data->train.targets.as<std::int64_t>()[i] >= 0 && data->train.targets.as<std::int64_t>()[i] < 10);
      }
    }
  }

 private:
  void put(const QString& name, const QByteArray& content) { QVERIFY(put_file(folder_->filePath(name), content)); }
  void put_cifar_10(const QString& folder) {
    for (int batch = 1; batch <= 5; ++batch) {
      QVERIFY(put_file(QDir(folder).filePath(QString("data_batch_%1.bin").arg(batch)), batch_10(batch, {batch, 9})));
    }
    QVERIFY(put_file(QDir(folder).filePath("test_batch.bin"), batch_10(6, {7, 8, 9})));
    QVERIFY(put_file(QDir(folder).filePath("batches.meta.txt"),
                     "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"));
  }
  DataSource source(Settings settings) const {
    settings.set("folder", folder_->path().toStdString());
    return {"cifar", settings, {{"validation_fraction", 0.0}}};
  }
  Result<Dataset> loaded(const Settings& settings) const { return load(source(settings)); }
  std::optional<DataDescription> described(const Settings& settings) const { return describe(source(settings)); }

  void check_cifar_10() {
    const auto description = described({});
    QVERIFY(description);
    QCOMPARE(description->sample_shape, (Shape{3, 32, 32}));
    QCOMPARE(description->train_samples, std::int64_t{10});
    QCOMPARE(description->test_samples, std::int64_t{3});
    QCOMPARE(description->classes, std::int64_t{10});
    QVERIFY(description->type == ElementType::UInt8);
    const auto data = loaded({});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(data->name, std::string("CIFAR-10"));
    QCOMPARE(data->classes[9], std::string("truck"));
    QCOMPARE(data->train.inputs.sizes, (std::vector<std::int64_t>{10, 3, 32, 32}));
    for (int i = 0; i < 10; ++i) {
      QCOMPARE(data->train.targets.as<std::int64_t>()[i], std::int64_t{i % 2 == 0 ? i / 2 + 1 : 9});
      for (int place = 0; place < 3072; ++place) {
        QCOMPARE(data->train.inputs.as<char>()[i * 3072 + place], pixel(i / 2 + 1, i % 2, place));
      }
    }
    QCOMPARE(data->test.targets.as<std::int64_t>()[2], std::int64_t{9});
    QCOMPARE(data->test.inputs.as<char>()[3 * 3072 - 1], pixel(6, 2, 3071));
  }

  std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_APPLESS_MAIN(TestCifar)
#include "test_cifar.moc"
