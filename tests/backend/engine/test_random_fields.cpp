// Fields through random graphs of layers that move, cut, stretch and mix positions: no output may see a position of the
// input that its field leaves out, along any axis.

#include <torch/torch.h>
//
#include <QTest>
#include <algorithm>
#include <map>
#include <numeric>
#include <random>

#include "backend/analysis/analyse.h"
#include "backend/analysis/receptive_field.h"
#include "backend/engine/graph_module.h"
#include "backend/graph/project_json.h"
#include "backend/layers/catalogue.h"
#include "tests/support/drawing.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

constexpr std::int64_t batch = 1;

std::int64_t number(std::mt19937& random, std::int64_t first, std::int64_t last) {
  return std::uniform_int_distribution<std::int64_t>(first, last)(random);
}

struct RandomLayer {
  std::string type;
  Settings settings;
  int inputs = 1;
};

/// A layer that may fit an input of `rank` axes without the batch.
RandomLayer random_layer(std::mt19937& random, std::size_t rank) {
  const auto dim = number(random, 1, static_cast<std::int64_t>(rank));
  Integers order(rank + 1);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin() + 1, order.end(), random);
  const auto k = number(random, 1, 3);
  const std::vector<RandomLayer> all = {
      {"Conv2d",
       {{"out_channels", number(random, 1, 3)}, {"kernel_size", Integers{k, 2}}, {"padding", Integers{1, 0}}}},
      {"MaxPool2d", {{"kernel_size", Integers{2, 2}}}},
      {"AvgPool2d", {{"kernel_size", Integers{2, 3}}, {"stride", Integers{1, 2}}}},
      {"Upsample", {}},
      {"Upsample", {{"mode", std::string("bilinear")}}},
      {"Upsample", {{"scale_factor", Reals{1.5, 0.5}}}},
      {"Pad", {{"pad", Integers{number(random, -1, 2), number(random, -1, 2), 1, 0}}}},
      {"Slice", {{"dim", dim}, {"start", number(random, 0, 2)}, {"step", number(random, 1, 2)}}},
      {"Select", {{"dim", dim}, {"index", number(random, 0, 2)}}},
      {"Chunk", {{"dim", dim}}},
      {"Permute", {{"dims", order}}},
      {"Unsqueeze", {{"dim", dim}}},
      {"Squeeze", {{"dim", dim}}},
      {"Reshape", {{"shape", Integers{number(random, 1, 4), -1}}}},
      {"Reshape", {{"shape", Integers{number(random, 1, 3), -1, number(random, 1, 4)}}}},
      {"Flatten", {{"start_dim", dim}, {"end_dim", std::int64_t{-1}}}},
      {"Unflatten", {{"dim", dim}, {"unflattened_size", Integers{-1, 2}}}},
      {"PixelShuffle", {}},
      {"PixelUnshuffle", {}},
      {"ChannelShuffle", {}},
      {"Mean", {{"dim", Integers{dim}}, {"keepdim", true}}},
      {"Sum", {{"dim", Integers{dim}}}},
      {"Linear", {{"out_features", std::int64_t{3}}}},
      {"Add", {}, 2},
      {"Multiply", {}, 2},
      {"MatMul", {}, 2},
      {"Concat", {{"dim", dim}}, 2},
  };
  return all[static_cast<std::size_t>(number(random, 0, static_cast<std::int64_t>(all.size()) - 1))];
}

/// Every output is one of the network's too. Layers that don't fit are left out again.
Project random_graph(std::mt19937& random) {
  Project project = empty_project();
  Drawing draw(project);
  const LayerId input = draw.add("Input", "input", {{"shape", Integers{4, 6, 5}}});
  std::vector<PortRef> ends = {{input, 0}};
  std::map<PortRef, Shape> shapes = {{{input, 0}, Shape{4, 6, 5}}};
  for (int tries = 0; tries < 40 && draw.network().layers.size() < 8; ++tries) {
    const PortRef from = ends[static_cast<std::size_t>(number(random, 0, static_cast<std::int64_t>(ends.size()) - 1))];
    const RandomLayer choice = random_layer(random, shapes.at(from).rank());
    std::vector<PortRef> sources = {from};
    if (choice.inputs > 1)
      sources.push_back(ends[static_cast<std::size_t>(number(random, 0, static_cast<std::int64_t>(ends.size()) - 1))]);
    const LayerSpec& spec = *find_layer_spec(choice.type);
    const Settings settings = completed(spec.settings, choice.settings);
    std::vector<Shape> inputs;
    for (const PortRef& source : sources) inputs.push_back(shapes.at(source));
    const ShapeResult result = spec.shapes({settings, inputs});
    const auto* outputs = std::get_if<std::vector<Shape>>(&result);
    if (!outputs || std::any_of(outputs->begin(), outputs->end(),
                                [](const Shape& s) { return s.rank() == 0 || *s.elements() > 3000; }))
      continue;
    Layer layer = make_layer(draw.network(), choice.type, {}, settings);
    if (!apply(project, AddLayer{draw.network().id, layer})) throw std::logic_error("the layer doesn't fit");
    for (std::size_t port = 0; port < sources.size(); ++port)
      draw.connect(sources[port].layer, layer.id, static_cast<int>(port), sources[port].port);
    for (std::size_t port = 0; port < outputs->size(); ++port) {
      ends.push_back({layer.id, static_cast<int>(port)});
      shapes[ends.back()] = (*outputs)[port];
    }
  }
  for (const PortRef& end : ends) {
    const Layer output = make_layer(draw.network(), "Output", {});
    if (!apply(project, AddLayer{draw.network().id, output})) throw std::logic_error("the Output doesn't fit");
    draw.connect(end.layer, output.id, 0, end.port);
  }
  return project;
}

/// What each output of the network sees, by the rows' windows, in the order of the Outputs.
std::vector<CarriedField> fields_of(const Network& network, const NetworkReport& report) {
  std::map<PortRef, CarriedField> fields;
  std::map<LayerId, CarriedField> ends;
  for (const LayerId id : report.order) {
    const Layer& layer = *network.find(id);
    const LayerSpec& spec = *find_layer_spec(layer.type);
    const LayerReport& figures = report.layers.at(id);
    const LayerView view{layer.settings, figures.inputs};
    std::vector<PortRef> sources;
    for (const Connection& connection : network.connections) {
      if (connection.to.layer == id) sources.push_back(connection.from);
    }
    for (std::size_t output = 0; output < figures.outputs.size(); ++output) {
      CarriedField& field = fields[{id, static_cast<int>(output)}];
      if (layer.type == "Input") field = field_of_input(figures.outputs[output]);
      std::vector<CarriedField> branches;
      for (std::size_t port = 0; port < sources.size(); ++port) {
        const auto windows = spec.output_window ? spec.output_window(view, port, output)
                             : spec.window      ? spec.window(view, port)
                                                : std::vector<AxisWindow>();
        branches.push_back(carry(fields.at(sources[port]), windows, view.input(port), figures.outputs[output]));
      }
      if (!branches.empty()) field = merge(branches);
    }
    if (layer.type == "Output") ends[id] = fields.at({id, 0});
  }
  std::vector<CarriedField> all;
  for (const auto& [id, field] : ends) all.push_back(field);
  return all;
}

bool sees(const AxisTrack& track, std::int64_t position, std::int64_t place) {
  if (track.is_whole) return true;
  const auto phases = static_cast<std::int64_t>(track.phases.size());
  const AxisTrack::Span& phase = track.phases[static_cast<std::size_t>(position % phases)];
  const std::int64_t shift = position / phases * track.stride;
  return place >= phase.start + shift && place < phase.end + shift;
}

}  // namespace

class TestRandomFields : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void no_field_leaves_out_what_is_seen() {
    torch::set_num_threads(1);
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    torch::manual_seed(seed);
    const torch::NoGradGuard no_grad;
    bool is_named = false;
    const int named = qEnvironmentVariableIntValue("NETWRIGHT_RANDOM_GRAPHS", &is_named);
    for (int round = 0; round < (is_named ? named : 150); ++round) {
      const Project project = random_graph(random);
      const Network& network = project.networks.front();
      const Report report = analyse(project);
      const auto built = GraphModule::build(network, report.networks.front());
      QVERIFY2(built, built ? "" : built.error().message.c_str());
      (*built)->to(torch::kFloat64);
      (*built)->eval();
      const std::vector<CarriedField> fields = fields_of(network, report.networks.front());
      const std::string wrong = first_unseen(**built, fields);
      if (!wrong.empty()) qWarning("%s", to_json(project).c_str());
      QVERIFY2(wrong.empty(), qPrintable(QString("round %1: %2").arg(round).arg(wrong.c_str())));
    }
  }

 private:
  static std::string first_unseen(GraphModule& module, const std::vector<CarriedField>& fields) {
    for (const double centre : {-1.0, 1.0}) {
      const torch::Tensor base = torch::rand({batch, 4, 6, 5}, torch::kFloat64) * 0.5 + centre;
      const auto before = module.forward(std::vector<torch::Tensor>{base});
      for (std::int64_t axis = 0; axis < 3; ++axis) {
        for (std::int64_t place = 0; place < base.size(axis + 1); ++place) {
          torch::Tensor moved = base.clone();
          moved.select(axis + 1, place).add_(torch::rand_like(moved.select(axis + 1, place)) * 3 + 3);
          const auto after = module.forward(std::vector<torch::Tensor>{moved});
          for (std::size_t i = 0; i < after.size(); ++i) {
            const AxisTrack& track = fields[i][static_cast<std::size_t>(axis)];
            if (track.is_folded) continue;
            torch::Tensor changed = after[i].ne(before[i]);
            changed = track.at < 0 ? changed.any().reshape({1}) : changed.transpose(0, track.at + 1).flatten(1).any(1);
            for (std::int64_t position = 0; position < changed.size(0); ++position) {
              if (changed[position].item<bool>() && !sees(track, position, place)) {
                return "output " + std::to_string(i) + ", axis " + std::to_string(axis) + ": position " +
                       std::to_string(position) + " sees " + std::to_string(place);
              }
            }
          }
        }
      }
    }
    return {};
  }
};

QTEST_GUILESS_MAIN(TestRandomFields)
#include "test_random_fields.moc"
