#include <torch/torch.h>
//
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>
#include <chrono>
#include <thread>

#include "backend/analysis/analyse.h"
#include "backend/data/data_catalogue.h"
#include "backend/engine/checkpoint.h"
#include "backend/engine/threads.h"
#include "backend/engine/trainer.h"
#include "backend/interop/safetensors.h"
#include "tests/support/drawing.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

std::int64_t whole(int value) {
  return value;
}

// Nothing held back for validation: every count is the source's own.
const Settings judged_on_test = {{"validation_fraction", 0.0}};

/// Two classes of points in a plane, and a small perceptron.
Project points_project(const std::string& source = "circles", int hidden = 16) {
  Project project = empty_project();
  project.data = {
      source, {{"train_samples", whole(300)}, {"test_samples", whole(150)}, {"noise", 0.02}}, judged_on_test};
  project.recipe = {.task = "Classification",
                    .settings = {{"epochs", whole(3)}, {"batch_size", whole(32)}, {"seed", whole(7)}},
                    .optimiser = "Adam",
                    .optimiser_settings = {{"lr", 0.01}}};
  Drawing draw(project);
  draw.add("Input", "points", {{"shape", Integers{2}}});
  draw.add("Linear", "hidden1", {{"out_features", whole(hidden)}});
  draw.add("ReLU", "relu1");
  draw.add("Linear", "hidden2", {{"out_features", whole(hidden)}});
  draw.add("ReLU", "relu2");
  draw.add("Linear", "scores", {{"out_features", whole(2)}});
  return project;
}

/// Small colour pictures, and a network with everything whose order or chance could differ between runs.
Project pictures_project() {
  Project project = empty_project();
  project.data = {"shapes",
                  {{"train_samples", whole(200)},
                   {"test_samples", whole(100)},
                   {"size", whole(12)},
                   {"colour", true},
                   {"classes", whole(3)}},
                  judged_on_test};
  project.recipe.settings = {{"epochs", whole(2)}, {"batch_size", whole(24)}, {"seed", whole(7)}};
  Drawing draw(project);
  draw.add("Input", "image", {{"shape", Integers{3, 12, 12}}});
  draw.add("Conv2d", "conv1", {{"out_channels", whole(8)}, {"padding", std::string("same")}});
  draw.add("BatchNorm2d", "norm1");
  draw.add("ReLU", "relu1");
  draw.add("MaxPool2d", "pool1");
  draw.add("Conv2d", "conv2", {{"out_channels", whole(8)}});
  draw.add("ReLU", "relu2");
  draw.add("Flatten", "flatten1");
  draw.add("Dropout", "dropout1");
  draw.add("Linear", "scores", {{"out_features", whole(3)}});
  return project;
}

void end(Project& project) {
  Drawing(project).add("Output", "output1", {}, {project.networks.front().layers.back().id});
}

Project ended(Project project) {
  end(project);
  return project;
}

/// One run in a folder of its own.
struct Run {
  std::shared_ptr<QTemporaryDir> folder = std::make_shared<QTemporaryDir>();
  std::vector<Event> events;
  DoneEvent done;
  std::string refusal;

  template <class Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const Event& event : events) {
      if (const auto* kind = std::get_if<Kind>(&event)) found.push_back(*kind);
    }
    return found;
  }
  QString file(const char* name) const { return folder->filePath(name); }
  std::vector<NamedTensor> weights(const char* name = "checkpoints/last.safetensors") const {
    auto content = read_safetensors(path_of(file(name)));
    if (!content) qFatal("%s", content.error().message.c_str());
    return content->tensors;
  }
};

using Reaction = std::function<void(const Event&, CommandQueue&)>;

Run run_of(const Project& project, const Reaction& reaction = {}, std::int64_t limit = 0,
           CommandQueue* queue = nullptr) {
  Run run;
  CommandQueue own;
  CommandQueue& commands = queue ? *queue : own;
  const auto dataset = load(project.data);
  if (!dataset) qFatal("%s", dataset.error().message.c_str());
  auto trainer = Trainer::create(project, *dataset, {.network = "", .device = torch::kCPU, .limit_samples = limit});
  if (!trainer) {
    run.refusal = trainer.error().message;
    return run;
  }
  const auto sink = [&](const Event& event) {
    run.events.push_back(event);
    if (reaction) reaction(event, commands);
  };
  run.done = (*trainer)->run(path_of(run.folder->path()), sink, commands);
  return run;
}

/// What of an epoch doesn't depend on the clock.
std::vector<double> figures_of(const Run& run) {
  std::vector<double> figures;
  for (const EpochEvent& epoch : run.all<EpochEvent>()) {
    figures.push_back(static_cast<double>(epoch.step));
    for (const FigureValues& values : {epoch.train, epoch.held_out}) {
      for (const auto& [name, value] : values) figures.push_back(value);
    }
  }
  return figures;
}

bool same_tensors(const std::vector<NamedTensor>& a, const std::vector<NamedTensor>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const NamedTensor& x, const NamedTensor& y) {
    return x.name == y.name && x.dtype == y.dtype && x.sizes == y.sizes && x.bytes == y.bytes;
  });
}

torch::Tensor tensor_of(const std::vector<NamedTensor>& tensors, const std::string& name) {
  for (const NamedTensor& entry : tensors) {
    if (entry.name != name) continue;
    return torch::from_blob(const_cast<std::byte*>(entry.bytes.data()), entry.sizes, torch::kFloat32).clone();
  }
  qFatal("no tensor %s", name.c_str());
}

Command set_rate(double rate) {
  return {Command::Kind::Set, "learning_rate", rate};
}

}  // namespace

class TestTrainer : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { set_threads(2); }
  void learns_data();
  void learns();
  void tells_what_it_does();
  void one_seed_gives_one_curve();
  void test_figures_are_those_of_the_checkpoint();
  void probabilities_train_as_logits_do();
  void penalties_follow_their_formulas();
  void limits_samples();
  void judges_on_validation_and_tests_once();
  void stops_when_patience_is_over();
  void stops_within_an_epoch();
  void short_epochs_move_the_curve();
  void pauses_without_counting_the_time();
  void obeys_while_paused();
  void sets_the_learning_rate();
  void keeps_checkpoints_and_samples_when_asked();
  void looks_into_layers();
  void measures_classes();
  void warns_of_lines_that_are_no_commands();
  void names_the_layer_where_numbers_end_data();
  void names_the_layer_where_numbers_end();
  void keeps_good_weights_when_diverging();
  void refuses_what_does_not_fit_data();
  void refuses_what_does_not_fit();
};

void TestTrainer::learns_data() {
  QTest::addColumn<QString>("source");
  QTest::addColumn<int>("epochs");
  QTest::newRow("circles") << "circles" << 12;
  QTest::newRow("two spirals") << "two-spirals" << 60;
}

void TestTrainer::learns() {
  QFETCH(QString, source);
  QFETCH(int, epochs);
  Project project = ended(points_project(source.toStdString(), 32));
  project.recipe.settings.set("epochs", whole(epochs));
  project.recipe.settings.set("batch_size", whole(16));
  const Run run = run_of(project);
  QCOMPARE(run.done.reason, "finished");
  // Chance is 0.5; a right training reaches 0.99.
  QVERIFY2(run.done.best > 0.9, qPrintable(QString::number(run.done.best)));
}

void TestTrainer::tells_what_it_does() {
  const Run run = run_of(ended(points_project()));
  const auto* begin = std::get_if<RunEvent>(&run.events.front());
  QVERIFY(begin && std::holds_alternative<DoneEvent>(run.events.back()));
  QCOMPARE(begin->task, "Classification");
  QCOMPARE(begin->device, "cpu");
  QCOMPARE(begin->epochs, 3);
  QCOMPARE(begin->steps_per_epoch, 10);
  QCOMPARE(begin->train_samples, 300);
  QCOMPARE(begin->validation_samples, 0);
  QCOMPARE(begin->test_samples, 150);
  QCOMPARE(begin->main_figure, "accuracy");
  QCOMPARE(begin->data.size(), 16);
  QCOMPARE(begin->parameters, 2 * 16 + 16 + 16 * 16 + 16 + 16 * 2 + 2);
  QCOMPARE(begin->classes, (std::vector<std::string>{"inner", "outer"}));
  QVERIFY(!begin->environment.at("libtorch").empty());

  // What a step takes was predicted, to a few per cent; LibTorch rounds, and keeps a little for convolution.
  const auto memories = run.all<MemoryEvent>();
  QCOMPARE(memories.size(), 1);
  const auto measured = static_cast<double>(memories.front().peak_bytes);
  const auto predicted = static_cast<double>(memories.front().predicted_bytes);
  QVERIFY2(std::abs(measured - predicted) < 0.2 * measured,
           qPrintable(QString("%1, not %2").arg(measured).arg(predicted)));

  const auto epochs = run.all<EpochEvent>();
  const auto confusions = run.all<ConfusionEvent>();
  QCOMPARE(epochs.size(), 3);
  QCOMPARE(confusions.size(), 3);
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    QCOMPARE(epochs[i].epoch, static_cast<int>(i) + 1);
    QCOMPARE(epochs[i].step, static_cast<std::int64_t>(i + 1) * 10);
    const auto& counts = confusions[i].counts;
    QCOMPARE(counts[0][0] + counts[0][1], 75);
    QCOMPARE(counts[1][0] + counts[1][1], 75);
    QCOMPARE(static_cast<double>(counts[0][0] + counts[1][1]) / 150, epochs[i].held_out.at("accuracy"));
  }
  const auto steps = run.all<StepEvent>();
  QVERIFY(!steps.empty());
  QCOMPARE(steps.front().step, 1);
  QCOMPARE(steps.front().epoch, 0.1);
  QCOMPARE(steps.front().learning_rate, 0.01);
  QCOMPARE(run.done.epochs, 3);
  QCOMPARE(run.done.test, epochs.at(static_cast<std::size_t>(run.done.best_epoch - 1)).held_out);

  int last = 0;
  for (const CheckpointEvent& checkpoint : run.all<CheckpointEvent>()) {
    QVERIFY(QFileInfo::exists(run.file(checkpoint.file.c_str())));
    QCOMPARE(checkpoint.is_best, checkpoint.file == "checkpoints/best.safetensors");
    last += checkpoint.is_best ? 0 : 1;
  }
  QCOMPARE(last, 3);
}

void TestTrainer::one_seed_gives_one_curve() {
  Project project = ended(pictures_project());
  const Run first = run_of(project);
  const Run again = run_of(project);
  QCOMPARE(figures_of(first).size(), 18);
  QCOMPARE(figures_of(again), figures_of(first));
  QVERIFY(same_tensors(first.weights(), again.weights()));
  project.recipe.settings.set("seed", whole(8));
  const Run other = run_of(project);
  QVERIFY(figures_of(other) != figures_of(first));
  QVERIFY(!same_tensors(first.weights(), other.weights()));
}

void TestTrainer::test_figures_are_those_of_the_checkpoint() {
  const Project project = ended(pictures_project());
  const Run run = run_of(project);
  const auto dataset = load(project.data);
  const Report report = analyse(project);
  auto module = *GraphModule::build(project.networks.front(), report.networks.front());
  const auto loaded = load_weights(path_of(run.file("checkpoints/best.safetensors")), *module);
  QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
  module->eval();

  // Sample by sample, without batches, threads or memory formats.
  const Split& test = dataset->test;
  const Normalisation& normalisation = dataset->normalisation;
  const torch::NoGradGuard no_grad;
  double loss = 0;
  int correct = 0;
  for (std::int64_t i = 0; i < test.inputs.count(); ++i) {
    torch::Tensor image = torch::empty({1, 3, 12, 12});
    for (std::int64_t k = 0; k < 3 * 144; ++k) {
      const auto c = std::min(static_cast<std::size_t>(k / 144), normalisation.mean.size() - 1);
      const auto value = static_cast<float>(test.inputs.as<std::uint8_t>()[i * 3 * 144 + k]);
      image.data_ptr<float>()[k] = (value * normalisation.scale - normalisation.mean[c]) / normalisation.deviation[c];
    }
    const torch::Tensor logits = module->forward(image);
    const std::int64_t target = test.targets.as<std::int64_t>()[i];
    loss -= torch::log_softmax(logits, 1)[0][target].item<double>();
    correct += logits.argmax(1).item<std::int64_t>() == target ? 1 : 0;
  }
  QCOMPARE(static_cast<int>(std::lround(run.done.test.at("accuracy") * 100)), correct);
  QVERIFY(std::abs(run.done.test.at("loss") - loss / 100) < 1e-4 * (1 + loss / 100));
}

void TestTrainer::probabilities_train_as_logits_do() {
  Project with_softmax = points_project();
  Drawing(with_softmax)
      .add("Softmax", "softmax1", {{"dim", whole(1)}}, {with_softmax.networks.front().layers.back().id});
  end(with_softmax);
  const std::vector<double> expected = figures_of(run_of(ended(points_project())));
  const std::vector<double> actual = figures_of(run_of(with_softmax));
  QCOMPARE(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) QVERIFY(std::abs(actual[i] - expected[i]) < 1e-2);
}

void TestTrainer::penalties_follow_their_formulas() {
  constexpr double rate = 0.1;
  constexpr double lambda = 0.03;
  // One step on all samples.
  Project project = ended(points_project());
  project.recipe.settings.set("epochs", whole(1));
  project.recipe.settings.set("batch_size", whole(300));
  project.recipe.optimiser = "SGD";
  project.recipe.optimiser_settings = {{"lr", rate}};
  const auto step = [&](const char* penalty, double strength) {
    Project changed = project;
    changed.recipe.settings.set(penalty, strength);
    return tensor_of(run_of(changed).weights(), "hidden2.weight");
  };
  const torch::Tensor plain = step("l1", 0);
  torch::manual_seed(7);
  const Report report = analyse(project);
  const auto module = *GraphModule::build(project.networks.front(), report.networks.front());
  const torch::Tensor initial = module->named_parameters()["hidden2.weight"].detach();
  QVERIFY(!torch::allclose(plain, initial, 1e-3, 1e-5));
  QVERIFY(torch::allclose(step("l1", lambda), plain - rate * lambda * initial.sign(), 1e-5, 1e-6));
  QVERIFY(torch::allclose(step("l2", lambda), plain - rate * 2 * lambda * initial, 1e-5, 1e-6));

  // PyTorch's weight_decay of 2λ has the same gradient.
  const torch::Tensor with_l2 = step("l2", lambda);
  project.recipe.optimiser_settings.set("weight_decay", 2 * lambda);
  QVERIFY(torch::allclose(step("l2", 0), with_l2, 1e-5, 1e-6));
}

void TestTrainer::limits_samples() {
  const Run run = run_of(ended(points_project()), {}, 50);
  QCOMPARE(run.all<RunEvent>().front().train_samples, 50);
  QCOMPARE(run.all<RunEvent>().front().test_samples, 50);
  QCOMPARE(run.all<EpochEvent>().back().step, 3 * 2);
}

void TestTrainer::judges_on_validation_and_tests_once() {
  Project project = ended(points_project());
  project.data.preparation.set("validation_fraction", 0.2);
  // A rate at which some epoch but the last one is the best.
  project.recipe.optimiser_settings.set("lr", 0.3);
  project.recipe.settings.set("epochs", whole(8));
  const Run run = run_of(project);
  const RunEvent begin = run.all<RunEvent>().front();
  QCOMPARE(begin.train_samples, 240);
  QCOMPARE(begin.validation_samples, 60);
  QCOMPARE(begin.test_samples, 150);
  double best = 0;
  int best_epoch = 0;
  for (const EpochEvent& epoch : run.all<EpochEvent>()) {
    if (epoch.held_out.at("accuracy") <= best) continue;
    best = epoch.held_out.at("accuracy");
    best_epoch = epoch.epoch;
  }
  QCOMPARE(run.done.best, best);
  QCOMPARE(run.done.best_epoch, best_epoch);

  // The test split saw the best weights, not the last ones.
  const auto dataset = load(project.data);
  const Report report = analyse(project);
  auto module = *GraphModule::build(project.networks.front(), report.networks.front());
  QVERIFY(load_weights(path_of(run.file("checkpoints/best.safetensors")), *module));
  module->eval();
  auto batches = BatchProducer::create(dataset->test, *dataset, {.batch_size = 150, .shuffle = false});
  (*batches)->begin(1);
  const auto batch = (*batches)->next();
  const torch::NoGradGuard no_grad;
  const auto right = module->forward(batch->inputs).argmax(1).eq(batch->targets).sum().item<std::int64_t>();
  QCOMPARE(run.done.test.at("accuracy"), static_cast<double>(right) / 150);
}

void TestTrainer::stops_when_patience_is_over() {
  Project project = ended(points_project());
  project.recipe.settings.set("epochs", whole(50));
  project.recipe.settings.set("patience", whole(3));
  project.recipe.optimiser_settings.set("lr", 0.0);
  const Run run = run_of(project);
  // Nothing is learned: the first epoch stays the best.
  QCOMPARE(run.done.reason, "finished");
  QCOMPARE(run.done.best_epoch, 1);
  QCOMPARE(run.done.epochs, 4);
}

void TestTrainer::stops_within_an_epoch() {
  const Run run = run_of(ended(points_project()), [](const Event& event, CommandQueue& commands) {
    if (std::holds_alternative<StepEvent>(event)) commands.push(Command{Command::Kind::Stop});
  });
  QCOMPARE(run.done.reason, "stopped");
  QCOMPARE(run.done.epochs, 0);
  QVERIFY(run.done.test.empty());
  QVERIFY(std::isnan(run.done.best));
  const auto commands = run.all<CommandEvent>();
  QCOMPARE(commands.size(), 1);
  QCOMPARE(commands[0].command.kind, Command::Kind::Stop);
  QCOMPARE(commands[0].step, 1);
  QCOMPARE(run.all<CheckpointEvent>().size(), 1);
  QVERIFY(!run.weights().empty());
}

void TestTrainer::short_epochs_move_the_curve() {
  Project project = ended(points_project());
  project.recipe.settings.set("epochs", whole(100000));
  const Run run = run_of(project, [](const Event& event, CommandQueue& commands) {
    const auto* epoch = std::get_if<EpochEvent>(&event);
    if (epoch && epoch->elapsed > 0.5) commands.push(Command{.kind = Command::Kind::Stop});
  });
  // Half a second holds many epochs here, and ten times the interval of step events.
  QVERIFY(run.all<EpochEvent>().size() > 1);
  QVERIFY(run.all<StepEvent>().back().step > run.all<EpochEvent>().front().step);
}

void TestTrainer::pauses_without_counting_the_time() {
  const Project project = ended(points_project());
  constexpr auto pause = std::chrono::milliseconds(200);
  std::thread later;
  const auto start = std::chrono::steady_clock::now();
  const Run run = run_of(project, [&](const Event& event, CommandQueue& commands) {
    const auto* epoch = std::get_if<EpochEvent>(&event);
    if (epoch && epoch->epoch == 1) commands.push(Command{Command::Kind::Pause});
    const auto* command = std::get_if<CommandEvent>(&event);
    if (!command || command->command.kind != Command::Kind::Pause) return;
    later = std::thread([&commands, pause] {
      std::this_thread::sleep_for(pause);
      commands.push(Command{Command::Kind::Resume});
    });
  });
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  later.join();
  QCOMPARE(run.done.reason, "finished");
  QVERIFY(run.done.elapsed <= wall.count() - 0.19);
  const auto commands = run.all<CommandEvent>();
  QCOMPARE(commands.size(), 2);
  QCOMPARE(commands[1].command.kind, Command::Kind::Resume);
  QCOMPARE(commands[1].step, commands[0].step);
  QCOMPARE(figures_of(run), figures_of(run_of(project)));
}

void TestTrainer::obeys_while_paused() {
  CommandQueue commands;
  for (const Command& command : {Command{Command::Kind::Pause}, Command{Command::Kind::Pause}, set_rate(0.5),
                                 Command{Command::Kind::Checkpoint}, Command{Command::Kind::Stop}}) {
    commands.push(command);
  }
  const Run run = run_of(ended(points_project()), {}, 0, &commands);
  QCOMPARE(run.done.reason, "stopped");
  // The second pause changes nothing, so it isn't on the record.
  QCOMPARE(run.all<CommandEvent>().size(), 4);
  QCOMPARE(run.all<CheckpointEvent>().size(), 2);
  QCOMPARE(run.all<StepEvent>().size(), 0);
}

void TestTrainer::sets_the_learning_rate() {
  const Run run = run_of(ended(points_project()), [](const Event& event, CommandQueue& commands) {
    const auto* epoch = std::get_if<EpochEvent>(&event);
    if (epoch && epoch->epoch == 1) commands.push(set_rate(0));
  });
  const auto epochs = run.all<EpochEvent>();
  QVERIFY(epochs[0].train != epochs[1].train);
  QCOMPARE(epochs[1].held_out, epochs[0].held_out);
  QCOMPARE(epochs[2].held_out, epochs[0].held_out);
  const auto commands = run.all<CommandEvent>();
  QCOMPARE(commands.size(), 1);
  QCOMPARE(commands[0].step, 10);
  QCOMPARE(commands[0].command.value, 0.0);
}

void TestTrainer::keeps_checkpoints_and_samples_when_asked() {
  bool is_asked = false;
  const Run run = run_of(ended(points_project()), [&](const Event& event, CommandQueue& commands) {
    const auto* step = std::get_if<StepEvent>(&event);
    if (!step || step->step != 15 || std::exchange(is_asked, true)) return;
    commands.push(Command{Command::Kind::Checkpoint});
    commands.push(Command{Command::Kind::Sample});
    commands.push(Command{Command::Kind::Set, "discriminator_steps", 2});
  });
  QCOMPARE(run.done.reason, std::string("finished"));
  const QString kept = run.file("checkpoints/step-15.safetensors");
  QVERIFY(QFileInfo::exists(kept));
  const std::vector<CheckpointEvent> told = run.all<CheckpointEvent>();
  QVERIFY(std::any_of(told.begin(), told.end(), [](const CheckpointEvent& event) {
    return event.file == "checkpoints/step-15.safetensors" && event.step == 15;
  }));
  // What this run doesn't have is said, and isn't marked as done.
  const std::vector<MessageEvent> messages = run.all<MessageEvent>();
  QVERIFY(std::any_of(messages.begin(), messages.end(), [](const MessageEvent& message) {
    return message.text.find("discriminator_steps") != std::string::npos;
  }));
  QCOMPARE(run.all<CommandEvent>().size(), 2);
}

void TestTrainer::looks_into_layers() {
  const Run run = run_of(ended(points_project()));
  const std::vector<LayersEvent> layers = run.all<LayersEvent>();
  QCOMPARE(layers.size(), 2);  // 30 steps: 5, 20
  QCOMPARE(layers.at(0).step, 5);
  QCOMPARE(layers.at(1).step, 20);
  QCOMPARE(layers.at(1).layers.size(), 5);
  QCOMPARE(layers.at(1).layers.at(1).layer, std::string("relu1"));
  QVERIFY(layers.at(1).layers.at(0).values.at("update_ratio") > 0);
}

void TestTrainer::measures_classes() {
  const Run run = run_of(ended(points_project()));
  const EpochEvent last = run.all<EpochEvent>().back();
  const FigureValues& held_out = last.held_out;
  for (const char* name : {"precision", "recall", "f1", "auc"}) {
    QVERIFY2(held_out.contains(name) && held_out.at(name) > 0 && held_out.at(name) <= 1, name);
  }
  const RunEvent announced = run.all<RunEvent>().front();
  QVERIFY(std::all_of(announced.figures.begin(), announced.figures.end(),
                      [&](const FigureSpec& figure) { return held_out.contains(figure.name); }));
  QVERIFY(!held_out.contains("top_5"));  // there are two classes
}

void TestTrainer::warns_of_lines_that_are_no_commands() {
  CommandQueue commands;
  commands.push(RefusedLine{"no such command: \"fly\""});
  const Run run = run_of(ended(points_project()), {}, 0, &commands);
  QCOMPARE(run.done.reason, "finished");
  const auto messages = run.all<MessageEvent>();
  QCOMPARE(messages.size(), 1);
  QCOMPARE(messages[0].severity, "warning");
  QVERIFY(messages[0].text.find("fly") != std::string::npos);
}

void TestTrainer::names_the_layer_where_numbers_end_data() {
  QTest::addColumn<double>("rate");
  QTest::addColumn<QString>("layer");
  // Weights of about 1e25 after one step: their product overflows in the second layer that has any.
  QTest::newRow("overflow further down") << 1e25 << "hidden2";
  // The weights themselves are beyond float32's range.
  QTest::newRow("overflow at once") << 1e60 << "hidden1";
}

void TestTrainer::names_the_layer_where_numbers_end() {
  QFETCH(double, rate);
  QFETCH(QString, layer);
  Project project = ended(points_project());
  project.recipe.optimiser = "SGD";
  project.recipe.optimiser_settings = {};
  CommandQueue commands;
  commands.push(set_rate(rate));
  const Run run = run_of(project, {}, 0, &commands);
  QCOMPARE(run.done.reason, "diverged");
  const auto messages = run.all<MessageEvent>();
  QCOMPARE(messages.size(), 1);
  QCOMPARE(messages[0].severity, "error");
  QVERIFY2(messages[0].text.find(layer.toStdString()) != std::string::npos, messages[0].text.c_str());
  QVERIFY(messages[0].text.find("lower learning rate") != std::string::npos);
  QCOMPARE(run.done.message, messages[0].text);
  QVERIFY(run.all<CheckpointEvent>().empty());
}

void TestTrainer::keeps_good_weights_when_diverging() {
  Project project = ended(points_project());
  project.recipe.optimiser = "SGD";
  project.recipe.optimiser_settings = {};
  const Run run = run_of(project, [&](const Event& event, CommandQueue& commands) {
    const auto* epoch = std::get_if<EpochEvent>(&event);
    if (epoch && epoch->epoch == 2) commands.push(set_rate(1e30));
  });
  QCOMPARE(run.done.reason, "diverged");
  QCOMPARE(run.done.epochs, 2);
  for (const char* name : {"checkpoints/last.safetensors", "checkpoints/best.safetensors"}) {
    const auto weights = run.weights(name);
    QVERIFY(tensor_of(weights, "hidden1.weight").isfinite().all().item<bool>());
    QVERIFY(tensor_of(weights, "scores.weight").isfinite().all().item<bool>());
  }
  // The run without the command has the same weights after two epochs.
  project.recipe.settings.set("epochs", whole(2));
  QVERIFY(
      torch::equal(tensor_of(run.weights(), "hidden2.weight"), tensor_of(run_of(project).weights(), "hidden2.weight")));
}

void TestTrainer::refuses_what_does_not_fit_data() {
  QTest::addColumn<QString>("change");
  QTest::addColumn<QString>("words");
  QTest::newRow("input") << "input"
                         << "samples are 2";
  QTest::newRow("output") << "output"
                          << "needs 2 scores";
  QTest::newRow("task") << "task"
                        << "Telepathy";
  QTest::newRow("batch size") << "batch"
                              << "batch_size";
  QTest::newRow("optimiser") << "optimiser"
                             << "Lion";
}

void TestTrainer::refuses_what_does_not_fit() {
  QFETCH(QString, change);
  QFETCH(QString, words);
  Project project = ended(points_project());
  Network& network = project.networks.front();
  if (change == "input") network.find(Drawing(project).id("points"))->settings.set("shape", Integers{3});
  if (change == "output") network.find(Drawing(project).id("scores"))->settings.set("out_features", whole(1));
  if (change == "task") project.recipe.task = "Telepathy";
  if (change == "batch") project.recipe.settings.set("batch_size", whole(0));
  if (change == "optimiser") project.recipe.optimiser = "Lion";
  const Run run = run_of(project);
  QVERIFY2(run.refusal.find(words.toStdString()) != std::string::npos, run.refusal.c_str());
}

QTEST_GUILESS_MAIN(TestTrainer)
#include "test_trainer.moc"
