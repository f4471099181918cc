#include "backend/interop/graph_layout.h"

#include <QTest>

#include <cmath>
#include <random>
#include <set>
#include <thread>

#include "backend/graph/drawing_size.h"
#include "backend/graph/project_json.h"
#include "backend/graph/templates.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

Network layers(int count) {
  Network network{.id = {1}, .name = "net", .layers = {}, .connections = {}};
  for (int i = 1; i <= count; ++i) {
    Layer layer;
    layer.id = {i};
    layer.name = "l" + std::to_string(i);
    layer.type = "ReLU";
    network.layers.push_back(layer);
  }
  return network;
}

void join(Network& network, std::int64_t from, std::int64_t to, int port = 0) {
  network.connections.push_back({{{from}, 0}, {{to}, port}});
}

void sort_connections(Network& network) {
  std::sort(network.connections.begin(), network.connections.end());
}

/// Empty, or which two layers lie on one another (or nearer than half a grid's step) or what is off the grid.
std::string complaint_about(const Network& network, const std::map<LayerId, Point>& places) {
  if (places.size() != network.layers.size()) return "not every layer has a place";
  std::map<double, std::vector<double>> rows;
  double left = places.empty() ? 0 : places.begin()->second.x;
  double top = places.empty() ? 0 : places.begin()->second.y;
  for (const auto& [layer, place] : places) {
    if (std::fmod(place.x, grid_step) != 0 || std::fmod(place.y, grid_step) != 0) {
      return "l" + std::to_string(layer.value) + " is off the grid";
    }
    rows[place.y].push_back(place.x);
    left = std::min(left, place.x);
    top = std::min(top, place.y);
  }
  if (left != 0 || top != 0) return "the corner isn't at 0, 0";
  double last = -row_step;
  for (auto& [y, row] : rows) {
    if (y - last < row_step) return "rows are too near";
    last = y;
    std::sort(row.begin(), row.end());
    for (std::size_t i = 1; i < row.size(); ++i) {
      if (row[i] - row[i - 1] < layer_width + grid_step) return "layers of a row are too near";
    }
  }
  return {};
}

bool flows_down(const Network& network, const std::map<LayerId, Point>& places) {
  return std::all_of(network.connections.begin(), network.connections.end(), [&](const Connection& connection) {
    return places.at(connection.to.layer).y >= places.at(connection.from.layer).y + row_step;
  });
}

}  // namespace

class TestGraphLayout : public QObject {
  Q_OBJECT

 private slots:
  void nothing_has_no_places();
  void a_chain_is_a_column();
  void a_diamond_is_symmetric();
  void a_shortcut_bends_and_the_way_past_it_is_straight();
  void a_late_source_stands_above_what_it_feeds();
  void what_is_loose_or_dangling_has_a_place();
  void cycles_are_tolerated();
  void templates_flow_down();
  void random_networks_flow_down_and_stay_apart_data();
  void random_networks_flow_down_and_stay_apart();
  void thousands_of_layers_data();
  void thousands_of_layers();
  void threads_take_turns();
};

void TestGraphLayout::nothing_has_no_places() {
  QVERIFY(laid_out(layers(0)).empty());
}

void TestGraphLayout::a_chain_is_a_column() {
  Network network = layers(5);
  for (int i = 1; i < 5; ++i) join(network, i, i + 1);
  const auto places = laid_out(network);
  for (int i = 0; i < 5; ++i) QCOMPARE(places.at({i + 1}), (Point{0, i * row_step}));
}

void TestGraphLayout::a_diamond_is_symmetric() {
  Network network = layers(4);
  join(network, 1, 2);
  join(network, 1, 3);
  join(network, 2, 4);
  join(network, 3, 4, 1);
  const auto places = laid_out(network);
  QCOMPARE(places.at({2}).y, places.at({3}).y);
  QCOMPARE(std::abs(places.at({3}).x - places.at({2}).x), column_step);
  QVERIFY(std::abs(places.at({1}).x - (places.at({2}).x + places.at({3}).x) / 2) <= grid_step);
  QCOMPARE(places.at({4}).x, places.at({1}).x);
}

void TestGraphLayout::a_shortcut_bends_and_the_way_past_it_is_straight() {
  Network network = layers(16);
  for (int i = 2; i <= 16; ++i) join(network, i - 1, i);
  for (int i = 2; i <= 12; i += 5) join(network, i, i + 4, 1);
  sort_connections(network);
  for (const auto& [layer, place] : laid_out(network)) QCOMPARE(place.x, 0);
}

void TestGraphLayout::a_late_source_stands_above_what_it_feeds() {
  Network network = layers(5);
  for (int i = 1; i < 4; ++i) join(network, i, i + 1);
  join(network, 5, 4, 1);
  const auto places = laid_out(network);
  QCOMPARE(places.at({5}).y, places.at({3}).y);
}

void TestGraphLayout::what_is_loose_or_dangling_has_a_place() {
  Network network = layers(4);
  join(network, 1, 2);
  join(network, 1, 2, 1);
  join(network, 3, 3);
  join(network, 99, 3, 1);
  join(network, 3, 98);
  const auto places = laid_out(network);
  QCOMPARE(complaint_about(network, places), std::string());
}

void TestGraphLayout::cycles_are_tolerated() {
  for (const int size : {2, 3, 400}) {
    Network network = layers(size);
    for (int i = 1; i <= size; ++i) join(network, i, i % size + 1);
    join(network, 1, size, 1);
    sort_connections(network);
    QCOMPARE(complaint_about(network, laid_out(network)), std::string());
  }
}

void TestGraphLayout::templates_flow_down() {
  for (const Template& known : templates()) {
    const auto project = read_project(known.file);
    QVERIFY(project);
    for (const Network& network : project->networks) {
      const auto places = laid_out(network);
      QCOMPARE(complaint_about(network, places), std::string());
      QVERIFY2(flows_down(network, places), known.name.c_str());
    }
  }
}

void TestGraphLayout::random_networks_flow_down_and_stay_apart_data() {
  QTest::addColumn<int>("count");
  for (const int count : {2, 5, 12, 30, 80, 200}) QTest::addRow("%d layers", count) << count;
}

void TestGraphLayout::random_networks_flow_down_and_stay_apart() {
  QFETCH(int, count);
  const unsigned seed = test_seed();
  std::mt19937 random(seed);
  qInfo("seed %u", seed);
  for (int round = 0; round < 10; ++round) {
    Network network = layers(count);
    for (int to = 2; to <= count; ++to) {
      const unsigned inputs = random() % 4;
      for (unsigned port = 0; port < inputs; ++port) {
        join(network, 1 + static_cast<int>(random() % (static_cast<unsigned>(to) - 1)), to, static_cast<int>(port));
      }
    }
    sort_connections(network);
    const auto places = laid_out(network);
    QCOMPARE(complaint_about(network, places), std::string());
    QVERIFY(flows_down(network, places));
    QVERIFY(laid_out(network) == places);
  }
}

void TestGraphLayout::thousands_of_layers_data() {
  QTest::addColumn<int>("count");
  QTest::addColumn<int>("reach");
  QTest::addRow("1,000, residual") << 1000 << 7;
  QTest::addRow("5,000, residual") << 5000 << 7;
  QTest::addRow("10,000, residual") << 10000 << 7;
  QTest::addRow("2,000, everything far") << 2000 << 1900;
}

void TestGraphLayout::thousands_of_layers() {
  QFETCH(int, count);
  QFETCH(int, reach);
  Network network = layers(count);
  for (int i = 2; i <= count; ++i) {
    join(network, i - 1, i);
    if (i > reach && (i % 8 == 0 || reach > 100)) join(network, i - reach, i, 1);
  }
  sort_connections(network);
  const auto places = laid_out(network);
  QCOMPARE(complaint_about(network, places), std::string());
  QVERIFY(flows_down(network, places));
}

void TestGraphLayout::threads_take_turns() {
  Network network = layers(60);
  for (int i = 2; i <= 60; ++i) {
    join(network, i - 1, i);
    if (i > 5) join(network, i - 5, i, 1);
  }
  sort_connections(network);
  const auto places = laid_out(network);
  std::vector<std::map<LayerId, Point>> others(4);
  std::vector<std::thread> threads;
  for (auto& other : others) threads.emplace_back([&] { other = laid_out(network); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& other : others) QVERIFY(other == places);
}

QTEST_APPLESS_MAIN(TestGraphLayout)
#include "test_graph_layout.moc"
