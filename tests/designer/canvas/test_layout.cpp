#include <QRandomGenerator>
#include <QTest>

#include "backend/graph/gestures.h"
#include "designer/canvas/geometry.h"
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

void check_apart(const std::map<LayerId, Point>& places) {
  for (const auto& [a, here] : places)
    for (const auto& [b, there] : places)
      if (a < b) QVERIFY(!node_rect(to_qt(here)).intersects(node_rect(to_qt(there))));
}

}  // namespace

class TestLayout : public QObject {
  Q_OBJECT

 private slots:
  void a_chain_is_a_column();
  void a_diamond_is_symmetric();
  void a_late_source_stands_above_what_it_feeds();
  void cycles_are_tolerated();
  void random_networks_flow_down_and_stay_apart_data();
  void random_networks_flow_down_and_stay_apart();
  void ports_grow_with_connections();
  void valid_ends_make_no_cycle();
};

void TestLayout::a_chain_is_a_column() {
  Network network = layers(4);
  for (int i = 1; i < 4; ++i) join(network, i, i + 1);
  const auto places = layered_layout(network, {100, 40});
  for (int i = 0; i < 4; ++i) QCOMPARE(places.at({i + 1}), (Point{100, 40 + i * row_step}));
}

void TestLayout::a_diamond_is_symmetric() {
  Network network = layers(4);
  join(network, 1, 2);
  join(network, 1, 3);
  join(network, 2, 4);
  join(network, 3, 4, 1);
  const auto places = layered_layout(network);
  QCOMPARE(places.at({2}).y, places.at({3}).y);
  QCOMPARE(places.at({3}).x - places.at({2}).x, column_step);
  QVERIFY(std::abs(places.at({1}).x - (places.at({2}).x + places.at({3}).x) / 2) <= grid_step);
  QCOMPARE(places.at({4}).x, places.at({1}).x);
}

void TestLayout::a_late_source_stands_above_what_it_feeds() {
  Network network = layers(5);
  for (int i = 1; i < 4; ++i) join(network, i, i + 1);
  join(network, 5, 4, 1);
  const auto places = layered_layout(network);
  QCOMPARE(places.at({5}).y, places.at({3}).y);
}

void TestLayout::cycles_are_tolerated() {
  Network network = layers(3);
  join(network, 1, 2);
  join(network, 2, 3);
  join(network, 3, 1);
  const auto places = layered_layout(network);
  QCOMPARE(places.size(), std::size_t{3});
  check_apart(places);
}

void TestLayout::random_networks_flow_down_and_stay_apart_data() {
  QTest::addColumn<quint32>("seed");
  for (quint32 seed = 1; seed <= 10; ++seed) QTest::addRow("seed %u", seed) << seed;
}

void TestLayout::random_networks_flow_down_and_stay_apart() {
  QFETCH(quint32, seed);
  QRandomGenerator random(seed);
  const int count = random.bounded(2, 60);
  Network network = layers(count);
  for (int to = 2; to <= count; ++to)
    for (int port = 0; port < random.bounded(4); ++port) join(network, random.bounded(1, to), to, port);
  const auto places = layered_layout(network);
  QCOMPARE(places.size(), static_cast<std::size_t>(count));
  check_apart(places);
  for (const Connection& c : network.connections)
    QVERIFY(places.at(c.to.layer).y >= places.at(c.from.layer).y + row_step);
  for (const auto& [layer, place] : places) QCOMPARE(to_qt(place), snapped(to_qt(place)));
  QCOMPARE(layered_layout(network), places);
}

void TestLayout::ports_grow_with_connections() {
  Network network = layers(3);
  network.layers[2].type = "Add";
  QCOMPARE(input_port_count(network, network.layers[0]), 1);
  const int few = input_port_count(network, network.layers[2]);
  QVERIFY(few >= 2);
  for (int port = 0; port < few; ++port) join(network, 1, 3, port);
  QCOMPARE(input_port_count(network, network.layers[2]), few + 1);
  QCOMPARE(free_input(network, {3}), (PortRef{{3}, few}));
  QVERIFY(!free_output(network, {1}));
  QCOMPARE(free_output(network, {2}), (PortRef{{2}, 0}));
}

void TestLayout::valid_ends_make_no_cycle() {
  QRandomGenerator random(42);
  Network network = layers(20);
  for (int to = 2; to <= 20; ++to) join(network, random.bounded(1, to), to);
  for (const Layer& layer : network.layers) {
    std::size_t free = 0;
    for (const PortRef end : valid_inputs(network, {layer.id, 0}, {})) {
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
