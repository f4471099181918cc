// Random networks of sequences: a padded batch gives each sequence what it gives it alone.

#include <torch/torch.h>
//
#include <QTest>
#include <map>
#include <random>

#include "backend/graph/flatten.h"
#include "tests/support/drawing.h"
#include "tests/support/padded_sequences.h"
#include "tests/support/random_choice.h"
#include "tests/support/random_inputs.h"
#include "tests/support/random_project.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

constexpr std::int64_t vocabulary = 7;

Settings width(std::int64_t features) {
  return {{"out_features", features}};
}

/// Adds a layer without inputs: Drawing would connect it to the one before.
LayerId add_parameter(Project& project, const std::string& name, const Integers& shape) {
  const Network& network = project.networks.front();
  Layer layer = make_layer(network, "Parameter", {}, {{"shape", shape}, {"init", std::string("normal")}});
  layer.name = name;
  if (!apply(project, AddLayer{network.id, layer})) throw std::logic_error("the layer doesn't fit");
  return layer.id;
}

/// One network for each seed, drawn for as many steps as are asked for.
class RandomSequenceNetwork {
 public:
  RandomSequenceNetwork(unsigned seed, std::int64_t steps) : random_(seed), choose_(random_), draw_(project_) {
    has_words_ = choose_.one_in(2);
    if (has_words_) {
      x_ = add("Input", {{"shape", Integers{steps}}, {"dtype", std::string("int64")}}, {});
      if (choose_.one_in(8)) {
        const std::string mode = choose_.from(std::vector<std::string>{"mean", "sum", "max"});
        x_ = add("EmbeddingBag", {{"num_embeddings", vocabulary}, {"embedding_dim", features_}, {"mode", mode}});
        finish();
        return;
      }
      x_ = add("Embedding", {{"num_embeddings", vocabulary}, {"embedding_dim", features_}});
    } else {
      x_ = add("Input", {{"shape", Integers{steps, features_}}}, {});
    }
    if (choose_.one_in(3)) {
      x_ = add("PositionalEncoding",
               {{"max_len", std::int64_t{20}}, {"kind", std::string(choose_.one_in(2) ? "sinusoidal" : "learned")}});
    }
    for (std::size_t i = 0, n = 1 + choose_.below(4); i < n; ++i) add_body();
    add_head();
    finish();
  }

  const Project& project() const { return project_; }
  bool has_words() const { return has_words_; }
  bool trains() const { return trains_; }

 private:
  LayerId add(const std::string& type, const Settings& settings, std::vector<LayerId> sources) {
    return draw_.add(type, "layer" + std::to_string(count_++), settings, std::move(sources));
  }
  LayerId add(const std::string& type, const Settings& settings = {}) { return add(type, settings, {x_}); }
  LayerId after(LayerId source, const std::string& type, const Settings& settings = {}) {
    return add(type, settings, {source});
  }

  /// The same rows for every sequence.
  LayerId add_rows(std::int64_t rows) {
    return add_parameter(project_, "layer" + std::to_string(count_++), {rows, features_});
  }

  std::int64_t heads() { return features_ % 2 == 0 && choose_.one_in(2) ? 2 : 1; }
  std::int64_t number(std::int64_t low, std::int64_t high) { return choose_.between(low, high); }

  Settings recurrent(std::string& type, const std::string& output, std::int64_t hidden, bool both_ways) {
    type = choose_.from(std::vector<std::string>{"RNN", "LSTM", "GRU"});
    Settings settings = {{"hidden_size", hidden},
                         {"num_layers", number(1, 3)},
                         {"bias", !choose_.one_in(4)},
                         {"bidirectional", both_ways},
                         {"output", output}};
    if (type == "RNN" && choose_.one_in(2)) settings.set("nonlinearity", std::string("relu"));
    return settings;
  }
  LayerId add_recurrent(const std::string& output) {
    const bool both_ways = choose_.one_in(2);
    const std::int64_t hidden = number(2, 5);
    std::string type;
    Settings settings = recurrent(type, output, hidden, both_ways);
    std::int64_t each = hidden;
    if (type == "LSTM" && choose_.one_in(3)) settings.set("proj_size", each = hidden - 1);
    features_ = each * (both_ways ? 2 : 1);
    return add(type, settings);
  }

  /// What works on channels × steps.
  template <class Add>
  void across(const Add& add_layers) {
    x_ = add("Permute");
    add_layers();
    x_ = add("Permute");
  }

  void add_convolution() {
    const std::int64_t out = number(2, 5);
    Settings settings = {{"out_channels", out}, {"kernel_size", Integers{number(1, 4)}}};
    if (choose_.one_in(2)) {
      settings.set("padding", std::string("same"));
      settings.set("dilation", Integers{number(1, 2)});
    } else {
      settings.set("padding", Integers{number(0, 1)});
      settings.set("stride", Integers{number(1, 2)});
    }
    const std::string mode = choose_.from(std::vector<std::string>{"zeros", "zeros", "replicate", "circular"});
    settings.set("padding_mode", mode);
    x_ = add("Conv1d", settings);
    features_ = out;
  }

  void add_pooling() {
    const std::string type = choose_.from(std::vector<std::string>{"MaxPool1d", "AvgPool1d", "LPPool1d"});
    const std::int64_t kernel = number(2, 3);
    Settings settings = {
        {"kernel_size", Integers{kernel}}, {"stride", Integers{number(1, 2)}}, {"ceil_mode", choose_.one_in(2)}};
    if (type != "LPPool1d") settings.set("padding", Integers{number(0, kernel / 2)});
    if (type == "AvgPool1d") settings.set("count_include_pad", choose_.one_in(2));
    // A root has no slope at 0.
    if (type == "LPPool1d") x_ = after(add("Sigmoid"), "Scale", {{"shift", 0.5}});
    x_ = add(type, settings);
  }

  void add_body() {
    switch (choose_.below(17)) {
      case 0:
      case 1:
        x_ = add_recurrent("sequence");
        break;
      case 2:
        x_ = add("TransformerEncoderLayer", {{"nhead", heads()},
                                             {"dim_feedforward", number(2, 6)},
                                             {"dropout", 0.0},
                                             {"norm_first", choose_.one_in(2)}});
        break;
      case 3:
        x_ = add("MultiheadAttention", {{"num_heads", heads()}, {"is_causal", choose_.one_in(2)}});
        break;
      case 4:
      case 5:
        across([&] { add_convolution(); });
        break;
      case 6:
        across([&] { add_pooling(); });
        break;
      case 7:
        features_ = number(2, 6);
        x_ = after(add("Linear", width(features_)), choose_.one_in(2) ? "Tanh" : "SiLU");
        break;
      case 8:
        x_ = add("LayerNorm");
        break;
      case 9: {
        std::string type;
        const LayerId side = add(type, recurrent(type, "sequence", features_, false));
        x_ = add("Add", {}, {x_, side});
        break;
      }
      case 10:
        x_ = add("Multiply", {}, {x_, after(add("Linear", width(1)), "Softmax", {{"dim", std::int64_t{1}}})});
        break;
      case 11: {
        const LayerId token = add_rows(1);
        const std::vector<LayerId> both = choose_.one_in(2) ? std::vector{token, x_} : std::vector{x_, token};
        x_ = add("Concat", {{"dim", std::int64_t{1}}}, both);
        break;
      }
      case 12: {
        Settings cut = {{"dim", std::int64_t{1}}, {"start", number(-4, 2)}};
        if (choose_.one_in(2)) cut.set("end", Integers{-1});
        x_ = add("Slice", cut);
        break;
      }
      case 13:
        across([&] {
          if (choose_.one_in(2)) {
            const std::string mode = choose_.from(std::vector<std::string>{"nearest", "linear"});
            x_ = add("Upsample", {{"scale_factor", Reals{2.0}}, {"mode", mode}});
          } else {
            const std::int64_t out = number(2, 4);
            x_ = add("ConvTranspose1d", {{"out_channels", out},
                                         {"kernel_size", Integers{3}},
                                         {"stride", Integers{number(1, 2)}},
                                         {"padding", Integers{number(0, 1)}}});
            features_ = out;
          }
        });
        break;
      case 14: {
        const LayerId scores = add("MatMul", {}, {x_, add("Permute")});
        x_ = add("MatMul", {}, {after(scores, "Softmax", {{"dim", std::int64_t{-1}}}), x_});
        break;
      }
      case 15:
        across([&] {
          const std::string type = choose_.from(std::vector<std::string>{"InstanceNorm1d", "GroupNorm", "BatchNorm1d"});
          if (type == "BatchNorm1d") trains_ = false;
          x_ = add(type);
        });
        break;
      default:
        x_ = add("Concat", {{"dim", std::int64_t{2}}}, {x_, add("Tanh")});
        features_ *= 2;
    }
  }

  void add_head() {
    switch (choose_.below(11)) {
      case 0:
      case 1:
        x_ = add_recurrent("last hidden");
        break;
      case 2:
        x_ = add_recurrent("last output");
        break;
      case 3:
        x_ = add("AdditiveAttention", {{"hidden_size", number(2, 4)}});
        break;
      case 4:
        x_ = add(choose_.from(std::vector<std::string>{"Mean", "Max", "Sum"}),
                 {{"dim", Integers{1}}, {"keepdim", choose_.one_in(3)}});
        break;
      case 5:
        x_ = add("Select", {{"dim", std::int64_t{1}}, {"index", number(-2, 1)}});
        break;
      case 6:
        x_ = after(after(add("Permute"), choose_.one_in(2) ? "GlobalAvgPool" : "GlobalMaxPool"), "Flatten");
        break;
      case 7:
        x_ = after(after(add("Permute"), choose_.one_in(2) ? "AdaptiveAvgPool1d" : "AdaptiveMaxPool1d",
                         {{"output_size", Integers{number(1, 3)}}}),
                   "Flatten");
        break;
      case 8:
        // Learned queries: in evaluation a fixed number of them, of whatever sequence.
        x_ = add("MultiheadAttention", {{"num_heads", heads()}}, {add_rows(2), x_});
        break;
      default:
        break;  // many to many
    }
  }

  void finish() { add("Output", {}, {add("Linear", width(3))}); }

  std::mt19937 random_;
  RandomChoice choose_;
  Project project_ = empty_project();
  Drawing draw_;
  LayerId x_;
  std::int64_t features_ = 4;
  int count_ = 0;
  bool has_words_ = false;
  bool trains_ = true;
};

Project classifier_of_words(const QString& kind, std::int64_t steps) {
  Project project = empty_project();
  Drawing draw(project);
  draw.add("Input", "words", {{"shape", Integers{steps}}, {"dtype", std::string("int64")}});
  draw.add("Embedding", "embedding",
           {{"num_embeddings", vocabulary}, {"embedding_dim", std::int64_t{4}}, {"padding_idx", std::int64_t{0}}});
  if (kind == "LSTM" || kind == "both ways") {
    const bool both_ways = kind == "both ways";
    draw.add("LSTM", "lstm",
             {{"hidden_size", std::int64_t{5}},
              {"num_layers", both_ways ? std::int64_t{2} : std::int64_t{1}},
              {"bidirectional", both_ways},
              {"output", std::string("last hidden")}});
  } else if (kind == "GRU with attention") {
    draw.add("GRU", "gru", {{"hidden_size", std::int64_t{5}}, {"bidirectional", true}});
    draw.add("AdditiveAttention", "pooling", {{"hidden_size", std::int64_t{3}}});
  } else {
    const bool has_token = kind == "Transformer, class token";
    if (has_token) {
      const LayerId words = draw.last();
      draw.add("Concat", "joined", {{"dim", std::int64_t{1}}}, {add_parameter(project, "token", {1, 4}), words});
    }
    draw.add("PositionalEncoding", "positions", {{"max_len", std::int64_t{20}}});
    for (const char* name : {"encoder1", "encoder2"}) {
      draw.add("TransformerEncoderLayer", name,
               {{"nhead", std::int64_t{2}}, {"dim_feedforward", std::int64_t{8}}, {"dropout", 0.0}});
    }
    draw.add(
        has_token ? "Select" : "Mean", "summary",
        has_token ? Settings{{"dim", std::int64_t{1}}, {"index", std::int64_t{0}}} : Settings{{"dim", Integers{1}}});
  }
  draw.add("Linear", "fc", width(3));
  draw.add("Output", "output");
  return project;
}

/// Steps × channels to Output, the normalisation in between working on channels × steps.
Project normalising(const std::string& type, const Settings& settings, std::int64_t steps, std::int64_t channels) {
  Project project = empty_project();
  Drawing draw(project);
  draw.add("Input", "steps", {{"shape", Integers{steps, channels}}});
  draw.add("Permute", "there");
  draw.add(type, "norm", settings);
  draw.add("Permute", "back");
  draw.add("Output", "output");
  return project;
}

}  // namespace

class TestPadding : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    torch::set_num_threads(1);
    seed_ = test_seed();
    qInfo("seed %u", seed_);
    torch::manual_seed(seed_);
  }

  void a_padded_batch_is_its_sequences() {
    std::mt19937 random(seed_);
    RandomChoice choose(random);
    std::map<std::string, int> types;
    int compared = 0;
    int drawn_networks = 0;
    for (int round = 0; round < 400; ++round) {
      const auto seed = static_cast<unsigned>(random());
      const std::int64_t steps = choose.between(5, 12);
      const RandomSequenceNetwork network(seed, steps);
      if (!padded_sequences::module_of(network.project())) continue;
      ++drawn_networks;
      PaddedBatch batch;
      batch.inputs = {network.has_words() ? torch::randint(vocabulary, {5, steps}, torch::kInt64)
                                          : torch::randn({5, steps, 4}, torch::kFloat64)};
      for (int i = 0; i < 5; ++i) batch.lengths.push_back(choose.between(1, steps));
      const auto drawn = [&](std::int64_t own) { return RandomSequenceNetwork(seed, own).project(); };
      const PaddedComparison result = compare_padded(drawn, batch, network.trains() && choose.one_in(2));
      std::string layers;
      for (const Layer& layer : network.project().networks.front().layers) {
        layers += layer.type + ' ';
        ++types[layer.type];
      }
      QVERIFY2(result.complaint.empty(), (std::to_string(seed) + ": " + result.complaint + ": " + layers).c_str());
      compared += result.compared;
    }
    qInfo("%d sequences in %d networks of %zu kinds of layers", compared, drawn_networks, types.size());
    QVERIFY(compared > 600);
    for (const char* type : {"RNN",
                             "LSTM",
                             "GRU",
                             "TransformerEncoderLayer",
                             "MultiheadAttention",
                             "AdditiveAttention",
                             "Conv1d",
                             "MaxPool1d",
                             "AvgPool1d",
                             "Mean",
                             "Max",
                             "Sum",
                             "Select",
                             "EmbeddingBag",
                             "GlobalAvgPool",
                             "GlobalMaxPool",
                             "MatMul",
                             "Upsample",
                             "ConvTranspose1d",
                             "Slice"}) {
      QVERIFY2(types[type] > 0, type);
    }
  }

  void networks_of_templates_data() {
    QTest::addColumn<QString>("kind");
    for (const char* kind :
         {"LSTM", "both ways", "GRU with attention", "Transformer, mean", "Transformer, class token"})
      QTest::newRow(kind) << kind;
  }
  void networks_of_templates() {
    QFETCH(QString, kind);
    const auto drawn = [&](std::int64_t steps) { return classifier_of_words(kind, steps); };
    PaddedBatch batch{{torch::randint(vocabulary, {6, 9}, torch::kInt64)}, {9, 1, 4, 8, 2, 4}};
    const PaddedComparison result = compare_padded(drawn, batch, true);
    QVERIFY2(result.complaint.empty(), result.complaint.c_str());
    QCOMPARE(result.compared, 6);
  }

  /// Of whatever was drawn, lengths that say that all steps are own change nothing, and padding isn't seen.
  void any_network_takes_lengths() {
    std::mt19937 random(seed_);
    int padded = 0;
    for (int round = 0; round < 150; ++round) {
      const Project project = flattened(random_project(random));
      const Report report = analyse(project);
      auto module = GraphModule::build(project.networks.front(), report.networks.front());
      if (!module) continue;
      (*module)->eval();
      const torch::NoGradGuard no_grad;
      std::vector<torch::Tensor> inputs = random_inputs(project.networks.front(), report.networks.front(), 3);
      if (inputs.front().dim() < 2) continue;
      const std::int64_t steps = inputs.front().size(1);
      const auto plain = (*module)->forward(inputs);
      const auto whole = (*module)->forward(inputs, torch::full({3}, steps, torch::kInt64));
      for (std::size_t i = 0; i < plain.size(); ++i)
        QVERIFY(plain[i].equal(whole[i]) || plain[i].isnan().any().item<bool>());
      const std::int64_t own = (steps + 1) / 2;
      const torch::Tensor lengths = torch::tensor({own, steps, std::int64_t{1}}, torch::kInt64);
      const auto once = (*module)->forward(inputs, lengths);
      inputs[0] = inputs[0].clone();
      for (const auto& [sample, first] : {std::pair<int, std::int64_t>{0, own}, {2, 1}}) {
        torch::Tensor rest = inputs[0][sample].narrow(0, first, steps - first);
        rest.copy_(rest.flip(0));
      }
      const auto again = (*module)->forward(inputs, lengths);
      for (std::size_t i = 0; i < once.size(); ++i) {
        QCOMPARE(once[i].sizes(), plain[i].sizes());
        QVERIFY(once[i].equal(again[i]) || once[i].isnan().any().item<bool>());
      }
      ++padded;
    }
    QVERIFY(padded > 50);
  }

  void statistics_of_training_leave_padding_out_data() {
    QTest::addColumn<bool>("over_batch");
    QTest::newRow("BatchNorm1d") << true;
    QTest::newRow("InstanceNorm1d") << false;
  }
  /// The steps of all sequences as so many samples, given to LibTorch's own module.
  void statistics_of_training_leave_padding_out() {
    QFETCH(bool, over_batch);
    const Integers lengths = {6, 2, 4, 3};
    const auto module = padded_sequences::module_of(
        normalising(over_batch ? "BatchNorm1d" : "InstanceNorm1d",
                    {{"affine", true}, {"track_running_stats", true}, {"momentum", 0.3}}, 6, 3));
    const torch::Tensor x = torch::randn({4, 6, 3}, torch::kFloat64).set_requires_grad(true);
    const torch::Tensor weights = torch::randn({4, 6, 3}, torch::kFloat64);
    const torch::Tensor y = module->forward(x, torch::tensor(lengths, torch::kInt64));
    (y * weights).sum().backward();

    torch::nn::BatchNorm1d batch_norm(torch::nn::BatchNormOptions(3).momentum(0.3));
    torch::nn::InstanceNorm1d instance_norm(
        torch::nn::InstanceNormOptions(3).momentum(0.3).affine(true).track_running_stats(true));
    batch_norm->to(torch::kFloat64);
    instance_norm->to(torch::kFloat64);
    const torch::Tensor own = x.detach().clone().set_requires_grad(true);
    std::vector<torch::Tensor> parts;
    for (std::int64_t i = 0; i < 4; ++i) parts.push_back(own[i].narrow(0, 0, lengths[static_cast<std::size_t>(i)]));
    torch::Tensor means = torch::zeros({3}, torch::kFloat64);
    torch::Tensor variances = torch::zeros({3}, torch::kFloat64);
    std::vector<torch::Tensor> results;
    if (over_batch) {
      results = batch_norm->forward(torch::cat(parts)).split_with_sizes(lengths);
      means = batch_norm->running_mean;
      variances = batch_norm->running_var;
    } else {
      for (const torch::Tensor& part : parts) {
        instance_norm->reset_running_stats();
        results.push_back(instance_norm->forward(part.t().unsqueeze(0))[0].t());
        means += instance_norm->running_mean / 4;
        variances += instance_norm->running_var / 4;
      }
    }
    torch::Tensor loss = torch::zeros({}, torch::kFloat64);
    for (std::int64_t i = 0; i < 4; ++i) {
      const std::int64_t length = lengths[static_cast<std::size_t>(i)];
      QVERIFY(torch::allclose(y[i].narrow(0, 0, length), results[static_cast<std::size_t>(i)]));
      loss = loss + (results[static_cast<std::size_t>(i)] * weights[i].narrow(0, 0, length)).sum();
    }
    loss.backward();
    QVERIFY(torch::allclose(x.grad(), own.grad(), 1e-7, 1e-10));
    QVERIFY(torch::allclose(module->named_buffers()["norm.running_mean"], means));
    QVERIFY(torch::allclose(module->named_buffers()["norm.running_var"], variances));
  }

  /// BatchNorm of steps × features takes steps for channels: statistics of a step are over those that have it.
  void steps_as_channels_are_normalised_by_those_that_are_there() {
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "steps", {{"shape", Integers{3, 2}}});
    draw.add("BatchNorm1d", "norm");
    draw.add("Output", "output");
    const auto module = padded_sequences::module_of(project);
    const torch::Tensor x = torch::randn({4, 3, 2}, torch::kFloat64);
    const torch::Tensor y = module->forward(x, torch::tensor({3, 1, 2, 1}, torch::kInt64));
    for (const auto& [step, samples] : {std::pair<int, Integers>{0, {0, 1, 2, 3}}, {1, {0, 2}}, {2, {0}}}) {
      const torch::Tensor own = x.select(1, step).index_select(0, torch::tensor(samples, torch::kInt64));
      const torch::Tensor expected = (own - own.mean()) / (own.var(false) + 1e-5).sqrt();
      QVERIFY(torch::allclose(y.select(1, step).index_select(0, torch::tensor(samples, torch::kInt64)), expected));
    }
    QCOMPARE(y[1].narrow(0, 1, 2).count_nonzero().item<std::int64_t>(), std::int64_t(0));
  }

  /// A layer with weights for each step sees zeros for padding, whatever the layers before it make of padding.
  void what_is_tied_to_the_steps_sees_zeros() {
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "steps", {{"shape", Integers{4, 3}}});
    draw.add("Linear", "each", width(2));
    draw.add("Flatten", "flatten");
    draw.add("Linear", "all", width(5));
    draw.add("Output", "output");
    const auto module = padded_sequences::module_of(project);
    const torch::Tensor x = torch::randn({3, 4, 3}, torch::kFloat64);
    const torch::Tensor lengths = torch::tensor({2, 4, 1}, torch::kInt64);
    const auto weights = module->named_parameters();
    torch::Tensor each = torch::linear(x, weights["each.weight"], weights["each.bias"]);
    each = each.masked_fill((torch::arange(4).unsqueeze(0) >= lengths.unsqueeze(1)).unsqueeze(2), 0);
    const torch::Tensor expected = torch::linear(each.flatten(1), weights["all.weight"], weights["all.bias"]);
    QVERIFY(torch::allclose(module->forward(x, lengths), expected));
  }

  void lengths_that_do_not_fit_are_refused() {
    const auto module = padded_sequences::module_of(classifier_of_words("LSTM", 6));
    const torch::Tensor words = torch::randint(vocabulary, {3, 6}, torch::kInt64);
    const auto refused = [&](const torch::Tensor& lengths) {
      try {
        module->forward(words, lengths);
      } catch (const std::invalid_argument&) {
        return true;
      }
      return false;
    };
    QVERIFY(refused(torch::tensor({3, 7, 2}, torch::kInt64)));
    QVERIFY(refused(torch::tensor({7, 7, 7}, torch::kInt64)));
    QVERIFY(refused(torch::tensor({3, 2}, torch::kInt64)));
    QVERIFY(!refused(torch::tensor({3, 6, 2}, torch::kInt64)));
    // An empty text counts as its first word.
    const torch::NoGradGuard no_grad;
    QVERIFY(module->forward(words, torch::tensor({0, 6, 2}, torch::kInt64))
                .equal(module->forward(words, torch::tensor({1, 6, 2}, torch::kInt64))));
  }

 private:
  unsigned seed_ = 0;
};

QTEST_GUILESS_MAIN(TestPadding)
#include "test_padding.moc"
