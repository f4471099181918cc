#pragma once
// Which pictures lie in a folder, by their names alone.

#include <filesystem>
#include <string>
#include <vector>

#include "backend/core/result.h"

namespace netwright {

/// A folder's splits: its `train`, `test` and `val` (or `training`, `testing`, `valid`, `validation`) folders, in
/// capitals or not. A folder without `train` is all for training. Where there is only one other, it is for testing.
struct SplitFolders {
  std::filesystem::path train;
  std::filesystem::path validation;  ///< empty where there is none
  std::filesystem::path test;
};
Result<SplitFolders> split_folders(const std::filesystem::path& folder);

/// Sorted by name. Hidden folders are left out.
Result<std::vector<std::filesystem::path>> folders_in(const std::filesystem::path& folder);

/// The pictures in a folder, by the endings of their names (formats that can't be read too, so that reading them says
/// so), sorted by name. `deeply`: and in the folders below. Hidden files are left out; refuses more than 10 million.
Result<std::vector<std::filesystem::path>> pictures_in(const std::filesystem::path& folder, bool deeply);

/// The last part of the folder's path.
std::string folder_name(const std::filesystem::path& folder);

}  // namespace netwright
