#include <fmt/core.h>
#include <png.h>

#include <array>
#include <csetjmp>
#include <cstring>
#include <memory>

#include "backend/core/safe_file.h"
#include "backend/data/image_formats.h"

namespace netwright {

namespace {

/// libpng's simplified interface, which reports through its own record.
struct SimplePng {
  SimplePng() { png.version = PNG_IMAGE_VERSION; }
  ~SimplePng() { png_image_free(&png); }
  SimplePng(const SimplePng&) = delete;
  SimplePng& operator=(const SimplePng&) = delete;
  ImageSize size() const {
    return {(png.format & PNG_FORMAT_FLAG_COLOR) != 0 ? 3 : 1, std::int64_t{png.height}, std::int64_t{png.width}};
  }

  png_image png = {};
};

/// The full interface, which reports through jumps. Functions that may be jumped out of hold no object with a
/// destructor.
struct PngReader {
  png_structp decoder = nullptr;
  png_infop info = nullptr;
  std::jmp_buf start;
  std::array<char, 128> message = {};

  ~PngReader() { png_destroy_read_struct(&decoder, &info, nullptr); }
};

[[noreturn]] void on_png_error(png_structp decoder, png_const_charp message) {
  auto& reader = *static_cast<PngReader*>(png_get_error_ptr(decoder));
  std::strncpy(reader.message.data(), message, reader.message.size() - 1);
  std::longjmp(reader.start, 1);
}

void on_png_warning(png_structp, png_const_charp) {}

bool begin_png(PngReader& reader, std::FILE* file) {
  if (setjmp(reader.start) != 0) return false;
  reader.info = png_create_info_struct(reader.decoder);
  png_init_io(reader.decoder, file);
  png_read_info(reader.decoder, reader.info);
  return true;
}

bool decode_png(PngReader& reader, png_bytepp rows) {
  if (setjmp(reader.start) != 0) return false;
  png_set_packing(reader.decoder);
  png_set_interlace_handling(reader.decoder);
  png_read_update_info(reader.decoder, reader.info);
  png_read_image(reader.decoder, rows);
  png_read_end(reader.decoder, nullptr);
  return true;
}

}  // namespace

Result<Array> read_png(const std::filesystem::path& path) {
  SimplePng image;
  if (!png_image_begin_read_from_file(&image.png, path.c_str())) return image_refused(path, image.png.message);
  const ImageSize size = image.size();
  if (const auto checked = check_image_size(path, size); !checked) return checked.error();
  image.png.format = size.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  const png_color black = {0, 0, 0};
  std::vector<unsigned char> pixels(PNG_IMAGE_SIZE(image.png));
  if (!png_image_finish_read(&image.png, &black, pixels.data(), 0, nullptr)) {
    return image_refused(path, image.png.message);
  }
  return planar(pixels, size);
}

Result<ImageSize> read_png_size(const std::filesystem::path& path) {
  SimplePng image;
  if (!png_image_begin_read_from_file(&image.png, path.c_str())) return image_refused(path, image.png.message);
  return image.size();
}

Result<Array> read_png_mask(const std::filesystem::path& path, std::FILE* file) {
  auto reader = std::make_unique<PngReader>();
  reader->decoder = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader.get(), on_png_error, on_png_warning);
  if (!reader->decoder) return image_refused(path, "no memory");
  if (!begin_png(*reader, file)) return image_refused(path, reader->message.data());
  const int colours = png_get_color_type(reader->decoder, reader->info);
  if (colours != PNG_COLOR_TYPE_GRAY && colours != PNG_COLOR_TYPE_PALETTE) {
    return image_refused(path, "a mask is gray or has a palette, this file has colours or alpha");
  }
  if (png_get_bit_depth(reader->decoder, reader->info) > 8) {
    return image_refused(path, "a mask has up to 8 bits a pixel, this file has 16");
  }
  const ImageSize size = {1, png_get_image_height(reader->decoder, reader->info),
                          png_get_image_width(reader->decoder, reader->info)};
  if (const auto checked = check_image_size(path, size); !checked) return checked.error();
  Array mask = make_array(ElementType::UInt8, {size.height, size.width});
  std::vector<png_bytep> rows;
  for (std::int64_t row = 0; row < size.height; ++row) rows.push_back(mask.as<std::uint8_t>() + row * size.width);
  if (!decode_png(*reader, rows.data())) return image_refused(path, reader->message.data());
  return mask;
}

Result<void> write_png(const std::filesystem::path& path, const Array& image) {
  const ImageSize size = {image.sizes[0], image.sizes[1], image.sizes[2]};
  std::vector<unsigned char> pixels(image.bytes.size());
  const auto* from = image.as<std::uint8_t>();
  for (std::int64_t channel = 0; channel < size.channels; ++channel) {
    for (std::int64_t pixel = 0; pixel < size.height * size.width; ++pixel) {
      pixels[static_cast<std::size_t>(pixel * size.channels + channel)] = *from++;
    }
  }
  SimplePng png;
  png.png.width = static_cast<png_uint_32>(size.width);
  png.png.height = static_cast<png_uint_32>(size.height);
  png.png.format = size.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  const auto failed = [&] { return Error{fmt::format("Can't write {}: {}.", path.string(), png.png.message)}; };
  png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(png.png);
  std::vector<unsigned char> packed(bytes);
  if (!png_image_write_to_memory(&png.png, packed.data(), &bytes, 0, pixels.data(), 0, nullptr)) return failed();
  auto file = SafeFile::create(path);
  if (!file) return file.error();
  if (auto written = file->write(packed.data(), bytes); !written) return written;
  return file->commit();
}

}  // namespace netwright
