#include <random>

#include "backend/report/class_scores.h"
#include "tests/support/seed.h"
#include "tests/support/sklearn_oracle.h"

using namespace netwright;

namespace {

using Counts = std::vector<std::vector<std::int64_t>>;

std::vector<Counts> cases() {
  std::vector<Counts> all = {
      {{5, 1}, {2, 7}},
      {{3, 0, 1}, {0, 0, 0}, {1, 2, 9}},  // the second class has no samples, but is predicted
      {{3, 0, 1}, {2, 0, 1}, {1, 0, 9}},  // the second is never predicted
      {{3, 0, 1}, {0, 0, 0}, {1, 0, 9}},  // the second is nowhere
      {{0, 4}, {6, 0}},                   // nothing is right
      {{12}},
      {{2, 1, 3}, {0, 5, 1}},  // more columns than classes
      {{0, 0}, {0, 0}},
  };
  const unsigned seed = test_seed();
  qInfo("seed %u", seed);
  std::mt19937 random(seed);
  for (int size : {2, 3, 10, 40}) {
    std::poisson_distribution<std::int64_t> count(3.0 / size);
    Counts counts(static_cast<std::size_t>(size), std::vector<std::int64_t>(static_cast<std::size_t>(size)));
    for (std::size_t row = 0; row < counts.size(); ++row) {
      for (auto& cell : counts[row]) cell = count(random);
      counts[row][row] += count(random) * 3;
    }
    counts[0][0] += 1;
    all.push_back(std::move(counts));
  }
  return all;
}

}  // namespace

class ClassScoresTest : public QObject {
  Q_OBJECT

 private slots:
  void it_agrees_with_sklearn() {
    const auto all = cases();
    nlohmann::json asked = nlohmann::json::array();
    for (const Counts& counts : all) {
      // sklearn would give nonsense about no samples at all; that case is looked at below.
      asked.push_back({{"counts", counts}});
    }
    const nlohmann::json answers = answers_of_sklearn(asked);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const ConfusionScores scores = scores_of(all[i]);
      const nlohmann::json& answer = answers[i];
      const auto context = [&](const char* what) {
        return QByteArray("case ") + QByteArray::number(qulonglong(i)) + " " + what;
      };
      QCOMPARE(scores.classes.size(), all[i].size());
      for (std::size_t c = 0; c < scores.classes.size(); ++c) {
        QVERIFY2(is_close(scores.classes[c].precision, answer["classes"][0][c]), context("precision"));
        QVERIFY2(is_close(scores.classes[c].recall, answer["classes"][1][c]), context("recall"));
        QVERIFY2(is_close(scores.classes[c].f1, answer["classes"][2][c]), context("f1"));
        QVERIFY2(scores.classes[c].support == answer["classes"][3][c].get<std::int64_t>(), context("support"));
      }
      for (const auto& [name, average] :
           {std::pair("macro", scores.macro), {"micro", scores.micro}, {"weighted", scores.weighted}}) {
        QVERIFY2(is_close(average.precision, answer[name][0]), context(name));
        QVERIFY2(is_close(average.recall, answer[name][1]), context(name));
        QVERIFY2(is_close(average.f1, answer[name][2]), context(name));
      }
      QVERIFY2(is_close(scores.accuracy, answer["accuracy"]), context("accuracy"));
    }
  }

  void a_matrix_without_classes_or_with_short_rows_is_no_trouble() {
    QCOMPARE(scores_of({}).classes.size(), 0U);
    QCOMPARE(scores_of({}).accuracy, 0.0);
    const ConfusionScores scores = scores_of({{4}, {}});
    QCOMPARE(scores.accuracy, 1.0);
    QCOMPARE(scores.classes[1].support, std::int64_t{0});
    QCOMPARE(scores.macro.f1, 0.5);
  }
};

QTEST_MAIN(ClassScoresTest)
#include "test_class_scores.moc"
