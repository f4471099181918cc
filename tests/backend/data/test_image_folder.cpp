#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "backend/data/data_catalogue.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

/// A PGM of one gray.
QByteArray gray(int value, int width = 4, int height = 4) {
  return QString("P5 %1 %2 255\n").arg(width).arg(height).toLatin1() +
         QByteArray(width * height, static_cast<char>(value));
}

QByteArray colour(int red, int green, int blue) {
  QByteArray pixels;
  for (int i = 0; i < 16; ++i) pixels += QByteArray().append(char(red)).append(char(green)).append(char(blue));
  return "P6 4 4 255\n" + pixels;
}

QList<int> labels_of(const Split& split) {
  const auto* first = split.targets.as<std::int64_t>();
  return {first, first + split.targets.count()};
}

/// The first number of each sample.
QList<int> firsts_of(const Split& split) {
  QList<int> firsts;
  for (std::int64_t i = 0; i < split.inputs.count(); ++i) {
    firsts << split.inputs.as<std::uint8_t>()[i * sample_elements(split.inputs)];
  }
  return firsts;
}

}  // namespace

class TestImageFolder : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    folder_name_ = ".";
    QVERIFY(folder_->isValid());
  }

  void folders_are_classes_in_the_order_of_their_names() {
    put("pets/dog/2.pgm", gray(22));
    put("pets/dog/1.PGM", gray(21));
    put("pets/cat/deeper/still/9.pgm", gray(11));
    put("pets/Zebra/z.ppm", colour(31, 31, 31));
    put("pets/cat/notes.txt", "not a picture");
    put("pets/cat/._9.pgm", "macOS leaves these");
    put("pets/.hidden/x.pgm", gray(99));
    put("pets/README", "hello");
    folder_name_ = "pets/";
    const auto description = described({});
    QVERIFY(description);
    QCOMPARE(description->classes, std::int64_t{3});
    QCOMPARE(description->train_samples, std::int64_t{4});
    QCOMPARE(description->test_samples, std::int64_t{0});
    QCOMPARE(description->sample_shape, (Shape{3, 64, 64}));
    QVERIFY(description->type == ElementType::UInt8);
    const auto data = loaded({});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(data->name, std::string("pets"));
    QCOMPARE(data->classes, (std::vector<std::string>{"Zebra", "cat", "dog"}));
    QCOMPARE(labels_of(data->train), (QList<int>{0, 1, 2, 2}));
    QCOMPARE(firsts_of(data->train), (QList<int>{31, 11, 21, 22}));
    QCOMPARE(data->train.inputs.sizes, (std::vector<std::int64_t>{4, 3, 64, 64}));
  }

  void splits_have_folders_data() {
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<bool>("has_validation");
    QTest::newRow("train and test") << QStringList{"train", "test"} << false;
    QTest::newRow("train and val") << QStringList{"train", "val"} << false;
    QTest::newRow("in capitals") << QStringList{"Training", "Validation"} << false;
    QTest::newRow("all three") << QStringList{"train", "test", "valid"} << true;
  }
  void splits_have_folders() {
    QFETCH(QStringList, names);
    QFETCH(bool, has_validation);
    put(names[0] + "/a/1.pgm", gray(1));
    put(names[0] + "/b/1.pgm", gray(2));
    put(names[0] + "/b/2.pgm", gray(3));
    put(names[1] + "/b/1.pgm", gray(4));
    if (has_validation) put(names[2] + "/b/1.pgm", gray(5));
    QVERIFY(QDir(folder_->path()).mkpath(names[1] + "/a"));
    const auto data = loaded({});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(firsts_of(data->train), (QList<int>{1, 2, 3}));
    QCOMPARE(labels_of(data->test), QList<int>{1});
    QCOMPARE(firsts_of(data->test), QList<int>{4});
    QCOMPARE(data->validation.count(), std::int64_t{has_validation ? 1 : 0});
    if (has_validation) QCOMPARE(firsts_of(data->validation), QList<int>{5});
    const auto description = described({});
    QCOMPARE(description->train_samples, std::int64_t{has_validation ? 4 : 3});
    QCOMPARE(description->test_samples, std::int64_t{1});
  }

  void a_folder_without_classes_has_no_targets() {
    put("b.pgm", gray(2));
    put("a.pgm", gray(1));
    QVERIFY(described({})->target == TargetKind::None);
    const auto data = loaded({});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QVERIFY(data->target == TargetKind::None);
    QVERIFY(data->classes.empty() && data->train.targets.bytes.empty());
    QCOMPARE(firsts_of(data->train), (QList<int>{1, 2}));
  }

  void colours_become_gray_and_gray_colours() {
    put("a/1.ppm", colour(255, 0, 0));
    put("a/2.pgm", gray(40));
    const auto coloured = loaded({{"size", Integers{4, 4}}});
    QCOMPARE(coloured->train.inputs.as<std::uint8_t>()[0], std::uint8_t{255});
    QCOMPARE(coloured->train.inputs.as<std::uint8_t>()[16], std::uint8_t{0});
    for (int channel = 0; channel < 3; ++channel) {
      QCOMPARE(coloured->train.inputs.as<std::uint8_t>()[48 + 16 * channel], std::uint8_t{40});
    }
    const auto grays = loaded({{"size", Integers{4, 4}}, {"colour", false}});
    QCOMPARE(grays->sample_shape, (Shape{1, 4, 4}));
    QCOMPARE(firsts_of(grays->train), (QList<int>{76, 40}));
  }

  void sizes_are_brought_together() {
    put("a/1.pgm", gray(100, 8, 2));
    put("a/2.pgm", gray(100, 3, 9));
    for (const char* fit : {"resize", "crop", "pad"}) {
      const auto data = loaded({{"size", Integers{2, 4}}, {"fit", std::string(fit)}, {"colour", false}});
      QVERIFY(data);
      QCOMPARE(data->train.inputs.sizes, (std::vector<std::int64_t>{2, 1, 2, 4}));
      const auto* first = data->train.inputs.as<std::uint8_t>();
      QCOMPARE(std::count(first, first + 8, 100), fit == std::string("pad") ? 4 : 8);
    }
    const auto as_first = described({{"size", std::string("first")}});
    QVERIFY(as_first);
    QCOMPARE(as_first->sample_shape, (Shape{3, 2, 8}));
    QCOMPARE(loaded({{"size", std::string("first")}})->sample_shape, (Shape{3, 2, 8}));
  }

  void damaged_files_are_named_or_skipped() {
    for (int i = 0; i < 40; ++i) put(QString("a/%1.pgm").arg(i, 2, 10, QChar('0')), gray(i));
    put("a/17.pgm", "P5 9 9 255 too short");
    put("a/31.pgm", "nothing");
    put("b/x.webp", "RIFF, which isn't read");
    put("b/y.pgm", gray(200));
    for (int round = 0; round < 5; ++round) {
      const auto refused = loaded({});
      QVERIFY(!refused);
      QVERIFY2(refused.error().message.find("a/17.pgm") != std::string::npos, refused.error().message.c_str());
    }
    const auto data = loaded({{"skip_damaged", true}});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QList<int> expected;
    for (int i = 0; i < 40; ++i) {
      if (i != 17 && i != 31) expected << i;
    }
    QCOMPARE(firsts_of(data->train), expected << 200);
    QCOMPARE(labels_of(data->train).last(), 1);
    QCOMPARE(data->train.targets.count(), data->train.inputs.count());
  }

  void where_everything_is_damaged_nothing_is_left() {
    put("a/1.pgm", "nothing");
    put("a/2.pgm", "nothing");
    const auto data = loaded({{"skip_damaged", true}});
    QVERIFY(!data);
    QVERIFY2(data.error().message.find("a/1.pgm") != std::string::npos, data.error().message.c_str());
  }

  void odd_folders_are_refused_data() {
    QTest::addColumn<QStringList>("files");
    QTest::addColumn<QString>("reason");
    QTest::newRow("empty") << QStringList{} << "holds no pictures";
    QTest::newRow("beside folders") << QStringList{"a/1.pgm", "loose.pgm"} << "such as loose.pgm";
    QTest::newRow("empty class") << QStringList{"a/1.pgm", "b/"} << "b holds no pictures: fill it";
    QTest::newRow("empty training") << QStringList{"train/"} << "train holds no pictures";
    QTest::newRow("class only for testing") << QStringList{"train/a/1.pgm", "test/b/1.pgm"} << "b is a class that has";
    QTest::newRow("test without classes")
        << QStringList{"train/a/1.pgm", "test/1.pgm"} << "lie in no folders of classes";
    QTest::newRow("test with classes") << QStringList{"train/1.pgm", "test/a/1.pgm"} << "those for training don't";
    QTest::newRow("nothing to test with") << QStringList{"train/a/1.pgm", "test/a/"} << "test holds no pictures";
  }
  void odd_folders_are_refused() {
    QFETCH(QStringList, files);
    QFETCH(QString, reason);
    for (const QString& file : files) {
      if (file.endsWith('/')) {
        QVERIFY(QDir(folder_->path()).mkpath(file));
      } else {
        put(file, gray(1));
      }
    }
    QVERIFY(!described({}));
    const auto data = loaded({});
    QVERIFY(!data);
    QVERIFY2(QString::fromStdString(data.error().message).contains(reason), data.error().message.c_str());
  }

  void what_is_no_folder_is_refused() {
    QVERIFY(load({"image-folder", {}}).error().message.find("No folder") != std::string::npos);
    put("file", "x");
    for (const char* name : {"file", "nowhere"}) {
      folder_name_ = name;
      QVERIFY2(loaded({}).error().message.find("There is no folder") != std::string::npos,
               loaded({}).error().message.c_str());
    }
  }

  void links_in_a_circle_end() {
    put("a/1.pgm", gray(1));
    QVERIFY(QFile::link(folder_->path(), folder_->filePath("a/again")));
    const auto data = loaded({});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(data->train.count(), std::int64_t{1});
  }

  void names_that_are_no_text_can_be_said() {
    const QByteArray name = folder_->path().toLocal8Bit() + "/\xff\xfe";
    QVERIFY(std::filesystem::create_directory(name.constData()));
    QVERIFY(put_file(folder_->filePath("1.pgm"), gray(1)));
    std::filesystem::rename(path_of(folder_->filePath("1.pgm")), std::string(name + "/1.pgm"));
    const auto data = loaded({});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(data->classes, (std::vector<std::string>{"\xEF\xBF\xBD\xEF\xBF\xBD"}));
    std::filesystem::remove_all(name.constData());
  }

  void sizes_that_fit_nowhere_are_refused() {
    for (int i = 0; i < 30; ++i) put(QString("a/%1.pgm").arg(i), gray(i));
    QVERIFY(!loaded({{"size", Integers{0, 4}}}));
    QVERIFY(!loaded({{"size", Integers{4, 99999}}}));
    QVERIFY(!loaded({{"size", std::string("large")}}));
  }

  void any_byte_may_be_wrong() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    put("a/1.pgm", gray(1));
    for (int round = 0; round < 300; ++round) {
      QByteArray damaged = colour(1, 2, 3);
      const auto at = static_cast<qsizetype>(random() % 14);
      damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1U << random() % 8));
      if (round % 5 == 0) damaged.truncate(static_cast<qsizetype>(random() % damaged.size()));
      put("a/2.ppm", damaged);
      const auto data = loaded({{"size", Integers{8, 8}}});
      QVERIFY(!data || data->train.count() == 2);
      const auto skipped = loaded({{"size", Integers{8, 8}}, {"skip_damaged", true}});
      QVERIFY2(skipped, skipped ? "" : skipped.error().message.c_str());
      QCOMPARE(skipped->train.count(), std::int64_t{data ? 2 : 1});
    }
  }

 private:
  void put(const QString& name, const QByteArray& content) {
    const QString path = folder_->filePath(name);
    QVERIFY(QDir().mkpath(QFileInfo(path).path()));
    QVERIFY(put_file(path, content));
  }
  DataSource source(Settings settings) const {
    settings.set("folder", folder_->filePath(folder_name_).toStdString());
    return {"image-folder", settings, {{"validation_fraction", 0.0}, {"test_fraction", 0.0}}};
  }
  Result<Dataset> loaded(const Settings& settings) const { return load(source(settings)); }
  std::optional<DataDescription> described(const Settings& settings) const { return describe(source(settings)); }

  QString folder_name_;
  std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_APPLESS_MAIN(TestImageFolder)
#include "test_image_folder.moc"
