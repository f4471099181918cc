#include "backend/data/image_listing.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

#include "backend/core/utf8.h"

namespace netwright {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_pictures = 10'000'000;
constexpr std::array<std::string_view, 14> endings = {".png", ".jpg",  ".jpeg", ".jpe", ".pgm",  ".ppm",  ".pnm",
                                                      ".pbm", ".webp", ".gif",  ".bmp", ".tiff", ".heic", ".tif"};
constexpr std::array<std::string_view, 2> train_names = {"train", "training"};
constexpr std::array<std::string_view, 2> test_names = {"test", "testing"};
constexpr std::array<std::string_view, 3> validation_names = {"val", "valid", "validation"};

std::string in_small_letters(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

bool is_hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') || name == "__MACOSX";
}

bool is_picture(const fs::path& path) {
  const std::string ending = in_small_letters(path.extension().string());
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

Error unreadable(const fs::path& folder, const std::error_code& error) {
  return {fmt::format("Can't read the folder {}: {}.", folder.string(), error.message())};
}

/// Looks at every entry of an iterator that goes through `folder`.
template <class Iterator, class Visit>
Result<void> visit_entries(const fs::path& folder, Visit visit) {
  std::error_code error;
  Iterator entry(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != Iterator(); entry.increment(error)) {
    if (const auto visited = visit(entry); !visited) return visited;
  }
  if (error) return unreadable(folder, error);
  return {};
}

Result<void> add_picture(const fs::directory_entry& entry, std::vector<fs::path>& pictures) {
  std::error_code ignored;
  if (is_hidden(entry.path()) || !is_picture(entry.path()) || !entry.is_regular_file(ignored)) return {};
  if (pictures.size() == most_pictures) {
    return Error{fmt::format("{} holds more than {} pictures.", entry.path().parent_path().string(), most_pictures)};
  }
  pictures.push_back(entry.path());
  return {};
}

template <class Names>
fs::path find_named(const std::vector<fs::path>& folders, const Names& names) {
  for (const std::string_view name : names) {
    const auto found = std::find_if(folders.begin(), folders.end(), [&](const fs::path& folder) {
      return in_small_letters(folder.filename().string()) == name;
    });
    if (found != folders.end()) return *found;
  }
  return {};
}

}  // namespace

Result<std::vector<fs::path>> folders_in(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return Error{fmt::format("There is no folder {}.", folder.string())};
  std::vector<fs::path> folders;
  const auto visited = visit_entries<fs::directory_iterator>(folder, [&](const auto& entry) -> Result<void> {
    std::error_code ignored;
    if (entry->is_directory(ignored) && !is_hidden(entry->path())) folders.push_back(entry->path());
    return {};
  });
  if (!visited) return visited.error();
  std::sort(folders.begin(), folders.end());
  return folders;
}

Result<std::vector<fs::path>> pictures_in(const fs::path& folder, bool deeply) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return Error{fmt::format("There is no folder {}.", folder.string())};
  std::vector<fs::path> pictures;
  const auto visited = deeply ? visit_entries<fs::recursive_directory_iterator>(
                                    folder,
                                    [&](auto& entry) {
                                      std::error_code ignored;
                                      if (is_hidden(entry->path()) && entry->is_directory(ignored)) {
                                        entry.disable_recursion_pending();
                                      }
                                      return add_picture(*entry, pictures);
                                    })
                              : visit_entries<fs::directory_iterator>(
                                    folder, [&](auto& entry) { return add_picture(*entry, pictures); });
  if (!visited) return visited.error();
  std::sort(pictures.begin(), pictures.end());
  return pictures;
}

Result<SplitFolders> split_folders(const fs::path& folder) {
  const auto inner = folders_in(folder);
  if (!inner) return inner.error();
  SplitFolders splits = {find_named(*inner, train_names), find_named(*inner, validation_names),
                         find_named(*inner, test_names)};
  if (splits.train.empty()) return SplitFolders{folder, {}, {}};
  if (splits.test.empty()) std::swap(splits.test, splits.validation);
  return splits;
}

std::string folder_name(const fs::path& folder) {
  const fs::path plain = folder.lexically_normal();
  return valid_utf8((plain.has_filename() ? plain : plain.parent_path()).filename().string());
}

}  // namespace netwright
