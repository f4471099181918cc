#include <QTemporaryDir>
#include <QTest>

#include "backend/graph/templates.h"
#include "backend/run/metrics_csv.h"
#include "backend/run/run_folder.h"
#include "tests/designer/training/recorded_runs.h"
#include "tests/support/engine.h"
#include "tests/support/files.h"

using namespace netwright;

class TestMetricsVerb : public QObject {
  Q_OBJECT

 private slots:
  void a_run_is_written_as_csv() {
    const QTemporaryDir folder;
    const QString run = folder.filePath("run");
    const auto made = RunFolder::create(run.toStdString(), *open_template("mlp"));
    QVERIFY(made);
    {
      auto writer = EventWriter::append_to(made->events_file());
      QVERIFY(writer);
      for (const Event& event : classification_events()) QVERIFY(writer->write(event));
    }
    const auto events = made->events();
    QVERIFY(events);
    const QByteArray expected = QByteArray::fromStdString(metrics_csv(*events));
    QCOMPARE(expected.count('\n'), 203);

    const EngineRun shown = run_engine({"metrics", run});
    QCOMPARE(shown.code, 0);
    QCOMPARE(shown.output, expected);
    const QString file = folder.filePath("metrics.csv");
    const EngineRun written = run_engine({"metrics", run, "-o", file});
    QCOMPARE(written.code, 0);
    QCOMPARE(written.output, QByteArray());
    QCOMPARE(file_content(file), expected);
  }

  void what_is_no_run_is_said() {
    const QTemporaryDir folder;
    const EngineRun none = run_engine({"metrics", folder.path()});
    QCOMPARE(none.code, 2);
    QVERIFY2(none.errors.contains("project.json"), none.errors.constData());
    // A run without a record, and a file that can't be written.
    const QString run = folder.filePath("run");
    QVERIFY(RunFolder::create(run.toStdString(), *open_template("mlp")));
    QCOMPARE(run_engine({"metrics", run}).code, 1);
    QVERIFY(put_file(run + "/events.jsonl", ""));
    const EngineRun nowhere = run_engine({"metrics", run, "-o", folder.filePath("none/there.csv")});
    QCOMPARE(nowhere.code, 1);
    QVERIFY2(nowhere.errors.contains("there.csv"), nowhere.errors.constData());
  }
};

QTEST_APPLESS_MAIN(TestMetricsVerb)
#include "test_metrics_verb.moc"
