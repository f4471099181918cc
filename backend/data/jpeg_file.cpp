#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <memory>

#include "backend/data/image_formats.h"

// Needs <cstdio> before it.
#include <jpeglib.h>

namespace netwright {

namespace {

// A progressive JPEG may repeat scans without end; real ones have about ten.
constexpr int most_scans = 200;

/// libjpeg reports through jumps. Functions that may be jumped out of hold no object with a destructor.
struct JpegReader {
  jpeg_decompress_struct decoder = {};
  jpeg_error_mgr errors = {};
  jpeg_progress_mgr progress = {};
  std::jmp_buf start;
  std::array<char, JMSG_LENGTH_MAX> message = {};

  JpegReader() = default;
  ~JpegReader() { jpeg_destroy_decompress(&decoder); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  ImageSize size() const {
    return {decoder.out_color_space == JCS_GRAYSCALE ? 1 : 3, std::int64_t{decoder.image_height},
            std::int64_t{decoder.image_width}};
  }
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

/// The decoder with its header read.
Result<std::unique_ptr<JpegReader>> begin(const std::filesystem::path& path, std::FILE* file) {
  auto reader = std::make_unique<JpegReader>();
  reader->decoder.err = jpeg_std_error(&reader->errors);
  reader->errors.error_exit = on_jpeg_error;
  reader->errors.emit_message = on_jpeg_message;
  reader->decoder.client_data = reader.get();
  reader->progress.progress_monitor = on_jpeg_progress;
  if (!begin_jpeg(*reader, file)) return image_refused(path, reader->message.data());
  return reader;
}

}  // namespace

Result<ImageSize> read_jpeg_size(const std::filesystem::path& path, std::FILE* file) {
  const auto reader = begin(path, file);
  if (!reader) return reader.error();
  return (*reader)->size();
}

Result<Array> read_jpeg(const std::filesystem::path& path, std::FILE* file) {
  const auto reader = begin(path, file);
  if (!reader) return reader.error();
  const ImageSize size = (*reader)->size();
  if (const auto checked = check_image_size(path, size); !checked) return checked.error();
  std::vector<unsigned char> pixels(static_cast<std::size_t>(size.width * size.height * size.channels));
  if (!decode_jpeg(**reader, pixels.data())) return image_refused(path, (*reader)->message.data());
  return planar(pixels, size);
}

}  // namespace netwright
