#include <QRandomGenerator>
#include <QTest>

#include "backend/graph/gestures.h"
#include "backend/interop/graph_layout.h"
#include "designer/canvas/layout.h"
#include "designer/canvas/placement.h"
#include "designer/canvas/ports.h"

using namespace netwright;

namespace {

Network layers(int count) {
  Network network{.id = {1}, .name = "net", .layers = {}, .connections = {}};
  for (int i = 0; i < count; ++i) {
    Layer layer;
    layer.id = {i + 1};
    layer.name = "l" + std::to_string(i + 1);
    layer.type = "ReLU";
    network.layers.push_back(layer);
  }
  return network;
}

void join(Network& network, std::int64_t from, std::int64_t to, int port = 0) {
  network.connections.push_back({{{from}, 0}, {{to}, port}});
  std::sort(network.connections.begin(), network.connections.end());
}

}  // namespace

class TestLayout : public QObject {
  Q_OBJECT

 private slots:
  void a_tidy_drawing_has_its_corner_where_it_was_asked_for();
  void what_is_tidy_stays();
  void ports_grow_with_connections();
  void valid_ends_make_no_cycle();
};

void TestLayout::a_tidy_drawing_has_its_corner_where_it_was_asked_for() {
  Project project = empty_project();
  Network& network = project.networks.front();
  network.layers = layers(4).layers;
  join(network, 1, 2);
  join(network, 1, 3);
  join(network, 2, 4);
  join(network, 3, 4, 1);
  const std::map<LayerId, Point> places = laid_out(network);
  QVERIFY(apply_all(project, tidied(network, {100, 40})));
  for (const Layer& layer : network.layers) {
    const Point place = places.at(layer.id);
    QCOMPARE(layer.position, (Point{100 + place.x, 40 + place.y}));
  }
}

void TestLayout::what_is_tidy_stays() {
  Project project = empty_project();
  Network& network = project.networks.front();
  network.layers = layers(3).layers;
  join(network, 1, 2);
  join(network, 2, 3);
  QCOMPARE(tidied(network, {}).size(), std::size_t{2});
  QVERIFY(apply_all(project, tidied(network, {})));
  QVERIFY(tidied(network, {}).empty());
}

void TestLayout::ports_grow_with_connections() {
  Network network = layers(3);
  network.layers[2].type = "Add";
  QCOMPARE(input_port_count({}, network, network.layers[0]), 1);
  const int few = input_port_count({}, network, network.layers[2]);
  QVERIFY(few >= 2);
  for (int port = 0; port < few; ++port) join(network, 1, 3, port);
  QCOMPARE(input_port_count({}, network, network.layers[2]), few + 1);
  QCOMPARE(free_input({}, network, {3}), (PortRef{{3}, few}));
  QVERIFY(!free_output({}, network, {1}));
  QCOMPARE(free_output({}, network, {2}), (PortRef{{2}, 0}));
}

void TestLayout::valid_ends_make_no_cycle() {
  QRandomGenerator random(42);
  Network network = layers(20);
  for (int to = 2; to <= 20; ++to) join(network, random.bounded(1, to), to);
  for (const Layer& layer : network.layers) {
    std::size_t free = 0;
    for (const PortRef end : valid_inputs({}, network, {layer.id, 0}, {})) {
      ++free;
      QVERIFY(!network.reaches(end.layer, layer.id));
      QVERIFY(std::count(network.connections.begin(), network.connections.end(), Connection{{layer.id, 0}, end}) == 0);
    }
    std::size_t expected = 0;
    for (const Layer& other : network.layers) {
      const Connection there{{layer.id, 0}, {other.id, 0}};
      expected += !network.reaches(other.id, layer.id) &&
                  std::count(network.connections.begin(), network.connections.end(), there) == 0;
    }
    QCOMPARE(free, expected);
  }
}

QTEST_APPLESS_MAIN(TestLayout)
#include "test_layout.moc"
