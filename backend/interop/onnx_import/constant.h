#pragma once
// A tensor whose values are known while importing: an initialiser, a Constant node, or what was computed from them.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace netwright::onnx_import {

using Sizes = std::vector<std::int64_t>;

/// The product; nothing where a size is negative or it doesn't fit 63 bits.
std::optional<std::int64_t> elements_of(const Sizes& sizes);
/// `[1, 3, 224, 224]`.
std::string to_text(const Sizes& sizes);

/// Numbers are either real (any float type, kept as float32) or whole (any integer type and bool, kept as int64).
class Constant {
 public:
  Constant() = default;
  static Constant real(Sizes sizes, std::vector<float> numbers);
  static Constant whole(Sizes sizes, std::vector<std::int64_t> numbers);
  static Constant scalar(std::int64_t number) { return whole({}, {number}); }
  static Constant list(std::vector<std::int64_t> numbers);
  /// One number at every place: nothing is allocated for the places.
  static Constant uniform(Sizes sizes, double number, bool is_real);
  /// The values aren't at hand, only the sizes.
  static Constant missing(Sizes sizes, bool is_real);

  const Sizes& sizes() const { return sizes_; }
  std::size_t rank() const { return sizes_.size(); }
  std::int64_t count() const { return elements_of(sizes_).value_or(0); }
  bool is_real() const { return is_real_; }
  bool is_missing() const { return is_missing_; }
  /// True where one stored number stands for all.
  bool is_uniform() const { return is_uniform_; }
  /// The same numbers under other sizes of the same product.
  Constant with_sizes(Sizes sizes) const;

  /// As real or whole number; index counts in row-major order.
  double number(std::int64_t index) const;
  std::int64_t whole_number(std::int64_t index) const;
  /// Every number; empty where they are missing.
  std::vector<float> all_real() const;
  std::vector<std::int64_t> all_whole() const;
  /// The one number of a tensor with one element; nothing where there are several or it is missing.
  std::optional<double> only_number() const;

  /// The initialiser's name; empty for what was computed or stood in a node.
  std::string origin;

 private:
  Sizes sizes_;
  bool is_real_ = true;
  bool is_uniform_ = false;
  bool is_missing_ = false;
  std::shared_ptr<const std::vector<float>> reals_;
  std::shared_ptr<const std::vector<std::int64_t>> wholes_;
};

/// The shortest decimal number that reads back as this float: 1e-05 and not 9.99999974e-06.
double as_written(float number);

}  // namespace netwright::onnx_import
