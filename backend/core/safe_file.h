#pragma once
// Files that matter: written to a temporary beside the target, every write checked, synced, then renamed, so that
// a full disk or a crash leaves the old file whole.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "backend/core/result.h"

namespace netwright {

class SafeFile {
 public:
  /// Opens the temporary beside `target`; the directory must exist.
  static Result<SafeFile> create(const std::filesystem::path& target);
  SafeFile(SafeFile&& other) noexcept;
  SafeFile& operator=(SafeFile&&) = delete;
  /// Removes the temporary where commit() wasn't reached.
  ~SafeFile();

  Result<void> write(const void* data, std::size_t size);
  Result<void> write(std::string_view text) { return write(text.data(), text.size()); }
  /// Syncs and renames over the target.
  Result<void> commit();

 private:
  SafeFile(std::filesystem::path target, std::filesystem::path temporary, int descriptor);
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int descriptor_;
};

Result<void> write_file(const std::filesystem::path& target, std::string_view content);
/// Refuses files above `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit);

}  // namespace netwright
