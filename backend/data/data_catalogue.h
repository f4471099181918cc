#pragma once
// A source of data is one row, as a layer type is: its settings, what it gives (before anything is read) and how
// it is loaded. Forms, `netwright-engine datasets` and validation are derived.

#include <optional>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/core/settings.h"
#include "backend/data/dataset.h"
#include "backend/graph/project.h"

namespace netwright {

/// What a source gives, known before it is loaded. Counts that only loading tells are 0.
struct DataDescription {
  Shape sample_shape;
  std::int64_t classes = 0;  ///< or labels
  std::int64_t train_samples = 0;
  std::int64_t test_samples = 0;  ///< 0: the source has no test split of its own (see preparation.h)
  TargetKind target = TargetKind::Class;
  Shape target_shape = {};
  ElementType type = ElementType::Float32;  ///< Int64: words, of which there are `vocabulary`
  std::int64_t vocabulary = 0;
};

struct DataSpec {
  std::string source;   ///< stable name in project files: `fashion-mnist`
  std::string title;    ///< `Fashion-MNIST`
  std::string summary;  ///< one line
  std::vector<SettingSpec> settings = {};
  /// Nothing where the source can't say before it is read (a missing file, a wrong setting).
  std::optional<DataDescription> (*describe)(const Settings&) = nullptr;
  /// The legend without normalisation, the training split, and where there is one a test split (see preparation.h).
  Result<Dataset> (*load)(const Settings&) = nullptr;
  /// Empty where it can be used on this machine; else what is missing and how to get it.
  std::string (*missing)() = nullptr;
};

const std::vector<DataSpec>& data_catalogue();
const DataSpec* find_data_spec(std::string_view source);

/// Through the catalogue, with defaults filled in. What was found is kept until a setting or one of the files that the
/// settings name changes, so that asking again costs little.
std::optional<DataDescription> describe(const DataSource& data);
/// What describe() would have said of a data set that is there.
DataDescription description_of(const Dataset& data);
/// Loaded and prepared.
Result<Dataset> load(const DataSource& data);

}  // namespace netwright
