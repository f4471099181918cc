#include "backend/data/description_cache.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace netwright {

namespace {

constexpr std::size_t most_entries = 64;
constexpr int folder_levels = 2;
/// A folder of classes has few entries that aren't folders; one of images has many and is left at once.
constexpr int most_files = 64;
constexpr int most_folders = 4096;

/// Whether there may be folders in what has been stamped.
bool add_stamp(const std::filesystem::path& path, FileStamps& stamps) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    stamps.push_back(path.string() + " isn't there");
    return false;
  }
  stamps.push_back(fmt::format("{} {} {}.{:09} {}", path.string(), status.st_ino, status.st_mtim.tv_sec,
                               status.st_mtim.tv_nsec, status.st_size));
  // A folder is linked to by its parent, by itself and by each folder in it; some file systems don't count and say 1.
  return S_ISDIR(status.st_mode) && status.st_nlink != 2;
}

void add_folders(const std::filesystem::path& folder, int levels, FileStamps& stamps) {
  std::error_code error;
  std::vector<std::filesystem::path> folders;
  int files = 0;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored)) {
      folders.push_back(entry->path());
    } else if (++files > most_files) {
      break;
    }
    if (folders.size() >= most_folders) break;
  }
  std::sort(folders.begin(), folders.end());
  for (const auto& inner : folders) {
    if (add_stamp(inner, stamps) && levels > 1) add_folders(inner, levels - 1, stamps);
  }
}

}  // namespace

FileStamps stamps_of(const std::vector<SettingSpec>& specs, const Settings& settings) {
  FileStamps stamps;
  for (const SettingSpec& spec : specs) {
    if (spec.kind != SettingKind::FilePath && spec.kind != SettingKind::FolderPath) continue;
    const std::filesystem::path path = settings.text(spec.name);
    if (path.empty()) continue;
    add_stamp(path, stamps);
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) add_folders(path, folder_levels, stamps);
  }
  return stamps;
}

DescriptionCache& DescriptionCache::of_this_program() {
  static DescriptionCache cache;
  return cache;
}

std::optional<std::optional<DataDescription>> DescriptionCache::find(const std::string& source,
                                                                     const Settings& settings,
                                                                     const FileStamps& stamps) {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    if (entry.source == source && entry.settings == settings && entry.stamps == stamps) return entry.description;
  }
  return std::nullopt;
}

void DescriptionCache::keep(const std::string& source, const Settings& settings, const FileStamps& stamps,
                            const std::optional<DataDescription>& description) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const Entry& entry) { return entry.source == source && entry.settings == settings; });
  entries_.push_front({source, settings, stamps, description});
  if (entries_.size() > most_entries) entries_.pop_back();
}

}  // namespace netwright
