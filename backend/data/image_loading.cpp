#include "backend/data/image_loading.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <new>
#include <numeric>
#include <thread>

#include "backend/data/image_file.h"

namespace netwright {

namespace {

constexpr std::array fits = {"resize", "crop", "pad"};
constexpr const char* first_size = "first";
constexpr unsigned most_threads = 8;

Result<void> read_guarded(const std::function<Result<void>(std::int64_t)>& read, std::int64_t i) {
  try {
    return read(i);
  } catch (const std::bad_alloc&) {
    return Error{"There is no memory left to decode pictures in."};
  }
}

}  // namespace

std::vector<SettingSpec> picture_settings() {
  return {
      {.name = "size",
       .kind = SettingKind::Integers,
       .fallback = Integers{64, 64},
       .help = "Height and width that every picture is brought to, or “first”: those of the first picture.",
       .minimum = 1,
       .maximum = 8192,
       .choices = {first_size},
       .length = 2},
      {.name = "fit",
       .kind = SettingKind::Choice,
       .fallback = std::string(fits.front()),
       .help = "How: stretched (resize), scaled to cover the size and cropped at the sides, or scaled to lie within it "
               "with black around (pad).",
       .choices = {fits.begin(), fits.end()}},
      {.name = "colour",
       .kind = SettingKind::Boolean,
       .fallback = true,
       .help = "Three colour channels; else one gray one."},
      {.name = "skip_damaged",
       .kind = SettingKind::Boolean,
       .fallback = false,
       .help = "Leaves out files that can't be read, instead of refusing them all."},
  };
}

Result<PictureForm> form_of(const Settings& settings, const std::filesystem::path& first) {
  PictureForm form;
  form.channels = settings.flag("colour") ? 3 : 1;
  form.fit = static_cast<Fit>(std::find(fits.begin(), fits.end(), settings.text("fit")) - fits.begin());
  if (settings.text("size") == first_size) {
    const auto size = read_image_size(first);
    if (!size) return size.error();
    form.height = size->height;
    form.width = size->width;
  } else {
    const Integers size = settings.integers("size");
    form.height = size[0];
    form.width = size[1];
  }
  return form;
}

Result<void> read_picture(const std::filesystem::path& file, const PictureForm& form, std::uint8_t* to) {
  const auto image = read_image(file);
  if (!image) return image.error();
  const Array picture = fitted(with_channels(*image, form.channels), form.height, form.width, form.fit);
  std::copy_n(picture.as<std::uint8_t>(), form.bytes(), to);
  return {};
}

Result<std::vector<std::int64_t>> read_all(std::int64_t count, bool skip_failures,
                                           const std::function<Result<void>(std::int64_t)>& read) {
  std::atomic<std::int64_t> next = 0;
  std::atomic<std::int64_t> end = count;
  std::mutex mutex;
  std::map<std::int64_t, Error> failures;
  const auto work = [&] {
    for (std::int64_t i = next++; i < end; i = next++) {
      const auto result = read_guarded(read, i);
      if (result) continue;
      const std::lock_guard lock(mutex);
      failures.emplace(i, result.error());
      // What comes after a failure needn't be read; what comes before may fail too and is the first then.
      if (!skip_failures) end = std::min(end.load(), i);
    }
  };
  std::vector<std::thread> threads;
  const auto helpers = std::min<std::int64_t>(std::clamp(std::thread::hardware_concurrency(), 1U, most_threads), count);
  for (std::int64_t i = 1; i < helpers; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();

  const bool is_whole = failures.empty();
  if (!is_whole && (!skip_failures || static_cast<std::int64_t>(failures.size()) == count)) {
    return failures.begin()->second;
  }
  std::vector<std::int64_t> read_ones(static_cast<std::size_t>(count));
  std::iota(read_ones.begin(), read_ones.end(), std::int64_t{0});
  std::erase_if(read_ones, [&](std::int64_t i) { return failures.contains(i); });
  return read_ones;
}

Array kept_rows(const Array& array, const std::vector<std::int64_t>& kept) {
  if (static_cast<std::int64_t>(kept.size()) == array.count()) return array;
  std::vector<std::int64_t> sizes = array.sizes;
  sizes.front() = static_cast<std::int64_t>(kept.size());
  Array rows = make_array(array.type, std::move(sizes));
  const std::size_t bytes = static_cast<std::size_t>(sample_elements(array)) * bytes_of(array.type);
  std::byte* to = rows.bytes.data();
  for (const std::int64_t row : kept) {
    to = std::copy_n(array.bytes.data() + static_cast<std::size_t>(row) * bytes, bytes, to);
  }
  return rows;
}

}  // namespace netwright
