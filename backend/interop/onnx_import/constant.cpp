#include "backend/interop/onnx_import/constant.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "backend/core/numbers.h"

namespace netwright::onnx_import {

std::optional<std::int64_t> elements_of(const Sizes& sizes) {
  std::optional<std::int64_t> product = 1;
  for (const std::int64_t size : sizes) {
    if (size < 0) return std::nullopt;
    product = checked_multiply(product, size);
  }
  return product;
}

std::string to_text(const Sizes& sizes) {
  return fmt::format("[{}]", fmt::join(sizes, ", "));
}

Constant Constant::real(Sizes sizes, std::vector<float> numbers) {
  Constant constant;
  constant.sizes_ = std::move(sizes);
  constant.reals_ = std::make_shared<const std::vector<float>>(std::move(numbers));
  return constant;
}

Constant Constant::whole(Sizes sizes, std::vector<std::int64_t> numbers) {
  Constant constant;
  constant.sizes_ = std::move(sizes);
  constant.is_real_ = false;
  constant.wholes_ = std::make_shared<const std::vector<std::int64_t>>(std::move(numbers));
  return constant;
}

Constant Constant::list(std::vector<std::int64_t> numbers) {
  const auto length = static_cast<std::int64_t>(numbers.size());
  return whole({length}, std::move(numbers));
}

Constant Constant::uniform(Sizes sizes, double number, bool is_real) {
  Constant constant = is_real ? real(std::move(sizes), {static_cast<float>(number)})
                              : whole(std::move(sizes), {static_cast<std::int64_t>(number)});
  constant.is_uniform_ = true;
  return constant;
}

Constant Constant::missing(Sizes sizes, bool is_real) {
  Constant constant;
  constant.sizes_ = std::move(sizes);
  constant.is_real_ = is_real;
  constant.is_missing_ = true;
  return constant;
}

Constant Constant::with_sizes(Sizes sizes) const {
  Constant other = *this;
  other.sizes_ = std::move(sizes);
  return other;
}

double Constant::number(std::int64_t index) const {
  const auto at = static_cast<std::size_t>(is_uniform_ ? 0 : index);
  if (reals_) return at < reals_->size() ? static_cast<double>((*reals_)[at]) : 0;
  return wholes_ && at < wholes_->size() ? static_cast<double>((*wholes_)[at]) : 0;
}

std::int64_t Constant::whole_number(std::int64_t index) const {
  const auto at = static_cast<std::size_t>(is_uniform_ ? 0 : index);
  if (wholes_) return at < wholes_->size() ? (*wholes_)[at] : 0;
  const double value = number(index);
  constexpr double limit = 9e18;
  return std::isnan(value) ? 0 : static_cast<std::int64_t>(std::clamp(value, -limit, limit));
}

std::vector<float> Constant::all_real() const {
  if (is_missing_) return {};
  if (reals_ && !is_uniform_) return *reals_;
  std::vector<float> all(static_cast<std::size_t>(count()));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<float>(number(static_cast<std::int64_t>(i)));
  return all;
}

std::vector<std::int64_t> Constant::all_whole() const {
  if (is_missing_) return {};
  if (wholes_ && !is_uniform_) return *wholes_;
  std::vector<std::int64_t> all(static_cast<std::size_t>(count()));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = whole_number(static_cast<std::int64_t>(i));
  return all;
}

std::optional<double> Constant::only_number() const {
  if (is_missing_ || count() != 1) return std::nullopt;
  return reals_ ? as_written((*reals_)[0]) : number(0);
}

double as_written(float number) {
  if (!std::isfinite(number)) return number;
  return std::strtod(fmt::format("{}", number).c_str(), nullptr);
}

}  // namespace netwright::onnx_import
