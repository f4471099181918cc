#pragma once
// A file's content, or that of a part of it, from front to back, unpacked where it is packed.

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/data/array.h"

namespace netwright {

/// A part of a file with a name of its own: the member of an archive.
struct FileSection {
  std::string name;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;    ///< as it lies there
  bool is_deflated = false;  ///< raw deflate; else as it is
  std::uint64_t unpacked_size = 0;
  std::uint32_t checksum = 0;  ///< CRC-32 of what is unpacked
};

class ByteStream {
 public:
  /// The whole file, unpacked where it is gzip.
  static Result<ByteStream> open(const std::filesystem::path& path);
  static Result<ByteStream> open(const std::filesystem::path& path, const FileSection& section);
  ByteStream(ByteStream&&) noexcept = default;
  ByteStream& operator=(ByteStream&&) = delete;
  ~ByteStream() = default;

  /// Up to `size` bytes; fewer only at the end. Damaged packed data (structure, checksum, length, a truncated file,
  /// bytes after its end) is an error.
  Result<std::size_t> read(std::byte* data, std::size_t size);

  /// The next `size` bytes, all of them. From 16 MiB on, those of a plain file that begin at a multiple of `alignment`
  /// are mapped, not read: the file must stay as it is then.
  Result<Bytes> take(std::size_t size, std::size_t alignment);
  /// An error where more bytes follow. Also makes packed data verify its checksum.
  Result<void> expect_end();

  /// The most bytes that can still come, known from the file's size: deflate packs at most 1032 to 1.
  std::uint64_t bound() const;
  bool is_packed() const { return inflater_ != nullptr; }
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

  ByteStream(std::filesystem::path path, std::string name, std::FILE* file, std::uint64_t size);
  Result<void> unpack(int window);
  bool refill();
  Result<std::size_t> read_plain(std::byte* data, std::size_t size);
  Result<std::size_t> read_packed(std::byte* data, std::size_t size);
  /// The bytes that were just read against the length and checksum that the section promises.
  Result<void> check_section(const std::byte* data, std::size_t size);

  std::filesystem::path path_;
  std::string name_;  ///< for messages
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::uint64_t size_;        ///< of the file or section, as it lies there
  std::uint64_t taken_ = 0;   ///< of `size_`
  std::uint64_t offset_ = 0;  ///< unpacked
  std::optional<FileSection> section_ = {};
  std::uint32_t checksum_ = 0;
  std::unique_ptr<z_stream, EndInflate> inflater_;
  std::vector<unsigned char> packed_;
  bool is_at_end_ = false;
};

}  // namespace netwright
