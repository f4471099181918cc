#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <thread>

#include "backend/data/description_cache.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

const std::vector<SettingSpec> specs = {{"file", SettingKind::FilePath, std::string(), "A file."},
                                        {"folder", SettingKind::FolderPath, std::string(), "A folder."},
                                        {"name", SettingKind::Text, std::string(), "No path."}};

DataDescription description(std::int64_t samples) {
  return {.sample_shape = {1}, .train_samples = samples};
}

/// So long that the next change gets another time.
void wait_a_tick() {
  QTest::qSleep(20);
}

}  // namespace

class TestDescriptionCache : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(QDir(folder_->path()).mkpath("data/train/cats"));
    QVERIFY(put_file(path("data/train/cats/1.png"), "1"));
    QVERIFY(put_file(path("table.csv"), "a,b"));
  }

  void what_was_said_is_kept_by_source_settings_and_stamps() {
    DescriptionCache cache;
    const Settings one = {{"file", std::string("1")}};
    const Settings two = {{"file", std::string("2")}};
    QVERIFY(!cache.find("csv", one, {}));
    cache.keep("csv", one, {"old"}, description(5));
    cache.keep("csv", two, {"old"}, std::nullopt);
    QCOMPARE((*cache.find("csv", one, {"old"}))->train_samples, std::int64_t{5});
    QVERIFY(cache.find("csv", two, {"old"}) && !*cache.find("csv", two, {"old"}));
    QVERIFY(!cache.find("csv", one, {"new"}));
    QVERIFY(!cache.find("npy", one, {"old"}));
    cache.keep("csv", one, {"new"}, description(6));
    QCOMPARE((*cache.find("csv", one, {"new"}))->train_samples, std::int64_t{6});
    QVERIFY(!cache.find("csv", one, {"old"}));
  }

  void the_oldest_of_many_are_forgotten() {
    DescriptionCache cache;
    for (std::int64_t i = 0; i < 200; ++i) cache.keep("csv", {{"n", i}}, {}, description(i));
    QVERIFY(!cache.find("csv", {{"n", std::int64_t{0}}}, {}));
    QCOMPARE((*cache.find("csv", {{"n", std::int64_t{199}}}, {}))->train_samples, std::int64_t{199});
  }

  void threads_may_share_it() {
    DescriptionCache cache;
    std::vector<std::thread> threads;
    for (std::int64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&cache, t] {
        for (std::int64_t i = 0; i < 500; ++i) {
          cache.keep("csv", {{"n", i % 10}}, {}, description(i % 10));
          const auto found = cache.find("csv", {{"n", (i + t) % 10}}, {});
          if (found && (*found)->train_samples != (i + t) % 10) qFatal("another's description");
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  void changes_change_the_stamps_data() {
    QTest::addColumn<QString>("change");
    QTest::addColumn<bool>("is_seen");
    QTest::newRow("none") << "none" << false;
    QTest::newRow("file longer") << "file longer" << true;
    QTest::newRow("file as long") << "file as long" << true;
    QTest::newRow("file replaced") << "file replaced" << true;
    QTest::newRow("file removed") << "file removed" << true;
    QTest::newRow("picture added") << "picture added" << true;
    QTest::newRow("picture removed") << "picture removed" << true;
    QTest::newRow("class added") << "class added" << true;
    QTest::newRow("class renamed") << "class renamed" << true;
    QTest::newRow("another file") << "another file" << false;
  }
  void changes_change_the_stamps() {
    QFETCH(QString, change);
    QFETCH(bool, is_seen);
    const Settings settings = {{"file", path("table.csv").toStdString()},
                               {"folder", path("data").toStdString()},
                               {"name", path("other").toStdString()}};
    const FileStamps before = stamps_of(specs, settings);
    QVERIFY(before.size() >= 4);
    wait_a_tick();
    if (change == "file longer") QVERIFY(put_file(path("table.csv"), "a,b,c"));
    if (change == "file as long") QVERIFY(put_file(path("table.csv"), "b,a"));
    if (change == "file replaced") {
      QVERIFY(put_file(path("new.csv"), "b,a"));
      QVERIFY(QFile::remove(path("table.csv")) && QFile::rename(path("new.csv"), path("table.csv")));
    }
    if (change == "file removed") QVERIFY(QFile::remove(path("table.csv")));
    if (change == "picture added") QVERIFY(put_file(path("data/train/cats/2.png"), "2"));
    if (change == "picture removed") QVERIFY(QFile::remove(path("data/train/cats/1.png")));
    if (change == "class added") QVERIFY(QDir(path("data/train")).mkdir("dogs"));
    if (change == "class renamed") QVERIFY(QDir(path("data/train")).rename("cats", "dogs"));
    if (change == "another file") QVERIFY(put_file(path("other"), "x"));
    QCOMPARE(stamps_of(specs, settings) != before, is_seen);
    QCOMPARE(stamps_of(specs, settings), stamps_of(specs, settings));
  }

  void what_is_not_there_has_a_stamp_too() {
    const Settings settings = {{"file", path("later.csv").toStdString()}};
    const FileStamps before = stamps_of(specs, settings);
    QCOMPARE(before.size(), std::size_t{1});
    QVERIFY(put_file(path("later.csv"), "a"));
    QVERIFY(stamps_of(specs, settings) != before);
    QVERIFY(stamps_of(specs, {}).empty());
  }

 private:
  QString path(const QString& name) const { return folder_->filePath(name); }
  std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_APPLESS_MAIN(TestDescriptionCache)
#include "test_description_cache.moc"
