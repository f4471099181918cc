// Receptive fields through branches, against brute force: every layer's windows followed back pixel by pixel.

#include <QTest>
#include <map>
#include <random>
#include <set>

#include "backend/analysis/analyse.h"
#include "backend/layers/catalogue.h"
#include "tests/support/drawing.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

/// Which input rows output row `row` of `layer` sees, padding included, found by walking back through the graph.
std::set<std::int64_t> rows_seen(const Network& network, LayerId layer, std::int64_t row) {
  const Layer& at = *network.find(layer);
  if (at.type == "Input") return {row};
  std::set<std::int64_t> seen;
  for (const Connection& connection : network.connections) {
    if (connection.to.layer != layer) continue;
    std::vector<std::int64_t> sources = {row};
    if (at.type == "Conv2d" || at.type == "MaxPool2d" || at.type == "AvgPool2d") {
      const Settings& s = at.settings;
      const std::int64_t kernel = s.integers("kernel_size")[0];
      const std::int64_t stride = s.text("stride") == "kernel_size" ? kernel : s.integers("stride")[0];
      const std::int64_t dilation = s.find("dilation") ? s.integers("dilation")[0] : 1;
      const std::int64_t before = s.text("padding") == "same" ? dilation * (kernel - 1) / 2 : s.integers("padding")[0];
      sources.clear();
      for (std::int64_t k = 0; k < kernel; ++k) sources.push_back(row * stride - before + k * dilation);
    }
    for (const std::int64_t source : sources) {
      const auto deeper = rows_seen(network, connection.from.layer, source);
      seen.insert(deeper.begin(), deeper.end());
    }
  }
  return seen;
}

}  // namespace

class TestReceptiveField : public QObject {
  Q_OBJECT

 private slots:
  void branches_agree_with_brute_force() {
    const auto seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 60; ++round) {
      const Project project = branching(random);
      const Report report = analyse(project);
      const Network& network = project.networks[0];
      for (const Layer& layer : network.layers) {
        const LayerReport* figures = report.find(network.id, layer.id);
        if (!figures || !figures->is_valid || figures->field.empty()) continue;
        const AxisField& axis = figures->field[0];
        if (axis.is_whole) continue;
        for (const std::int64_t row : {0, 1}) {
          if (row >= figures->outputs[0][1].value_or(0)) continue;
          const auto seen = rows_seen(network, layer.id, row);
          const std::int64_t first = *seen.begin();
          const std::int64_t size = *seen.rbegin() - first + 1;
          if (axis.is_bound) {
            QVERIFY(axis.size >= size);
          } else {
            QCOMPARE(axis.size, size);
            QCOMPARE(axis.start + row * axis.stride, first);
          }
        }
      }
    }
  }

  void global_layers_see_the_whole_input() {
    const Project project = mission_cnn();
    const Report report = analyse(project);
    const Network& network = project.networks[0];
    QCOMPARE(to_text(report.find(network.id, network.find("fc1")->id)->field), std::string("whole input"));
    QCOMPARE(to_text(report.networks[0].field), std::string("whole input"));
    // Flattening alone mixes nothing: each feature still sees its pixel's window.
    QCOMPARE(report.find(network.id, network.find("flatten")->id)->field[0].size, std::int64_t{16});
  }

  void rows_that_nothing_reads_are_not_seen() {
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "input", {{"shape", Integers{1, 11, 11}}});
    draw.add("MaxPool2d", "pool1", {{"kernel_size", Integers{3, 3}}});
    draw.add("Flatten", "flatten1");
    draw.add("Linear", "fc1");
    draw.add("Output", "output");
    const AxisField axis = analyse(project).networks[0].field[0];
    QCOMPARE(axis.size, std::int64_t{9});  // rows 9 and 10 are dropped by the pool
    QVERIFY(!axis.is_whole);
  }

  void linear_on_an_image_sees_its_whole_last_axis() {
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "input", {{"shape", Integers{2, 9, 7}}});
    draw.add("Conv2d", "conv1");
    draw.add("Linear", "fc1");
    draw.add("Output", "output");
    const ReceptiveField field = analyse(project).networks[0].field;
    QCOMPARE(field[0].size, std::int64_t{3});
    QVERIFY(field[1].is_whole);
    QCOMPARE(field[1].size, std::int64_t{7});
  }

 private:
  /// Two or three branches of odd-sized layers that keep the size, joined by Add or Concat, twice over.
  static Project branching(std::mt19937& random) {
    Project project = empty_project();
    Drawing draw(project);
    const auto pick = [&](std::initializer_list<std::int64_t> from) { return from.begin()[random() % from.size()]; };
    draw.add("Input", "input", {{"shape", Integers{4, 64, 64}}});
    int number = 0;
    for (int stage = 0; stage < 2; ++stage) {
      const LayerId entry = draw.last();
      std::vector<LayerId> ends;
      const std::int64_t stride = pick({1, 2});
      for (int branch = 0; branch < 2 + static_cast<int>(random() % 2); ++branch) {
        LayerId at = entry;
        for (int depth = 0; depth < 1 + static_cast<int>(random() % 3); ++depth) {
          const std::int64_t kernel = pick({1, 3, 5});
          const std::int64_t dilation = pick({1, 2});
          at = draw.add("Conv2d", "conv" + std::to_string(++number),
                        {{"out_channels", std::int64_t{4}},
                         {"kernel_size", Integers{kernel, kernel}},
                         {"dilation", Integers{dilation, dilation}},
                         {"padding", std::string("same")}},
                        {at});
        }
        if (stride == 2) at = draw.add("MaxPool2d", "pool" + std::to_string(++number), {}, {at});
        ends.push_back(at);
      }
      draw.add(random() % 2 ? "Add" : "Concat", "join" + std::to_string(++number), {}, ends);
    }
    draw.add("Output", "output");
    return project;
  }
};

QTEST_APPLESS_MAIN(TestReceptiveField)
#include "test_receptive_field.moc"
