// Edits and their inverses: whatever is done, undoing it all gives the first bytes, redoing it the last.

#include <QTest>
#include <random>

#include "backend/graph/project_json.h"
#include "backend/layers/catalogue.h"
#include "tests/support/drawing.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

/// One edit that may or may not fit.
Edit random_edit(const Project& project, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  if (project.networks.empty()) return AddNetwork{{{1}, "network", {}, {}}};
  const Network& network = project.networks[below(project.networks.size())];
  const LayerId layer{static_cast<std::int64_t>(below(12)) + 1};
  const auto port = [&] { return PortRef{{static_cast<std::int64_t>(below(12)) + 1}, static_cast<int>(below(3))}; };
  const auto number = [&] { return std::to_string(below(1000)); };
  switch (below(16)) {
    case 0:
      return RemoveLayer{network.id, layer};
    case 1:
      return RenameLayer{network.id, layer, "name" + number()};
    case 2:
      return MoveLayer{network.id, layer, {static_cast<double>(below(500)), 12.5}};
    case 3:
      return SetSetting{network.id, layer, "out_features", static_cast<std::int64_t>(below(100))};
    case 4:
      return SetTrainable{network.id, layer, below(2) == 0};
    case 5:
    case 6:
      return Connect{network.id, {port(), port()}};
    case 7:
      return Disconnect{network.id, {port(), port()}};
    case 8:
      return AddNetwork{{project.next_network_id(), "network" + number(), {}, {}}};
    case 9:
      if (project.networks.size() > 1) return RemoveNetwork{network.id};
      return SetProjectName{"project" + number()};
    case 10:
      return RenameNetwork{network.id, "network" + number()};
    case 11:
      return SetNote{"note" + number()};
    case 12:
      return SetData{{"two-spirals", {{"samples", static_cast<std::int64_t>(below(1000))}}}};
    case 13: {
      Recipe recipe = project.recipe;
      recipe.settings.set("epochs", static_cast<std::int64_t>(below(50)));
      return SetRecipe{recipe};
    }
    default:
      return AddLayer{network.id, make_layer(network, catalogue()[below(catalogue().size())].type, {})};
  }
}

}  // namespace

class TestEdit : public QObject {
  Q_OBJECT

 private slots:
  void random_sequences_undo_and_redo() {
    const auto seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 20; ++round) {
      Project project = mission_cnn();
      const std::string first = to_json(project);
      std::vector<std::vector<Edit>> inverses;
      std::vector<std::vector<Edit>> done;
      for (int i = 0; i < 150; ++i) {
        std::vector<Edit> edits;
        for (std::size_t n = 1 + random() % 3; n > 0; --n) edits.push_back(random_edit(project, random));
        const std::string before = to_json(project);
        const auto inverse = apply_all(project, edits);
        if (!inverse) {
          QCOMPARE(to_json(project), before);
          continue;
        }
        done.push_back(edits);
        inverses.push_back(*inverse);
      }
      const std::string last = to_json(project);
      QVERIFY(done.size() > 20);
      for (auto it = inverses.rbegin(); it != inverses.rend(); ++it) QVERIFY(bool(apply_all(project, *it)));
      QCOMPARE(to_json(project), first);
      for (const auto& edits : done) QVERIFY(bool(apply_all(project, edits)));
      QCOMPARE(to_json(project), last);
    }
  }

  void a_connected_layer_cannot_be_removed() {
    Project project = mission_cnn();
    const auto result = apply(project, RemoveLayer{{1}, project.networks[0].find("conv1")->id});
    QVERIFY(!result);
    QVERIFY(result.error().message.find("conv1") != std::string::npos);
  }

  void nothing_is_added_twice() {
    Project project = mission_cnn();
    const Network& network = project.networks[0];
    QVERIFY(!apply(project, AddLayer{{1}, network.layers[0]}));
    QVERIFY(!apply(project, Connect{{1}, network.connections[0]}));
    QVERIFY(!apply(project, AddNetwork{network}));
    QVERIFY(!apply(project, AddLayer{{7}, network.layers[0]}));
    QVERIFY(!apply(project, SetSetting{{1}, network.layers[0].id, "nonsense", true}));
  }

  void networks_of_edits() {
    QCOMPARE(network_of(RemoveLayer{{3}, {1}}), NetworkId{3});
    QCOMPARE(network_of(AddNetwork{{{4}, "n", {}, {}}}), NetworkId{4});
    QVERIFY(!network_of(SetNote{"x"}));
  }
};

QTEST_APPLESS_MAIN(TestEdit)
#include "test_edit.moc"
