#include "backend/data/byte_stream.h"

#include <fmt/core.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>

namespace netwright {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t packed_chunk = std::size_t{1} << 16;
constexpr std::size_t mapped_from = std::size_t{16} << 20;
constexpr std::uint64_t most_per_packed_byte = 1032;
constexpr int gzip_window = 15 + 16;  // zlib: the largest window, with a gzip wrapper whose checksum is verified
constexpr int raw_window = -15;       // without a wrapper

struct OpenFile {
  std::FILE* file;
  std::uint64_t size;
};

Result<OpenFile> open_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return Error{fmt::format("There is no file {}.", path.string())};
  if (!fs::is_regular_file(status)) return Error{fmt::format("{} is not a file.", path.string())};
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (!file) return Error{fmt::format("Can't read {}: {}.", path.string(), std::strerror(errno))};
  const std::uintmax_t size = fs::file_size(path, error);
  return OpenFile{file, error ? 0 : size};
}

}  // namespace

void ByteStream::EndInflate::operator()(z_stream* stream) const {
  inflateEnd(stream);
  delete stream;
}

ByteStream::ByteStream(fs::path path, std::string name, std::FILE* file, std::uint64_t size)
    : path_(std::move(path)), name_(std::move(name)), file_(file), size_(size) {}

Result<ByteStream> ByteStream::open(const fs::path& path) {
  const auto opened = open_file(path);
  if (!opened) return opened.error();
  ByteStream stream(path, path.string(), opened->file, opened->size);
  const int first = std::fgetc(opened->file);
  const int second = std::fgetc(opened->file);
  std::rewind(opened->file);
  if (first == 0x1f && second == 0x8b) {
    if (const auto begun = stream.unpack(gzip_window); !begun) return begun.error();
  }
  return stream;
}

Result<ByteStream> ByteStream::open(const fs::path& path, const FileSection& section) {
  const auto opened = open_file(path);
  if (!opened) return opened.error();
  ByteStream stream(path, fmt::format("{}, {}", path.string(), section.name), opened->file, section.size);
  const bool is_inside = section.offset <= opened->size && section.size <= opened->size - section.offset;
  if (!is_inside || fseeko(opened->file, static_cast<off_t>(section.offset), SEEK_SET) != 0) {
    return stream.error_at(0, "it lies beyond the end of the file, which is truncated");
  }
  stream.section_ = section;
  if (section.is_deflated) {
    if (const auto begun = stream.unpack(raw_window); !begun) return begun.error();
  }
  return stream;
}

Result<void> ByteStream::unpack(int window) {
  auto inflater = std::make_unique<z_stream>();
  if (inflateInit2(inflater.get(), window) != Z_OK) return Error{fmt::format("Can't unpack {}: no memory.", name_)};
  inflater_.reset(inflater.release());
  packed_.resize(packed_chunk);
  return {};
}

std::uint64_t ByteStream::bound() const {
  std::uint64_t most = is_packed() ? size_ * most_per_packed_byte : size_;
  if (section_) most = std::min(most, section_->unpacked_size);
  return most - std::min(offset_, most);
}

Error ByteStream::error_at(std::uint64_t offset, const std::string& reason) const {
  return {fmt::format("{}: at byte {}{}: {}.", name_, offset, is_packed() ? " of the unpacked data" : "", reason)};
}

bool ByteStream::refill() {
  const std::uint64_t left = section_ ? size_ - taken_ : packed_.size();
  const std::size_t room = std::min<std::uint64_t>(packed_.size(), left);
  const std::size_t count = std::fread(packed_.data(), 1, room, file_.get());
  inflater_->next_in = packed_.data();
  inflater_->avail_in = static_cast<uInt>(count);
  taken_ += count;
  return count > 0;
}

Result<std::size_t> ByteStream::read(std::byte* data, std::size_t size) {
  auto count = is_packed() ? read_packed(data, size) : read_plain(data, size);
  if (!count || !section_) return count;
  if (const auto checked = check_section(data, *count); !checked) return checked.error();
  return count;
}

Result<Bytes> ByteStream::take(std::size_t size, std::size_t alignment) {
  if (!is_packed() && !section_ && size >= mapped_from && offset_ % alignment == 0) {
    auto bytes = Bytes::map(path_, offset_, size);
    if (!bytes) return bytes.error();
    offset_ += size;
    if (fseeko(file_.get(), static_cast<off_t>(offset_), SEEK_SET) != 0) return error_at(offset_, "reading failed");
    return bytes;
  }
  Bytes bytes(size);
  const auto count = read(bytes.data(), size);
  if (!count) return count.error();
  if (*count == size) return bytes;
  return error_at(offset_, fmt::format("the file ends {} bytes early; it is truncated", size - *count));
}

Result<void> ByteStream::expect_end() {
  std::byte beyond = {};
  const auto rest = read(&beyond, 1);
  if (!rest) return rest.error();
  if (*rest != 0) return error_at(offset_ - 1, "more bytes follow than the header promises");
  return {};
}

Result<void> ByteStream::check_section(const std::byte* data, std::size_t size) {
  for (std::size_t done = 0; done < size;) {
    const std::size_t part = std::min<std::size_t>(size - done, std::numeric_limits<uInt>::max());
    checksum_ = static_cast<std::uint32_t>(
        crc32(checksum_, reinterpret_cast<const Bytef*>(data + done), static_cast<uInt>(part)));
    done += part;
  }
  const bool is_whole = is_packed() ? is_at_end_ : taken_ == size_;
  if (offset_ > section_->unpacked_size || (is_whole && offset_ < section_->unpacked_size)) {
    return error_at(offset_, fmt::format("the archive promises {} bytes, and {} are there", section_->unpacked_size,
                                         is_whole ? "fewer" : "more"));
  }
  if (is_whole && checksum_ != section_->checksum) {
    return error_at(offset_, "the checksum is another than the archive says; the data is damaged");
  }
  return {};
}

Result<std::size_t> ByteStream::read_plain(std::byte* data, std::size_t size) {
  const std::size_t room = section_ ? std::min<std::uint64_t>(size, size_ - taken_) : size;
  const std::size_t count = std::fread(data, 1, room, file_.get());
  taken_ += count;
  if (std::ferror(file_.get())) return error_at(offset_ + count, "reading failed");
  offset_ += count;
  return count;
}

Result<std::size_t> ByteStream::read_packed(std::byte* data, std::size_t size) {
  z_stream& z = *inflater_;
  const char* format = section_ ? "deflate" : "gzip";
  std::size_t done = 0;
  while (done < size && !is_at_end_) {
    if (z.avail_in == 0 && !refill()) {
      return error_at(offset_, fmt::format("the {} data ends early; the file is truncated", format));
    }
    const auto room = static_cast<uInt>(std::min<std::size_t>(size - done, std::numeric_limits<uInt>::max()));
    z.next_out = reinterpret_cast<Bytef*>(data + done);
    z.avail_out = room;
    const int status = inflate(&z, Z_NO_FLUSH);
    done += room - z.avail_out;
    offset_ += room - z.avail_out;
    if (status == Z_STREAM_END) {
      if (z.avail_in == 0 && !refill()) {
        is_at_end_ = true;
      } else if (section_ || *z.next_in != 0x1f || inflateReset(&z) != Z_OK) {  // another gzip member may follow
        return error_at(offset_, fmt::format("unknown bytes follow the {} data", format));
      }
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return error_at(offset_,
                      fmt::format("the {} data is damaged ({})", format, z.msg ? z.msg : "zlib gives no reason"));
    }
  }
  return done;
}

}  // namespace netwright
