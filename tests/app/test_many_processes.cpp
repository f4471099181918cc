// Processes that train together over Gloo: they must come to what one process comes to with the same global batch, and
// must not outlive one another.

#include <signal.h>

#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "backend/graph/project_json.h"
#include "backend/interop/safetensors.h"
#include "tests/support/drawing.h"
#include "tests/support/files.h"
#include "tests/support/processes.h"

using namespace netwright;

namespace {

using Json = nlohmann::json;

std::int64_t whole(int value) {
  return value;
}

/// 330 points in the plane: batches of 32 leave 10 for the last one.
Project points() {
  Project project = empty_project();
  project.data = {"circles",
                  {{"train_samples", whole(330)}, {"test_samples", whole(150)}, {"noise", 0.05}},
                  {{"validation_fraction", 0.0}}};
  project.recipe = {.task = "Classification",
                    .settings = {{"epochs", whole(5)}, {"batch_size", whole(32)}, {"seed", whole(7)}},
                    .optimiser = "Adam",
                    .optimiser_settings = {{"lr", 0.01}}};
  return project;
}

Project perceptron() {
  Project project = points();
  Drawing draw(project);
  draw.add("Input", "points", {{"shape", Integers{2}}});
  draw.add("Linear", "hidden", {{"out_features", whole(16)}});
  draw.add("ReLU", "relu");
  draw.add("Linear", "scores", {{"out_features", whole(2)}});
  draw.add("Output", "output");
  return project;
}

Project normalised() {
  Project project = points();
  // Adam turns the last bits of a gradient near 0 into whole steps.
  project.recipe.optimiser = "SGD";
  project.recipe.optimiser_settings = {{"lr", 0.05}};
  Drawing draw(project);
  draw.add("Input", "points", {{"shape", Integers{2}}});
  draw.add("Linear", "hidden", {{"out_features", whole(16)}});
  draw.add("BatchNorm1d", "norm");
  draw.add("ReLU", "relu");
  draw.add("Dropout", "dropout", {{"p", 0.2}});
  draw.add("Linear", "scores", {{"out_features", whole(2)}});
  draw.add("Output", "output");
  return project;
}

Project with(Project project, const std::function<void(Recipe&)>& change) {
  change(project.recipe);
  return project;
}

std::vector<Json> events_of(const QString& run, const char* kind) {
  std::vector<Json> events;
  for (const QByteArray& line : file_content(run + "/events.jsonl").split('\n')) {
    if (line.isEmpty()) continue;
    Json event = Json::parse(line.toStdString());
    if (event["event"] == kind) events.push_back(std::move(event));
  }
  return events;
}

/// The greatest relative difference of a figure over all events of a kind; infinite where one run has more of them.
double difference_of(const QString& a, const QString& b, const char* kind, const char* part, const char* figure) {
  const std::vector<Json> one = events_of(a, kind);
  const std::vector<Json> other = events_of(b, kind);
  if (one.size() != other.size() || one.empty()) return HUGE_VAL;
  double most = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    const double x = one[i][part][figure];
    const double y = other[i][part][figure];
    most = std::max(most, std::abs(x - y) / std::abs(x));
  }
  return most;
}

double weights_difference(const QString& a, const QString& b) {
  const auto one = read_safetensors(path_of(a + "/checkpoints/last.safetensors"));
  const auto other = read_safetensors(path_of(b + "/checkpoints/last.safetensors"));
  if (!one || !other || one->tensors.size() != other->tensors.size()) return HUGE_VAL;
  double most = 0;
  for (std::size_t i = 0; i < one->tensors.size(); ++i) {
    const NamedTensor& x = one->tensors[i];
    const NamedTensor& y = other->tensors[i];
    if (x.name != y.name || x.bytes.size() != y.bytes.size()) return HUGE_VAL;
    if (x.dtype != "F32" || x.name.starts_with("training/")) continue;
    for (std::size_t k = 0; k < x.bytes.size(); k += sizeof(float)) {
      float p = 0;
      float q = 0;
      std::memcpy(&p, x.bytes.data() + k, sizeof p);
      std::memcpy(&q, y.bytes.data() + k, sizeof q);
      most = std::max(most, static_cast<double>(std::abs(p - q)));
    }
  }
  return most;
}

QByteArray errors_of(const std::vector<EngineRun>& ends) {
  QByteArray text;
  for (const EngineRun& end : ends) text += QByteArray::number(end.code) + ": " + end.errors + "\n";
  return text;
}

}  // namespace

class TestManyProcesses : public QObject {
  Q_OBJECT

 private slots:
  void they_equal_one_data() {
    QTest::addColumn<QByteArray>("project");
    QTest::addColumn<int>("processes");
    const auto add = [](const char* name, int processes, const Project& project) {
      QTest::newRow(name) << QByteArray::fromStdString(to_json(project)) << processes;
    };
    add("two", 2, perceptron());
    add("three", 3, perceptron());
    add("normalised, with dropout", 2, normalised());
    add("normalised, three", 3, normalised());
    // 330 is 13·25 + 5.
    add("a last batch smaller than their number", 6,
        with(normalised(), [](Recipe& recipe) { recipe.settings.set("batch_size", whole(25)); }));
    add("penalties, clipping, an average, gathered batches", 2, with(perceptron(), [](Recipe& recipe) {
          recipe.settings.set("l1", 1e-4);
          recipe.settings.set("clip_norm", 0.5);
          recipe.settings.set("ema_decay", 0.9);
          recipe.settings.set("accumulate", whole(3));
        }));
    add("weighted classes, smoothed", 2, with(perceptron(), [](Recipe& recipe) {
          recipe.task_settings.set("class_weights", std::string("balanced"));
          recipe.task_settings.set("label_smoothing", 0.1);
        }));
    add("focal loss", 2,
        with(perceptron(), [](Recipe& recipe) { recipe.task_settings.set("loss", std::string("focal")); }));
  }
  void they_equal_one() {
    QFETCH(QByteArray, project);
    QFETCH(int, processes);
    QTemporaryDir folder;
    const QString file = folder.filePath("a.netwright");
    QVERIFY(put_file(file, project));
    const QString one = folder.filePath("one");
    const QString many = folder.filePath("many");
    const auto alone = run_engine({"train", file, "--run", one});
    QVERIFY2(alone.code == 0, alone.errors.constData());
    EngineProcesses engines(processes, {"train", file, "--run", many});
    const auto ends = engines.finish();
    for (const EngineRun& end : ends) QVERIFY2(end.code == 0, errors_of(ends).constData());
    for (std::size_t rank = 1; rank < ends.size(); ++rank) QCOMPARE(ends[rank].output, QByteArray());

    QVERIFY(events_of(one, "step").size() >= 50);
    QCOMPARE_LE(difference_of(one, many, "step", "figures", "loss"), 1e-5);
    QCOMPARE_LE(difference_of(one, many, "epoch", "train", "loss"), 1e-5);
    QCOMPARE_LE(difference_of(one, many, "epoch", "held_out", "loss"), 1e-5);
    QCOMPARE_LE(difference_of(one, many, "epoch", "held_out", "accuracy"), 1e-12);
    QVERIFY(events_of(one, "confusion") == events_of(many, "confusion"));
    QCOMPARE_LE(weights_difference(one, many), 1e-5);
    const Json run = events_of(many, "run").front();
    QCOMPARE(run["environment"]["processes"].get<std::string>(), std::to_string(processes) + " over gloo");
  }

  void other_tasks_equal_one_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("batch");
    QTest::addColumn<QString>("figure");
    QTest::newRow("forecast") << "waves_forecast" << 32 << "loss";
    QTest::newRow("padded sequences, attention") << "gru_attention" << 32 << "loss";
    QTest::newRow("transformer, dropout") << "transformer_words" << 32 << "loss";
    QTest::newRow("denoising") << "denoising_autoencoder" << 32 << "error";
    QTest::newRow("drawn codes") << "variational_autoencoder" << 32 << "loss";
    QTest::newRow("sparse codes") << "sparse_autoencoder" << 32 << "loss";
    QTest::newRow("adversarial") << "mlp_gan" << 30 << "d_loss";
  }
  void other_tasks_equal_one() {
    QFETCH(QString, name);
    QFETCH(int, batch);
    QFETCH(QString, figure);
    QTemporaryDir folder;
    const QString file = folder.filePath("a.netwright");
    QVERIFY(QFile::copy(NETWRIGHT_SOURCE "/resources/templates/" + name + ".netwright", file));
    const QStringList rest = {"--epochs", "2", "--limit-samples", "200", "--batch-size", QString::number(batch)};
    const auto alone = run_engine(QStringList{"train", file, "--run", folder.filePath("one")} + rest);
    QVERIFY2(alone.code == 0, alone.errors.constData());
    EngineProcesses engines(2, QStringList{"train", file, "--run", folder.filePath("two")} + rest);
    const auto ends = engines.finish();
    for (const EngineRun& end : ends) QVERIFY2(end.code == 0, errors_of(ends).constData());
    const QByteArray measured = figure.toUtf8();
    const QString one = folder.filePath("one");
    const QString two = folder.filePath("two");
    QCOMPARE_LE(difference_of(one, two, "step", "figures", measured.constData()), 1e-5);
    QCOMPARE_LE(difference_of(one, two, "epoch", "held_out", measured.constData()), 1e-5);
  }

  void a_lost_process_is_named_and_the_run_resumes_data() {
    QTest::addColumn<int>("victim");
    QTest::addColumn<int>("signal");
    QTest::newRow("a follower is killed") << 1 << SIGKILL;
    QTest::newRow("a follower hangs") << 1 << SIGSTOP;
    QTest::newRow("the leading one is killed") << 0 << SIGKILL;
  }
  void a_lost_process_is_named_and_the_run_resumes() {
    QFETCH(int, victim);
    QFETCH(int, signal);
    QTemporaryDir folder;
    const QString file = folder.filePath("a.netwright");
    QVERIFY(put_file(file, QByteArray::fromStdString(to_json(perceptron()))));
    const QString run = folder.filePath("run");
    const QStringList rest = {"--epochs", "150"};
    EngineProcesses engines(2, QStringList{"train", file, "--run", run} + rest);
    QTRY_VERIFY_WITH_TIMEOUT(file_content(run + "/events.jsonl").count("\"event\":\"epoch\"") > 3, 60'000);
    QElapsedTimer clock;
    clock.start();
    ::kill(static_cast<pid_t>(engines.at(victim).processId()), signal);
    QProcess& left = engines.at(1 - victim);
    QVERIFY(left.waitForFinished(10'000));
    qInfo("after %.1f s", static_cast<double>(clock.elapsed()) / 1000);
    QCOMPARE(left.exitStatus(), QProcess::NormalExit);
    QCOMPARE(left.exitCode(), 1);
    const QByteArray said = left.readAllStandardError();
    const QByteArray name = "Process " + QByteArray::number(victim) + " of 2";
    QVERIFY2(said.contains(name) && said.contains("was lost"), said.constData());
    QVERIFY2(said.contains("netwright-engine resume"), said.constData());
    if (victim != 0) {
      const Json done = events_of(run, "done").back();
      QVERIFY(done["reason"] == "failed");
      QVERIFY(done["message"].get<std::string>().find(name.toStdString()) != std::string::npos);
    }
    engines.at(victim).kill();
    engines.at(victim).waitForFinished();

    // With one process less, and then with as many as before: all come to the end of a run that was never cut off.
    const QString again = folder.filePath("again");
    QVERIFY(QProcess::execute("cp", {"-r", run, again}) == 0);
    const auto alone = run_engine({"resume", run});
    QVERIFY2(alone.code == 0, alone.errors.constData());
    EngineProcesses both(2, {"train", file, "--run", again, "--go-on"});
    const auto ends = both.finish();
    for (const EngineRun& end : ends) QVERIFY2(end.code == 0, errors_of(ends).constData());
    const QString never = folder.filePath("never");
    EngineProcesses uncut(2, QStringList{"train", file, "--run", never} + rest);
    for (const EngineRun& end : uncut.finish()) QCOMPARE(end.code, 0);
    QCOMPARE_LE(difference_of(never, again, "epoch", "train", "loss"), 0.0);
    QCOMPARE_LE(weights_difference(never, again), 0.0);
    QCOMPARE_LE(difference_of(never, run, "epoch", "train", "loss"), 1e-2);
    // A job that is started once more has nothing left to do, and that is no failure.
    const auto more = run_engine({"train", file, "--run", again, "--go-on"});
    QCOMPARE(more.code, 0);
    QVERIFY2(more.errors.contains("has finished its 150 epochs"), more.errors.constData());
  }

  void a_crash_within_gathered_batches_loses_nothing() {
    // The checkpoint is asked for between two steps of the optimiser.
    QTemporaryDir folder;
    const QString file = folder.filePath("a.netwright");
    QVERIFY(put_file(file, QByteArray::fromStdString(to_json(with(
                               perceptron(), [](Recipe& recipe) { recipe.settings.set("accumulate", whole(4)); })))));
    const QStringList rest = {"--epochs", "60"};
    const QString never = folder.filePath("never");
    EngineProcesses uncut(2, QStringList{"train", file, "--run", never} + rest);
    for (const EngineRun& end : uncut.finish()) QCOMPARE(end.code, 0);
    const QString run = folder.filePath("run");
    EngineProcesses engines(2, QStringList{"train", file, "--run", run, "--json"} + rest);
    QTRY_VERIFY_WITH_TIMEOUT(file_content(run + "/events.jsonl").count("\"event\":\"step\"") > 20, 60'000);
    engines.at(0).write("{\"command\":\"stop\"}\n");
    const auto ends = engines.finish(60'000);
    for (const EngineRun& end : ends) QVERIFY2(end.code == 0, errors_of(ends).constData());
    QVERIFY(events_of(run, "done").back()["reason"] == "stopped");
    EngineProcesses both(2, {"resume", run});
    const auto resumed = both.finish();
    for (const EngineRun& end : resumed) QVERIFY2(end.code == 0, errors_of(resumed).constData());
    QCOMPARE_LE(weights_difference(never, run), 1e-6);
  }

  void commands_reach_all() {
    QTemporaryDir folder;
    const QString file = folder.filePath("a.netwright");
    QVERIFY(put_file(file, QByteArray::fromStdString(to_json(perceptron()))));
    const QString run = folder.filePath("run");
    EngineProcesses engines(2, {"train", file, "--run", run, "--epochs", "100000", "--json"});
    const auto kinds = [&](const char* kind) { return events_of(run, kind).size(); };
    QTRY_VERIFY_WITH_TIMEOUT(kinds("epoch") > 0, 60'000);
    engines.at(0).write("{\"command\":\"pause\"}\n{\"nonsense\":1}\n");
    QTRY_VERIFY_WITH_TIMEOUT(kinds("command") == 1 && kinds("message") > 0, 10'000);
    const std::size_t steps = kinds("step");
    QTest::qWait(1500);
    QCOMPARE(kinds("step"), steps);
    engines.at(0).write("{\"command\":\"set\",\"learning_rate\":0.5}\n{\"command\":\"resume\"}\n");
    QTRY_VERIFY_WITH_TIMEOUT(kinds("step") > steps + 3, 10'000);
    QVERIFY(events_of(run, "step").back()["learning_rate"] == 0.5);
    // A machine that is to be given back is told by itself alone.
    engines.at(1).terminate();
    const auto ends = engines.finish(30'000);
    for (const EngineRun& end : ends) QVERIFY2(end.code == 0, errors_of(ends).constData());
    QVERIFY(events_of(run, "done").back()["reason"] == "stopped");
  }

  void what_does_not_fit_is_said() {
    QTemporaryDir folder;
    const QString file = folder.filePath("a.netwright");
    QVERIFY(put_file(file, QByteArray::fromStdString(to_json(perceptron()))));
    const auto refused_with = [&](const char* name, const char* value) {
      QProcess engine;
      QProcessEnvironment environment = environment_of_process(1, 2, free_port());
      environment.remove(name);
      if (value) environment.insert(name, value);
      engine.setProcessEnvironment(environment);
      engine.start(QStringLiteral(NETWRIGHT_BIN "/netwright-engine"), {"train", file});
      engine.waitForFinished(30'000);
      return QByteArray::number(engine.exitCode()) + engine.readAllStandardError();
    };
    QVERIFY(refused_with("RANK", nullptr).contains("2netwright-engine: WORLD_SIZE is 2, but RANK isn't set"));
    QVERIFY(refused_with("MASTER_ADDR", nullptr).contains("MASTER_ADDR isn't set"));
    QVERIFY(refused_with("MASTER_PORT", "x").contains("MASTER_PORT is “x”: it must be a whole number from 1"));
    QVERIFY(refused_with("RANK", "2").contains("RANK is “2”: it must be a whole number from 0 to 1"));
    QVERIFY(refused_with("WORLD_SIZE", "many").contains("WORLD_SIZE is “many”"));

    EngineProcesses few(3, {"train", file, "--run", folder.filePath("few"), "--batch-size", "2"});
    for (const EngineRun& end : few.finish(60'000)) {
      QCOMPARE(end.code, 1);
      QVERIFY2(end.errors.contains("Batches of 2 can't be shared by 3 processes"), end.errors.constData());
    }
    QVERIFY(!QDir(folder.filePath("few")).exists());
    // One fails where the other doesn't: the other learns why.
    const QString taken = folder.filePath("taken");
    QCOMPARE(run_engine({"train", file, "--run", taken}).code, 0);
    EngineProcesses refused(2, {"train", file, "--run", taken});
    const auto ends = refused.finish(60'000);
    QCOMPARE(ends[0].code, 1);
    QCOMPARE(ends[1].code, 1);
    QVERIFY2(ends[1].errors.contains("Process 0 of 2") && ends[1].errors.contains("failed: "),
             ends[1].errors.constData());
  }

  void torchrun_starts_them() {
    const QString torchrun = "/usr/bin/torchrun";
    if (!QFile::exists(torchrun)) QSKIP("python3-torch isn't there");
    for (const QStringList& meeting : {QStringList{"--standalone"}, QStringList{"--master_port"}}) {
      QTemporaryDir folder;
      const QString file = folder.filePath("a.netwright");
      QVERIFY(put_file(file, QByteArray::fromStdString(to_json(perceptron()))));
      const QString run = folder.filePath("run");
      QStringList arguments = meeting;
      if (meeting.front() == "--master_port") arguments << QString::number(free_port());
      // Debian's torchrun 1.13 under Python 3.11 knows no output that isn't redirected.
      arguments << "-r"
                << "1"
                << "-t"
                << "2"
                << "--log_dir" << folder.filePath("log");
      arguments << "--no_python"
                << "--nproc_per_node"
                << "2" << NETWRIGHT_BIN "/netwright-engine";
      arguments << "train" << file << "--run" << run;
      QProcess process;
      process.setProcessChannelMode(QProcess::MergedChannels);
      process.start(torchrun, arguments);
      QVERIFY(process.waitForFinished(120'000));
      QVERIFY2(process.exitCode() == 0, process.readAll().constData());
      QVERIFY(events_of(run, "done").back()["reason"] == "finished");
      QVERIFY(events_of(run, "run").front()["environment"]["processes"] == "2 over gloo");
    }
  }
};

QTEST_GUILESS_MAIN(TestManyProcesses)
#include "test_many_processes.moc"
