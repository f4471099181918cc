#include <QRandomGenerator>
#include <QSemaphore>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QThreadPool>
#include <algorithm>

#include "backend/data/data_catalogue.h"
#include "backend/graph/gestures.h"
#include "backend/graph/project_json.h"
#include "backend/graph/templates.h"
#include "backend/layers/catalogue.h"
#include "designer/document/document.h"

using namespace netwright;

namespace {

NetworkId first_network(const Document& document) {
  return document.project().networks.front().id;
}

const Network& network(const Document& document) {
  return document.project().networks.front();
}

/// Adds a layer of the type and returns its id.
LayerId add(Document& document, const std::string& type, Point place = {}) {
  const Layer layer = make_layer(network(document), type, place);
  return document.edit("Add", {AddLayer{first_network(document), layer}}) ? layer.id : LayerId{};
}

/// A random step that fits the document as it is; now and then several edits, a merge key, or nothing new.
class RandomEditor {
 public:
  RandomEditor(Document& document, quint32 seed) : document_(document), random_(seed) {}

  void step() {
    const Network& net = network(document_);
    const NetworkId id = net.id;
    const auto& layers = net.layers;
    const int kind = layers.size() < 2 ? 0 : random_.bounded(10);
    if (kind <= 1) {
      const auto& rows = catalogue();
      const std::string type = rows[random_.bounded(static_cast<int>(rows.size()))].type;
      check(document_.edit("Add", {AddLayer{id, make_layer(net, type, place())}}));
      return;
    }
    const Layer& layer = pick(layers);
    switch (kind) {
      case 2: {
        const Connection connection{{pick(layers).id, 0}, {layer.id, 0}};
        check(document_.edit("Connect", netwright::connect(net, connection)));
        break;
      }
      case 3:
        if (!net.connections.empty()) check(document_.edit("Disconnect", {Disconnect{id, pick(net.connections)}}));
        break;
      case 4:
        check(document_.edit("Delete", remove_layers(net, {layer.id}, random_.bounded(2) == 0)));
        break;
      case 5:
        check(document_.edit("Rename", {RenameLayer{id, layer.id, net.free_name("renamed")}},
                             QString("rename/%1").arg(layer.id.value)));
        break;
      case 6:
        check(document_.edit("Move", {MoveLayer{id, layer.id, place()}, MoveLayer{id, pick(layers).id, place()}},
                             "move"));
        break;
      case 7: {
        std::vector<LayerId> added;
        check(document_.edit("Paste", paste(net, fragment_of(net, {layer.id, pick(layers).id}), {20, 20}, added)));
        break;
      }
      case 8:
        check(document_.edit("Train", {SetTrainable{id, layer.id, random_.bounded(2) == 0}}, "train"));
        break;
      default:
        if (const LayerSpec* spec = find_layer_spec(layer.type); spec && !spec->settings.empty()) {
          const SettingSpec& setting = spec->settings[random_.bounded(static_cast<int>(spec->settings.size()))];
          const Value* now = layer.settings.find(setting.name);
          Value value = setting.fallback;
          if (now && std::holds_alternative<std::int64_t>(*now)) value = std::int64_t{random_.bounded(1, 50)};
          if (now) check(document_.edit("Set", {SetSetting{id, layer.id, setting.name, value}}, "set"));
        }
    }
  }

 private:
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[random_.bounded(static_cast<int>(from.size()))];
  }
  Point place() { return {20.0 * random_.bounded(50), 20.0 * random_.bounded(50)}; }
  void check(const Result<void>& done) {
    if (!done) qWarning("%s", done.error().message.c_str());
    QVERIFY(done);
  }

  Document& document_;
  QRandomGenerator random_;
};

}  // namespace

class TestDocument : public QObject {
  Q_OBJECT

 private slots:
  void random_edits_undo_and_redo_to_the_byte_data();
  void random_edits_undo_and_redo_to_the_byte();
  void views_hear_of_every_edit();
  void steps_with_one_key_merge();
  void steps_with_other_keys_stay_apart();
  void a_step_that_comes_back_vanishes();
  void a_step_that_changes_nothing_is_none();
  void connecting_and_disconnecting_under_one_key_vanishes();
  void a_failed_step_changes_nothing();
  void the_report_is_new_when_analysed_is_said();
  void saving_makes_clean_and_undo_returns_to_clean();
  void merging_stops_at_a_save();
  void a_saved_file_opens_as_it_was();
  void a_broken_file_leaves_the_document_alone();
  void a_reset_forgets_path_and_steps();
  void large_data_are_described_later();
};

void TestDocument::random_edits_undo_and_redo_to_the_byte_data() {
  QTest::addColumn<quint32>("seed");
  for (quint32 seed = 1; seed <= 12; ++seed) QTest::addRow("seed %u", seed) << seed;
}

void TestDocument::random_edits_undo_and_redo_to_the_byte() {
  QFETCH(quint32, seed);
  Document document;
  RandomEditor editor(document, seed);
  for (int i = 0; i < 5; ++i) editor.step();
  document.undo_stack().clear();
  const std::string start = to_json(document.project());
  for (int i = 0; i < 120; ++i) editor.step();
  const std::string end = to_json(document.project());
  QVERIFY(start != end);
  QVERIFY(document.undo_stack().count() > 40);
  for (int round = 0; round < 2; ++round) {
    while (document.undo_stack().canUndo()) document.undo_stack().undo();
    QCOMPARE(QString::fromStdString(to_json(document.project())), QString::fromStdString(start));
    while (document.undo_stack().canRedo()) document.undo_stack().redo();
    QCOMPARE(QString::fromStdString(to_json(document.project())), QString::fromStdString(end));
  }
}

void TestDocument::views_hear_of_every_edit() {
  // A project that only follows the edits it is told of stays the same as the document's.
  Document document;
  Project follower = document.project();
  int edits = 0;
  connect(&document, &Document::edited, this, [&](const Edit& edit) {
    ++edits;
    QVERIFY(netwright::apply(follower, edit));
    QVERIFY(follower == document.project());
  });
  RandomEditor editor(document, 77);
  for (int i = 0; i < 60; ++i) editor.step();
  while (document.undo_stack().canUndo()) document.undo_stack().undo();
  while (document.undo_stack().canRedo()) document.undo_stack().redo();
  QVERIFY(edits > 100);
  disconnect(&document, nullptr, this, nullptr);
}

void TestDocument::steps_with_one_key_merge() {
  Document document;
  const LayerId conv = add(document, "Conv2d");
  const std::string before = to_json(document.project());
  for (std::int64_t channels = 40; channels < 60; ++channels)
    QVERIFY(document.edit("Set", {SetSetting{first_network(document), conv, "out_channels", channels}}, "spin"));
  QCOMPARE(document.undo_stack().count(), 2);
  document.undo_stack().undo();
  QCOMPARE(QString::fromStdString(to_json(document.project())), QString::fromStdString(before));
  document.undo_stack().redo();
  QCOMPARE(network(document).find(conv)->settings.integer("out_channels"), std::int64_t{59});
}

void TestDocument::steps_with_other_keys_stay_apart() {
  Document document;
  const LayerId conv = add(document, "Conv2d");
  const NetworkId id = first_network(document);
  QVERIFY(document.edit("Set", {SetSetting{id, conv, "out_channels", std::int64_t{7}}}, "a"));
  QVERIFY(document.edit("Set", {SetSetting{id, conv, "out_channels", std::int64_t{8}}}, "b"));
  QVERIFY(document.edit("Set", {SetSetting{id, conv, "out_channels", std::int64_t{9}}}));
  QVERIFY(document.edit("Set", {SetSetting{id, conv, "out_channels", std::int64_t{10}}}));
  QCOMPARE(document.undo_stack().count(), 5);
}

void TestDocument::a_step_that_comes_back_vanishes() {
  Document document;
  const LayerId conv = add(document, "Conv2d", {20, 40});
  const NetworkId id = first_network(document);
  QVERIFY(document.edit("Move", {MoveLayer{id, conv, {60, 40}}}, "nudge"));
  QCOMPARE(document.undo_stack().count(), 2);
  QVERIFY(document.edit("Move", {MoveLayer{id, conv, {20, 40}}}, "nudge"));
  QCOMPARE(document.undo_stack().count(), 1);
  QCOMPARE(document.undo_stack().index(), 1);
}

void TestDocument::a_step_that_changes_nothing_is_none() {
  Document document;
  const LayerId conv = add(document, "Conv2d", {20, 40});
  const NetworkId id = first_network(document);
  const std::string name = network(document).find(conv)->name;
  QVERIFY(document.edit("Move", {MoveLayer{id, conv, {20, 40}}}));
  QVERIFY(document.edit("Rename", {RenameLayer{id, conv, name}}));
  QVERIFY(document.edit("Move", {MoveLayer{id, conv, {60, 40}}, MoveLayer{id, conv, {20, 40}}}));
  QVERIFY(document.edit("None", {}));
  QCOMPARE(document.undo_stack().count(), 1);
}

void TestDocument::connecting_and_disconnecting_under_one_key_vanishes() {
  Document document;
  const LayerId input = add(document, "Input");
  const LayerId conv = add(document, "Conv2d");
  const NetworkId id = first_network(document);
  const Connection connection{{input, 0}, {conv, 0}};
  QVERIFY(document.edit("Connect", {Connect{id, connection}}, "wire"));
  QVERIFY(document.edit("Disconnect", {Disconnect{id, connection}}, "wire"));
  QCOMPARE(document.undo_stack().count(), 2);
  QVERIFY(network(document).connections.empty());
}

void TestDocument::a_failed_step_changes_nothing() {
  Document document;
  const LayerId conv = add(document, "Conv2d");
  const NetworkId id = first_network(document);
  const std::string before = to_json(document.project());
  Project follower = document.project();
  connect(&document, &Document::edited, this, [&](const Edit& edit) { QVERIFY(netwright::apply(follower, edit)); });
  const Result<void> done = document.edit(
      "Half", {MoveLayer{id, conv, {500, 500}}, RenameLayer{id, conv, "other"}, RemoveLayer{id, LayerId{999}}});
  QVERIFY(!done);
  QVERIFY(!done.error().message.empty());
  QCOMPARE(QString::fromStdString(to_json(document.project())), QString::fromStdString(before));
  QVERIFY(follower == document.project());
  QCOMPARE(document.undo_stack().count(), 1);
  disconnect(&document, nullptr, this, nullptr);
}

void TestDocument::the_report_is_new_when_analysed_is_said() {
  Document document;
  int said = 0;
  connect(&document, &Document::analysed, this, [&] {
    ++said;
    const NetworkReport* report = document.report().find(first_network(document));
    QVERIFY(report);
    QCOMPARE(report->layers.size(), network(document).layers.size());
  });
  add(document, "Input");
  add(document, "Conv2d");
  document.undo_stack().undo();
  document.undo_stack().redo();
  QCOMPARE(said, 4);
  disconnect(&document, nullptr, this, nullptr);
}

void TestDocument::saving_makes_clean_and_undo_returns_to_clean() {
  QTemporaryDir folder;
  Document document;
  QSignalSpy titles(&document, &Document::title_changed);
  QVERIFY(!document.is_modified());
  add(document, "Input");
  QVERIFY(document.is_modified());
  QVERIFY(!titles.isEmpty());
  titles.clear();
  QVERIFY(document.save(folder.filePath("net.netwright")));
  QVERIFY(!document.is_modified());
  QVERIFY(!titles.isEmpty());
  QCOMPARE(document.display_name(), QString("net"));
  add(document, "Conv2d");
  QVERIFY(document.is_modified());
  document.undo_stack().undo();
  QVERIFY(!document.is_modified());
  document.undo_stack().undo();
  QVERIFY(document.is_modified());
}

void TestDocument::merging_stops_at_a_save() {
  QTemporaryDir folder;
  Document document;
  const LayerId conv = add(document, "Conv2d");
  const NetworkId id = first_network(document);
  QVERIFY(document.edit("Move", {MoveLayer{id, conv, {20, 0}}}, "nudge"));
  QVERIFY(document.save(folder.filePath("net.netwright")));
  QVERIFY(document.edit("Move", {MoveLayer{id, conv, {40, 0}}}, "nudge"));
  QVERIFY(document.is_modified());
  document.undo_stack().undo();
  QVERIFY(!document.is_modified());
  QCOMPARE(network(document).find(conv)->position, (Point{20, 0}));
}

void TestDocument::a_saved_file_opens_as_it_was() {
  QTemporaryDir folder;
  const QString path = folder.filePath("ünï.netwright");
  Document document;
  RandomEditor editor(document, 5);
  for (int i = 0; i < 40; ++i) editor.step();
  QVERIFY(document.save(path));
  Document other;
  QSignalSpy replaced(&other, &Document::replaced);
  QSignalSpy analysed(&other, &Document::analysed);
  QVERIFY(other.open(path));
  QCOMPARE(replaced.count(), 1);
  QCOMPARE(analysed.count(), 1);
  QVERIFY(other.project() == document.project());
  QCOMPARE(other.file_path(), path);
  QVERIFY(!other.is_modified());
  QVERIFY(other.save(folder.filePath("again.netwright")));
  QFile first(path), second(folder.filePath("again.netwright"));
  QVERIFY(first.open(QIODevice::ReadOnly) && second.open(QIODevice::ReadOnly));
  QCOMPARE(first.readAll(), second.readAll());
}

void TestDocument::a_broken_file_leaves_the_document_alone() {
  QTemporaryDir folder;
  const QString path = folder.filePath("broken.netwright");
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write("{\"format\": ");
  file.close();
  Document document;
  add(document, "Input");
  const Project before = document.project();
  QSignalSpy replaced(&document, &Document::replaced);
  QVERIFY(!document.open(path));
  QVERIFY(!document.open(folder.filePath("missing.netwright")));
  QVERIFY(document.project() == before);
  QCOMPARE(document.undo_stack().count(), 1);
  QVERIFY(document.file_path().isEmpty());
  QCOMPARE(replaced.count(), 0);
  QVERIFY(!document.save(folder.filePath("no/such/folder/net.netwright")));
  QVERIFY(document.is_modified());
}

void TestDocument::a_reset_forgets_path_and_steps() {
  QTemporaryDir folder;
  Document document;
  add(document, "Input");
  QVERIFY(document.save(folder.filePath("net.netwright")));
  Project project = empty_project();
  project.name = "fresh";
  document.reset(project);
  QVERIFY(document.file_path().isEmpty());
  QCOMPARE(document.display_name(), QString("fresh"));
  QVERIFY(!document.undo_stack().canUndo());
  QVERIFY(!document.is_modified());
  QVERIFY(network(document).layers.empty());
}

void TestDocument::large_data_are_described_later() {
  Document document;
  document.reset(*open_template("two_spirals_mlp"));
  QVERIFY(document.data());
  // All threads are taken for as long as a large file would be read.
  QSemaphore large_file;
  QThreadPool& pool = *QThreadPool::globalInstance();
  for (int i = 0; i < pool.maxThreadCount(); ++i) pool.start([&] { large_file.acquire(); });
  QSignalSpy described(&document, &Document::data_described);
  QSignalSpy analysed(&document, &Document::analysed);
  QVERIFY(bool(document.edit("Choose", {SetData{{"shapes", {}}}})));
  QVERIFY(document.is_reading_data());
  QVERIFY(!document.data());
  QCOMPARE(described.count(), 1);
  QVERIFY(bool(document.edit("Choose", {SetData{{"waves", {}}}})));  // the answer about shapes is no longer wanted
  QVERIFY(document.data() == std::nullopt);
  large_file.release(pool.maxThreadCount());
  QTRY_VERIFY(!document.is_reading_data());
  QCOMPARE(described.count(), 3);
  QCOMPARE(analysed.count(), 3);
  QVERIFY(document.data());
  QCOMPARE(document.data()->sample_shape, describe({"waves", {}})->sample_shape);
  // The report has heard of them: points of a plane don't fit waves.
  QVERIFY(std::any_of(document.report().diagnostics.begin(), document.report().diagnostics.end(),
                      [](const Diagnostic& diagnostic) { return diagnostic.code == "input-shape"; }));
  QTest::qWait(20);
  QCOMPARE(described.count(), 3);
}

QTEST_GUILESS_MAIN(TestDocument)
#include "test_document.moc"
