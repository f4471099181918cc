#pragma once
// A sweep: which settings of a project are varied, and how. Its variants (variants.h) are runs like any others.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/core/settings.h"
#include "backend/graph/project.h"

namespace netwright {

/// Numbers from `low` to `high`, both included; of a setting that is a whole number they are rounded.
struct SweepRange {
  double low = 0;
  double high = 1;
  int count = 3;        ///< of a grid: how many, at even distances (of the logarithms where `is_log`)
  bool is_log = false;  ///< then low must be above 0
  bool operator==(const SweepRange&) const = default;
};

struct SweepAxis {
  std::string setting;             ///< its path (variable_setting.h)
  std::vector<Value> values = {};  ///< those that are tried; empty where there is a range
  std::optional<SweepRange> range = {};
  bool operator==(const SweepAxis&) const = default;
};

enum class SweepMethod {
  Grid,   ///< every value of each axis with every one of the others
  Random  ///< `count` draws, each axis on its own: evenly from its values or its range
};

struct Sweep {
  std::string id = {};  ///< names it among a project's sweeps
  std::vector<SweepAxis> axes = {};
  SweepMethod method = SweepMethod::Grid;
  int count = 12;          ///< of Random
  std::uint64_t seed = 1;  ///< of Random: the same one draws the same
  bool operator==(const Sweep&) const = default;
};

/// More than this is a mistake rather than a sweep.
inline constexpr std::int64_t most_variants = 10'000;

/// The sweep with its values of their specs' kinds and its paths in their shortest form, or why it can't be: a setting
/// that isn't there or stands twice, a value its spec doesn't allow, an empty axis, a range that isn't one, too many
/// variants.
Result<Sweep> checked(const Project& project, Sweep sweep);

/// What a grid tries of the axis, for `spec`; repetitions that rounding makes are left out.
std::vector<Value> grid_values(const SweepAxis& axis, const SettingSpec& spec);

/// The values of every variant, one for each axis. Of a grid the last axis changes fastest. Random draws don't repeat;
/// where fewer than `count` can be told apart there are fewer. The first draws don't depend on how many there are.
/// `sweep`: checked.
std::vector<std::vector<Value>> combinations(const Project& project, const Sweep& sweep);

/// True where both try the same: everything but the id.
bool try_the_same(const Sweep& a, const Sweep& b);

}  // namespace netwright
