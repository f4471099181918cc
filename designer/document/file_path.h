#pragma once

#include <QString>
#include <filesystem>

namespace netwright {

inline std::filesystem::path path_of(const QString& text) {
  return {text.toStdU16String()};
}

}  // namespace netwright
