#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include "backend/data/data_catalogue.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

/// A PGM of 4×2 pixels.
QByteArray pgm(const QByteArray& values) {
  return "P2 4 2 255 " + values;
}

const char* const picture = "10 20 30 40 50 60 70 80";

}  // namespace

class TestImageMasks : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(folder_->isValid());
  }

  void masks_go_with_the_pictures_of_their_name() {
    put("images/b.pgm", pgm(picture));
    put("images/a.pgm", pgm("1 1 1 1 1 1 1 1"));
    put("masks/a.pgm", pgm("0 0 0 0 0 0 0 0"));
    put("masks/b.pgm", pgm("0 1 2 0 2 2 1 1"));
    const Settings settings = {{"classes", std::int64_t{3}}, {"size", Integers{2, 4}}, {"colour", false}};
    const auto description = described(settings);
    QVERIFY(description);
    QVERIFY(description->target == TargetKind::Mask);
    QCOMPARE(description->target_shape, (Shape{2, 4}));
    QCOMPARE(description->classes, std::int64_t{3});
    QCOMPARE(description->train_samples, std::int64_t{2});
    const auto data = loaded(settings);
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(data->sample_shape, (Shape{1, 2, 4}));
    QCOMPARE(data->target_shape, (Shape{2, 4}));
    QCOMPARE(data->classes, (std::vector<std::string>{"0", "1", "2"}));
    QCOMPARE(data->train.targets.sizes, (std::vector<std::int64_t>{2, 2, 4}));
    const auto* mask = data->train.targets.as<std::uint8_t>();
    QCOMPARE(QList<int>(mask + 8, mask + 16), (QList<int>{0, 1, 2, 0, 2, 2, 1, 1}));
    QCOMPARE(int(data->train.inputs.as<std::uint8_t>()[8 + 3]), 40);
  }

  void masks_move_with_their_pictures() {
    // Where the picture is 200 the mask is 1, whatever is done to both.
    QByteArray pixels;
    QByteArray classes;
    for (int row = 0; row < 30; ++row) {
      for (int column = 0; column < 20; ++column) {
        const bool is_inside = row >= 10 && row < 20 && column >= 5 && column < 15;
        pixels += is_inside ? "200 " : "0 ";
        classes += is_inside ? "1 " : "0 ";
      }
    }
    put("images/a.pgm", "P2 20 30 255 " + pixels);
    put("masks/a.pgm", "P2 20 30 255 " + classes);
    for (const char* fit : {"resize", "crop", "pad"}) {
      const auto data = loaded({{"size", Integers{40, 40}}, {"fit", std::string(fit)}, {"colour", false}});
      QVERIFY2(data, data ? "" : data.error().message.c_str());
      int ones = 0;
      for (int i = 0; i < 1600; ++i) {
        const int value = data->train.inputs.as<std::uint8_t>()[i];
        const int mask = data->train.targets.as<std::uint8_t>()[i];
        if (value >= 150) QCOMPARE(mask, 1);
        if (value <= 50) QCOMPARE(mask, 0);
        ones += mask;
      }
      // The square of 10×10 pixels of 20×30, stretched to 40×40; scaled by 2 and cropped; scaled by 4/3.
      const int expected = fit == std::string("resize") ? 20 * 13 : fit == std::string("crop") ? 400 : 13 * 13;
      QVERIFY2(std::abs(ones - expected) <= 27, qPrintable(QString("%1: %2").arg(fit).arg(ones)));
    }
  }

  void white_is_the_second_of_two_classes() {
    put("images/a.pgm", pgm(picture));
    put("masks/a.pgm", pgm("0 255 1 0 255 0 0 0"));
    const auto data = loaded({{"size", Integers{2, 4}}});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    const auto* mask = data->train.targets.as<std::uint8_t>();
    QCOMPARE(QList<int>(mask, mask + 8), (QList<int>{0, 1, 1, 0, 1, 0, 0, 0}));
    const auto refused = loaded({{"class_names", std::string("sky, tree, house")}});
    QVERIFY(!refused);
    QVERIFY2(refused.error().message.find("row 0, column 1 (from 0) has class 255, where the 3 classes") !=
                 std::string::npos,
             refused.error().message.c_str());
  }

  void splits_have_folders() {
    for (const QString part : {"train", "test"}) {
      put(part + "/images/a.pgm", pgm(picture));
      put(part + "/masks/a.pgm", pgm("0 0 0 0 1 1 1 1"));
    }
    const auto data = loaded({});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(data->train.count(), std::int64_t{1});
    QCOMPARE(data->test.count(), std::int64_t{1});
    QCOMPARE(described({})->test_samples, std::int64_t{1});
  }

  void what_does_not_belong_together_is_refused_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("reason");
    QTest::newRow("no mask") << "images/b.pgm" << pgm(picture) << "b.pgm has no mask";
    QTest::newRow("no picture") << "masks/b.pgm" << pgm(picture) << "b.pgm is the mask of no picture";
    QTest::newRow("two of a name") << "masks/a.png" << QByteArray("x") << "have one name";
    QTest::newRow("another size") << "masks/a.pgm" << QByteArray("P2 2 2 255 0 0 0 0")
                                  << "is 2×2 pixels, its picture 2×4";
    QTest::newRow("colours") << "masks/a.pgm" << QByteArray("P3 1 1 255 0 0 0") << "has colours";
    QTest::newRow("class too high") << "masks/a.pgm" << pgm("0 0 0 0 0 0 7 0")
                                    << "row 1, column 2 (from 0) has class 7";
    QTest::newRow("damaged") << "masks/a.pgm" << QByteArray("P2 4 2 255 0") << "too short";
  }
  void what_does_not_belong_together_is_refused() {
    QFETCH(QString, file);
    QFETCH(QByteArray, content);
    QFETCH(QString, reason);
    put("images/a.pgm", pgm(picture));
    put("masks/a.pgm", pgm("0 0 0 0 1 1 1 1"));
    put(file, content);
    const auto data = loaded({});
    QVERIFY(!data);
    QVERIFY2(QString::fromStdString(data.error().message).contains(reason), data.error().message.c_str());
  }

  void damaged_pairs_are_skipped() {
    for (const QString name : {"a", "b", "c"}) {
      put("images/" + name + ".pgm", pgm(picture));
      put("masks/" + name + ".pgm", pgm("0 0 0 0 1 1 1 1"));
    }
    put("masks/b.pgm", "no mask");
    QVERIFY(!loaded({}));
    const auto data = loaded({{"skip_damaged", true}});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(data->train.inputs.count(), std::int64_t{2});
    QCOMPARE(data->train.targets.count(), std::int64_t{2});
  }

  void missing_folders_are_named() {
    QVERIFY(!load({"image-masks", {}}));
    QVERIFY(!described({}));
    QVERIFY2(loaded({}).error().message.find("images") != std::string::npos, loaded({}).error().message.c_str());
    put("images/a.pgm", pgm(picture));
    QVERIFY2(loaded({}).error().message.find("masks") != std::string::npos, loaded({}).error().message.c_str());
  }

 private:
  void put(const QString& name, const QByteArray& content) {
    const QString path = folder_->filePath(name);
    QVERIFY(QDir().mkpath(QFileInfo(path).path()));
    QVERIFY(put_file(path, content));
  }
  DataSource source(Settings settings) const {
    settings.set("folder", folder_->path().toStdString());
    return {"image-masks", settings, {{"validation_fraction", 0.0}, {"test_fraction", 0.0}}};
  }
  Result<Dataset> loaded(const Settings& settings) const { return load(source(settings)); }
  std::optional<DataDescription> described(const Settings& settings) const { return describe(source(settings)); }

  std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_APPLESS_MAIN(TestImageMasks)
#include "test_image_masks.moc"
