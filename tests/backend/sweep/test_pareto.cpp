// The front against brute force on random points, with ties and numbers that aren't finite.

#include <QTest>
#include <cmath>
#include <limits>
#include <random>

#include "backend/sweep/pareto.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

using Points = std::vector<std::vector<double>>;

/// By the definition alone.
std::vector<bool> by_definition(const Points& points, const std::vector<Better>& directions) {
  const auto is_finite = [](const std::vector<double>& point) {
    for (const double x : point) {
      if (!std::isfinite(x)) return false;
    }
    return true;
  };
  std::vector<bool> on_front(points.size(), false);
  for (std::size_t i = 0; i < points.size(); ++i) {
    bool is_beaten = !is_finite(points[i]);
    for (std::size_t j = 0; j < points.size() && !is_beaten; ++j) {
      if (!is_finite(points[j])) continue;
      int better = 0;
      int worse = 0;
      for (std::size_t k = 0; k < directions.size(); ++k) {
        const double difference = points[j][k] - points[i][k];
        if (difference == 0) continue;
        ((difference > 0) == (directions[k] == Better::Higher) ? better : worse) += 1;
      }
      is_beaten = worse == 0 && better > 0;
    }
    on_front[i] = !is_beaten;
  }
  return on_front;
}

}  // namespace

class TestPareto : public QObject {
  Q_OBJECT

 private slots:
  void a_front_by_hand() {
    // Parameters (fewer are better) and accuracy (higher is better).
    const Points points = {{100, 0.8}, {200, 0.9}, {150, 0.7}, {100, 0.8}, {300, 0.9}, {400, 0.95}, {50, 0.1}};
    const std::vector<bool> expected = {true, true, false, true, false, true, true};
    QCOMPARE(pareto_front(points, {Better::Lower, Better::Higher}), expected);
  }

  void nothing_and_one() {
    QVERIFY(pareto_front({}, {Better::Lower}).empty());
    QCOMPARE(pareto_front({{3, 4}}, {Better::Lower, Better::Higher}), std::vector<bool>{true});
  }

  void unknown_numbers_are_never_on_it() {
    const double nan = std::nan("");
    const double infinite = std::numeric_limits<double>::infinity();
    const Points points = {{nan, 1}, {1, nan}, {-infinite, 1}, {2, 0.5}};
    QCOMPARE(pareto_front(points, {Better::Lower, Better::Higher}), (std::vector<bool>{false, false, false, true}));
  }

  void equals_brute_force_on_random_points() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    int on_front = 0;
    int ties = 0;
    for (int round = 0; round < 600; ++round) {
      const std::size_t dimensions = 1 + random() % 4;
      std::vector<Better> directions;
      for (std::size_t i = 0; i < dimensions; ++i) directions.push_back(random() % 2 ? Better::Lower : Better::Higher);
      Points points(random() % 60);
      const int values = 2 + static_cast<int>(random() % 30);  // few values make ties
      for (auto& point : points) {
        for (std::size_t i = 0; i < dimensions; ++i) point.push_back(static_cast<int>(random() % values) - values / 2);
        if (random() % 20 == 0) point[random() % dimensions] = std::nan("");
      }
      const std::vector<bool> found = pareto_front(points, directions);
      QCOMPARE(found, by_definition(points, directions));
      for (std::size_t i = 0; i < points.size(); ++i) {
        on_front += found[i] ? 1 : 0;
        ties += found[i] && std::count(points.begin(), points.end(), points[i]) > 1 ? 1 : 0;
      }
    }
    QVERIFY(on_front > 600);
    QVERIFY(ties > 100);
  }
};

QTEST_GUILESS_MAIN(TestPareto)
#include "test_pareto.moc"
