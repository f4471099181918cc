// The figures of well-known networks against tests/data/reference.json (torchvision's models, measured by torch).

#include <QTest>
#include <fstream>
#include <map>

#include "backend/analysis/analyse.h"
#include "backend/core/json_text.h"
#include "tests/support/drawing.h"

using namespace netwright;

namespace {

std::string with_underscores(std::string name) {
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

Json axis_json(const AxisField& axis) {
  return {{"rf", axis.size}, {"stride", axis.stride}, {"start", axis.start}};
}

}  // namespace

class TestReference : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    std::ifstream file(NETWRIGHT_TEST_DATA "/reference.json");
    QVERIFY(file);
    models_ = Json::parse(file)["models"];
  }

  void totals_and_layers_data() {
    QTest::addColumn<QString>("model");
    for (const char* model : {"seed_cnn", "vgg16", "resnet18"}) QTest::newRow(model) << QString(model);
  }

  void totals_and_layers() {
    QFETCH(QString, model);
    const Json& reference = models_[model.toStdString()];
    const Project project = drawn(model);
    const Report report = analyse(project);
    const Network& network = project.networks.front();
    const NetworkReport& figures = report.networks.front();
    QVERIFY(report.is_sound(network.id));
    QCOMPARE(*figures.totals.parameters, reference["parameters"].get<std::int64_t>());
    QCOMPARE(*figures.totals.trainable_parameters, reference["parameters"].get<std::int64_t>());
    QCOMPARE(*figures.totals.macs, reference["macs"].get<std::int64_t>());
    QCOMPARE(with_batch(figures.output), reference["output_shape"].get<std::vector<std::int64_t>>());

    // torchvision reuses one ReLU or pool under one name; drawn, each is its own layer. So leaf layers are matched
    // in order within their type.
    std::map<std::string, std::vector<Json>> drawn_by_type;
    std::map<std::string, std::vector<Json>> reference_by_type;
    for (const LayerId id : figures.order) {
      const Layer& layer = *network.find(id);
      const LayerReport& f = figures.layers.at(id);
      drawn_by_type[layer.type].push_back(
          {{"output_shape", with_batch(f.outputs.front())}, {"parameters", *f.parameters}, {"macs", *f.macs}});
    }
    for (const Json& layer : reference["layers"]) {
      reference_by_type[layer["type"].get<std::string>()].push_back(
          {{"output_shape", layer["output_shape"]}, {"parameters", layer["parameters"]}, {"macs", layer["macs"]}});
    }
    for (auto& [type, layers] : reference_by_type) {
      auto& ours = drawn_by_type[type];
      // The order of a shortcut among its branch's layers is free.
      std::sort(layers.begin(), layers.end());
      std::sort(ours.begin(), ours.end());
      QVERIFY2(layers == ours, type.c_str());
    }
  }

  void receptive_fields_data() { totals_and_layers_data(); }

  void receptive_fields() {
    QFETCH(QString, model);
    const Project project = drawn(model);
    const Report report = analyse(project);
    const Network& network = project.networks.front();
    int compared = 0;
    for (const auto& [name, field] : models_[model.toStdString()]["receptive_field"].items()) {
      const Layer* layer = network.find(drawn_name(name));
      QVERIFY2(layer, name.c_str());
      const LayerReport* figures = report.find(network.id, layer->id);
      QCOMPARE(figures->field.size(), std::size_t{2});
      QVERIFY2(axis_json(figures->field[0]) == field["y"], name.c_str());
      QVERIFY2(axis_json(figures->field[1]) == field["x"], name.c_str());
      ++compared;
    }
    QVERIFY(compared > 3);
  }

 private:
  static Project drawn(const QString& model) {
    if (model == "vgg16") return vgg16();
    return model == "resnet18" ? resnet18() : mission_cnn();
  }

  /// `pool#2` is the second call of one module; `layer1` the output of a stage.
  static std::string drawn_name(const std::string& name) {
    static const std::map<std::string, std::string> ours = {{"pool", "pool1"},
                                                            {"pool#2", "pool2"},
                                                            {"layer1", "layer1_1_relu2"},
                                                            {"layer2", "layer2_1_relu2"},
                                                            {"layer3", "layer3_1_relu2"},
                                                            {"layer4", "layer4_1_relu2"}};
    const auto it = ours.find(name);
    return it == ours.end() ? with_underscores(name) : it->second;
  }

  static std::vector<std::int64_t> with_batch(const Shape& shape) {
    std::vector<std::int64_t> sizes = {1};
    for (const Dim& dim : shape.dims()) sizes.push_back(dim.value_or(-1));
    return sizes;
  }

  Json models_;
};

QTEST_APPLESS_MAIN(TestReference)
#include "test_reference.moc"
