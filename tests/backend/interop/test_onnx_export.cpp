// What leaves as ONNX computes in ONNX Runtime what it computes here: every row of the catalogue, every template, and
// random networks.

#include <torch/torch.h>
//
#include <QTest>
#include <map>
#include <random>

#include "backend/analysis/analyse.h"
#include "backend/graph/blocks.h"
#include "backend/graph/flatten.h"
#include "backend/graph/project_json.h"
#include "backend/graph/templates.h"
#include "backend/layers/catalogue.h"
#include "tests/support/drawing.h"
#include "tests/support/files.h"
#include "tests/support/onnx_comparison.h"
#include "tests/support/random_inputs.h"
#include "tests/support/random_project.h"
#include "tests/support/sample_project.h"
#include "tests/support/sample_rows.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

constexpr double tolerance = 1e-4;
constexpr const char* random_subject = "random networks";

}  // namespace

class TestOnnxExport : public QObject {
  Q_OBJECT

  OnnxRuntime runtime_;
  std::map<std::string, double> worst_;
  int infinite_ = 0;
  int outliers_ = 0;
  int compared_ = 0;

  /// A random network may take logarithms of negative numbers, after which nothing can be compared; divide by what ONNX
  /// Runtime only approximates, as it does sigmoid(−20); or meet a mistake in how that merges nodes.
  bool is_left_out(const Comparison& comparison) {
    if (!comparison.is_finite) return ++infinite_ > 0;
    if (comparison.error <= tolerance && !comparison.is_plain) return false;
    qInfo("an outlier: error %.1e%s", comparison.error,
          comparison.is_plain ? ", and ONNX Runtime can't optimise it" : "");
    return ++outliers_ > 0;
  }

  void expect_equal(const Project& drawn, const std::string& subject, std::int64_t batch = 3) {
    const Project project = flattened(drawn);
    const Report report = analyse(project);
    const Network& network = project.networks.front();
    const NetworkReport& figures = report.networks.front();
    auto module = unsettled_module(network, figures);
    QVERIFY2(module, module ? "" : module.error().message.c_str());
    const auto inputs = random_inputs(network, figures, batch);
    const Comparison comparison = compare_with_onnx(network, figures, **module, inputs, runtime_);
    if (subject == random_subject && is_left_out(comparison)) return;
    QVERIFY2(comparison.complaint.isEmpty(), qPrintable(comparison.complaint));
    QVERIFY2(!comparison.is_plain, "ONNX Runtime can't optimise it");
    QVERIFY2(comparison.error <= tolerance, qPrintable(QString("error %1").arg(comparison.error)));
    ++compared_;
    double& worst = worst_[subject];
    worst = std::max(worst, comparison.error);
  }

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    const QString why = runtime_.start();
    QVERIFY2(why.isEmpty(), qPrintable(why));
  }

  void every_row_data() { add_samples(); }
  void every_row() {
    QFETCH(int, row);
    QFETCH(int, sample);
    torch::manual_seed(7);
    const LayerSpec& spec = catalogue()[static_cast<std::size_t>(row)];
    expect_equal(sample_project(spec, spec.samples[static_cast<std::size_t>(sample)]), spec.type);
  }

  void every_template_data() {
    QTest::addColumn<QString>("name");
    for (const Template& each : templates()) {
      if (each.name != "empty") QTest::newRow(each.name.c_str()) << QString::fromStdString(each.name);
    }
  }
  void every_template() {
    QFETCH(QString, name);
    const auto project = open_template(name.toStdString());
    QVERIFY(project);
    torch::manual_seed(7);
    for (const std::int64_t batch : {1, 5}) expect_equal(*project, "templates", batch);
  }

  void names_are_kept_and_python_agrees() {
    QTemporaryDir folder;
    QStringList files;
    for (const Template& each : templates()) {
      if (each.name == "empty") continue;
      const auto project = open_template(each.name);
      QVERIFY(project);
      const Project flat = flattened(*project);
      const Report report = analyse(flat);
      auto module = unsettled_module(flat.networks.front(), report.networks.front());
      QVERIFY(module);
      const auto model = onnx_model(flat.networks.front(), report.networks.front(), weights_of(**module));
      QVERIFY2(model, model ? "" : model.error().message.c_str());
      files.push_back(folder.filePath(QString::fromStdString(each.name) + ".onnx"));
      QVERIFY(put_file(files.back(), QByteArray::fromStdString(*model)));
    }
    const QString program = R"(
import onnx, os, sys
for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert model.opset_import[0].version == 13, model.opset_import
    for value in list(model.graph.input) + list(model.graph.output):
        assert value.type.tensor_type.shape.dim[0].dim_param == 'batch', value
    if os.path.basename(path) != 'mission_cnn.onnx':
        continue
    print(*[v.name for v in model.graph.input], *[v.name for v in model.graph.output])
    print(*[n.name for n in model.graph.node])
    print(*[t.name for t in model.graph.initializer])
)";
    const auto mission = open_template("mission_cnn");
    QStringList nodes;
    QStringList weights;
    for (const Layer& layer : mission->networks.front().layers) {
      const QString name = QString::fromStdString(layer.name);
      if (layer.type != "Input" && layer.type != "Output") nodes.push_back(name);
      if (layer.type == "Conv2d" || layer.type == "Linear") weights << name + ".weight" << name + ".bias";
    }
    QCOMPARE(run_python(program, files), QString("input1 output1\n%1\n%2").arg(nodes.join(' '), weights.join(' ')));
  }

  void what_cannot_be_said_is_refused_data() {
    QTest::addColumn<QString>("spoil");
    QTest::addColumn<QString>("message");
    QTest::newRow("mistake") << "mistake"
                             << "“conv” (Conv2d) has a mistake";
    QTest::newRow("unknown size") << "unknown size"
                                  << "“input” gives 3×?×?, of unknown size";
    QTest::newRow("no output") << "no output"
                               << "it has no Output";
    QTest::newRow("missing weight") << "missing weight"
                                    << "“conv”: the weight conv.bias is missing";
    QTest::newRow("other type") << "other type"
                                << "“conv”: the weight conv.bias is F64; only F32";
  }
  void what_cannot_be_said_is_refused() {
    QFETCH(QString, spoil);
    QFETCH(QString, message);
    Project project = empty_project();
    Drawing draw(project);
    const bool is_unknown = spoil == "unknown size";
    const std::int64_t kernel = spoil == "mistake" ? 9 : 3;
    draw.add("Input", "input", {{"shape", is_unknown ? Integers{3, 0, 0} : Integers{3, 8, 8}}});
    draw.add("Conv2d", "conv", {{"kernel_size", Integers{kernel, kernel}}, {"out_channels", std::int64_t{1}}});
    if (spoil != "no output") draw.add("Output", "output");
    std::vector<NamedTensor> weights = {
        {"conv.weight", "F32", {1, 3, 3, 3}, std::vector<std::byte>(std::size_t{27} * 4)},
        {"conv.bias", spoil == "other type" ? "F64" : "F32", {1}, std::vector<std::byte>(8)}};
    if (spoil == "missing weight") weights.pop_back();
    const Report report = analyse(project);
    const auto model = onnx_model(project.networks.front(), report.networks.front(), weights);
    QVERIFY(!model);
    QVERIFY2(model.error().message.find(message.toStdString()) != std::string::npos, model.error().message.c_str());
  }

  void random_networks() {
    const unsigned seed = test_seed();
    const QString keep = qEnvironmentVariable("NETWRIGHT_KEEP");  // a folder for networks that fail
    qInfo("NETWRIGHT_SEED=%u", seed);
    std::mt19937 random(seed);
    torch::manual_seed(seed);
    constexpr int networks = 300;
    compared_ = 0;
    for (int i = 0; i < networks; ++i) {
      const Project project = random_project(random);
      const int outliers = outliers_;
      expect_equal(project, random_subject, 2);
      if (QTest::currentTestFailed()) qWarning("network %d of seed %u", i, seed);
      if ((QTest::currentTestFailed() || outliers_ > outliers) && !keep.isEmpty()) {
        QVERIFY(write_project(project, QString("%1/%2.netwright").arg(keep).arg(i).toStdString()));
      }
      if (QTest::currentTestFailed()) return;
    }
    qInfo("%d compared, %d not finite, %d outliers", compared_, infinite_, outliers_);
    QVERIFY(compared_ > networks / 2);
    QVERIFY(outliers_ <= networks / 25);
  }

  void cleanupTestCase() {
    for (const auto& [subject, error] : worst_) qInfo("%-26s %.1e", subject.c_str(), error);
  }
};

QTEST_GUILESS_MAIN(TestOnnxExport)
#include "test_onnx_export.moc"
