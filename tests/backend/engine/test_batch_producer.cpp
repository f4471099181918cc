#include <torch/torch.h>
//
#include <QTest>
#include <algorithm>
#include <numeric>
#include <random>

#include "backend/engine/batch_producer.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

/// Sample i is C×2×3 bytes whose first is i; its class is i mod 3.
Split byte_images(std::int64_t count, std::int64_t channels) {
  Split split{make_array(ElementType::UInt8, {count, channels, 2, 3}), make_array(ElementType::Int64, {count})};
  const std::int64_t size = channels * 6;
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t k = 0; k < size; ++k) {
      split.inputs.as<std::uint8_t>()[i * size + k] = static_cast<std::uint8_t>(k == 0 ? i : (i * 31 + k * 7) % 256);
    }
    split.targets.as<std::int64_t>()[i] = i % 3;
  }
  return split;
}

std::unique_ptr<BatchProducer> producer_of(const Split& split, const Legend& legend, const BatchOptions& options) {
  auto producer = BatchProducer::create(split, legend, options);
  if (!producer) qFatal("%s", producer.error().message.c_str());
  return std::move(*producer);
}

Legend legend_of(TargetKind target, Normalisation inputs = {}, Normalisation targets = {}) {
  Legend legend;
  legend.target = target;
  legend.normalisation = std::move(inputs);
  legend.target_normalisation = std::move(targets);
  return legend;
}

/// The array's numbers, shared.
torch::Tensor tensor_of(const Array& array) {
  const auto type = array.type == ElementType::UInt8   ? torch::kUInt8
                    : array.type == ElementType::Int64 ? torch::kInt64
                                                       : torch::kFloat32;
  return torch::from_blob(const_cast<std::byte*>(array.bytes.data()), array.sizes, type);
}

/// Filled with numbers of the seed: 0 to 255, 0 to `below`, or normal ones.
Array random_array(ElementType type, std::vector<std::int64_t> sizes, unsigned seed, std::int64_t below = 256) {
  Array array = make_array(type, std::move(sizes));
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  const std::int64_t count = array.count() * sample_elements(array);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto number = static_cast<std::int64_t>(random() % static_cast<unsigned>(below));
    if (type == ElementType::UInt8) array.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(number);
    if (type == ElementType::Int64) array.as<std::int64_t>()[i] = number;
    if (type == ElementType::Float32) array.as<float>()[i] = normal(random);
  }
  return array;
}

/// A whole epoch in one batch; kept, as the producer's own goes with it.
Batch whole_epoch(const Split& split, const Legend& legend, BatchOptions options, int epoch = 1) {
  options.batch_size = split.count();
  const auto producer = producer_of(split, legend, options);
  producer->begin(epoch);
  Batch batch = *producer->next();
  batch.inputs = batch.inputs.clone();
  if (batch.targets.defined()) batch.targets = batch.targets.clone();
  if (batch.lengths.defined()) batch.lengths = batch.lengths.clone();
  return batch;
}

/// The samples of an epoch in the order in which they come, by their first byte.
std::vector<int> order_of(BatchProducer& producer, int epoch) {
  std::vector<int> order;
  producer.begin(epoch);
  while (const auto batch = producer.next()) {
    for (std::int64_t i = 0; i < batch->size(); ++i) {
      order.push_back(static_cast<int>(batch->inputs[i].flatten()[0].item<float>()));
      if (batch->targets[i].item<std::int64_t>() != order.back() % 3) qFatal("a sample lost its class");
    }
  }
  return order;
}

std::vector<int> all(int count) {
  std::vector<int> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

std::vector<int> sorted(std::vector<int> numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace

class TestBatchProducer : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void gives_every_sample_once_an_epoch_data();
  void gives_every_sample_once_an_epoch();
  void keeps_the_last_partial_batch();
  void order_depends_on_seed_and_epoch_alone();
  void order_does_not_depend_on_timing();
  void begins_anew_in_the_middle();
  void draws_the_same_limited_samples();
  void normalises_by_channel_data();
  void normalises_by_channel();
  void takes_features_as_they_are();
  void gives_the_rows_of_a_split();
  void limits_to_rows_of_the_split();
  void goes_on_in_the_middle_of_an_epoch();
  void parts_make_up_the_batch_data();
  void parts_make_up_the_batch();
  void gives_every_kind_of_target_data();
  void gives_every_kind_of_target();
  void normalises_sequences_by_feature();
  void leaves_words_alone_and_tells_lengths();
  void keeps_padding_at_zero();
  void augments_by_seed_epoch_and_sample_alone();
  void augments_within_the_settings_alone();
  void moves_masks_with_their_pictures();
  void refuses_what_does_not_fit_data();
  void refuses_what_does_not_fit();
};

void TestBatchProducer::gives_every_sample_once_an_epoch_data() {
  QTest::addColumn<int>("count");
  QTest::addColumn<int>("batch_size");
  QTest::addColumn<bool>("shuffle");
  for (const bool shuffle : {false, true}) {
    QTest::addRow("even, shuffle %d", shuffle) << 60 << 20 << shuffle;
    QTest::addRow("partial, shuffle %d", shuffle) << 61 << 20 << shuffle;
    QTest::addRow("one batch, shuffle %d", shuffle) << 7 << 100 << shuffle;
    QTest::addRow("single samples, shuffle %d", shuffle) << 9 << 1 << shuffle;
  }
}

void TestBatchProducer::gives_every_sample_once_an_epoch() {
  QFETCH(int, count);
  QFETCH(int, batch_size);
  QFETCH(bool, shuffle);
  const Split split = byte_images(count, 1);
  const auto producer = producer_of(split, {}, {.batch_size = batch_size, .shuffle = shuffle, .seed = 5});
  QCOMPARE(producer->samples(), count);
  QCOMPARE(producer->batches(), (count + batch_size - 1) / batch_size);
  for (int epoch = 1; epoch <= 3; ++epoch) {
    const std::vector<int> order = order_of(*producer, epoch);
    QCOMPARE(sorted(order), all(count));
    QCOMPARE(order == all(count), !shuffle);
  }
}

void TestBatchProducer::keeps_the_last_partial_batch() {
  const Split split = byte_images(10, 1);
  const auto producer = producer_of(split, {}, {.batch_size = 4});
  producer->begin(1);
  std::vector<std::int64_t> sizes;
  while (const auto batch = producer->next()) {
    QCOMPARE(batch->inputs.sizes().vec(), (std::vector<std::int64_t>{batch->size(), 1, 2, 3}));
    QCOMPARE(batch->targets.sizes().vec(), (std::vector<std::int64_t>{batch->size()}));
    sizes.push_back(batch->size());
  }
  QCOMPARE(sizes, (std::vector<std::int64_t>{4, 4, 2}));
  QVERIFY(!producer->next());
}

void TestBatchProducer::order_depends_on_seed_and_epoch_alone() {
  const Split split = byte_images(100, 1);
  const auto first = producer_of(split, {}, {.batch_size = 8, .seed = 3});
  const auto again = producer_of(split, {}, {.batch_size = 32, .seed = 3});
  const auto other = producer_of(split, {}, {.batch_size = 8, .seed = 4});
  const std::vector<int> epoch1 = order_of(*first, 1);
  const std::vector<int> epoch2 = order_of(*first, 2);
  QVERIFY(epoch1 != epoch2);
  QCOMPARE(order_of(*again, 2), epoch2);
  QCOMPARE(order_of(*again, 1), epoch1);
  QVERIFY(order_of(*other, 1) != epoch1);
}

void TestBatchProducer::order_does_not_depend_on_timing() {
  const Split split = byte_images(200, 1);
  const auto quick = producer_of(split, {}, {.batch_size = 10, .seed = 8});
  const auto slow = producer_of(split, {}, {.batch_size = 10, .seed = 8});
  quick->begin(1);
  slow->begin(1);
  for (int batch = 0; batch < 20; ++batch) {
    const auto a = quick->next();
    QTest::qSleep(batch % 3);
    const auto b = slow->next();
    QVERIFY(a && b);
    QVERIFY(a->inputs.equal(b->inputs));
    // What was handed out stays whole while the thread fills other buffers.
    QTest::qSleep(1);
    QVERIFY(a->inputs.equal(b->inputs));
  }
}

void TestBatchProducer::begins_anew_in_the_middle() {
  const Split split = byte_images(90, 1);
  const auto reference = producer_of(split, {}, {.batch_size = 4, .seed = 2});
  const auto producer = producer_of(split, {}, {.batch_size = 4, .seed = 2});
  for (int taken = 0; taken < 8; ++taken) {
    producer->begin(1);
    for (int i = 0; i < taken; ++i) QVERIFY(producer->next());
    QCOMPARE(order_of(*producer, 2 + taken), order_of(*reference, 2 + taken));
  }
}

void TestBatchProducer::draws_the_same_limited_samples() {
  const Split split = byte_images(200, 1);
  const auto first = producer_of(split, {}, {.batch_size = 8, .shuffle = true, .seed = 3, .limit = 20});
  const auto again = producer_of(split, {}, {.batch_size = 8, .shuffle = false, .seed = 3, .limit = 20});
  const auto other = producer_of(split, {}, {.batch_size = 8, .shuffle = false, .seed = 4, .limit = 20});
  QCOMPARE(first->samples(), 20);
  const std::vector<int> drawn = order_of(*again, 1);
  QCOMPARE(sorted(order_of(*first, 1)), drawn);
  QCOMPARE(sorted(order_of(*first, 2)), drawn);
  QVERIFY(order_of(*other, 1) != drawn);
  // Drawn from all over the split, which may be sorted by class.
  QVERIFY(drawn.back() > 100);
  const auto beyond = producer_of(split, {}, {.batch_size = 8, .limit = 1000});
  QCOMPARE(beyond->samples(), 200);
}

void TestBatchProducer::normalises_by_channel_data() {
  QTest::addColumn<int>("channels");
  QTest::addColumn<bool>("one_for_all");
  QTest::addColumn<bool>("channels_last");
  for (const int channels : {1, 3}) {
    for (const bool one_for_all : {true, false}) {
      for (const bool channels_last : {false, true}) {
        QTest::addRow("%d channels, one mean %d, channels last %d", channels, one_for_all, channels_last)
            << channels << one_for_all << channels_last;
      }
    }
  }
}

void TestBatchProducer::normalises_by_channel() {
  QFETCH(int, channels);
  QFETCH(bool, one_for_all);
  QFETCH(bool, channels_last);
  const Split split = byte_images(5, channels);
  Normalisation normalisation{.scale = 1.0F / 255, .mean = {0.25F}, .deviation = {0.5F}};
  for (int c = 1; c < channels && !one_for_all; ++c) {
    normalisation.mean.push_back(0.25F + 0.1F * static_cast<float>(c));
    normalisation.deviation.push_back(0.5F + 0.2F * static_cast<float>(c));
  }
  const Legend legend = legend_of(TargetKind::Class, normalisation);
  const auto producer = producer_of(split, legend, {.batch_size = 3, .shuffle = false, .channels_last = channels_last});
  const torch::Tensor raw = tensor_of(split.inputs);
  const auto per_channel = [&](const std::vector<float>& values) {
    return torch::tensor(values).reshape({1, static_cast<std::int64_t>(values.size()), 1, 1});
  };
  const torch::Tensor expected =
      (raw.to(torch::kFloat32) / 255 - per_channel(normalisation.mean)) / per_channel(normalisation.deviation);
  producer->begin(1);
  const auto first = producer->next();
  QVERIFY(torch::allclose(first->inputs, expected.narrow(0, 0, 3), 1e-5, 1e-6));
  QCOMPARE(first->inputs.is_contiguous(torch::MemoryFormat::ChannelsLast), channels_last || channels == 1);
  const auto second = producer->next();
  QVERIFY(torch::allclose(second->inputs, expected.narrow(0, 3, 2), 1e-5, 1e-6));
}

void TestBatchProducer::takes_features_as_they_are() {
  Split split{make_array(ElementType::Float32, {3, 2}), make_array(ElementType::Int64, {3})};
  for (int i = 0; i < 6; ++i) split.inputs.as<float>()[i] = static_cast<float>(i) - 2.5F;
  const auto producer = producer_of(split, {}, {.batch_size = 3, .shuffle = false});
  producer->begin(1);
  const auto batch = producer->next();
  QVERIFY(batch->inputs.equal(torch::tensor({{-2.5F, -1.5F}, {-0.5F, 0.5F}, {1.5F, 2.5F}})));
}

void TestBatchProducer::gives_the_rows_of_a_split() {
  Split split = byte_images(100, 1);
  split.rows = {{3, 98, 5, 41, 7}};
  const auto ordered = producer_of(split, {}, {.batch_size = 2, .shuffle = false});
  QCOMPARE(ordered->samples(), 5);
  QCOMPARE(ordered->batches(), 3);
  QCOMPARE(order_of(*ordered, 1), (std::vector<int>{3, 98, 5, 41, 7}));
  const auto shuffled = producer_of(split, {}, {.batch_size = 2, .seed = 1});
  QCOMPARE(sorted(order_of(*shuffled, 1)), (std::vector<int>{3, 5, 7, 41, 98}));
}

void TestBatchProducer::limits_to_rows_of_the_split() {
  Split split = byte_images(200, 1);
  split.rows.emplace();
  for (std::int64_t row = 1; row < 200; row += 2) split.rows->push_back(row);
  const auto producer = producer_of(split, {}, {.batch_size = 4, .seed = 9, .limit = 30});
  const std::vector<int> drawn = sorted(order_of(*producer, 1));
  QCOMPARE(drawn.size(), std::size_t{30});
  QVERIFY(std::all_of(drawn.begin(), drawn.end(), [](int row) { return row % 2 == 1; }));
  QCOMPARE(sorted(order_of(*producer, 2)), drawn);
}

void TestBatchProducer::parts_make_up_the_batch_data() {
  QTest::addColumn<int>("batch_size");
  QTest::addColumn<int>("parts");
  QTest::newRow("even") << 8 << 2;
  QTest::newRow("uneven") << 7 << 3;
  QTest::newRow("a last batch with fewer samples than parts") << 6 << 5;
  QTest::newRow("one sample each") << 5 << 5;
}

void TestBatchProducer::parts_make_up_the_batch() {
  QFETCH(int, batch_size);
  QFETCH(int, parts);
  const Split split = byte_images(44, 1);
  const Legend legend = legend_of(TargetKind::Class);
  BatchOptions options{.batch_size = batch_size, .seed = 3, .augmentation = {{"noise", 0.2}, {"shift", 0.2}}};
  const auto whole = producer_of(split, legend, options);
  std::vector<std::unique_ptr<BatchProducer>> shared;
  options.parts = parts;
  for (options.part = 0; options.part < parts; ++options.part) shared.push_back(producer_of(split, legend, options));
  QCOMPARE(shared.front()->batches(), whole->batches());
  QCOMPARE(shared.front()->samples(), whole->samples());
  whole->begin(2);
  for (const auto& producer : shared) producer->begin(2);
  int batches = 0;
  while (const auto batch = whole->next()) {
    ++batches;
    std::vector<torch::Tensor> inputs;
    std::vector<torch::Tensor> targets;
    std::int64_t first = 0;
    for (const auto& producer : shared) {
      const Batch part = *producer->next();
      QCOMPARE(part.part.whole, batch->size());
      QCOMPARE(part.part.first, first);
      inputs.push_back(part.inputs);
      targets.push_back(part.targets);
      if (batch->size() >= parts) {
        QCOMPARE(part.part.copies, 1);
        QVERIFY(part.size() >= 1);
        first += part.size();
      } else {
        QCOMPARE(part.part.copies, parts);
        QVERIFY(torch::equal(part.inputs, batch->inputs));
      }
    }
    if (batch->size() < parts) continue;
    QVERIFY(torch::equal(torch::cat(inputs), batch->inputs));
    QVERIFY(torch::equal(torch::cat(targets), batch->targets));
  }
  QCOMPARE(batches, whole->batches());
  for (const auto& producer : shared) QVERIFY(!producer->next());
}

void TestBatchProducer::goes_on_in_the_middle_of_an_epoch() {
  Split split = byte_images(53, 1);
  split.inputs = random_array(ElementType::UInt8, {53, 1, 8, 8}, 1);
  const BatchOptions options{.batch_size = 5, .seed = 3, .augmentation = {{"noise", 0.2}, {"shift", 0.2}}};
  const auto whole = producer_of(split, {}, options);
  const auto resumed = producer_of(split, {}, options);
  for (const int first : {0, 1, 6, 10, 11, 500}) {
    whole->begin(4);
    for (int i = 0; i < first; ++i) (void)whole->next();
    resumed->begin(4, first);
    int batches = 0;
    while (const auto expected = whole->next()) {
      const auto batch = resumed->next();
      QVERIFY(batch && batch->inputs.equal(expected->inputs) && batch->targets.equal(expected->targets));
      ++batches;
    }
    QVERIFY(!resumed->next());
    QCOMPARE(batches, std::max(0, 11 - first));
  }
}

void TestBatchProducer::gives_every_kind_of_target_data() {
  QTest::addColumn<int>("kind");
  QTest::newRow("none") << int(TargetKind::None);
  QTest::newRow("class") << int(TargetKind::Class);
  QTest::newRow("labels") << int(TargetKind::Labels);
  QTest::newRow("values") << int(TargetKind::Values);
  QTest::newRow("mask") << int(TargetKind::Mask);
}

void TestBatchProducer::gives_every_kind_of_target() {
  QFETCH(int, kind);
  const auto target = static_cast<TargetKind>(kind);
  const unsigned seed = test_seed();
  qInfo("seed %u", seed);
  Split split{random_array(ElementType::Float32, {30, 4}, seed), {}};
  const Normalisation by{.mean = {1, 2, 3}, .deviation = {2, 4, 0.5F}, .axis = 1};
  torch::Tensor expected;
  if (target == TargetKind::Class) {
    split.targets = random_array(ElementType::Int64, {30}, seed + 1, 7);
    expected = tensor_of(split.targets);
  } else if (target == TargetKind::Labels) {
    split.targets = random_array(ElementType::Float32, {30, 3}, seed + 1);
    expected = tensor_of(split.targets);
  } else if (target == TargetKind::Values) {
    split.targets = random_array(ElementType::Float32, {30, 5, 3}, seed + 1);
    expected = (tensor_of(split.targets) - torch::tensor(by.mean)) / torch::tensor(by.deviation);
  } else if (target == TargetKind::Mask) {
    split.targets = random_array(ElementType::UInt8, {30, 2, 6}, seed + 1);
    expected = tensor_of(split.targets).to(torch::kInt64);
  }
  split.rows = {{4, 29, 0, 13, 7, 8, 2, 21}};
  const torch::Tensor rows = torch::tensor(*split.rows);
  // Labels are never normalised.
  const Legend legend = legend_of(target, {}, by);
  const auto producer = producer_of(split, legend, {.batch_size = 3, .shuffle = false});
  producer->begin(1);
  std::int64_t begin = 0;
  while (const auto batch = producer->next()) {
    const torch::Tensor chosen = rows.narrow(0, begin, batch->size());
    QVERIFY(batch->inputs.equal(tensor_of(split.inputs).index_select(0, chosen)));
    QCOMPARE(batch->targets.defined(), expected.defined());
    QVERIFY(!batch->lengths.defined());
    if (expected.defined()) {
      QCOMPARE(batch->targets.scalar_type(), expected.scalar_type());
      QVERIFY(batch->targets.sizes() == expected.index_select(0, chosen).sizes());
      QVERIFY(torch::allclose(batch->targets, expected.index_select(0, chosen), 1e-5, 1e-6));
    }
    begin += batch->size();
  }
  QCOMPARE(begin, std::int64_t{8});
}

void TestBatchProducer::normalises_sequences_by_feature() {
  const Split split{random_array(ElementType::Float32, {6, 5, 3}, 1), make_array(ElementType::Int64, {6})};
  const Normalisation by{.scale = 2, .mean = {1, 0, -1}, .deviation = {0.5F, 2, 3}, .axis = 1};
  const Batch batch = whole_epoch(split, legend_of(TargetKind::Class, by), {.shuffle = false});
  const torch::Tensor expected = (tensor_of(split.inputs) * 2 - torch::tensor(by.mean)) / torch::tensor(by.deviation);
  QVERIFY(torch::allclose(batch.inputs, expected, 1e-5, 1e-6));
}

void TestBatchProducer::leaves_words_alone_and_tells_lengths() {
  Split split{random_array(ElementType::Int64, {9, 4}, 1, 1000), make_array(ElementType::Int64, {9})};
  split.lengths = random_array(ElementType::Int64, {9}, 2, 4);
  // What is said of floats has nothing to do with words.
  const Legend legend = legend_of(TargetKind::Class, {.scale = 0.5F, .mean = {7}, .deviation = {3}});
  split.rows = {{8, 1, 3}};
  const Batch batch = whole_epoch(split, legend, {.shuffle = false, .augmentation = {{"noise", 0.5}}});
  QCOMPARE(batch.inputs.scalar_type(), torch::kInt64);
  const torch::Tensor rows = torch::tensor(*split.rows);
  QVERIFY(batch.inputs.equal(tensor_of(split.inputs).index_select(0, rows)));
  QVERIFY(batch.lengths.equal(tensor_of(split.lengths).index_select(0, rows)));
  QVERIFY(batch.lengths.device().is_cpu());
}

void TestBatchProducer::keeps_padding_at_zero() {
  Split split{random_array(ElementType::Float32, {3, 4, 2}, 1), make_array(ElementType::Int64, {3})};
  split.lengths = make_array(ElementType::Int64, {3});
  const std::vector<std::int64_t> lengths = {4, 1, 3};
  std::copy(lengths.begin(), lengths.end(), split.lengths.as<std::int64_t>());
  const Normalisation by{.mean = {5, 6}, .deviation = {2, 2}, .axis = 1};
  const Batch batch = whole_epoch(split, legend_of(TargetKind::Class, by), {.shuffle = false});
  torch::Tensor expected = (tensor_of(split.inputs) - torch::tensor(by.mean)) / 2;
  for (std::int64_t i = 0; i < 3; ++i)
    expected[i].narrow(0, lengths[static_cast<std::size_t>(i)], 4 - lengths[static_cast<std::size_t>(i)]).zero_();
  QVERIFY(torch::allclose(batch.inputs, expected, 1e-5, 1e-6));
}

void TestBatchProducer::augments_by_seed_epoch_and_sample_alone() {
  // Every picture is the same, so that only the changes tell them apart.
  Split split{make_array(ElementType::UInt8, {40, 1, 6, 6}), make_array(ElementType::Int64, {40})};
  std::fill(split.inputs.bytes.begin(), split.inputs.bytes.end(), std::byte{100});
  for (std::int64_t i = 0; i < 40; ++i) split.targets.as<std::int64_t>()[i] = i;
  const Settings augmentation = {{"noise", 0.3}, {"crop_padding", std::int64_t{2}}};
  const auto by_sample = [&](const BatchOptions& options, int epoch) {
    const auto producer = producer_of(split, {}, options);
    producer->begin(epoch);
    torch::Tensor pictures = torch::empty({40, 1, 6, 6});
    while (const auto batch = producer->next()) pictures.index_copy_(0, batch->targets, batch->inputs.contiguous());
    return pictures;
  };
  const BatchOptions options{.batch_size = 7, .seed = 5, .augmentation = augmentation};
  const torch::Tensor first = by_sample(options, 1);
  QVERIFY(by_sample(options, 1).equal(first));
  QVERIFY(by_sample({.batch_size = 40, .shuffle = false, .seed = 5, .augmentation = augmentation}, 1).equal(first));
  QVERIFY(by_sample({.batch_size = 7, .seed = 5, .channels_last = true, .augmentation = augmentation}, 1).equal(first));
  QVERIFY(!by_sample(options, 2).equal(first));
  QVERIFY(!by_sample({.batch_size = 7, .seed = 6, .augmentation = augmentation}, 1).equal(first));
  for (std::int64_t i = 1; i < 40; ++i) QVERIFY(!first[i].equal(first[0]));
}

void TestBatchProducer::augments_within_the_settings_alone() {
  const Split split{random_array(ElementType::UInt8, {20, 3, 5, 4}, 1), make_array(ElementType::Int64, {20})};
  const Normalisation by{.scale = 1.0F / 255, .mean = {0.1F, 0.2F, 0.3F}, .deviation = {0.5F, 0.6F, 0.7F}};
  const Legend legend = legend_of(TargetKind::Class, by);
  const torch::Tensor plain = whole_epoch(split, legend, {.shuffle = false}).inputs;
  const torch::Tensor idle =
      whole_epoch(split, legend, {.shuffle = false, .augmentation = {{"flip", std::string("none")}, {"noise", 0.0}}})
          .inputs;
  QVERIFY(idle.equal(plain));
  // Flipped before it is normalised or after is the same.
  const torch::Tensor flipped =
      whole_epoch(split, legend, {.shuffle = false, .augmentation = {{"flip", std::string("horizontal")}}}).inputs;
  int mirrored = 0;
  for (std::int64_t i = 0; i < 20; ++i) {
    const bool is_mirrored = flipped[i].equal(plain[i].flip(2));
    QVERIFY(is_mirrored || flipped[i].equal(plain[i]));
    mirrored += is_mirrored ? 1 : 0;
  }
  QVERIFY(mirrored > 2 && mirrored < 18);
  // The data itself stays as it came.
  QVERIFY(whole_epoch(split, legend, {.shuffle = false}).inputs.equal(plain));
}

void TestBatchProducer::moves_masks_with_their_pictures() {
  Split split{random_array(ElementType::UInt8, {25, 1, 9, 7}, 1), {}};
  split.targets = {ElementType::UInt8, {25, 9, 7}, split.inputs.bytes};
  const Legend legend = legend_of(TargetKind::Mask);
  const Settings moves = {{"flip", std::string("both")}, {"crop_padding", std::int64_t{3}}};
  const Batch batch = whole_epoch(split, legend, {.augmentation = moves});
  QVERIFY(batch.targets.equal(batch.inputs.squeeze(1).to(torch::kInt64)));
  QVERIFY(!whole_epoch(split, legend, {}).targets.equal(batch.targets));
  // Noise leaves masks alone.
  const Batch noisy = whole_epoch(split, legend, {.shuffle = false, .augmentation = {{"noise", 0.3}}});
  QVERIFY(noisy.targets.equal(tensor_of(split.targets).to(torch::kInt64)));
  QVERIFY(!noisy.inputs.equal(tensor_of(split.inputs).to(torch::kFloat32)));
}

void TestBatchProducer::refuses_what_does_not_fit_data() {
  QTest::addColumn<QString>("what");
  QTest::addColumn<QString>("reason");
  const auto row = [](const char* what, const char* reason) { QTest::newRow(what) << what << reason; };
  row("batch size", "The batch size is 0");
  row("fewer classes", "4 samples but 3 class indices");
  row("classes as floats", "4 samples but 4 class indices");
  row("no targets", "4 samples but 0 class indices");
  row("no samples", "no samples in this split");
  row("no rows", "no samples in this split");
  row("row beyond", "The split has sample 4, but there are 4 samples");
  row("row before", "The split has sample -1");
  row("fewer lengths", "4 samples but 2 lengths");
  row("labels of rank 1", "rows of labels");
  row("whole values", "rows of targets");
  row("masks of rank 2", "masks");
  row("no mean", "the normalisation has 0 means");
  row("means", "the normalisation has 2 means for axis 0 of samples that are 1×2×3");
  row("axis", "the normalisation goes along axis 3");
  row("target means", "targets can't be used: the normalisation has 2 means for axis 0 of samples that are 3");
  row("other mask size", "Pictures of 2×3 can't be moved together with masks of 2×4");
}

void TestBatchProducer::refuses_what_does_not_fit() {
  QFETCH(QString, what);
  QFETCH(QString, reason);
  Split split = byte_images(4, 1);
  Legend legend;
  BatchOptions options;
  if (what == "batch size") options.batch_size = 0;
  if (what == "fewer classes") split.targets = make_array(ElementType::Int64, {3});
  if (what == "classes as floats") split.targets = make_array(ElementType::Float32, {4});
  if (what == "no targets") split.targets = {};
  if (what == "no samples") split = {make_array(ElementType::UInt8, {0, 2}), make_array(ElementType::Int64, {0})};
  if (what == "no rows") split.rows.emplace();
  if (what == "row beyond") split.rows = {{0, 4}};
  if (what == "row before") split.rows = {{3, -1}};
  if (what == "fewer lengths") split.lengths = make_array(ElementType::Int64, {2});
  if (what == "labels of rank 1") legend.target = TargetKind::Labels;
  if (what == "whole values") legend.target = TargetKind::Values;
  if (what == "masks of rank 2") legend.target = TargetKind::Mask;
  if (what == "no mean") legend.normalisation.mean.clear();
  if (what == "means") legend.normalisation = {.mean = {1, 2}, .deviation = {1, 2}};
  if (what == "axis") legend.normalisation = {.mean = {1, 2}, .deviation = {1, 2}, .axis = 3};
  if (what == "target means") {
    split.targets = make_array(ElementType::Float32, {4, 3});
    legend = legend_of(TargetKind::Values, {}, {.mean = {1, 2}, .deviation = {1, 2}});
  }
  if (what == "other mask size") {
    split.targets = make_array(ElementType::UInt8, {4, 2, 4});
    legend.target = TargetKind::Mask;
    options.augmentation = {{"rotation", 10.0}};
  }
  const auto producer = BatchProducer::create(split, legend, options);
  QVERIFY(!producer);
  QVERIFY2(QString::fromStdString(producer.error().message).contains(reason), producer.error().message.c_str());
}

QTEST_APPLESS_MAIN(TestBatchProducer)
#include "test_batch_producer.moc"
