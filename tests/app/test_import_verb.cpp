// The import verb: a model in, its weights beside it, predictions as ONNX's own, and what is said where it can't.

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstring>

#include "backend/data/npy.h"
#include "backend/graph/project_json.h"
#include "backend/interop/safetensors.h"
#include "tests/support/engine.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

/// A classifier of texts, its input and its output, by real PyTorch; besides its weights alone under PyTorch's names.
constexpr const char* text_model = R"python(
import sys, numpy as np, torch
from torch import nn
torch.manual_seed(0)
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 5)
        self.lstm = nn.LSTM(5, 6, batch_first=True)
        self.head = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
    def forward(self, x):
        return self.head(self.lstm(self.embed(x))[0][:, -1])
model = Model().eval()
x = torch.randint(0, 20, (1, 7))
folder = sys.argv[1] + '/'
torch.onnx.export(model, x, folder + 'text.onnx', opset_version=13, input_names=['words'], output_names=['scores'],
                  dynamic_axes={'words': {0: 'batch'}, 'scores': {0: 'batch'}})
many = torch.randint(0, 20, (9, 7))
np.save(folder + 'words.npy', many.numpy())
np.save(folder + 'scores.npy', model(many).detach().numpy())
)python";

}  // namespace

class TestImportVerb : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;
  QString at(const char* file) const { return folder_.filePath(file); }

  double largest_difference(const QString& a, const QString& b) {
    const auto first = read_npy(path_of(a));
    const auto second = read_npy(path_of(b));
    if (!first || !second || first->sizes != second->sizes) return INFINITY;
    double most = 0;
    std::int64_t count = 1;
    for (const std::int64_t size : first->sizes) count *= size;
    for (std::int64_t i = 0; i < count; ++i) {
      most = std::max(most, std::abs(double(first->as<float>()[i]) - double(second->as<float>()[i])));
    }
    return most;
  }

 private slots:
  void initTestCase() {
    QVERIFY(folder_.isValid());
    const QString said = run_python(text_model, {folder_.path()});
    QVERIFY2(!said.startsWith("failed"), qPrintable(said));
  }

  void a_model_comes_in_with_its_weights() {
    const EngineRun run = run_engine({"import", at("text.onnx"), "-o", at("text.netwright")});
    QVERIFY2(run.code == 0, run.errors);
    QVERIFY2(run.output.contains("495 parameters"), run.output);
    const auto project = read_project(path_of(at("text.netwright")));
    QVERIFY(project);
    const Network& network = project->networks.front();
    for (const char* name : {"words", "embed", "lstm", "head_0", "head_2", "scores"}) {
      QVERIFY2(network.find(name), name);
    }
    QVERIFY(QFile::exists(at("text.safetensors")));
  }

  void predict_runs_it() {
    const EngineRun run =
        run_engine({"predict", at("text.netwright"), "--input", at("words.npy"), "--output", at("out.npy")});
    QVERIFY2(run.code == 0, run.errors);
    QVERIFY(!run.errors.contains("untrained"));
    QVERIFY(largest_difference(at("out.npy"), at("scores.npy")) < 1e-5);
  }

  void weights_alone_come_in_by_name() {
    // As another program would have written them: with dots in the modules' names.
    auto file = read_safetensors(path_of(at("text.safetensors")));
    QVERIFY(file);
    for (NamedTensor& tensor : file->tensors) {
      if (tensor.name.starts_with("head_")) tensor.name[4] = '.';
    }
    QVERIFY(write_safetensors(path_of(at("others.safetensors")), *file));
    QVERIFY(QFile::remove(at("text.safetensors")));
    const EngineRun run = run_engine({"import", at("others.safetensors"), "--into", at("text.netwright")});
    QVERIFY2(run.code == 0, run.errors);
    QVERIFY2(run.output.contains("9 of 9 tensors"), run.output);
    const EngineRun predicted =
        run_engine({"predict", at("text.netwright"), "--input", at("words.npy"), "--output", at("out.npy")});
    QVERIFY2(predicted.code == 0, predicted.errors);
    QVERIFY(largest_difference(at("out.npy"), at("scores.npy")) < 1e-5);
  }

  void weights_that_do_not_fit_are_named() {
    auto file = read_safetensors(path_of(at("text.safetensors")));
    QVERIFY(file);
    for (NamedTensor& tensor : file->tensors) {
      if (tensor.name == "head_2.bias") tensor.name = "tail.bias";
      if (tensor.name == "embed.weight") tensor.sizes = {10, 10};
    }
    QVERIFY(write_safetensors(path_of(at("wrong.safetensors")), *file));
    const QByteArray before = file_content(at("text.safetensors"));
    const EngineRun run = run_engine({"import", at("wrong.safetensors"), "--into", at("text.netwright")});
    QCOMPARE(run.code, 1);
    for (const char* part : {"tail.bias", "embed.weight is [10, 10]", "[20, 5]", "head_2.bias"}) {
      QVERIFY2(run.errors.contains(part), run.errors);
    }
    QCOMPARE(file_content(at("text.safetensors")), before);
  }

  void training_starts_from_the_weights() {
    const QString project = at("spirals.netwright");
    QVERIFY(run_engine({"new", "two_spirals_mlp", "-o", project}).code == 0);
    const EngineRun exported =
        run_engine({"export", project, "--to", "safetensors", "--seed", "11", "-o", at("spirals.safetensors")});
    QVERIFY2(exported.code == 0, exported.errors);
    // Steps so small that the weights stay where they began.
    const auto last_of = [&](const char* run, const QStringList& more) {
      const EngineRun trained = run_engine(
          QStringList{"train", project, "--run", at(run), "--epochs", "1", "--learning-rate", "1e-9"} + more);
      return trained.code == 0 ? read_safetensors(path_of(at(run) + "/checkpoints/last.safetensors"))
                               : Result<TensorFile>(Error{trained.errors.toStdString()});
    };
    const auto start = read_safetensors(path_of(at("spirals.safetensors")));
    const auto kept = last_of("kept", {});
    const auto fresh = last_of("fresh", {"--fresh"});
    QVERIFY2(start && kept && fresh, kept ? "" : kept.error().message.c_str());
    const auto distance = [&](const TensorFile& other) {
      double most = 0;
      for (const NamedTensor& tensor : start->tensors) {
        const auto same = std::find_if(other.tensors.begin(), other.tensors.end(),
                                       [&](const NamedTensor& candidate) { return candidate.name == tensor.name; });
        if (same == other.tensors.end() || same->bytes.size() != tensor.bytes.size()) return double(INFINITY);
        for (std::size_t i = 0; i < tensor.bytes.size(); i += sizeof(float)) {
          float a = 0;
          float b = 0;
          std::memcpy(&a, tensor.bytes.data() + i, sizeof(float));
          std::memcpy(&b, same->bytes.data() + i, sizeof(float));
          most = std::max(most, double(std::abs(a - b)));
        }
      }
      return most;
    };
    QVERIFY2(distance(*kept) < 1e-5, qPrintable(QString::number(distance(*kept))));
    QVERIFY2(distance(*fresh) > 0.01, qPrintable(QString::number(distance(*fresh))));
  }

  void what_is_missing_is_said_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("said");
    QTest::newRow("no file") << QStringList{"nowhere.onnx", "-o", "x.netwright"} << 1 << "There is no file";
    QTest::newRow("no output") << QStringList{"nowhere.onnx"} << 2 << "needs --output";
    QTest::newRow("no project") << QStringList{"nowhere.safetensors"} << 2 << "need --into";
    QTest::newRow("another format") << QStringList{"model.pt", "-o", "x.netwright"} << 2
                                    << "Only .onnx and .safetensors";
  }
  void what_is_missing_is_said() {
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QFETCH(QString, said);
    const EngineRun run = run_engine(QStringList{"import"} + arguments);
    QCOMPARE(run.code, code);
    QVERIFY2(QString::fromUtf8(run.errors).contains(said), run.errors);
  }

  void words_must_be_whole_numbers() {
    const EngineRun run =
        run_engine({"predict", at("text.netwright"), "--input", at("scores.npy"), "--output", at("out.npy")});
    QCOMPARE(run.code, 1);
  }
};

QTEST_GUILESS_MAIN(TestImportVerb)
#include "test_import_verb.moc"
