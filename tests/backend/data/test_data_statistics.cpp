#include <QTest>

#include "backend/data/data_statistics.h"

using namespace netwright;

namespace {

void near(double found, double expected) {
  QVERIFY2(std::abs(found - expected) < 1e-6, qPrintable(QString("%1, not %2").arg(found).arg(expected)));
}

}  // namespace

class TestDataStatistics : public QObject {
  Q_OBJECT

 private slots:
  void pictures_are_told_by_channel() {
    Dataset data;
    data.classes = {"a", "b", "c"};
    data.train = {make_array(ElementType::UInt8, {3, 2, 1, 2}), make_array(ElementType::Int64, {3})};
    const std::vector<std::uint8_t> pixels = {0, 10, 200, 200, 20, 30, 200, 200, 99, 99, 99, 99};
    std::copy(pixels.begin(), pixels.end(), data.train.inputs.as<std::uint8_t>());
    data.train.targets.as<std::int64_t>()[1] = 2;
    data.test = data.train;
    data.train.rows = {{0, 1}};
    data.test.rows = {{2}};
    const DataStatistics found = statistics_of(data);
    QCOMPARE(found.train.samples, std::int64_t{2});
    QCOMPARE(found.validation.samples, std::int64_t{0});
    QCOMPARE(found.test.samples, std::int64_t{1});
    QCOMPARE(found.train.class_counts, (std::vector<std::int64_t>{1, 0, 1}));
    QCOMPARE(found.validation.class_counts, (std::vector<std::int64_t>{0, 0, 0}));
    QCOMPARE(found.test.class_counts, (std::vector<std::int64_t>{1, 0, 0}));
    QCOMPARE(found.inputs.size(), std::size_t{2});
    near(found.inputs[0].minimum, 0);
    near(found.inputs[0].maximum, 30);
    near(found.inputs[0].mean, 15);
    near(found.inputs[0].deviation, std::sqrt(125.0));
    near(found.inputs[1].mean, 200);
    near(found.inputs[1].deviation, 0);
    QVERIFY(found.inputs[0].name.empty());
    QVERIFY(found.targets.empty());
  }

  void tables_are_told_by_feature_and_target() {
    Dataset data;
    data.target = TargetKind::Values;
    data.feature_names = {"age", "height"};
    data.target_names = {"price"};
    data.train = {make_array(ElementType::Float32, {2, 2}), make_array(ElementType::Float32, {2, 1})};
    const std::vector<float> values = {1, -5, 4, -7};
    std::copy(values.begin(), values.end(), data.train.inputs.as<float>());
    data.train.targets.as<float>()[1] = 8;
    const DataStatistics found = statistics_of(data);
    QCOMPARE(found.inputs[1].name, std::string("height"));
    near(found.inputs[0].mean, 2.5);
    near(found.inputs[1].minimum, -7);
    near(found.inputs[1].deviation, 1);
    QCOMPARE(found.targets.size(), std::size_t{1});
    QCOMPARE(found.targets[0].name, std::string("price"));
    near(found.targets[0].mean, 4);
    QVERIFY(found.train.class_counts.empty());
  }

  void texts_have_lengths_and_a_vocabulary() {
    Dataset data;
    data.classes = {"yes", "no"};
    data.vocabulary.tokens = {"<pad>", "<unk>", "a", "b"};
    data.train = {make_array(ElementType::Int64, {3, 9}), make_array(ElementType::Int64, {3}),
                  make_array(ElementType::Int64, {3})};
    for (int i = 0; i < 3; ++i) data.train.lengths.as<std::int64_t>()[i] = 9 - 2 * i;
    data.validation = data.train;
    data.train.rows = {{0, 1}};
    data.validation.rows = {{2}};
    const DataStatistics found = statistics_of(data);
    QVERIFY(found.inputs.empty());
    QCOMPARE(found.vocabulary, std::int64_t{4});
    QCOMPARE(found.train.shortest, std::int64_t{7});
    QCOMPARE(found.train.longest, std::int64_t{9});
    QCOMPARE(found.validation.shortest, std::int64_t{5});
    QCOMPARE(found.test.longest, std::int64_t{0});
  }

  void labels_and_masks_are_counted() {
    Dataset data;
    data.target = TargetKind::Labels;
    data.classes = {"red", "round"};
    data.train = {make_array(ElementType::Float32, {3, 1}), make_array(ElementType::Float32, {3, 2})};
    const std::vector<float> labels = {1, 0, 1, 1, 0, 0};
    std::copy(labels.begin(), labels.end(), data.train.targets.as<float>());
    QCOMPARE(statistics_of(data).train.class_counts, (std::vector<std::int64_t>{2, 1}));

    data.target = TargetKind::Mask;
    data.train.targets = make_array(ElementType::UInt8, {3, 2, 2});
    data.train.targets.as<std::uint8_t>()[4] = 1;
    QCOMPARE(statistics_of(data).train.class_counts, (std::vector<std::int64_t>{11, 1}));
  }
};

QTEST_APPLESS_MAIN(TestDataStatistics)
#include "test_data_statistics.moc"
