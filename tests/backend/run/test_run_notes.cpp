#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

#include "backend/graph/templates.h"
#include "backend/run/run_notes.h"
#include "tests/support/files.h"

using namespace netwright;

class TestRunNotes : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void they_are_read_back_data();
  void they_are_read_back();
  void nothing_leaves_no_file();
  void a_strange_file_is_kept_data();
  void a_strange_file_is_kept();
  void a_run_under_way_is_not_deleted();
  void deletion_takes_the_whole_folder();

 private:
  QString notes_file() const { return QString::fromStdString((run_->path() / "notes.json").string()); }

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<RunFolder> run_;
};

void TestRunNotes::init() {
  folder_ = std::make_unique<QTemporaryDir>();
  const auto made = RunFolder::create(folder_->filePath("net.runs/first").toStdString(), *open_template("mlp"));
  QVERIFY(made);
  run_ = std::make_unique<RunFolder>(*made);
}

void TestRunNotes::they_are_read_back_data() {
  QTest::addColumn<QString>("title");
  QTest::addColumn<QString>("note");
  QTest::addColumn<QString>("read_title");
  QTest::addColumn<QString>("read_note");
  QTest::newRow("both") << "wide net"
                        << "twice the channels"
                        << "wide net"
                        << "twice the channels";
  QTest::newRow("no title") << ""
                            << "a note"
                            << ""
                            << "a note";
  QTest::newRow("a title is one line") << "  wide\n\t net "
                                       << ""
                                       << "wide net"
                                       << "";
  QTest::newRow("a note keeps its lines") << "t"
                                          << "one\n\ntwo \"quoted\""
                                          << "t"
                                          << "one\n\ntwo \"quoted\"";
  QTest::newRow("any script") << QString::fromUtf8("große Änderung 学习") << QString::fromUtf8("→ ½")
                              << QString::fromUtf8("große Änderung 学习") << QString::fromUtf8("→ ½");
  QTest::newRow("white space is no note") << "t"
                                          << " \n "
                                          << "t"
                                          << "";
}

void TestRunNotes::they_are_read_back() {
  QFETCH(QString, title);
  QFETCH(QString, note);
  QFETCH(QString, read_title);
  QFETCH(QString, read_note);
  const std::filesystem::path before = run_->path();
  QVERIFY(write_notes(*run_, {title.toStdString(), note.toStdString()}));
  const auto opened = RunFolder::open(before);  // the folder is where it was
  QVERIFY(opened);
  const auto read = read_notes(*opened);
  QVERIFY2(read, read ? "" : read.error().message.c_str());
  QCOMPARE(QString::fromStdString(read->title), read_title);
  QCOMPARE(QString::fromStdString(read->note), read_note);
}

void TestRunNotes::nothing_leaves_no_file() {
  QCOMPARE(*read_notes(*run_), RunNotes{});
  QVERIFY(write_notes(*run_, {"a title", ""}));
  QVERIFY(QFile::exists(notes_file()));
  QVERIFY(write_notes(*run_, {}));
  QVERIFY(!QFile::exists(notes_file()));
  QVERIFY(write_notes(*run_, {}));
}

void TestRunNotes::a_strange_file_is_kept_data() {
  QTest::addColumn<QByteArray>("content");
  QTest::addColumn<QString>("said");
  QTest::newRow("newer") << QByteArray(R"({"format":"netwright-run-notes","version":2,"colour":"red"})") << "version 2";
  QTest::newRow("damaged") << QByteArray(R"({"format":"netwright-run-notes","ver)") << "JSON";
  QTest::newRow("not ours") << QByteArray("[]") << "Netwright";
  QTest::newRow("a title that is no text")
      << QByteArray(R"({"format":"netwright-run-notes","version":1,"title":5,"note":""})") << "title";
}

void TestRunNotes::a_strange_file_is_kept() {
  QFETCH(QByteArray, content);
  QFETCH(QString, said);
  QVERIFY(put_file(notes_file(), content));
  const auto read = read_notes(*run_);
  QVERIFY(!read);
  QVERIFY2(QString::fromStdString(read.error().message).contains(said), read.error().message.c_str());
  QVERIFY2(QString::fromStdString(read.error().message).contains("notes.json"), read.error().message.c_str());
  QVERIFY(!write_notes(*run_, {"mine", ""}));
  QCOMPARE(file_content(notes_file()), content);
}

void TestRunNotes::a_run_under_way_is_not_deleted() {
  QVERIFY(!is_under_way(*run_));  // no record at all
  {
    auto writer = EventWriter::append_to(run_->events_file());
    QVERIFY(writer);
    QVERIFY(writer->write(MessageEvent{"info", "begun"}));
    QVERIFY(is_under_way(*run_));
    const auto deleted = delete_run(*run_);
    QVERIFY(!deleted);
    QVERIFY2(QString::fromStdString(deleted.error().message).contains("under way"), deleted.error().message.c_str());
    QVERIFY(std::filesystem::exists(run_->project_file()));
  }
  QVERIFY(!is_under_way(*run_));
  // Looking leaves no lock behind.
  QVERIFY(EventWriter::append_to(run_->events_file()));
}

void TestRunNotes::deletion_takes_the_whole_folder() {
  QVERIFY(put_file(QString::fromStdString(run_->best_checkpoint().string()), "weights"));
  QVERIFY(delete_run(*run_));
  QVERIFY(!std::filesystem::exists(run_->path()));
  QVERIFY(std::filesystem::exists(run_->path().parent_path()));
  // What is no run can't be named to it.
  QVERIFY(!RunFolder::open(run_->path().parent_path()));
}

QTEST_APPLESS_MAIN(TestRunNotes)
#include "test_run_notes.moc"
