// The export verb as a user runs it: every format, from a project and from a run.

#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>
#include <algorithm>
#include <cmath>
#include <map>

#include "backend/core/json_text.h"
#include "backend/core/safe_file.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/npy.h"
#include "backend/graph/project_json.h"
#include "backend/graph/templates.h"
#include "backend/interop/safetensors.h"
#include "backend/run/run_folder.h"
#include "tests/support/drawing.h"
#include "tests/support/engine.h"
#include "tests/support/files.h"
#include "tests/support/onnx_runtime.h"

using namespace netwright;

namespace {

const QString resnet = NETWRIGHT_SOURCE "/resources/templates/small_resnet.netwright";
const QString spirals = NETWRIGHT_SOURCE "/resources/templates/two_spirals_mlp.netwright";

std::map<std::string, NamedTensor> tensors_of(const std::filesystem::path& path) {
  std::map<std::string, NamedTensor> tensors;
  if (const auto file = read_safetensors(path)) {
    for (const NamedTensor& tensor : file->tensors) tensors[tensor.name] = tensor;
  }
  return tensors;
}

/// What XML text a drawing shows, joined; empty where it isn't well-formed.
QString text_of(const QByteArray& svg) {
  QXmlStreamReader reader(svg);
  QString text;
  while (!reader.atEnd()) {
    if (reader.readNext() == QXmlStreamReader::Characters) text += reader.text().toString() + '\n';
  }
  return reader.hasError() ? QString() : text;
}

}  // namespace

class TestExport : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  QString at(const QString& name) const { return folder_.filePath(name); }

 private slots:
  void every_format_is_written_data() {
    QTest::addColumn<QString>("format");
    QTest::addColumn<QByteArray>("mark");
    QTest::newRow("json") << "json" << QByteArray("\"report\"");
    QTest::newRow("onnx") << "onnx" << QByteArray("conv1.weight");
    QTest::newRow("pytorch") << "pytorch" << QByteArray("import torch");
    QTest::newRow("safetensors") << "safetensors" << QByteArray("conv1.weight");
    QTest::newRow("svg") << "svg" << QByteArray("<svg ");
    QTest::newRow("torchscript") << "torchscript" << QByteArray("PK");
  }
  void every_format_is_written() {
    QFETCH(QString, format);
    QFETCH(QByteArray, mark);
    const QString file = at("resnet." + format);
    const EngineRun run = run_engine({"export", resnet, "--to", format, "-o", file});
    QVERIFY2(run.code == 0, run.errors);
    QVERIFY(file_content(file).contains(mark));
  }

  void weights_of_a_seed_are_the_same() {
    for (const char* name : {"a", "b", "c"}) {
      const QString seed = QString(name) == "c" ? "2" : "1";
      const EngineRun run = run_engine({"export", spirals, "--to", "safetensors", "-o", at(name), "--seed", seed});
      QCOMPARE(run.code, 0);
      QVERIFY2(run.errors.contains("has no weights"), run.errors);
    }
    QVERIFY(!file_content(at("a")).isEmpty());
    QCOMPARE(file_content(at("a")), file_content(at("b")));
    QVERIFY(file_content(at("a")) != file_content(at("c")));
  }

  void weights_beside_a_project_are_used() {
    QVERIFY(QFile::copy(spirals, at("beside.netwright")));
    QCOMPARE(run_engine({"export", spirals, "--to", "safetensors", "-o", at("beside.safetensors"), "--seed", "9"}).code,
             0);
    const EngineRun run = run_engine({"export", at("beside.netwright"), "--to", "safetensors", "-o", at("again")});
    QVERIFY2(run.code == 0 && run.errors.isEmpty(), run.errors);
    QCOMPARE(file_content(at("again")), file_content(at("beside.safetensors")));
  }

  void a_run_leaves_with_its_best_weights() {
    const QString run_folder = at("run");
    const EngineRun training = run_engine({"train", spirals, "--run", run_folder, "--epochs", "2", "--threads", "1"});
    QVERIFY2(training.code == 0, training.errors);
    EngineRun run = run_engine({"export", run_folder, "--to", "safetensors", "-o", at("trained")});
    QVERIFY2(run.code == 0 && run.errors.isEmpty(), run.errors);
    const auto best = tensors_of(path_of(run_folder + "/checkpoints/best.safetensors"));
    const auto exported = tensors_of(path_of(at("trained")));
    QCOMPARE(exported.size(), std::size_t(6));
    for (const auto& [name, tensor] : exported) {
      QVERIFY2(best.contains(name), name.c_str());
      QVERIFY(best.at(name).bytes == tensor.bytes);
    }

    // What `predict` says is what ONNX Runtime says.
    run = run_engine({"export", run_folder, "--to", "onnx", "-o", at("trained.onnx")});
    QVERIFY2(run.code == 0, run.errors);
    Array points = make_array(ElementType::Float32, {50, 2});
    for (int i = 0; i < 100; ++i) points.as<float>()[i] = std::sin(static_cast<float>(i));
    QVERIFY(write_npy(path_of(at("points.npy")), points));
    run = run_engine({"predict", run_folder, "--input", at("points.npy"), "--output", at("said.npy")});
    QVERIFY2(run.code == 0, run.errors);
    const auto said = read_npy(path_of(at("said.npy")));
    QVERIFY(said);
    OnnxRuntime runtime;
    const QString why = runtime.start();
    QVERIFY2(why.isEmpty(), qPrintable(why));
    // `predict` normalises values of the data's own type; a model takes them normalised.
    const auto dataset = load(open_template("two_spirals_mlp")->data);
    QVERIFY(dataset);
    const Normalisation& by = dataset->normalisation;
    for (std::size_t i = 0; i < 100; ++i) {
      float& value = points.as<float>()[i];
      value = (value * by.scale - by.mean[i % by.mean.size()]) / by.deviation[i % by.deviation.size()];
    }
    const auto outputs = runtime.run(file_content(at("trained.onnx")).toStdString(), {{"input1", points}});
    QVERIFY2(outputs, outputs ? "" : outputs.error().message.c_str());
    const Array& given = outputs->at("output1");
    QCOMPARE(given.sizes, said->sizes);
    for (std::size_t i = 0; i < given.bytes.size() / sizeof(float); ++i) {
      const float expected = said->as<float>()[i];
      QVERIFY(std::abs(given.as<float>()[i] - expected) < 1e-4F * std::max(1.0F, std::abs(expected)));
    }
  }

  void a_run_without_weights_is_said_to_have_none() {
    const auto project = open_template("two_spirals_mlp");
    QVERIFY(project);
    QVERIFY(RunFolder::create(path_of(at("fresh")), *project));
    const EngineRun run = run_engine({"export", at("fresh"), "--to", "onnx", "-o", at("fresh.onnx")});
    QCOMPARE(run.code, 0);
    QVERIFY2(run.errors.contains("has no weights yet"), run.errors);
  }

  void json_holds_the_project_and_what_summary_says() {
    QCOMPARE(run_engine({"export", resnet, "--to", "json", "-o", at("resnet.json")}).code, 0);
    const Json json = Json::parse(file_content(at("resnet.json")).toStdString());
    const auto project = project_from_json(json["project"].dump(), "the export");
    QVERIFY(project);
    QVERIFY(*project == *open_template("small_resnet"));
    QVERIFY(json["report"] == Json::parse(run_engine({"summary", resnet, "--json"}).output.toStdString()));
  }

  void svg_shows_every_layer() {
    QCOMPARE(run_engine({"export", resnet, "--to", "svg", "-o", at("resnet.svg")}).code, 0);
    const QByteArray svg = file_content(at("resnet.svg"));
    const QString text = text_of(svg);
    const auto project = open_template("small_resnet");
    QVERIFY(project);
    const Network& network = project->networks.front();
    for (const Layer& layer : network.layers) {
      QVERIFY2(text.contains(QString::fromStdString(layer.name) + '\n'), layer.name.c_str());
    }
    QVERIFY(text.contains("32×14×14\n"));
    QVERIFY(text.contains("9,216 params\n"));
    QCOMPARE(svg.count("class=\"wire\""), static_cast<int>(network.connections.size()));
  }

  void svg_shows_mistakes_and_odd_names() {
    Project project = empty_project();
    project.networks.front().name = "a < b & c";
    Drawing draw(project);
    draw.add("Input", "input", {{"shape", Integers{3, 4, 4}}});
    draw.add("Conv2d", "conv", {{"kernel_size", Integers{9, 9}}});
    draw.add("NoSuchType", "what");
    QVERIFY(write_file(path_of(at("odd.netwright")), to_json(project)));
    const EngineRun run = run_engine({"export", at("odd.netwright"), "--to", "svg", "-o", at("odd.svg")});
    QVERIFY2(run.code == 0, run.errors);
    const QByteArray svg = file_content(at("odd.svg"));
    QVERIFY(text_of(svg).contains("a < b & c"));
    QCOMPARE(svg.count("node bad"), 2);
  }

  void what_cannot_be_exported_is_said_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("unknown format") << QStringList{resnet, "--to", "cobol", "-o", "x"} << 2 << QByteArray("cobol");
    QTest::newRow("no such network") << QStringList{resnet, "--to", "svg", "-o", "x", "--network", "critic"} << 2
                                     << QByteArray("no network “critic”. There are: classifier");
    QTest::newRow("no such project") << QStringList{"/nowhere.netwright", "--to", "svg", "-o", "x"} << 1
                                     << QByteArray("/nowhere.netwright");
    QTest::newRow("no such folder") << QStringList{resnet, "--to", "svg", "-o", "/nowhere/x.svg"} << 1
                                    << QByteArray("/nowhere");
  }
  void what_cannot_be_exported_is_said() {
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QFETCH(QByteArray, message);
    const EngineRun run = run_engine(QStringList{"export"} + arguments);
    QCOMPARE(run.code, code);
    QVERIFY2(run.errors.contains(message), run.errors);
  }

  void a_mistake_forbids_weights() {
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "input", {{"shape", Integers{3, 4, 4}}});
    draw.add("Conv2d", "conv", {{"kernel_size", Integers{9, 9}}});
    draw.add("Output", "output");
    QVERIFY(write_project(project, path_of(at("wrong.netwright"))));
    for (const char* format : {"onnx", "safetensors", "torchscript"}) {
      const EngineRun run = run_engine({"export", at("wrong.netwright"), "--to", format, "-o", at("wrong")});
      QCOMPARE(run.code, 1);
      QVERIFY2(run.errors.contains("kernel spans 9"), run.errors);
      QVERIFY(!QFile::exists(at("wrong")));
    }
  }
};

QTEST_GUILESS_MAIN(TestExport)
#include "test_export.moc"
