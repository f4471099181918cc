// Every row's windows against LibTorch, for each input, each of its axes (the channels' too) and each output: which
// positions change an output when they change must be those that the row says.

#include <torch/torch.h>
//
#include <QTest>
#include <algorithm>
#include <limits>
#include <set>

#include "backend/analysis/receptive_field.h"
#include "backend/engine/nn_bindings.h"
#include "backend/layers/catalogue.h"
#include "tests/support/sample_rows.h"

using namespace netwright;

namespace {

constexpr std::int64_t batch = 2;

using Tensors = std::vector<torch::Tensor>;

/// A sample's layer, ready to run, with the shapes that the row gives it.
struct Subject {
  Settings settings;
  std::vector<Shape> inputs;
  std::vector<Shape> outputs;
  Op op;
};

std::vector<std::int64_t> sizes_of(const Shape& shape) {
  std::vector<std::int64_t> sizes = {batch};
  for (const Dim& dim : shape.dims()) sizes.push_back(dim.value());
  return sizes;
}

Subject subject_of(const LayerSpec& spec, const Sample& sample) {
  Subject subject{
      .settings = completed(spec.settings, sample.settings), .inputs = sample.inputs, .outputs = {}, .op = {}};
  const LayerView view{subject.settings, subject.inputs};
  const ShapeResult shapes = spec.shapes(view);
  if (const auto* problem = std::get_if<ShapeProblem>(&shapes)) throw std::runtime_error(problem->message);
  subject.outputs = std::get<std::vector<Shape>>(shapes);
  auto op = bind(spec.call(view));
  if (!op) throw std::runtime_error(op.error().message);
  subject.op = std::move(*op);
  if (subject.op.module) {
    subject.op.module->to(torch::kFloat64);
    subject.op.module->eval();
  }
  return subject;
}

/// Around `centre`: real numbers that no rectifier stops twice, or words.
torch::Tensor values(const LayerSpec& spec, const Sample& sample, const Subject& subject, std::size_t port,
                     double centre) {
  const std::vector<std::int64_t> sizes = sizes_of(subject.inputs[port]);
  if (spec.elements == Elements::Indices) {
    return torch::randint(0, subject.settings.integer("num_embeddings"), sizes, torch::kInt64);
  }
  return torch::rand(sizes, torch::kFloat64) * 0.5 + (sample.is_positive ? centre + 2 : centre);
}

torch::Tensor moved(const LayerSpec& spec, const Subject& subject, const torch::Tensor& input, std::int64_t dim,
                    std::int64_t position) {
  torch::Tensor copy = input.clone();
  torch::Tensor part = copy.select(dim, position);
  if (spec.elements == Elements::Indices) {
    part.copy_((part + 1).remainder(subject.settings.integer("num_embeddings")));
  } else {
    part.add_(torch::rand_like(part) * 3 + 3);
  }
  return copy;
}

/// For each position along axis `at` of output `output` (one for all where it is gone): the positions along `axis` of
/// the input at `port` that change it.
std::vector<std::set<std::int64_t>> seen(const LayerSpec& spec, const Sample& sample, const Subject& subject,
                                         std::size_t port, std::size_t axis, std::size_t output, int at) {
  const torch::NoGradGuard no_grad;
  const auto places = at < 0 ? std::size_t{1} : static_cast<std::size_t>(*subject.outputs[output][at]);
  std::vector<std::set<std::int64_t>> found(places);
  for (const double centre : {-1.0, 1.0}) {
    Tensors base;
    for (std::size_t i = 0; i < subject.inputs.size(); ++i) base.push_back(values(spec, sample, subject, i, centre));
    const torch::Tensor before = subject.op.forward(base).at(output);
    for (std::int64_t position = 0; position < *subject.inputs[port][axis]; ++position) {
      Tensors other = base;
      other[port] = moved(spec, subject, base[port], static_cast<std::int64_t>(axis) + 1, position);
      torch::Tensor changed = subject.op.forward(other).at(output).ne(before);
      changed = at < 0 ? changed.any().reshape({1}) : changed.transpose(0, at + 1).flatten(1).any(1);
      for (std::size_t i = 0; i < places; ++i) {
        if (changed[static_cast<std::int64_t>(i)].item<bool>()) found[i].insert(position);
      }
    }
  }
  return found;
}

struct Range {
  std::int64_t first;
  std::int64_t last;
};

Range predicted(const AxisTrack& track, std::int64_t position) {
  const auto phases = static_cast<std::int64_t>(track.phases.size());
  const AxisTrack::Span& phase = track.phases[static_cast<std::size_t>(position % phases)];
  const std::int64_t shift = position / phases * track.stride;
  if (track.is_whole) return {0, *track.input_size - 1};
  return {phase.start + shift, phase.end + shift - 1};
}

/// How well a prediction must fit.
enum class Fit {
  Exact,      ///< cut to the input
  Inside,     ///< nothing beyond the range is seen
  Elsewhere,  ///< as exact, but what reaches beyond the input sees other positions of it
};

/// Rows whose windows say more than a single output sees, each for its reason.
Fit fit_of(const LayerSpec& spec, const Subject& subject, std::size_t port, std::size_t axis) {
  // A single position is all there is, for outputs that see none of it too.
  if (subject.inputs[port][axis] == 1) return Fit::Inside;
  const Settings& settings = subject.settings;
  // Where there is one key to look at, neither it nor the query matters.
  if (settings.flag("is_causal") && port < 2 && subject.inputs.size() > 1) return Fit::Inside;
  // A step knows what was before it; the house counts recurrence as seeing everything.
  if (spec.category == Category::Recurrent) return Fit::Inside;
  // Of an axis that is cut up, only the first part has an axis to run along; channels laid out as places likewise.
  if (spec.type == "Reshape" || spec.type == "Unflatten") return Fit::Inside;
  const bool is_channels = axis == 0;
  // Normalisation may mix a part of the channels alone.
  if (is_channels && spec.category == Category::Normalisation) return Fit::Inside;
  if (is_channels && (spec.type == "PixelShuffle" || spec.type == "PixelUnshuffle" || spec.type == "ChannelShuffle"))
    return Fit::Inside;
  for (const char* name : {"padding_mode", "mode"}) {
    const std::string mode = settings.text(name);
    if (mode == "circular" || mode == "reflect" || mode == "replicate") return Fit::Elsewhere;
  }
  const Integers dilation = settings.integers("dilation");
  const bool has_holes = std::any_of(dilation.begin(), dilation.end(), [](std::int64_t d) { return d > 1; });
  return has_holes ? Fit::Inside : Fit::Exact;
}

QString complaint(const AxisTrack& track, const std::vector<std::set<std::int64_t>>& found, Fit fit) {
  const std::int64_t size = *track.input_size;
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto [first, last] = predicted(track, static_cast<std::int64_t>(i));
    const bool is_inside = first >= 0 && last < size;
    if (fit == Fit::Elsewhere && !is_inside) continue;
    first = std::max<std::int64_t>(first, 0);
    last = std::min(last, size - 1);
    const std::int64_t least = found[i].empty() ? std::numeric_limits<std::int64_t>::max() : *found[i].begin();
    const std::int64_t most = found[i].empty() ? -1 : *found[i].rbegin();
    const bool is_nothing = first > last;
    const bool may_see_less = fit == Fit::Inside || track.is_bound;
    const bool fits = is_nothing     ? found[i].empty()
                      : may_see_less ? found[i].empty() || (least >= first && most <= last)
                                     : least == first && most == last;
    if (!fits) {
      return QString("position %1 sees %2 to %3, not %4 to %5").arg(i).arg(least).arg(most).arg(first).arg(last);
    }
  }
  return {};
}

}  // namespace

class TestWindows : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    torch::manual_seed(11);
  }

  void windows_are_what_is_seen_data() {
    add_samples([](const LayerSpec& spec, const Sample& sample) { return spec.call && !sample.inputs.empty(); });
  }
  void windows_are_what_is_seen() {
    QFETCH(int, row);
    QFETCH(int, sample);
    const LayerSpec& spec = catalogue()[static_cast<std::size_t>(row)];
    const Sample& given = spec.samples[static_cast<std::size_t>(sample)];
    const Subject subject = subject_of(spec, given);
    const LayerView view{subject.settings, subject.inputs};
    for (std::size_t port = 0; port < subject.inputs.size(); ++port) {
      // In evaluation the mean is given, and the variance means nothing.
      if (spec.type == "Reparameterize" && port == 1) continue;
      const Shape& input = subject.inputs[port];
      for (std::size_t output = 0; output < subject.outputs.size(); ++output) {
        const auto windows = spec.output_window ? spec.output_window(view, port, output)
                             : spec.window      ? spec.window(view, port)
                                                : std::vector<AxisWindow>();
        QVERIFY(windows.empty() || windows.size() == input.rank());
        const CarriedField field = carry(field_of_input(input), windows, input, subject.outputs[output]);
        for (std::size_t axis = 0; axis < input.rank(); ++axis) {
          const AxisTrack& track = field[axis];
          if (track.is_folded) continue;
          const auto found = seen(spec, given, subject, port, axis, output, track.at);
          const QString wrong = complaint(track, found, fit_of(spec, subject, port, axis));
          QVERIFY2(wrong.isEmpty(),
                   qPrintable(QString("input %1, axis %2, output %3: %4").arg(port).arg(axis).arg(output).arg(wrong)));
        }
      }
    }
  }
};

QTEST_GUILESS_MAIN(TestWindows)
#include "test_windows.moc"
