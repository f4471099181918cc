#include "app/commands/setting_text.h"

#include <fmt/format.h>

#include "backend/core/setting_text.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/preparation.h"

namespace netwright {

namespace {

std::string names_of(const std::vector<SettingSpec>& specs) {
  std::string names;
  for (const SettingSpec& spec : specs) names += (names.empty() ? "" : ", ") + spec.name;
  return names.empty() ? "none" : names;
}

}  // namespace

Result<void> apply_settings(const std::vector<std::string>& assignments, DataSource& data) {
  const DataSpec* source = find_data_spec(data.source);
  if (!source) return Error{fmt::format("There is no data source “{}”; datasets lists those there are.", data.source)};
  for (const std::string& assignment : assignments) {
    const std::size_t sign = assignment.find('=');
    if (sign == std::string::npos) return Error{fmt::format("“{}” isn't of the form name=value.", assignment)};
    const std::string name = assignment.substr(0, sign);
    const SettingSpec* of_source = find_spec(source->settings, name);
    const SettingSpec* spec = of_source ? of_source : find_spec(preparation_specs(), name);
    if (!spec) {
      return Error{fmt::format("{} has no setting “{}”. There are: {}; for preparing any data: {}.", source->title,
                               name, names_of(source->settings), names_of(preparation_specs()))};
    }
    auto value = value_from_text(*spec, assignment.substr(sign + 1));
    if (!value) return value.error();
    (of_source ? data.settings : data.preparation).set(name, *std::move(value));
  }
  return {};
}

}  // namespace netwright
