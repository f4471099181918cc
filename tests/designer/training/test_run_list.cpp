#include <QTemporaryDir>
#include <QTest>
#include <QTreeWidget>

#include <functional>

#include "backend/graph/gestures.h"
#include "backend/graph/templates.h"
#include "backend/run/run_folder.h"
#include "designer/theme/theme.h"
#include "designer/training/project_changes.h"
#include "designer/training/run_list.h"
#include "tests/designer/training/recorded_runs.h"

using namespace netwright;

using Change = std::function<void(Project&)>;
Q_DECLARE_METATYPE(Change)

class TestRunList : public QObject {
  Q_OBJECT

 private slots:
  void changes_are_said_data();
  void changes_are_said();
  void runs_are_told_apart_by_what_changed();
  void the_best_is_said_with_its_direction();

 private:
  static Project lenet() { return *open_template("lenet5"); }
  static Layer& layer(Project& project, const char* name) {
    Network& network = project.networks.front();
    return *network.find(network.find(std::string_view(name))->id);
  }
};

void TestRunList::changes_are_said_data() {
  QTest::addColumn<Change>("change");
  QTest::addColumn<QStringList>("words");
  QTest::newRow("nothing") << Change([](Project&) {}) << QStringList();
  QTest::newRow("places and names") << Change([](Project& p) {
    p.name = "other";
    layer(p, "conv1").position.x += 40;
  }) << QStringList();
  QTest::newRow("optimiser") << Change([](Project& p) { p.recipe.optimiser = "SGD"; }) << QStringList("SGD");
  QTest::newRow("another optimiser's rate") << Change([](Project& p) {
    p.recipe.optimiser_settings = {{"lr", 0.5}, {"momentum", 0.9}};
    p.recipe.optimiser = "SGD";
  }) << QStringList{QStringLiteral("SGD"), QStringLiteral("lr 0.001 → 0.5")};
  QTest::newRow("schedule") << Change([](Project& p) {
    p.recipe.schedule = {"CosineAnnealing", {{"eta_min", 0.1}}};
  }) << QStringList(QStringLiteral("CosineAnnealing"));
  QTest::newRow("a setting of the task") << Change([](Project& p) {
    p.recipe.task_settings.set("label_smoothing", 0.1);
  }) << QStringList(QStringLiteral("label_smoothing 0 → 0.1"));
  QTest::newRow("preparation") << Change([](Project& p) { p.data.preparation.set("flip", std::string("horizontal")); })
                               << QStringList(QStringLiteral("flip none → horizontal"));
  QTest::newRow("initialisation") << Change([](Project& p) { layer(p, "conv1").initialisation = "orthogonal"; })
                                  << QStringList(QStringLiteral("conv1 orthogonal"));
  QTest::newRow("a setting of a layer") << Change([](Project& p) {
    layer(p, "conv1").settings.set("out_channels", std::int64_t{16});
  }) << QStringList(QStringLiteral("conv1.out_channels 6 → 16"));
  QTest::newRow("a setting chosen first") << Change([](Project& p) { p.recipe.settings.set("only_here", 0.5); })
                                          << QStringList(QStringLiteral("only_here 0.5"));
  QTest::newRow("frozen") << Change([](Project& p) { layer(p, "fc1").trainable = false; })
                          << QStringList(QStringLiteral("fc1 frozen"));
  QTest::newRow("a new layer") << Change([](Project& p) {
    p.networks.front().layers.push_back(make_layer(p.networks.front(), "Dropout", {}));
  }) << QStringList(QStringLiteral("+ dropout1"));
  QTest::newRow("a layer less") << Change([](Project& p) {
    std::erase_if(p.networks.front().layers, [](const Layer& l) { return l.name == "tanh1"; });
  }) << QStringList(QStringLiteral("− tanh1"));
  QTest::newRow("other wires") << Change([](Project& p) { p.networks.front().connections.pop_back(); })
                               << QStringList(QStringLiteral("wiring of classifier"));
  QTest::newRow("another network") << Change([](Project& p) {
    p.networks.push_back({.id = {7}, .name = "critic", .layers = {}, .connections = {}});
  }) << QStringList(QStringLiteral("+ critic"));
}

void TestRunList::changes_are_said() {
  QFETCH(Change, change);
  QFETCH(QStringList, words);
  Project after = lenet();
  change(after);
  QCOMPARE(changes_since(lenet(), after), words);
}

void TestRunList::runs_are_told_apart_by_what_changed() {
  Theme::instance().set_appearance(Appearance::Light);
  const QTemporaryDir folder;
  const std::filesystem::path file = folder.filePath(QStringLiteral("net.netwright")).toStdString();
  Project project = lenet();
  const auto run = [&](const char* time) {
    RunEvent event;
    event.name = std::string(time) + "-net";
    event.started = "2026-05-01T10:00:00Z";
    const auto made = RunFolder::create(runs_folder_of(file) / event.name, project);
    QVERIFY(made);
    auto writer = EventWriter::append_to(made->events_file());
    QVERIFY(writer);
    QVERIFY(writer->write(event));
  };
  run("2026-05-01T10-00-00Z");
  layer(project, "conv1").settings.set("out_channels", std::int64_t{16});
  run("2026-05-01T11-00-00Z");
  RunList list;
  list.show_runs_of(QString::fromStdString(file.string()));
  QTRY_COMPARE(list.count(), 2);
  const auto* tree = list.findChild<QTreeWidget*>(QStringLiteral("training.runs"));
  QCOMPARE(tree->topLevelItem(0)->text(0), QStringLiteral("conv1.out_channels 6 → 16"));
  QVERIFY(tree->topLevelItem(0)->toolTip(0).contains(QStringLiteral("conv1.out_channels 6 → 16")));
  QCOMPARE(tree->topLevelItem(1)->text(0), QStringLiteral("net"));
}

void TestRunList::the_best_is_said_with_its_direction() {
  Theme::instance().set_appearance(Appearance::Light);
  const RunSummary classified = summary_of_run(record_of(classification_events()));
  QCOMPARE(classified.best, QStringLiteral("↑ 76.8 %"));
  QVERIFY(classified.best_words.contains(QStringLiteral("Accuracy: 76.8 % (higher")));
  const RunSummary generated = summary_of_run(record_of(adversarial_events()));
  QCOMPARE(generated.best, QStringLiteral("↓ 0.5000"));
  QVERIFY(generated.best_words.contains(QStringLiteral("Fréchet distance: 0.5000 (lower")));
  QCOMPARE(generated.task, QStringLiteral("Adversarial"));
  RunEvent unjudged = adversarial_run();
  unjudged.main_figure = "g_loss";
  QCOMPARE(summary_of_run(record_of({unjudged})).best, QString());

  // Tasks are a column only where there are several.
  const QTemporaryDir folder;
  const std::filesystem::path file = folder.filePath(QStringLiteral("net.netwright")).toStdString();
  const auto write = [&](const std::vector<Event>& events, const char* name) {
    const auto made = RunFolder::create(runs_folder_of(file) / name, lenet());
    QVERIFY(made);
    auto writer = EventWriter::append_to(made->events_file());
    QVERIFY(writer);
    for (const Event& event : events) QVERIFY(writer->write(event));
  };
  write(classification_events(), "2026-05-01T10-00-00Z-net");
  RunList list;
  const auto* tree = list.findChild<QTreeWidget*>(QStringLiteral("training.runs"));
  list.show_runs_of(QString::fromStdString(file.string()));
  QTRY_COMPARE(list.count(), 1);
  QVERIFY(tree->isColumnHidden(1));
  QCOMPARE(tree->topLevelItem(0)->text(3), QStringLiteral("↑ 76.8 %"));
  write(adversarial_events(), "2026-05-01T11-00-00Z-net");
  list.show_runs_of(QString::fromStdString(file.string()));
  QTRY_COMPARE(list.count(), 2);
  QVERIFY(!tree->isColumnHidden(1));
  QCOMPARE(tree->topLevelItem(0)->text(1), QStringLiteral("Adversarial"));
}

QTEST_MAIN(TestRunList)
#include "test_run_list.moc"
