#pragma once
// Many pictures decoded once, each brought to one size, by several threads.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/core/settings.h"
#include "backend/data/array.h"
#include "backend/data/image_fit.h"

namespace netwright {

/// What every picture is brought to.
struct PictureForm {
  std::int64_t channels = 3;
  std::int64_t height = 64;
  std::int64_t width = 64;
  Fit fit = Fit::Resize;

  std::int64_t bytes() const { return channels * height * width; }
};

/// size, fit, colour and skip_damaged.
std::vector<SettingSpec> picture_settings();
/// As those settings say. `first`: the picture whose size it is where they say so.
Result<PictureForm> form_of(const Settings& settings, const std::filesystem::path& first);

/// Reads the picture `file` into `to` (form.bytes() bytes).
Result<void> read_picture(const std::filesystem::path& file, const PictureForm& form, std::uint8_t* to);

/// Calls `read` with every number below `count`, several at once. Gives the numbers for which it succeeded, in order;
/// the first failure is the error where failures aren't skipped, or where nothing succeeded.
Result<std::vector<std::int64_t>> read_all(std::int64_t count, bool skip_failures,
                                           const std::function<Result<void>(std::int64_t)>& read);

/// The rows of an array that are kept, in order.
Array kept_rows(const Array& array, const std::vector<std::int64_t>& kept);

}  // namespace netwright
