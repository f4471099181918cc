#pragma once
// What exported code brings along because PyTorch doesn't have it (or not in every version from 1.13 on).

#include <string>

namespace netwright {

/// The classes and functions of ours that `code` uses, as Python source, one after the other.
std::string pytorch_definitions(const std::string& code);

}  // namespace netwright
