#include <QTemporaryDir>
#include <QTest>
#include <cstdlib>
#include <random>

#include "backend/data/image_fit.h"
#include "backend/data/npy.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

Array random_image(std::mt19937& random, std::vector<std::int64_t> sizes) {
  Array image = make_array(ElementType::UInt8, std::move(sizes));
  for (std::byte& byte : image.bytes) byte = static_cast<std::byte>(random());
  return image;
}

// Pillow does the same in C, with a rounding in between.
const char* const pillow = R"(
import numpy, sys
from PIL import Image, ImageOps
old, new, height, width, fit, is_mask = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5], int(sys.argv[6])
image = Image.fromarray(numpy.load(old))
method = Image.NEAREST if is_mask else Image.BILINEAR
if fit == '0': image = image.resize((width, height), method)
if fit == '1': image = ImageOps.fit(image, (width, height), method)
if fit == '2': image = ImageOps.pad(image, (width, height), method)
numpy.save(new, numpy.asarray(image))
)";

}  // namespace

class TestImageFit : public QObject {
  Q_OBJECT

 private slots:
  void it_is_what_pillow_does_data() {
    QTest::addColumn<int>("fit");
    QTest::addColumn<bool>("is_mask");
    QTest::addColumn<QList<int>>("sizes");
    const QList<QList<int>> sizes = {
        {40, 30, 20, 15}, {40, 30, 64, 64}, {7, 5, 21, 15}, {100, 10, 16, 32},
        {1, 1, 5, 7},     {31, 63, 28, 28}, {9, 9, 1, 1},
    };
    const char* const names[] = {"resize", "crop", "pad"};
    for (int fit = 0; fit < 3; ++fit) {
      for (const bool is_mask : {false, true}) {
        for (const QList<int>& size : sizes) {
          QTest::addRow("%s%s of %d×%d to %d×%d", names[fit], is_mask ? " a mask" : "", size[0], size[1], size[2],
                        size[3])
              << fit << is_mask << size;
        }
      }
    }
  }
  void it_is_what_pillow_does() {
    QFETCH(int, fit);
    QFETCH(bool, is_mask);
    QFETCH(QList<int>, sizes);
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    Array image = random_image(random, {sizes[0], sizes[1]});
    QVERIFY(write_npy(path_of(file("old.npy")), image));
    const QString said = run_python(pillow, {file("old.npy"), file("new.npy"), QString::number(sizes[2]),
                                             QString::number(sizes[3]), QString::number(fit), is_mask ? "1" : "0"});
    QCOMPARE(said, QString());
    const auto expected = read_npy(path_of(file("new.npy")));
    QVERIFY(expected);
    Array fitting;
    if (is_mask) {
      fitting = fitted_mask(image, sizes[2], sizes[3], static_cast<Fit>(fit));
    } else {
      image.sizes.insert(image.sizes.begin(), 1);
      fitting = fitted(image, sizes[2], sizes[3], static_cast<Fit>(fit));
      QCOMPARE(fitting.sizes.front(), std::int64_t{1});
      fitting.sizes.erase(fitting.sizes.begin());
    }
    QCOMPARE(fitting.sizes, expected->sizes);
    const int tolerance = is_mask ? 0 : 1;
    for (std::size_t i = 0; i < expected->bytes.size(); ++i) {
      const int difference = std::abs(int(fitting.as<std::uint8_t>()[i]) - int(expected->as<std::uint8_t>()[i]));
      if (difference <= tolerance) continue;
      QFAIL(qPrintable(QString("at %1: %2, Pillow has %3")
                           .arg(i)
                           .arg(fitting.as<std::uint8_t>()[i])
                           .arg(expected->as<std::uint8_t>()[i])));
    }
  }

  void channels_are_fitted_one_by_one() {
    std::mt19937 random(1);
    const Array colour = random_image(random, {3, 12, 9});
    const Array together = fitted(colour, 5, 7, Fit::Crop);
    QCOMPARE(together.sizes, (std::vector<std::int64_t>{3, 5, 7}));
    for (std::int64_t channel = 0; channel < 3; ++channel) {
      Array alone = make_array(ElementType::UInt8, {1, 12, 9});
      std::copy_n(colour.as<std::uint8_t>() + channel * 108, 108, alone.as<std::uint8_t>());
      const Array plane = fitted(alone, 5, 7, Fit::Crop);
      QVERIFY(std::equal(plane.bytes.begin(), plane.bytes.end(), together.bytes.begin() + channel * 35));
    }
  }

  void what_fits_stays() {
    std::mt19937 random(1);
    const Array image = random_image(random, {3, 12, 9});
    for (const Fit fit : {Fit::Resize, Fit::Crop, Fit::Pad}) QVERIFY(fitted(image, 12, 9, fit).bytes == image.bytes);
  }

  void one_gray_stays_it_at_every_size() {
    Array image = make_array(ElementType::UInt8, {1, 17, 23});
    for (std::byte& byte : image.bytes) byte = std::byte{201};
    for (std::int64_t size = 1; size < 60; ++size) {
      const Array other = fitted(image, size, 61 - size, Fit::Crop);
      for (const std::byte byte : other.bytes) QCOMPARE(std::to_integer<int>(byte), 201);
    }
  }

  void channels_are_joined_and_repeated() {
    Array colour = make_array(ElementType::UInt8, {3, 1, 4});
    const int values[] = {255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255};
    for (int i = 0; i < 12; ++i) colour.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(values[i]);
    const Array gray = with_channels(colour, 1);
    QCOMPARE(gray.sizes, (std::vector<std::int64_t>{1, 1, 4}));
    const int luminances[] = {76, 150, 29, 255};
    for (int i = 0; i < 4; ++i) QCOMPARE(int(gray.as<std::uint8_t>()[i]), luminances[i]);
    const Array again = with_channels(gray, 3);
    for (int i = 0; i < 12; ++i) QCOMPARE(int(again.as<std::uint8_t>()[i]), luminances[i % 4]);
  }

 private:
  QString file(const char* name) const { return folder_.filePath(name); }
  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestImageFit)
#include "test_image_fit.moc"
