#include <QTest>

#include "backend/analysis/analyse.h"
#include "backend/graph/project_json.h"
#include "tests/support/drawing.h"

using namespace netwright;

class TestGestures : public QObject {
  Q_OBJECT

 private slots:
  void removing_bridges_the_gap() {
    Project project = mission_cnn();
    Drawing draw(project);
    const std::set<LayerId> removed = {draw.id("conv2"), draw.id("relu2")};
    QVERIFY(bool(apply_all(project, remove_layers(draw.network(), removed, true))));
    QVERIFY(draw.network().find("conv2") == nullptr);
    const Connection bridge{{draw.id("pool1"), 0}, {draw.id("pool2"), 0}};
    QVERIFY(std::count(draw.network().connections.begin(), draw.network().connections.end(), bridge) == 1);
    QVERIFY(analyse(project).is_sound({1}));
  }

  void removing_without_bridge_leaves_the_gap() {
    Project project = mission_cnn();
    Drawing draw(project);
    QVERIFY(bool(apply_all(project, remove_layers(draw.network(), {draw.id("conv2")}, false))));
    QVERIFY(!analyse(project).is_sound({1}));
  }

  void removing_a_merge_joins_nothing() {
    Project project = resnet18();
    Drawing draw(project);
    QVERIFY(bool(apply_all(project, remove_layers(draw.network(), {draw.id("layer1_0_add")}, true))));
    QVERIFY(draw.network().connections_of(draw.id("layer1_0_relu2")).size() >= 1);
    QVERIFY(!analyse(project).is_sound({1}));
  }

  void removing_everything_works_in_one_go() {
    Project project = resnet18();
    std::set<LayerId> all;
    for (const Layer& layer : project.networks[0].layers) all.insert(layer.id);
    QVERIFY(bool(apply_all(project, remove_layers(project.networks[0], all, true))));
    QVERIFY(project.networks[0].layers.empty() && project.networks[0].connections.empty());
  }

  void connecting_replaces_what_was_there() {
    Project project = mission_cnn();
    Drawing draw(project);
    const Connection connection{{draw.id("conv1"), 0}, {draw.id("pool1"), 0}};
    QVERIFY(bool(apply_all(project, netwright::connect(draw.network(), connection))));
    QCOMPARE(std::count_if(draw.network().connections.begin(), draw.network().connections.end(),
                           [&](const Connection& c) { return c.to == connection.to; }),
             std::ptrdiff_t{1});
    QVERIFY(netwright::connect(draw.network(), connection).empty());  // it is there already
  }

  void inserting_on_a_connection() {
    Project project = mission_cnn();
    Drawing draw(project);
    const Connection connection{{draw.id("conv1"), 0}, {draw.id("relu1"), 0}};
    const Layer added = make_layer(draw.network(), "BatchNorm2d", {0, 0});
    QCOMPARE(added.name, std::string("bn1"));
    QVERIFY(bool(apply_all(project, insert_on_connection(draw.network(), connection, added))));
    const Report report = analyse(project);
    QVERIFY(report.is_sound({1}));
    QCOMPARE(*report.networks[0].totals.parameters, std::int64_t{62006 + 12});
  }

  void pasting_renews_ids_and_names() {
    Project project = resnet18();
    Drawing draw(project);
    std::set<LayerId> block;
    for (const Layer& layer : draw.network().layers) {
      if (layer.name.starts_with("layer1_0")) block.insert(layer.id);
    }
    const auto text = to_json(fragment_of(draw.network(), block));
    const auto fragment = network_from_json(text, "clipboard");
    QVERIFY(bool(fragment));
    std::vector<LayerId> added;
    QVERIFY(bool(apply_all(project, paste(draw.network(), *fragment, {300, 40}, added))));
    QCOMPARE(added.size(), block.size());
    std::set<std::string> names;
    for (const Layer& layer : draw.network().layers) QVERIFY2(names.insert(layer.name).second, layer.name.c_str());
    QCOMPARE(draw.network().connections_of(added[2]).size(), std::size_t{2});
    QCOMPARE(draw.network().find(added[0])->position.x, 300.0);
  }
};

QTEST_APPLESS_MAIN(TestGestures)
#include "test_gestures.moc"
