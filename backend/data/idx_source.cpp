#include "backend/data/idx_source.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "backend/core/numbers.h"
#include "backend/data/idx.h"
#include "backend/data/normalisation.h"
#include "backend/data/sources.h"

namespace netwright {

namespace {

constexpr std::size_t label_header_bytes = 8;

/// N×H×W images are N×1×H×W; N×F stays.
std::vector<std::int64_t> with_channels(std::vector<std::int64_t> sizes) {
  if (sizes.size() == 3) sizes.insert(sizes.begin() + 1, 1);
  return sizes;
}

Result<Array> read_labels(const std::filesystem::path& path, std::int64_t samples, std::size_t classes) {
  auto labels = read_idx(path);
  if (!labels) return labels.error();
  if (labels->sizes.size() != 1) {
    return Error{fmt::format("{}: labels have one dimension, this file has {}.", path.string(), labels->sizes.size())};
  }
  if (labels->count() != samples) {
    return Error{fmt::format("{}: {} labels for {} images.", path.string(), with_separators(labels->count()),
                             with_separators(samples))};
  }
  Array targets = make_array(ElementType::Int64, {samples});
  for (std::int64_t i = 0; i < samples; ++i) {
    const std::uint8_t label = labels->as<std::uint8_t>()[i];
    if (label >= classes) {
      return Error{fmt::format("{}: at byte {}: label {}, where the {} classes are numbered from 0 to {}.",
                               path.string(), label_header_bytes + static_cast<std::size_t>(i), label, classes,
                               classes - 1)};
    }
    targets.as<std::int64_t>()[i] = label;
  }
  return targets;
}

Result<Split> read_split(const std::filesystem::path& images, const std::filesystem::path& labels,
                         std::size_t classes) {
  auto inputs = read_idx(images);
  if (!inputs) return inputs.error();
  if (inputs->sizes.size() < 2) {
    return Error{fmt::format("{}: one dimension; are these the labels instead of the images?", images.string())};
  }
  inputs->sizes = with_channels(std::move(inputs->sizes));
  auto targets = read_labels(labels, inputs->count(), classes);
  if (!targets) return targets.error();
  return Split{std::move(*inputs), std::move(*targets)};
}

std::vector<std::string> class_names(const Settings& settings) {
  std::vector<std::string> names;
  const std::string text = settings.text("class_names");
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::size_t first = text.find_first_not_of(' ', begin);
    if (first < end) names.push_back(text.substr(first, text.find_last_not_of(' ', end - 1) + 1 - first));
    begin = end + 1;
  }
  if (names.empty()) {
    for (std::int64_t i = 0; i < settings.integer("classes"); ++i) names.push_back(std::to_string(i));
  }
  return names;
}

constexpr std::array file_settings = {"train_images", "train_labels", "test_images", "test_labels"};

std::optional<DataDescription> describe_idx(const Settings& settings) {
  for (const char* name : file_settings) {
    if (settings.text(name).empty()) return std::nullopt;
  }
  const auto train = read_idx_sizes(settings.text("train_images"));
  const auto test = read_idx_sizes(settings.text("test_images"));
  if (!train || !test || train->size() < 2) return std::nullopt;
  auto sizes = with_channels(*train);
  sizes.erase(sizes.begin());
  return DataDescription{Shape::from_sizes(sizes), static_cast<std::int64_t>(class_names(settings).size()),
                         train->front(), test->front()};
}

Result<Dataset> load_chosen(const Settings& settings) {
  for (const char* name : file_settings) {
    if (settings.text(name).empty()) return Error{fmt::format("No file is chosen for {}.", name)};
  }
  return load_idx({settings.text("train_images"), settings.text("train_labels"), settings.text("test_images"),
                   settings.text("test_labels")},
                  "IDX files", class_names(settings));
}

}  // namespace

Result<Dataset> load_idx(const IdxFiles& files, const std::string& name, std::vector<std::string> classes) {
  Dataset data;
  data.name = name;
  auto train = read_split(files.train_images, files.train_labels, classes.size());
  if (!train) return train.error();
  auto test = read_split(files.test_images, files.test_labels, classes.size());
  if (!test) return test.error();
  const auto sample_sizes = [](const Array& array) {
    return std::vector<std::int64_t>(array.sizes.begin() + 1, array.sizes.end());
  };
  data.sample_shape = Shape::from_sizes(sample_sizes(train->inputs));
  if (sample_sizes(test->inputs) != sample_sizes(train->inputs)) {
    return Error{fmt::format("The images in {} are {}, those in {} are {}.", files.train_images.string(),
                             data.sample_shape.to_string(), files.test_images.string(),
                             Shape::from_sizes(sample_sizes(test->inputs)).to_string())};
  }
  data.classes = std::move(classes);
  data.train = std::move(*train);
  data.test = std::move(*test);
  data.normalisation = normalisation_of(data.train.inputs);
  return data;
}

DataSpec idx_spec() {
  const std::string none;
  return {"idx",
          "IDX files",
          "Images and labels in MNIST's file format, plain or gzip",
          {
              {"train_images", SettingKind::FilePath, none, "Images to learn from."},
              {"train_labels", SettingKind::FilePath, none, "Their labels."},
              {"test_images", SettingKind::FilePath, none, "Images to test with."},
              {"test_labels", SettingKind::FilePath, none, "Their labels."},
              {"classes", SettingKind::Integer, std::int64_t{10}, "How many classes, where none are named.", 2, 256},
              {"class_names", SettingKind::Text, none, "The classes' names in order, with commas between them."},
          },
          describe_idx,
          load_chosen,
          [] { return std::string(); }};
}

}  // namespace netwright
