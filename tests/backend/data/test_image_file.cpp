#include <png.h>
#include <zlib.h>

#include <QTemporaryDir>
#include <QTest>
#include <cstdio>
#include <random>

#include "backend/data/image_file.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

// Needs <cstdio> before it.
#include <jpeglib.h>

using namespace netwright;

namespace {

using Pixels = std::vector<unsigned char>;

void write_png(const QString& path, unsigned format, unsigned width, unsigned height, const void* pixels,
               const void* colours = nullptr) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = width;
  png.height = height;
  png.format = format;
  png.colormap_entries = colours ? 2 : 0;
  QVERIFY(png_image_write_to_file(&png, qPrintable(path), 0, pixels, 0, colours));
}

void write_jpeg(const QString& path, J_COLOR_SPACE space, int channels, unsigned width, unsigned height,
                Pixels pixels) {
  std::FILE* file = std::fopen(qPrintable(path), "wb");
  QVERIFY(file);
  jpeg_compress_struct encoder = {};
  jpeg_error_mgr errors = {};
  encoder.err = jpeg_std_error(&errors);
  jpeg_create_compress(&encoder);
  jpeg_stdio_dest(&encoder, file);
  encoder.image_width = width;
  encoder.image_height = height;
  encoder.input_components = channels;
  encoder.in_color_space = space;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, 100, TRUE);
  jpeg_start_compress(&encoder, TRUE);
  for (unsigned row = 0; row < height; ++row) {
    JSAMPROW line = pixels.data() + row * width * static_cast<unsigned>(channels);
    jpeg_write_scanlines(&encoder, &line, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
  std::fclose(file);
}

/// A chunk's checksum made right again.
void mend_first_chunk(QByteArray& png) {
  const auto* bytes = reinterpret_cast<const Bytef*>(png.constData());
  const auto sum = static_cast<quint32>(crc32(0, bytes + 12, 4 + 13));
  for (int i = 0; i < 4; ++i) png[29 + i] = static_cast<char>(sum >> (24 - 8 * i));
}

Pixels gradient(std::size_t count) {
  Pixels pixels;
  for (std::size_t i = 0; i < count; ++i) pixels.push_back(static_cast<unsigned char>(40 + i * 3));
  return pixels;
}

Pixels values_of(const Array& image) {
  const auto* begin = image.as<std::uint8_t>();
  return {begin, begin + image.bytes.size()};
}

}  // namespace

class TestImageFile : public QObject {
  Q_OBJECT

 private slots:
  void gray_png() {
    const Pixels pixels = gradient(6);
    write_png(file(), PNG_FORMAT_GRAY, 3, 2, pixels.data());
    const auto image = read_image(path());
    QVERIFY2(image, image ? "" : image.error().message.c_str());
    QCOMPARE(image->sizes, (std::vector<std::int64_t>{1, 2, 3}));
    QCOMPARE(values_of(*image), pixels);
  }

  void colour_png_is_given_channel_by_channel() {
    const Pixels pixels = {1, 2, 3, 11, 12, 13, 21, 22, 23, 31, 32, 33};
    write_png(file(), PNG_FORMAT_RGB, 2, 2, pixels.data());
    const auto image = read_image(path());
    QVERIFY(image);
    QCOMPARE(image->sizes, (std::vector<std::int64_t>{3, 2, 2}));
    QCOMPARE(values_of(*image), (Pixels{1, 11, 21, 31, 2, 12, 22, 32, 3, 13, 23, 33}));
  }

  void transparent_pixels_are_black() {
    const Pixels pixels = {200, 100, 50, 255, 200, 100, 50, 0};
    write_png(file(), PNG_FORMAT_RGBA, 2, 1, pixels.data());
    const auto image = read_image(path());
    QVERIFY(image);
    QCOMPARE(values_of(*image), (Pixels{200, 0, 100, 0, 50, 0}));
  }

  void palettes_become_colours() {
    const Pixels colours = {10, 20, 30, 40, 50, 60};
    const Pixels pixels = {1, 0, 1};
    write_png(file(), PNG_FORMAT_RGB_COLORMAP, 3, 1, pixels.data(), colours.data());
    const auto image = read_image(path());
    QVERIFY(image);
    QCOMPARE(values_of(*image), (Pixels{40, 10, 40, 50, 20, 50, 60, 30, 60}));
  }

  void sixteen_bits_become_eight() {
    const std::vector<std::uint16_t> pixels = {0, 65535};
    write_png(file(), PNG_FORMAT_LINEAR_Y, 2, 1, pixels.data());
    const auto image = read_image(path());
    QVERIFY(image);
    QCOMPARE(values_of(*image), (Pixels{0, 255}));
  }

  void jpeg_gray_and_colour() {
    write_jpeg(file(), JCS_GRAYSCALE, 1, 16, 8, Pixels(128, 77));
    const auto gray = read_image(path());
    QVERIFY2(gray, gray ? "" : gray.error().message.c_str());
    QCOMPARE(gray->sizes, (std::vector<std::int64_t>{1, 8, 16}));
    for (const unsigned char value : values_of(*gray)) QVERIFY(std::abs(value - 77) <= 1);

    Pixels pixels;
    for (int i = 0; i < 64; ++i) pixels.insert(pixels.end(), {200, 100, 50});
    write_jpeg(file(), JCS_RGB, 3, 8, 8, pixels);
    const auto colour = read_image(path());
    QVERIFY(colour);
    QCOMPARE(colour->sizes, (std::vector<std::int64_t>{3, 8, 8}));
    const int expected[] = {200, 100, 50};
    for (std::size_t i = 0; i < 192; ++i) QVERIFY(std::abs(values_of(*colour)[i] - expected[i / 64]) <= 3);
  }

  void damaged_images_are_refused_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("reason");
    write_png(file(), PNG_FORMAT_GRAY, 20, 20, gradient(400).data());
    const QByteArray png = file_content(file());
    write_jpeg(file(), JCS_GRAYSCALE, 1, 16, 16, gradient(256));
    const QByteArray jpeg = file_content(file());
    write_jpeg(file(), JCS_CMYK, 4, 8, 8, gradient(256));
    const QByteArray cmyk = file_content(file());

    QTest::newRow("empty") << QByteArray() << "neither PNG nor JPEG";
    QTest::newRow("text") << QByteArray("hello") << "neither PNG nor JPEG";
    QTest::newRow("PNG truncated") << png.left(png.size() / 2) << "Can't read the image";
    QTest::newRow("PNG signature only") << png.left(8) << "Can't read the image";
    QByteArray flipped = png;
    flipped[50] = static_cast<char>(flipped[50] ^ 0x55);
    QTest::newRow("PNG with a wrong checksum") << flipped << "Can't read the image";
    QByteArray huge = png;
    huge.replace(16, 8, QByteArray("\0\0\x40\0\0\0\x40\0", 8));
    mend_first_chunk(huge);
    QTest::newRow("PNG too large") << huge << "16384×16384 is more than the 100 million pixels";
    QTest::newRow("JPEG truncated") << jpeg.left(jpeg.size() - 40) << "Can't read the image";
    QTest::newRow("JPEG marker only") << jpeg.left(2) << "Can't read the image";
    QTest::newRow("JPEG of four inks") << cmyk << "Can't read the image";
    const qsizetype frame = jpeg.indexOf("\xff\xc0");
    QVERIFY(frame > 0);
    QByteArray wide = jpeg;
    wide.replace(frame + 5, 4, "\xff\xdc\xff\xdc");
    QTest::newRow("JPEG too large") << wide << "65500×65500 is more than the 100 million pixels";
  }
  void damaged_images_are_refused() {
    QFETCH(QByteArray, content);
    QFETCH(QString, reason);
    QVERIFY(put_file(file(), content));
    const auto image = read_image(path());
    QVERIFY(!image);
    const QString message = QString::fromStdString(image.error().message);
    QVERIFY2(message.contains(reason), qPrintable(message));
    QVERIFY2(message.contains(file()), qPrintable(message));
  }

  void what_is_no_file_is_refused() {
    QVERIFY(!read_image(path_of(folder_.path())));
    QVERIFY(!read_image(path_of(folder_.filePath("nowhere.png"))));
  }

  void any_byte_may_be_wrong_data() {
    QTest::addColumn<QByteArray>("whole");
    write_png(file(), PNG_FORMAT_GRAY, 12, 12, gradient(144).data());
    QTest::newRow("PNG") << file_content(file());
    write_jpeg(file(), JCS_RGB, 3, 16, 16, gradient(768));
    QTest::newRow("JPEG") << file_content(file());
  }
  void any_byte_may_be_wrong() {
    QFETCH(QByteArray, whole);
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 1000; ++round) {
      QByteArray damaged = whole;
      const auto at = static_cast<qsizetype>(random() % damaged.size());
      damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1U << random() % 8));
      if (round % 5 == 0) damaged.truncate(static_cast<qsizetype>(random() % damaged.size()));
      QVERIFY(put_file(file(), damaged));
      if (const auto image = read_image(path())) QCOMPARE(image->sizes.size(), std::size_t{3});
    }
  }

 private:
  QString file() const { return folder_.filePath("image"); }
  std::filesystem::path path() const { return path_of(file()); }
  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestImageFile)
#include "test_image_file.moc"
