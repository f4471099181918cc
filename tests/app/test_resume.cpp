// A run that is killed again and again, at batches drawn at random, and resumed each time: it must end with the weights
// and the record of one that was never stopped, bit for bit.

#include <signal.h>

#include <QDir>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>
#include <random>

#include "backend/interop/safetensors.h"
#include "backend/run/run_folder.h"
#include "tests/support/engine.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

using Json = nlohmann::json;

/// The events of a record, without what no two runs share: seconds, names, and memory as it was measured.
std::vector<Json> record_of(const QString& run) {
  std::vector<Json> events;
  for (const QByteArray& line : file_content(run + "/events.jsonl").split('\n')) {
    if (line.isEmpty()) continue;
    Json event = Json::parse(line.toStdString());
    for (const char* own : {"elapsed", "seconds", "samples_per_second", "name", "started", "peak_bytes"}) {
      event.erase(own);
    }
    events.push_back(std::move(event));
  }
  return events;
}

QString weights_difference(const QString& a, const QString& b) {
  const auto one = read_safetensors(path_of(a));
  const auto other = read_safetensors(path_of(b));
  if (!one || !other) return "can't be read";
  if (one->tensors.size() != other->tensors.size()) return "not as many tensors";
  for (std::size_t i = 0; i < one->tensors.size(); ++i) {
    const NamedTensor& x = one->tensors[i];
    const NamedTensor& y = other->tensors[i];
    if (x.name != y.name || x.sizes != y.sizes || x.bytes != y.bytes) return QString::fromStdString(x.name);
  }
  return {};
}

/// Kills the engine once the record has so many lines. True where it came to its own end before.
bool ends_before(const QStringList& arguments, const QString& run, std::size_t lines) {
  QProcess engine;
  engine.setProcessChannelMode(QProcess::MergedChannels);
  engine.start(NETWRIGHT_BIN "/netwright-engine", arguments);
  QElapsedTimer clock;
  clock.start();
  while (!engine.waitForFinished(1) && clock.elapsed() < 120'000) {
    if (static_cast<std::size_t>(file_content(run + "/events.jsonl").count('\n')) >= lines) {
      ::kill(static_cast<pid_t>(engine.processId()), SIGKILL);
    }
  }
  if (engine.exitStatus() == QProcess::NormalExit && engine.exitCode() != 0) {
    qWarning("%s", engine.readAll().constData());
  }
  return engine.exitStatus() == QProcess::NormalExit && engine.exitCode() == 0;
}

}  // namespace

class TestResume : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    seed_ = test_seed();
    qInfo("seed %u", seed_);
  }

  void killed_runs_end_as_whole_ones_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QStringList>("recipe");
    const QStringList short_run = {"--epochs", "3", "--limit-samples", "320", "--batch-size", "32"};
    QTest::newRow("classification") << "two_spirals_mlp" << short_run;
    QTest::newRow("normalised convolutions")
        << "small_resnet" << QStringList{"--epochs", "2", "--limit-samples", "64", "--batch-size", "16"};
    QTest::newRow("recurrent, with attention") << "gru_attention" << short_run;
    QTest::newRow("reconstruction, denoising")
        << "denoising_autoencoder" << QStringList{"--epochs", "2", "--limit-samples", "64", "--batch-size", "16"};
    QTest::newRow("reconstruction, drawn codes") << "variational_autoencoder" << short_run;
    QTest::newRow("adversarial") << "mlp_gan" << short_run;
    QTest::newRow("forecast") << "waves_forecast" << short_run;
  }
  /// NETWRIGHT_KILLS: how many runs of each row are cut to pieces.
  void killed_runs_end_as_whole_ones() {
    QFETCH(QString, name);
    QFETCH(QStringList, recipe);
    std::mt19937 random(seed_);
    QTemporaryDir folder;
    const QString project = folder.filePath(name + ".netwright");
    QVERIFY(QFile::copy(NETWRIGHT_SOURCE "/resources/templates/" + name + ".netwright", project));
    const QString whole = folder.filePath("whole");
    const auto trained = run_engine(QStringList{"train", project, "--run", whole} + recipe);
    QVERIFY2(trained.code == 0, trained.errors.constData());
    const std::vector<Json> expected = record_of(whole);

    const int runs = std::max(1, qEnvironmentVariableIntValue("NETWRIGHT_KILLS"));
    int kills = 0;
    for (int i = 0; i < runs; ++i) {
      const QString run = folder.filePath(QString("cut%1").arg(i));
      QStringList command = QStringList{"train", project, "--run", run} + recipe;
      bool is_done = false;
      for (int cut = 0; cut < 3 && !is_done; ++cut) {
        is_done = ends_before(command, run, 2 + random() % (expected.size() - 2));
        kills += is_done ? 0 : 1;
        if (QFile::exists(run + "/checkpoints/last.safetensors")) {
          command = {"resume", run};
        } else {
          QDir(run).removeRecursively();  // killed before there was anything to resume
        }
      }
      const bool was_told = !record_of(run).empty() && record_of(run).back()["event"] == "done";
      if (!is_done && !was_told) {
        const auto resumed = run_engine(command);
        QVERIFY2(resumed.code == 0, resumed.errors.constData());
      }
      const std::vector<Json> record = record_of(run);
      for (std::size_t line = 0; line < std::min(record.size(), expected.size()); ++line) {
        QVERIFY2(record[line] == expected[line], qPrintable(QString("line %1: %2\ninstead of %3")
                                                                .arg(line)
                                                                .arg(QString::fromStdString(record[line].dump()),
                                                                     QString::fromStdString(expected[line].dump()))));
      }
      QCOMPARE(record.size(), expected.size());
      for (const char* file : {"/checkpoints/last.safetensors", "/checkpoints/best.safetensors"}) {
        if (!QFile::exists(whole + file)) continue;
        QCOMPARE(weights_difference(whole + file, run + file), QString());
      }
    }
    qInfo("%d kills", kills);
  }

  void a_stopped_run_is_resumed_in_its_epoch() {
    QTemporaryDir folder;
    const QString project = folder.filePath("a.netwright");
    QVERIFY(QFile::copy(NETWRIGHT_SOURCE "/resources/templates/two_spirals_mlp.netwright", project));
    QCOMPARE(run_engine({"train", project, "--run", folder.filePath("whole"), "--epochs", "400"}).code, 0);
    QProcess engine;
    const QString run = folder.filePath("stopped");
    engine.start(NETWRIGHT_BIN "/netwright-engine", {"train", project, "--run", run, "--epochs", "400", "--json"});
    QVERIFY(engine.waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(file_content(run + "/events.jsonl").count("\"event\":\"step\"") > 40, 60'000);
    engine.write("{\"command\":\"stop\"}\n");
    QVERIFY(engine.waitForFinished(60'000));
    const std::vector<Json> stopped = record_of(run);
    QVERIFY(stopped.back()["reason"] == "stopped");
    const auto resumed = run_engine({"resume", run});
    QVERIFY2(resumed.code == 0, resumed.errors.constData());
    QCOMPARE(weights_difference(folder.filePath("whole") + "/checkpoints/last.safetensors",
                                run + "/checkpoints/last.safetensors"),
             QString());
    // The command and its checkpoint stay in the record; the end that it was then doesn't.
    const std::vector<Json> record = record_of(run);
    const auto of = [&](const char* kind) {
      return std::count_if(record.begin(), record.end(), [&](const Json& event) { return event["event"] == kind; });
    };
    QCOMPARE(of("done"), 1);
    QCOMPARE(of("command"), 1);
    QCOMPARE(of("epoch"), 400);
  }

  void a_finished_run_goes_on_for_more_epochs() {
    QTemporaryDir folder;
    const QString project = folder.filePath("a.netwright");
    QVERIFY(QFile::copy(NETWRIGHT_SOURCE "/resources/templates/two_spirals_mlp.netwright", project));
    const QString run = folder.filePath("run");
    QCOMPARE(run_engine({"train", project, "--run", run, "--epochs", "3"}).code, 0);
    const auto refused = run_engine({"resume", run});
    QCOMPARE(refused.code, 2);
    QVERIFY(refused.errors.contains("has finished its 3 epochs; --epochs 6 goes on"));
    const auto more = run_engine({"resume", run, "--epochs", "5"});
    QVERIFY2(more.code == 0, more.errors.constData());
    QVERIFY(more.output.contains("5 of 5 epochs"));
    QCOMPARE(run_engine({"train", project, "--run", folder.filePath("whole"), "--epochs", "5"}).code, 0);
    QCOMPARE(weights_difference(folder.filePath("whole") + "/checkpoints/last.safetensors",
                                run + "/checkpoints/last.safetensors"),
             QString());
  }

  void what_cannot_be_resumed_is_said() {
    QTemporaryDir folder;
    QVERIFY(run_engine({"resume", folder.path()}).errors.contains("is no run folder"));
    const QString project = folder.filePath("a.netwright");
    QVERIFY(QFile::copy(NETWRIGHT_SOURCE "/resources/templates/two_spirals_mlp.netwright", project));
    const QString run = folder.filePath("run");
    QCOMPARE(run_engine({"train", project, "--run", run, "--epochs", "2"}).code, 0);
    QVERIFY(QFile::remove(run + "/checkpoints/last.safetensors"));
    QVERIFY(run_engine({"resume", run, "--epochs", "4"}).errors.contains("before there was anything to resume"));
    // Other data lie where the run's were.
    const QString other = folder.filePath("other");
    QCOMPARE(run_engine({"train", project, "--run", other, "--epochs", "2"}).code, 0);
    QByteArray content = file_content(other + "/project.json");
    QVERIFY(content.contains("\"noise\": 0.02"));
    QVERIFY(put_file(other + "/project.json", content.replace("\"noise\": 0.02", "\"noise\": 0.03")));
    const auto refused = run_engine({"resume", other, "--epochs", "4"});
    QVERIFY2(refused.errors.contains("The data aren't those that the run began with"), refused.errors.constData());
    QVERIFY(!record_of(other).empty());
    QVERIFY(record_of(other).back()["event"] == "done");
  }

 private:
  unsigned seed_ = 0;
};

QTEST_GUILESS_MAIN(TestResume)
#include "test_resume.moc"
