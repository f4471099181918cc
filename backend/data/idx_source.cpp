#include "backend/data/idx_source.h"

#include <fmt/core.h>

#include "backend/data/idx.h"
#include "backend/data/sources.h"

namespace netwright {

namespace {

ArrayReading reading_of(const ArrayHeader& images, std::vector<std::string> classes) {
  const bool has_channels = images.sizes.size() != 3;
  return {.layout = has_channels ? InputLayout::AsIs : InputLayout::Gray, .class_names = std::move(classes)};
}

Result<NamedArray> read_named(const std::filesystem::path& path) {
  auto array = read_idx(path);
  if (!array) return array.error();
  return NamedArray{path.string(), *std::move(array)};
}

Result<ArraySplit> read_split(const std::filesystem::path& images, const std::filesystem::path& labels) {
  auto inputs = read_named(images);
  if (!inputs) return inputs.error();
  if (inputs->array.sizes.size() < 2) {
    return Error{fmt::format("{}: one dimension; are these the labels instead of the images?", images.string())};
  }
  ArraySplit split{*std::move(inputs)};
  if (labels.empty()) return split;
  auto targets = read_named(labels);
  if (!targets) return targets.error();
  split.targets = *std::move(targets);
  return split;
}

IdxFiles chosen_files(const Settings& settings) {
  return {settings.text("train_images"), settings.text("train_labels"), settings.text("test_images"),
          settings.text("test_labels")};
}

std::optional<DataDescription> describe_idx(const Settings& settings) {
  const IdxFiles files = chosen_files(settings);
  if (files.train_images.empty()) return std::nullopt;
  const auto images = read_idx_header(files.train_images);
  if (!images || images->sizes.size() < 2) return std::nullopt;
  std::optional<ArrayHeader> targets;
  if (!files.train_labels.empty()) {
    const auto labels = read_idx_header(files.train_labels);
    if (!labels) return std::nullopt;
    targets = *labels;
  }
  std::int64_t test_samples = 0;
  if (!files.test_images.empty()) {
    const auto test = read_idx_header(files.test_images);
    if (!test) return std::nullopt;
    test_samples = test->sizes.front();
  }
  return describe_arrays(*images, targets, test_samples, reading_of(*images, chosen_classes(settings)));
}

Result<Dataset> load_chosen(const Settings& settings) {
  const IdxFiles files = chosen_files(settings);
  if (files.train_images.empty()) return Error{"No file is chosen for train_images."};
  return load_idx(files, "IDX files", chosen_classes(settings));
}

}  // namespace

Result<Dataset> load_idx(const IdxFiles& files, const std::string& name, std::vector<std::string> classes) {
  auto train = read_split(files.train_images, files.train_labels);
  if (!train) return train.error();
  const ArrayReading reading = reading_of(header_of(train->inputs.array), std::move(classes));
  if (files.test_images.empty()) return dataset_of(name, *std::move(train), std::nullopt, reading);
  auto test = read_split(files.test_images, files.test_labels);
  if (!test) return test.error();
  return dataset_of(name, *std::move(train), *std::move(test), reading);
}

DataSpec idx_spec() {
  const std::string none;
  std::vector<SettingSpec> settings = {
      {"train_images", SettingKind::FilePath, none, "Images to learn from."},
      {"train_labels", SettingKind::FilePath, none, "Their labels; empty: there are none."},
      {"test_images", SettingKind::FilePath, none, "Images to test with; empty: a part of the others is held back."},
      {"test_labels", SettingKind::FilePath, none, "Their labels."},
  };
  for (SettingSpec& setting : class_settings(10, 2)) settings.push_back(std::move(setting));
  return {"idx",
          "IDX files",
          "Images and labels in MNIST's file format, plain or gzip",
          std::move(settings),
          describe_idx,
          load_chosen,
          [] { return std::string(); }};
}

}  // namespace netwright
