#pragma once
// A data set from arrays as files hold them, whatever the format.

#include <optional>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/dataset.h"

namespace netwright {

enum class InputLayout {
  Auto,  ///< bytes N×H×W are gray images, bytes N×H×W×1 or 3 have their channels last, anything else is as it is
  AsIs,
  Gray,         ///< N×H×W -> N×1×H×W
  ChannelsLast  ///< N×H×W×C -> N×C×H×W
};

/// How arrays are understood.
struct ArrayReading {
  InputLayout layout = InputLayout::Auto;
  bool are_words = false;                 ///< whole numbers are the words of texts, else numbers like others
  std::optional<TargetKind> target = {};  ///< nothing: by type and sizes
  std::int64_t classes = 0;               ///< 0: as many as the targets show
  std::vector<std::string> class_names = {};

  /// By count or names; 0 where the targets say it.
  std::int64_t known_classes() const;
};

/// An array and what to call it in messages.
struct NamedArray {
  std::string name;
  Array array;
};

struct ArraySplit {
  NamedArray inputs;
  std::optional<NamedArray> targets = {};
};

/// Without normalisation. Refuses arrays that don't belong together, by their names.
Result<Dataset> dataset_of(const std::string& name, ArraySplit train, std::optional<ArraySplit> test,
                           const ArrayReading& reading);

/// The same from headers: nothing where they can't be a data set. Classes are 0 where only the targets say them.
std::optional<DataDescription> describe_arrays(const ArrayHeader& inputs, const std::optional<ArrayHeader>& targets,
                                               std::int64_t test_samples, const ArrayReading& reading);

/// `classes` (with this default and minimum) and `class_names`.
std::vector<SettingSpec> class_settings(std::int64_t classes, std::int64_t minimum);
/// The names that were set; empty where there are none.
std::vector<std::string> class_names(const Settings& settings);
/// `0` to `count` − 1.
std::vector<std::string> numbered_classes(std::int64_t count);
/// The names that were set, else numbers for as many as were set.
std::vector<std::string> chosen_classes(const Settings& settings);

}  // namespace netwright
