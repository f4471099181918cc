#include <fmt/core.h>

#include <filesystem>
#include <memory>

#include "app/commands/command.h"
#include "backend/graph/project_json.h"
#include "backend/graph/templates.h"

namespace netwright {

namespace {

struct NewArguments {
  std::string name;
  std::string output;
  bool may_overwrite = false;
};

Exit make_project(const NewArguments& arguments) {
  const auto project = open_template(arguments.name);
  if (!project) return bad_arguments(project.error().message);
  std::error_code ignored;
  if (!arguments.may_overwrite && std::filesystem::exists(arguments.output, ignored)) {
    return failed(fmt::format("{} exists already; --force overwrites it.", arguments.output));
  }
  if (auto written = write_project(*project, arguments.output); !written) return failed(written.error().message);
  return Exit::Done;
}

}  // namespace

Verb new_verb() {
  return {"new", "Makes a project from a template.", "netwright-engine new fashion_mnist_cnn -o classifier.netwright",
          false, [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<NewArguments>();
            app.add_option("template", arguments->name, "A name that `netwright-engine templates` lists")->required();
            app.add_option("-o,--output", arguments->output, "The project's file")->required();
            app.add_flag("--force", arguments->may_overwrite, "Overwrite the file if it exists");
            return [arguments] { return make_project(*arguments); };
          }};
}

}  // namespace netwright
