// predict against the network run by hand, from weights that no training made.

#include <torch/torch.h>
//
#include <png.h>

#include <QTemporaryDir>
#include <QTest>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "backend/analysis/analyse.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/npy.h"
#include "backend/engine/checkpoint.h"
#include "backend/graph/project_json.h"
#include "backend/run/run_folder.h"
#include "tests/support/drawing.h"
#include "tests/support/engine.h"

using namespace netwright;

namespace {

constexpr std::int64_t channels = 3;
constexpr std::int64_t size = 12;
constexpr std::int64_t classes = 4;

Project classifier(bool ends_in_softmax, bool is_colour = true) {
  Project project = empty_project();
  project.name = "Shapes";
  project.data = {"shapes",
                  {{"size", size},
                   {"colour", is_colour},
                   {"classes", classes},
                   {"train_samples", std::int64_t{40}},
                   {"test_samples", std::int64_t{8}}}};
  Drawing draw(project);
  draw.add("Input", "input", {{"shape", Integers{is_colour ? channels : 1, size, size}}});
  draw.add("Conv2d", "conv1", {{"out_channels", std::int64_t{4}}});
  draw.add("BatchNorm2d", "bn1");
  draw.add("ReLU", "relu1");
  draw.add("Flatten", "flatten1");
  draw.add("Dropout", "dropout1");
  draw.add("Linear", "fc1", {{"out_features", classes}});
  if (ends_in_softmax) draw.add("Softmax", "softmax1");
  draw.add("Output", "output");
  return project;
}

std::shared_ptr<GraphModule> module_of(const Project& project) {
  auto module = GraphModule::build(project.networks.front(), analyse(project).networks.front());
  if (!module) throw std::runtime_error(module.error().message);
  (*module)->eval();
  return *module;
}

torch::Tensor tensor_of(const Array& array) {
  const auto type = array.type == ElementType::UInt8 ? torch::kUInt8 : torch::kFloat32;
  torch::Tensor tensor = torch::empty(array.sizes, type);
  std::memcpy(tensor.data_ptr(), array.bytes.data(), array.bytes.size());
  return tensor;
}

/// As data/dataset.h says: x -> (x·scale − mean) / deviation.
torch::Tensor normalised(const torch::Tensor& images, const Normalisation& by) {
  const auto per_channel = [](const std::vector<float>& values) {
    return torch::tensor(values).view({1, static_cast<std::int64_t>(values.size()), 1, 1});
  };
  return (images.to(torch::kFloat32) * by.scale - per_channel(by.mean)) / per_channel(by.deviation);
}

/// `pixels`: H×W×C, bytes, C = 1 or 3.
void write_png(const std::filesystem::path& path, const torch::Tensor& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.height = static_cast<png_uint_32>(pixels.size(0));
  image.width = static_cast<png_uint_32>(pixels.size(1));
  image.format = pixels.size(2) == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  if (!png_image_write_to_file(&image, path.c_str(), 0, pixels.contiguous().data_ptr(), 0, nullptr)) {
    throw std::runtime_error(image.message);
  }
}

std::string text(const QByteArray& bytes) {
  return bytes.toStdString();
}

}  // namespace

class TestPredict : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void init() {
    torch::manual_seed(4);
    torch::set_num_threads(1);
    QVERIFY(folder_.isValid());
  }

  void equals_the_network_data() {
    QTest::addColumn<bool>("ends_in_softmax");
    QTest::newRow("logits") << false;
    QTest::newRow("probabilities") << true;
  }
  void equals_the_network() {
    QFETCH(bool, ends_in_softmax);
    const Project project = classifier(ends_in_softmax);
    const auto data = load(project.data);
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    const QString run = make_run(project, ends_in_softmax ? "softmax" : "logits");
    QVERIFY(write_npy(path("images.npy"), data->test.inputs));

    const EngineRun told = run_engine(
        {"predict", run, "--input", file("images.npy"), "--output", file("output.npy"), "--json", "--device", "cpu"});
    QVERIFY2(told.code == 0, told.errors);
    QVERIFY2(told.errors.isEmpty(), told.errors);
    const torch::Tensor expected =
        best_->forward(normalised(tensor_of(data->test.inputs), data->normalisation)).detach();
    const auto output = read_npy(path("output.npy"));
    QVERIFY2(output, output ? "" : output.error().message.c_str());
    QVERIFY(torch::allclose(tensor_of(*output), expected, 1e-4, 1e-5));

    const auto json = nlohmann::json::parse(text(told.output));
    QCOMPARE(json.at("output_shape").get<std::vector<std::int64_t>>(), (std::vector<std::int64_t>{8, classes}));
    const torch::Tensor probabilities = ends_in_softmax ? expected : torch::softmax(expected, 1);
    QCOMPARE(json.at("predictions").size(), std::size_t(8));
    for (std::int64_t i = 0; i < 8; ++i) {
      const auto& entry = json.at("predictions").at(static_cast<std::size_t>(i));
      const auto chosen = probabilities[i].argmax().item<std::int64_t>();
      QCOMPARE(entry.at("class").get<std::int64_t>(), chosen);
      QCOMPARE(entry.at("label").get<std::string>(), data->classes.at(static_cast<std::size_t>(chosen)));
      QVERIFY(std::abs(entry.at("probability").get<float>() - probabilities[i].max().item<float>()) < 1e-4);
    }
  }

  void floats_are_taken_as_they_are() {
    const Project project = classifier(false);
    const QString run = make_run(project, "floats");
    const torch::Tensor x = torch::randn({2, channels, size, size});
    Array array = make_array(ElementType::Float32, x.sizes().vec());
    std::memcpy(array.bytes.data(), x.data_ptr(), array.bytes.size());
    QVERIFY(write_npy(path("floats.npy"), array));
    const EngineRun told = run_engine({"predict", run, "--input", file("floats.npy"), "--output", file("output.npy")});
    QVERIFY2(told.code == 0, told.errors);
    QVERIFY2(told.errors.contains("as they are"), told.errors);
    const auto output = read_npy(path("output.npy"));
    QVERIFY(output);
    QVERIFY(torch::allclose(tensor_of(*output), best_->forward(x), 1e-4, 1e-5));
  }

  void images_are_brought_to_the_channels_data() {
    QTest::addColumn<bool>("is_colour_network");
    QTest::addColumn<bool>("is_colour_image");
    QTest::newRow("gray for gray") << false << false;
    QTest::newRow("colour for gray") << false << true;
    QTest::newRow("gray for colour") << true << false;
    QTest::newRow("colour for colour") << true << true;
  }
  void images_are_brought_to_the_channels() {
    QFETCH(bool, is_colour_network);
    QFETCH(bool, is_colour_image);
    const Project project = classifier(false, is_colour_network);
    const QString run = make_run(project, is_colour_network ? "colour" : "gray");
    const torch::Tensor pixels = torch::randint(0, 256, {size, size, is_colour_image ? 3 : 1}, torch::kUInt8);
    write_png(path("image.png"), pixels);
    const EngineRun told = run_engine({"predict", run, "--input", file("image.png"), "--output", file("output.npy")});
    QVERIFY2(told.code == 0, told.errors);

    torch::Tensor image = pixels.permute({2, 0, 1}).unsqueeze(0).to(torch::kFloat32);
    if (is_colour_network && !is_colour_image) image = image.expand({1, 3, size, size});
    if (!is_colour_network && is_colour_image) {
      image = (image * torch::tensor({0.299F, 0.587F, 0.114F}).view({1, 3, 1, 1})).sum(1, true).round();
    }
    const auto data = load(project.data);
    QVERIFY(data);
    const auto output = read_npy(path("output.npy"));
    QVERIFY(output);
    QVERIFY(torch::allclose(tensor_of(*output), best_->forward(normalised(image, data->normalisation)), 1e-2, 1e-2));
  }

  void a_project_predicts_untrained_and_says_so() {
    const Project project = classifier(false);
    QVERIFY(write_project(project, path("shapes.netwright")));
    const auto data = load(project.data);
    QVERIFY(data && write_npy(path("images.npy"), data->test.inputs));
    const QStringList command = {"predict", file("shapes.netwright"), "--input", file("images.npy"), "--json"};
    const EngineRun told = run_engine(command);
    QCOMPARE(told.code, 0);
    QVERIFY2(told.errors.contains("untrained"), told.errors);
    QCOMPARE(run_engine(command).output, told.output);
  }

  void what_does_not_fit_is_refused_data() {
    QTest::addColumn<std::vector<std::int64_t>>("sizes");
    QTest::addColumn<QString>("message");
    QTest::newRow("another size") << std::vector<std::int64_t>{1, channels, size, size + 1} << "3×12×12";
    QTest::newRow("other channels") << std::vector<std::int64_t>{1, 2, size, size} << "2×12×12";
    QTest::newRow("no batch") << std::vector<std::int64_t>{channels, size, size} << "first dimension";
    QTest::newRow("no samples") << std::vector<std::int64_t>{0, channels, size, size} << "no samples";
  }
  void what_does_not_fit_is_refused() {
    QFETCH(std::vector<std::int64_t>, sizes);
    QFETCH(QString, message);
    const QString run = make_run(classifier(false), "refusals");
    QVERIFY(write_npy(path("input.npy"), make_array(ElementType::UInt8, sizes)));
    const EngineRun told = run_engine({"predict", run, "--input", file("input.npy")});
    QCOMPARE(told.code, 1);
    QVERIFY(told.output.isEmpty());
    QVERIFY2(told.errors.contains(message.toUtf8()), told.errors);
  }

  void a_run_without_weights_is_refused() {
    const auto run = RunFolder::create(path("bare"), classifier(false));
    QVERIFY(run);
    const EngineRun told = run_engine({"predict", file("bare"), "--input", file("x.npy")});
    QCOMPARE(told.code, 1);
    QVERIFY2(told.errors.contains("no checkpoint"), told.errors);
  }

  void doctor_says_what_is_here() {
    const EngineRun told = run_engine({"doctor", "--json"});
    QCOMPARE(told.code, 0);
    const auto json = nlohmann::json::parse(text(told.output));
    QCOMPARE(json.at("libtorch").get<std::string>(), std::string(TORCH_VERSION));
    QCOMPARE(json.at("devices").at(0).get<std::string>(), std::string("cpu"));
    QCOMPARE(json.at("data").size(), data_catalogue().size());
    const EngineRun words = run_engine({"doctor"});
    QCOMPARE(words.code, 0);
    QVERIFY2(words.output.contains("LibTorch    " TORCH_VERSION), words.output);
  }

  void threads_are_every_core_or_what_is_asked() {
    const auto threads = [](const char* asked) {
      asked ? qputenv("OMP_NUM_THREADS", asked) : qunsetenv("OMP_NUM_THREADS");
      qunsetenv("OPENBLAS_NUM_THREADS");
      const auto json = nlohmann::json::parse(text(run_engine({"doctor", "--json"}).output));
      return std::pair(json.at("threads").get<int>(), json.at("cores").get<int>());
    };
    const auto [all, cores] = threads(nullptr);
    QCOMPARE(all, cores);
    QCOMPARE(threads("1").first, 1);
    QCOMPARE(threads("3").first, 3);
  }

 private:
  /// A run whose best weights are `best_` and whose last ones are others.
  QString make_run(const Project& project, const QString& name) {
    const auto existing = RunFolder::open(path(name));
    const auto run = existing ? existing : RunFolder::create(path(name), project);
    if (!run) throw std::runtime_error(run.error().message);
    best_ = module_of(project);
    if (!save_weights(run->best_checkpoint(), *best_)) throw std::runtime_error("can't save");
    if (!save_weights(run->last_checkpoint(), *module_of(project))) throw std::runtime_error("can't save");
    return file(name);
  }
  QString file(const QString& name) const { return folder_.filePath(name); }
  std::filesystem::path path(const QString& name) const { return file(name).toStdString(); }

  QTemporaryDir folder_;
  std::shared_ptr<GraphModule> best_;
};

QTEST_GUILESS_MAIN(TestPredict)
#include "test_predict.moc"
