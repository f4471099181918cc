#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cerrno>
#include <csignal>

#include "designer/training/engine_process.h"

using namespace netwright;

namespace {

constexpr int patience_ms = 30000;

const QByteArray step_line = R"({"event":"step","step":%1,"epoch":0.5,"figures":{"loss":1.5}})";
const QByteArray done_line = R"({"event":"done","reason":"finished","epochs":1})";

QByteArray step(int number) {
  return QByteArray(step_line).replace("%1", QByteArray::number(number));
}

QByteArray say(const QByteArray& line) {
  return "printf '%s\\n' '" + line + "'\n";
}

}  // namespace

class TestEngineProcess : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void ends_in_words_data();
  void ends_in_words();
  void lines_may_come_in_pieces();
  void starts_with_the_job_and_the_environment_as_it_is();
  void other_verbs_leave_no_record();
  void missing_engine_is_said();
  void unusable_engine_is_said();
  void stops_when_asked();
  void stops_what_does_not_listen_data();
  void stops_what_does_not_listen();
  void ends_what_stays_after_its_last_word();
  void commands_arrive_as_lines();
  void leaves_no_child_behind();
  void can_be_started_again();

 private:
  QString script(const QByteArray& body);
  /// Starts the script and waits for its end; then exactly one of the two signals has come.
  void run(const QByteArray& body, EngineProcess& engine);

  std::unique_ptr<QTemporaryDir> folder_;
  std::vector<Event> events_;
  QString failure_;
  bool is_finished_ = false;
};

void TestEngineProcess::init() {
  folder_ = std::make_unique<QTemporaryDir>();
  events_.clear();
  failure_.clear();
  is_finished_ = false;
}

QString TestEngineProcess::script(const QByteArray& body) {
  QFile file(folder_->filePath("engine"));
  if (!file.open(QIODevice::WriteOnly)) return {};
  file.write("#!/bin/sh\n" + body);
  file.close();
  file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  return file.fileName();
}

void TestEngineProcess::run(const QByteArray& body, EngineProcess& engine) {
  connect(&engine, &EngineProcess::event_arrived, this, [this](const Event& event) { events_.push_back(event); });
  connect(&engine, &EngineProcess::finished, this, [this] { is_finished_ = true; });
  connect(&engine, &EngineProcess::failed, this, [this](const QString& words) { failure_ = words; });
  if (!body.isEmpty()) engine.set_program(script(body));
  engine.start({"project.netwright", "runs/one", "cpu", {}});
}

#define WAIT_FOR_END() QTRY_VERIFY_WITH_TIMEOUT(is_finished_ || !failure_.isEmpty(), patience_ms)

void TestEngineProcess::ends_in_words_data() {
  QTest::addColumn<QByteArray>("body");
  QTest::addColumn<int>("events");
  QTest::addColumn<QString>("words");  // empty: finished
  QTest::addColumn<QString>("log");
  QTest::addRow("finishes") << say(step(1)) + say(done_line) << 2 << ""
                            << "";
  QTest::addRow("last line without its end") << "printf '%s' '" + done_line + "'\n"
                                             << 1 << ""
                                             << "";
  QTest::addRow("garbage between") << say("hello") + say(step(1)) + say("{\"event\":") + say(done_line) << 2 << ""
                                   << "hello\n{\"event\":";
  QTest::addRow("unknown kind") << say("{\"event\":\"aurora\"}") + say(done_line) << 1 << ""
                                << "";
  QTest::addRow("no last word") << say(step(1)) + "echo 'out of disk' >&2\nexit 3\n"
                                << 1 << "exit code 3"
                                << "out of disk";
  QTest::addRow("exit code 0 without last word") << say(step(1)) << 1 << "exit code 0"
                                                 << "";
  QTest::addRow("crash") << say(step(1)) + "echo 'last words' >&2\nkill -SEGV $$\n"
                         << 1 << "segmentation fault"
                         << "last words";
  QTest::addRow("killed") << say(step(1)) + "kill -KILL $$\n"
                          << 1 << "memory"
                          << "";
}

void TestEngineProcess::ends_in_words() {
  QFETCH(QByteArray, body);
  QFETCH(int, events);
  QFETCH(QString, words);
  QFETCH(QString, log);
  EngineProcess engine;
  run(body, engine);
  WAIT_FOR_END();
  QVERIFY(!engine.is_running());
  QCOMPARE(static_cast<int>(events_.size()), events);
  QCOMPARE(is_finished_, words.isEmpty());
  QVERIFY2(failure_.contains(words), qPrintable(failure_));
  QVERIFY2(engine.log_tail().contains(log), qPrintable(engine.log_tail()));
  if (!words.isEmpty()) QVERIFY2(failure_.contains(log), qPrintable(failure_));
}

void TestEngineProcess::lines_may_come_in_pieces() {
  QByteArray body;
  for (int i = 1; i <= 3; ++i) {
    const QByteArray line = step(i);
    body += "printf '%s' '" + line.left(20) + "'\nsleep 0.05\nprintf '%s\\n' '" + line.mid(20) + "'\n";
  }
  EngineProcess engine;
  run(body + say(done_line), engine);
  WAIT_FOR_END();
  QCOMPARE(events_.size(), std::size_t{4});
  for (std::size_t i = 0; i < 3; ++i) {
    QCOMPARE(std::get<StepEvent>(events_[i]).step, static_cast<std::int64_t>(i + 1));
  }
}

void TestEngineProcess::starts_with_the_job_and_the_environment_as_it_is() {
  qputenv("NETWRIGHT_PROBE", "as it was");
  EngineProcess engine;
  connect(&engine, &EngineProcess::finished, this, [this] { is_finished_ = true; });
  engine.set_program(script("echo \"$@\" >&2\necho \"$NETWRIGHT_PROBE\" >&2\n" + say(done_line)));
  engine.start({"a project.netwright", "runs/one", "cuda:1", {"--limit-samples", "10"}});
  QTRY_VERIFY_WITH_TIMEOUT(is_finished_, patience_ms);
  QCOMPARE(engine.log_tail(),
           QString("train a project.netwright --run runs/one --json --device cuda:1 --limit-samples 10\nas it was"));
}

void TestEngineProcess::other_verbs_leave_no_record() {
  EngineProcess engine;
  connect(&engine, &EngineProcess::finished, this, [this] { is_finished_ = true; });
  engine.set_program(script("echo \"$@\" >&2\n" + say(done_line)));
  EngineJob job;
  job.target = "project.netwright";
  job.verb = "range-test";
  engine.start(job);
  QTRY_VERIFY_WITH_TIMEOUT(is_finished_, patience_ms);
  QCOMPARE(engine.log_tail(), QString("range-test project.netwright --json"));
}

void TestEngineProcess::missing_engine_is_said() {
  const QByteArray path = qgetenv("PATH");
  qputenv("PATH", folder_->path().toLocal8Bit());
  QCOMPARE(EngineProcess::find_program(), QString());
  EngineProcess engine;
  run({}, engine);
  WAIT_FOR_END();
  QVERIFY2(failure_.contains("netwright-engine") && failure_.contains("PATH"), qPrintable(failure_));

  QFile::rename(script("exit 0\n"), folder_->filePath("netwright-engine"));
  QCOMPARE(EngineProcess::find_program(), folder_->filePath("netwright-engine"));
  qputenv("PATH", path);
}

void TestEngineProcess::unusable_engine_is_said() {
  EngineProcess engine;
  engine.set_program(folder_->filePath("is-not-there"));
  run({}, engine);
  WAIT_FOR_END();
  QVERIFY2(failure_.contains("could not be started"), qPrintable(failure_));
  QVERIFY(!engine.is_running());
}

void TestEngineProcess::stops_when_asked() {
  EngineProcess engine;
  run(say(step(1)) + "while read -r line; do case \"$line\" in *stop*) " + say(done_line).trimmed() +
          "; exit 0;; esac; done\n",
      engine);
  QTRY_COMPARE_WITH_TIMEOUT(events_.size(), std::size_t{1}, patience_ms);
  engine.stop();
  WAIT_FOR_END();
  QVERIFY(is_finished_);
}

void TestEngineProcess::stops_what_does_not_listen_data() {
  QTest::addColumn<QByteArray>("body");
  QTest::addColumn<QString>("words");
  QTest::addRow("deaf to commands") << say(step(1)) + "exec sleep 600\n"
                                    << "ended by a signal";
  QTest::addRow("deaf to signals") << "trap '' TERM INT\n" + say(step(1)) + "exec sleep 600\n"
                                   << "did not answer when asked to stop and was ended";
}

void TestEngineProcess::stops_what_does_not_listen() {
  QFETCH(QByteArray, body);
  QFETCH(QString, words);
  EngineProcess engine;
  engine.set_grace(50, 50);
  run(body, engine);
  QTRY_COMPARE_WITH_TIMEOUT(events_.size(), std::size_t{1}, patience_ms);
  engine.stop();
  WAIT_FOR_END();
  QVERIFY2(failure_.contains(words), qPrintable(failure_));
  QVERIFY(!engine.is_running());
}

void TestEngineProcess::ends_what_stays_after_its_last_word() {
  EngineProcess engine;
  engine.set_grace(50, 50);
  run("trap '' TERM\n" + say(done_line) + "exec sleep 600\n", engine);
  WAIT_FOR_END();
  QVERIFY(is_finished_);
  QVERIFY(!engine.is_running());
}

void TestEngineProcess::commands_arrive_as_lines() {
  EngineProcess engine;
  run(say(step(1)) + "read -r a; read -r b; echo \"$a\" >&2; echo \"$b\" >&2\n" + say(done_line), engine);
  QTRY_COMPARE_WITH_TIMEOUT(events_.size(), std::size_t{1}, patience_ms);
  const Command first{Command::Kind::Pause};
  const Command second{Command::Kind::Set, "learning_rate", 0.0005};
  engine.send(first);
  engine.send(second);
  WAIT_FOR_END();
  QCOMPARE(engine.log_tail(), QString::fromStdString(to_line(first) + "\n" + to_line(second)));
}

void TestEngineProcess::leaves_no_child_behind() {
  const QString pid_file = folder_->filePath("pid");
  {
    EngineProcess engine;
    run("trap '' TERM\necho $$ > '" + pid_file.toLocal8Bit() + "'\n" + say(step(1)) + "exec sleep 600\n", engine);
    QTRY_COMPARE_WITH_TIMEOUT(events_.size(), std::size_t{1}, patience_ms);
  }
  QFile file(pid_file);
  QVERIFY(file.open(QIODevice::ReadOnly));
  const int pid = file.readAll().trimmed().toInt();
  QVERIFY(pid > 0);
  QCOMPARE(::kill(pid, 0), -1);
  QCOMPARE(errno, ESRCH);
  QVERIFY(failure_.isEmpty() && !is_finished_);
}

void TestEngineProcess::can_be_started_again() {
  EngineProcess engine;
  run("exit 1\n", engine);
  WAIT_FOR_END();
  failure_.clear();
  engine.set_program(script(say(step(7)) + say(done_line)));
  engine.start({"project.netwright", "runs/two"});
  WAIT_FOR_END();
  QVERIFY(is_finished_);
  QCOMPARE(std::get<StepEvent>(events_.front()).step, std::int64_t{7});
}

QTEST_GUILESS_MAIN(TestEngineProcess)
#include "test_engine_process.moc"
