#include "backend/data/byte_stream.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <system_error>

namespace netwright {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t packed_chunk = std::size_t{1} << 16;
constexpr std::uint64_t most_per_packed_byte = 1032;
constexpr int gzip_window = 15 + 16;  // zlib: the largest window, with a gzip wrapper whose checksum is verified

}  // namespace

void ByteStream::EndInflate::operator()(z_stream* stream) const {
  inflateEnd(stream);
  delete stream;
}

ByteStream::ByteStream(fs::path path, std::FILE* file, std::uint64_t size)
    : path_(std::move(path)), file_(file), file_size_(size) {}

Result<ByteStream> ByteStream::open(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return Error{fmt::format("There is no file {}.", path.string())};
  if (!fs::is_regular_file(status)) return Error{fmt::format("{} is not a file.", path.string())};
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (!file) return Error{fmt::format("Can't read {}: {}.", path.string(), std::strerror(errno))};
  const std::uintmax_t size = fs::file_size(path, error);
  ByteStream stream(path, file, error ? 0 : size);

  const int first = std::fgetc(file);
  const int second = std::fgetc(file);
  std::rewind(file);
  if (first == 0x1f && second == 0x8b) {
    auto inflater = std::make_unique<z_stream>();
    if (inflateInit2(inflater.get(), gzip_window) != Z_OK) {
      return Error{fmt::format("Can't unpack {}: no memory.", path.string())};
    }
    stream.inflater_.reset(inflater.release());
    stream.packed_.resize(packed_chunk);
  }
  return stream;
}

std::uint64_t ByteStream::bound() const {
  return (is_gzip() ? file_size_ * most_per_packed_byte : file_size_) - std::min(offset_, file_size_);
}

Error ByteStream::error_at(std::uint64_t offset, const std::string& reason) const {
  return {
      fmt::format("{}: at byte {}{}: {}.", path_.string(), offset, is_gzip() ? " of the unpacked data" : "", reason)};
}

bool ByteStream::refill() {
  inflater_->next_in = packed_.data();
  inflater_->avail_in = static_cast<uInt>(std::fread(packed_.data(), 1, packed_.size(), file_.get()));
  return inflater_->avail_in > 0;
}

Result<std::size_t> ByteStream::read(std::byte* data, std::size_t size) {
  if (is_gzip()) return read_gzip(data, size);
  const std::size_t count = std::fread(data, 1, size, file_.get());
  if (std::ferror(file_.get())) return error_at(offset_ + count, "reading failed");
  offset_ += count;
  return count;
}

Result<std::size_t> ByteStream::read_gzip(std::byte* data, std::size_t size) {
  z_stream& z = *inflater_;
  std::size_t done = 0;
  while (done < size && !is_at_end_) {
    if (z.avail_in == 0 && !refill()) return error_at(offset_, "the gzip data ends early; the file is truncated");
    const auto room = static_cast<uInt>(std::min<std::size_t>(size - done, std::numeric_limits<uInt>::max()));
    z.next_out = reinterpret_cast<Bytef*>(data + done);
    z.avail_out = room;
    const int status = inflate(&z, Z_NO_FLUSH);
    done += room - z.avail_out;
    offset_ += room - z.avail_out;
    if (status == Z_STREAM_END) {
      if (z.avail_in == 0 && !refill()) {
        is_at_end_ = true;
      } else if (*z.next_in != 0x1f || inflateReset(&z) != Z_OK) {  // another gzip member may follow, nothing else
        return error_at(offset_, "unknown bytes follow the gzip data");
      }
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return error_at(offset_, fmt::format("the gzip data is damaged ({})", z.msg ? z.msg : "zlib gives no reason"));
    }
  }
  return done;
}

}  // namespace netwright
