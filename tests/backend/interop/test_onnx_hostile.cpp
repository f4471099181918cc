// Damaged and malicious models: always a message or a project, never a crash, and never more memory than a gigabyte.

#include <onnx/onnx_pb.h>
#include <sys/resource.h>

#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <filesystem>
#include <fstream>
#include <random>

#include "backend/analysis/analyse.h"
#include "backend/interop/onnx_import.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

onnx::NodeProto* add_node(onnx::ModelProto& model, const std::string& op, const std::vector<std::string>& inputs,
                          const std::string& output) {
  onnx::NodeProto* node = model.mutable_graph()->add_node();
  node->set_op_type(op);
  node->set_name("/" + output + "/" + op);
  for (const std::string& input : inputs) node->add_input(input);
  node->add_output(output);
  return node;
}

void set_integers(onnx::NodeProto* node, const std::string& name, const std::vector<std::int64_t>& numbers) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::INTS);
  for (const std::int64_t number : numbers) attribute->add_ints(number);
}

void set_integer(onnx::NodeProto* node, const std::string& name, std::int64_t number) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::INT);
  attribute->set_i(number);
}

onnx::TensorProto* add_real(onnx::ModelProto& model, const std::string& name, const std::vector<std::int64_t>& sizes) {
  onnx::TensorProto* tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::FLOAT);
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) {
    tensor->add_dims(size);
    count *= size;
  }
  for (std::int64_t i = 0; i < count; ++i) tensor->add_float_data(0.01F * static_cast<float>(i % 17));
  return tensor;
}

void add_whole(onnx::ModelProto& model, const std::string& name, const std::vector<std::int64_t>& numbers) {
  onnx::TensorProto* tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnx::TensorProto::INT64);
  tensor->add_dims(static_cast<std::int64_t>(numbers.size()));
  for (const std::int64_t number : numbers) tensor->add_int64_data(number);
}

void add_value(onnx::ValueInfoProto* info, const std::string& name, const std::vector<std::int64_t>& sizes) {
  info->set_name(name);
  auto* type = info->mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t size : sizes) type->mutable_shape()->add_dim()->set_dim_value(size);
}

/// Nothing in it but the input and the output.
onnx::ModelProto empty_model(const std::vector<std::int64_t>& input = {1, 4, 8, 8}, const std::string& output = "out") {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(13);
  model.mutable_graph()->set_name("graph");
  add_value(model.mutable_graph()->add_input(), "in", input);
  model.mutable_graph()->add_output()->set_name(output);
  return model;
}

/// A bit of everything: convolution, norm, pool, shape arithmetic, attention's reshapes, linear layers.
onnx::ModelProto varied_model() {
  onnx::ModelProto model = empty_model();
  add_real(model, "conv.weight", {6, 4, 3, 3});
  add_real(model, "conv.bias", {6});
  for (const char* name : {"bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"}) add_real(model, name, {6});
  add_real(model, "fc.weight", {10, 24});
  add_real(model, "gain", {8});
  add_whole(model, "zero", {0});
  add_whole(model, "rest", {-1});
  add_whole(model, "heads", {1, 3, 2, 16});
  set_integers(add_node(model, "Conv", {"in", "conv.weight", "conv.bias"}, "c"), "pads", {1, 1, 1, 1});
  add_node(model, "BatchNormalization", {"c", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"}, "b");
  add_node(model, "Relu", {"b"}, "r");
  onnx::NodeProto* pool = add_node(model, "MaxPool", {"r"}, "p");
  set_integers(pool, "kernel_shape", {2, 2});
  set_integers(pool, "strides", {2, 2});
  add_node(model, "Reshape", {"p", "heads"}, "h");
  set_integers(add_node(model, "Transpose", {"h"}, "t"), "perm", {0, 1, 3, 2});
  add_node(model, "MatMul", {"h", "t"}, "m");
  set_integer(add_node(model, "Softmax", {"m"}, "s"), "axis", -1);
  add_node(model, "MatMul", {"s", "h"}, "a");
  add_node(model, "Shape", {"p"}, "shape");
  add_node(model, "Reshape", {"a", "shape"}, "back");
  add_node(model, "Add", {"back", "p"}, "sum");
  add_node(model, "GlobalAveragePool", {"sum"}, "g");
  add_node(model, "Gather", {"shape", "zero"}, "n");
  add_node(model, "Concat", {"n", "rest"}, "flat");
  set_integer(model.mutable_graph()->mutable_node(model.graph().node_size() - 1), "axis", 0);
  onnx::NodeProto* slice = add_node(model, "Split", {"sum"}, "left");
  slice->add_output("right");
  set_integer(slice, "axis", 1);
  add_node(model, "Mul", {"left", "right"}, "gated");
  set_integers(add_node(model, "ReduceMean", {"gated"}, "mean"), "axes", {2, 3});
  add_node(model, "Reshape", {"sum", "flat"}, "vector");
  set_integers(add_node(model, "Unsqueeze", {"vector"}, "wide"), "axes", {1});
  add_node(model, "Flatten", {"mean"}, "f");
  add_node(model, "Relu", {"f"}, "out");
  return model;
}

}  // namespace

class TestOnnxHostile : public QObject {
  Q_OBJECT

 private:
  QTemporaryDir folder_;

  /// A project that can be analysed, or a message.
  void look_at(const std::string& bytes) {
    const QString file = folder_.filePath("model.onnx");
    QVERIFY(put_file(file, QByteArray::fromRawData(bytes.data(), static_cast<qsizetype>(bytes.size()))));
    const auto imported = import_onnx(path_of(file));
    if (!imported) {
      QVERIFY(!imported.error().message.empty());
      return;
    }
    QCOMPARE(imported->project.networks.size(), std::size_t{1});
    analyse(imported->project);
  }
  Result<Imported> import(const onnx::ModelProto& model) {
    const QString file = folder_.filePath("model.onnx");
    if (!put_file(file, QByteArray::fromStdString(model.SerializeAsString()))) return Error{"can't write"};
    return import_onnx(path_of(file));
  }

 private slots:
  void initTestCase() {
    QVERIFY(folder_.isValid());
#ifndef __SANITIZE_ADDRESS__
    constexpr rlim_t gigabyte = rlim_t{1} << 30;
    const rlimit limit = {gigabyte, gigabyte};
    QCOMPARE(setrlimit(RLIMIT_AS, &limit), 0);
#endif
  }

  void the_model_itself_comes_in() {
    const auto imported = import(varied_model());
    QVERIFY2(imported, imported ? "" : imported.error().message.c_str());
    QVERIFY2(imported->messages.empty(), imported->messages.empty() ? "" : imported->messages.front().c_str());
    QVERIFY(imported->project.networks.front().layers.size() > 10);
  }

  void cut_short() {
    const std::string bytes = varied_model().SerializeAsString();
    for (std::size_t length = 0; length < bytes.size(); length += 7) look_at(bytes.substr(0, length));
  }

  void flipped_bits() {
    const unsigned seed = test_seed();
    std::mt19937 random(seed);
    qInfo("seed %u", seed);
    const std::string bytes = varied_model().SerializeAsString();
    for (int i = 0; i < 1500; ++i) {
      std::string flipped = bytes;
      for (unsigned flips = 1 + random() % 8; flips > 0; --flips) {
        flipped[random() % flipped.size()] ^= static_cast<char>(1U << (random() % 8));
      }
      look_at(flipped);
    }
  }

  /// Well-formed models that say nonsense.
  void nonsense() {
    const unsigned seed = test_seed();
    std::mt19937_64 random(seed);
    qInfo("seed %u", seed);
    const std::array<std::int64_t, 14> numbers = {0,  1,   -1,        2,         3,         7,         -9,
                                                  16, 255, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, 1'000'003};
    const std::array<const char*, 40> ops = {"Conv",
                                             "ConvTranspose",
                                             "MaxPool",
                                             "AveragePool",
                                             "Gemm",
                                             "MatMul",
                                             "BatchNormalization",
                                             "LSTM",
                                             "GRU",
                                             "Reshape",
                                             "Transpose",
                                             "Slice",
                                             "Split",
                                             "Gather",
                                             "Concat",
                                             "Expand",
                                             "Tile",
                                             "Squeeze",
                                             "Unsqueeze",
                                             "Pad",
                                             "Resize",
                                             "Upsample",
                                             "ReduceMean",
                                             "ReduceL2",
                                             "Softmax",
                                             "Clip",
                                             "PRelu",
                                             "LayerNormalization",
                                             "LRN",
                                             "DepthToSpace",
                                             "Range",
                                             "Where",
                                             "ScatterND",
                                             "Flatten",
                                             "ConstantOfShape",
                                             "Shape",
                                             "Cast",
                                             "Div",
                                             "Pow",
                                             "InstanceNormalization"};
    const std::array<const char*, 30> attributes = {
        "axis",           "axes",     "perm",   "pads",      "strides",   "dilations", "kernel_shape",
        "group",          "keepdims", "starts", "ends",      "split",     "alpha",     "beta",
        "epsilon",        "to",       "mode",   "ceil_mode", "blocksize", "size",      "hidden_size",
        "output_padding", "p",        "transB", "transA",    "min",       "max",       "value",
        "start",          "ratio"};
    const auto number = [&] { return numbers[random() % numbers.size()]; };
    for (int i = 0; i < 3000; ++i) {
      onnx::ModelProto model = varied_model();
      model.mutable_opset_import(0)->set_version(static_cast<std::int64_t>(9 + random() % 9));
      onnx::GraphProto& graph = *model.mutable_graph();
      for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
        onnx::NodeProto& node = *graph.mutable_node(static_cast<int>(random() % graph.node_size()));
        switch (random() % 6) {
          case 0:
            node.set_op_type(ops[random() % ops.size()]);
            break;
          case 1:
          case 2: {
            const std::string name = attributes[random() % attributes.size()];
            if (random() % 2 == 0) {
              set_integer(&node, name, number());
            } else {
              std::vector<std::int64_t> list(random() % 6);
              for (std::int64_t& item : list) item = number();
              set_integers(&node, name, list);
            }
            break;
          }
          case 3: {
            const auto& other = graph.node(static_cast<int>(random() % graph.node_size()));
            if (node.input_size() > 0) {
              node.set_input(static_cast<int>(random() % node.input_size()),
                             random() % 2 == 0 ? other.output(0) : "gain");
            }
            break;
          }
          case 4: {
            onnx::TensorProto& tensor =
                *graph.mutable_initializer(static_cast<int>(random() % graph.initializer_size()));
            if (tensor.int64_data_size() > 0) {
              tensor.set_int64_data(static_cast<int>(random() % tensor.int64_data_size()), number());
            } else {
              tensor.set_dims(static_cast<int>(random() % tensor.dims_size()), number());
            }
            break;
          }
          default:
            node.add_input(random() % 2 == 0 ? "rest" : "in");
        }
      }
      look_at(model.SerializeAsString());
    }
  }

  void a_cycle_is_named() {
    onnx::ModelProto model = empty_model();
    add_node(model, "Add", {"in", "second"}, "first");
    add_node(model, "Relu", {"first"}, "second");
    add_node(model, "Relu", {"second"}, "out");
    const auto imported = import(model);
    QVERIFY(!imported);
    QVERIFY2(imported.error().message.find("cycle") != std::string::npos, imported.error().message.c_str());
  }

  void absurd_sizes_are_refused_data() {
    QTest::addColumn<QList<qint64>>("sizes");
    QTest::newRow("overflow") << QList<qint64>{INT64_MAX, INT64_MAX, 2, 2};
    QTest::newRow("negative") << QList<qint64>{-5, 4, 3, 3};
    QTest::newRow("huge") << QList<qint64>{1, qint64(1) << 50};
    QTest::newRow("many axes") << QList<qint64>(3000, 1);
  }

  void absurd_sizes_are_refused() {
    QFETCH(QList<qint64>, sizes);
    onnx::ModelProto model = empty_model();
    onnx::TensorProto* weight = add_real(model, "weight", {1});
    weight->clear_dims();
    for (const qint64 size : sizes) weight->add_dims(size);
    add_node(model, "Conv", {"in", "weight"}, "out");
    QVERIFY(!import(model));
  }

  void what_grows_without_end_is_left_out() {
    onnx::ModelProto model = empty_model();
    add_real(model, "seed", {3});
    add_whole(model, "huge", {1 << 20, 1 << 20, 3});
    add_node(model, "Expand", {"seed", "huge"}, "grown");
    add_node(model, "ConstantOfShape", {"huge"}, "filled");
    add_node(model, "Add", {"grown", "filled"}, "both");
    add_node(model, "Add", {"in", "both"}, "out");
    const auto imported = import(model);
    QVERIFY2(imported, imported ? "" : imported.error().message.c_str());
    QVERIFY(!imported->messages.empty());
  }

  void an_absurd_count_of_nodes_is_refused() {
    onnx::ModelProto model = empty_model({1, 4});
    std::string last = "in";
    for (int i = 0; i < 200'001; ++i) {
      const std::string next = "v" + std::to_string(i);
      add_node(model, "Relu", {last}, next);
      last = next;
    }
    add_node(model, "Relu", {last}, "out");
    const auto imported = import(model);
    QVERIFY(!imported);
    QVERIFY2(imported.error().message.find("parts") != std::string::npos, imported.error().message.c_str());
  }

  void millions_of_empty_parts_are_refused() {
    constexpr std::size_t count = 20'000'000;
    std::string nodes;  // each a node of no bytes
    nodes.reserve(2 * count);
    for (std::size_t i = 0; i < count; ++i) nodes.append("\x0a\x00", 2);
    std::string bytes = "\x3a";  // the graph, and its length
    for (std::size_t length = nodes.size(); length > 0; length >>= 7) {
      bytes += static_cast<char>((length & 0x7F) | (length > 0x7F ? 0x80 : 0));
    }
    const QString file = folder_.filePath("model.onnx");
    QVERIFY(put_file(file, QByteArray::fromStdString(bytes + nodes)));
    const auto imported = import_onnx(path_of(file));
    QVERIFY(!imported);
    QVERIFY2(imported.error().message.find("absurd count") != std::string::npos, imported.error().message.c_str());
  }

  void deep_nesting_is_refused() {
    onnx::ModelProto model = empty_model();
    onnx::GraphProto* graph = model.mutable_graph();
    for (int depth = 0; depth < 200; ++depth) {
      onnx::NodeProto* node = graph->add_node();
      node->set_op_type("If");
      node->add_output("out");
      onnx::AttributeProto* branch = node->add_attribute();
      branch->set_name("then_branch");
      branch->set_type(onnx::AttributeProto::GRAPH);
      graph = branch->mutable_g();
    }
    QVERIFY(!import(model));
  }

  void an_unknown_operator_leaves_the_rest() {
    onnx::ModelProto model = empty_model({1, 24});
    add_real(model, "fc1.weight", {10, 24});
    add_real(model, "fc2.weight", {5, 10});
    set_integer(add_node(model, "Gemm", {"in", "fc1.weight"}, "a"), "transB", 1);
    add_node(model, "Sparkle", {"a"}, "b");
    set_integer(add_node(model, "Gemm", {"b", "fc2.weight"}, "out"), "transB", 1);
    const auto imported = import(model);
    QVERIFY2(imported, imported ? "" : imported.error().message.c_str());
    const Network& network = imported->project.networks.front();
    QVERIFY(network.find("fc2"));
    QVERIFY(network.find("gap_b"));
    QCOMPARE(network.find("gap_b")->settings.integers("shape"), Integers{10});
    QVERIFY(!imported->messages.empty());
    QVERIFY2(imported->messages.front().find("Sparkle") != std::string::npos, imported->messages.front().c_str());
    QVERIFY(std::any_of(imported->weights.begin(), imported->weights.end(),
                        [](const NamedTensor& tensor) { return tensor.name == "fc2.weight"; }));
  }

  void data_beside_the_model_data() {
    QTest::addColumn<QString>("location");
    QTest::addColumn<bool>("is_read");
    QTest::addColumn<QString>("said");
    QTest::newRow("beside") << "weights.bin" << true << "";
    QTest::newRow("below") << "sub/weights.bin" << true << "";
    QTest::newRow("dotted") << "./weights.bin" << true << "";
    QTest::newRow("not there") << "elsewhere.bin" << false << "aren't beside it";
    QTest::newRow("absolute") << folder_.filePath("weights.bin") << false << "isn't a relative path";
    QTest::newRow("above") << "../weights.bin" << false << "leads out";
    QTest::newRow("above from below") << "sub/../../weights.bin" << false << "leads out";
    QTest::newRow("link") << "link.bin" << false << "through a link";
    QTest::newRow("linked folder") << "linked/weights.bin" << false << "through a link";
    QTest::newRow("folder") << "sub" << false << "isn't a file";
    QTest::newRow("short") << "short.bin" << false << "beyond the end";
  }

  void data_beside_the_model() {
    QFETCH(QString, location);
    QFETCH(bool, is_read);
    QFETCH(QString, said);
    const QByteArray numbers(10 * 24 * 4, '\0');
    QVERIFY(QDir(folder_.path()).mkpath("sub"));
    QVERIFY(put_file(folder_.filePath("weights.bin"), numbers));
    QVERIFY(put_file(folder_.filePath("sub/weights.bin"), numbers));
    QVERIFY(put_file(folder_.filePath("short.bin"), numbers.left(50)));
    std::error_code exists;
    std::filesystem::create_symlink("weights.bin", path_of(folder_.filePath("link.bin")), exists);
    std::filesystem::create_symlink("sub", path_of(folder_.filePath("linked")), exists);

    onnx::ModelProto model = empty_model({1, 24});
    onnx::TensorProto* weight = model.mutable_graph()->add_initializer();
    weight->set_name("fc.weight");
    weight->set_data_type(onnx::TensorProto::FLOAT);
    weight->add_dims(10);
    weight->add_dims(24);
    weight->set_data_location(onnx::TensorProto::EXTERNAL);
    auto* entry = weight->add_external_data();
    entry->set_key("location");
    entry->set_value(location.toStdString());
    set_integer(add_node(model, "Gemm", {"in", "fc.weight"}, "out"), "transB", 1);
    const auto imported = import(model);
    QVERIFY2(imported, imported ? "" : imported.error().message.c_str());
    QCOMPARE(analyse(imported->project).networks.front().totals.parameters.value_or(-1), 240);
    QCOMPARE(!imported->weights.empty(), is_read);
    QCOMPARE(imported->messages.empty(), is_read);
    if (!is_read)
      QVERIFY2(QString::fromStdString(imported->messages.front()).contains(said), imported->messages.front().c_str());
  }
};

QTEST_APPLESS_MAIN(TestOnnxHostile)
#include "test_onnx_hostile.moc"
