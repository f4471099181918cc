#include <torch/torch.h>
//
#include <QTest>
#include <algorithm>
#include <numeric>

#include "backend/engine/batch_producer.h"

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

std::unique_ptr<BatchProducer> producer_of(const Split& split, const Normalisation& normalisation,
                                           const BatchOptions& options) {
  auto producer = BatchProducer::create(split, normalisation, options);
  if (!producer) qFatal("%s", producer.error().message.c_str());
  return std::move(*producer);
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
  const auto producer =
      producer_of(split, normalisation, {.batch_size = 3, .shuffle = false, .channels_last = channels_last});
  const torch::Tensor raw =
      torch::from_blob(const_cast<std::byte*>(split.inputs.bytes.data()), {5, channels, 2, 3}, torch::kUInt8);
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

void TestBatchProducer::refuses_what_does_not_fit() {
  Split split = byte_images(4, 1);
  QVERIFY(!BatchProducer::create(split, {}, {.batch_size = 0}));
  split.targets = make_array(ElementType::Int64, {3});
  const auto producer = BatchProducer::create(split, {}, {});
  QVERIFY(!producer);
  QVERIFY(producer.error().message.find("4 samples but 3") != std::string::npos);
  QVERIFY(!BatchProducer::create(Split{make_array(ElementType::UInt8, {0, 2}), make_array(ElementType::Int64, {0})}, {},
                                 {}));
}

QTEST_APPLESS_MAIN(TestBatchProducer)
#include "test_batch_producer.moc"
