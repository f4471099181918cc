#include "backend/data/array.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>
#include <numeric>
#include <string>

namespace netwright {

namespace {

/// From here on bytes lie in a file. Below, the heap is faster to get and to give back.
constexpr std::size_t file_from = std::size_t{256} << 20;

/// A file without a name: it goes away with its last mapping. −1 where there is no room.
int nameless_file(std::size_t size) {
  const char* chosen = std::getenv("TMPDIR");
  std::string name = std::string(chosen && *chosen ? chosen : "/var/tmp") + "/netwright-XXXXXX";
  const int file = mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) return -1;
  unlink(name.c_str());
  // Room is taken at once: a disk that fills later would end the program instead of giving an error.
  if (posix_fallocate(file, 0, static_cast<off_t>(size)) == 0) return file;
  close(file);
  return -1;
}

struct Unmap {
  std::size_t size;
  void operator()(std::byte* address) const { munmap(address, size); }
};

std::shared_ptr<std::byte> mapped(int file, std::size_t size, off_t offset, int sharing) {
  void* address = mmap(nullptr, size, PROT_READ | PROT_WRITE, sharing, file, offset);
  if (address == MAP_FAILED) return nullptr;
  return {static_cast<std::byte*>(address), Unmap{size}};
}

}  // namespace

std::size_t bytes_of(ElementType type) {
  switch (type) {
    case ElementType::UInt8:
      return 1;
    case ElementType::Int64:
      return 8;
    case ElementType::Float32:
      return 4;
  }
  return 0;
}

Bytes::Bytes(std::size_t size) : size_(size) {
  if (size == 0) return;
  if (size < file_from) {
    auto owner = std::make_shared<std::vector<std::byte>>(size);
    first_ = {owner, owner->data()};
    return;
  }
  const int file = nameless_file(size);
  if (file >= 0) {
    first_ = mapped(file, size, 0, MAP_SHARED);
    close(file);
  }
  if (!first_) throw std::bad_alloc();
}

Result<Bytes> Bytes::map(const std::filesystem::path& path, std::uint64_t offset, std::size_t size) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Error{fmt::format("Can't open {}: {}.", path.string(), std::strerror(errno))};
  struct stat status {};
  fstat(file, &status);
  Bytes bytes;
  bytes.size_ = size;
  const auto available = static_cast<std::uint64_t>(status.st_size);
  if (available < offset || available - offset < size) {
    close(file);
    return Error{fmt::format("{}: {} bytes are needed from byte {} on, but the file has {}; it is truncated.",
                             path.string(), size, offset, status.st_size)};
  }
  if (size > 0) {
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    const std::uint64_t before = offset % page;
    const auto whole =
        mapped(file, size + static_cast<std::size_t>(before), static_cast<off_t>(offset - before), MAP_PRIVATE);
    if (whole) bytes.first_ = {whole, whole.get() + before};
  }
  const int reason = errno;
  close(file);
  if (size > 0 && !bytes.first_) return Error{fmt::format("Can't map {}: {}.", path.string(), std::strerror(reason))};
  return bytes;
}

bool Bytes::operator==(const Bytes& other) const {
  return size_ == other.size_ && (first_ == other.first_ || std::equal(begin(), end(), other.begin()));
}

Array make_array(ElementType type, std::vector<std::int64_t> sizes) {
  std::size_t bytes = bytes_of(type);
  for (const std::int64_t size : sizes) bytes *= static_cast<std::size_t>(size);
  return {type, std::move(sizes), Bytes(bytes)};
}

namespace {

template <class From, class To>
void convert(const Array& from, Array& to) {
  const std::size_t count = to.bytes.size() / sizeof(To);
  std::transform(from.as<From>(), from.as<From>() + count, to.as<To>(),
                 [](From value) { return static_cast<To>(value); });
}

template <class To>
void convert_to(const Array& from, Array& to) {
  switch (from.type) {
    case ElementType::UInt8:
      return convert<std::uint8_t, To>(from, to);
    case ElementType::Int64:
      return convert<std::int64_t, To>(from, to);
    case ElementType::Float32:
      return convert<float, To>(from, to);
  }
}

}  // namespace

Array converted(const Array& array, ElementType type) {
  if (array.type == type) return array;
  Array result = make_array(type, array.sizes);
  switch (type) {
    case ElementType::UInt8:
      convert_to<std::uint8_t>(array, result);
      break;
    case ElementType::Int64:
      convert_to<std::int64_t>(array, result);
      break;
    case ElementType::Float32:
      convert_to<float>(array, result);
      break;
  }
  return result;
}

std::int64_t sample_elements(const Array& array) {
  if (array.sizes.empty()) return 0;
  return std::accumulate(array.sizes.begin() + 1, array.sizes.end(), std::int64_t{1}, std::multiplies<>());
}

AxisLayout layout_around(const Array& array, int axis) {
  AxisLayout layout;
  for (std::size_t i = 1; i < array.sizes.size(); ++i) {
    const auto at = static_cast<int>(i) - 1;
    (at < axis ? layout.outer : at == axis ? layout.places : layout.inner) *= static_cast<std::size_t>(array.sizes[i]);
  }
  return layout;
}

}  // namespace netwright
