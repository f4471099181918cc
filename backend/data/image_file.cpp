#include "backend/data/image_file.h"

#include <fmt/core.h>
#include <png.h>

#include <array>
#include <cerrno>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <memory>

// Needs <cstdio> before it.
#include <jpeglib.h>

namespace netwright {

namespace {

constexpr std::int64_t most_pixels = 100'000'000;
// A progressive JPEG may repeat scans without end; real ones have about ten.
constexpr int most_scans = 200;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Error refused(const std::filesystem::path& path, const std::string& reason) {
  return {fmt::format("Can't read the image {}: {}.", path.string(), reason)};
}

Error too_large(const std::filesystem::path& path, std::int64_t width, std::int64_t height) {
  return refused(path, fmt::format("{}×{} is more than the {} million pixels that are read", width, height,
                                   most_pixels / 1'000'000));
}

/// H×W×C as the libraries give it -> C×H×W.
Array planar(const std::vector<unsigned char>& pixels, std::int64_t channels, std::int64_t height, std::int64_t width) {
  Array image = make_array(ElementType::UInt8, {channels, height, width});
  auto* out = image.as<std::uint8_t>();
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    for (std::int64_t pixel = 0; pixel < height * width; ++pixel) {
      *out++ = pixels[static_cast<std::size_t>(pixel * channels + channel)];
    }
  }
  return image;
}

Result<Array> read_png(const std::filesystem::path& path) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  const std::unique_ptr<png_image, decltype(&png_image_free)> freed(&png, png_image_free);
  if (!png_image_begin_read_from_file(&png, path.c_str())) return refused(path, png.message);
  const std::int64_t width = png.width;
  const std::int64_t height = png.height;
  if (width * height > most_pixels) return too_large(path, width, height);
  const std::int64_t channels = (png.format & PNG_FORMAT_FLAG_COLOR) != 0 ? 3 : 1;
  png.format = channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  const png_color black = {0, 0, 0};
  std::vector<unsigned char> pixels(PNG_IMAGE_SIZE(png));
  if (!png_image_finish_read(&png, &black, pixels.data(), 0, nullptr)) return refused(path, png.message);
  return planar(pixels, channels, height, width);
}

/// libjpeg reports through jumps. Functions that may be jumped out of hold no object with a destructor.
struct JpegReader {
  jpeg_decompress_struct decoder;
  jpeg_error_mgr errors;
  jpeg_progress_mgr progress;
  std::jmp_buf start;
  std::array<char, JMSG_LENGTH_MAX> message;
};

JpegReader& reader_of(j_common_ptr common) {
  return *static_cast<JpegReader*>(common->client_data);
}

[[noreturn]] void on_jpeg_error(j_common_ptr common) {
  JpegReader& reader = reader_of(common);
  common->err->format_message(common, reader.message.data());
  std::longjmp(reader.start, 1);
}

/// Warnings (negative levels) mean damaged data, which libjpeg would paper over.
void on_jpeg_message(j_common_ptr common, int level) {
  if (level < 0) on_jpeg_error(common);
}

void on_jpeg_progress(j_common_ptr common) {
  JpegReader& reader = reader_of(common);
  if (reader.decoder.input_scan_number <= most_scans) return;
  std::strcpy(reader.message.data(), "it has more scans than any real picture");
  std::longjmp(reader.start, 1);
}

bool begin_jpeg(JpegReader& reader, std::FILE* file) {
  if (setjmp(reader.start) != 0) return false;
  jpeg_create_decompress(&reader.decoder);
  reader.decoder.progress = &reader.progress;
  jpeg_stdio_src(&reader.decoder, file);
  jpeg_read_header(&reader.decoder, TRUE);
  reader.decoder.out_color_space = reader.decoder.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  return true;
}

bool decode_jpeg(JpegReader& reader, unsigned char* pixels) {
  if (setjmp(reader.start) != 0) return false;
  jpeg_start_decompress(&reader.decoder);
  const std::size_t row = std::size_t{reader.decoder.output_width} * reader.decoder.output_components;
  while (reader.decoder.output_scanline < reader.decoder.output_height) {
    JSAMPROW target = pixels + reader.decoder.output_scanline * row;
    jpeg_read_scanlines(&reader.decoder, &target, 1);
  }
  jpeg_finish_decompress(&reader.decoder);
  return true;
}

Result<Array> read_jpeg(const std::filesystem::path& path, std::FILE* file) {
  auto reader = std::make_unique<JpegReader>();
  reader->decoder.err = jpeg_std_error(&reader->errors);
  reader->errors.error_exit = on_jpeg_error;
  reader->errors.emit_message = on_jpeg_message;
  reader->decoder.client_data = reader.get();
  reader->progress.progress_monitor = on_jpeg_progress;
  const std::unique_ptr<jpeg_decompress_struct, decltype(&jpeg_destroy_decompress)> destroyed(&reader->decoder,
                                                                                              jpeg_destroy_decompress);
  if (!begin_jpeg(*reader, file)) return refused(path, reader->message.data());
  const std::int64_t width = reader->decoder.image_width;
  const std::int64_t height = reader->decoder.image_height;
  if (width * height > most_pixels) return too_large(path, width, height);
  const std::int64_t channels = reader->decoder.out_color_space == JCS_GRAYSCALE ? 1 : 3;
  std::vector<unsigned char> pixels(static_cast<std::size_t>(width * height * channels));
  if (!decode_jpeg(*reader, pixels.data())) return refused(path, reader->message.data());
  return planar(pixels, channels, height, width);
}

}  // namespace

Result<Array> read_image(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return refused(path, "it is a folder");
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (!file) return refused(path, std::strerror(errno));
  std::array<unsigned char, 8> signature = {};
  const std::size_t count = std::fread(signature.data(), 1, signature.size(), file.get());
  std::rewind(file.get());
  if (count == signature.size() && png_sig_cmp(signature.data(), 0, signature.size()) == 0) return read_png(path);
  if (count >= 2 && signature[0] == 0xFF && signature[1] == 0xD8) return read_jpeg(path, file.get());
  return refused(path, "it is neither PNG nor JPEG");
}

}  // namespace netwright
