#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "backend/core/json_text.h"
#include "backend/core/safe_file.h"
#include "backend/graph/project_json.h"
#include "tests/support/drawing.h"
#include "tests/support/seed.h"

using namespace netwright;

class TestProjectJson : public QObject {
  Q_OBJECT

 private slots:
  void round_trip_is_exact() {
    for (Project project : {mission_cnn(), vgg16(), resnet18(), empty_project()}) {
      project.note = "Ein Netz – für „alle“\n";
      project.data.source = "two-spirals";
      project.data.settings = {{"samples", std::int64_t{400}}, {"noise", 0.25}};
      if (!project.networks[0].layers.empty()) {
        project.networks[0].layers[0].trainable = false;
        project.networks[0].layers[0].position = {-12.5, 1e6};
      }
      const std::string text = to_json(project);
      const auto again = project_from_json(text, "test");
      QVERIFY2(bool(again), again ? "" : again.error().message.c_str());
      QVERIFY(*again == project);
      QCOMPARE(to_json(*again), text);
    }
  }

  void moving_a_layer_changes_one_line() {
    Project project = resnet18();
    const std::string before = to_json(project);
    project.networks[0].layers[7].position = {77, 88};
    const QStringList old_lines = QString::fromStdString(before).split('\n');
    const QStringList new_lines = QString::fromStdString(to_json(project)).split('\n');
    QCOMPARE(old_lines.size(), new_lines.size());
    int changed = 0;
    for (qsizetype i = 0; i < old_lines.size(); ++i) changed += old_lines[i] != new_lines[i] ? 1 : 0;
    QCOMPARE(changed, 1);
  }

  void what_is_missing_takes_its_default() {
    const auto project = project_from_json(
        R"({"format": "netwright-project", "version": 1, "name": "p", "networks": [{"id": 1, "name": "n", "layers": [
            {"id": 1, "name": "c", "type": "Conv2d", "settings": {"out_channels": 4, "kernel_size": 5}}],
            "connections": []}]})",
        "test");
    QVERIFY(bool(project));
    const Settings& settings = project->networks[0].layers[0].settings;
    QCOMPARE(settings.integers("kernel_size"), (Integers{5, 5}));
    QCOMPARE(settings.integers("stride"), (Integers{1, 1}));
    QCOMPARE(project->recipe.optimiser, std::string("Adam"));
  }

  void what_an_old_file_lacks_is_as_if_it_had_been_saved() {
    const auto project = project_from_json(
        R"({"format": "netwright-project", "version": 1, "name": "p", "data": {"source": "circles", "settings": {}},
            "recipe": {"task": "Classification", "settings": {"epochs": 3},
                       "optimiser": {"type": "SGD", "settings": {"lr": 0.1}}}, "networks": []})",
        "test");
    QVERIFY(bool(project));
    QCOMPARE(project->recipe.settings.integer("epochs"), std::int64_t{3});
    const auto again = project_from_json(to_json(*project), "test");
    QVERIFY(bool(again));
    QVERIFY(*again == *project);
  }

  void refusals_data() {
    QTest::addColumn<QString>("change");  // a JSON patch on a sound project
    QTest::addColumn<QString>("expected");
    QTest::newRow("another format") << R"({"format": "png"})"
                                    << "isn't a Netwright file";
    QTest::newRow("newer version") << R"({"version": 2})"
                                   << "version 2";
    QTest::newRow("version 0") << R"({"version": 0})"
                               << "version 0";
    QTest::newRow("name of number") << R"({"name": 3})"
                                    << "name must be text";
    QTest::newRow("no networks") << R"({"networks": null})"
                                 << "no “networks”";
    QTest::newRow("networks of text") << R"({"networks": "x"})"
                                      << "networks must be a list";
    QTest::newRow("id twice") << R"({"networks": [{"id": 1, "name": "a", "layers": [
        {"id": 1, "name": "c", "type": "ReLU", "settings": {}}, {"id": 1, "name": "d", "type": "ReLU", "settings": {}}],
        "connections": []}]})"
                              << "used twice";
    QTest::newRow("setting of object") << R"({"networks": [{"id": 1, "name": "a", "layers": [
        {"id": 1, "name": "c", "type": "ReLU", "settings": {"x": {}}}], "connections": []}]})"
                                       << "networks[0].layers[0].settings.x";
    QTest::newRow("port of text") << R"({"networks": [{"id": 1, "name": "a", "layers": [],
        "connections": [{"from": [1, "a"], "to": [2, 0]}]}]})"
                                  << "connections[0].from";
    QTest::newRow("huge id") << R"({"networks": [{"id": 1, "name": "a", "layers": [],
        "connections": [{"from": [9223372036854775807, 0], "to": [2, 0]}]}]})"
                             << "connections[0].from";
  }

  void refusals() {
    QFETCH(QString, change);
    QFETCH(QString, expected);
    Json json = Json::parse(to_json(mission_cnn()));
    json.merge_patch(Json::parse(change.toStdString()));
    const auto result = project_from_json(json.dump(), "some.netwright");
    QVERIFY(!result);
    const QString message = QString::fromStdString(result.error().message);
    QVERIFY2(message.contains(expected), qPrintable(message));
    QVERIFY(message.startsWith("some.netwright: "));
  }

  void broken_text_never_crashes() {
    const auto seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    const std::string sound = to_json(mission_cnn());
    for (int round = 0; round < 500; ++round) {
      std::string text = sound;
      if (random() % 2) text.resize(random() % text.size());
      for (int flips = 0; flips < 3 && !text.empty(); ++flips)
        text[random() % text.size()] = static_cast<char>(random());
      const auto project = project_from_json(text, "x");
      if (project) {
        QVERIFY(!to_json(*project).empty());
      } else {
        QVERIFY(project.error().message.size() > 5);
      }
    }
    QVERIFY(!project_from_json(std::string(100000, '['), "x"));
  }

  void files() {
    const QTemporaryDir folder;
    const std::string path = folder.filePath("a.netwright").toStdString();
    QVERIFY(bool(write_project(mission_cnn(), path)));
    QVERIFY(*read_project(path) == mission_cnn());
    QVERIFY(!read_project(path + ".none"));
  }
};

QTEST_APPLESS_MAIN(TestProjectJson)
#include "test_project_json.moc"
