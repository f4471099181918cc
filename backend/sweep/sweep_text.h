#pragma once
// Sweeps as people type and read them.

#include <string>
#include <string_view>

#include "backend/sweep/sweep.h"

namespace netwright {

/// `conv1.out_channels=8,16,32`, `optimiser.lr=0.001..0.1:log:4` (a range, logarithmic, four values), `3x5,7x7` where a
/// value is a list itself. Words and the names of choices as they are. The values are of the setting's kind.
Result<SweepAxis> axis_from_text(const Project& project, const std::string& text);

/// The part after the `=` for a setting of this spec, ranges apart.
Result<std::vector<Value>> values_from_text(const SettingSpec& spec, const std::string& text);
/// Back again: `8, 16, 32`.
std::string values_text(const std::vector<Value>& values);
/// One value, short: `0.0032`, `3×5`, `3` for a list of equal numbers.
std::string sweep_value_text(const Value& value);

/// `lr, out_features`: what is varied, by the names of the settings; two of one name with their owner.
std::string title_of(const Sweep& sweep);
/// `lr` or, where two axes end so, `optimiser.lr`.
std::string axis_title(const Sweep& sweep, std::size_t axis);
/// `lr 0.01, out_features 32`.
std::string values_title(const Sweep& sweep, const std::vector<Value>& values);

}  // namespace netwright
