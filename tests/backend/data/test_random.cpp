#include <QTest>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "backend/data/random.h"
#include "tests/support/seed.h"

using namespace netwright;

class TestRandom : public QObject {
  Q_OBJECT

 private slots:
  void splitmix_gives_its_published_numbers() {
    // Of the reference implementation, from the seed 1234567 (rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64).
    std::uint64_t counter = 1234567;
    for (const std::uint64_t expected : {6457827717110365317U, 3203168211198807973U, 9817491932198370423U,
                                         4593380528125082431U, 16408922859458223821U}) {
      QCOMPARE(next_scrambled(counter), expected);
    }
  }

  void streams_are_the_same_everywhere_and_unlike_each_other() {
    QCOMPARE(Random(5, 1).bits(), Random(5, 1).bits());
    QCOMPARE(Random(5).bits(), Random(5).bits());
    std::set<std::uint64_t> first;
    for (std::uint32_t stream = 0; stream < 100; ++stream) {
      first.insert(Random(5, stream).bits());
      first.insert(Random(6, stream).bits());
      first.insert(Random(stream).bits());
    }
    QCOMPARE(first.size(), std::size_t{300});
  }

  void numbers_below_a_bound_are_even() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    for (const bool is_short : {false, true}) {
      Random random = is_short ? Random(seed) : Random(seed, 1);
      std::vector<int> counts(7);
      for (int i = 0; i < 70'000; ++i) ++counts.at(random.below(7));
      for (const int count : counts) QVERIFY(std::abs(count - 10'000) < 5 * 100);
      for (int i = 0; i < 100; ++i) QCOMPARE(random.below(1), std::uint64_t{0});
      // A bound that takes more than half of all numbers would show a bias at once.
      constexpr std::uint64_t bound = 3 * (std::uint64_t{1} << 62);
      int low = 0;
      for (int i = 0; i < 10'000; ++i) {
        const std::uint64_t drawn = random.below(bound);
        QVERIFY(drawn < bound);
        low += drawn < bound / 2 ? 1 : 0;
      }
      QVERIFY(std::abs(low - 5'000) < 5 * 50);
      for (int i = 0; i < 1'000; ++i) {
        const double drawn = random.uniform(-2, 3);
        QVERIFY(drawn >= -2 && drawn < 3);
      }
    }
  }

  void every_order_is_drawn_as_often() {
    Random random(test_seed());
    std::vector<int> counts(24);
    for (int round = 0; round < 24'000; ++round) {
      std::vector<int> items = {0, 1, 2, 3};
      shuffle(items, random);
      int rank = 0;
      for (std::size_t i = 0; i < 4; ++i) {
        const auto smaller = std::count_if(items.begin() + static_cast<std::ptrdiff_t>(i), items.end(),
                                           [&](int item) { return item < items[i]; });
        rank = rank * (4 - static_cast<int>(i)) + static_cast<int>(smaller);
      }
      ++counts.at(static_cast<std::size_t>(rank));
    }
    for (const int count : counts) QVERIFY(std::abs(count - 1'000) < 6 * 32);
  }
};

QTEST_APPLESS_MAIN(TestRandom)
#include "test_random.moc"
