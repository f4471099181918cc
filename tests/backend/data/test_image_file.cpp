#include <png.h>
#include <zlib.h>

#include <QTemporaryDir>
#include <QTest>
#include <cstdio>
#include <random>

#include "backend/data/image_file.h"
#include "backend/data/image_grid.h"
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

  void netpbm_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QList<qint64>>("sizes");
    QTest::addColumn<QList<int>>("values");
    const auto row = [](const char* name, const QByteArray& content, const QList<qint64>& sizes,
                        const QList<int>& values) { QTest::newRow(name) << content << sizes << values; };
    row("P2", "P2\n3 2\n255\n0 1 2\n253 254 255\n", {1, 2, 3}, {0, 1, 2, 253, 254, 255});
    row("P2 without a last line end", "P2 1 2 255 9 10", {1, 2, 1}, {9, 10});
    row("P2 with comments", "P2#a\n# b\n 2 # c 9\n1\n#\n255 7#d\n8", {1, 1, 2}, {7, 8});
    row("P2 of another range", "P2 5 1 10 0 1 5 9 10", {1, 1, 5}, {0, 26, 128, 230, 255});
    row("P3", "P3 2 1 255  1 2 3  4 5 6 ", {3, 1, 2}, {1, 4, 2, 5, 3, 6});
    row("P5", QByteArray("P5 2 2 255\n\0\x20\n\xff", 15), {1, 2, 2}, {0, 32, 10, 255});
    row("P5 of another range", QByteArray("P5 3 1 1\n\0\1\0", 12), {1, 1, 3}, {0, 255, 0});
    row("P5 of 16 bits", QByteArray("P5 3 1 65535\n\0\0\x80\0\xff\xff", 19), {1, 1, 3}, {0, 128, 255});
    row("P6", "P6 1 2 255\nabcdef", {3, 2, 1}, {'a', 'd', 'b', 'e', 'c', 'f'});
  }
  void netpbm() {
    QFETCH(QByteArray, content);
    QFETCH(QList<qint64>, sizes);
    QFETCH(QList<int>, values);
    QVERIFY(put_file(file(), content));
    const auto image = read_image(path());
    QVERIFY2(image, image ? "" : image.error().message.c_str());
    QCOMPARE(QList<qint64>(image->sizes.begin(), image->sizes.end()), sizes);
    const Pixels pixels = values_of(*image);
    QCOMPARE(QList<int>(pixels.begin(), pixels.end()), values);
    const auto size = read_image_size(path());
    QVERIFY(size);
    QCOMPARE((QList<qint64>{size->channels, size->height, size->width}), sizes);
  }

  void the_size_is_known_from_the_header() {
    write_png(file(), PNG_FORMAT_RGB_COLORMAP, 3, 1, Pixels{1, 0, 1}.data(), Pixels{10, 20, 30, 40, 50, 60}.data());
    const auto png = read_image_size(path());
    QVERIFY(png && png->channels == 3 && png->height == 1 && png->width == 3);
    write_jpeg(file(), JCS_GRAYSCALE, 1, 16, 8, Pixels(128, 77));
    QVERIFY(put_file(file(), file_content(file()).chopped(4)));
    const auto jpeg = read_image_size(path());
    QVERIFY(jpeg && jpeg->channels == 1 && jpeg->height == 8 && jpeg->width == 16);
    QVERIFY(!read_image(path()));
    QVERIFY(put_file(file(), "text"));
    QVERIFY(!read_image_size(path()));
  }

  void masks_keep_their_numbers_data() {
    QTest::addColumn<QString>("python");
    QTest::addColumn<QList<int>>("values");
    QTest::newRow("gray") << "Image.fromarray(a)" << QList<int>{0, 1, 2, 3, 200, 255};
    QTest::newRow("palette") << "p = Image.fromarray(a, 'P'); p.putpalette(list(range(255, -1, -1)) * 3); p"
                             << QList<int>{0, 1, 2, 3, 200, 255};
    QTest::newRow("palette of 2 bits") << "p = Image.fromarray(a % 4, 'P'); p.putpalette([9, 9, 9] * 4); p"
                                       << QList<int>{0, 1, 2, 3, 0, 3};
    QTest::newRow("1 bit") << "Image.fromarray(a > 1)" << QList<int>{0, 0, 1, 1, 1, 1};
  }
  void masks_keep_their_numbers() {
    QFETCH(QString, python);
    QFETCH(QList<int>, values);
    const QStringList parts = python.split("; ");
    const QString source =
        QString(
            "import numpy, sys\nfrom PIL import Image\na = numpy.array([[0, 1, 2], [3, 200, 255]], 'u1')\n%1\n"
            "%2.save(sys.argv[1], 'PNG')")
            .arg(parts.mid(0, parts.size() - 1).join("\n"), parts.back());
    QCOMPARE(run_python(source, {file()}), QString());
    const auto mask = read_mask(path());
    QVERIFY2(mask, mask ? "" : mask.error().message.c_str());
    QCOMPARE(mask->sizes, (std::vector<std::int64_t>{2, 3}));
    const Pixels pixels = values_of(*mask);
    QCOMPARE(QList<int>(pixels.begin(), pixels.end()), values);
  }

  void interlaced_masks_and_pgm() {
    QVERIFY(put_file(file(), "P2 3 1 9 0 9 4"));
    QCOMPARE(values_of(*read_mask(path())), (Pixels{0, 9, 4}));
    // Adam7: of a row of three pixels, the first comes in pass 1, the third in pass 4, the second in pass 6.
    const QString source =
        "import struct, sys, zlib\n"
        "def chunk(kind, data):\n"
        " return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))\n"
        "open(sys.argv[1], 'wb').write(b'\\x89PNG\\r\\n\\x1a\\n'\n"
        " + chunk(b'IHDR', struct.pack('>IIBBBBB', 3, 1, 8, 0, 0, 0, 1))\n"
        " + chunk(b'IDAT', zlib.compress(bytes([0, 7, 0, 9, 0, 8]))) + chunk(b'IEND', b''))";
    QCOMPARE(run_python(source, {file()}), QString());
    const auto mask = read_mask(path());
    QVERIFY2(mask, mask ? "" : mask.error().message.c_str());
    QCOMPARE(values_of(*mask), (Pixels{7, 8, 9}));
  }

  void what_is_no_mask_is_refused() {
    const auto refused_because = [&](const char* reason) {
      const auto mask = read_mask(path());
      return !mask && mask.error().message.find(reason) != std::string::npos;
    };
    write_png(file(), PNG_FORMAT_RGB, 1, 1, Pixels{1, 2, 3}.data());
    QVERIFY(refused_because("this file has colours"));
    write_png(file(), PNG_FORMAT_LINEAR_Y, 1, 1, std::vector<std::uint16_t>{1}.data());
    QVERIFY(refused_because("this file has 16"));
    write_jpeg(file(), JCS_GRAYSCALE, 1, 8, 8, Pixels(64, 7));
    QVERIFY(refused_because("save it as PNG"));
    QVERIFY(put_file(file(), "P3 1 1 255 1 2 3"));
    QVERIFY(refused_because("has colours"));
    QVERIFY(put_file(file(), "P2 1 1 256 1"));
    QVERIFY(refused_because("has 16"));
  }

  void written_images_are_what_others_read_data() {
    QTest::addColumn<int>("channels");
    QTest::newRow("gray") << 1;
    QTest::newRow("colour") << 3;
  }
  void written_images_are_what_others_read() {
    QFETCH(int, channels);
    Array image = make_array(ElementType::UInt8, {channels, 2, 3});
    for (int i = 0; i < channels * 6; ++i) image.as<std::uint8_t>()[i] = static_cast<std::uint8_t>(255 - i * 13);
    const auto written = netwright::write_png(path(), image);
    QVERIFY2(written, written ? "" : written.error().message.c_str());
    const QString source =
        "import numpy, sys\nfrom PIL import Image\na = numpy.asarray(Image.open(sys.argv[1]))\n"
        "print(a.shape, (a if a.ndim == 2 else a.transpose(2, 0, 1)).ravel().tolist())";
    QStringList values;
    for (int i = 0; i < channels * 6; ++i) values << QString::number(255 - i * 13);
    QCOMPARE(run_python(source, {file()}),
             QString(channels == 1 ? "(2, 3) [%1]" : "(2, 3, 3) [%1]").arg(values.join(", ")));
    QCOMPARE(values_of(*read_image(path())), values_of(image));
    QVERIFY(!netwright::write_png(path_of(folder_.filePath("nowhere/image.png")), image));
  }

  void grids_lie_row_by_row() {
    std::vector<Array> images;
    for (int i = 0; i < 3; ++i) {
      images.push_back(make_array(ElementType::UInt8, {3, 1, 2}));
      for (int j = 0; j < 6; ++j) images.back().as<std::uint8_t>()[j] = static_cast<std::uint8_t>(10 * (i + 1) + j);
    }
    const Array grid = image_grid(images, 2);
    QCOMPARE(grid.sizes, (std::vector<std::int64_t>{3, 2, 4}));
    QCOMPARE(values_of(grid), (Pixels{10, 11, 20, 21, 30, 31, 0, 0,  //
                                      12, 13, 22, 23, 32, 33, 0, 0,  //
                                      14, 15, 24, 25, 34, 35, 0, 0}));
    QCOMPARE(image_grid(images, 9).sizes, (std::vector<std::int64_t>{3, 1, 6}));
    QCOMPARE(image_grid(images, 0).sizes, (std::vector<std::int64_t>{3, 3, 2}));
    QCOMPARE(image_grid({}, 3).sizes, (std::vector<std::int64_t>{0, 0, 0}));
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

    QTest::newRow("empty") << QByteArray() << "none of PNG, JPEG, PGM and PPM";
    QTest::newRow("text") << QByteArray("hello") << "none of PNG, JPEG, PGM and PPM";
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
    QTest::newRow("P1") << QByteArray("P1 1 1 0") << "none of PNG";
    QTest::newRow("P2 without numbers") << QByteArray("P2 ") << "at byte 3: the header's three numbers";
    QTest::newRow("P2 of size 0") << QByteArray("P2 0 1 255 ") << "the header's three numbers";
    QTest::newRow("P2 negative") << QByteArray("P2 -1 1 255 ") << "the header's three numbers";
    QTest::newRow("P2 with letters") << QByteArray("P2 1x 1 255 ") << "the header's three numbers";
    QTest::newRow("P2 in an endless comment") << QByteArray("P2 # 1 1 255") << "the header's three numbers";
    QTest::newRow("P5 of 17 bits") << QByteArray("P5 1 1 65536 abc") << "a largest value of 65536";
    QTest::newRow("P5 too large") << QByteArray("P5 99999 99999 255 ") << "99999×99999 is more than the 100 million";
    QTest::newRow("P5 absurd") << QByteArray("P5 99999999999 1 255 ") << "the header's three numbers";
    QTest::newRow("P5 beyond the file") << QByteArray("P5 9999 9999 255 a") << "the file is too short for them";
    QTest::newRow("P5 truncated") << QByteArray("P5 2 2 255\nabc") << "a pixel isn't there";
    QTest::newRow("P2 truncated") << QByteArray("P2 2 2 255 10 20 30 ") << "a pixel isn't there";
    QTest::newRow("P2 of wrong values") << QByteArray("P2 1 1 9 10") << "a pixel has the value 10, where 9 is the most";
    QTest::newRow("P2 of large values") << QByteArray("P2 1 1 9 70000") << "a pixel isn't there";
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
    QTest::newRow("P2") << QByteArray("P2\n# a comment\n4 3 255 1 2 3 4  5 6 7 8  9 10 11 12\n");
    QTest::newRow("P6") << QByteArray("P6 2 3 255 aaabbbcccdddeeefff");
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
      if (const auto mask = read_mask(path())) QCOMPARE(mask->sizes.size(), std::size_t{2});
      if (const auto size = read_image_size(path())) QVERIFY(size->height > 0 && size->width > 0);
    }
  }

 private:
  QString file() const { return folder_.filePath("image"); }
  std::filesystem::path path() const { return path_of(file()); }
  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestImageFile)
#include "test_image_file.moc"
