// The report of real runs by the built program, and the event files for TensorBoard that training leaves.

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>

#include "backend/report/report_content.h"
#include "backend/report/run_report.h"
#include "backend/run/run_folder.h"
#include "tests/support/engine.h"
#include "tests/support/files.h"
#include "tests/support/python_oracle.h"

using namespace netwright;

namespace {

/// Trains a template into `folder`/run; the run's folder.
QString trained(const QTemporaryDir& folder, const QString& name, const QStringList& arguments) {
  const QString project = folder.filePath(name + ".netwright");
  QFile::copy(NETWRIGHT_SOURCE "/resources/templates/" + name + ".netwright", project);
  const QString run = folder.filePath("run");
  const EngineRun done = run_engine(QStringList{"train", project, "--run", run} + arguments);
  if (done.code != 0) qFatal("%s", done.errors.constData());
  return run;
}

RunReport report_in(const QString& run) {
  auto report = read_report(path_of(run + "/report.json"));
  if (!report) qFatal("%s", report.error().message.c_str());
  return std::move(*report);
}

/// [tag, step, wall time, value] of each scalar, by an independent reader.
nlohmann::json tensorboard_of(const QString& run) {
  const QString complaint = run_python_torch("backend/report/tensorboard_oracle.py", {run + "/tensorboard"});
  if (!complaint.isEmpty()) qFatal("%s", qPrintable(complaint));
  return nlohmann::json::parse(file_content(run + "/tensorboard/scalars.json").toStdString());
}

std::size_t steps_in_record(const QString& run) {
  std::size_t count = 0;
  for (const QByteArray& line : file_content(run + "/events.jsonl").split('\n')) {
    if (line.startsWith(R"({"event":"step")")) ++count;
  }
  return count;
}

}  // namespace

class TestReport : public QObject {
  Q_OBJECT

 private slots:
  void a_classifiers_report_has_all_four_kinds_of_figures() {
    QTemporaryDir folder;
    const QString run = trained(folder, "two_spirals_mlp", {"--epochs", "8"});
    const QByteArray record = file_content(run + "/events.jsonl");
    const EngineRun made = run_engine({"report", run, "--samples", "200"});
    QVERIFY2(made.code == 0, made.errors.constData());
    QVERIFY(made.output.contains("Accuracy"));
    QVERIFY(made.output.contains("report.html"));
    QCOMPARE(file_content(run + "/events.jsonl"), record);

    const RunReport report = report_in(run);
    const EngineRun evaluated = run_engine({"evaluate", run, "--json"});
    const auto expected = nlohmann::json::parse(evaluated.output.toStdString());
    for (const auto& [name, value] : report.quality.values) {
      QVERIFY2(std::abs(expected[name].get<double>() - value) < 1e-9, name.c_str());
    }
    QCOMPARE(nlohmann::json(report.quality.confusion).dump(), expected["confusion"].dump());
    QCOMPARE(report.quality.scores.accuracy, report.quality.values.at("accuracy"));
    QCOMPARE(report.quality.rankings.size(), 2U);
    QVERIFY(report.quality.macro_auc && *report.quality.macro_auc > 0.5);
    QCOMPARE(report.complexity.networks.size(), 1U);
    QVERIFY(report.complexity.networks[0].parameters > 0);
    QVERIFY(report.complexity.memory_peak_bytes > 0);
    QVERIFY(report.complexity.latency && report.complexity.latency->median_ms > 0);
    QVERIFY(report.dynamics.convergence.best_epoch > 0);
    QVERIFY(!report.dynamics.stability.empty());
    QVERIFY(!report.dynamics.gaps.empty());
    QCOMPARE(report.robustness.samples, std::int64_t{200});
    QCOMPARE(report.robustness.curves.size(), 3U);
    QVERIFY(report.robustness.curves[0].points.back().value < report.robustness.curves[0].points.front().value);
    QVERIFY(!report.robustness.curves[1].missing.empty());  // points have no blur
    QVERIFY(report.robustness.curves[2].points.size() > 3);
    QVERIFY(file_content(run + "/report.html").startsWith("<!DOCTYPE html>"));
  }

  void other_tasks_say_what_does_not_apply_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("is_disturbed");
    QTest::addColumn<int>("networks");
    QTest::newRow("forecast") << "waves_forecast" << true << 1;
    QTest::newRow("autoencoder") << "dense_autoencoder" << true << 1;
    QTest::newRow("adversarial") << "mlp_gan" << false << 2;
    QTest::newRow("words") << "word_language_lstm" << false << 1;
    QTest::newRow("segmentation") << "unet_shapes" << true << 1;
  }
  void other_tasks_say_what_does_not_apply() {
    QFETCH(QString, name);
    QFETCH(bool, is_disturbed);
    QFETCH(int, networks);
    QTemporaryDir folder;
    const QString run = trained(folder, name, {"--epochs", "2", "--limit-samples", "100"});
    const EngineRun made = run_engine({"report", run, "--samples", "20", "--html", folder.filePath("page.html")});
    QVERIFY2(made.code == 0, made.errors.constData());
    QVERIFY(QFile::exists(folder.filePath("page.html")) && !QFile::exists(run + "/report.html"));
    const RunReport report = report_in(run);
    QVERIFY(!report.quality.values.empty());
    QCOMPARE(report.complexity.networks.size(), static_cast<std::size_t>(networks));
    QVERIFY(report.complexity.latency);
    QCOMPARE(report.robustness.missing.empty(), is_disturbed);
    QVERIFY(report.quality.confusion.empty() == !report.quality.confusion_missing.empty());
    QVERIFY(report.quality.rankings.empty() == !report.quality.ranking_missing.empty());
    if (name == "mlp_gan") QVERIFY(report.quality.values.contains("frechet"));
    QVERIFY(content_of(report).sections.size() >= 5);
  }

  void whoever_reads_events_hears_how_far_it_is() {
    QTemporaryDir folder;
    const QString run = trained(folder, "two_spirals_mlp", {"--epochs", "1"});
    const EngineRun made = run_engine({"report", run, "--json"});
    QCOMPARE(made.code, 0);
    std::vector<Event> events;
    for (const QByteArray& line : made.output.split('\n')) {
      if (auto event = event_from_line(line.toStdString())) events.push_back(std::move(*event));
    }
    QVERIFY(events.size() > 10);
    QVERIFY(std::holds_alternative<MessageEvent>(events.front()));
    const auto* done = std::get_if<DoneEvent>(&events.back());
    QVERIFY(done && done->reason == "finished" && done->test.contains("accuracy"));
  }

  void data_that_have_changed_since_are_told() {
    QTemporaryDir folder;
    const QString run = trained(folder, "two_spirals_mlp", {"--epochs", "1"});
    QByteArray record = file_content(run + "/events.jsonl");
    const RunReport before = [&] {
      run_engine({"report", run, "--samples", "10"});
      return report_in(run);
    }();
    QVERIFY(!before.run.has_other_data);
    const auto fingerprint = record.indexOf("\"data\":\"") + 8;
    record[fingerprint] = record[fingerprint] == '0' ? '1' : '0';
    QVERIFY(put_file(run + "/events.jsonl", record));
    QCOMPARE(run_engine({"report", run, "--samples", "10"}).code, 0);
    QVERIFY(report_in(run).run.has_other_data);
    QVERIFY(content_of(report_in(run)).warning.find("have changed") != std::string::npos);
  }

  void what_cannot_be_reported_is_refused_in_words() {
    QTemporaryDir folder;
    const EngineRun nothing = run_engine({"report", folder.path()});
    QCOMPARE(nothing.code, 1);
    QVERIFY(nothing.errors.contains("project.json"));
    const EngineRun heard = run_engine({"report", folder.path(), "--json"});
    QVERIFY(heard.output.contains(R"("reason":"failed")"));
    const QString run = trained(folder, "two_spirals_mlp", {"--epochs", "1"});
    QVERIFY(QDir(run + "/checkpoints").removeRecursively());
    const EngineRun untrained = run_engine({"report", run});
    QCOMPARE(untrained.code, 1);
    QVERIFY(untrained.errors.contains("checkpoint"));
    QVERIFY(!QFile::exists(run + "/report.json"));
  }

  void training_leaves_event_files_for_tensorboard() {
    QTemporaryDir folder;
    const QString run = trained(folder, "two_spirals_mlp", {"--epochs", "2"});
    const nlohmann::json scalars = tensorboard_of(run);
    std::size_t losses = 0;
    std::size_t epochs = 0;
    for (const auto& scalar : scalars) {
      losses += scalar[0] == "train/loss";
      epochs += scalar[0] == "train_epoch/loss";
    }
    QCOMPARE(losses, steps_in_record(run));
    QCOMPARE(epochs, 2U);
    QVERIFY(losses > 0);
  }

  void in_a_resumed_runs_event_files_nothing_stands_twice() {
    QTemporaryDir folder;
    const QString run = trained(folder, "two_spirals_mlp", {"--epochs", "2"});
    const EngineRun resumed = run_engine({"resume", run, "--epochs", "4"});
    QVERIFY2(resumed.code == 0, resumed.errors.constData());
    std::vector<std::int64_t> steps;
    std::size_t epochs = 0;
    for (const auto& scalar : tensorboard_of(run)) {
      if (scalar[0] == "train/loss") steps.push_back(scalar[1]);
      epochs += scalar[0] == "train_epoch/loss";
    }
    QCOMPARE(epochs, 4U);
    QCOMPARE(steps.size(), steps_in_record(run));
    QVERIFY(std::is_sorted(steps.begin(), steps.end()));
    QVERIFY(std::adjacent_find(steps.begin(), steps.end()) == steps.end());
  }
};

QTEST_MAIN(TestReport)
#include "test_report.moc"
