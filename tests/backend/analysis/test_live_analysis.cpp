// The report that follows edits must be the one that a fresh look gives, and cost what lies downstream.

#include <QTest>
#include <random>
#include <sstream>

#include "backend/analysis/analyse.h"
#include "backend/analysis/live_analysis.h"
#include "backend/graph/blocks.h"
#include "backend/layers/catalogue.h"
#include "tests/support/drawing.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

std::string text_of(const Dim& dim) {
  return dim ? std::to_string(*dim) : "?";
}

/// Everything in a report, to compare two.
std::string text_of(const Report& report) {
  std::ostringstream text;
  for (const NetworkReport& network : report.networks) {
    const Totals& t = network.totals;
    text << network.name << ' ' << network.input.to_string() << ' ' << network.output.to_string() << ' '
         << to_text(network.field);
    for (const Dim& figure : {t.parameters, t.trainable_parameters, t.macs, t.activation_bytes, t.inference_peak_bytes,
                              t.weight_bytes, t.training_fixed_bytes, t.training_sample_bytes}) {
      text << ' ' << text_of(figure);
    }
    text << "\norder";
    for (const LayerId id : network.order) text << ' ' << id.value;
    for (const auto& [id, layer] : network.layers) {
      text << '\n' << id.value << ' ' << layer.is_valid << layer.holds_integers;
      for (const Shape& shape : layer.inputs) text << " <" << shape.to_string();
      for (const Shape& shape : layer.outputs) text << " >" << shape.to_string();
      for (const Weight& weight : layer.weights) text << ' ' << weight.name << weight.shape.to_string();
      text << ' ' << text_of(layer.parameters) << ' ' << text_of(layer.macs) << ' ' << text_of(layer.output_bytes)
           << ' ' << to_text(layer.field);
      for (const AxisField& axis : layer.field) text << ' ' << axis.start << ':' << axis.stride << '/' << axis.period;
    }
    text << '\n';
  }
  for (const Diagnostic& d : report.diagnostics) {
    text << to_text(d.severity) << ' ' << d.code << ' ' << d.network.value << '/' << d.layer.value << ' ' << d.message;
    for (const Fix& fix : d.fixes) text << " | " << fix.label << fix.edits.size();
    text << '\n';
  }
  return text.str();
}

/// The first line in which two reports differ.
QString difference(const Report& live, const Report& fresh) {
  const QStringList a = QString::fromStdString(text_of(live)).split('\n');
  const QStringList b = QString::fromStdString(text_of(fresh)).split('\n');
  for (qsizetype line = 0; line < std::max(a.size(), b.size()); ++line) {
    if (a.value(line) != b.value(line)) return a.value(line) + "\ninstead of\n" + b.value(line);
  }
  return {};
}

/// `length` convolutions, one after the other.
Project chain(int length) {
  Project project = empty_project();
  Drawing draw(project);
  draw.add("Input", "input", {{"shape", Integers{4, 8, 8}}});
  for (int i = 0; i < length; ++i) {
    draw.add("Conv2d", "conv" + std::to_string(i), {{"out_channels", std::int64_t{4}}, {"padding", Integers{1, 1}}});
  }
  draw.add("Output", "output");
  return project;
}

class Editor {
 public:
  explicit Editor(unsigned seed) : random_(seed) {}

  Edit any(const Project& project) {
    const Network& network = project.networks[below(project.networks.size())];
    const LayerId id = some_layer(network);
    const Layer* layer = network.find(id);
    switch (below(12)) {
      case 0: {
        const LayerSpec& spec = catalogue()[below(catalogue().size())];
        return AddLayer{network.id, make_layer(network, spec.type, {})};
      }
      case 1:
        return RemoveLayer{network.id, id};
      case 2:
        return RenameLayer{network.id, id, "name" + std::to_string(below(6))};
      case 3:
      case 4:
        return Connect{network.id, {{id, 0}, {some_layer(network), static_cast<int>(below(2))}}};
      case 5:
        if (!network.connections.empty())
          return Disconnect{network.id, network.connections[below(network.connections.size())]};
        return SetNote{"note"};
      case 6:
        return SetTrainable{network.id, id, below(2) == 0};
      case 7: {
        DataSource data;
        data.source = below(2) == 0 ? "two-spirals" : "";
        return SetData{data};
      }
      case 8: {
        Recipe recipe = project.recipe;
        recipe.settings.set("l1", below(2) == 0 ? -1.0 : 0.1);
        return SetRecipe{recipe};
      }
      default:
        return some_setting(project, network, layer);
    }
  }

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

  LayerId some_layer(const Network& network) {
    return network.layers.empty() ? LayerId{1} : network.layers[below(network.layers.size())].id;
  }

  Edit some_setting(const Project& project, const Network& network, const Layer* layer) {
    const auto specs = layer ? settings_of(project, *layer) : std::vector<SettingSpec>();
    if (specs.empty()) return SetNote{"note"};
    const SettingSpec& spec = specs[below(specs.size())];
    Value value = spec.fallback;
    if (std::holds_alternative<std::int64_t>(value)) value = static_cast<std::int64_t>(below(9)) - 1;
    if (std::holds_alternative<Integers>(value)) {
      Integers list = std::get<Integers>(value);
      for (std::int64_t& number : list) number = static_cast<std::int64_t>(below(6));
      value = list;
    }
    if (std::holds_alternative<std::string>(value) && !spec.choices.empty())
      value = spec.choices[below(spec.choices.size())];
    return SetSetting{network.id, layer->id, spec.name, value};
  }

  std::mt19937 random_;
};

}  // namespace

class TestLiveAnalysis : public QObject {
  Q_OBJECT

 private slots:
  void follows_any_edits() {
    const auto seed = test_seed();
    qInfo("seed %u", seed);
    for (unsigned round = 0; round < 12; ++round) {
      Editor editor(seed + round);
      Project project = round % 3 == 0 ? resnet18() : mission_cnn();
      if (round % 2 == 1) {
        // With a Block in it.
        const Network& network = project.networks.front();
        const std::set<LayerId> middle = {network.layers[2].id, network.layers[3].id};
        auto made = make_block(project, network.id, middle, [](PortRef) { return Shape{4, 9, 9}; });
        QVERIFY2(made, made ? "" : made.error().message.c_str());
        QVERIFY(apply_all(project, made->edits));
      }
      LiveAnalysis live(project);
      std::vector<std::vector<Edit>> undo;
      for (int step = 0; step < 60; ++step) {
        std::vector<Edit> edits = {editor.any(project)};
        auto inverses = apply_all(project, edits);
        if (!inverses) continue;
        undo.push_back(*inverses);
        live.update(project, edits);
        QCOMPARE(difference(live.report(), analyse(project)), QString());
      }
      while (!undo.empty()) {
        QVERIFY(apply_all(project, undo.back()));
        live.update(project, undo.back());
        undo.pop_back();
      }
      QCOMPARE(difference(live.report(), analyse(project)), QString());
    }
  }

  void only_what_is_downstream_is_visited() {
    Project project = chain(1000);
    LiveAnalysis live(project);
    const auto set = [&](const char* layer, const char* setting, Value value) {
      const Edit edit = SetSetting{{1}, project.networks[0].find(layer)->id, setting, std::move(value)};
      QVERIFY(apply(project, edit));
      live.update(project, {edit});
    };
    set("conv990", "out_channels", std::int64_t{5});
    // Its followers read other shapes, but what the next one gives stays the same.
    QCOMPARE(live.visited(), std::size_t{2});
    set("conv990", "bias", false);
    QCOMPARE(live.visited(), std::size_t{1});
    set("conv990", "padding", Integers{2, 2});
    QCOMPARE(live.visited(), std::size_t{11});
    const Edit move = MoveLayer{{1}, project.networks[0].find("conv1")->id, {5, 5}};
    QVERIFY(apply(project, move));
    live.update(project, {move});
    QCOMPARE(difference(live.report(), analyse(project)), QString());
  }
};

QTEST_APPLESS_MAIN(TestLiveAnalysis)
#include "test_live_analysis.moc"
