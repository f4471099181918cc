#include "backend/graph/templates.h"

#include <fmt/core.h>

#include <memory>

#include "app/commands/command.h"
#include "app/commands/table.h"
#include "backend/core/json_text.h"

namespace netwright {

namespace {

Exit list_templates(bool as_json) {
  const auto all = templates();
  if (as_json) {
    auto list = Json::array();
    for (const Template& entry : all) {
      list.push_back({{"name", entry.name}, {"title", entry.title}, {"summary", entry.summary}});
    }
    fmt::print("{}", pretty(list));
    return Exit::Done;
  }
  std::vector<std::vector<std::string>> rows;
  for (const Template& entry : all) rows.push_back({entry.name, entry.summary});
  fmt::print("{}", table({{"Name"}, {"What it is"}}, rows));
  return Exit::Done;
}

}  // namespace

Verb templates_verb() {
  return {"templates", "Lists the projects to start from.", "netwright-engine templates", false,
          [](CLI::App& app) -> Action {
            auto as_json = std::make_shared<bool>(false);
            app.add_flag("--json", *as_json, "As JSON");
            return [as_json] { return list_templates(*as_json); };
          }};
}

}  // namespace netwright
