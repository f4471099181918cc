#pragma once
// Tensor shapes without the batch dimension. A dimension may be unknown until the data says it.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace netwright {

/// A size, or nothing where it isn't known yet.
using Dim = std::optional<std::int64_t>;

class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<Dim> dims) : dims_(dims) {}
  explicit Shape(std::vector<Dim> dims) : dims_(std::move(dims)) {}
  /// From sizes where any value below 1 stands for "unknown".
  static Shape from_sizes(const std::vector<std::int64_t>& sizes);

  std::size_t rank() const { return dims_.size(); }
  const Dim& operator[](std::size_t axis) const { return dims_[axis]; }
  Dim& operator[](std::size_t axis) { return dims_[axis]; }
  const std::vector<Dim>& dims() const { return dims_; }

  bool is_known() const;
  /// The product of all dimensions; nothing where one is unknown or the product doesn't fit 63 bits.
  std::optional<std::int64_t> elements() const;
  /// True where the two could be the same once unknown dimensions are known.
  bool is_compatible_with(const Shape& other) const;
  /// `32×28×28`; unknown dimensions as `?`; a scalar as `scalar`.
  std::string to_string() const;

  bool operator==(const Shape&) const = default;

 private:
  std::vector<Dim> dims_;
};

}  // namespace netwright
