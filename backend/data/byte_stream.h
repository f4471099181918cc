#pragma once
// A file's content from front to back, unpacked where it is gzip.

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "backend/core/result.h"

namespace netwright {

class ByteStream {
 public:
  static Result<ByteStream> open(const std::filesystem::path& path);
  ByteStream(ByteStream&&) noexcept = default;
  ByteStream& operator=(ByteStream&&) = delete;
  ~ByteStream() = default;

  /// Up to `size` bytes; fewer only at the end. Damaged gzip data (structure, checksum, a truncated file, bytes after
  /// its end) is an error.
  Result<std::size_t> read(std::byte* data, std::size_t size);

  /// The most bytes that can still come, known from the file's size: deflate packs at most 1032 to 1.
  std::uint64_t bound() const;
  bool is_gzip() const { return inflater_ != nullptr; }
  /// Bytes given so far.
  std::uint64_t offset() const { return offset_; }
  /// `reason`, with the file and the place; the offset counts unpacked bytes.
  Error error_at(std::uint64_t offset, const std::string& reason) const;

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct EndInflate {
    void operator()(z_stream* stream) const;
  };

  ByteStream(std::filesystem::path path, std::FILE* file, std::uint64_t size);
  bool refill();
  Result<std::size_t> read_gzip(std::byte* data, std::size_t size);

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::uint64_t file_size_;
  std::uint64_t offset_ = 0;
  std::unique_ptr<z_stream, EndInflate> inflater_;
  std::vector<unsigned char> packed_;
  bool is_at_end_ = false;
};

}  // namespace netwright
