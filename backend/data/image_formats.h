#pragma once
// The readers behind image_file.h, one for each format. What they get is open, and begins with the format's signature.

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "backend/data/image_file.h"

namespace netwright {

Result<Array> read_png(const std::filesystem::path& path);
Result<ImageSize> read_png_size(const std::filesystem::path& path);
Result<Array> read_png_mask(const std::filesystem::path& path, std::FILE* file);

Result<Array> read_jpeg(const std::filesystem::path& path, std::FILE* file);
Result<ImageSize> read_jpeg_size(const std::filesystem::path& path, std::FILE* file);

Result<Array> read_pnm(const std::filesystem::path& path, std::FILE* file);
Result<ImageSize> read_pnm_size(const std::filesystem::path& path, std::FILE* file);
Result<Array> read_pnm_mask(const std::filesystem::path& path, std::FILE* file);

/// `reason`, with the file's name.
Error image_refused(const std::filesystem::path& path, const std::string& reason);
/// Refuses what is too large to be read.
Result<void> check_image_size(const std::filesystem::path& path, const ImageSize& size);
/// H×W×C as files have it -> C×H×W.
Array planar(const std::vector<unsigned char>& pixels, const ImageSize& size);

}  // namespace netwright
