#include "backend/data/image_file.h"

#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

#include "backend/data/image_formats.h"

namespace netwright {

namespace {

constexpr std::int64_t most_pixels = 100'000'000;
constexpr std::string_view png_signature = "\x89PNG\r\n\x1a\n";
constexpr std::string_view jpeg_signature = "\xff\xd8";

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

enum class Format { Png, Jpeg, Pnm };

struct OpenImage {
  Format format;
  std::unique_ptr<std::FILE, CloseFile> file;
};

Result<OpenImage> open_image(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return image_refused(path, "it is a folder");
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rb"));
  if (!file) return image_refused(path, std::strerror(errno));
  std::array<char, 8> start = {};
  const std::string_view begin(start.data(), std::fread(start.data(), 1, start.size(), file.get()));
  std::rewind(file.get());
  if (begin.starts_with(png_signature)) return OpenImage{Format::Png, std::move(file)};
  if (begin.starts_with(jpeg_signature)) return OpenImage{Format::Jpeg, std::move(file)};
  if (begin.size() > 2 && begin[0] == 'P' && std::string_view("2356").find(begin[1]) != std::string_view::npos) {
    return OpenImage{Format::Pnm, std::move(file)};
  }
  return image_refused(path, "it is none of PNG, JPEG, PGM and PPM");
}

}  // namespace

Error image_refused(const std::filesystem::path& path, const std::string& reason) {
  return {fmt::format("Can't read the image {}: {}.", path.string(), reason)};
}

Result<void> check_image_size(const std::filesystem::path& path, const ImageSize& size) {
  if (size.width * size.height <= most_pixels) return {};
  return image_refused(path, fmt::format("{}×{} is more than the {} million pixels that are read", size.width,
                                         size.height, most_pixels / 1'000'000));
}

Array planar(const std::vector<unsigned char>& pixels, const ImageSize& size) {
  Array image = make_array(ElementType::UInt8, {size.channels, size.height, size.width});
  auto* out = image.as<std::uint8_t>();
  for (std::int64_t channel = 0; channel < size.channels; ++channel) {
    for (std::int64_t pixel = 0; pixel < size.height * size.width; ++pixel) {
      *out++ = pixels[static_cast<std::size_t>(pixel * size.channels + channel)];
    }
  }
  return image;
}

Result<Array> read_image(const std::filesystem::path& path) {
  const auto image = open_image(path);
  if (!image) return image.error();
  switch (image->format) {
    case Format::Png:
      return read_png(path);
    case Format::Jpeg:
      return read_jpeg(path, image->file.get());
    case Format::Pnm:
      break;
  }
  return read_pnm(path, image->file.get());
}

Result<ImageSize> read_image_size(const std::filesystem::path& path) {
  const auto image = open_image(path);
  if (!image) return image.error();
  switch (image->format) {
    case Format::Png:
      return read_png_size(path);
    case Format::Jpeg:
      return read_jpeg_size(path, image->file.get());
    case Format::Pnm:
      break;
  }
  return read_pnm_size(path, image->file.get());
}

Result<Array> read_mask(const std::filesystem::path& path) {
  const auto image = open_image(path);
  if (!image) return image.error();
  switch (image->format) {
    case Format::Png:
      return read_png_mask(path, image->file.get());
    case Format::Jpeg:
      return image_refused(path, "JPEG changes the classes of a mask; save it as PNG");
    case Format::Pnm:
      break;
  }
  return read_pnm_mask(path, image->file.get());
}

}  // namespace netwright
