#include <QClipboard>
#include <QGuiApplication>
#include <QTest>

#include "backend/graph/gestures.h"
#include "designer/document/clipboard.h"
#include "designer/document/document.h"

using namespace netwright;

namespace {

Network two_layers() {
  Network network{.id = {1}, .name = "net", .layers = {}, .connections = {}};
  network.layers.push_back(make_layer(network, "Conv2d", {20, 40}));
  network.layers.push_back(make_layer(network, "ReLU", {20, 160}));
  network.connections.push_back({{network.layers[0].id, 0}, {network.layers[1].id, 0}});
  return network;
}

}  // namespace

class TestClipboard : public QObject {
  Q_OBJECT

 private slots:
  void what_is_copied_comes_back();
  void plain_text_serves_too();
  void what_is_no_network_is_refused_data();
  void what_is_no_network_is_refused();
  void pasted_layers_get_new_ids_and_names();
};

void TestClipboard::what_is_copied_comes_back() {
  copy_to_clipboard(two_layers());
  const Result<Network> fragment = clipboard_fragment();
  QVERIFY(fragment);
  QVERIFY(fragment->layers == two_layers().layers);
  QVERIFY(fragment->connections == two_layers().connections);
}

void TestClipboard::plain_text_serves_too() {
  QGuiApplication::clipboard()->setText(QString::fromStdString(to_json(two_layers())));
  const Result<Network> fragment = clipboard_fragment();
  QVERIFY(fragment);
  QCOMPARE(fragment->layers.size(), std::size_t{2});
}

void TestClipboard::what_is_no_network_is_refused_data() {
  QTest::addColumn<QString>("text");
  QTest::newRow("nothing") << "";
  QTest::newRow("prose") << "The quick brown fox";
  QTest::newRow("other JSON") << "{\"a\": [1, 2, 3]}";
  QTest::newRow("half of ours") << QString::fromStdString(to_json(two_layers())).left(80);
  QTest::newRow("deep") << QString(100000, '[');
}

void TestClipboard::what_is_no_network_is_refused() {
  QFETCH(QString, text);
  QGuiApplication::clipboard()->setText(text);
  const Result<Network> fragment = clipboard_fragment();
  QVERIFY(!fragment);
  QVERIFY(fragment.error().message.size() > 10);
}

void TestClipboard::pasted_layers_get_new_ids_and_names() {
  const Network network = two_layers();
  Project project = empty_project();
  project.networks = {network};
  std::vector<LayerId> added;
  QVERIFY(apply_all(project, paste(network, network, {40, 40}, added)));
  const Network& grown = project.networks.front();
  QCOMPARE(grown.layers.size(), std::size_t{4});
  QCOMPARE(grown.connections.size(), std::size_t{2});
  std::set<std::string> names;
  for (const Layer& layer : grown.layers) names.insert(layer.name);
  QCOMPARE(names.size(), std::size_t{4});
  QCOMPARE(added.size(), std::size_t{2});
  QCOMPARE(grown.find(added.front())->position, (Point{60, 80}));
}

QTEST_MAIN(TestClipboard)
#include "test_clipboard.moc"
