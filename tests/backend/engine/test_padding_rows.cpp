// Every row of the catalogue, with sequences of different lengths along each of its axes: each gives what the sequence
// alone would give, whatever stands in its padding.

#include <torch/torch.h>
//
#include <QTest>
#include <random>
#include <set>

#include "backend/layers/catalogue.h"
#include "tests/support/drawing.h"
#include "tests/support/padded_sequences.h"
#include "tests/support/random_choice.h"
#include "tests/support/sample_rows.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

constexpr std::int64_t samples = 5;

/// They give each step a place in the output that its number decides, or cut it into parts of given sizes: a shorter
/// sequence alone means another thing to them. Of its padding they see zeros.
const std::set<std::string> tied = {"Flatten", "Unflatten", "Reshape", "Split", "Chunk", "GLU", "ChannelShuffle"};

/// So do the groups of channels, the features that scores are divided by, and the statistics of a batch.
bool is_tied(const LayerSpec& spec, const Sample& sample, std::size_t axis) {
  if (spec.type == "GroupNorm") return axis == 0 && sample.settings.integer("num_groups") > 1;
  if (spec.type == "ScaledDotProduct") return axis + 1 == sample.inputs[0].rank();
  if (spec.type.starts_with("BatchNorm")) return !completed(spec.settings, sample.settings).flag("track_running_stats");
  return tied.contains(spec.type);
}

LayerId place(Project& project, const std::string& type, const std::string& name, const Settings& settings,
              const std::vector<LayerId>& sources) {
  Drawing draw(project);
  return draw.add(type, name, settings, sources);
}

/// The sample with an Input whose first axis runs along axis `axis` of port `port` and of all ports of that shape; the
/// others have Inputs of their own.
struct Subject {
  const LayerSpec& spec;
  const Sample& sample;
  std::size_t port;
  std::size_t axis;

  std::int64_t steps() const { return *sample.inputs[port][axis]; }
  bool has_words() const { return spec.elements == Elements::Indices; }

  Integers input_shape(std::int64_t own) const {
    Integers shape = {own};
    for (std::size_t other = 0; other < sample.inputs[port].rank(); ++other) {
      if (other != axis) shape.push_back(*sample.inputs[port][other]);
    }
    return shape;
  }

  Project drawn(std::int64_t own) const {
    Project project = empty_project();
    const Settings words = {{"dtype", std::string(has_words() ? "int64" : "float32")}};
    Settings input = words;
    input.set("shape", input_shape(own));
    LayerId source = place(project, "Input", "steps", input, {});
    if (axis > 0) {
      Integers order = {0};
      for (std::int64_t dim = 2; dim <= static_cast<std::int64_t>(axis) + 1; ++dim) order.push_back(dim);
      order.push_back(1);
      for (std::size_t dim = axis + 2; dim <= sample.inputs[port].rank(); ++dim)
        order.push_back(static_cast<std::int64_t>(dim));
      source = place(project, "Permute", "permuted", {{"dims", order}}, {source});
    }
    std::vector<LayerId> sources;
    for (std::size_t other = 0; other < sample.inputs.size(); ++other) {
      const std::string name = "other" + std::to_string(other);
      if (other == port) {
        sources.push_back(source);
      } else if (sample.inputs[other] == sample.inputs[port]) {
        sources.push_back(place(project, "Scale", name, {{"scale", 0.5 + static_cast<double>(other)}}, {source}));
      } else {
        Settings settings = words;
        Integers shape;
        for (const Dim& dim : sample.inputs[other].dims()) shape.push_back(*dim);
        settings.set("shape", shape);
        sources.push_back(place(project, "Input", name, settings, {}));
      }
    }
    const LayerId subject = place(project, spec.type, "subject", sample.settings, sources);
    Drawing draw(project);
    const int outputs = output_count(spec, draw.network().find(subject)->settings);
    for (int output = 0; output < outputs; ++output) {
      const LayerId end = draw.add("Output", "output" + std::to_string(output), {}, {subject});
      draw.network().connections.pop_back();
      draw.connect(subject, end, 0, output);
    }
    return project;
  }

  PaddedBatch batch(std::mt19937& random) const {
    PaddedBatch made;
    const auto add = [&](Integers shape) {
      shape.insert(shape.begin(), samples);
      made.inputs.push_back(has_words()          ? torch::randint(2, shape, torch::kInt64)
                            : sample.is_positive ? torch::rand(shape, torch::kFloat64) + 0.5
                                                 : torch::randn(shape, torch::kFloat64));
    };
    add(input_shape(steps()));
    for (const Shape& shape : sample.inputs) {
      Integers sizes;
      for (const Dim& dim : shape.dims()) sizes.push_back(*dim);
      if (shape != sample.inputs[port]) add(sizes);
    }
    RandomChoice choose(random);
    // An axis of 1 would be stretched where inputs are joined.
    for (std::int64_t i = 0; i < samples; ++i) made.lengths.push_back(choose.between(2, steps()));
    return made;
  }
};

}  // namespace

class TestPaddingRows : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    seed_ = test_seed();
    qInfo("seed %u", seed_);
  }

  void steps_along_any_axis_data() {
    add_samples([](const LayerSpec& spec, const Sample& sample) { return spec.call && !sample.inputs.empty(); });
  }
  void steps_along_any_axis() {
    QFETCH(int, row);
    QFETCH(int, sample);
    const LayerSpec& spec = catalogue()[static_cast<std::size_t>(row)];
    const Sample& chosen = spec.samples[static_cast<std::size_t>(sample)];
    std::mt19937 random(seed_);
    torch::manual_seed(seed_);
    for (std::size_t port = 0; port < chosen.inputs.size(); ++port) {
      for (std::size_t axis = 0; axis < chosen.inputs[port].rank(); ++axis) {
        const Subject subject{spec, chosen, port, axis};
        if (subject.steps() < 2) continue;
        const auto drawn = [&](std::int64_t own) { return subject.drawn(own); };
        const PaddedComparison result =
            compare_padded(drawn, subject.batch(random), false, !is_tied(spec, chosen, axis));
        QVERIFY2(result.complaint.empty(),
                 qPrintable(QString("input %1, axis %2: %3").arg(port).arg(axis).arg(result.complaint.c_str())));
        compared_[spec.type] += result.compared;
      }
    }
  }

  /// What no sample can show alone has weights for each place along all its axes, or is tied.
  void most_rows_are_compared() {
    std::set<std::string> never;
    for (const auto& [type, count] : compared_) {
      if (count == 0 && !tied.contains(type)) never.insert(type);
    }
    QVERIFY2(never.empty(), qPrintable(QString::fromStdString([&] {
               std::string list;
               for (const std::string& type : never) list += type + ' ';
               return list;
             }())));
  }

 private:
  unsigned seed_ = 0;
  std::map<std::string, int> compared_;
};

QTEST_GUILESS_MAIN(TestPaddingRows)
#include "test_padding_rows.moc"
