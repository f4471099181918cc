// What a sweep makes of a project: each variant is the project with the values set, measured, and marked where it can't
// be trained.

#include <QTest>

#include "backend/analysis/analyse.h"
#include "backend/analysis/training_mistakes.h"
#include "backend/graph/blocks.h"
#include "backend/graph/project_json.h"
#include "backend/graph/task_networks.h"
#include "backend/sweep/sweep_text.h"
#include "backend/sweep/variable_setting.h"
#include "backend/sweep/variants.h"
#include "tests/support/random_project.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

Project template_of(const char* name) {
  return *read_project(std::string(NETWRIGHT_SOURCE "/resources/templates/") + name + ".netwright");
}

/// Ends the test where a text isn't an axis or the sweep can't be.
std::vector<Variant> variants(const Project& project, const std::vector<const char*>& axes) {
  Sweep sweep;
  for (const char* text : axes) {
    auto axis = axis_from_text(project, text);
    if (!axis) qFatal("%s", axis.error().message.c_str());
    sweep.axes.push_back(*axis);
  }
  auto made = variants_of(project, sweep);
  if (!made) qFatal("%s", made.error().message.c_str());
  return *made;
}

}  // namespace

class TestVariants : public QObject {
  Q_OBJECT

 private slots:
  void values_are_set_and_nothing_else() {
    const Project project = template_of("two_spirals_mlp");
    const auto made = variants(project, {"optimiser.lr=0.1,0.01", "fc1.out_features=8,64"});
    QCOMPARE(made.size(), std::size_t{4});
    QCOMPARE(made[2].index, 2);
    QCOMPARE(made[2].project.recipe.optimiser_settings.real("lr"), 0.01);
    const Network& network = made[2].project.networks.front();
    QCOMPARE(network.find(std::string_view("fc1"))->settings.integer("out_features"), std::int64_t{8});
    // Set back, it is the project again.
    Project back = made[2].project;
    for (const char* path : {"optimiser.lr", "fc1.out_features"}) {
      QVERIFY(set_variable(back, path, find_variable(project, path)->value));
    }
    QVERIFY(back == project);
    // 2·8 + 8, then 8·h + h … : the analysis' own numbers.
    for (const Variant& variant : made) {
      QVERIFY(!variant.mistake);
      const Totals totals = analyse(variant.project).networks.front().totals;
      QVERIFY(variant.parameters && variant.parameters == totals.parameters && variant.macs == totals.macs);
    }
    QVERIFY(*made[0].parameters < *made[1].parameters);
  }

  void any_setting_can_be_set() {
    for (const char* name : {"lenet5", "wgan_gp", "resnet20", "transformer_words", "waves_forecast"}) {
      const Project project = template_of(name);
      for (const VariableSetting& setting : variable_settings(project)) {
        Project same = project;
        const auto set = set_variable(same, setting.path, setting.value);
        QVERIFY2(set, set ? "" : set.error().message.c_str());
        QVERIFY2(same == project, setting.path.c_str());
      }
    }
  }

  void shapes_that_do_not_fit_are_named() {
    const Project project = template_of("lenet5");
    const auto made = variants(project, {"conv1.kernel_size=5,35"});
    QCOMPARE(made.size(), std::size_t{2});
    QVERIFY(!made[0].mistake);
    QVERIFY(made[1].mistake);
    QCOMPARE(made[1].mistake->layer, project.networks.front().find(std::string_view("conv1"))->id);
    QVERIFY2(QString::fromStdString(made[1].mistake->message).contains("conv1"), made[1].mistake->message.c_str());
  }

  void a_setting_that_the_other_values_take_away_is_named() {
    Project project = template_of("two_spirals_mlp");
    QVERIFY(set_variable(project, "optimiser.type", std::string("SGD")));
    QCOMPARE(project.recipe.optimiser_settings.real("lr"), 0.01);
    // The optimiser is chosen first, wherever it stands.
    const auto made = variants(project, {"optimiser.momentum=0.5", "optimiser.type=SGD,Adam"});
    QVERIFY(!made[0].mistake);
    QCOMPARE(made[0].project.recipe.optimiser_settings.real("momentum"), 0.5);
    QVERIFY(made[1].mistake);
    QCOMPARE(made[1].mistake->setting, std::string("optimiser.momentum"));
    QVERIFY(QString::fromStdString(made[1].mistake->message).contains("Adam) has no setting momentum"));
    QCOMPARE(made[1].project.recipe.optimiser, std::string("Adam"));
    QCOMPARE(variants(project, {"optimiser.type=Adam"})[0].project.recipe.optimiser_settings.real("lr"), 0.001);
  }

  void layers_within_blocks_are_varied() {
    Project project = template_of("lenet5");
    const Network& drawn = project.networks.front();
    const Report report = analyse(project);
    const auto made = make_block(
        project, drawn.id, {drawn.find(std::string_view("conv2"))->id, drawn.find(std::string_view("tanh2"))->id},
        [&](PortRef port) { return report.find(drawn.id, port.layer)->outputs[static_cast<std::size_t>(port.port)]; });
    QVERIFY2(made, made ? "" : made.error().message.c_str());
    QVERIFY(apply_all(project, made->edits));
    const Layer* block = project.networks.front().find(made->block);
    const Network* inner = project.find(made->network);
    const Layer* within = inner->find(std::string_view("conv2"));
    QVERIFY(within);
    // By way of the network, and by way of a Block: the same setting.
    const auto direct = find_variable(project, inner->name + ".conv2.bias");
    const auto by_block = find_variable(project, block->name + ".conv2.bias");
    QVERIFY2(direct, direct ? "" : direct.error().message.c_str());
    QVERIFY2(by_block, by_block ? "" : by_block.error().message.c_str());
    QCOMPARE(by_block->path, direct->path);
    QCOMPARE(direct->path, std::string("conv2.bias"));  // only one layer has that name
    Project changed = project;
    QVERIFY(set_variable(changed, direct->path, Value(!std::get<bool>(direct->value))));
    QVERIFY(size_of(changed).parameters != size_of(project).parameters);
  }

  void random_projects_give_as_many_variants_as_asked() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 60; ++round) {
      const Project project = random_project(random);
      const auto all = variable_settings(project);
      Sweep sweep;
      for (int i = 0; i < 2; ++i) {
        const VariableSetting& setting = all[random() % all.size()];
        if (!sweep.axes.empty() && sweep.axes.front().setting == setting.path) continue;
        sweep.axes.push_back({setting.path, {setting.value}});
      }
      const auto made = variants_of(project, sweep);
      QVERIFY2(made, made ? "" : made.error().message.c_str());
      QCOMPARE(made->size(), std::size_t{1});
      QVERIFY2(!made->front().mistake || !training_mistakes(analyse(project), networks_of_task(project)).empty(),
               made->front().mistake ? made->front().mistake->message.c_str() : "");
    }
  }
};

QTEST_GUILESS_MAIN(TestVariants)
#include "test_variants.moc"
