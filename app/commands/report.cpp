#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <memory>

#include "app/commands/command.h"
#include "app/commands/run_task.h"
#include "app/commands/table.h"
#include "app/training/run_output.h"
#include "backend/analysis/analyse.h"
#include "backend/core/numbers.h"
#include "backend/core/safe_file.h"
#include "backend/core/utc.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/preparation.h"
#include "backend/engine/device.h"
#include "backend/engine/heap.h"
#include "backend/engine/latency.h"
#include "backend/engine/robustness.h"
#include "backend/engine/threads.h"
#include "backend/graph/task_networks.h"
#include "backend/report/report_content.h"
#include "backend/report/report_html.h"
#include "backend/report/run_report.h"
#include "backend/run/figure_text.h"

namespace netwright {

namespace {

struct ReportArguments {
  std::string run;
  std::string html;
  std::string checkpoint;
  std::int64_t samples = 1000;
  std::string device = "auto";
  int threads = 0;
  bool as_json = false;
};

constexpr std::size_t most_kept_classes = 200;

using Tell = std::function<void(const std::string&)>;

Exit refuse_report(const ReportArguments& arguments, const std::string& why) {
  if (arguments.as_json) print_event(DoneEvent{.reason = "failed", .message = why});
  return failed(why);
}

/// Words of progress: events for whoever reads those, else one line that changes, where it is a terminal.
Tell teller(const ReportArguments& arguments) {
  if (arguments.as_json) return [](const std::string& what) { print_event(MessageEvent{"info", what}); };
  if (::isatty(STDERR_FILENO) == 0) return [](const std::string& /*what*/) {};
  return [](const std::string& what) {
    fmt::print(stderr, "\r\x1b[K{}", what);
    std::fflush(stderr);
  };
}

void take_up_run(const RunTask& run, const RunFolder& folder, RunReport& report) {
  ReportedRun& about = report.run;
  about.made = utc_text();
  about.project = run.project.name;
  if (about.name.empty()) about.name = folder.path().filename().string();
  if (about.task.empty()) about.task = run.project.recipe.task;
  const DataSpec* spec = find_data_spec(run.project.data.source);
  about.data = spec ? spec->title : run.project.data.source;
  about.checkpoint = run.checkpoint.stem().string();
  about.checkpoint_epoch = about.checkpoint == "best" ? report.dynamics.convergence.best_epoch : about.epochs;
  for (const Event& event : run.events) {
    const auto* kept = std::get_if<CheckpointEvent>(&event);
    if (kept && folder.path() / kept->file == run.checkpoint) about.checkpoint_epoch = kept->epoch;
  }
  about.has_other_data = !run.run.data.empty() && run.run.data != fingerprint_of(run.dataset);
  about.split = run.is_test_split() ? "test" : "validation";
  if (report.quality.figures.empty()) report.quality.figures = run.task->figures();
  if (report.quality.classes.empty()) report.quality.classes = run.dataset.classes;
}

/// Of the epoch whose weights are measured: what only an epoch's end measures (a Fréchet distance).
void add_recorded_values(const RunTask& run, RunReport& report) {
  for (const Event& event : run.events) {
    const auto* epoch = std::get_if<EpochEvent>(&event);
    if (!epoch || epoch->epoch != report.run.checkpoint_epoch) continue;
    for (const auto& [name, value] : epoch->held_out) report.quality.values.try_emplace(name, value);
  }
}

/// Why there are no curves over thresholds, where there are none.
std::string ranking_obstacle(const Dataset& dataset) {
  if (dataset.target == TargetKind::Mask) return "Curves over thresholds are drawn for samples, not for pixels.";
  if (dataset.target != TargetKind::Class && dataset.target != TargetKind::Labels) {
    return "Curves over thresholds tell classes apart; there are none to tell.";
  }
  return "There are too many classes for a curve of each, or all samples are of one.";
}

Result<void> measure_quality(const RunTask& run, torch::Device device, RunReport& report) {
  auto batches = run.batches(device);
  if (!batches) return batches.error();
  Task& task = *run.task;
  (*batches)->begin(1);
  while (const auto batch = (*batches)->next()) task.evaluate(*batch);
  ReportedQuality& quality = report.quality;
  quality.values = task.test_figures();
  report.run.samples = static_cast<std::int64_t>(task.test_sums().front());
  add_recorded_values(run, report);
  quality.counts_pixels = run.dataset.target == TargetKind::Mask;
  quality.confusion_missing = run.dataset.target == TargetKind::Labels
                                  ? "A sample may have several labels, so none is taken for another."
                                  : "There are no classes to be confused.";
  if (auto confusion = task.confusion(); confusion && confusion->size() == quality.classes.size()) {
    quality.scores = scores_of(*confusion);
    const bool is_kept = confusion->size() <= most_kept_classes;
    quality.confusion_missing = is_kept ? "" : "There are too many classes for a matrix of them.";
    if (is_kept) quality.confusion = std::move(*confusion);
  }
  quality.ranking_missing = ranking_obstacle(run.dataset);
  if (const OneVsRest* curves = task.class_curves()) take_rankings(*curves, quality);
  if (!quality.rankings.empty()) quality.ranking_missing.clear();
  task.clear_test_sums();
  return {};
}

void measure_complexity(const RunTask& run, torch::Device device, const Tell& tell, RunReport& report) {
  const Report analysis = analyse(run.project, description_of(run.dataset));
  for (const Network* network : networks_of_task(run.project)) {
    const NetworkReport* figures = analysis.find(network->id);
    if (!figures) continue;
    const Totals& totals = figures->totals;
    report.complexity.networks.push_back({network->name, totals.parameters, totals.trainable_parameters, totals.macs,
                                          totals.weight_bytes, totals.inference_peak_bytes});
  }
  auto latency = measure_latency(*run.task, run.dataset, run.split(), {.device = device}, tell);
  if (!latency) {
    report.complexity.latency_missing = latency.error().message;
    return;
  }
  latency->what = run.network->name;
  report.complexity.latency = std::move(*latency);
}

Result<RunReport> measured_report(const RunTask& run, const RunFolder& folder, const ReportArguments& arguments,
                                  torch::Device device, const Tell& tell) {
  RunReport report = report_from_record(run.events);
  take_up_run(run, folder, report);
  tell(fmt::format("Measuring on the {} split", report.run.split));
  if (const auto measured = measure_quality(run, device, report); !measured) return measured.error();
  measure_complexity(run, device, tell, report);
  report.robustness = measure_robustness(*run.task, run.dataset, run.split(),
                                         {.samples = arguments.samples,
                                          .seed = run.seed(),
                                          .channels_last = run.task->wants_channels_last(),
                                          .device = device},
                                         tell);
  return report;
}

/// What stands on the cards of the page, section by section.
void print_summary(const RunReport& report, const std::filesystem::path& json, const std::filesystem::path& html) {
  std::vector<std::vector<std::string>> rows;
  for (const ReportSection& section : content_of(report).sections) {
    std::string title = section.title;
    for (const ReportBlock& block : section.blocks) {
      const auto* cards = std::get_if<ReportCards>(&block);
      if (!cards) continue;
      for (const ReportCard& card : cards->cards) rows.push_back({std::exchange(title, ""), card.title, card.value});
    }
  }
  fmt::print("{}\nReport: {}\n        {}\n", table({{"Report"}, {"Figure"}, {"Value", Align::Right}}, rows),
             html.string(), json.string());
}

Exit report(const ReportArguments& arguments) {
  keep_freed_memory();
  set_threads(arguments.threads);
  const auto device = pick_device(arguments.device);
  if (!device) return refuse_report(arguments, device.error().message);
  const auto folder = RunFolder::open(arguments.run);
  if (!folder) return refuse_report(arguments, folder.error().message);
  const Tell tell = teller(arguments);
  tell("Reading the run and its data");
  const auto run = open_run_task(*folder, arguments.checkpoint, *device);
  if (!run) return refuse_report(arguments, run.error().message);
  const auto made = measured_report(**run, *folder, arguments, *device, tell);
  if (!made) return refuse_report(arguments, made.error().message);

  const std::filesystem::path json = report_file_of(folder->path());
  const std::filesystem::path html =
      arguments.html.empty() ? report_page_of(folder->path()) : std::filesystem::path(arguments.html);
  if (const auto written = write_file(json, to_json_text(*made)); !written) {
    return refuse_report(arguments, written.error().message);
  }
  if (const auto written = write_file(html, report_html(*made)); !written) {
    return refuse_report(arguments, written.error().message);
  }
  if (arguments.as_json) {
    print_event(DoneEvent{.reason = "finished",
                          .message = "The report is in " + html.string() + ".",
                          .test = made->quality.values,
                          .epochs = made->run.epochs});
    return Exit::Done;
  }
  tell("");
  print_summary(*made, json, html);
  return Exit::Done;
}

}  // namespace

Verb report_verb() {
  return {"report", "Writes a report of a run: quality, costs, how it went, and how it does on disturbed inputs.",
          "netwright-engine report classifier.runs/2026-01-31T12-00-00Z-classifier", true, [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<ReportArguments>();
            app.add_option("run", arguments->run, "The run's folder; report.json and report.html are written into it")
                ->required();
            app.add_option("--html", arguments->html, "Write the page here instead");
            app.add_option("--checkpoint", arguments->checkpoint,
                           "best, last, or one that was kept on request, such as step-400 (default: best, where "
                           "there is one)");
            app.add_option("--samples", arguments->samples, "How many samples are disturbed, at most")
                ->check(CLI::PositiveNumber)
                ->capture_default_str();
            app.add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
            app.add_option("--threads", arguments->threads, "Threads to compute with (default: one per usable core)")
                ->check(CLI::Range(1, 4096));
            app.add_flag("--json", arguments->as_json, "Events on stdout, a line of JSON each");
            return [arguments] { return report(*arguments); };
          }};
}

}  // namespace netwright
