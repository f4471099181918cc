#pragma once
// What data sources have said of themselves, kept while nothing that they say it of changes.

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backend/core/settings.h"
#include "backend/data/data_catalogue.h"

namespace netwright {

/// When the files and folders were last changed, and how large they are.
using FileStamps = std::vector<std::string>;
/// Of those that the settings name. A folder's own folders are looked at too, two levels deep, but none of its files:
/// what is added to it or taken away is seen, what is changed in place isn't.
FileStamps stamps_of(const std::vector<SettingSpec>& specs, const Settings& settings);

/// May be used by several threads at once.
class DescriptionCache {
 public:
  static DescriptionCache& of_this_program();

  /// The outer optional: whether anything is known; the inner one: what was said.
  std::optional<std::optional<DataDescription>> find(const std::string& source, const Settings& settings,
                                                     const FileStamps& stamps);
  /// Takes the place of what was known; the oldest of many are forgotten.
  void keep(const std::string& source, const Settings& settings, const FileStamps& stamps,
            const std::optional<DataDescription>& description);

 private:
  struct Entry {
    std::string source;
    Settings settings;
    FileStamps stamps;
    std::optional<DataDescription> description;
  };
  std::mutex mutex_;
  std::deque<Entry> entries_;
};

}  // namespace netwright
