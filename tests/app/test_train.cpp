// train and evaluate as a user or the designer starts them.

#include <signal.h>

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <functional>

#include "backend/graph/project_json.h"
#include "backend/run/run_folder.h"
#include "tests/support/engine.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

const QString spirals = NETWRIGHT_SOURCE "/resources/templates/two_spirals_mlp.netwright";

/// An engine that trains with --json, and the events that it has told.
class LiveEngine {
 public:
  explicit LiveEngine(const QStringList& arguments) {
    process_.start(NETWRIGHT_BIN "/netwright-engine", QStringList{"train"} + arguments + QStringList{"--json"});
  }
  ~LiveEngine() {
    process_.kill();
    process_.waitForFinished();
  }

  template <class Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const Event& event : events_) {
      if (const auto* kind = std::get_if<Kind>(&event)) found.push_back(*kind);
    }
    return found;
  }
  const std::vector<Event>& events() const { return events_; }

  /// Reads until `enough` holds; false where the engine ends first or takes a minute.
  bool read_until(const std::function<bool()>& enough) {
    while (!enough()) {
      if (!process_.waitForReadyRead(60'000)) return enough();
      read();
    }
    return true;
  }
  template <class Kind>
  bool read_until_first() {
    return read_until([this] { return !all<Kind>().empty(); });
  }
  void say(const QByteArray& line) {
    process_.write(line + '\n');
    process_.waitForBytesWritten();
  }
  void close_stdin() { process_.closeWriteChannel(); }
  void send(int signal) { ::kill(static_cast<pid_t>(process_.processId()), signal); }
  /// The exit code; −1 where it crashed or goes on.
  int finish() {
    if (!process_.waitForFinished(60'000) || process_.exitStatus() != QProcess::NormalExit) return -1;
    read();
    return process_.exitCode();
  }

 private:
  void read() {
    const QByteArray chunk = process_.readAllStandardOutput();
    for (const std::string& line : lines_.add({chunk.data(), static_cast<std::size_t>(chunk.size())})) {
      const auto event = event_from_line(line);
      if (!event) qFatal("not an event: %s", line.c_str());
      events_.push_back(*event);
    }
  }

  QProcess process_;
  LineBuffer lines_;
  std::vector<Event> events_;
};

}  // namespace

class TestTrain : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    project_ = folder_->filePath("spirals.netwright");
    run_ = folder_->filePath("run");
    QVERIFY(QFile::copy(spirals, project_));
  }

  void trains_and_evaluates() {
    const EngineRun trained = run_engine({"train", project_, "--epochs", "3", "--learning-rate", "0.02", "--batch-size",
                                          "50", "--seed", "9", "--limit-samples", "400", "--threads", "1", "--json"});
    QVERIFY2(trained.code == 0, trained.errors);
    const std::vector<RunFolder> runs = runs_of(path_of(project_));
    QCOMPARE(runs.size(), 1);

    // stdout and the record say the same, and nothing else is on stdout.
    const auto events = runs[0].events();
    QVERIFY(events);
    QByteArray record;
    for (const Event& event : *events) record += QByteArray::fromStdString(to_line(event)) + '\n';
    QCOMPARE(trained.output, record);
    QCOMPARE(trained.output, file_content(QString::fromStdString(runs[0].events_file().string())));
    const auto* done = std::get_if<DoneEvent>(&events->back());
    QVERIFY(done);
    QCOMPARE(done->reason, "finished");
    const auto* begin = std::get_if<RunEvent>(&events->front());
    QVERIFY(begin);
    QCOMPARE(begin->name, runs[0].path().filename().string());
    QCOMPARE(begin->steps_per_epoch, 8);
    QVERIFY(QFile::exists(QString::fromStdString(runs[0].legend_file().string())));
    QCOMPARE(begin->environment.at("threads"), "1");

    const auto project = runs[0].project();
    QVERIFY(project);
    QCOMPARE(project->recipe.settings.integer("epochs"), 3);
    QCOMPARE(project->recipe.settings.integer("batch_size"), 50);
    QCOMPARE(project->recipe.settings.integer("seed"), 9);
    QCOMPARE(project->recipe.optimiser_settings.real("lr"), 0.02);
    QVERIFY(file_content(QString::fromStdString(runs[0].log_file().string())).contains("finished after 3 epochs"));

    const QString run = QString::fromStdString(runs[0].path().string());
    const EngineRun last = run_engine({"evaluate", run, "--checkpoint", "last", "--json"});
    QVERIFY2(last.code == 0, last.errors);
    const QJsonObject json = QJsonDocument::fromJson(last.output).object();
    QCOMPARE(json["samples"].toInt(), 400);
    QVERIFY(json["checkpoint"].toString().endsWith("last.safetensors"));
    int right = 0;
    int all = 0;
    for (int row = 0; row < 2; ++row) {
      for (int column = 0; column < 2; ++column) {
        const int count = json["confusion"].toArray()[row].toArray()[column].toInt();
        all += count;
        right += row == column ? count : 0;
      }
    }
    QCOMPARE(all, 400);
    QCOMPARE(right, qRound(json["accuracy"].toDouble() * 400));

    const EngineRun best = run_engine({"evaluate", run, "--json"});
    const QJsonObject tested = QJsonDocument::fromJson(best.output).object();
    QCOMPARE(tested["accuracy"].toDouble(), done->test.at("accuracy"));
    QVERIFY(qAbs(tested["loss"].toDouble() - done->test.at("loss")) < 1e-9);
    const EngineRun text = run_engine({"evaluate", run});
    QVERIFY2(text.output.contains("400 test samples"), text.output);
  }

  void says_a_line_per_epoch_where_there_is_no_terminal() {
    const EngineRun run = run_engine({"train", project_, "--epochs", "2", "--run", run_});
    QVERIFY2(run.code == 0, run.errors);
    QVERIFY(!run.output.contains('\r') && !run.output.contains('\x1b'));
    QVERIFY2(run.output.contains("Epoch 1/2  loss "), run.output);
    QVERIFY2(run.output.contains("2 of 2 epochs"), run.output);
    QVERIFY2(run.output.contains("over the test split: loss "), run.output);
    QVERIFY2(run.output.contains(run_.toUtf8()), run.output);
  }

  void one_seed_gives_the_same_run() {
    QByteArray figures[2];
    for (QByteArray& figure : figures) {
      const EngineRun run = run_engine({"train", project_, "--epochs", "2", "--threads", "2", "--run",
                                        folder_->filePath(QString::number(&figure - figures))});
      for (const QByteArray& line : run.output.split('\n')) {
        if (line.startsWith("Epoch")) figure += line.left(line.lastIndexOf(" %")) + '\n';
      }
    }
    QVERIFY(!figures[0].isEmpty());
    QCOMPARE(figures[0], figures[1]);
  }

  void obeys_commands_on_stdin() {
    LiveEngine engine({project_, "--epochs", "100000", "--run", run_});
    QVERIFY(engine.read_until_first<StepEvent>());
    engine.say(R"({"command":"pause"})");
    QVERIFY(engine.read_until_first<CommandEvent>());
    engine.say("make it better");
    QVERIFY(engine.read_until_first<MessageEvent>());
    const std::size_t paused_at = engine.events().size();
    engine.say(R"({"command":"set","learning_rate":0.004})");
    engine.say(R"({"command":"checkpoint"})");
    QVERIFY(engine.read_until([&] { return engine.events().size() >= paused_at + 3; }));
    // Nothing but the answers came in the pause.
    QVERIFY(std::holds_alternative<CommandEvent>(engine.events()[paused_at]));
    QVERIFY(std::holds_alternative<CommandEvent>(engine.events()[paused_at + 1]));
    QVERIFY(std::holds_alternative<CheckpointEvent>(engine.events()[paused_at + 2]));
    engine.say(R"({"command":"resume"})");
    QVERIFY(engine.read_until([&] {
      const auto steps = engine.all<StepEvent>();
      return steps.back().learning_rate == 0.004;
    }));
    engine.say(R"({"command":"stop"})");
    QCOMPARE(engine.finish(), 0);
    QCOMPARE(engine.all<DoneEvent>().size(), 1);
    QCOMPARE(engine.all<DoneEvent>()[0].reason, "stopped");
    QCOMPARE(engine.all<MessageEvent>()[0].severity, "warning");
    QCOMPARE(engine.all<CommandEvent>().size(), 5);
  }

  void the_end_of_stdin_stops_nothing() {
    LiveEngine engine({project_, "--epochs", "3", "--run", run_});
    engine.close_stdin();
    QCOMPARE(engine.finish(), 0);
    QCOMPARE(engine.all<DoneEvent>()[0].reason, "finished");
  }

  void a_signal_stops_cleanly_data() {
    QTest::addColumn<int>("signal");
    QTest::addColumn<bool>("paused");
    QTest::newRow("SIGTERM") << SIGTERM << false;
    QTest::newRow("SIGINT") << SIGINT << false;
    QTest::newRow("SIGTERM in a pause") << SIGTERM << true;
  }
  void a_signal_stops_cleanly() {
    QFETCH(int, signal);
    QFETCH(bool, paused);
    LiveEngine engine({project_, "--epochs", "100000", "--run", run_});
    QVERIFY(engine.read_until_first<StepEvent>());
    if (paused) {
      engine.say(R"({"command":"pause"})");
      QVERIFY(engine.read_until_first<CommandEvent>());
    }
    engine.send(signal);
    QCOMPARE(engine.finish(), 0);
    QCOMPARE(engine.all<DoneEvent>().size(), 1);
    QCOMPARE(engine.all<DoneEvent>()[0].reason, "stopped");
    QCOMPARE(engine.all<CommandEvent>().back().command.kind, Command::Kind::Stop);
    QVERIFY(QFile::exists(run_ + "/checkpoints/last.safetensors"));
    const EngineRun evaluated = run_engine({"evaluate", run_, "--checkpoint", "last", "--json"});
    QVERIFY2(evaluated.code == 0, evaluated.errors);
  }

  void divergence_ends_with_1() {
    LiveEngine engine({project_, "--epochs", "100000", "--run", run_});
    QVERIFY(engine.read_until_first<EpochEvent>());
    engine.say(R"({"command":"set","learning_rate":1e30})");
    QCOMPARE(engine.finish(), 1);
    QCOMPARE(engine.all<DoneEvent>()[0].reason, "diverged");
    QVERIFY(engine.all<DoneEvent>()[0].message.find("lower learning rate") != std::string::npos);
    const EngineRun evaluated = run_engine({"evaluate", run_, "--json"});
    QVERIFY2(evaluated.code == 0, evaluated.errors);
  }

  void refuses_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("words");
    QTest::newRow("no epochs") << QStringList{"--epochs", "0"} << 2 << "epochs";
    QTest::newRow("learning rate") << QStringList{"--learning-rate", "-1"} << 2 << "lr";
    QTest::newRow("device") << QStringList{"--device", "abacus"} << 2 << "abacus";
    QTest::newRow("network") << QStringList{"--network", "painter"} << 2 << "painter";
    QTest::newRow("threads") << QStringList{"--threads", "0"} << 2 << "--threads";
    QTest::newRow("words for a number") << QStringList{"--epochs", "many"} << 2 << "many";
  }
  void refuses() {
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QFETCH(QString, words);
    const EngineRun run = run_engine(QStringList{"train", project_, "--run", run_} + arguments);
    QCOMPARE(run.code, code);
    QVERIFY2(run.errors.contains(words.toUtf8()), run.errors);
    QVERIFY(!QFile::exists(run_));
  }

  void refuses_a_design_with_mistakes() {
    auto project = read_project(path_of(project_));
    QVERIFY(project);
    Network& network = project->networks.front();
    for (Layer& layer : network.layers) {
      if (layer.type == "Linear") layer.settings.set("out_features", std::int64_t{0});
    }
    QVERIFY(write_project(*project, path_of(project_)));
    const EngineRun run = run_engine({"train", project_, "--run", run_, "--json"});
    QCOMPARE(run.code, 1);
    for (const Layer& layer : network.layers) {
      if (layer.type == "Linear") QVERIFY2(run.errors.contains(QByteArray::fromStdString(layer.name)), run.errors);
    }
    // Whoever reads events learns why, and that it is over.
    QVERIFY2(run.output.contains(R"({"event":"message","severity":"error")"), run.output);
    QVERIFY2(run.output.contains(R"({"event":"done","reason":"failed")"), run.output);
    QVERIFY(!QFile::exists(run_));
  }

  void never_writes_into_another_run() {
    QCOMPARE(run_engine({"train", project_, "--epochs", "1", "--run", run_}).code, 0);
    const QByteArray record = file_content(run_ + "/events.jsonl");
    const EngineRun again = run_engine({"train", project_, "--epochs", "1", "--run", run_});
    QCOMPARE(again.code, 1);
    QVERIFY2(again.errors.contains("holds a run already"), again.errors);
    QCOMPARE(file_content(run_ + "/events.jsonl"), record);
  }

  void evaluate_refuses_what_is_no_run() {
    const EngineRun run = run_engine({"evaluate", folder_->path()});
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errors.contains("no run folder"), run.errors);
  }

 private:
  std::unique_ptr<QTemporaryDir> folder_;
  QString project_;
  QString run_;
};

QTEST_GUILESS_MAIN(TestTrain)
#include "test_train.moc"
