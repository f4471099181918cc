// What holds for every row of the catalogue, and the mistakes that rows say with their mends.

#include <QTest>
#include <algorithm>
#include <set>

#include "backend/layers/catalogue.h"
#include "tests/support/sample_rows.h"

using namespace netwright;

namespace {

ShapeResult shapes_of(const LayerSpec& spec, const Settings& settings, const std::vector<Shape>& inputs) {
  return spec.shapes({settings, inputs});
}

const std::vector<Shape>* outputs_of(const ShapeResult& result) {
  return std::get_if<std::vector<Shape>>(&result);
}

/// Everything that a row can be asked of a layer that fits.
void ask_everything(const LayerSpec& spec, const LayerView& view, const std::vector<Shape>& outputs) {
  if (spec.warnings) spec.warnings(view);
  if (spec.weights) spec.weights(view);
  if (spec.macs) spec.macs(view, outputs);
  if (spec.formula) spec.formula(view, outputs);
  for (std::size_t port = 0; port < view.inputs.size(); ++port) {
    if (spec.window) {
      const auto windows = spec.window(view, port);
      QVERIFY(windows.empty() || windows.size() == view.input(port).rank());
    }
    for (std::size_t output = 0; spec.output_window && output < outputs.size(); ++output) {
      QCOMPARE(spec.output_window(view, port, output).size(), view.input(port).rank());
    }
  }
}

/// A layer that doesn't fit, and where its row sees the fault.
struct Mistake {
  const char* type;
  Settings settings;
  std::vector<Shape> inputs;
  const char* setting;
  int port;
};

Value number(std::int64_t value) {
  return value;
}
Value word(const char* text) {
  return std::string(text);
}

const std::vector<Mistake>& mistakes() {
  static const std::vector<Mistake> all = {
      {"Conv1d", {}, {{3, 8, 8}}, "", 0},
      {"Conv1d", {}, {{16}}, "", 0},
      {"Conv2d", {}, {{784}}, "", 0},
      {"Conv3d", {}, {{3, 8, 8}}, "", 0},
      {"Conv1d", {{"kernel_size", Integers{9}}}, {{3, 8}}, "kernel_size", 0},
      {"Conv3d", {{"dilation", Integers{1, 4, 1}}}, {{3, 8, 8, 8}}, "kernel_size", 0},
      {"Conv1d", {{"groups", number(2)}}, {{3, 8}}, "groups", 0},
      {"Conv2d", {{"groups", number(3)}}, {{3, 8, 8}}, "out_channels", -1},
      {"Conv3d", {{"padding", word("same")}, {"stride", Integers{1, 2, 1}}}, {{3, 8, 8, 8}}, "padding", -1},
      {"Conv1d", {{"padding", Integers{4}}, {"padding_mode", word("reflect")}}, {{3, 4}}, "padding_mode", 0},
      {"Conv1d", {{"padding", Integers{5}}, {"padding_mode", word("circular")}}, {{3, 4}}, "padding_mode", 0},
      {"ConvTranspose1d", {{"output_padding", Integers{2}}, {"stride", Integers{2}}}, {{3, 4}}, "output_padding", -1},
      {"ConvTranspose2d", {{"padding", Integers{1, 3}}}, {{3, 4, 4}}, "padding", 0},
      {"ConvTranspose2d", {{"groups", number(2)}}, {{3, 4, 4}}, "groups", 0},
      {"ConvTranspose3d", {}, {{4, 4}}, "", 0},
      {"MaxPool1d", {{"padding", Integers{2}}}, {{3, 8}}, "padding", -1},
      {"MaxPool2d", {{"kernel_size", Integers{3, 9}}}, {{3, 8, 8}}, "kernel_size", 0},
      {"AvgPool3d",
       {{"kernel_size", Integers{2, 2, 4}}, {"padding", Integers{1, 1, 1}}},
       {{1, 4, 4, 3}},
       "kernel_size",
       0},
      {"LPPool2d", {{"kernel_size", Integers{3, 9}}}, {{3, 8, 8}}, "kernel_size", 0},
      {"AdaptiveMaxPool1d", {}, {{3, 8, 8}}, "", 0},
      {"GlobalAvgPool", {}, {{8}}, "", 0},
      {"GlobalMaxPool", {}, {{2, 3, 4, 5, 6}}, "", 0},
      {"PReLU", {{"num_parameters", number(4)}}, {{3, 5}}, "num_parameters", -1},
      {"Softmax", {{"dim", number(3)}}, {{3, 4}}, "dim", -1},
      {"BatchNorm1d", {}, {{3, 4, 4}}, "", 0},
      {"BatchNorm2d", {}, {{3, 8}}, "", 0},
      {"InstanceNorm3d", {}, {{3, 8, 8}}, "", 0},
      {"LayerNorm", {{"normalized_dims", number(3)}}, {{3, 4}}, "normalized_dims", -1},
      {"GroupNorm", {{"num_groups", number(4)}}, {{6, 4}}, "num_groups", -1},
      {"Dropout2d", {}, {{3, 8}}, "", 0},
      {"RReLU", {{"lower", 0.5}, {"upper", 0.2}}, {{3}}, "lower", -1},
      {"Hardtanh", {{"min_val", 2.0}}, {{3}}, "min_val", -1},
      {"Bilinear", {}, {{3, 4}, {5, 4}}, "", 1},
      {"Embedding", {{"num_embeddings", number(5)}, {"padding_idx", number(5)}}, {{4}}, "padding_idx", -1},
      {"EmbeddingBag", {}, {{4, 3}}, "", 0},
      {"LSTM", {}, {{7}}, "", 0},
      {"GRU", {}, {{3, 8, 8}}, "", 0},
      {"LSTM", {{"hidden_size", number(4)}, {"proj_size", number(4)}}, {{5, 3}}, "proj_size", -1},
      {"MultiheadAttention", {{"num_heads", number(4)}}, {{5, 6}}, "num_heads", -1},
      {"MultiheadAttention", {{"num_heads", number(2)}}, {{5, 6}, {4, 8}}, "", 1},
      {"MultiheadAttention", {{"num_heads", number(2)}}, {{5, 6}, {4, 6}, {3, 6}}, "", 2},
      {"MultiheadAttention", {}, {{8}}, "", 0},
      {"TransformerEncoderLayer", {{"nhead", number(5)}}, {{5, 6}}, "nhead", -1},
      {"PositionalEncoding", {{"max_len", number(4)}}, {{5, 6}}, "max_len", -1},
      {"AdditiveAttention", {}, {{5}}, "", 0},
      {"ScaledDotProduct", {}, {{5, 4}, {5, 3}, {5, 4}}, "", 1},
      {"ScaledDotProduct", {}, {{5, 4}, {5, 4}, {6, 4}}, "", 2},
      {"ScaledDotProduct", {}, {{2, 5, 4}, {3, 5, 4}, {3, 5, 4}}, "", 1},
      {"Unflatten", {{"dim", number(0)}}, {{6}}, "dim", -1},
      {"Unflatten", {{"unflattened_size", Integers{4, 2}}}, {{6}}, "unflattened_size", -1},
      {"Unflatten", {{"unflattened_size", Integers{-1, -1}}}, {{6}}, "unflattened_size", -1},
      {"Reshape", {{"shape", Integers{4, 4}}}, {{3, 4}}, "shape", -1},
      {"Reshape", {{"shape", Integers{0, -1}}}, {{3, 4}}, "shape", -1},
      {"Permute", {{"dims", Integers{1, 0, 2}}}, {{3, 4}}, "dims", -1},
      {"Permute", {{"dims", Integers{0, 1}}}, {{3, 4}}, "dims", -1},
      {"Permute", {{"dims", Integers{0, 1, 1}}}, {{3, 4}}, "dims", -1},
      {"Squeeze", {{"dim", number(2)}}, {{1, 4}}, "dim", -1},
      {"Unsqueeze", {{"dim", number(5)}}, {{3, 4}}, "dim", -1},
      {"Expand", {{"shape", Integers{3, 5}}}, {{3, 4}}, "shape", -1},
      {"Slice", {{"start", number(4)}}, {{4}}, "start", -1},
      {"Slice", {{"start", number(2)}, {"end", Integers{-3}}}, {{4}}, "end", -1},
      {"Select", {{"index", number(-5)}}, {{4}}, "index", -1},
      {"Select", {{"dim", number(3)}}, {{4, 4}}, "dim", -1},
      {"Chunk", {{"chunks", number(5)}}, {{6}}, "chunks", -1},
      {"Split", {{"split_sizes", Integers{1, 2}}}, {{6}}, "split_sizes", -1},
      {"Pad", {{"pad", Integers{1, 1, 1}}}, {{3, 4}}, "pad", -1},
      {"Pad", {{"pad", Integers{1, 1, 1, 1}}, {"mode", word("reflect")}}, {{3, 4}}, "pad", -1},
      {"Pad", {{"pad", Integers{4, 0}}, {"mode", word("reflect")}}, {{3, 4}}, "pad", -1},
      {"Pad", {{"pad", Integers{-1, 0}}, {"mode", word("circular")}}, {{3, 4}}, "pad", -1},
      {"Pad", {{"pad", Integers{-2, -2}}}, {{3, 4}}, "pad", -1},
      {"Pad", {{"pad", Integers{-3, 5}}}, {{3, 1}}, "pad", -1},
      {"Pad", {{"pad", Integers{1, 1}}, {"mode", word("circular")}}, {{4}}, "mode", -1},
      {"Pad", {{"pad", Integers{1, 1}}, {"mode", word("replicate")}}, {{2, 3, 4, 5, 6}}, "mode", -1},
      {"Upsample", {{"mode", word("bilinear")}}, {{3, 4}}, "mode", -1},
      {"Upsample", {{"size", Integers{4, 4, 4}}}, {{3, 4, 4}}, "size", -1},
      {"Upsample", {{"scale_factor", Reals{0.1}}}, {{3, 4}}, "scale_factor", -1},
      {"Upsample", {}, {{4}}, "", 0},
      {"PixelShuffle", {}, {{6, 4, 4}}, "upscale_factor", 0},
      {"PixelUnshuffle", {}, {{6, 4, 5}}, "downscale_factor", 0},
      {"ChannelShuffle", {{"groups", number(4)}}, {{6, 4}}, "groups", 0},
      {"Add", {}, {{64, 8, 8}, {64}}, "", 1},
      {"Multiply", {}, {{8}, {5, 8}}, "", 1},
      {"Divide", {}, {{3, 4}, {3, 5}}, "", 1},
      {"MatMul", {}, {{4, 3}, {5, 3}}, "", 1},
      {"MatMul", {}, {{3}, {3, 5}}, "", 0},
      {"MatMul", {}, {{2, 4, 3}, {3, 5}}, "", 1},
      {"Concat", {{"dim", number(0)}}, {{3}, {4}}, "dim", -1},
      {"Concat", {{"dim", number(2)}}, {{3, 4}, {4, 4}}, "", 1},
      {"Mean", {{"dim", Integers{1, -1}}}, {{3}}, "dim", -1},
      {"Max", {{"dim", Integers{3}}}, {{3, 4}}, "dim", -1},
      {"Reparameterize", {}, {{3}, {4}}, "", 1},
  };
  return all;
}

}  // namespace

class TestRows : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void types_differ() {
    std::set<std::string> types;
    for (const LayerSpec& spec : catalogue()) QVERIFY2(types.insert(spec.type).second, spec.type.c_str());
  }

  void defaults_are_valid() {
    for (const LayerSpec& spec : catalogue()) {
      for (const SettingSpec& setting : spec.settings) {
        const auto wrong = complaint(setting, setting.fallback);
        QVERIFY2(!wrong, qPrintable(QString("%1: %2").arg(spec.type.c_str(), wrong.value_or("").c_str())));
        QVERIFY2(setting.help.ends_with('.'),
                 qPrintable(QString("%1.%2").arg(spec.type.c_str(), setting.name.c_str())));
      }
    }
  }

  void every_setting_is_sampled_data() {
    QTest::addColumn<int>("row");
    for (std::size_t row = 0; row < catalogue().size(); ++row) {
      if (catalogue()[row].call) QTest::newRow(catalogue()[row].type.c_str()) << static_cast<int>(row);
    }
  }
  void every_setting_is_sampled() {
    QFETCH(int, row);
    const LayerSpec& spec = catalogue()[static_cast<std::size_t>(row)];
    for (const SettingSpec& setting : spec.settings) {
      const bool is_sampled = std::any_of(spec.samples.begin(), spec.samples.end(), [&](const Sample& sample) {
        const Value* value = sample.settings.find(setting.name);
        return value && *value != setting.fallback;
      });
      QVERIFY2(is_sampled, setting.name.c_str());
    }
  }

  void samples_are_explained_data() { add_samples(); }
  void samples_are_explained() {
    QFETCH(int, row);
    QFETCH(int, sample);
    const LayerSpec& spec = catalogue()[static_cast<std::size_t>(row)];
    const Sample& given = spec.samples[static_cast<std::size_t>(sample)];
    const Settings settings = completed(spec.settings, given.settings);
    for (const SettingSpec& setting : spec.settings) QVERIFY(!complaint(setting, *settings.find(setting.name)));
    const ShapeResult result = shapes_of(spec, settings, given.inputs);
    QVERIFY(outputs_of(result));
    QVERIFY(spec.caption);
    spec.caption(settings);
    if (!spec.formula) return;
    for (const FormulaLine& line : spec.formula({settings, given.inputs}, *outputs_of(result))) {
      QVERIFY(!line.symbols.empty() && !line.numbers.empty());
      QVERIFY2(line.numbers.find('?') == std::string::npos, line.numbers.c_str());
    }
  }

  /// One size at a time, and all: what is said without them must be true with them.
  void unknown_sizes_stay_unknown_data() { add_samples(); }
  void unknown_sizes_stay_unknown() {
    QFETCH(int, row);
    QFETCH(int, sample);
    const LayerSpec& spec = catalogue()[static_cast<std::size_t>(row)];
    const Sample& given = spec.samples[static_cast<std::size_t>(sample)];
    const Settings settings = completed(spec.settings, given.settings);
    const ShapeResult known = shapes_of(spec, settings, given.inputs);
    QVERIFY(outputs_of(known));
    std::vector<std::vector<Shape>> cases;
    std::vector<Shape> nothing = given.inputs;
    for (std::size_t port = 0; port < given.inputs.size(); ++port) {
      for (std::size_t axis = 0; axis < given.inputs[port].rank(); ++axis) {
        cases.push_back(given.inputs);
        cases.back()[port][axis] = std::nullopt;
        nothing[port][axis] = std::nullopt;
      }
    }
    cases.push_back(nothing);
    for (const std::vector<Shape>& inputs : cases) {
      const ShapeResult result = shapes_of(spec, settings, inputs);
      const std::vector<Shape>* outputs = outputs_of(result);
      QVERIFY(outputs);
      QCOMPARE(outputs->size(), outputs_of(known)->size());
      for (std::size_t i = 0; i < outputs->size(); ++i) {
        const Shape& with = (*outputs_of(known))[i];
        QVERIFY2((*outputs)[i].rank() == with.rank() && (*outputs)[i].is_compatible_with(with),
                 qPrintable(QString("%1 is %2").arg((*outputs)[i].to_string().c_str(), with.to_string().c_str())));
      }
      const LayerView view{settings, inputs};
      ask_everything(spec, view, *outputs);
      if (spec.macs) {
        const Dim macs = spec.macs(view, *outputs);
        const Dim real = spec.macs({settings, given.inputs}, *outputs_of(known));
        QVERIFY(!macs || *macs == *real);
      }
    }
  }

  void mistakes_are_said_and_mended_data() {
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < mistakes().size(); ++i) {
      QTest::addRow("%s %zu", mistakes()[i].type, i) << static_cast<int>(i);
    }
  }
  void mistakes_are_said_and_mended() {
    QFETCH(int, index);
    const Mistake& mistake = mistakes()[static_cast<std::size_t>(index)];
    const LayerSpec* spec = find_layer_spec(mistake.type);
    QVERIFY(spec);
    const Settings settings = completed(spec->settings, mistake.settings);
    const ShapeResult result = shapes_of(*spec, settings, mistake.inputs);
    const auto* problem = std::get_if<ShapeProblem>(&result);
    QVERIFY(problem);
    QCOMPARE(problem->setting, std::string(mistake.setting));
    QCOMPARE(problem->port, mistake.port);
    QVERIFY(!problem->message.empty() && !problem->expected.empty() && !problem->actual.empty());
    bool is_mended = problem->fixes.empty();
    for (const FixHint& fix : problem->fixes) {
      QVERIFY(!fix.label.empty());
      Settings changed = settings;
      std::vector<Shape> inputs = mistake.inputs;
      if (const auto* change = std::get_if<ChangeSetting>(&fix.action)) {
        const SettingSpec* setting = find_spec(spec->settings, change->setting);
        QVERIFY(setting);
        const auto wrong = complaint(*setting, change->value);
        QVERIFY2(!wrong, wrong.value_or("").c_str());
        changed.set(change->setting, change->value);
      } else {
        const auto& insertion = std::get<InsertBefore>(fix.action);
        const LayerSpec* inserted = find_layer_spec(insertion.type);
        QVERIFY(inserted);
        Shape& input = inputs[static_cast<std::size_t>(insertion.port)];
        const ShapeResult before = shapes_of(*inserted, completed(inserted->settings, insertion.settings), {input});
        QVERIFY(outputs_of(before));
        input = outputs_of(before)->front();
      }
      is_mended = is_mended || outputs_of(shapes_of(*spec, changed, inputs));
    }
    QVERIFY2(is_mended, problem->message.c_str());
  }
};

QTEST_APPLESS_MAIN(TestRows)
#include "test_rows.moc"
