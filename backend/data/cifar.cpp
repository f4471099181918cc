// CIFAR-10 and CIFAR-100, binary version (https://www.cs.toronto.edu/~kriz/cifar.html): records of one label byte (two
// in CIFAR-100: coarse, fine) and 3×32×32 pixels.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "backend/core/safe_file.h"
#include "backend/core/utf8.h"
#include "backend/data/array_dataset.h"
#include "backend/data/byte_stream.h"
#include "backend/data/fields.h"
#include "backend/data/sources.h"

namespace netwright {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t side = 32;
constexpr std::int64_t pixel_bytes = 3 * side * side;
constexpr std::size_t records_at_once = 256;
constexpr std::size_t longest_names = std::size_t{1} << 16;

/// One of the two data sets, with the labels that were chosen.
struct Variant {
  const char* title;
  const char* folder;  ///< that its archive unpacks to
  std::vector<const char*> train_files;
  const char* test_file;
  const char* names_file;
  std::size_t label_bytes;
  std::size_t label_at;  ///< among the label bytes
  std::int64_t classes;

  std::size_t record_bytes() const { return label_bytes + pixel_bytes; }
};

const Variant cifar_10 = {
    "CIFAR-10",
    "cifar-10-batches-bin",
    {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
    "test_batch.bin",
    "batches.meta.txt",
    1,
    0,
    10,
};
const Variant cifar_100_fine = {
    "CIFAR-100", "cifar-100-binary", {"train.bin"}, "test.bin", "fine_label_names.txt", 2, 1, 100,
};
const Variant cifar_100_coarse = {
    "CIFAR-100", "cifar-100-binary", {"train.bin"}, "test.bin", "coarse_label_names.txt", 2, 0, 20,
};

struct Found {
  const Variant* variant;
  fs::path folder;
};

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

Result<Found> find_files(const Settings& settings) {
  const fs::path chosen = settings.text("folder");
  if (chosen.empty()) return Error{"No folder is chosen for CIFAR."};
  const bool are_coarse = settings.text("labels") == "coarse";
  for (const Variant* variant : {&cifar_10, are_coarse ? &cifar_100_coarse : &cifar_100_fine}) {
    for (const fs::path& folder : {chosen, chosen / variant->folder}) {
      if (is_file(folder / variant->train_files.front())) return Found{variant, folder};
    }
  }
  return Error{
      fmt::format("{} holds neither {} (CIFAR-10) nor {} (CIFAR-100). Unpack the archive of the “binary "
                  "version” there: tar xf cifar-10-binary.tar.gz",
                  chosen.string(), cifar_10.train_files.front(), cifar_100_fine.train_files.front())};
}

/// How many records the files hold, by their sizes.
Result<std::int64_t> count_records(const Found& found, const std::vector<const char*>& files) {
  std::int64_t records = 0;
  for (const char* file : files) {
    const fs::path path = found.folder / file;
    std::error_code error;
    const std::uint64_t size = is_file(path) ? fs::file_size(path, error) : 0;
    if (!is_file(path) || error) return Error{fmt::format("There is no file {}.", path.string())};
    if (size == 0 || size % found.variant->record_bytes() != 0) {
      return Error{
          fmt::format("{}: {} bytes aren't a whole number of {}'s records of {} bytes; the file is truncated "
                      "or another one.",
                      path.string(), size, found.variant->title, found.variant->record_bytes())};
    }
    records += static_cast<std::int64_t>(size / found.variant->record_bytes());
  }
  return records;
}

/// Appends the file's records to the split from `at` on, which moves along. Labels and pixels are taken apart as they
/// are read.
Result<void> read_records(const fs::path& path, const Variant& variant, Split& split, std::int64_t& at) {
  auto stream = ByteStream::open(path);
  if (!stream) return stream.error();
  std::vector<std::byte> records(variant.record_bytes() * records_at_once);
  while (true) {
    const std::uint64_t offset = stream->offset();
    const auto read = stream->read(records.data(), records.size());
    if (!read) return read.error();
    const std::size_t count = *read / variant.record_bytes();
    if (*read % variant.record_bytes() != 0 || static_cast<std::int64_t>(count) > split.targets.count() - at) {
      return stream->error_at(offset, "the file has changed while it was read");
    }
    if (count == 0) return {};
    for (std::size_t i = 0; i < count; ++i, ++at) {
      const std::byte* record = records.data() + i * variant.record_bytes();
      const auto label = std::to_integer<std::int64_t>(record[variant.label_at]);
      if (label >= variant.classes) {
        return stream->error_at(offset + i * variant.record_bytes() + variant.label_at,
                                fmt::format("label {}, where the {} classes are numbered from 0 to {}", label,
                                            variant.classes, variant.classes - 1));
      }
      split.targets.as<std::int64_t>()[at] = label;
      std::copy_n(record + variant.label_bytes, pixel_bytes, split.inputs.bytes.data() + at * pixel_bytes);
    }
  }
}

Result<Split> read_split(const Found& found, const std::vector<const char*>& files) {
  const auto records = count_records(found, files);
  if (!records) return records.error();
  Split split = {make_array(ElementType::UInt8, {*records, 3, side, side}), make_array(ElementType::Int64, {*records})};
  std::int64_t at = 0;
  for (const char* file : files) {
    if (const auto read = read_records(found.folder / file, *found.variant, split, at); !read) return read.error();
  }
  if (at != *records) return Error{fmt::format("{} has changed while it was read.", found.folder.string())};
  return split;
}

/// One name a line, where the file is there.
Result<std::vector<std::string>> read_names(const Found& found) {
  const std::int64_t classes = found.variant->classes;
  const fs::path path = found.folder / found.variant->names_file;
  if (!is_file(path)) return numbered_classes(classes);
  const auto text = read_file(path, longest_names);
  if (!text) return text.error();
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin < text->size();) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    const auto name = trimmed(std::string_view(*text).substr(begin, end - begin));
    if (!name.empty()) names.push_back(valid_utf8(name));
    begin = end + 1;
  }
  if (static_cast<std::int64_t>(names.size()) != classes) {
    return Error{fmt::format("{}: {} names for {} classes.", path.string(), names.size(), classes)};
  }
  return names;
}

std::optional<DataDescription> describe_cifar(const Settings& settings) {
  const auto found = find_files(settings);
  if (!found) return std::nullopt;
  const auto train = count_records(*found, found->variant->train_files);
  const auto test = count_records(*found, {found->variant->test_file});
  if (!train || !test) return std::nullopt;
  return DataDescription{.sample_shape = {3, side, side},
                         .classes = found->variant->classes,
                         .train_samples = *train,
                         .test_samples = *test,
                         .type = ElementType::UInt8};
}

Result<Dataset> load_cifar(const Settings& settings) {
  const auto found = find_files(settings);
  if (!found) return found.error();
  auto names = read_names(*found);
  if (!names) return names.error();
  auto train = read_split(*found, found->variant->train_files);
  if (!train) return train.error();
  auto test = read_split(*found, {found->variant->test_file});
  if (!test) return test.error();
  Dataset data;
  data.name = found->variant->title;
  data.sample_shape = {3, side, side};
  data.classes = *std::move(names);
  data.train = *std::move(train);
  data.test = *std::move(test);
  return data;
}

}  // namespace

DataSpec cifar_spec() {
  return {"cifar",
          "CIFAR-10 and CIFAR-100",
          "Colour pictures of 32×32 pixels in 10 or 100 classes: the folder that the “binary version” unpacks to",
          {
              {"folder", SettingKind::FolderPath, std::string(), "The folder with data_batch_1.bin or train.bin."},
              {.name = "labels",
               .kind = SettingKind::Choice,
               .fallback = std::string("fine"),
               .help = "CIFAR-100's 100 classes (fine) or the 20 groups of them (coarse).",
               .choices = {"fine", "coarse"}},
          },
          describe_cifar,
          load_cifar,
          [] { return std::string(); }};
}

}  // namespace netwright
