#pragma once

#include <cmath>
#include <nlohmann/json.hpp>

namespace netwright {

/// Null for what JSON can't hold: infinities and what is no number.
inline nlohmann::ordered_json json_number(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

}  // namespace netwright
