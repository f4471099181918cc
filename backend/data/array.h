#pragma once
// A typed, contiguous, row-major array: data as it came (uint8 images stay uint8).

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "backend/core/result.h"

namespace netwright {

enum class ElementType { UInt8, Int64, Float32 };
std::size_t bytes_of(ElementType type);

/// Bytes of a fixed number. Copies share them. Many of them lie in a temporary file (in $TMPDIR, else /var/tmp) that
/// has no name any more and that the system pages in and out, so there may be more than memory holds.
class Bytes {
 public:
  Bytes() = default;
  /// Zeros. Throws std::bad_alloc where neither memory nor disk has room.
  explicit Bytes(std::size_t size);
  /// `size` bytes of a file from `offset` on, read as they are needed; changes stay private. Refuses a file that is
  /// shorter.
  static Result<Bytes> map(const std::filesystem::path& file, std::uint64_t offset, std::size_t size);

  std::byte* data() { return first_.get(); }
  const std::byte* data() const { return first_.get(); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::byte* begin() { return data(); }
  std::byte* end() { return data() + size_; }
  const std::byte* begin() const { return data(); }
  const std::byte* end() const { return data() + size_; }
  bool operator==(const Bytes& other) const;

 private:
  std::shared_ptr<std::byte> first_;
  std::size_t size_ = 0;
};

struct Array {
  ElementType type = ElementType::Float32;
  std::vector<std::int64_t> sizes;  ///< the first is the number of samples
  Bytes bytes;

  std::int64_t count() const { return sizes.empty() ? 0 : sizes.front(); }
  template <class T>
  T* as() {
    return reinterpret_cast<T*>(bytes.data());
  }
  template <class T>
  const T* as() const {
    return reinterpret_cast<const T*>(bytes.data());
  }
};

/// What an array will be, before its elements are read.
struct ArrayHeader {
  ElementType type = ElementType::Float32;
  std::vector<std::int64_t> sizes;
};
inline ArrayHeader header_of(const Array& array) {
  return {array.type, array.sizes};
}

/// Zero-filled. The caller has bounded the sizes.
Array make_array(ElementType type, std::vector<std::int64_t> sizes);
/// The same numbers as another type, which can hold them; the array itself where it is of that type.
Array converted(const Array& array, ElementType type);
/// How many numbers one sample has.
std::int64_t sample_elements(const Array& array);

/// A sample's numbers around one of its axes: x[outer][place][inner].
struct AxisLayout {
  std::size_t outer = 1;
  std::size_t places = 1;
  std::size_t inner = 1;
};
/// `axis` is one of a sample's (0 for the channels of C×H×W); a sample that is a single number has one place.
AxisLayout layout_around(const Array& array, int axis);

}  // namespace netwright
