#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netwright {

/// The header of a .npy, which is a Python dict of these three.
struct NpyDict {
  std::string descr;  ///< `structured` where it is a list
  bool is_fortran_order = false;
  std::vector<std::int64_t> sizes;
};

/// Reads the part of Python's literals that NumPy writes; nothing where the text isn't such a dict.
std::optional<NpyDict> parse_npy_dict(std::string_view text);

}  // namespace netwright
