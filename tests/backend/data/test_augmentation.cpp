#include <QTest>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "backend/data/augmentation.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

using Floats = std::vector<float>;
using Bytes8 = std::vector<std::uint8_t>;

template <class T>
std::vector<T> augmented(const Augmentation& augmentation, const std::vector<T>& from, Random& random) {
  std::vector<T> to(from.size(), T{77});
  augmentation.apply(reinterpret_cast<const std::byte*>(from.data()), reinterpret_cast<std::byte*>(to.data()), random);
  return to;
}

/// To be looked up in sets and maps.
std::string key(const Bytes8& pixels) {
  return {pixels.begin(), pixels.end()};
}

/// Pixels that are all different, none of them 0.
Bytes8 picture(std::int64_t channels, std::int64_t height, std::int64_t width) {
  Bytes8 pixels(static_cast<std::size_t>(channels * height * width));
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(1 + i * 37 % 251);
  return pixels;
}

/// to(x, y) = from(x + right, y + down), mirrored before where asked for; 0 outside. Written without haste.
template <class T>
std::vector<T> moved(const std::vector<T>& from, std::int64_t channels, std::int64_t height, std::int64_t width,
                     bool across, bool down, std::int64_t dx, std::int64_t dy) {
  std::vector<T> to(from.size());
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        std::int64_t from_x = x + dx;
        std::int64_t from_y = y + dy;
        if (from_x < 0 || from_y < 0 || from_x >= width || from_y >= height) continue;
        if (across) from_x = width - 1 - from_x;
        if (down) from_y = height - 1 - from_y;
        to[static_cast<std::size_t>((c * height + y) * width + x)] =
            from[static_cast<std::size_t>((c * height + from_y) * width + from_x)];
      }
    }
  }
  return to;
}

/// from = a·x + b·y + c, as read off an augmented ramp.
struct Plane {
  double a = 0;
  double b = 0;
  double c = 0;
};

/// The least-squares plane through the pixels that `is_known`.
Plane fitted(const float* values, const std::vector<bool>& is_known, std::int64_t height, std::int64_t width) {
  double n = 0, sx = 0, sy = 0, sz = 0, sxx = 0, sxy = 0, syy = 0, sxz = 0, syz = 0;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      if (!is_known[static_cast<std::size_t>(y * width + x)]) continue;
      const double z = values[y * width + x];
      const auto dx = static_cast<double>(x);
      const auto dy = static_cast<double>(y);
      n += 1, sx += dx, sy += dy, sz += z, sxx += dx * dx, sxy += dx * dy, syy += dy * dy, sxz += dx * z, syz += dy * z;
    }
  }
  const double xx = sxx - sx * sx / n, xy = sxy - sx * sy / n, yy = syy - sy * sy / n;
  const double xz = sxz - sx * sz / n, yz = syz - sy * sz / n;
  const double determinant = xx * yy - xy * xy;
  Plane plane;
  plane.a = (xz * yy - yz * xy) / determinant;
  plane.b = (yz * xx - xz * xy) / determinant;
  plane.c = (sz - plane.a * sx - plane.b * sy) / n;
  return plane;
}

constexpr std::int64_t height = 21;
constexpr std::int64_t width = 26;
constexpr std::int64_t plane = height * width;

/// Four channels: each pixel's x, each pixel's y, a picture, and ones, which tell what is covered. Bilinear
/// interpolation of a ramp is exact, so an augmented one tells where every pixel came from.
Floats ramps_and_picture() {
  Floats values(4 * plane);
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      const auto i = static_cast<std::size_t>(y * width + x);
      values[i] = static_cast<float>(x);
      values[plane + i] = static_cast<float>(y);
      values[2 * plane + i] = static_cast<float>(1 + (x * x * 3 + y * 5 + x * y) % 17);
      values[3 * plane + i] = 1;
    }
  }
  return values;
}

struct Origin {
  Plane x;
  Plane y;
  double at_x(std::int64_t column, std::int64_t row) const {
    return x.a * static_cast<double>(column) + x.b * static_cast<double>(row) + x.c;
  }
  double at_y(std::int64_t column, std::int64_t row) const {
    return y.a * static_cast<double>(column) + y.b * static_cast<double>(row) + y.c;
  }
};

/// Where the pixels of an augmented ramps_and_picture() come from; nothing where too little of it is left.
std::optional<Origin> origin_of(const Floats& found) {
  std::vector<bool> is_whole(plane);
  for (std::size_t i = 0; i < is_whole.size(); ++i) is_whole[i] = found[3 * plane + i] > 0.99999F;
  if (std::count(is_whole.begin(), is_whole.end(), true) < 40) return std::nullopt;
  return Origin{fitted(found.data(), is_whole, height, width), fitted(found.data() + plane, is_whole, height, width)};
}

double pixel(const float* values, std::int64_t x, std::int64_t y) {
  return x < 0 || y < 0 || x >= width || y >= height ? 0 : values[y * width + x];
}

double bilinear(const float* values, double x, double y) {
  const auto left = static_cast<std::int64_t>(std::floor(x));
  const auto top = static_cast<std::int64_t>(std::floor(y));
  const double right = x - static_cast<double>(left);
  const double below = y - static_cast<double>(top);
  return (1 - below) * ((1 - right) * pixel(values, left, top) + right * pixel(values, left + 1, top)) +
         below * ((1 - right) * pixel(values, left, top + 1) + right * pixel(values, left + 1, top + 1));
}

const std::vector<std::int64_t> sizes = {4, height, width};

}  // namespace

class TestAugmentation : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    seed_ = test_seed();
    qInfo("seed %u", seed_);
  }

  void nothing_is_changed_by_default() {
    const Augmentation missing({}, sizes, ElementType::Float32);
    const Augmentation complete(defaults(augmentation_specs()), sizes, ElementType::UInt8);
    QVERIFY(missing.is_idle() && complete.is_idle() && !complete.moves());
    Random random(seed_);
    QCOMPARE(augmented(missing, ramps_and_picture(), random), ramps_and_picture());
    // Only pictures are changed.
    const Settings all = {{"flip", std::string("both")}, {"noise", 0.5}, {"rotation", 10.0}};
    QVERIFY(!Augmentation(all, sizes, ElementType::UInt8).is_idle());
    QVERIFY(Augmentation(all, {7}, ElementType::Float32).is_idle());
    QVERIFY(Augmentation(all, {3, 4}, ElementType::Float32).is_idle());
    QVERIFY(Augmentation(all, sizes, ElementType::Int64).is_idle());
    const Floats vector = {1, 2, 3, 4, 5, 6, 7};
    QCOMPARE(augmented(Augmentation(all, {7}, ElementType::Float32), vector, random), vector);
  }

  void it_depends_on_the_random_numbers_alone() {
    const Settings all = {{"flip", std::string("both")},
                          {"crop_padding", std::int64_t{3}},
                          {"rotation", 30.0},
                          {"shift", 0.2},
                          {"brightness", 0.3},
                          {"noise", 0.1},
                          {"erasing", 0.5}};
    const Bytes8 from = picture(4, height, width);
    const Augmentation first(all, sizes, ElementType::UInt8);
    const Augmentation second(all, sizes, ElementType::UInt8);
    std::set<std::string> seen;
    for (std::uint64_t stream = 0; stream < 50; ++stream) {
      Random a(seed_ + stream);
      Random b(seed_ + stream);
      const Bytes8 drawn = augmented(first, from, a);
      QCOMPARE(augmented(second, from, b), drawn);
      QVERIFY2(a.bits() == b.bits(), "the numbers that are used up differ");
      seen.insert(key(drawn));
    }
    QCOMPARE(seen.size(), std::size_t{50});
  }

  void pictures_are_flipped_data() {
    QTest::addColumn<QString>("flip");
    QTest::addColumn<int>("outcomes");
    QTest::newRow("horizontal") << "horizontal" << 2;
    QTest::newRow("vertical") << "vertical" << 2;
    QTest::newRow("both") << "both" << 4;
  }
  void pictures_are_flipped() {
    QFETCH(QString, flip);
    QFETCH(int, outcomes);
    const Augmentation augmentation({{"flip", flip.toStdString()}}, {3, 5, 4}, ElementType::UInt8);
    QVERIFY(augmentation.moves());
    const Bytes8 from = picture(3, 5, 4);
    std::map<std::string, int> counts;
    Random random(seed_);
    constexpr int draws = 2000;
    for (int i = 0; i < draws; ++i) ++counts[key(augmented(augmentation, from, random))];
    for (const bool across : {false, true}) {
      for (const bool down : {false, true}) {
        if ((across && flip == "vertical") || (down && flip == "horizontal")) continue;
        const std::string outcome = key(moved(from, 3, 5, 4, across, down, 0, 0));
        QVERIFY(counts.contains(outcome));
        // Five standard deviations of how often it should come.
        const double mean = static_cast<double>(draws) / outcomes;
        QVERIFY(std::abs(counts[outcome] - mean) < 5 * std::sqrt(mean));
      }
    }
    QCOMPARE(static_cast<int>(counts.size()), outcomes);
  }

  void parts_of_a_padded_picture_are_cut_out() {
    const Augmentation augmentation({{"crop_padding", std::int64_t{2}}, {"flip", std::string("horizontal")}}, {2, 6, 7},
                                    ElementType::Float32);
    const Bytes8 bytes = picture(2, 6, 7);
    const Floats from(bytes.begin(), bytes.end());
    std::map<Floats, int> counts;
    Random random(seed_);
    for (int i = 0; i < 5000; ++i) ++counts[augmented(augmentation, from, random)];
    for (const bool across : {false, true}) {
      for (std::int64_t dx = -2; dx <= 2; ++dx) {
        for (std::int64_t dy = -2; dy <= 2; ++dy) {
          QVERIFY(counts[moved(from, 2, 6, 7, across, false, dx, dy)] > 50);  // of 100
        }
      }
    }
    QCOMPARE(counts.size(), std::size_t{50});
  }

  void padding_beyond_the_picture_leaves_nothing() {
    const Augmentation augmentation({{"crop_padding", std::int64_t{64}}}, {1, 3, 3}, ElementType::UInt8);
    Random random(seed_);
    int empty = 0;
    for (int i = 0; i < 200; ++i) {
      const Bytes8 found = augmented(augmentation, picture(1, 3, 3), random);
      empty += std::all_of(found.begin(), found.end(), [](std::uint8_t v) { return v == 0; }) ? 1 : 0;
    }
    QVERIFY(empty > 150);
  }

  void pictures_are_turned_and_moved_data() {
    QTest::addColumn<double>("rotation");
    QTest::addColumn<double>("shift");
    QTest::addColumn<QString>("flip");
    QTest::addColumn<int>("crop_padding");
    QTest::newRow("turned") << 20.0 << 0.0 << "none" << 0;
    QTest::newRow("moved") << 0.0 << 0.25 << "none" << 0;
    QTest::newRow("turned and moved") << 90.0 << 0.15 << "none" << 0;
    QTest::newRow("upside down") << 180.0 << 0.0 << "none" << 0;
    QTest::newRow("all at once") << 40.0 << 0.1 << "both" << 3;
  }
  void pictures_are_turned_and_moved() {
    QFETCH(double, rotation);
    QFETCH(double, shift);
    QFETCH(QString, flip);
    QFETCH(int, crop_padding);
    const Augmentation augmentation({{"rotation", rotation},
                                     {"shift", shift},
                                     {"flip", flip.toStdString()},
                                     {"crop_padding", static_cast<std::int64_t>(crop_padding)}},
                                    sizes, ElementType::Float32);
    const Floats from = ramps_and_picture();
    Bytes8 mask_from(plane);
    for (std::size_t i = 0; i < mask_from.size(); ++i) mask_from[i] = static_cast<std::uint8_t>(from[2 * plane + i]);
    Random random(seed_);
    int seen = 0;
    double most_turned = 0;
    double most_right = 0;
    int flipped = 0;
    for (int round = 0; round < 200; ++round) {
      Floats found(from.size());
      Bytes8 mask(plane, 99);
      augmentation.apply(reinterpret_cast<const std::byte*>(from.data()), reinterpret_cast<std::byte*>(found.data()),
                         random, mask_from.data(), mask.data());
      const auto origin = origin_of(found);
      if (!origin) continue;
      ++seen;
      // Nothing is stretched or sheared.
      const double determinant = origin->x.a * origin->y.b - origin->x.b * origin->y.a;
      QVERIFY(std::abs(std::abs(determinant) - 1) < 1e-3);
      QVERIFY(std::abs(origin->x.a * origin->x.b + origin->y.a * origin->y.b) < 1e-3);
      flipped += determinant < 0 ? 1 : 0;
      if (flip == "none") {
        const double turned = std::atan2(origin->x.b, origin->x.a) * 180 / M_PI;
        QVERIFY(std::abs(turned) <= rotation + 0.05);
        most_turned = std::max(most_turned, std::abs(turned));
        // The middle goes to the middle, but for the shift.
        const double right =
            origin->at_x(0, 0) + (origin->x.a * (width - 1) + origin->x.b * (height - 1) - (width - 1)) / 2;
        const double down =
            origin->at_y(0, 0) + (origin->y.a * (width - 1) + origin->y.b * (height - 1) - (height - 1)) / 2;
        QVERIFY(std::hypot(right, down) <= shift * std::hypot(width, height) + 0.01);
        most_right = std::max(most_right, std::abs(right));
        if (rotation == 0) QVERIFY(std::abs(right) <= shift * width + 0.01 && std::abs(down) <= shift * height + 0.01);
      }
      for (std::int64_t y = 0; y < height; ++y) {
        for (std::int64_t x = 0; x < width; ++x) {
          const double from_x = origin->at_x(x, y);
          const double from_y = origin->at_y(x, y);
          const double expected = bilinear(from.data() + 2 * plane, from_x, from_y);
          QVERIFY2(
              std::abs(found[static_cast<std::size_t>(2 * plane + y * width + x)] - expected) < 0.05,
              qPrintable(QString("round %1: %2, %3 from %4, %5").arg(round).arg(x).arg(y).arg(from_x).arg(from_y)));
          // Half-way between two pixels, either may be the nearest.
          const auto is_between = [](double at) { return std::abs(at - std::floor(at) - 0.5) < 1e-3; };
          if (is_between(from_x) || is_between(from_y)) continue;
          const double nearest = pixel(from.data() + 2 * plane, std::llround(from_x), std::llround(from_y));
          QCOMPARE(static_cast<double>(mask[static_cast<std::size_t>(y * width + x)]), nearest);
        }
      }
    }
    QVERIFY(seen > 150);
    if (flip == "none") {
      QVERIFY(flipped == 0 && most_turned > 0.9 * rotation - 1e-9 && most_right > 0.5 * shift * width - 1e-9);
    } else {
      QVERIFY(flipped > 60 && flipped < 140);
    }
  }

  void bytes_are_moved_like_floats() {
    const Settings settings = {{"rotation", 35.0}, {"shift", 0.1}, {"flip", std::string("both")}};
    const Bytes8 bytes = picture(4, height, width);
    const Floats floats(bytes.begin(), bytes.end());
    for (std::uint64_t round = 0; round < 20; ++round) {
      Random a(seed_ + round);
      Random b(seed_ + round);
      const Bytes8 found = augmented(Augmentation(settings, sizes, ElementType::UInt8), bytes, a);
      const Floats exact = augmented(Augmentation(settings, sizes, ElementType::Float32), floats, b);
      for (std::size_t i = 0; i < found.size(); ++i) QVERIFY(std::abs(found[i] - exact[i]) <= 0.501F);
    }
  }

  void masks_move_with_their_pictures_pixel_by_pixel() {
    const Augmentation augmentation({{"flip", std::string("both")},
                                     {"crop_padding", std::int64_t{4}},
                                     {"brightness", 0.5},
                                     {"noise", 0.2},
                                     {"erasing", 1.0}},
                                    {1, height, width}, ElementType::UInt8);
    const Augmentation moves({{"flip", std::string("both")}, {"crop_padding", std::int64_t{4}}}, {1, height, width},
                             ElementType::UInt8);
    const Bytes8 from = picture(1, height, width);
    Random random(seed_);
    for (int round = 0; round < 100; ++round) {
      Bytes8 to(from.size());
      Bytes8 mask(from.size());
      augmentation.apply(reinterpret_cast<const std::byte*>(from.data()), reinterpret_cast<std::byte*>(to.data()),
                         random, from.data(), mask.data());
      bool is_found = false;
      for (std::int64_t dx = -4; dx <= 4 && !is_found; ++dx) {
        for (std::int64_t dy = -4; dy <= 4 && !is_found; ++dy) {
          for (const bool across : {false, true}) {
            for (const bool down : {false, true}) {
              is_found = is_found || mask == moved(from, 1, height, width, across, down, dx, dy);
            }
          }
        }
      }
      QVERIFY2(is_found, "the mask is more than moved");
      moves.apply(reinterpret_cast<const std::byte*>(from.data()), reinterpret_cast<std::byte*>(to.data()), random,
                  from.data(), mask.data());
      QCOMPARE(mask, to);
    }
  }

  void pictures_get_brighter_and_darker() {
    const Augmentation floats({{"brightness", 0.4}}, {1, 4, 5}, ElementType::Float32);
    const Augmentation bytes({{"brightness", 0.4}}, {1, 4, 5}, ElementType::UInt8);
    const Bytes8 from = picture(1, 4, 5);
    double least = 2;
    double most = 0;
    double sum = 0;
    for (std::uint64_t round = 0; round < 500; ++round) {
      Random a(seed_ + round);
      Random b(seed_ + round);
      const Floats bright = augmented(floats, Floats(from.begin(), from.end()), a);
      const double factor = bright[0] / from[0];
      const Bytes8 rounded = augmented(bytes, from, b);
      for (std::size_t i = 0; i < from.size(); ++i) {
        QVERIFY(std::abs(bright[i] - factor * from[i]) < 1e-3);
        QVERIFY(std::abs(rounded[i] - std::min(255.0, factor * from[i])) < 0.51);
      }
      least = std::min(least, factor);
      most = std::max(most, factor);
      sum += factor;
    }
    QVERIFY(least >= 0.6 - 1e-6 && least < 0.62 && most <= 1.4 + 1e-6 && most > 1.38);
    // Five standard errors of the mean of numbers that are evenly spread over 0.8.
    QVERIFY(std::abs(sum / 500 - 1) < 5 * 0.8 / std::sqrt(12.0 * 500));
  }

  void noise_is_normal_and_new_each_time_data() {
    QTest::addColumn<bool>("is_bytes");
    QTest::newRow("floats") << false;
    QTest::newRow("bytes") << true;
  }
  void noise_is_normal_and_new_each_time() {
    QFETCH(bool, is_bytes);
    constexpr std::int64_t side = 64;
    constexpr double deviation = 0.1;
    const ElementType type = is_bytes ? ElementType::UInt8 : ElementType::Float32;
    const Augmentation augmentation({{"noise", deviation}}, {1, side, side}, type);
    QVERIFY(!augmentation.moves());
    Random random(seed_);
    std::vector<double> noise;
    for (int round = 0; round < 10; ++round) {
      if (is_bytes) {
        for (const std::uint8_t v : augmented(augmentation, Bytes8(side * side, 128), random)) {
          noise.push_back((v - 128.0) / 255);
        }
      } else {
        for (const float v : augmented(augmentation, Floats(side * side, 3), random)) noise.push_back(v - 3.0);
      }
    }
    const auto n = static_cast<double>(noise.size());
    double mean = 0, square = 0, fourth = 0, neighbours = 0, pictures = 0;
    for (std::size_t i = 0; i < noise.size(); ++i) {
      const double z = noise[i] / deviation;
      mean += z / n;
      square += z * z / n;
      fourth += z * z * z * z / n;
      if (i + 1 < noise.size()) neighbours += z * noise[i + 1] / deviation / n;
      if (i + side * side < noise.size()) pictures += z * noise[i + side * side] / deviation / n;
    }
    // Five standard errors; the fourth moment of a normal distribution is 3.
    QVERIFY(std::abs(mean) < 5 / std::sqrt(n));
    QVERIFY(std::abs(square - 1) < 5 * std::sqrt(2 / n) + 1e-3);
    QVERIFY(fourth > 2.7 && fourth < 3.1);
    QVERIFY(std::abs(neighbours) < 5 / std::sqrt(n));
    QVERIFY(std::abs(pictures) < 5 / std::sqrt(n));
  }

  void bytes_stay_within_their_range() {
    const Augmentation augmentation({{"noise", 1.0}, {"brightness", 1.0}}, {1, 40, 40}, ElementType::UInt8);
    Random random(seed_);
    std::array<int, 256> counts = {};
    for (int round = 0; round < 20; ++round) {
      for (const std::uint8_t v : augmented(augmentation, Bytes8(1600, 250), random)) ++counts[v];
    }
    // With so much noise most values are cut off at either end; wrapped ones would lie evenly between.
    QVERIFY(counts[0] + counts[255] > 32'000 / 2);
  }

  void a_rectangle_is_erased() {
    constexpr double probability = 0.3;
    constexpr int rounds = 3000;
    const Augmentation augmentation({{"erasing", probability}}, sizes, ElementType::Float32);
    QVERIFY(!augmentation.moves() && !augmentation.is_idle());
    const Bytes8 bytes = picture(4, height, width);
    const Floats from(bytes.begin(), bytes.end());
    Random random(seed_);
    int erased = 0;
    double least = 1;
    double most = 0;
    for (int round = 0; round < rounds; ++round) {
      const Floats found = augmented(augmentation, from, random);
      std::int64_t left = width, right = -1, top = height, bottom = -1, count = 0;
      for (std::int64_t i = 0; i < 4 * plane; ++i) {
        if (found[static_cast<std::size_t>(i)] == from[static_cast<std::size_t>(i)]) continue;
        QCOMPARE(found[static_cast<std::size_t>(i)], 0.0F);
        ++count;
        left = std::min(left, i % width);
        right = std::max(right, i % width);
        top = std::min(top, i % plane / width);
        bottom = std::max(bottom, i % plane / width);
      }
      if (count == 0) continue;
      ++erased;
      QCOMPARE(count, 4 * (right - left + 1) * (bottom - top + 1));
      const double share = static_cast<double>(count) / (4.0 * plane);
      least = std::min(least, share);
      most = std::max(most, share);
      QVERIFY(share > 0.01 && share < 0.37);
      const double shape = static_cast<double>(right - left + 1) / static_cast<double>(bottom - top + 1);
      QVERIFY(shape > 0.2 && shape < 5);
    }
    QVERIFY(std::abs(erased - probability * rounds) < 5 * std::sqrt(rounds * probability * (1 - probability)));
    QVERIFY(least < 0.06 && most > 0.29);
  }

 private:
  unsigned seed_ = 0;
};

QTEST_APPLESS_MAIN(TestAugmentation)
#include "test_augmentation.moc"
