#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

#include "backend/core/json_text.h"
#include "backend/graph/project_json.h"
#include "tests/support/drawing.h"
#include "tests/support/engine.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

const QString mission = NETWRIGHT_SOURCE "/resources/templates/mission_cnn.netwright";

Json summary_of(const QString& project, const QStringList& more = {}) {
  const EngineRun run = run_engine(QStringList{"summary", project, "--json"} + more);
  if (run.code != 0) return run.errors.toStdString();
  return Json::parse(run.output.toStdString());
}

/// Two networks, alike: a kernel larger than its input, and a layer that nothing feeds.
Project with_mistakes() {
  Project project = empty_project();
  Drawing drawing(project);
  drawing.add("Input", "input", {{"shape", Integers{3, 8, 8}}});
  drawing.add("Conv2d", "conv", {{"kernel_size", Integers{9, 9}}});
  drawing.add("Output", "output");
  drawing.network().layers.push_back(make_layer(drawing.network(), "ReLU", {}));
  Network second = project.networks.front();
  second.id = {2};
  second.name = "critic";
  project.networks.push_back(second);
  return project;
}

QString shown(const Json& json) {
  return QString::fromStdString(json.dump());
}

}  // namespace

class TestSummaryVerb : public QObject {
  Q_OBJECT

 private slots:
  void the_missions_network_has_its_published_figures() {
    std::ifstream file(NETWRIGHT_TEST_DATA "/reference.json");
    const Json reference = Json::parse(file)["models"]["seed_cnn"];
    const Json summary = summary_of(mission);
    QCOMPARE(shown(summary["diagnostics"]), shown(Json::array()));
    QCOMPARE(summary["networks"].size(), std::size_t{1});
    const Json& network = summary["networks"][0];
    QCOMPARE(shown(network["parameters"]), shown(reference["parameters"]));
    QCOMPARE(shown(network["trainable_parameters"]), shown(reference["parameters"]));
    QCOMPARE(shown(network["macs"]), shown(reference["macs"]));

    std::vector<Json> layers;
    for (const Json& layer : network["layers"]) {
      const auto type = layer["type"].get<std::string>();
      if (type != "Input" && type != "Output") layers.push_back(layer);
    }
    QCOMPARE(layers.size(), reference["layers"].size());
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const Json& expected = reference["layers"][i];
      QCOMPARE(shown(layers[i]["type"]), shown(expected["type"]));
      QCOMPARE(shown(layers[i]["parameters"]), shown(expected["parameters"]));
      QCOMPARE(shown(layers[i]["macs"]), shown(expected["macs"]));
      Json shape = expected["output_shape"];
      shape.erase(0);
      QCOMPARE(shown(layers[i]["output_shape"]), shown(shape));
    }
    const Json& conv2 = layers[3]["receptive_field"];
    QCOMPARE(shown(conv2["size"]), shown((Json{14, 14})));
    QCOMPARE(shown(conv2["stride"]), shown((Json{2, 2})));
    QCOMPARE(shown(conv2["start"]), shown((Json{0, 0})));
  }

  void large_networks_have_their_published_totals() {
    std::ifstream file(NETWRIGHT_TEST_DATA "/reference.json");
    const Json models = Json::parse(file)["models"];
    for (const auto& [name, project] : {std::pair("vgg16", vgg16()), std::pair("resnet18", resnet18())}) {
      const Json network = summary_of(written(project))["networks"][0];
      QCOMPARE(shown(network["parameters"]), shown(models[name]["parameters"]));
      QCOMPARE(shown(network["macs"]), shown(models[name]["macs"]));
    }
  }

  void activations_are_the_outputs_of_all_layers() {
    const Json network = summary_of(mission)["networks"][0];
    std::int64_t bytes = 0;
    for (const Json& layer : network["layers"]) {
      // An Output and a Flatten show what is there.
      std::int64_t elements = layer["type"] == "Output" || layer["type"] == "Flatten" ? 0 : 1;
      for (const Json& dim : layer["output_shape"]) elements *= dim.get<std::int64_t>();
      bytes += 4 * elements;
    }
    QCOMPARE(network["activation_bytes"].get<std::int64_t>(), bytes);
    QVERIFY(network["inference_peak_bytes"] < network["activation_bytes"]);
    QVERIFY(network["training_bytes"] > network["activation_bytes"]);
  }

  void a_field_is_null_where_there_are_no_spatial_axes() {
    const Json network = summary_of(NETWRIGHT_SOURCE "/resources/templates/two_spirals_mlp.netwright")["networks"][0];
    QVERIFY(network["receptive_field"].is_null());
    for (const Json& layer : network["layers"]) QVERIFY(layer["receptive_field"].is_null());
  }

  void mistakes_are_summarised_not_refused() {
    const QString file = written(with_mistakes());
    const Json summary = summary_of(file);
    QCOMPARE(summary["networks"].size(), std::size_t{2});
    bool is_conv_named = false;
    for (const Json& diagnostic : summary["diagnostics"]) {
      for (const char* key : {"severity", "code", "network", "layer", "setting", "message", "expected", "actual"}) {
        QVERIFY2(diagnostic.contains(key), key);
      }
      QVERIFY(diagnostic["fixes"].is_array());
      is_conv_named |= diagnostic["layer"] == "conv" && diagnostic["severity"] == "error" &&
                       diagnostic["network"] == "classifier" && !diagnostic["message"].get<std::string>().empty();
    }
    QVERIFY(is_conv_named);
    for (const Json& layer : summary["networks"][0]["layers"]) {
      if (layer["name"] == "input") QCOMPARE(shown(layer["output_shape"]), shown((Json{3, 8, 8})));
      if (layer["name"] != "conv") continue;
      QVERIFY(layer["output_shape"].is_null());
      QVERIFY(layer["parameters"].is_null());
      QVERIFY(layer["macs"].is_null());
    }
    QVERIFY(summary["networks"][0]["parameters"].is_null());

    const EngineRun text = run_engine({"summary", file});
    QCOMPARE(text.code, 0);
    QVERIFY2(text.output.contains("\nerror: conv: "), text.output);
  }

  void one_network_can_be_chosen() {
    const QString file = written(with_mistakes());
    const Json summary = summary_of(file, {"--network", "critic"});
    QCOMPARE(summary["networks"].size(), std::size_t{1});
    QCOMPARE(shown(summary["networks"][0]["name"]), shown(Json("critic")));
    for (const Json& diagnostic : summary["diagnostics"]) {
      QVERIFY(diagnostic["network"] == "critic" || diagnostic["network"].is_null());
    }
    const EngineRun unknown = run_engine({"summary", file, "--network", "judge"});
    QCOMPARE(unknown.code, 2);
    QVERIFY2(unknown.errors.contains("judge") && unknown.errors.contains("classifier, critic"), unknown.errors);
  }

  void a_cycle_is_shown_too() {
    Project project = empty_project();
    Drawing drawing(project);
    drawing.add("ReLU", "a");
    drawing.add("ReLU", "b");
    drawing.connect(drawing.id("b"), drawing.id("a"));
    const Json summary = summary_of(written(project));
    QCOMPARE(summary["networks"][0]["layers"].size(), std::size_t{2});
    QVERIFY(summary["networks"][0]["layers"][0]["output_shape"].is_null());
  }

  void columns_stand_below_each_other() {
    const EngineRun run = run_engine({"summary", mission});
    QCOMPARE(run.code, 0);
    const QStringList lines = QString::fromUtf8(run.output).split('\n');
    const qsizetype titles = lines.indexOf(QRegularExpression("^Layer.*Receptive field$"));
    QVERIFY(titles > 0);
    const qsizetype type = lines[titles].indexOf("Type");
    const qsizetype shape = lines[titles].indexOf("Output shape");
    const qsizetype macs_end = lines[titles].indexOf("Multiply-adds") + QString("Multiply-adds").size();
    const qsizetype field = lines[titles].indexOf("Receptive field");
    QVERIFY(lines[titles + 1].startsWith(QString::fromUtf8("───")));
    qsizetype row = titles + 2;
    for (; !lines[row].isEmpty(); ++row) {
      QVERIFY2(lines[row].size() <= 100, qPrintable(lines[row]));
      for (const qsizetype column : {type, shape}) {
        QVERIFY2(lines[row][column] != ' ' && lines[row][column - 1] == ' ', qPrintable(lines[row]));
      }
      QVERIFY2(lines[row][macs_end - 1].isDigit(), qPrintable(lines[row]));
      if (lines[row].size() > field) QVERIFY2(lines[row][field - 1] == ' ', qPrintable(lines[row]));
    }
    QCOMPARE(row - titles - 2, qsizetype{14});
    QVERIFY2(run.output.contains("62,006 (62,006 trainable, 0 frozen)"), run.output);
    QVERIFY2(run.output.contains("651,720 per sample"), run.output);
  }

  void frozen_layers_are_counted_apart() {
    Project project = *read_project(path_of(mission));
    for (Layer& layer : project.networks.front().layers) layer.trainable = layer.name != "conv1";
    const QString file = written(project);
    const Json network = summary_of(file)["networks"][0];
    QCOMPARE(shown(network["parameters"]), shown(Json(62006)));
    QCOMPARE(shown(network["trainable_parameters"]), shown(Json(62006 - 456)));
    const EngineRun run = run_engine({"summary", file});
    QVERIFY2(run.output.contains("62,006 (61,550 trainable, 456 frozen)"), run.output);
  }

 private:
  QString written(const Project& project) {
    const QString file = folder_.filePath("project.netwright");
    if (!write_project(project, path_of(file))) return {};
    return file;
  }
  QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestSummaryVerb)
#include "test_summary_verb.moc"
