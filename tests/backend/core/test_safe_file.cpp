#include <sys/resource.h>
#include <sys/stat.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>

#include "backend/core/safe_file.h"

using namespace netwright;

namespace {

/// A disk that is full after `bytes`: writes beyond fail with EFBIG.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

class TestSafeFile : public QObject {
  Q_OBJECT

 private slots:
  void init() { target_ = (folder_.path() + "/project.netwright").toStdString(); }

  void writes_and_reads() {
    QVERIFY(bool(write_file(target_, "one")));
    QVERIFY(bool(write_file(target_, "two")));
    QCOMPARE(*read_file(target_, 100), std::string("two"));
    QCOMPARE(QDir(folder_.path()).entryList(QDir::Files).size(), 1);
  }

  void a_full_disk_keeps_the_old_file() {
    QVERIFY(bool(write_file(target_, "old")));
    {
      const FullDisk disk(1000);
      const auto result = write_file(target_, std::string(5000, 'x'));
      QVERIFY(!result);
      QVERIFY(result.error().message.find(target_) != std::string::npos);
    }
    QCOMPARE(*read_file(target_, 100), std::string("old"));
    QCOMPARE(QDir(folder_.path()).entryList(QDir::Files).size(), 1);
  }

  void an_abandoned_file_leaves_nothing() {
    QVERIFY(bool(write_file(target_, "old")));
    {
      auto file = SafeFile::create(target_);
      QVERIFY(bool(file));
      QVERIFY(bool(file->write("half")));
    }
    QCOMPARE(*read_file(target_, 100), std::string("old"));
    QCOMPARE(QDir(folder_.path()).entryList(QDir::Files).size(), 1);
  }

  void a_link_stays_a_link() {
    const std::string link = (folder_.path() + "/link").toStdString();
    QVERIFY(bool(write_file(target_, "old")));
    std::filesystem::create_symlink(target_, link);
    QVERIFY(bool(write_file(link, "new")));
    QVERIFY(std::filesystem::is_symlink(link));
    QCOMPARE(*read_file(target_, 100), std::string("new"));
    std::filesystem::remove(link);
  }

  void permissions_stay() {
    QVERIFY(bool(write_file(target_, "old")));
    std::filesystem::permissions(target_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    QVERIFY(bool(write_file(target_, "new")));
    struct stat now {};
    QCOMPARE(::stat(target_.c_str(), &now), 0);
    QCOMPARE(now.st_mode & 0777, mode_t{0600});
  }

  void errors_name_the_file() {
    const auto missing = read_file(folder_.path().toStdString() + "/none", 10);
    QVERIFY(!missing && missing.error().message.find("none") != std::string::npos);
    QVERIFY(!read_file(folder_.path().toStdString(), 10));
    QVERIFY(!write_file(folder_.path().toStdString() + "/no/such/folder", "x"));
    QVERIFY(bool(write_file(target_, "0123456789")));
    QVERIFY(!read_file(target_, 9));
  }

 private:
  QTemporaryDir folder_;
  std::string target_;
};

QTEST_APPLESS_MAIN(TestSafeFile)
#include "test_safe_file.moc"
