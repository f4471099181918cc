#include <torch/torch.h>
//
#include <QTemporaryDir>
#include <QTest>

#include "backend/analysis/analyse.h"
#include "backend/engine/checkpoint.h"
#include "backend/interop/weights_import.h"
#include "tests/support/drawing.h"

using namespace netwright;

namespace {

/// Input (1×6×6) -> conv1 -> bn1 -> ReLU -> Flatten -> fc1 (`width`) -> Output.
Project drawn(std::int64_t width = 3, const std::string& name = "network") {
  Project project = empty_project();
  project.networks.front().name = name;
  Drawing draw(project);
  draw.add("Input", "image", {{"shape", Integers{1, 6, 6}}});
  draw.add("Conv2d", "conv1", {{"out_channels", std::int64_t{2}}, {"kernel_size", Integers{3, 3}}});
  draw.add("BatchNorm2d", "bn1");
  draw.add("ReLU", "relu1");
  draw.add("Flatten", "flatten1");
  draw.add("Linear", "fc1", {{"out_features", width}});
  draw.add("Output", "output");
  return project;
}

std::unique_ptr<Learner> learner_of(const Project& project, const Recipe& recipe) {
  auto module = GraphModule::build(project.networks.front(), analyse(project).networks.front());
  if (!module) throw std::runtime_error(module.error().message);
  auto learner =
      Learner::create(*module, {recipe, {recipe.optimiser, recipe.optimiser_settings}, {10, 2}}, torch::kCPU);
  if (!learner) throw std::runtime_error(learner.error().message);
  return std::move(*learner);
}

Recipe with_optimiser(const char* type) {
  Recipe recipe;
  recipe.optimiser = type;
  return recipe;
}

Recipe averaging() {
  Recipe recipe;
  recipe.settings.set("ema_decay", 0.5);
  return recipe;
}

void train(Learner& learner, int steps) {
  learner.module().train();
  for (int i = 0; i < steps; ++i) {
    learner.begin();
    const torch::Tensor loss = learner.module().forward(torch::randn({4, 1, 6, 6})).pow(2).mean();
    learner.share_of(loss).backward();
    learner.finish(loss.detach());
  }
}

NamedTensors copies_of(NamedTensors tensors) {
  for (auto& [name, tensor] : tensors) tensor = tensor.clone();
  return tensors;
}

bool equal(const NamedTensors& a, const NamedTensors& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && torch::equal(x.second, y.second);
  });
}

}  // namespace

class TestCheckpoint : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { torch::set_num_threads(1); }
  void init() {
    torch::manual_seed(7);
    QVERIFY(folder_.isValid());
  }

  void training_goes_on_as_if_never_stopped_data() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"adam", "sgd", "average"}) QTest::newRow(kind) << kind;
  }
  void training_goes_on_as_if_never_stopped() {
    QFETCH(QString, kind);
    const Recipe recipe = kind == "average" ? averaging() : with_optimiser(kind == "sgd" ? "SGD" : "Adam");
    const auto saved = learner_of(drawn(), recipe);
    train(*saved, 3);
    TrainingState state = {.progress = R"({"epoch":3,"note":"ü"})", .random = random_states(torch::kCPU)};
    state.random.emplace_back("own", torch::arange(9));
    const auto written = save_checkpoint(path("a/b/c.safetensors"), {{"", *saved}}, state);
    QVERIFY2(written, written ? "" : written.error().message.c_str());
    train(*saved, 2);

    torch::manual_seed(99);
    const auto loaded = learner_of(drawn(), recipe);
    const auto back = load_checkpoint(path("a/b/c.safetensors"), {{"", *loaded}});
    QVERIFY2(back, back ? "" : back.error().message.c_str());
    QCOMPARE(back->progress, state.progress);
    QVERIFY(equal(back->random, state.random));
    restore_random_states(back->random, torch::kCPU);
    train(*loaded, 2);
    QVERIFY(equal(saved->module().named_state(), loaded->module().named_state()));
    QVERIFY(equal(saved->state(), loaded->state()));
  }

  void weights_are_those_to_use() {
    const auto saved = learner_of(drawn(), averaging());
    train(*saved, 3);
    const NamedTensors own = copies_of(saved->module().named_state());
    QVERIFY(save_checkpoint(path("average.safetensors"), {{"", *saved}}, {}));
    QVERIFY(equal(saved->module().named_state(), own));
    NamedTensors average;
    {
      const Learner::Averaged averaged(*saved);
      average = copies_of(saved->module().named_state());
    }
    QVERIFY(!equal(average, own));
    const auto used = learner_of(drawn(), {});
    const auto loaded = load_weights(path("average.safetensors"), used->module());
    QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
    QVERIFY(equal(used->module().named_state(), average));
  }

  void networks_are_told_apart() {
    // Of these names one begins with the other, and one is what older files called something else.
    const Project first = drawn(3, "generator");
    const Project second = drawn(5, "generator_2");
    const auto a = learner_of(first, with_optimiser("SGD"));
    const auto b = learner_of(second, averaging());
    train(*a, 1);
    train(*b, 2);
    const std::filesystem::path file = path("two.safetensors");
    QVERIFY(save_checkpoint(file, {{"generator", *a}, {"generator_2", *b}}, {.random = random_states(torch::kCPU)}));

    const auto a_back = learner_of(first, with_optimiser("SGD"));
    const auto b_back = learner_of(second, averaging());
    const auto loaded = load_checkpoint(file, {{"generator", *a_back}, {"generator_2", *b_back}});
    QVERIFY2(loaded, loaded ? "" : loaded.error().message.c_str());
    for (const auto& [from, to] : {std::pair(&a, &a_back), std::pair(&b, &b_back)}) {
      QVERIFY(equal((*from)->module().named_state(), (*to)->module().named_state()));
      QVERIFY(equal((*from)->state(), (*to)->state()));
    }

    const auto alone = learner_of(first, {});
    const auto one = load_weights(file, alone->module(), "generator");
    QVERIFY2(one, one ? "" : one.error().message.c_str());
    QVERIFY(equal(alone->module().named_state(), a->module().named_state()));

    for (const auto& [name, expected] : {std::pair("", "generator_2"), std::pair("other", "“other”"),
                                         std::pair("generator_2", "generator_2.fc1.weight is F32 [5, 32]")}) {
      const auto refused = load_weights(file, alone->module(), name);
      QVERIFY(!refused);
      QVERIFY2(refused.error().message.find(expected) != std::string::npos, refused.error().message.c_str());
    }

    auto content = read_safetensors(file);
    QVERIFY(content);
    const MatchedWeights matched =
        match_weights(first.networks.front(), analyse(first).networks.front(), std::move(*content));
    QVERIFY(matched.is_complete());
    QVERIFY(matched.complaints().empty());
    QCOMPARE(matched.weights.size(), matched.expected);
  }

  void the_second_refusing_leaves_the_first_as_it_was() {
    const auto a = learner_of(drawn(), {});
    const auto b = learner_of(drawn(), with_optimiser("SGD"));
    train(*a, 1);
    QVERIFY(save_checkpoint(path("pair.safetensors"), {{"a", *a}, {"b", *b}}, {}));
    const auto first = learner_of(drawn(), {});
    const auto second = learner_of(drawn(), with_optimiser("RMSprop"));
    train(*first, 2);
    const NamedTensors weights = copies_of(first->module().named_state());
    const NamedTensors state = copies_of(first->state());
    const auto refused = load_checkpoint(path("pair.safetensors"), {{"a", *first}, {"b", *second}});
    QVERIFY(!refused);
    QVERIFY2(refused.error().message.find("square_avg") != std::string::npos, refused.error().message.c_str());
    QVERIFY(equal(first->module().named_state(), weights));
    QVERIFY(equal(first->state(), state));
  }

  void a_file_of_one_network_is_anyones() {
    const auto saved = learner_of(drawn(), {});
    QVERIFY(save_weights(path("plain.safetensors"), saved->module()));
    torch::manual_seed(1);
    const auto loaded = learner_of(drawn(), {});
    QVERIFY(!equal(saved->module().named_state(), loaded->module().named_state()));
    QVERIFY(load_weights(path("plain.safetensors"), loaded->module(), "generator"));
    QVERIFY(equal(saved->module().named_state(), loaded->module().named_state()));
    // Weights alone are no place to go on from.
    const auto refused = load_checkpoint(path("plain.safetensors"), {{"", *loaded}});
    QVERIFY(!refused);
    QVERIFY2(refused.error().message.find("weights alone") != std::string::npos, refused.error().message.c_str());
  }

  void what_does_not_fit_is_refused_data() {
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("expected");
    QTest::newRow("a name missing") << "missing"
                                    << "conv1.weight";
    QTest::newRow("a name too many") << "extra"
                                     << "fc9.weight";
    QTest::newRow("another shape") << "shape"
                                   << "fc1.bias";
    QTest::newRow("another type") << "type"
                                  << "fc1.bias";
    QTest::newRow("a type that isn't known") << "unknown"
                                             << "training/random/cpu";
    QTest::newRow("another optimiser") << "optimiser"
                                       << "exp_avg";
    QTest::newRow("an average nobody keeps") << "average"
                                             << "ema";
    QTest::newRow("cut short") << "cut"
                               << "weights.safetensors";
    QTest::newRow("not there") << "gone"
                               << "weights.safetensors";
  }
  void what_does_not_fit_is_refused() {
    QFETCH(QString, change);
    QFETCH(QString, expected);
    const auto saved = learner_of(drawn(), change == "optimiser" ? with_optimiser("SGD")
                                           : change == "average" ? averaging()
                                                                 : Recipe());
    const std::filesystem::path file = path("weights.safetensors");
    QVERIFY(save_checkpoint(file, {{"", *saved}}, {.random = random_states(torch::kCPU)}));
    auto content = read_safetensors(file);
    QVERIFY(content);
    for (NamedTensor& entry : content->tensors) {
      if (change == "missing" && entry.name == "conv1.weight") entry.name = "training/conv1.weight";
      if (change == "unknown" && entry.name == "training/random/cpu") entry.dtype = "I8";
      if (entry.name != "fc1.bias") continue;
      if (change == "shape") entry.sizes = {1, 3};
      if (change == "type") entry.dtype = "I32";
    }
    if (change == "extra") content->tensors.push_back({"fc9.weight", "F32", {1}, std::vector<std::byte>(4)});
    QVERIFY(write_safetensors(file, *content));
    if (change == "cut") std::filesystem::resize_file(file, 100);
    if (change == "gone") QVERIFY(std::filesystem::remove(file));

    const auto learner = learner_of(drawn(), {});
    train(*learner, 2);
    const NamedTensors weights = copies_of(learner->module().named_state());
    const NamedTensors state = copies_of(learner->state());
    const auto loaded = load_checkpoint(file, {{"", *learner}});
    QVERIFY(!loaded);
    QVERIFY2(loaded.error().message.find(expected.toStdString()) != std::string::npos, loaded.error().message.c_str());
    QVERIFY(equal(learner->module().named_state(), weights));
    QVERIFY(equal(learner->state(), state));
  }

  void checkpoints_of_older_runs_give_their_weights() {
    const auto saved = learner_of(drawn(), {});
    TensorFile file = {.tensors = weights_of(saved->module()), .metadata = {}};
    file.tensors.push_back({"optimiser.exp_avg", "F32", {1}, std::vector<std::byte>(4)});
    file.tensors.push_back({"generator.cpu", "U8", {4}, std::vector<std::byte>(4)});
    QVERIFY(write_safetensors(path("old.safetensors"), file));
    torch::manual_seed(1);
    const auto loaded = learner_of(drawn(), {});
    QVERIFY(load_weights(path("old.safetensors"), loaded->module()));
    QVERIFY(equal(saved->module().named_state(), loaded->module().named_state()));
  }

 private:
  std::filesystem::path path(const char* name) const { return folder_.filePath(name).toStdString(); }

  QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestCheckpoint)
#include "test_checkpoint.moc"
