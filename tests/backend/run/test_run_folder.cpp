#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <memory>
#include <set>

#include "backend/run/run_folder.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

Project named(const std::string& name) {
  Project project = empty_project();
  project.name = name;
  return project;
}

}  // namespace

class TestRunFolder : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    project_file_ = path_of(folder_->filePath("classifier.netwright"));
  }

  void runs_lie_beside_the_project() {
    QCOMPARE(runs_folder_of("/home/me/classifier.netwright"), std::filesystem::path("/home/me/classifier.runs"));
    const auto run = RunFolder::create_beside(project_file_, named("My net"));
    QVERIFY(run);
    QCOMPARE(run->path().parent_path(), runs_folder_of(project_file_));
    const QRegularExpression form("^\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ-My-net$");
    QVERIFY2(form.match(QString::fromStdString(run->path().filename().string())).hasMatch(), run->path().c_str());
    for (const char* part : {"checkpoints", "samples", "export", "project.json"}) {
      QVERIFY2(std::filesystem::exists(run->path() / part), part);
    }
    const auto project = run->project();
    QVERIFY(project);
    QCOMPARE(project->name, std::string("My net"));
  }

  void names_are_safe_for_file_systems_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("part");
    QTest::newRow("path") << "../../etc/passwd"
                          << "etc-passwd";
    QTest::newRow("empty") << ""
                           << "run";
    QTest::newRow("only dots") << "..."
                               << "run";
    QTest::newRow("reserved characters") << "a<b>:\"c\"|?*\\d"
                                         << "a-b-c-d";
    QTest::newRow("line break") << "a\nb"
                                << "a-b";
    QTest::newRow("letters of others") << QString::fromUtf8("Schärfe 网络") << QString::fromUtf8("Schärfe-网络");
    QTest::newRow("long") << QString(300, 'x') << QString(48, 'x');
    QTest::newRow("long, cut between characters") << QString(100, QChar(0x7F51)) << QString(16, QChar(0x7F51));
    QTest::newRow("long, cut within a character")
        << "ab" + QString(100, QChar(0x7F51)) << "ab" + QString(15, QChar(0x7F51));
  }
  void names_are_safe_for_file_systems() {
    QFETCH(QString, name);
    QFETCH(QString, part);
    const auto run = RunFolder::create_beside(project_file_, named(name.toStdString()));
    QVERIFY(run);
    QCOMPARE(run->path().parent_path(), runs_folder_of(project_file_));
    QCOMPARE(QString::fromStdString(run->path().filename().string()).mid(21), part);
  }

  void runs_of_one_second_have_folders_of_their_own() {
    std::set<std::filesystem::path> paths;
    for (int i = 0; i < 20; ++i) {
      const auto run = RunFolder::create_beside(project_file_, named("again"));
      QVERIFY(run);
      QVERIFY(paths.insert(run->path()).second);
    }
    QCOMPARE(runs_of(project_file_).size(), std::size_t{20});
  }

  void the_newest_run_comes_first() {
    const auto runs = runs_folder_of(project_file_);
    for (const char* name : {"2026-01-02T00-00-00Z-b", "2026-01-03T00-00-00Z-a", "2025-12-31T23-59-59Z-c"}) {
      QVERIFY(RunFolder::create(runs / name, named("x")));
    }
    std::filesystem::create_directories(runs / "2027-01-01T00-00-00Z-no-run");
    const auto found = runs_of(project_file_);
    QCOMPARE(found.size(), std::size_t{3});
    QCOMPARE(found[0].path().filename(), std::filesystem::path("2026-01-03T00-00-00Z-a"));
    QCOMPARE(found[2].path().filename(), std::filesystem::path("2025-12-31T23-59-59Z-c"));
    QVERIFY(runs_of(path_of(folder_->filePath("other.netwright"))).empty());
  }

  void checkpoints_are_named_in_order() {
    const auto folder = RunFolder::create(path_of(folder_->filePath("run")), named("x"));
    QVERIFY(folder);
    QVERIFY(folder->checkpoints().empty());
    for (const char* name : {"step-1000", "last", "step-90", "best"}) {
      QVERIFY(put_file(folder_->filePath(QString("run/checkpoints/%1.safetensors").arg(name)), "x"));
    }
    QVERIFY(put_file(folder_->filePath("run/checkpoints/notes.txt"), "x"));
    QCOMPARE(folder->checkpoints(), (std::vector<std::string>{"best", "last", "step-90", "step-1000"}));
    QCOMPARE(folder->checkpoint("step-90").filename(), std::filesystem::path("step-90.safetensors"));
  }

  void a_folder_with_a_run_is_refused() {
    const auto path = path_of(folder_->filePath("run"));
    QVERIFY(RunFolder::create(path, named("first")));
    const auto again = RunFolder::create(path, named("second"));
    QVERIFY(!again);
    QVERIFY(again.error().message.find("holds a run already") != std::string::npos);
    QCOMPARE(RunFolder::open(path)->project()->name, std::string("first"));
  }

  void what_is_no_run_is_refused() {
    QVERIFY(!RunFolder::open(path_of(folder_->path())));
    QVERIFY(!RunFolder::open(path_of(folder_->filePath("nowhere"))));
    QVERIFY(put_file(folder_->filePath("file"), "x"));
    QVERIFY(!RunFolder::create(path_of(folder_->filePath("file")) / "below", named("x")));
    QVERIFY(!RunFolder::create_beside(path_of(folder_->filePath("file")) / "p.netwright", named("x")));
  }

  void events_are_kept_in_order() {
    const auto run = RunFolder::create_beside(project_file_, named("x"));
    QVERIFY(run);
    QVERIFY(!run->events());
    {
      auto writer = EventWriter::append_to(run->events_file());
      QVERIFY(writer);
      for (int step = 0; step < 3000; ++step) {
        StepEvent event;
        event.step = step;
        QVERIFY(writer->write(event));
      }
      QVERIFY(writer->write(DoneEvent{}));
    }
    const auto events = run->events();
    QVERIFY(events);
    QCOMPARE(events->size(), std::size_t{3001});
    for (int step = 0; step < 3000; ++step) {
      QCOMPARE(std::get<StepEvent>((*events)[static_cast<std::size_t>(step)]).step, step);
    }
    QVERIFY(std::holds_alternative<DoneEvent>(events->back()));
  }

  void a_crash_in_the_middle_of_a_line_costs_that_line_only() {
    const auto run = RunFolder::create_beside(project_file_, named("x"));
    const QString file = QString::fromStdString(run->events_file().string());
    QVERIFY(put_file(file, "{\"event\":\"message\",\"text\":\"one\"}\ngarbage\n{\"event\":\"mess"));
    QCOMPARE(run->events()->size(), std::size_t{1});
    {
      auto writer = EventWriter::append_to(run->events_file());
      QVERIFY(writer->write(MessageEvent{"info", "two"}));
    }
    const auto events = run->events();
    QCOMPARE(events->size(), std::size_t{2});
    QCOMPARE(std::get<MessageEvent>(events->back()).text, std::string("two"));
  }

  void a_full_disk_is_an_error() {
    auto writer = EventWriter::append_to("/dev/full");
    QVERIFY(writer);
    const auto written = writer->write(DoneEvent{});
    QVERIFY(!written);
    QVERIFY(written.error().message.find("No space left") != std::string::npos);
    QVERIFY(!EventWriter::append_to(path_of(folder_->filePath("nowhere/events.jsonl"))));
  }

 private:
  std::unique_ptr<QTemporaryDir> folder_;
  std::filesystem::path project_file_;
};

QTEST_APPLESS_MAIN(TestRunFolder)
#include "test_run_folder.moc"
