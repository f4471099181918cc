// Receptive fields through branches, against brute force: every layer's windows followed back position by position.

#include <QTest>
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "backend/analysis/analyse.h"
#include "backend/analysis/receptive_field.h"
#include "backend/graph/project_json.h"
#include "backend/layers/catalogue.h"
#include "tests/support/drawing.h"
#include "tests/support/random_choice.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

using Positions = std::set<std::int64_t>;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/// Along spatial axis `axis` of so many, the input positions that position `i` of the layer's output looks at.
/// Positions beyond the output (another layer's padding) are thought on.
Positions looked_at(const Layer& layer, const LayerReport& figures, std::size_t axis, std::int64_t i) {
  const Settings& s = layer.settings;
  const auto number = [&](const char* name, std::int64_t fallback) {
    const Integers list = s.integers(name);
    return list.empty() ? fallback : list[axis];
  };
  const std::int64_t kernel = number("kernel_size", 1);
  const std::int64_t stride = number("stride", s.text("stride") == "kernel_size" ? kernel : 1);
  const std::int64_t dilation = number("dilation", 1);
  const std::int64_t before = number("padding", s.text("padding") == "same" ? dilation * (kernel - 1) / 2 : 0);
  Positions positions;
  if (layer.type.starts_with("ConvTranspose")) {
    for (std::int64_t k = 0; k < kernel; ++k) {
      const std::int64_t painted = i + before - k * dilation;
      if (floor_div(painted, stride) * stride == painted) positions.insert(floor_div(painted, stride));
    }
  } else if (layer.type == "Upsample") {
    positions.insert(floor_div(i * 2, std::lround(2 * s.reals("scale_factor")[axis])));
  } else if (layer.type == "Pad") {
    const Integers pad = s.integers("pad");
    positions.insert(i - pad[pad.size() - 2 * (axis + 1)]);
  } else if (layer.type.starts_with("Adaptive")) {
    const std::int64_t n = *figures.inputs[0][axis + 1];
    const std::int64_t m = *figures.outputs[0][axis + 1];
    for (std::int64_t j = floor_div(i * n, m); j < -floor_div(-(i + 1) * n, m); ++j) positions.insert(j);
  } else {
    for (std::int64_t k = 0; k < kernel; ++k) positions.insert(i * stride - before + k * dilation);
  }
  return positions;
}

enum class Beyond {
  Continued,  ///< positions beyond a layer's output (another's padding) see what the grid thought on would
  Nothing     ///< they see nothing, as padding with numbers does
};

/// What the positions of `layer` see of the network's input.
Positions seen(const Network& network, const NetworkReport& report, LayerId layer, std::size_t axis,
               Positions positions, Beyond beyond) {
  const Layer& at = *network.find(layer);
  const LayerReport& figures = report.layers.at(layer);
  if (beyond == Beyond::Nothing) {
    const std::int64_t count = *figures.outputs[0][axis + 1];
    std::erase_if(positions, [&](std::int64_t i) { return i < 0 || i >= count; });
  }
  if (at.type == "Input") return positions;
  Positions sources;
  for (const std::int64_t i : positions) sources.merge(looked_at(at, figures, axis, i));
  Positions all;
  for (const Connection& connection : network.connections) {
    if (connection.to.layer == layer) {
      all.merge(seen(network, report, connection.from.layer, axis, sources, beyond));
    }
  }
  return all;
}

/// The field of `layer` as analysis carries it, phase by phase.
CarriedField carried(const Network& network, const NetworkReport& report, LayerId layer) {
  const Layer& at = *network.find(layer);
  const LayerReport& figures = report.layers.at(layer);
  if (at.type == "Input") return field_of_input(figures.outputs[0]);
  const LayerSpec& spec = *find_layer_spec(at.type);
  std::vector<CarriedField> branches;
  for (const Connection& connection : network.connections) {
    if (connection.to.layer != layer) continue;
    const auto port = static_cast<std::size_t>(connection.to.port);
    const auto windows = spec.window ? spec.window({at.settings, figures.inputs}, port) : std::vector<AxisWindow>();
    branches.push_back(
        carry(carried(network, report, connection.from.layer), windows, figures.inputs[port], figures.outputs[0]));
  }
  return merge(branches);
}

AxisTrack::Span span_at(const AxisTrack& track, std::int64_t i) {
  const auto phases = static_cast<std::int64_t>(track.phases.size());
  const AxisTrack::Span& phase = track.phases[static_cast<std::size_t>(i % phases)];
  return {phase.start + i / phases * track.stride, phase.end + i / phases * track.stride};
}

/// Random branches along `rank` axes that end in one size, joined by Add or Concat, twice over. Each branch of a stage
/// shrinks or grows by the same factors, most often.
class Branching {
 public:
  Branching(std::mt19937& random, std::size_t rank) : choose_(random), rank_(rank) {}

  Project draw() {
    Integers shape = {2};
    for (std::size_t axis = 0; axis < rank_; ++axis) shape.push_back(choose_.between(28, 44));
    draw_.add("Input", "input", {{"shape", shape}});
    add_stage("Add");
    add_stage(choose_.one_in(2) ? "Add" : "Concat");
    draw_.add("Output", "output");
    return project_;
  }

 private:
  Integers each(std::int64_t first, std::int64_t last) {
    Integers numbers;
    for (std::size_t axis = 0; axis < rank_; ++axis) numbers.push_back(choose_.between(first, last));
    return numbers;
  }
  std::string typed(const char* stem) const { return stem + std::to_string(rank_) + "d"; }
  std::string next() { return "layer" + std::to_string(++number_); }
  LayerId add(const std::string& type, const Settings& settings, LayerId source) {
    return draw_.add(type, next(), settings, {source});
  }
  Integers size_of(LayerId layer) {
    const Report report = analyse(project_);
    const LayerReport& figures = *report.find(draw_.network().id, layer);
    if (!figures.is_valid) throw std::logic_error("a layer doesn't fit: " + report.diagnostics.front().message);
    Integers sizes;
    for (std::size_t axis = 1; axis <= rank_; ++axis) sizes.push_back(*figures.outputs[0][axis]);
    return sizes;
  }

  LayerId keep_pace(LayerId at) {
    switch (choose_.below(4)) {
      case 0:
        return add(typed("Conv"),
                   {{"out_channels", std::int64_t{2}},
                    {"kernel_size", each(1, 4)},
                    {"dilation", each(1, 2)},
                    {"padding", std::string("same")}},
                   at);
      case 1:
        return add(typed("AvgPool"),
                   {{"kernel_size", each(2, 3)}, {"stride", Integers(rank_, 1)}, {"padding", each(0, 1)}}, at);
      case 2: {
        Integers pad;
        for (std::size_t i = 0; i < 2 * rank_; ++i) pad.push_back(choose_.between(-1, 3));
        return add("Pad", {{"pad", pad}}, at);
      }
      default:
        return add(typed("ConvTranspose"),
                   {{"out_channels", std::int64_t{2}},
                    {"kernel_size", each(1, 4)},
                    {"dilation", each(1, 2)},
                    {"padding", each(0, 1)}},
                   at);
    }
  }

  LayerId shrink(LayerId at, const Integers& factors) {
    if (choose_.one_in(2)) {
      return add(typed("Conv"),
                 {{"out_channels", std::int64_t{2}},
                  {"kernel_size", each(1, 4)},
                  {"stride", factors},
                  {"padding", each(0, 2)}},
                 at);
    }
    return add(typed("MaxPool"),
               {{"kernel_size", each(2, 3)},
                {"stride", factors},
                {"padding", each(0, 1)},
                {"dilation", each(1, 2)},
                {"ceil_mode", choose_.one_in(2)}},
               at);
  }

  LayerId grow(LayerId at, const Integers& factors) {
    if (choose_.one_in(2)) return add("Upsample", {{"scale_factor", Reals(factors.begin(), factors.end())}}, at);
    return add(
        typed("ConvTranspose"),
        {{"out_channels", std::int64_t{2}}, {"kernel_size", each(1, 5)}, {"stride", factors}, {"padding", each(0, 1)}},
        at);
  }

  void add_stage(const char* join) {
    const LayerId entry = draw_.last();
    const Integers down = each(1, 2);
    const Integers up = each(1, 3);
    const bool is_down = choose_.one_in(2);
    const bool is_up = choose_.one_in(2);
    std::vector<LayerId> ends;
    for (std::size_t branch = 0, branches = 2 + choose_.below(2); branch < branches; ++branch) {
      LayerId at = keep_pace(entry);
      if (choose_.one_in(16)) {
        at = add("Upsample", {{"scale_factor", Reals(rank_, 1.5)}}, at);
      } else if (choose_.one_in(16)) {
        at = add(typed("AdaptiveAvgPool"), {{"output_size", each(12, 16)}}, at);
      } else {
        if (is_up) at = grow(at, up);
        if (choose_.one_in(2)) at = keep_pace(at);
        if (is_down) at = shrink(at, down);
      }
      ends.push_back(at);
    }
    const Integers wanted = size_of(ends.front());
    for (LayerId& end : ends) {
      const Integers sizes = size_of(end);
      Integers pad;
      for (std::size_t axis = rank_; axis-- > 0;) {
        // Half of what lacks or is too much, or all of it on one side.
        const std::int64_t lacking = wanted[axis] - sizes[axis];
        const std::int64_t before = choose_.one_in(2) ? lacking / 2 : 0;
        pad.insert(pad.end(), {before, lacking - before});
      }
      if (sizes != wanted) end = add("Pad", {{"pad", pad}}, end);
    }
    draw_.add(join, next(), {}, ends);
  }

  RandomChoice choose_;
  std::size_t rank_;
  Project project_ = empty_project();
  Drawing draw_{project_};
  int number_ = 0;
};

QString text(const Positions& seen, std::int64_t first, std::int64_t size) {
  const QString where = seen.empty() ? "nothing" : QString("%1 to %2").arg(*seen.begin()).arg(*seen.rbegin());
  return QString("sees %1, not %2 to %3").arg(where).arg(first).arg(first + size - 1);
}

/// Empty where position `i`, which sees `seen`, sees just what is predicted.
QString exact_complaint(const AxisTrack& track, const AxisField& field, const Positions& seen, std::int64_t i) {
  const std::int64_t size = *seen.rbegin() - *seen.begin() + 1;
  const AxisTrack::Span span = span_at(track, i);
  if (*seen.begin() != span.start || size != span.end - span.start)
    return text(seen, span.start, span.end - span.start);
  if (size > field.size) return text(seen, field.start, field.size);
  if (field.is_bound || i % field.period != 0) return {};
  const std::int64_t start = field.start + i / field.period * field.stride;
  return *seen.begin() == start && size == field.size ? QString() : text(seen, start, field.size);
}

/// Empty where it sees nothing beyond what is predicted.
QString bound_complaint(const AxisTrack& track, const AxisField& field, const Positions& seen, std::int64_t i) {
  if (seen.empty()) return {};
  const AxisTrack::Span span = span_at(track, i);
  const bool is_within = *seen.begin() >= span.start && *seen.rbegin() < span.end;
  const bool is_small = *seen.rbegin() - *seen.begin() < field.size;
  return field.is_bound && is_within && is_small ? QString() : text(seen, span.start, span.end - span.start);
}

}  // namespace

class TestReceptiveField : public QObject {
  Q_OBJECT

 private slots:
  void branches_agree_with_brute_force_data() {
    QTest::addColumn<int>("rank");
    QTest::newRow("signals") << 1;
    QTest::newRow("images") << 2;
    QTest::newRow("volumes") << 3;
  }
  void branches_agree_with_brute_force() {
    QFETCH(int, rank);
    const auto seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    int exact = 0;
    int bound = 0;
    for (int round = 0; round < 40; ++round) {
      const Project project = Branching(random, static_cast<std::size_t>(rank)).draw();
      const Network& network = project.networks[0];
      const Report report = analyse(project);
      QVERIFY2(report.is_sound(network.id), report.diagnostics.empty() ? "" : report.diagnostics[0].message.c_str());
      for (const auto& [id, figures] : report.networks[0].layers) {
        const CarriedField field = carried(network, report.networks[0], id);
        for (std::size_t axis = 0; axis < static_cast<std::size_t>(rank); ++axis) {
          const AxisTrack& track = field[axis + 1];
          QVERIFY(!track.is_whole);
          const std::int64_t count = *figures.outputs[0][axis + 1];
          ++(track.is_bound ? bound : exact);
          for (std::int64_t i = 0; i < count; i += i < 8 || i > count - 4 ? 1 : 3) {
            const Beyond beyond = track.is_bound ? Beyond::Nothing : Beyond::Continued;
            const Positions positions = seen(network, report.networks[0], id, axis, {i}, beyond);
            const QString wrong =
                (track.is_bound ? bound_complaint : exact_complaint)(track, figures.field[axis], positions, i);
            if (!wrong.isEmpty()) qWarning("%s", to_json(project).c_str());
            QVERIFY2(wrong.isEmpty(), qPrintable(QString("round %1, %2, axis %3: position %4 %5")
                                                     .arg(round)
                                                     .arg(network.find(id)->name.c_str())
                                                     .arg(axis)
                                                     .arg(i)
                                                     .arg(wrong)));
          }
        }
      }
    }
    // Most are exact, and some are bounds.
    QVERIFY(bound > 0);
    QVERIFY(exact > bound);
  }

  void global_layers_see_the_whole_input() {
    const Project project = mission_cnn();
    const Report report = analyse(project);
    const Network& network = project.networks[0];
    QCOMPARE(to_text(report.find(network.id, network.find("fc1")->id)->field), std::string("whole input"));
    QCOMPARE(to_text(report.networks[0].field), std::string("whole input"));
    // Flattening alone mixes nothing: each feature still sees its pixel's window.
    QCOMPARE(report.find(network.id, network.find("flatten")->id)->field[0].size, std::int64_t{16});
  }

  void rows_that_nothing_reads_are_not_seen() {
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "input", {{"shape", Integers{1, 11, 11}}});
    draw.add("MaxPool2d", "pool1", {{"kernel_size", Integers{3, 3}}});
    draw.add("Flatten", "flatten1");
    draw.add("Linear", "fc1");
    draw.add("Output", "output");
    const AxisField axis = analyse(project).networks[0].field[0];
    QCOMPARE(axis.size, std::int64_t{9});  // rows 9 and 10 are dropped by the pool
    QVERIFY(!axis.is_whole);
  }

  void linear_on_an_image_sees_its_whole_last_axis() {
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "input", {{"shape", Integers{2, 9, 7}}});
    draw.add("Conv2d", "conv1");
    draw.add("Linear", "fc1");
    draw.add("Output", "output");
    const ReceptiveField field = analyse(project).networks[0].field;
    QCOMPARE(field[0].size, std::int64_t{3});
    QVERIFY(field[1].is_whole);
    QCOMPARE(field[1].size, std::int64_t{7});
  }
};

QTEST_APPLESS_MAIN(TestReceptiveField)
#include "test_receptive_field.moc"
