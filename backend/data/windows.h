#pragma once
// A time series cut into windows that are learned from, each with what comes after it as its target.

#include <cstdint>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/core/settings.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/dataset.h"

namespace netwright {

struct Series {
  std::string name;
  Array values;                      ///< time × columns, Float32; NaN where a value is missing
  std::vector<std::string> columns;  ///< their names
  std::vector<std::size_t> inputs;   ///< which columns the windows hold
  std::vector<std::size_t> targets;  ///< which columns are predicted
};

/// length, forecast, horizon, stride, test_fraction.
std::vector<SettingSpec> window_settings();

/// Inputs: length × inputs. Targets, for `forecast` following: targets (horizon 1) or horizon × targets, the steps
/// after the window; for every_step: length × targets, the window one step later. Windows with a missing value are left
/// out. The last share of the time is the test split's: no window of one split reaches into the other's time. Refuses a
/// series that is too short.
Result<Dataset> cut_into_windows(const Series& series, const Settings& settings);
/// What that gives, without cutting.
Result<DataDescription> describe_windows(const Series& series, const Settings& settings);

}  // namespace netwright
