// Every template trains out of the box, a little, and what its task shows is there.

#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <set>

#include "backend/graph/project_json.h"
#include "backend/graph/templates.h"
#include "backend/run/run_folder.h"
#include "tests/support/engine.h"
#include "tests/support/files.h"

using namespace netwright;

class TestTemplateRuns : public QObject {
  Q_OBJECT

 private slots:
  void trains_data() {
    QTest::addColumn<QString>("name");
    for (const Template& candidate : templates()) {
      const auto project = read_project(candidate.file);
      if (!project || project->data.source.empty()) continue;  // the empty one has nothing to learn from
      QTest::newRow(candidate.name.c_str()) << QString::fromStdString(candidate.name);
    }
  }
  void trains() {
    QFETCH(QString, name);
    const QTemporaryDir folder;
    const QString file = folder.filePath(name + ".netwright");
    QCOMPARE(run_engine({"new", name, "-o", file}).code, 0);
    const QString run = folder.filePath("run");
    const EngineRun trained = run_engine(
        {"train", file, "--epochs", "1", "--limit-samples", "96", "--batch-size", "32", "--run", run, "--json"});
    QVERIFY2(trained.code == 0, trained.errors);
    const auto opened = RunFolder::open(path_of(run));
    QVERIFY(opened);
    const auto events = opened->events();
    QVERIFY(events);
    const auto* done = std::get_if<DoneEvent>(&events->back());
    QVERIFY(done && done->reason == "finished");
    QVERIFY(!done->test.empty());

    std::set<std::string> shown;
    for (const Event& event : *events) {
      if (const auto* sample = std::get_if<SampleEvent>(&event)) {
        QVERIFY(QFile::exists(run + "/" + QString::fromStdString(sample->file)));
        shown.insert(sample->kind);
      }
      if (const auto* message = std::get_if<MessageEvent>(&event)) {
        QVERIFY2(message->severity == "info", message->text.c_str());
      }
    }
    const auto project = opened->project();
    const std::string& task = project->recipe.task;
    if (task == "Reconstruction") QVERIFY(shown.contains("reconstructions") && shown.contains("code"));
    if (task == "Segmentation") QVERIFY(shown.contains("masks"));
    if (task == "Forecast") QVERIFY(shown.contains("forecast"));
    if (task == "Adversarial") QVERIFY(shown.contains("wall"));
    if (name == "gru_attention" || name == "transformer_words") QVERIFY(shown.contains("attention"));

    const EngineRun evaluated = run_engine({"evaluate", run, "--json"});
    QVERIFY2(evaluated.code == 0, evaluated.errors);
    QVERIFY(QJsonDocument::fromJson(evaluated.output).object()["samples"].toInt() > 0);
  }

  void explains_itself_on_the_canvas_data() { trains_data(); }
  void explains_itself_on_the_canvas() {
    QFETCH(QString, name);
    const auto project = open_template(name.toStdString());
    QVERIFY(project);
    for (const Network& network : project->networks) {
      QVERIFY2(!network.notes.empty() && network.notes.front().text.size() > 40, network.name.c_str());
    }
    // What it comes to, in how long.
    QVERIFY(project->networks.front().notes.front().text.find("\n\nReaches ") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(TestTemplateRuns)
#include "test_template_runs.moc"
