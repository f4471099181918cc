#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <numeric>

#include "backend/data/array_dataset.h"
#include "backend/data/array_targets.h"
#include "backend/data/fields.h"
#include "backend/data/npy.h"
#include "backend/data/sources.h"

namespace netwright {

namespace {

enum Role { TrainInputs, TrainTargets, TestInputs, TestTargets };
constexpr std::array file_settings = {"train_inputs", "train_targets", "test_inputs", "test_targets"};
constexpr const char* usual_names = "x_train, y_train, x_test, y_test";

/// Up to so many targets are read to find out how many classes there are before the data set is loaded.
constexpr std::int64_t most_to_describe = 2'000'000;

/// A .npy, or an array of a .npz.
struct Place {
  std::filesystem::path file;
  std::string array = {};  ///< empty: the file is a .npy

  std::string name() const { return array.empty() ? file.string() : fmt::format("{}, {}", file.string(), array); }
  Result<ArrayHeader> header() const { return array.empty() ? read_npy_header(file) : read_npz_header(file, array); }
  Result<Array> read() const { return array.empty() ? read_npy(file) : read_npz(file, array); }
};

bool is_archive(const std::filesystem::path& file) {
  std::array<char, 2> start = {};
  std::ifstream(file, std::ios::binary).read(start.data(), start.size());
  return start[0] == 'P' && start[1] == 'K';
}

std::string array_name(const Settings& settings, Role role) {
  const auto names = listed(settings.text("arrays"));
  return role < names.size() ? names[role] : std::string();
}

/// Where the array of that role lies; nothing where there is none. A .npz that is chosen for the inputs may hold the
/// others too.
Result<std::optional<Place>> find(const Settings& settings, Role role) {
  const std::filesystem::path chosen = settings.text(file_settings[role]);
  const std::filesystem::path inputs = settings.text(file_settings[TrainInputs]);
  const std::filesystem::path& file = chosen.empty() ? inputs : chosen;
  if (!is_archive(file)) return chosen.empty() ? std::nullopt : std::optional(Place{file});
  const auto names = npz_names(file);
  if (!names) return names.error();
  const std::string wanted = array_name(settings, role);
  if (std::find(names->begin(), names->end(), wanted) != names->end()) return std::optional(Place{file, wanted});
  if (chosen.empty()) return std::optional<Place>();
  if (names->size() == 1) return std::optional(Place{file, names->front()});
  std::string list;
  for (const std::string& name : *names) list += (list.empty() ? "" : ", ") + name;
  return Error{fmt::format("{}: there is no array “{}” for {}. Name one of {} in the setting arrays.", file.string(),
                           wanted, file_settings[role], list.empty() ? "none" : list)};
}

Result<std::optional<NamedArray>> read(const Settings& settings, Role role) {
  const auto place = find(settings, role);
  if (!place) return place.error();
  if (!*place) return std::optional<NamedArray>();
  auto array = (*place)->read();
  if (!array) return array.error();
  return std::optional(NamedArray{(*place)->name(), *std::move(array)});
}

Result<std::optional<ArraySplit>> read_split(const Settings& settings, Role inputs_role, Role targets_role) {
  auto inputs = read(settings, inputs_role);
  if (!inputs) return inputs.error();
  if (!*inputs) return std::optional<ArraySplit>();
  auto targets = read(settings, targets_role);
  if (!targets) return targets.error();
  return std::optional(ArraySplit{**std::move(inputs), *std::move(targets)});
}

Result<std::optional<ArrayHeader>> header(const Settings& settings, Role role) {
  const auto place = find(settings, role);
  if (!place) return place.error();
  if (!*place) return std::optional<ArrayHeader>();
  const auto found = (*place)->header();
  if (!found) return found.error();
  return std::optional(*found);
}

constexpr std::array layout_names = {"auto", "as is", "gray images", "channels last"};
constexpr std::array target_names = {"auto", "none", "class", "labels", "values", "mask"};

template <class Names>
std::size_t place_in(const Names& names, const std::string& name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

ArrayReading reading_of(const Settings& settings) {
  ArrayReading reading;
  reading.layout = static_cast<InputLayout>(place_in(layout_names, settings.text("layout")));
  reading.are_words = settings.flag("words");
  if (const std::size_t target = place_in(target_names, settings.text("target")); target > 0) {
    reading.target = static_cast<TargetKind>(target - 1);
  }
  reading.classes = settings.integer("classes");
  reading.class_names = class_names(settings);
  return reading;
}

std::int64_t elements_of(const ArrayHeader& header) {
  return std::accumulate(header.sizes.begin(), header.sizes.end(), std::int64_t{1}, std::multiplies<>());
}

/// As many classes as the targets show, where looking at them costs little.
std::int64_t shown_classes(const Settings& settings, const DataDescription& description) {
  const auto place = find(settings, TrainTargets);
  const auto array = place && *place ? (*place)->read() : Result<Array>(Error{});
  if (!array) return 0;
  ArrayHeader samples = {description.type, {description.train_samples}};
  for (const Dim& dim : description.sample_shape.dims()) samples.sizes.push_back(*dim);
  const auto targets = as_targets(*array, description.target, samples, most_to_describe, "");
  return targets ? targets->classes : 0;
}

std::optional<DataDescription> describe_npy(const Settings& settings) {
  const auto inputs = header(settings, TrainInputs);
  const auto targets = header(settings, TrainTargets);
  const auto test = header(settings, TestInputs);
  if (!inputs || !*inputs || !targets || !test) return std::nullopt;
  const bool has_test = *test && !(*test)->sizes.empty();
  auto description = describe_arrays(**inputs, *targets, has_test ? (*test)->sizes.front() : 0, reading_of(settings));
  const bool has_classes =
      description && (description->target == TargetKind::Class || description->target == TargetKind::Mask);
  if (has_classes && description->classes == 0 && elements_of(**targets) <= most_to_describe) {
    description->classes = shown_classes(settings, *description);
  }
  return description;
}

Result<Dataset> load_npy(const Settings& settings) {
  if (settings.text(file_settings[TrainInputs]).empty()) return Error{"No file is chosen for train_inputs."};
  auto train = read_split(settings, TrainInputs, TrainTargets);
  if (!train) return train.error();
  auto test = read_split(settings, TestInputs, TestTargets);
  if (!test) return test.error();
  const std::string name = std::filesystem::path(settings.text(file_settings[TrainInputs])).stem().string();
  return dataset_of(name, **std::move(train), *std::move(test), reading_of(settings));
}

template <class Names>
SettingSpec choice(const char* name, const Names& names, const char* help) {
  return {.name = name,
          .kind = SettingKind::Choice,
          .fallback = std::string(names.front()),
          .help = help,
          .choices = {names.begin(), names.end()}};
}

}  // namespace

DataSpec npy_spec() {
  const std::string none;
  std::vector<SettingSpec> settings = {
      {file_settings[TrainInputs], SettingKind::FilePath, none,
       "Samples to learn from, along the first dimension (.npy or .npz)."},
      {file_settings[TrainTargets], SettingKind::FilePath, none,
       "Their targets; empty: the inputs' .npz may hold them, else there are none."},
      {file_settings[TestInputs], SettingKind::FilePath, none,
       "Samples to test with; empty: the inputs' .npz may hold them, else a part is held back."},
      {file_settings[TestTargets], SettingKind::FilePath, none, "Their targets."},
      {"arrays", SettingKind::Text, std::string(usual_names),
       "What these four are called in .npz files, with commas between the names."},
      choice(
          "layout", layout_names,
          "How samples lie. auto: bytes N×H×W are gray images, and with 1 or 3 at the end images with channels last."),
      {"words", SettingKind::Boolean, false, "Whole numbers are the words of texts (for Embedding), not quantities."},
      choice("target", target_names,
             "What the targets are. auto: whole numbers are classes (N), labels (N×K) or masks (N×H×W), floats are "
             "values."),
  };
  for (SettingSpec& setting : class_settings(0, 0)) settings.push_back(std::move(setting));
  return {"npy",
          "NumPy arrays",
          "Samples and targets from .npy or .npz files",
          std::move(settings),
          describe_npy,
          load_npy,
          [] { return std::string(); }};
}

}  // namespace netwright
