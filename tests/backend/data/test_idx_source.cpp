#include <QTemporaryDir>
#include <QTest>

#include "backend/data/data_catalogue.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

QByteArray idx(std::initializer_list<int> sizes, const QByteArray& elements, char type = 0x08) {
  QByteArray bytes("\0\0", 2);
  bytes += type;
  bytes += static_cast<char>(sizes.size());
  for (const int size : sizes) {
    bytes += QByteArray("\0\0", 2);
    bytes += static_cast<char>(size >> 8);
    bytes += static_cast<char>(size);
  }
  return bytes + elements;
}

}  // namespace

class TestIdxSource : public QObject {
  Q_OBJECT

 private slots:
  void idx_files_are_described_and_loaded() {
    put("train_images", idx({3, 2, 2}, "abcdefghijkl"));
    put("train_labels", idx({3}, QByteArray("\1\0\2", 3)));
    put("test_images", idx({1, 2, 2}, "zzzz"));
    put("test_labels", idx({1}, QByteArray("\2", 1)));
    DataSource data = source();
    data.settings.set("classes", std::int64_t{3});
    const auto description = describe(data);
    QVERIFY(description);
    QCOMPARE(description->sample_shape, (Shape{1, 2, 2}));
    QCOMPARE(description->classes, std::int64_t{3});
    QCOMPARE(description->train_samples, std::int64_t{3});
    const auto loaded = load(data);
    QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
    QCOMPARE(loaded->classes, (std::vector<std::string>{"0", "1", "2"}));
    QCOMPARE(loaded->train.targets.as<std::int64_t>()[2], std::int64_t{2});

    data.settings.set("class_names", std::string(" cat, dog ,big fish,,"));
    QCOMPARE(load(data)->classes, (std::vector<std::string>{"cat", "dog", "big fish"}));
  }

  void idx_files_that_do_not_belong_together_are_refused_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("reason");
    QTest::newRow("label too high") << "train_labels" << idx({3}, QByteArray("\1\3\2", 3))
                                    << "train_labels: sample 1 has the class 3, where the 3 classes";
    QTest::newRow("fewer labels") << "train_labels" << idx({2}, QByteArray("\1\2", 2)) << "2 targets for 3 samples";
    QTest::newRow("images as labels") << "test_labels" << idx({1, 2, 2}, "zzzz")
                                      << "a class is one number for each sample; this array has 2×2";
    QTest::newRow("labels as images") << "test_images" << idx({1}, "z") << "are these the labels";
    QTest::newRow("other size") << "test_images" << idx({1, 2, 3}, "zzzzzz") << "1×2×3";
    QTest::newRow("damaged") << "test_images" << QByteArray("junk") << "test_images: at byte 0";
  }
  void idx_files_that_do_not_belong_together_are_refused() {
    QFETCH(QString, file);
    QFETCH(QByteArray, content);
    QFETCH(QString, reason);
    put("train_images", idx({3, 2, 2}, "abcdefghijkl"));
    put("train_labels", idx({3}, QByteArray("\1\0\2", 3)));
    put("test_images", idx({1, 2, 2}, "zzzz"));
    put("test_labels", idx({1}, QByteArray("\2", 1)));
    put(file, content);
    DataSource data = source();
    data.settings.set("classes", std::int64_t{3});
    const auto loaded = load(data);
    QVERIFY(!loaded);
    QVERIFY2(QString::fromStdString(loaded.error().message).contains(reason), loaded.error().message.c_str());
  }

  void idx_without_files_says_which() {
    QVERIFY(!describe({"idx", {}}));
    const auto loaded = load({"idx", {}});
    QVERIFY(!loaded);
    QVERIFY(loaded.error().message.find("train_images") != std::string::npos);
  }

  void labels_and_test_files_may_be_left_out() {
    put("train_images", idx({4, 2, 2}, "abcdefghijklmnop"));
    put("train_labels", idx({4}, QByteArray("\1\0\2\3", 4)));
    DataSource data = {"idx", {{"train_images", path("train_images")}}, {{"test_fraction", 0.0}}};
    QVERIFY(describe(data)->target == TargetKind::None);
    QCOMPARE(describe(data)->test_samples, std::int64_t{0});
    QVERIFY(describe(data)->type == ElementType::UInt8);
    const auto bare = load(data);
    QVERIFY2(bare, bare ? "" : bare.error().message.c_str());
    QVERIFY(bare->target == TargetKind::None);
    QVERIFY(bare->classes.empty());
    QCOMPARE(bare->test.count(), std::int64_t{0});

    data.settings.set("train_labels", path("train_labels"));
    data.preparation.set("test_fraction", 0.5);
    const auto labelled = load(data);
    QVERIFY2(labelled, labelled ? "" : labelled.error().message.c_str());
    QVERIFY(labelled->target == TargetKind::Class);
    QCOMPARE(labelled->test.count(), std::int64_t{2});
    QVERIFY(labelled->test.inputs.bytes == labelled->train.inputs.bytes);
  }

  void other_types_are_numbers() {
    // Two samples of three 16-bit numbers; two values each.
    put("train_images", idx({2, 3}, QByteArray("\0\1\1\0\xff\xff\0\2\0\3\0\4", 12), 0x0B));
    put("train_labels", idx({2, 2}, QByteArray("\x3f\0\0\0\x40\0\0\0\0\0\0\0\xbf\x80\0\0", 16), 0x0D));
    const DataSource data = {"idx",
                             {{"train_images", path("train_images")}, {"train_labels", path("train_labels")}},
                             {{"test_fraction", 0.0}, {"validation_fraction", 0.0}}};
    const auto loaded = load(data);
    QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
    QVERIFY(loaded->train.inputs.type == ElementType::Float32);
    QCOMPARE(loaded->sample_shape, (Shape{3}));
    QCOMPARE(loaded->train.inputs.as<float>()[1], 256.0F);
    QCOMPARE(loaded->train.inputs.as<float>()[2], -1.0F);
    QVERIFY(loaded->target == TargetKind::Values);
    QCOMPARE(loaded->target_shape, (Shape{2}));
    QCOMPARE(loaded->train.targets.as<float>()[1], 2.0F);
    QCOMPARE(loaded->train.targets.as<float>()[3], -1.0F);
    QVERIFY(describe(data)->target == TargetKind::Values);
    QVERIFY(describe(data)->type == ElementType::Float32);
  }

 private:
  void put(const QString& name, const QByteArray& content) { QVERIFY(put_file(folder_.filePath(name), content)); }
  DataSource source() const {
    DataSource data = {"idx", {}};
    for (const char* name : {"train_images", "train_labels", "test_images", "test_labels"}) {
      data.settings.set(name, folder_.filePath(name).toStdString());
    }
    return data;
  }
  std::string path(const char* name) const { return folder_.filePath(name).toStdString(); }
  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestIdxSource)
#include "test_idx_source.moc"
