#include "backend/engine/range_test.h"

#include <fmt/format.h>

#include <csignal>
#include <memory>

#include "app/commands/command.h"
#include "app/commands/table.h"
#include "app/training/run_output.h"
#include "app/training/steering.h"
#include "backend/data/data_catalogue.h"
#include "backend/engine/device.h"
#include "backend/engine/heap.h"
#include "backend/engine/threads.h"
#include "backend/graph/project_json.h"
#include "backend/graph/task_networks.h"

namespace netwright {

namespace {

struct RangeTestArguments {
  std::string project;
  RateRange range;
  std::string device = "auto";
  int threads = 0;
  bool as_json = false;
};

Exit refuse(const RangeTestArguments& arguments, const std::string& why) {
  if (arguments.as_json) print_event(DoneEvent{.reason = "failed", .message = why});
  return failed(why);
}

Exit range_test(const RangeTestArguments& arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  CommandQueue commands;
  const Steering steering(commands, arguments.as_json);
  keep_freed_memory();
  set_threads(arguments.threads);
  if (arguments.range.lowest >= arguments.range.highest) {
    return refuse(arguments, "The lowest rate must be below the highest.");
  }
  const auto project = read_project(arguments.project);
  if (!project) return refuse(arguments, project.error().message);
  const auto networks = networks_of_task(*project);
  if (networks.empty()) return refuse(arguments, "The project has no network to train.");
  const auto device = pick_device(arguments.device);
  if (!device) return refuse(arguments, device.error().message);
  const auto dataset = load(project->data);
  if (!dataset) return refuse(arguments, dataset.error().message);

  std::vector<std::vector<std::string>> rows;
  const auto show = [&](const Event& event) {
    if (arguments.as_json) {
      print_event(event);
    } else if (const auto* step = std::get_if<StepEvent>(&event)) {
      rows.push_back({fmt::format("{:.3g}", step->learning_rate), fmt::format("{:.4f}", step->figures.at("loss"))});
    }
  };
  const DoneEvent done = test_rates(*project, *networks.front(), *dataset, *device, arguments.range, show, commands);
  if (done.reason == "failed") return failed(done.message);
  if (!arguments.as_json) {
    fmt::print("{}{}\n", table({{"Learning rate", Align::Right}, {"Loss", Align::Right}}, rows), done.message);
  }
  return Exit::Done;
}

}  // namespace

Verb range_test_verb() {
  return {"range-test", "Finds a good learning rate: the rate grows step by step while the loss is watched.",
          "netwright-engine range-test classifier.netwright", true, [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<RangeTestArguments>();
            app.add_option("project", arguments->project, "The project's file")->required();
            app.add_option("--lowest", arguments->range.lowest, "The rate of the first step")
                ->check(CLI::PositiveNumber)
                ->capture_default_str();
            app.add_option("--highest", arguments->range.highest, "The rate of the last step")
                ->check(CLI::PositiveNumber)
                ->capture_default_str();
            app.add_option("--steps", arguments->range.steps, "How many")->check(CLI::Range(10, 100000));
            app.add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
            app.add_option("--threads", arguments->threads, "Threads to compute with (default: one per usable core)")
                ->check(CLI::Range(1, 4096));
            app.add_flag("--json", arguments->as_json, "Events on stdout, a line of JSON each");
            return [arguments] { return range_test(*arguments); };
          }};
}

}  // namespace netwright
