// Blocks: made, seen through, repeated, nested, expanded.

#include <QTest>

#include "backend/analysis/analyse.h"
#include "backend/graph/blocks.h"
#include "backend/graph/flatten.h"
#include "backend/graph/project_json.h"
#include "tests/support/drawing.h"

using namespace netwright;

namespace {

Shape image(PortRef) {
  return Shape{6, 14, 14};
}

/// Input, conv1, conv2, Output, where conv2 keeps the shape.
Project small() {
  Project project = empty_project();
  Drawing draw(project);
  draw.add("Input", "input", {{"shape", Integers{3, 16, 16}}});
  draw.add("Conv2d", "conv1", {{"out_channels", std::int64_t{4}}});
  draw.add("Conv2d", "conv2", {{"out_channels", std::int64_t{4}}, {"padding", Integers{1, 1}}});
  draw.add("ReLU", "relu1");
  draw.add("Output", "output");
  return project;
}

/// conv2 and relu1 of small() as a Block.
LayerId block_in(Project& project) {
  Drawing draw(project);
  auto made = make_block(project, {1}, {draw.id("conv2"), draw.id("relu1")}, image);
  if (!made || !apply_all(project, made->edits)) return {};
  return made->block;
}

QStringList errors(const Report& report) {
  QStringList all;
  for (const Diagnostic& d : report.diagnostics) {
    if (d.severity == Severity::Error) all << QString::fromStdString(d.message);
  }
  return all;
}

QStringList weight_names(const Network& network, const NetworkReport& report) {
  QStringList names;
  for (const LayerId id : report.order) {
    const auto found = report.layers.find(id);
    if (found == report.layers.end()) continue;
    for (const Weight& weight : found->second.weights)
      names << QString::fromStdString(network.find(id)->name + "." + weight.name);
  }
  return names;
}

}  // namespace

class TestBlocks : public QObject {
  Q_OBJECT

 private slots:
  void a_block_changes_nothing_but_names() {
    Project project = small();
    const Report before = analyse(project);
    const LayerId block = block_in(project);
    QVERIFY(block);
    const Report after = analyse(project);
    QCOMPARE(errors(after).join(" | "), QString());
    const Totals& a = before.networks[0].totals;
    const Totals& b = after.networks[0].totals;
    QCOMPARE(*b.parameters, *a.parameters);
    QCOMPARE(*b.macs, *a.macs);
    QCOMPARE(*b.training_sample_bytes, *a.training_sample_bytes);
    QCOMPARE(to_text(after.networks[0].field), to_text(before.networks[0].field));
    const LayerReport& figures = *after.find({1}, block);
    QVERIFY(figures.is_valid);
    QCOMPARE(figures.outputs.front().to_string(), std::string("4×14×14"));
    QCOMPARE(figures.inputs.front().to_string(), std::string("4×14×14"));
    QCOMPARE(*figures.parameters, std::int64_t{4 * 4 * 9 + 4});
    QCOMPARE(to_text(figures.field), std::string("5×5"));
    QCOMPARE(figures.weights.front().name, std::string("conv2.weight"));
    // Its Input shows the shape that it had where it was made.
    QCOMPARE(project.networks[1].find("input1")->settings.integers("shape"), (Integers{6, 14, 14}));

    const Project flat = flattened(project);
    const Report flat_report = analyse(flat);
    QCOMPARE(errors(flat_report), QStringList());
    QCOMPARE(weight_names(flat.networks[0], flat_report.networks[0]),
             QStringList({"conv1.weight", "conv1.bias", "block1.conv2.weight", "block1.conv2.bias"}));
  }

  void repeated_each_with_its_own_weights() {
    Project project = small();
    const LayerId block = block_in(project);
    QVERIFY(apply(project, SetSetting{{1}, block, "repeat", std::int64_t{3}}));
    const Report report = analyse(project);
    QCOMPARE(errors(report).join(" | "), QString());
    QCOMPARE(*report.find({1}, block)->parameters, std::int64_t{3 * (4 * 4 * 9 + 4)});
    QCOMPARE(to_text(report.find({1}, block)->field), std::string("9×9"));
    QCOMPARE(report.find({1}, block)->weights[2].name, std::string("1.conv2.weight"));
    const Project flat = flattened(project);
    QVERIFY(flat.networks[0].find("block1.2.relu1"));
    QCOMPARE(errors(analyse(flat)), QStringList());
  }

  void exposed_settings_are_chosen_by_the_block() {
    Project project = small();
    const LayerId block = block_in(project);
    const LayerId conv = project.networks[1].find("conv2")->id;
    QVERIFY(apply(project, SetExposed{project.networks[1].id, {{"channels", conv, "out_channels"}}}));
    const auto specs = settings_of(project, *project.networks[0].find(block));
    const SettingSpec* exposed = find_spec(specs, "channels");
    QVERIFY(exposed);
    QCOMPARE(std::get<std::int64_t>(exposed->fallback), std::int64_t{4});  // as it is within
    QCOMPARE(analyse(project).networks[0].output.to_string(), std::string("4×14×14"));
    const auto undo = apply(project, SetSetting{{1}, block, "channels", std::int64_t{7}});
    QVERIFY(undo);
    QCOMPARE(analyse(project).networks[0].output.to_string(), std::string("7×14×14"));
    QCOMPARE(errors(analyse(project)).join(" | "), QString());
    // A file keeps it, and undo takes it away again.
    const auto read = project_from_json(to_json(project), "test");
    QVERIFY2(read, read ? "" : read.error().message.c_str());
    QVERIFY(*read == project);
    QVERIFY(apply(project, *undo));
    QCOMPARE(analyse(project).networks[0].output.to_string(), std::string("4×14×14"));
    QVERIFY(apply(project, SetSetting{{1}, block, "channels", std::int64_t{-1}}));
    QCOMPARE(errors(analyse(project)).size(), 1);
  }

  void blocks_within_blocks() {
    Project project = small();
    const LayerId inner = block_in(project);
    Drawing draw(project);
    auto made = make_block(project, {1}, {draw.id("conv1"), inner}, image);
    QVERIFY2(made, made ? "" : made.error().message.c_str());
    QVERIFY(apply_all(project, made->edits));
    const Report report = analyse(project);
    QCOMPARE(errors(report).join(" | "), QString());
    QCOMPARE(report.networks[0].output.to_string(), std::string("4×14×14"));
    const Project flat = flattened(project);
    QVERIFY(flat.networks[0].find("block2.block1.conv2") || flat.networks[0].find("block1.block1.conv2"));
  }

  void expanded_it_is_what_it_was() {
    Project project = small();
    const LayerId block = block_in(project);
    QVERIFY(apply(project, SetSetting{{1}, block, "repeat", std::int64_t{2}}));
    const Totals before = analyse(project).networks[0].totals;
    auto expanded = expand_block(project, {1}, block);
    QVERIFY2(expanded, expanded ? "" : expanded.error().message.c_str());
    QCOMPARE(expanded->layers.size(), std::size_t{4});
    const Project with_block = project;
    const auto undo = apply_all(project, expanded->edits);
    QVERIFY2(undo, undo ? "" : undo.error().message.c_str());
    const Report report = analyse(project);
    QCOMPARE(errors(report).join(" | "), QString());
    QCOMPARE(*report.networks[0].totals.parameters, *before.parameters);
    QCOMPARE(*report.networks[0].totals.macs, *before.macs);
    QVERIFY(apply_all(project, *undo));
    QVERIFY(project == with_block);
  }

  void branches_give_several_ports() {
    Project project = empty_project();
    Drawing draw(project);
    const LayerId input = draw.add("Input", "input", {{"shape", Integers{4, 8, 8}}});
    const LayerId a =
        draw.add("Conv2d", "conv1", {{"out_channels", std::int64_t{4}}, {"padding", Integers{1, 1}}}, {input});
    const LayerId b = draw.add("ReLU", "relu1", {}, {input});
    const LayerId sum = draw.add("Add", "add1", {}, {a, b});
    const LayerId product = draw.add("Add", "add2", {}, {sum, b});
    draw.add("Output", "output", {}, {product});
    auto made = make_block(project, {1}, {sum}, [](PortRef) { return Shape{4, 8, 8}; });
    QVERIFY(made);
    const Totals before = analyse(project).networks[0].totals;
    QVERIFY(apply_all(project, made->edits));
    const PortCounts ports = port_counts(project, *project.networks[0].find(made->block));
    QCOMPARE(ports.max_inputs, 2);
    QCOMPARE(ports.outputs, 1);
    QCOMPARE(errors(analyse(project)).join(" | "), QString());
    QCOMPARE(*analyse(project).networks[0].totals.macs, *before.macs);
  }

  void what_cannot_be_a_block_is_said() {
    Project project = small();
    Drawing draw(project);
    QVERIFY(!make_block(project, {1}, {draw.id("conv1"), draw.id("relu1")}, image));  // conv2 lies between
    QVERIFY(!make_block(project, {1}, {draw.id("input")}, image));
    QVERIFY(!make_block(project, {1}, {}, image));
  }

  void mistakes_within_are_said_at_the_block() {
    Project project = small();
    const LayerId block = block_in(project);
    const LayerId conv = project.networks[1].find("conv2")->id;
    const NetworkId inner = project.networks[1].id;
    // Fits the inner network's own Input, but not what the Block is given.
    QVERIFY(apply(project, SetSetting{inner, conv, "groups", std::int64_t{2}}));
    QVERIFY(apply(project, SetSetting{{1}, project.networks[0].find("conv1")->id, "out_channels", std::int64_t{5}}));
    const Report report = analyse(project);
    QCOMPARE(errors(report).size(), 1);
    QVERIFY(errors(report).front().contains("Within block1"));
    QCOMPARE(report.diagnostics.front().layer.value, block.value);
    QVERIFY(!report.is_sound({1}));
    QVERIFY(report.is_sound(inner));
  }

  void structure_mistakes_within_are_said_at_the_block() {
    Project project = small();
    const LayerId block = block_in(project);
    const Network& inner = project.networks[1];
    QVERIFY(apply(project, Disconnect{inner.id, inner.connections.front()}));
    const Report report = analyse(project);
    QVERIFY(!report.is_sound({1}));
    QVERIFY(!report.find({1}, block)->is_valid);
  }

  void a_network_cannot_contain_itself() {
    Project project = small();
    block_in(project);
    const NetworkId inner = project.networks[1].id;
    Network& network = project.networks[1];
    const Connection first = network.connections.front();
    QVERIFY(apply_all(
        project, insert_on_connection(network, first, make_layer(network, "Block", {}, {{"network", inner.value}}))));
    const Report report = analyse(project);
    QVERIFY(errors(report).join(' ').contains("contain itself"));
    QVERIFY(uses(project, {1}, inner));
    const Project flat = flattened(project);
    QVERIFY(!analyse(flat).is_sound({1}));
    QVERIFY(apply(project, SetSetting{{1}, project.networks[0].find("block1")->id, "network", std::int64_t{77}}));
    QVERIFY(!analyse(project).is_sound({1}));
  }
};

QTEST_APPLESS_MAIN(TestBlocks)
#include "test_blocks.moc"
