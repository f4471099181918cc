// Networks that PyTorch exports come in as they were: parameters, multiply-adds and outputs agree with PyTorch's own.
// NETWRIGHT_ONNX_MODELS names a folder that onnx_models.py has filled, to look at other sets than the small one.

#include <torch/torch.h>
//
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include "backend/analysis/analyse.h"
#include "backend/data/npy.h"
#include "backend/engine/checkpoint.h"
#include "backend/engine/graph_module.h"
#include "backend/graph/project_json.h"
#include "backend/interop/onnx_import.h"
#include "tests/support/files.h"
#include "tests/support/python_torch.h"

using namespace netwright;

namespace {

torch::Tensor tensor_of(const Array& array) {
  const auto type = array.type == ElementType::Float32 ? torch::kFloat32 : torch::kInt64;
  return torch::from_blob(const_cast<std::byte*>(array.bytes.data()), array.sizes, type).clone();
}

}  // namespace

class TestOnnxImport : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    QVERIFY(scratch_.isValid());
    torch::set_num_threads(1);
    folder_ = qEnvironmentVariable("NETWRIGHT_ONNX_MODELS");
    if (folder_.isEmpty()) {
      folder_ = scratch_.path();
      const QString failure = run_python_torch("backend/interop/onnx_models.py", {folder_, "small"});
      QVERIFY2(failure.isEmpty(), qPrintable(failure));
    }
  }

  void agrees_with_pytorch_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<qint64>("parameters");
    QTest::addColumn<qint64>("macs");
    const QJsonArray models = QJsonDocument::fromJson(file_content(folder_ + "/models.json")).array();
    QVERIFY(!models.isEmpty());
    QVERIFY(models.size() > 200 || qEnvironmentVariableIsSet("NETWRIGHT_ONNX_MODELS"));
    for (const QJsonValue& value : models) {
      const QJsonObject model = value.toObject();
      const QString name = model["name"].toString();
      QTest::newRow(qPrintable(name)) << name << qint64(model["parameters"].toDouble(-1))
                                      << qint64(model["macs"].toDouble(-1));
    }
  }

  void agrees_with_pytorch() {
    QFETCH(QString, name);
    QFETCH(qint64, parameters);
    QFETCH(qint64, macs);
    const auto imported = import_onnx(path_of(folder_ + "/" + name + ".onnx"));
    QVERIFY2(imported, imported ? "" : imported.error().message.c_str());
    QVERIFY2(imported->messages.empty(), imported->messages.empty() ? "" : imported->messages.front().c_str());

    // As it is when it was saved and read again.
    const auto project = project_from_json(to_json(imported->project), "memory");
    QVERIFY2(project, project ? "" : project.error().message.c_str());
    const Network& network = project->networks.front();
    const Report report = analyse(*project);
    const NetworkReport& figures = *report.find(network.id);
    for (const Diagnostic& diagnostic : report.diagnostics) {
      QVERIFY2(diagnostic.severity != Severity::Error || !diagnostic.network, diagnostic.message.c_str());
    }
    if (parameters >= 0) QCOMPARE(qint64(figures.totals.parameters.value_or(-1)), parameters);
    if (macs >= 0) QCOMPARE(qint64(figures.totals.macs.value_or(-1)), macs);

    auto module = GraphModule::build(network, figures);
    QVERIFY2(module, module ? "" : module.error().message.c_str());
    if (!imported->weights.empty()) {
      const auto weights = path_of(scratch_.filePath("weights.safetensors"));
      QVERIFY(write_safetensors(weights, {.tensors = imported->weights, .metadata = {}}));
      const auto loaded = load_weights(weights, **module);
      QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
    }
    const auto input = read_npy(path_of(folder_ + "/" + name + ".input.npy"));
    const auto wanted = read_npy(path_of(folder_ + "/" + name + ".output.npy"));
    QVERIFY(input && wanted);
    torch::Tensor given = tensor_of(*input);
    const torch::Tensor expected = tensor_of(*wanted);
    if (given.dim() > 1 && given.size(0) != 1 && given.size(1) == 1) given = given.transpose(0, 1);  // time first
    const torch::NoGradGuard no_grad;
    (*module)->eval();
    const torch::Tensor output = (*module)->forward(given);
    QCOMPARE(output.numel(), expected.numel());
    const double most = expected.abs().max().item<double>();
    const double error = (output.reshape(expected.sizes()) - expected).abs().max().item<double>();
    QVERIFY2(most > 0 && error <= 1e-4 * most, qPrintable(QString("%1 of %2").arg(error).arg(most)));
  }

 private:
  QTemporaryDir scratch_;
  QString folder_;
};

QTEST_GUILESS_MAIN(TestOnnxImport)
#include "test_onnx_import.moc"
