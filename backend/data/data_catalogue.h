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

/// What a source gives, known without reading samples.
struct DataDescription {
  Shape sample_shape;
  std::int64_t classes = 0;
  std::int64_t train_samples = 0;
  std::int64_t test_samples = 0;
};

struct DataSpec {
  std::string source;   ///< stable name in project files: `fashion-mnist`
  std::string title;    ///< `Fashion-MNIST`
  std::string summary;  ///< one line
  std::vector<SettingSpec> settings = {};
  /// Nothing where the source can't say before it is read (a missing file, a wrong setting).
  std::optional<DataDescription> (*describe)(const Settings&) = nullptr;
  Result<Dataset> (*load)(const Settings&) = nullptr;
  /// Empty where it can be used on this machine; else what is missing and how to get it.
  std::string (*missing)() = nullptr;
};

const std::vector<DataSpec>& data_catalogue();
const DataSpec* find_data_spec(std::string_view source);

/// Through the catalogue, with defaults filled in.
std::optional<DataDescription> describe(const DataSource& data);
Result<Dataset> load(const DataSource& data);

}  // namespace netwright
