#pragma once
// A typed, contiguous, row-major array: data as it came (uint8 images stay uint8).

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace netwright {

enum class ElementType { UInt8, Int64, Float32 };
std::size_t bytes_of(ElementType type);

struct Array {
  ElementType type = ElementType::Float32;
  std::vector<std::int64_t> sizes;  ///< the first is the number of samples
  std::vector<std::byte> bytes;

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

/// Zero-filled. The caller has bounded the sizes.
Array make_array(ElementType type, std::vector<std::int64_t> sizes);

}  // namespace netwright
