// What holds for every verb, and the verbs that compute nothing.

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include "backend/core/json_text.h"
#include "backend/data/data_catalogue.h"
#include "backend/graph/project_json.h"
#include "tests/support/engine.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

const QStringList verbs = {"summary", "train",     "evaluate", "report",   "predict", "metrics",
                           "export",  "templates", "new",      "datasets", "doctor"};

QString shown(const Json& json) {
  return QString::fromStdString(json.dump());
}

}  // namespace

class TestCli : public QObject {
  Q_OBJECT

 private slots:
  void it_says_its_version() {
    const EngineRun run = run_engine({"--version"});
    QCOMPARE(run.code, 0);
    QVERIFY(QRegularExpression("^netwright-engine \\d+\\.\\d+\\.\\d+\n$").match(run.output).hasMatch());
  }

  void help_lists_every_verb() {
    const EngineRun run = run_engine({"--help"});
    QCOMPARE(run.code, 0);
    for (const QString& verb : verbs) {
      QVERIFY2(
          QRegularExpression("^  " + verb + " +\\w", QRegularExpression::MultilineOption).match(run.output).hasMatch(),
          qPrintable(verb));
    }
  }

  void every_verb_has_help_with_an_example_data() {
    QTest::addColumn<QString>("verb");
    for (const QString& verb : verbs) QTest::newRow(qPrintable(verb)) << verb;
  }
  void every_verb_has_help_with_an_example() {
    QFETCH(QString, verb);
    const EngineRun run = run_engine({verb, "--help"});
    QCOMPARE(run.code, 0);
    QVERIFY2(run.output.contains("Example:\n  netwright-engine " + verb.toUtf8()), run.output);
  }

  void bad_arguments_end_with_2_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("message");
    QTest::newRow("none") << QStringList{} << "subcommand";
    QTest::newRow("unknown verb") << QStringList{"fly"} << "fly";
    QTest::newRow("unknown option") << QStringList{"summary", "p", "--fast"} << "--fast";
    QTest::newRow("no project") << QStringList{"summary"} << "source is required";
    QTest::newRow("no output") << QStringList{"new", "empty"} << "--output is required";
    QTest::newRow("unknown template") << QStringList{"new", "castle", "-o", "p"}
                                      << "There are: bidirectional_lstm, dcgan, denoising_autoencoder";
  }
  void bad_arguments_end_with_2() {
    QFETCH(QStringList, arguments);
    QFETCH(QString, message);
    const EngineRun run = run_engine(arguments);
    QCOMPARE(run.code, 2);
    QVERIFY(run.output.isEmpty());
    QVERIFY2(run.errors.startsWith("netwright-engine: "), run.errors);
    QVERIFY2(run.errors.contains(message.toUtf8()), run.errors);
  }

  void failures_end_with_1_data() {
    QTest::addColumn<QString>("content");
    QTest::addColumn<QString>("message");
    QTest::newRow("missing") << QString() << "No such file";
    QTest::newRow("broken JSON") << "{\"format\":"
                                 << "project.netwright";
    QTest::newRow("another format") << "{\"format\":\"x\",\"version\":1}"
                                    << "project.netwright";
    QTest::newRow("newer version") << "{\"format\":\"netwright-project\",\"version\":99}"
                                   << "99";
  }
  void failures_end_with_1() {
    QFETCH(QString, content);
    QFETCH(QString, message);
    const QString file = folder_.filePath("project.netwright");
    QFile::remove(file);
    if (!content.isEmpty()) QVERIFY(put_file(file, content.toUtf8()));
    const EngineRun run = run_engine({"summary", file});
    QCOMPARE(run.code, 1);
    QVERIFY(run.output.isEmpty());
    QVERIFY2(run.errors.startsWith("netwright-engine: "), run.errors);
    QVERIFY2(run.errors.contains(message.toUtf8()), run.errors);
  }

  void templates_become_projects() {
    const EngineRun listed = run_engine({"templates", "--json"});
    QCOMPARE(listed.code, 0);
    const Json list = Json::parse(listed.output.toStdString());
    QVERIFY(list.size() >= 4);
    const QByteArray table = run_engine({"templates"}).output;
    for (const Json& entry : list) {
      const QString name = QString::fromStdString(entry["name"].get<std::string>());
      QVERIFY(table.contains(name.toUtf8()));
      QVERIFY(!entry["title"].get<std::string>().empty() && !entry["summary"].get<std::string>().empty());
      const QString file = folder_.filePath(name + ".netwright");
      const EngineRun made = run_engine({"new", name, "-o", file});
      QVERIFY2(made.code == 0, made.errors);
      QCOMPARE(file_content(file), file_content(NETWRIGHT_SOURCE "/resources/templates/" + name + ".netwright"));
    }
  }

  void projects_are_not_overwritten_unasked() {
    const QString file = folder_.filePath("mine.netwright");
    QVERIFY(put_file(file, "precious"));
    const EngineRun refused = run_engine({"new", "empty", "-o", file});
    QCOMPARE(refused.code, 1);
    QVERIFY(refused.errors.contains("--force"));
    QCOMPARE(file_content(file), QByteArray("precious"));
    QCOMPARE(run_engine({"new", "empty", "-o", file, "--force"}).code, 0);
    QVERIFY(read_project(path_of(file)));
    QCOMPARE(run_engine({"new", "empty", "-o", folder_.filePath("nowhere/p.netwright")}).code, 1);
  }

  void data_sources_are_listed() {
    const EngineRun run = run_engine({"datasets", "--json"});
    QCOMPARE(run.code, 0);
    const Json list = Json::parse(run.output.toStdString());
    const QByteArray table = run_engine({"datasets"}).output;
    QStringList sources;
    for (const Json& entry : list) {
      sources << QString::fromStdString(entry["source"].get<std::string>());
      QVERIFY(table.contains(sources.back().toUtf8()));
      QCOMPARE(entry["available"].get<bool>(), entry["missing"].is_null());
    }
    QStringList rows;
    for (const DataSpec& spec : data_catalogue()) {
      rows << QString::fromStdString(spec.source);
      for (const SettingSpec& setting : spec.settings) {
        QVERIFY2(table.contains("\n  " + QByteArray::fromStdString(setting.name) + " "), setting.name.c_str());
      }
    }
    QCOMPARE(sources, rows);
    QCOMPARE(shown(list[0]["sample_shape"]), shown((Json{1, 28, 28})));
    QCOMPARE(shown(list[0]["classes"]), shown(Json(10)));
    QCOMPARE(shown(list[0]["train_samples"]), shown(Json(60000)));
    QCOMPARE(shown(list[1]["sample_shape"]), shown(Json(nullptr)));
    QCOMPARE(shown(list[1]["settings"][1]["choices"]), shown((Json{"fine", "coarse"})));
  }

 private:
  QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestCli)
#include "test_cli.moc"
