#include "backend/data/data_catalogue.h"

#include <fmt/core.h>

#include <new>

#include "backend/data/description_cache.h"
#include "backend/data/preparation.h"
#include "backend/data/sources.h"

namespace netwright {

namespace {

struct Chosen {
  const DataSpec* spec;
  Settings settings;
};

Result<Chosen> chosen(const DataSource& data) {
  if (data.source.empty()) return Error{"No data set is chosen."};
  const DataSpec* spec = find_data_spec(data.source);
  if (!spec) return Error{fmt::format("There is no data source \"{}\".", data.source)};
  Settings settings = completed(spec->settings, data.settings);
  for (const SettingSpec& setting : spec->settings) {
    const Value* value = settings.find(setting.name);
    if (const auto why = value ? complaint(setting, *value) : std::nullopt) {
      return Error{fmt::format("{}, {}: {}", spec->title, setting.name, *why)};
    }
  }
  return Chosen{spec, std::move(settings)};
}

}  // namespace

const std::vector<DataSpec>& data_catalogue() {
  static const std::vector<DataSpec> specs = {
      fashion_mnist_spec(), cifar_spec(),       idx_spec(),          image_folder_spec(),   image_masks_spec(),
      npy_spec(),           csv_spec(),         text_spec(),         word_languages_spec(), series_spec(),
      two_spirals_spec(),   circles_spec(),     checkerboard_spec(), blobs_spec(),          regression_curve_spec(),
      shapes_spec(),        shape_masks_spec(), waves_spec(),        adding_problem_spec(), brackets_spec(),
  };
  return specs;
}

const DataSpec* find_data_spec(std::string_view source) {
  for (const DataSpec& spec : data_catalogue()) {
    if (spec.source == source) return &spec;
  }
  return nullptr;
}

std::optional<DataDescription> describe(const DataSource& data) {
  const auto choice = chosen(data);
  if (!choice) return std::nullopt;
  DescriptionCache& cache = DescriptionCache::of_this_program();
  const FileStamps stamps = stamps_of(choice->spec->settings, choice->settings);
  if (const auto known = cache.find(data.source, choice->settings, stamps)) return *known;
  std::optional<DataDescription> description = choice->spec->describe(choice->settings);
  cache.keep(data.source, choice->settings, stamps, description);
  return description;
}

DataDescription description_of(const Dataset& data) {
  return {.sample_shape = data.sample_shape,
          .classes = static_cast<std::int64_t>(data.classes.size()),
          .train_samples = data.train.count() + data.validation.count(),
          .test_samples = data.test.count(),
          .target = data.target,
          .target_shape = data.target_shape,
          .type = data.train.inputs.type,
          .vocabulary = static_cast<std::int64_t>(data.vocabulary.tokens.size())};
}

Result<Dataset> load(const DataSource& data) {
  const auto choice = chosen(data);
  if (!choice) return choice.error();
  try {
    const FileStamps stamps = stamps_of(choice->spec->settings, choice->settings);
    auto loaded = choice->spec->load(choice->settings);
    if (!loaded) return loaded;
    DescriptionCache::of_this_program().keep(data.source, choice->settings, stamps, description_of(*loaded));
    if (const auto prepared = prepare(*loaded, data.preparation); !prepared) return prepared.error();
    return loaded;
  } catch (const std::bad_alloc&) {
    return Error{
        fmt::format("{}: neither memory nor the disk has room for it. Take fewer or smaller samples, or name a "
                    "folder with more room in TMPDIR.",
                    choice->spec->title)};
  }
}

}  // namespace netwright
