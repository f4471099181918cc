#include <algorithm>
#include <cmath>
#include <random>

#include "backend/report/roc.h"
#include "tests/support/seed.h"
#include "tests/support/sklearn_oracle.h"

using namespace netwright;

namespace {

struct TwoClasses {
  std::vector<double> scores;
  std::vector<int> labels;
};

/// std::vector<bool> has no contiguous values to look at.
struct Flags {
  explicit Flags(const std::vector<int>& labels) : size(labels.size()), values(new bool[labels.size()]) {
    for (std::size_t i = 0; i < size; ++i) values[i] = labels[i] == 1;
  }
  operator std::span<const bool>() const { return {values.get(), size}; }
  std::size_t size;
  std::unique_ptr<bool[]> values;
};

std::vector<TwoClasses> cases(std::mt19937& random) {
  std::vector<TwoClasses> all = {
      {{0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1}},
      {{0.5, 0.5, 0.5, 0.5}, {0, 1, 1, 0}},  // all tie
      {{1, 2, 3, 4}, {1, 1, 0, 0}},          // the wrong way round
      {{-3, -2, 5, 8}, {0, 0, 1, 1}},        // perfect
      {{0.2, 0.2, 0.7, 0.7, 0.7, 0.9}, {0, 1, 0, 1, 1, 0}},
  };
  for (int levels : {3, 20, 100000}) {
    TwoClasses one;
    for (int i = 0; i < 500; ++i) {
      const int label = static_cast<int>(random() % 3 == 0);
      const double noise = std::uniform_real_distribution<double>(0, 1)(random);
      one.labels.push_back(label);
      one.scores.push_back(std::floor((noise + 0.4 * label) * levels) / levels);
    }
    all.push_back(std::move(one));
  }
  return all;
}

void compare_points(const std::vector<ThresholdPoint>& points, const nlohmann::json& answer, const QByteArray& where) {
  QVERIFY2(points.size() == answer[0].size(), where + " number of points");
  for (std::size_t i = 0; i < points.size(); ++i) {
    QVERIFY2(is_close(points[i].x, answer[0][i]), where + " x");
    QVERIFY2(is_close(points[i].y, answer[1][i]), where + " y");
    // What sklearn gives the first point, which lets nothing in, depends on its version.
    if (i > 0) QVERIFY2(is_close(points[i].threshold, answer[2][i - 1]), where + " threshold");
  }
}

}  // namespace

class RocTest : public QObject {
  Q_OBJECT

 private slots:
  void curves_of_two_classes_agree_with_sklearn() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    const auto all = cases(random);
    nlohmann::json asked = nlohmann::json::array();
    for (const TwoClasses& one : all) asked.push_back({{"scores", one.scores}, {"labels", one.labels}});
    const nlohmann::json answers = answers_of_sklearn(asked);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const QByteArray where = "case " + QByteArray::number(qulonglong(i));
      const Flags flags(all[i].labels);
      const auto roc = roc_curve(all[i].scores, flags);
      const auto precision_recall = precision_recall_curve(all[i].scores, flags);
      QVERIFY(roc && precision_recall);
      QVERIFY2(is_close(roc->auc, answers[i]["auc"]), where + " auc");
      QVERIFY2(is_close(precision_recall->average_precision, answers[i]["average_precision"]), where + " precision");
      compare_points(roc->points, answers[i]["roc"], where + " roc");
      compare_points(precision_recall->points, answers[i]["precision_recall"], where + " precision-recall");
    }
  }

  void several_classes_agree_with_sklearn() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    constexpr std::size_t classes = 4;
    std::vector<double> flat;
    std::vector<std::int64_t> labels;
    nlohmann::json rows = nlohmann::json::array();
    for (int i = 0; i < 300; ++i) {
      labels.push_back(static_cast<std::int64_t>(i) % 4);
      std::vector<double> row;
      double sum = 0;
      for (std::size_t c = 0; c < classes; ++c) {
        row.push_back(std::uniform_real_distribution<double>(0.01, 1)(random) +
                      (labels.back() == std::int64_t(c) ? 0.5 : 0));
        sum += row.back();
      }
      for (double& value : row) value /= sum;
      flat.insert(flat.end(), row.begin(), row.end());
      rows.push_back(row);
    }
    const auto answer = answers_of_sklearn({{{"scores", rows}, {"labels", labels}}})[0];
    const OneVsRest all = one_vs_rest(flat, labels, classes);
    QVERIFY(all.macro_auc && all.macro_average_precision);
    QVERIFY(is_close(*all.macro_auc, answer["macro_auc"]));
    QVERIFY(is_close(*all.macro_average_precision, answer["macro_average_precision"]));
    for (std::size_t c = 0; c < classes; ++c) QVERIFY(is_close(all.roc[c]->auc, answer["aucs"][c]));
  }

  void a_class_without_samples_is_left_out_of_the_mean() {
    const OneVsRest all =
        one_vs_rest(std::vector<double>{0.9, 0.1, 0.0, 0.2, 0.8, 0.0}, std::vector<std::int64_t>{0, 1}, 3);
    QVERIFY(all.roc[0] && all.roc[1] && !all.roc[2]);
    QCOMPARE(*all.macro_auc, 1.0);
    QVERIFY(one_vs_rest(std::vector<double>{1, 2, 3}, std::vector<std::int64_t>{0}, 2).roc.empty());
  }

  void what_cannot_be_ranked_has_no_curve() {
    const bool both[] = {true, false};
    const bool one[] = {true, true};
    QVERIFY(!roc_curve(std::vector<double>{1, 2}, one));
    QVERIFY(!roc_curve(std::vector<double>{1, std::nan("")}, both));
    QVERIFY(!roc_curve(std::vector<double>{1}, both));
    QVERIFY(!roc_curve({}, {}));
    QVERIFY(precision_recall_curve(std::vector<double>{1, 2}, one).has_value());
    const bool none[] = {false, false};
    QVERIFY(!precision_recall_curve(std::vector<double>{1, 2}, none));
  }

  void thinning_keeps_the_shape() {
    std::mt19937 random(5);
    std::vector<double> scores;
    std::vector<int> labels;
    for (int i = 0; i < 20000; ++i) {
      labels.push_back(static_cast<int>(random() % 2));
      scores.push_back(std::normal_distribution<double>(labels.back(), 1)(random));
    }
    const auto curve = roc_curve(scores, Flags(labels));
    const auto few = thinned(curve->points, 0.001);
    QVERIFY(curve->points.size() > 5000);
    QVERIFY2(few.size() < 400, QByteArray::number(qulonglong(few.size())));
    QCOMPARE(few.front().x, 0.0);
    QCOMPARE(few.back().y, 1.0);
    double area = 0;
    for (std::size_t i = 1; i < few.size(); ++i) area += (few[i].x - few[i - 1].x) * (few[i].y + few[i - 1].y) / 2;
    QVERIFY(std::abs(area - curve->auc) < 0.001);
    QCOMPARE(thinned({{0, 0}, {1, 1}}).size(), 2U);
  }
};

QTEST_MAIN(RocTest)
#include "test_roc.moc"
