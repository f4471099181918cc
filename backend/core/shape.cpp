#include "backend/core/shape.h"

#include <algorithm>

#include "backend/core/numbers.h"

namespace netwright {

Shape Shape::from_sizes(const std::vector<std::int64_t>& sizes) {
  std::vector<Dim> dims;
  dims.reserve(sizes.size());
  for (const std::int64_t size : sizes) dims.push_back(size < 1 ? Dim() : Dim(size));
  return Shape(std::move(dims));
}

bool Shape::is_known() const {
  return std::all_of(dims_.begin(), dims_.end(), [](const Dim& dim) { return dim.has_value(); });
}

std::optional<std::int64_t> Shape::elements() const {
  std::optional<std::int64_t> product = 1;
  for (const Dim& dim : dims_) product = checked_multiply(product, dim);
  return product;
}

bool Shape::is_compatible_with(const Shape& other) const {
  return std::equal(dims_.begin(), dims_.end(), other.dims_.begin(), other.dims_.end(),
                    [](const Dim& a, const Dim& b) { return !a || !b || *a == *b; });
}

std::string Shape::to_string() const {
  if (dims_.empty()) return "scalar";
  std::string text;
  for (const Dim& dim : dims_) {
    if (!text.empty()) text += "×";
    text += dim ? std::to_string(*dim) : "?";
  }
  return text;
}

}  // namespace netwright
