// Pictures with a mask for each: the class of every pixel.

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "backend/data/array_dataset.h"
#include "backend/data/image_file.h"
#include "backend/data/image_listing.h"
#include "backend/data/image_loading.h"
#include "backend/data/sources.h"

namespace netwright {

namespace {

namespace fs = std::filesystem;

constexpr const char* images_folder = "images";
constexpr const char* masks_folder = "masks";
constexpr std::uint8_t white_pixel = 255;

struct Pair {
  fs::path image;
  fs::path mask;
};

struct PairListing {
  std::vector<Pair> train;
  std::vector<Pair> validation;
  std::vector<Pair> test;
};

/// By the names without their endings.
Result<std::map<std::string, fs::path>> by_stem(const fs::path& folder) {
  const auto files = pictures_in(folder, false);
  if (!files) return files.error();
  std::map<std::string, fs::path> stems;
  for (const fs::path& file : *files) {
    const auto [other, is_new] = stems.emplace(file.stem().string(), file);
    if (!is_new) {
      return Error{fmt::format("{} and {} have one name: which one is meant?", other->second.string(), file.string())};
    }
  }
  return stems;
}

Result<std::vector<Pair>> list_split(const fs::path& folder) {
  const auto images = by_stem(folder / images_folder);
  if (!images) return images.error();
  const auto masks = by_stem(folder / masks_folder);
  if (!masks) return masks.error();
  std::vector<Pair> pairs;
  for (const auto& [stem, image] : *images) {
    const auto mask = masks->find(stem);
    if (mask == masks->end()) {
      return Error{fmt::format("{} has no mask: {} isn't there.", image.string(),
                               (folder / masks_folder / (stem + ".png")).string())};
    }
    pairs.push_back({image, mask->second});
  }
  for (const auto& [stem, mask] : *masks) {
    if (!images->contains(stem)) return Error{fmt::format("{} is the mask of no picture.", mask.string())};
  }
  if (pairs.empty()) return Error{fmt::format("{} holds no pictures.", (folder / images_folder).string())};
  return pairs;
}

Result<PairListing> list_pairs(const Settings& settings) {
  const std::string folder = settings.text("folder");
  if (folder.empty()) return Error{"No folder of pictures and masks is chosen."};
  const auto splits = split_folders(folder);
  if (!splits) return splits.error();
  PairListing listing;
  const std::pair<const fs::path&, std::vector<Pair>&> places[] = {
      {splits->train, listing.train}, {splits->validation, listing.validation}, {splits->test, listing.test}};
  for (const auto& [place, pairs] : places) {
    if (place.empty()) continue;
    auto listed = list_split(place);
    if (!listed) return listed.error();
    pairs = *std::move(listed);
  }
  return listing;
}

Result<void> check_classes(const fs::path& file, Array& mask, std::size_t classes) {
  for (std::size_t i = 0; i < mask.bytes.size(); ++i) {
    std::uint8_t& value = mask.as<std::uint8_t>()[i];
    if (value < classes) continue;
    if (classes == 2 && value == white_pixel) {
      value = 1;
      continue;
    }
    const auto width = static_cast<std::size_t>(mask.sizes[1]);
    return Error{
        fmt::format("{}: row {}, column {} (from 0) has class {}, where the {} classes are numbered from 0 to "
                    "{}.",
                    file.string(), i / width, i % width, value, classes, classes - 1)};
  }
  return {};
}

Result<void> read_pair(const Pair& pair, const PictureForm& form, std::size_t classes, std::uint8_t* pixels,
                       std::uint8_t* target) {
  const auto image = read_image_size(pair.image);
  if (!image) return image.error();
  auto mask = read_mask(pair.mask);
  if (!mask) return mask.error();
  if (mask->sizes[0] != image->height || mask->sizes[1] != image->width) {
    return Error{fmt::format("{} is {}×{} pixels, its picture {}×{}.", pair.mask.string(), mask->sizes[0],
                             mask->sizes[1], image->height, image->width)};
  }
  if (const auto checked = check_classes(pair.mask, *mask, classes); !checked) return checked;
  const Array fitting = fitted_mask(*mask, form.height, form.width, form.fit);
  std::copy_n(fitting.as<std::uint8_t>(), form.height * form.width, target);
  return read_picture(pair.image, form, pixels);
}

Result<Split> read_split(const std::vector<Pair>& pairs, const PictureForm& form, std::size_t classes,
                         bool skip_damaged) {
  const auto count = static_cast<std::int64_t>(pairs.size());
  if (count == 0) return Split();
  Split split = {make_array(ElementType::UInt8, {count, form.channels, form.height, form.width}),
                 make_array(ElementType::UInt8, {count, form.height, form.width})};
  auto* pixels = split.inputs.as<std::uint8_t>();
  auto* targets = split.targets.as<std::uint8_t>();
  const auto kept = read_all(count, skip_damaged, [&](std::int64_t i) {
    return read_pair(pairs[static_cast<std::size_t>(i)], form, classes, pixels + i * form.bytes(),
                     targets + i * form.height * form.width);
  });
  if (!kept) return kept.error();
  split.inputs = kept_rows(split.inputs, *kept);
  split.targets = kept_rows(split.targets, *kept);
  return split;
}

std::optional<DataDescription> describe_masks(const Settings& settings) {
  const auto listing = list_pairs(settings);
  if (!listing) return std::nullopt;
  const auto form = form_of(settings, listing->train.front().image);
  if (!form) return std::nullopt;
  return DataDescription{.sample_shape = {form->channels, form->height, form->width},
                         .classes = static_cast<std::int64_t>(chosen_classes(settings).size()),
                         .train_samples = static_cast<std::int64_t>(listing->train.size() + listing->validation.size()),
                         .test_samples = static_cast<std::int64_t>(listing->test.size()),
                         .target = TargetKind::Mask,
                         .target_shape = {form->height, form->width},
                         .type = ElementType::UInt8};
}

Result<Dataset> load_masks(const Settings& settings) {
  const auto listing = list_pairs(settings);
  if (!listing) return listing.error();
  const auto form = form_of(settings, listing->train.front().image);
  if (!form) return form.error();
  Dataset data;
  data.name = folder_name(settings.text("folder"));
  data.sample_shape = {form->channels, form->height, form->width};
  data.target = TargetKind::Mask;
  data.target_shape = {form->height, form->width};
  data.classes = chosen_classes(settings);
  const std::pair<const std::vector<Pair>&, Split&> splits[] = {
      {listing->train, data.train}, {listing->validation, data.validation}, {listing->test, data.test}};
  for (const auto& [pairs, split] : splits) {
    auto read = read_split(pairs, *form, data.classes.size(), settings.flag("skip_damaged"));
    if (!read) return read.error();
    split = *std::move(read);
  }
  return data;
}

}  // namespace

DataSpec image_masks_spec() {
  std::vector<SettingSpec> settings = {
      {"folder", SettingKind::FolderPath, std::string(),
       "A folder with images/ and masks/, or with both within train/ and test/ (and val/)."}};
  for (SettingSpec& setting : picture_settings()) settings.push_back(std::move(setting));
  for (SettingSpec& setting : class_settings(2, 2)) {
    if (setting.name == "classes") {
      setting.maximum = 256;
      setting.help += " With two, 255 (white) in a mask is 1.";
    }
    settings.push_back(std::move(setting));
  }
  return {"image-masks",
          "Pictures with masks",
          "For segmentation: a gray or palette PNG of the same name for each picture, whose values are the classes",
          std::move(settings),
          describe_masks,
          load_masks,
          [] { return std::string(); }};
}

}  // namespace netwright
