#pragma once
// Settings are the choices a user makes (of a layer, an optimiser, a data set, a recipe); SettingSpec describes
// one. Forms, validation and JSON are derived from the specs, so a setting is written down once.

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace netwright {

using Integers = std::vector<std::int64_t>;
using Reals = std::vector<double>;
using Value = std::variant<bool, std::int64_t, double, std::string, Integers, Reals>;

/// A value as a user or PyTorch would write it: `true`, `3`, `0.5`, `same`, `3, 5`.
std::string to_text(const Value& value);

/// Named values. The getters return a zero value where the name is missing or of another kind:
/// values are checked against their specs before any rule reads them.
class Settings {
 public:
  Settings() = default;
  Settings(std::initializer_list<std::pair<const std::string, Value>> values) : values_(values) {}

  bool flag(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  double real(std::string_view name) const;
  std::string text(std::string_view name) const;
  Integers integers(std::string_view name) const;
  Reals reals(std::string_view name) const;

  const Value* find(std::string_view name) const;
  void set(std::string_view name, Value value) { values_.insert_or_assign(std::string(name), std::move(value)); }
  void clear(std::string_view name);
  const std::map<std::string, Value, std::less<>>& values() const { return values_; }

  bool operator==(const Settings&) const = default;

 private:
  std::map<std::string, Value, std::less<>> values_;
};

enum class SettingKind {
  Boolean,
  Integer,
  Real,
  Choice,  ///< one of `choices`, a std::string
  Text,
  FilePath,    ///< a std::string; the form offers a file dialog
  FolderPath,  ///< the same for a folder
  Integers,    ///< `length` whole numbers (0: any count), or one of the words in `choices` (padding's 'same')
  Reals,       ///< `length` numbers
};

struct SettingSpec {
  std::string name;  ///< PyTorch's argument name
  SettingKind kind = SettingKind::Integer;
  Value fallback;    ///< the default
  std::string help;  ///< one line
  double minimum = std::numeric_limits<double>::lowest();
  double maximum = std::numeric_limits<double>::max();
  std::vector<std::string> choices = {};
  std::size_t length = 0;
};

/// Every setting of the specs at its default.
Settings defaults(const std::vector<SettingSpec>& specs);
/// `settings` with what the specs name and it lacks filled in by defaults (whole reals and short
/// lists are brought to the spec's kind: 1 for a Real becomes 1.0, 3 for two Integers becomes 3, 3).
Settings completed(const std::vector<SettingSpec>& specs, Settings settings);
/// Why `value` isn't one that `spec` allows, in words; nothing where it is.
std::optional<std::string> complaint(const SettingSpec& spec, const Value& value);
const SettingSpec* find_spec(const std::vector<SettingSpec>& specs, std::string_view name);

}  // namespace netwright
