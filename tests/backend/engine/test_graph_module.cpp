#include <torch/torch.h>
//
#include <sys/resource.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <limits>
#include <map>
#include <set>

#include "backend/analysis/analyse.h"
#include "backend/engine/checkpoint.h"
#include "backend/engine/device.h"
#include "backend/engine/graph_module.h"
#include "backend/graph/blocks.h"
#include "backend/graph/flatten.h"
#include "tests/support/drawing.h"
#include "tests/support/python_torch.h"

using namespace netwright;

namespace {

using Built = Result<std::shared_ptr<GraphModule>>;

Built built(const Project& project) {
  return GraphModule::build(project.networks.front(), analyse(project).networks.front());
}

std::shared_ptr<GraphModule> module_of(const Project& project) {
  Built module = built(project);
  if (!module) throw std::runtime_error(module.error().message);
  return *module;
}

std::string complaint_of(const Built& module) {
  return module ? std::string() : module.error().message;
}

/// The network that parity_oracle.py writes by hand.
Project branching() {
  Project project = empty_project();
  Drawing draw(project);
  draw.add("Input", "image", {{"shape", Integers{3, 9, 10}}});
  draw.add("Conv2d", "conv1",
           {{"out_channels", std::int64_t{8}},
            {"kernel_size", Integers{3, 5}},
            {"padding", std::string("same")},
            {"padding_mode", std::string("reflect")},
            {"bias", false}});
  draw.add("BatchNorm2d", "bn1");
  const LayerId stem = draw.add("ReLU", "relu1");
  draw.add("Conv2d", "conv2",
           {{"out_channels", std::int64_t{8}},
            {"padding", Integers{1, 1}},
            {"groups", std::int64_t{2}},
            {"padding_mode", std::string("circular")}});
  const LayerId branch = draw.add("LeakyReLU", "leaky", {{"negative_slope", 0.2}});
  const LayerId joined = draw.add("Add", "add1", {}, {stem, branch, stem});
  const Settings pool = {{"kernel_size", Integers{3, 3}}, {"stride", Integers{2, 2}}, {"padding", Integers{1, 1}}};
  Settings avg = pool;
  avg.set("count_include_pad", false);
  const LayerId largest = draw.add("MaxPool2d", "max_pool", pool, {joined});
  const LayerId average = draw.add("AvgPool2d", "avg_pool", avg, {branch});
  draw.add("Concat", "concat1", {}, {largest, average});
  draw.add("Conv2d", "conv3",
           {{"out_channels", std::int64_t{6}},
            {"kernel_size", Integers{4, 3}},
            {"padding", std::string("same")},
            {"dilation", Integers{1, 2}}});
  draw.add("Tanh", "tanh");
  draw.add("Dropout", "dropout", {{"p", 0.0}});
  draw.add("AdaptiveAvgPool2d", "adaptive", {{"output_size", Integers{3, 2}}});
  draw.add("Flatten", "flatten");
  draw.add("Linear", "fc1", {{"out_features", std::int64_t{12}}});
  draw.add("Sigmoid", "sigmoid");
  draw.add("Linear", "fc2", {{"out_features", std::int64_t{5}}});
  draw.add("Softmax", "softmax");
  draw.add("Output", "output");
  return project;
}

/// Input (4) -> fc1 (3) -> ReLU -> fc2 (2) -> Output.
Project small(bool is_first_trainable = true) {
  Project project = empty_project();
  Drawing draw(project);
  draw.add("Input", "input", {{"shape", Integers{4}}});
  draw.add("Linear", "fc1", {{"out_features", std::int64_t{3}}});
  draw.network().find(draw.last())->trainable = is_first_trainable;
  draw.add("ReLU", "relu1");
  draw.add("Linear", "fc2", {{"out_features", std::int64_t{2}}});
  draw.add("Output", "output");
  return project;
}

void randomise(GraphModule& module) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, tensor] : module.named_state()) {
    if (tensor.is_floating_point()) tensor.copy_(torch::rand_like(tensor) * 0.5 + 0.1);
  }
}

torch::Tensor flat(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> parts;
  for (const torch::Tensor& tensor : tensors) parts.push_back(tensor.detach().reshape(-1));
  return torch::cat(parts);
}

std::vector<std::string> names_of(const NamedTensors& tensors) {
  std::vector<std::string> names;
  for (const auto& entry : tensors) names.push_back(entry.first);
  return names;
}

}  // namespace

class TestGraphModule : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() { torch::set_num_threads(1); }
  void init() {
    torch::manual_seed(7);
    QVERIFY(folder_.isValid());
  }

  void equals_pytorch() {
    const auto module = module_of(branching());
    {
      // Statistics that aren't at their start.
      const torch::NoGradGuard no_grad;
      for (int i = 0; i < 3; ++i) module->forward(torch::randn({6, 3, 9, 10}) * 2 + 1);
    }
    const torch::Tensor x = torch::randn({5, 3, 9, 10});
    QVERIFY(save_weights(path("weights.safetensors"), *module));
    write_numbers(folder_.filePath("input"), x);
    QFile names(folder_.filePath("names"));
    QVERIFY(names.open(QIODevice::WriteOnly));
    for (const std::string& name : names_of(module->named_state())) names.write((name + '\n').c_str());
    names.close();
    const QString complaint =
        run_python_torch("backend/engine/parity_oracle.py", {folder_.path(), "5", "3", "9", "10"});
    QVERIFY2(complaint.isEmpty(), qPrintable(complaint));

    const auto compare = [&](const char* file, const torch::Tensor& found) {
      const torch::Tensor expected = read_numbers<float>(folder_.filePath(file), found.sizes().vec());
      const double error = ((found - expected).norm() / expected.norm()).item<double>();
      QVERIFY2(error < 1e-5, qPrintable(QString("%1: %2").arg(file).arg(error)));
    };
    module->eval();
    compare("evaluated", module->forward(x).detach());
    module->train();
    const torch::Tensor y = module->forward(x);
    y.pow(2).sum().backward();
    compare("trained", y.detach());
    std::vector<torch::Tensor> gradients;
    for (const torch::Tensor& parameter : module->parameters()) gradients.push_back(parameter.grad());
    compare("gradients", flat(gradients));
    compare("statistics",
            flat({module->named_buffers()["bn1.running_mean"], module->named_buffers()["bn1.running_var"]}));
  }

  void known_networks_have_their_parameters() {
    const auto count = [](const GraphModule& module) {
      std::int64_t sum = 0;
      for (const torch::Tensor& parameter : module.parameters()) sum += parameter.numel();
      return sum;
    };
    QCOMPARE(count(*module_of(mission_cnn())), std::int64_t(62'006));
    const auto resnet = module_of(resnet18());
    QCOMPARE(count(*resnet), std::int64_t(11'689'512));
    resnet->eval();
    const torch::NoGradGuard no_grad;
    QCOMPARE(resnet->forward(torch::randn({1, 3, 224, 224})).sizes().vec(), (std::vector<std::int64_t>{1, 1000}));
  }

  void frozen_layers_have_no_gradients() {
    const auto module = module_of(small(false));
    for (const auto& parameter : module->named_parameters()) {
      QCOMPARE(parameter.value().requires_grad(), parameter.key().rfind("fc2", 0) == 0);
    }
  }

  void several_inputs_and_outputs_keep_their_order() {
    Project project = empty_project();
    Drawing draw(project);
    const LayerId a = draw.add("Input", "a", {{"shape", Integers{3}}});
    const LayerId b = draw.add("Input", "b", {{"shape", Integers{3}}});
    const LayerId sum = draw.add("Add", "sum", {}, {a, b});
    const LayerId joined = draw.add("Concat", "joined", {}, {b, a});
    draw.add("Output", "first", {}, {joined});
    draw.add("Output", "second", {}, {sum});
    draw.add("Output", "third", {}, {a});
    const auto module = module_of(project);
    QCOMPARE(module->input_count(), std::size_t(2));
    QCOMPARE(module->output_count(), std::size_t(3));
    const torch::Tensor one = torch::ones({2, 3});
    const torch::Tensor two = one * 2;
    const auto outputs = module->forward(std::vector<torch::Tensor>{one, two});
    QVERIFY(torch::equal(outputs.at(0), torch::cat({two, one}, 1)));
    QVERIFY(torch::equal(outputs.at(1), one * 3));
    QVERIFY(torch::equal(outputs.at(2), one));
    QVERIFY_EXCEPTION_THROWN(module->forward(one), std::invalid_argument);
  }

  void forward_leaves_its_inputs_alone() {
    const auto module = module_of(branching());
    module->eval();
    const torch::Tensor x = torch::randn({2, 3, 9, 10});
    const torch::Tensor before = x.clone();
    const torch::NoGradGuard no_grad;
    const torch::Tensor once = module->forward(x);
    QVERIFY(torch::equal(x, before));
    QVERIFY(torch::equal(module->forward(x), once));
    QCOMPARE(x.use_count(), std::size_t(1));
  }

  void tensors_are_freed_after_their_last_use() {
    constexpr std::int64_t numbers = 4 << 20;  // 16 MiB
    constexpr int layers = 40;
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "input", {{"shape", Integers{numbers}}});
    for (int i = 0; i < layers; ++i) draw.add("Tanh", "tanh" + std::to_string(i));
    draw.add("Output", "output");
    const auto module = module_of(project);
    const torch::NoGradGuard no_grad;
    torch::Tensor input = torch::zeros({1, numbers});
    const auto peak = [] {
      rusage usage{};
      getrusage(RUSAGE_SELF, &usage);
      return usage.ru_maxrss / 1024;  // MiB
    };
    const auto before = peak();
    module->forward(input);
    QVERIFY2(peak() - before < 16 * layers / 4, qPrintable(QString("%1 MiB").arg(peak() - before)));
  }

  void refuses_what_cannot_run_data() {
    QTest::addColumn<QString>("mistake");
    QTest::addColumn<QString>("expected");
    QTest::newRow("no layers") << "empty"
                               << "Input";
    QTest::newRow("unconnected input") << "unconnected"
                                       << "fc1";
    QTest::newRow("cycle") << "cycle"
                           << "a cycle";
    QTest::newRow("bad setting") << "setting"
                                 << "fc1";
    QTest::newRow("unknown type") << "type"
                                  << "fc1";
    QTest::newRow("unknown size") << "unknown"
                                  << "fc1";
    QTest::newRow("a name twice") << "twice"
                                  << "fc1";
  }
  void refuses_what_cannot_run() {
    QFETCH(QString, mistake);
    QFETCH(QString, expected);
    Project project = small();
    Network& network = project.networks.front();
    Layer& fc1 = network.layers[1];
    if (mistake == "empty") network = empty_project().networks.front();
    if (mistake == "unconnected") network.connections.erase(network.connections.begin());
    if (mistake == "cycle") network.connections.front().from = {network.layers[2].id, 0};
    if (mistake == "setting") fc1.settings.set("out_features", std::int64_t{0});
    if (mistake == "type") fc1.type = "Linearr";
    if (mistake == "unknown") network.layers[0].settings.set("shape", Integers{0});
    if (mistake == "twice") network.layers[3].name = "fc1";
    const std::string complaint = complaint_of(built(project));
    QVERIFY2(complaint.find(expected.toStdString()) != std::string::npos, complaint.c_str());
  }

  void first_bad_layer_is_named_data() {
    QTest::addColumn<QString>("where");
    QTest::addColumn<QString>("expected");
    QTest::newRow("healthy") << ""
                             << "";
    QTest::newRow("first weights") << "fc1.weight"
                                   << "fc1";
    QTest::newRow("later bias") << "fc2.bias"
                                << "fc2";
    QTest::newRow("data") << "input"
                          << "input";
    QTest::newRow("weights that don't show") << "fc1.weight behind a dead unit"
                                             << "fc1";
  }
  void first_bad_layer_is_named() {
    QFETCH(QString, where);
    QFETCH(QString, expected);
    const auto module = module_of(small());
    torch::Tensor x = torch::randn({3, 4});
    const torch::NoGradGuard no_grad;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    if (where == "input") x[1][2] = std::numeric_limits<double>::infinity();
    if (where.endsWith(".weight") || where.endsWith(".bias")) {
      module->named_parameters()[where.toStdString()].reshape(-1)[1] = nan;
    }
    if (where.contains("behind")) {
      // An empty batch shows nothing; the weights themselves do.
      x = torch::zeros({0, 4});
      module->named_parameters()["fc1.weight"][0][0] = nan;
    }
    QCOMPARE(QString::fromStdString(module->first_bad_layer({x}).value_or("")), expected);
  }

  void looking_for_bad_layers_changes_nothing() {
    const auto module = module_of(branching());
    const torch::Tensor before = module->named_buffers()["bn1.running_mean"].clone();
    QVERIFY(!module->first_bad_layer({torch::randn({4, 3, 9, 10}) + 5}));
    QVERIFY(torch::equal(module->named_buffers()["bn1.running_mean"], before));
    QCOMPARE(module->named_buffers()["bn1.num_batches_tracked"].item<std::int64_t>(), std::int64_t(0));
  }

  void watched_layers_are_seen() {
    const auto module = module_of(branching());
    randomise(*module);
    module->eval();
    const torch::Tensor x = torch::randn({4, 3, 9, 10});
    std::vector<GraphModule::Watched> watched = {{"add1"}, {"conv3"}, {"image"}, {"output"}, {"nowhere"}};
    const auto outputs = module->forward({x}, {}, watched);
    QVERIFY(outputs[0].equal(module->forward(x)));
    QCOMPARE(watched[0].inputs.size(), std::size_t(3));
    QVERIFY(watched[0].inputs[0].is_same(watched[0].inputs[2]));
    QVERIFY(watched[0].outputs[0].equal(watched[0].inputs[0] + watched[0].inputs[1] + watched[0].inputs[2]));
    QCOMPARE(watched[1].inputs[0].size(1), std::int64_t(16));
    QCOMPARE(watched[1].outputs[0].size(1), std::int64_t(6));
    QVERIFY(watched[2].inputs.empty() && watched[2].outputs[0].is_same(x));
    QVERIFY(watched[3].inputs[0].is_same(outputs[0]) && watched[3].outputs.empty());
    QVERIFY(watched[4].inputs.empty() && watched[4].outputs.empty());
    // A penalty on what is seen reaches the weights before it, and no others.
    watched[0].outputs[0].square().sum().backward();
    QVERIFY(module->named_parameters()["conv1.weight"].grad().defined());
    QVERIFY(!module->named_parameters()["conv3.weight"].grad().defined());
  }

  void blocks_are_modules_within_modules() {
    Project project = branching();
    const Network& network = project.networks.front();
    std::set<LayerId> inside;
    for (const char* name : {"conv2", "leaky"}) inside.insert(network.find(name)->id);
    auto made = make_block(project, network.id, inside, [](PortRef) { return Shape{8, 9, 10}; });
    QVERIFY2(made, made ? "" : made.error().message.c_str());
    const auto plain = module_of(project);
    QVERIFY(apply_all(project, made->edits));
    QVERIFY(complaint_of(built(project)).find("Block") != std::string::npos);
    QVERIFY(apply(project, SetSetting{{1}, made->block, "repeat", std::int64_t{2}}));
    const Project flat = flattened(project);
    const auto module = module_of(flat);
    std::set<std::string> names;
    for (const auto& [name, tensor] : module->named_state()) names.insert(name);
    QVERIFY(names.contains("block1.0.conv2.weight"));
    QVERIFY(names.contains("block1.1.conv2.bias"));
    QVERIFY(names.contains("conv1.weight"));
    QCOMPARE(module->named_state().size(), plain->named_state().size() + 2);
    QVERIFY(module->named_parameters().contains("block1.0.conv2.weight"));

    // Once only, it gives what the drawing without it gives, weight for weight.
    QVERIFY(apply(project, SetSetting{{1}, made->block, "repeat", std::int64_t{1}}));
    const auto once = module_of(flattened(project));
    const torch::NoGradGuard no_grad;
    std::map<std::string, torch::Tensor> weights;
    for (const auto& [name, tensor] : plain->named_state()) weights[name] = tensor;
    for (const auto& [name, tensor] : once->named_state()) {
      const std::string prefix = "block1.";
      tensor.copy_(weights.at(name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name));
    }
    plain->eval();
    once->eval();
    const torch::Tensor x = torch::randn({2, 3, 9, 10});
    QVERIFY(torch::equal(once->forward(x), plain->forward(x)));
  }

  void devices_are_picked_or_refused() {
    QVERIFY(pick_device("cpu")->is_cpu());
    QCOMPARE(pick_device("auto")->is_cuda(), torch::cuda::is_available());
    for (const char* request : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:0x", "cpu:3", "", "cuda:99"}) {
      const auto device = pick_device(request);
      QVERIFY2(!device, request);
      QVERIFY(device.error().message.find(request) != std::string::npos);
    }
  }

 private:
  std::filesystem::path path(const char* name) const { return folder_.filePath(name).toStdString(); }

  QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestGraphModule)
#include "test_graph_module.moc"
