// Runs that start from other runs' weights: what fits is taken and said, a fork takes the rest of training as well.

#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>

#include "backend/graph/project_json.h"
#include "backend/interop/safetensors.h"
#include "tests/support/engine.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

using Json = nlohmann::json;

std::vector<Json> events_of(const QString& run, const char* kind) {
  std::vector<Json> events;
  for (const QByteArray& line : file_content(run + "/events.jsonl").split('\n')) {
    if (line.isEmpty()) continue;
    Json event = Json::parse(line.toStdString());
    if (event["event"] == kind) events.push_back(std::move(event));
  }
  return events;
}

QString opening_of(const QString& run) {
  const std::vector<Json> messages = events_of(run, "message");
  return messages.empty() ? QString() : QString::fromStdString(messages.front()["text"].get<std::string>());
}

const NamedTensor* find(const TensorFile& file, const std::string& name) {
  for (const NamedTensor& tensor : file.tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

}  // namespace

class TestTransfer : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    project_ = at("a.netwright");
    QVERIFY(QFile::copy(NETWRIGHT_SOURCE "/resources/templates/two_spirals_mlp.netwright", project_));
  }

  void takes_what_fits_and_says_what() {
    QVERIFY(train("first", {"--epochs", "3"}));
    // The last layer reads as many features as before; the one in the middle is wider now.
    auto project = read_project(path_of(project_));
    QVERIFY(project);
    std::vector<Layer*> linear;
    for (Layer& layer : project->networks.front().layers) {
      if (layer.type == "Linear") linear.push_back(&layer);
    }
    QVERIFY(linear.size() >= 3);
    const std::string kept = linear[0]->name;
    const std::string wider = linear[1]->name;
    const std::string after = linear[2]->name;
    linear[1]->settings.set("out_features", std::int64_t{48});
    QVERIFY(write_project(*project, path_of(project_)));

    QVERIFY(train("second", {"--epochs", "1", "--learning-rate", "1e-12", "--weights", at("first")}));
    const QString said = opening_of(at("second"));
    const int tensors = static_cast<int>(2 * linear.size());
    QVERIFY2(said.startsWith("Training starts from " + at("first/checkpoints/best.safetensors")), qPrintable(said));
    QVERIFY2(said.contains(QString(": %1 of %2 tensors were taken.").arg(tensors - 3).arg(tensors)), qPrintable(said));
    QVERIFY2(said.contains(QString::fromStdString(wider) + ".weight is ["), qPrintable(said));
    QVERIFY2(said.contains("in the file, and the network has [48, "), qPrintable(said));
    QVERIFY2(!said.contains("optimiser"), qPrintable(said));
    const auto first = read_safetensors(path_of(at("first/checkpoints/best.safetensors")));
    const auto second = read_safetensors(path_of(at("second/checkpoints/last.safetensors")));
    QVERIFY(first && second);
    for (const std::string& name : {kept + ".weight", kept + ".bias", after + ".bias"}) {
      const NamedTensor* from = find(*first, name);
      const NamedTensor* to = find(*second, name);
      QVERIFY(from && to && from->bytes.size() == to->bytes.size());
      for (std::size_t i = 0; i < from->bytes.size(); i += sizeof(float)) {
        float a = 0;
        float b = 0;
        std::memcpy(&a, from->bytes.data() + i, sizeof a);
        std::memcpy(&b, to->bytes.data() + i, sizeof b);
        QVERIFY(std::abs(a - b) < 1e-6F);
      }
    }
    QVERIFY(events_of(at("second"), "run").front()["parent"] == "");
  }

  void refuses_what_fits_nothing() {
    QVERIFY(run_engine({"new", "waves_forecast", "-o", at("waves.netwright")}).code == 0);
    QVERIFY(run_engine({"export", at("waves.netwright"), "--to", "safetensors", "-o", at("waves.safetensors")}).code ==
            0);
    const auto refused = run_engine({"train", project_, "--run", at("run"), "--weights", at("waves.safetensors")});
    QCOMPARE(refused.code, 1);
    QVERIFY2(refused.errors.contains("Nothing in") && refused.errors.contains("Not in the file: "),
             refused.errors.constData());
    QVERIFY(!QFile::exists(at("run")));
    const auto missing = run_engine({"train", project_, "--weights", at("nowhere.safetensors")});
    QVERIFY2(missing.errors.contains("There is no "), missing.errors.constData());
    const auto both = run_engine({"train", project_, "--weights", "a", "--from", "b"});
    QCOMPARE(both.code, 2);
  }

  void a_fork_goes_on_learning_by_its_own_recipe() {
    QVERIFY(train("first", {"--epochs", "30"}));
    const double before = events_of(at("first"), "epoch").back()["train"]["loss"];
    const std::int64_t steps = events_of(at("first"), "step").back()["step"];
    const QString last = at("first/checkpoints/last.safetensors");
    QVERIFY(train("fork", {"--epochs", "4", "--learning-rate", "0.002", "--from", last}));
    const QString said = opening_of(at("fork"));
    QVERIFY2(said.contains("The optimiser goes on from its state there, the schedule begins anew."), qPrintable(said));
    QCOMPARE(QString::fromStdString(events_of(at("fork"), "run").front()["parent"]), last);
    const Json step = events_of(at("fork"), "step").front();
    QCOMPARE(step["step"].get<int>(), 1);
    QCOMPARE(step["learning_rate"].get<double>(), 0.002);
    // It stands where the other one stood, not at the beginning.
    const double beginning = events_of(at("first"), "epoch").front()["train"]["loss"];
    const double forked = events_of(at("fork"), "epoch").front()["train"]["loss"];
    QVERIFY(std::abs(forked - before) < 0.3 * (beginning - before));
    const auto file = read_safetensors(path_of(at("fork/checkpoints/last.safetensors")));
    QVERIFY(file);
    std::int64_t made = 0;
    const NamedTensor* count = find(*file, "training/learner/step");
    QVERIFY(count);
    std::memcpy(&made, count->bytes.data(), sizeof made);
    QCOMPARE(made, steps + events_of(at("fork"), "step").back()["step"].get<std::int64_t>());
    // And is resumed like any other run.
    QVERIFY(train("cut", {"--epochs", "2", "--learning-rate", "0.002", "--from", last}));
    QCOMPARE(run_engine({"resume", at("cut"), "--epochs", "4"}).code, 0);
    const auto resumed = read_safetensors(path_of(at("cut/checkpoints/last.safetensors")));
    QVERIFY(resumed);
    for (const NamedTensor& tensor : file->tensors) {
      const NamedTensor* same = find(*resumed, tensor.name);
      QVERIFY2(same && same->bytes == tensor.bytes, tensor.name.c_str());
    }
  }

  void a_fork_with_another_optimiser_says_so() {
    QVERIFY(train("first", {"--epochs", "2"}));
    auto project = read_project(path_of(project_));
    QVERIFY(project);
    project->recipe.optimiser = "SGD";
    project->recipe.optimiser_settings = {{"lr", 0.01}, {"momentum", 0.9}};
    QVERIFY(write_project(*project, path_of(project_)));
    QVERIFY(train("fork", {"--epochs", "1", "--from", at("first")}));
    QVERIFY2(opening_of(at("fork")).contains("The optimiser starts afresh: "), qPrintable(opening_of(at("fork"))));
    QVERIFY(!opening_of(at("fork")).endsWith(".."));
  }

  void averages_begin_from_the_weights_and_are_evaluated() {
    auto project = read_project(path_of(project_));
    QVERIFY(project);
    project->recipe.settings.set("ema_decay", 0.9);
    QVERIFY(write_project(*project, path_of(project_)));
    QVERIFY(train("first", {"--epochs", "40"}));
    const Json done = events_of(at("first"), "done").front();
    const auto evaluated = run_engine({"evaluate", at("first"), "--json"});
    QVERIFY2(evaluated.code == 0, evaluated.errors.constData());
    const Json said = Json::parse(evaluated.output.toStdString());
    QVERIFY2(std::abs(said["accuracy"].get<double>() - done["test"]["accuracy"].get<double>()) < 1e-9,
             evaluated.output.constData());
    // An average that began at random would take tens of steps to be of any use.
    QVERIFY(train("second", {"--epochs", "1", "--learning-rate", "1e-9", "--weights", at("first")}));
    const double best = events_of(at("first"), "epoch").back()["held_out"]["loss"];
    const double started = events_of(at("second"), "epoch").front()["held_out"]["loss"];
    QVERIFY2(started < 3 * best + 0.05, qPrintable(QString("%1 and %2").arg(started).arg(best)));
  }

 private:
  QString at(const QString& name) const { return folder_->filePath(name); }
  bool train(const QString& run, const QStringList& more) {
    const auto trained = run_engine(QStringList{"train", project_, "--run", at(run)} + more);
    if (trained.code != 0) qWarning("%s", trained.errors.constData());
    return trained.code == 0;
  }

  std::unique_ptr<QTemporaryDir> folder_;
  QString project_;
};

QTEST_GUILESS_MAIN(TestTransfer)
#include "test_transfer.moc"
