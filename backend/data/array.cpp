#include "backend/data/array.h"

namespace netwright {

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

Array make_array(ElementType type, std::vector<std::int64_t> sizes) {
  std::size_t bytes = bytes_of(type);
  for (const std::int64_t size : sizes) bytes *= static_cast<std::size_t>(size);
  return {type, std::move(sizes), std::vector<std::byte>(bytes)};
}

}  // namespace netwright
