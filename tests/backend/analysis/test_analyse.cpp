// Every mistake a drawing can hold is said with its place, and every fix mends what it says.

#include <QTest>
#include <random>

#include "backend/analysis/analyse.h"
#include "backend/layers/catalogue.h"
#include "tests/support/drawing.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

const Diagnostic* find_code(const Report& report, const std::string& code) {
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (diagnostic.code == code) return &diagnostic;
  }
  return nullptr;
}

/// Input 1×28×28 -> conv1 -> flatten -> fc1 (10) -> output.
Project small_cnn() {
  Project project = empty_project();
  Drawing draw(project);
  draw.add("Input", "input");
  draw.add("Conv2d", "conv1", {{"out_channels", std::int64_t{8}}});
  draw.add("Flatten", "flatten1");
  draw.add("Linear", "fc1", {{"out_features", std::int64_t{10}}});
  draw.add("Output", "output");
  return project;
}

}  // namespace

class TestAnalyse : public QObject {
  Q_OBJECT

 private slots:
  void a_sound_network_has_no_mistakes() {
    const Report report = analyse(small_cnn());
    for (const Diagnostic& diagnostic : report.diagnostics)
      QCOMPARE(to_text(diagnostic.severity), std::string("advice"));
    QVERIFY(report.is_sound({1}));
    QCOMPARE(QString::fromStdString(report.networks[0].output.to_string()), QString("10"));
  }

  void mistakes_are_named_and_mended_data() {
    QTest::addColumn<QString>("code");
    QTest::addColumn<int>("mistake");
    int row = 0;
    for (const char* code : {"shape", "shape", "setting", "unconnected-input", "no-output", "double-name", "name",
                             "double-connection", "dangling", "port", "cycle", "input-shape", "class-count",
                             "class-count", "dead-end", "softmax-before-loss", "unusual", "no-input", "optimiser"}) {
      QTest::addRow("%d %s", row, code) << QString(code) << row;
      ++row;
    }
  }

  void mistakes_are_named_and_mended() {
    QFETCH(QString, code);
    QFETCH(int, mistake);
    Project project = small_cnn();
    spoil(project, mistake);
    const Report report = analyse(project);
    const Diagnostic* diagnostic = find_code(report, code.toStdString());
    QVERIFY(diagnostic);
    QVERIFY(!diagnostic->message.empty());
    QVERIFY2(!diagnostic->fixes.empty(), diagnostic->message.c_str());
    for (const Fix& fix : diagnostic->fixes) {
      Project mended = project;
      QVERIFY2(bool(apply_all(mended, fix.edits)), fix.label.c_str());
      const Report after = analyse(mended);
      const auto count = [&](const Report& r) {
        return std::count_if(r.diagnostics.begin(), r.diagnostics.end(),
                             [&](const Diagnostic& d) { return d.code == diagnostic->code; });
      };
      QVERIFY2(count(after) < count(report), fix.label.c_str());
    }
  }

  void a_mend_beside_a_dangling_connection() {
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "input");
    const LayerId conv = draw.add("Conv2d", "conv1");
    const LayerId fc = draw.add("Linear", "fc1", {}, {conv});
    draw.add("Output", "output");
    Network& network = draw.network();
    network.connections.push_back({{LayerId{0}, 0}, {fc, 0}});  // sorts before the sound one
    std::sort(network.connections.begin(), network.connections.end());
    const Report report = analyse(project);
    const Diagnostic* unusual = find_code(report, "unusual");
    QVERIFY(unusual);
    QVERIFY(bool(apply_all(project, unusual->fixes.front().edits)));
    QVERIFY(!find_code(analyse(project), "unusual"));
  }

  void names_that_nothing_answers_to_are_said() {
    Project project = small_cnn();
    project.data.source = "tea-leaves";
    project.recipe.task = "Foo";
    QVERIFY(find_code(analyse(project), "data-source"));
    QVERIFY(find_code(analyse(project), "task"));
    project.networks.clear();
    QVERIFY(find_code(analyse(project), "no-network"));
    Project ports = small_cnn();
    ports.networks[0].connections.push_back({{LayerId{1}, 0}, {LayerId{5}, -1}});
    QVERIFY(find_code(analyse(ports), "port"));
  }

  void names_within_names_are_said() {
    Project project = small_cnn();
    project.networks[0].find(project.networks[0].find("fc1")->id)->name = "conv1.weight";
    QVERIFY(find_code(analyse(project), "name"));
    project.networks[0].find(project.networks[0].find("conv1.weight")->id)->name = "head.fc1";
    QVERIFY(!find_code(analyse(project), "name"));
  }

  void what_is_upstream_of_a_mistake_stays_live() {
    Project project = small_cnn();
    Drawing draw(project);
    QVERIFY(bool(apply(project, SetSetting{{1}, draw.id("fc1"), "out_features", std::int64_t{-3}})));
    const Report report = analyse(project);
    QVERIFY(report.find({1}, draw.id("conv1"))->is_valid);
    QVERIFY(report.find({1}, draw.id("flatten1"))->is_valid);
    QVERIFY(!report.find({1}, draw.id("fc1"))->is_valid);
    QVERIFY(!report.find({1}, draw.id("output"))->is_valid);
    QCOMPARE(*report.find({1}, draw.id("conv1"))->parameters, std::int64_t{80});
    QVERIFY(!report.networks[0].totals.parameters);
    QCOMPARE(report.diagnostics.size(), std::size_t{1});  // not one for each layer that waits
  }

  void a_mismatched_shortcut_is_projected() {
    Project project = empty_project();
    Drawing draw(project);
    const LayerId input = draw.add("Input", "input", {{"shape", Integers{16, 32, 32}}});
    const LayerId conv =
        draw.add("Conv2d", "conv1",
                 {{"out_channels", std::int64_t{32}}, {"stride", Integers{2, 2}}, {"padding", Integers{1, 1}}});
    draw.add("Add", "add1", {}, {conv, input});
    draw.add("Output", "output");
    const Report report = analyse(project);
    const Diagnostic* diagnostic = find_code(report, "shape");
    QVERIFY(diagnostic);
    QCOMPARE(diagnostic->port, 1);
    QCOMPARE(diagnostic->fixes.size(), std::size_t{1});
    QVERIFY(bool(apply_all(project, diagnostic->fixes[0].edits)));
    const Report after = analyse(project);
    QVERIFY(after.diagnostics.empty());
    QCOMPARE(after.networks[0].output, (Shape{32, 16, 16}));
  }

  void unknown_dimensions_stay_unknown() {
    Project project = small_cnn();
    Drawing draw(project);
    QVERIFY(bool(apply(project, SetSetting{{1}, draw.id("input"), "shape", Integers{1, 0, 28}})));
    const Report report = analyse(project);
    QCOMPARE(QString::fromStdString(report.find({1}, draw.id("conv1"))->outputs[0].to_string()), QString("8×?×26"));
    QCOMPARE(*report.find({1}, draw.id("conv1"))->parameters, std::int64_t{80});
    QVERIFY(!report.find({1}, draw.id("conv1"))->macs);
    QVERIFY(!report.find({1}, draw.id("fc1"))->parameters);
    // The data says them.
    project.data.source = "fashion-mnist";
    QCOMPARE(*analyse(project).networks[0].totals.parameters, std::int64_t{80 + 26 * 26 * 8 * 10 + 10});
  }

  void frozen_layers_are_counted_apart() {
    Project project = small_cnn();
    Drawing draw(project);
    QVERIFY(bool(apply(project, SetTrainable{{1}, draw.id("conv1"), false})));
    const Totals totals = analyse(project).networks[0].totals;
    QCOMPARE(*totals.parameters - *totals.trainable_parameters, std::int64_t{80});
  }

  void memory() {
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "input", {{"shape", Integers{100}}});
    draw.add("Linear", "fc1", {{"out_features", std::int64_t{50}}});
    draw.add("Linear", "fc2", {{"out_features", std::int64_t{10}}});
    draw.add("Output", "output");
    const Totals totals = analyse(project).networks[0].totals;
    const std::int64_t weights = 100 * 50 + 50 + 50 * 10 + 10;
    QCOMPARE(*totals.activation_bytes, std::int64_t{4 * 160});
    QCOMPARE(*totals.inference_peak_bytes, std::int64_t{4 * 150});  // the input and fc1; fc2 needs only fc1
    // Adam: weight, gradient, two moments.
    QCOMPARE(*totals.training_fixed_bytes, 4 * weights * 4);
    // The most is there when fc2 gives fc1 its gradient: three outputs, the gradients of fc2 and fc1.
    QCOMPARE(*totals.training_sample_bytes, std::int64_t{4 * (160 + 10 + 50)});
    QCOMPARE(*totals.training_bytes(8), 16 * weights + 8 * 880);
    QCOMPARE(*totals.largest_batch(16 * weights + 8 * 880 + 879), std::int64_t{8});
    QCOMPARE(*totals.largest_batch(1000), std::int64_t{0});
  }

  void absurd_sizes_are_errors_not_overflows() {
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "input", {{"shape", Integers{1000000000, 1000000000, 1000000000}}});
    draw.add("Flatten", "flatten1");
    draw.add("Linear", "fc1");
    draw.add("Output", "output");
    QVERIFY(find_code(analyse(project), "too-large"));
  }

  void random_drawings_never_throw_and_say_each_mistake() {
    const auto seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    for (int round = 0; round < 300; ++round) {
      Project project = empty_project();
      Network& network = project.networks[0];
      for (std::size_t i = 0, n = 1 + below(15); i < n; ++i) {
        const LayerSpec& spec = catalogue()[below(catalogue().size())];
        Layer layer = make_layer(network, spec.type, {});
        for (const SettingSpec& setting : spec.settings) {
          if (below(4) == 0) layer.settings.set(setting.name, random_value(random));
        }
        QVERIFY(bool(apply(project, AddLayer{{1}, layer})));
      }
      for (std::size_t i = 0, n = below(30); i < n; ++i) {
        const auto port = [&] { return PortRef{{static_cast<std::int64_t>(below(17))}, static_cast<int>(below(3))}; };
        network.connections.push_back({port(), port()});
      }
      std::sort(network.connections.begin(), network.connections.end());
      const Report report = analyse(project);
      // A layer without figures has a reason: its own, or that of a layer upstream.
      for (const Layer& layer : network.layers) {
        const LayerReport* figures = report.find({1}, layer.id);
        if (figures && figures->is_valid) continue;
        QVERIFY(!report.is_sound({1}));
      }
      for (const Diagnostic& diagnostic : report.diagnostics) {
        QVERIFY(!diagnostic.message.empty());
        for (const Fix& fix : diagnostic.fixes) {
          Project mended = project;
          const auto applied = apply_all(mended, fix.edits);
          const std::string why = applied ? "" : applied.error().message;
          QVERIFY2(applied, (diagnostic.message + " | " + fix.label + " | " + why).c_str());
          (void)analyse(mended);
        }
      }
    }
  }

 private:
  static Value random_value(std::mt19937& random) {
    switch (random() % 6) {
      case 0:
        return static_cast<std::int64_t>(random() % 7) - 2;
      case 1:
        return Integers{static_cast<std::int64_t>(random() % 5), static_cast<std::int64_t>(random() % 4)};
      case 2:
        return std::string("same");
      case 3:
        return 0.5;
      case 4:
        return random() % 2 == 0;
      default:
        return Integers{3, static_cast<std::int64_t>(random() % 40), 20};
    }
  }

  static void spoil(Project& project, int mistake) {
    Drawing draw(project);
    const auto set = [&](const char* layer, const char* setting, Value value) {
      QVERIFY(bool(apply(project, SetSetting{{1}, draw.id(layer), setting, std::move(value)})));
    };
    const auto disconnect = [&](LayerId from, LayerId to) {
      QVERIFY(bool(apply(project, Disconnect{{1}, {{from, 0}, {to, 0}}})));
    };
    Network& network = draw.network();
    switch (mistake) {
      case 0:
        set("conv1", "kernel_size", Integers{31, 31});
        break;
      case 1:
        set("conv1", "groups", std::int64_t{3});
        break;
      case 2:
        set("conv1", "out_channels", std::int64_t{0});
        break;
      case 3:
        disconnect(draw.id("conv1"), draw.id("flatten1"));
        break;
      case 4:
        disconnect(draw.id("fc1"), draw.id("output"));
        QVERIFY(bool(apply(project, RemoveLayer{{1}, draw.id("output")})));
        break;
      case 5:
        network.find(draw.id("fc1"))->name = "conv1";
        break;
      case 6:
        network.find(draw.id("fc1"))->name = "1.fc";
        break;
      case 7:
        draw.connect(draw.id("input"), draw.id("fc1"));
        break;
      case 8:
        network.connections.push_back({{draw.id("fc1"), 0}, {LayerId{99}, 0}});
        break;
      case 9:
        draw.connect(draw.id("conv1"), draw.id("fc1"), 3);
        break;
      case 10:
        disconnect(draw.id("input"), draw.id("conv1"));
        draw.connect(draw.id("flatten1"), draw.id("conv1"));
        break;
      case 11:
        project.data.source = "fashion-mnist";
        set("input", "shape", Integers{3, 32, 32});
        break;
      case 12:
        project.data.source = "fashion-mnist";
        set("fc1", "out_features", std::int64_t{7});
        break;
      case 13:
        project.data.source = "fashion-mnist";
        set("fc1", "out_features", std::int64_t{12});
        break;
      case 14:
        draw.add("ReLU", "relu1", {}, {draw.id("conv1")});
        break;
      case 15: {
        disconnect(draw.id("fc1"), draw.id("output"));
        draw.add("Softmax", "softmax1", {}, {draw.id("fc1")});
        draw.connect(draw.last(), draw.id("output"));
        break;
      }
      case 16: {
        disconnect(draw.id("conv1"), draw.id("flatten1"));
        draw.add("Linear", "fc2", {}, {draw.id("conv1")});
        draw.connect(draw.last(), draw.id("flatten1"));
        break;
      }
      case 17:
        disconnect(draw.id("input"), draw.id("conv1"));
        QVERIFY(bool(apply(project, RemoveLayer{{1}, draw.id("input")})));
        break;
      case 18:
        project.recipe.optimiser = "Nonsense";
        break;
      default:
        QFAIL("no such mistake");
    }
  }
};

QTEST_APPLESS_MAIN(TestAnalyse)
#include "test_analyse.moc"
