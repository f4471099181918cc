#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "backend/core/utf8.h"
#include "backend/data/image_listing.h"
#include "backend/data/image_loading.h"
#include "backend/data/sources.h"

namespace netwright {

namespace {

namespace fs = std::filesystem;

/// The pictures of one split. Without classes they lie in no folders of their own.
struct Pictures {
  std::vector<fs::path> files;
  std::vector<std::int64_t> labels;  ///< empty without classes
};

struct Listing {
  std::vector<std::string> classes;
  Pictures train;
  Pictures validation;
  Pictures test;
};

std::vector<std::string> names_of(const std::vector<fs::path>& folders) {
  std::vector<std::string> names;
  for (const fs::path& folder : folders) names.push_back(folder.filename().string());
  return names;
}

/// `classes`: those of the training split, or nothing where it is this one.
Result<Pictures> list_split(const fs::path& folder, const std::optional<std::vector<std::string>>& classes) {
  const auto folders = folders_in(folder);
  if (!folders) return folders.error();
  auto loose = pictures_in(folder, false);
  if (!loose) return loose.error();
  if (!loose->empty() && !folders->empty()) {
    return Error{
        fmt::format("{} holds pictures beside folders of pictures, such as {}: put each into its class's "
                    "folder, or take the folders away.",
                    folder.string(), loose->front().filename().string())};
  }
  const bool must_be_loose = classes && classes->empty();
  const bool must_have_classes = classes && !classes->empty();
  if (!loose->empty()) {
    if (must_have_classes) {
      return Error{
          fmt::format("The pictures in {} lie in no folders of classes, those for training do.", folder.string())};
    }
    return Pictures{*std::move(loose), {}};
  }
  if (folders->empty()) return Error{fmt::format("{} holds no pictures.", folder.string())};
  if (must_be_loose) {
    return Error{
        fmt::format("The pictures in {} lie in folders of classes, those for training don't.", folder.string())};
  }
  const auto names = classes.value_or(names_of(*folders));
  Pictures pictures;
  for (const fs::path& inner : *folders) {
    const auto place = std::find(names.begin(), names.end(), inner.filename().string());
    if (place == names.end()) {
      return Error{fmt::format("{} is a class that has no folder among those for training.", inner.string())};
    }
    const auto files = pictures_in(inner, true);
    if (!files) return files.error();
    if (files->empty() && !classes) {
      return Error{fmt::format("{} holds no pictures: fill it, or take it away.", inner.string())};
    }
    pictures.files.insert(pictures.files.end(), files->begin(), files->end());
    pictures.labels.resize(pictures.files.size(), place - names.begin());
  }
  if (pictures.files.empty()) return Error{fmt::format("{} holds no pictures.", folder.string())};
  return pictures;
}

Result<Listing> list_folder(const Settings& settings) {
  const std::string folder = settings.text("folder");
  if (folder.empty()) return Error{"No folder of pictures is chosen."};
  const auto splits = split_folders(folder);
  if (!splits) return splits.error();
  auto train = list_split(splits->train, std::nullopt);
  if (!train) return train.error();
  Listing listing;
  listing.train = *std::move(train);
  std::vector<std::string> names;
  if (!listing.train.labels.empty()) {
    const auto folders = folders_in(splits->train);
    if (!folders) return folders.error();
    names = names_of(*folders);
  }
  const std::pair<const fs::path&, Pictures&> others[] = {{splits->validation, listing.validation},
                                                          {splits->test, listing.test}};
  for (const auto& [place, pictures] : others) {
    if (place.empty()) continue;
    auto listed = list_split(place, names);
    if (!listed) return listed.error();
    pictures = *std::move(listed);
  }
  for (const std::string& name : names) listing.classes.push_back(valid_utf8(name));
  return listing;
}

Result<Split> read_split(const Pictures& pictures, const PictureForm& form, bool skip_damaged) {
  const auto count = static_cast<std::int64_t>(pictures.files.size());
  if (count == 0) return Split();
  Split split = {make_array(ElementType::UInt8, {count, form.channels, form.height, form.width}), {}};
  auto* pixels = split.inputs.as<std::uint8_t>();
  const auto kept = read_all(count, skip_damaged, [&](std::int64_t i) {
    return read_picture(pictures.files[static_cast<std::size_t>(i)], form, pixels + i * form.bytes());
  });
  if (!kept) return kept.error();
  if (!pictures.labels.empty()) {
    split.targets = make_array(ElementType::Int64, {count});
    std::copy(pictures.labels.begin(), pictures.labels.end(), split.targets.as<std::int64_t>());
    split.targets = kept_rows(split.targets, *kept);
  }
  split.inputs = kept_rows(split.inputs, *kept);
  return split;
}

std::optional<DataDescription> describe_folder(const Settings& settings) {
  const auto listing = list_folder(settings);
  if (!listing) return std::nullopt;
  const auto form = form_of(settings, listing->train.files.front());
  if (!form) return std::nullopt;
  return DataDescription{
      .sample_shape = {form->channels, form->height, form->width},
      .classes = static_cast<std::int64_t>(listing->classes.size()),
      .train_samples = static_cast<std::int64_t>(listing->train.files.size() + listing->validation.files.size()),
      .test_samples = static_cast<std::int64_t>(listing->test.files.size()),
      .target = listing->classes.empty() ? TargetKind::None : TargetKind::Class,
      .type = ElementType::UInt8};
}

Result<Dataset> load_folder(const Settings& settings) {
  auto listing = list_folder(settings);
  if (!listing) return listing.error();
  const auto form = form_of(settings, listing->train.files.front());
  if (!form) return form.error();
  Dataset data;
  data.name = folder_name(settings.text("folder"));
  data.sample_shape = {form->channels, form->height, form->width};
  data.target = listing->classes.empty() ? TargetKind::None : TargetKind::Class;
  data.classes = std::move(listing->classes);
  const std::pair<const Pictures&, Split&> splits[] = {
      {listing->train, data.train}, {listing->validation, data.validation}, {listing->test, data.test}};
  for (const auto& [pictures, split] : splits) {
    auto read = read_split(pictures, *form, settings.flag("skip_damaged"));
    if (!read) return read.error();
    split = *std::move(read);
  }
  return data;
}

}  // namespace

DataSpec image_folder_spec() {
  std::vector<SettingSpec> settings = {
      {"folder", SettingKind::FolderPath, std::string(),
       "A folder of pictures for each class, or such folders within train and test (and val)."}};
  for (SettingSpec& setting : picture_settings()) settings.push_back(std::move(setting));
  return {"image-folder",
          "Folder of pictures",
          "PNG, JPEG, PGM and PPM pictures of any size, a folder for each class, or all in one where there are none",
          std::move(settings),
          describe_folder,
          load_folder,
          [] { return std::string(); }};
}

}  // namespace netwright
