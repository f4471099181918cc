// Layers without inputs, with several outputs, and with words for inputs, in the graph that runs.

#include <torch/torch.h>
//
#include <QTest>

#include "backend/analysis/analyse.h"
#include "backend/engine/graph_module.h"
#include "tests/support/drawing.h"

using namespace netwright;

namespace {

struct Built {
  Report report;
  std::shared_ptr<GraphModule> module;
};

Built built(const Project& project) {
  Built result{analyse(project), nullptr};
  auto module = GraphModule::build(project.networks.front(), result.report.networks.front());
  if (!module) throw std::runtime_error(module.error().message);
  result.module = *module;
  return result;
}

/// A layer without sources: Drawing would connect it to the one before.
LayerId add_source(Drawing& draw, Project& project, const std::string& type, const std::string& name,
                   const Settings& settings) {
  Layer layer = make_layer(draw.network(), type, {}, settings);
  layer.name = name;
  if (!apply(project, AddLayer{draw.network().id, layer})) throw std::logic_error("the layer doesn't fit");
  return layer.id;
}

const AxisField& field_of(const Built& built, LayerId layer, std::size_t axis = 0) {
  return built.report.networks.front().layers.at(layer).field.at(axis);
}

}  // namespace

class TestPorts : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    torch::manual_seed(2);
  }

  /// Drawn before the Input, so that it runs first.
  void what_has_no_input_gives_a_batch() {
    Project project = empty_project();
    Drawing draw(project);
    const LayerId gain =
        add_source(draw, project, "Parameter", "gain", {{"shape", Integers{3, 1}}, {"init", std::string("ones")}});
    const LayerId shift = add_source(draw, project, "Constant", "shift", {{"shape", Integers{1, 5}}, {"value", 0.5}});
    const LayerId input = draw.add("Input", "input", {{"shape", Integers{3, 5}}});
    const LayerId scaled = draw.add("Multiply", "scaled", {}, {input, gain});
    const LayerId moved = draw.add("Add", "moved", {}, {shift, scaled});
    draw.add("Output", "output", {}, {moved});
    draw.add("Output", "alone", {}, {gain});
    const Built net = built(project);
    QVERIFY(net.report.is_sound(project.networks.front().id));
    for (const std::int64_t batch : {1, 4}) {
      const torch::Tensor x = torch::randn({batch, 3, 5});
      const auto outputs = net.module->forward(std::vector<torch::Tensor>{x});
      QVERIFY(torch::allclose(outputs.at(0), x + 0.5));
      QCOMPARE(outputs.at(1).sizes().vec(), (std::vector<std::int64_t>{batch, 3, 1}));
      net.module->zero_grad();
      outputs.at(0).sum().backward();
      const torch::Tensor gradient = net.module->named_parameters()["gain.weight"].grad();
      QVERIFY(torch::allclose(gradient, x.sum(std::vector<std::int64_t>{0, 2}).reshape({3, 1}), 1e-4, 1e-5));
    }
    // It sees nothing of the input, and takes nothing away from what others see.
    QVERIFY(net.report.networks.front().layers.at(gain).field.empty());
    QCOMPARE(field_of(net, moved).size, std::int64_t(1));
    QCOMPARE(field_of(net, moved).stride, std::int64_t(1));
  }

  void a_constant_beside_words_is_real() {
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "words", {{"shape", Integers{6}}, {"dtype", std::string("int64")}});
    const LayerId vectors =
        draw.add("Embedding", "vectors", {{"num_embeddings", std::int64_t{9}}, {"embedding_dim", std::int64_t{4}}});
    const LayerId half = add_source(draw, project, "Constant", "half", {{"shape", Integers{6, 4}}, {"value", 0.5}});
    draw.add("Add", "sum", {}, {vectors, half});
    draw.add("Output", "output");
    const Built net = built(project);
    const torch::Tensor words = torch::randint(0, 9, {2, 6}, torch::kInt64);
    const torch::Tensor expected =
        net.module->named_parameters()["vectors.weight"].index_select(0, words.flatten()).reshape({2, 6, 4}) + 0.5;
    QVERIFY(torch::equal(net.module->forward(words), expected));
  }

  void parts_go_where_they_are_connected() {
    Project project = empty_project();
    Drawing draw(project);
    const LayerId input = draw.add("Input", "input", {{"shape", Integers{2, 9}}});
    const LayerId parts = draw.add("Split", "parts", {{"split_sizes", Integers{2, 3, 4}}, {"dim", std::int64_t{2}}});
    const LayerId last = draw.add("Identity", "last", {}, {input});
    project.networks.front().connections.pop_back();
    draw.connect(parts, last, 0, 2);
    const LayerId first = draw.add("Output", "first");
    const LayerId middle = draw.add("Output", "middle", {}, {parts});
    project.networks.front().connections.pop_back();
    draw.connect(parts, middle, 0, 1);
    const Built net = built(project);
    const torch::Tensor x = torch::randn({3, 2, 9});
    const auto outputs = net.module->forward(std::vector<torch::Tensor>{x});
    QVERIFY(torch::equal(outputs.at(0), x.slice(2, 5, 9)));
    QVERIFY(torch::equal(outputs.at(1), x.slice(2, 2, 5)));
    QCOMPARE(field_of(net, parts).start, std::int64_t(0));
    QCOMPARE(field_of(net, first).start, std::int64_t(5));
    QCOMPARE(field_of(net, middle).start, std::int64_t(2));
  }

  void samples_are_drawn_in_training_alone() {
    Project project = empty_project();
    Drawing draw(project);
    const LayerId mean = draw.add("Input", "mean", {{"shape", Integers{50}}});
    const LayerId log_var = draw.add("Input", "log_var", {{"shape", Integers{50}}});
    draw.add("Reparameterize", "code", {}, {mean, log_var});
    draw.add("Output", "output");
    const Built net = built(project);
    const torch::Tensor centre = torch::randn({400, 50});
    const torch::Tensor spread = torch::full({400, 50}, std::log(9.0));
    const auto run = [&] { return net.module->forward(std::vector<torch::Tensor>{centre, spread}).at(0); };
    const torch::Tensor noise = run() - centre;
    // Of 20,000 draws from N(0, 3²) the mean strays by 0.02 and the deviation by 0.015, one time in three.
    QVERIFY(std::abs(noise.mean().item<double>()) < 0.15);
    QVERIFY(std::abs(noise.std().item<double>() - 3) < 0.12);
    net.module->eval();
    QVERIFY(torch::equal(run(), centre));
  }

  void kinds_of_numbers_do_not_mix() {
    Project project = empty_project();
    Drawing draw(project);
    const LayerId words = draw.add("Input", "words", {{"shape", Integers{6}}, {"dtype", std::string("int64")}});
    const LayerId numbers = draw.add("Input", "numbers", {{"shape", Integers{6}}});
    const LayerId joined = draw.add("Concat", "joined", {}, {words, numbers});
    draw.add("Output", "output");
    const Report report = analyse(project);
    QVERIFY(!report.is_sound(project.networks.front().id));
    QVERIFY(std::any_of(report.diagnostics.begin(), report.diagnostics.end(),
                        [&](const Diagnostic& d) { return d.code == "elements" && d.layer == joined && d.port == 1; }));
  }
};

QTEST_GUILESS_MAIN(TestPorts)
#include "test_ports.moc"
