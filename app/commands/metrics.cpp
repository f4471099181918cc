#include <fmt/core.h>

#include <memory>

#include "app/commands/command.h"
#include "backend/core/safe_file.h"
#include "backend/run/metrics_csv.h"
#include "backend/run/run_folder.h"

namespace netwright {

namespace {

struct MetricsArguments {
  std::string run;
  std::string output;
};

Exit write_metrics(const MetricsArguments& arguments) {
  const auto folder = RunFolder::open(arguments.run);
  if (!folder) return bad_arguments(folder.error().message);
  const auto events = folder->events();
  if (!events) return failed(events.error().message);
  const std::string csv = metrics_csv(*events);
  if (arguments.output.empty()) {
    fmt::print("{}", csv);
    return Exit::Done;
  }
  if (auto written = write_file(arguments.output, csv); !written) return failed(written.error().message);
  return Exit::Done;
}

}  // namespace

Verb metrics_verb() {
  return {"metrics", "Writes what a run measured as CSV: a row per step told of and per epoch.",
          "netwright-engine metrics classifier.runs/2026-11-26T10-00-00Z-classifier -o metrics.csv", false,
          [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<MetricsArguments>();
            app.add_option("run", arguments->run, "The run's folder")->required();
            app.add_option("-o,--output", arguments->output, "A file (default: stdout)");
            return [arguments] { return write_metrics(*arguments); };
          }};
}

}  // namespace netwright
