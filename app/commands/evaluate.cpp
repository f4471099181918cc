#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/commands/command.h"
#include "app/commands/run_task.h"
#include "app/commands/table.h"
#include "backend/core/numbers.h"
#include "backend/engine/device.h"
#include "backend/engine/heap.h"
#include "backend/engine/threads.h"
#include "backend/report/class_scores.h"
#include "backend/run/figure_text.h"
#include "backend/run/run_folder.h"

namespace netwright {

namespace {

struct EvaluateArguments {
  std::string run;
  std::string checkpoint;
  std::string device = "auto";
  int threads = 0;
  bool as_json = false;
};

struct Evaluation {
  std::filesystem::path checkpoint;
  std::vector<FigureSpec> figures;
  FigureValues values;
  std::int64_t samples = 0;
  std::optional<Confusion> confusion;
  std::vector<std::string> classes;
};

Result<Evaluation> evaluate_run(const RunFolder& folder, const std::string& which, torch::Device device) {
  const auto run = open_run_task(folder, which, device);
  if (!run) return run.error();
  auto batches = (*run)->batches(device);
  if (!batches) return batches.error();
  Task& task = *(*run)->task;
  (*batches)->begin(1);
  while (const auto batch = (*batches)->next()) task.evaluate(*batch);
  return Evaluation{(*run)->checkpoint,  task.figures(),
                    task.test_figures(), static_cast<std::int64_t>(task.test_sums().front()),
                    task.confusion(),    (*run)->dataset.classes};
}

/// Class by class: how well it is told from the others, and what it was taken for else; then the averages.
std::string class_table(const Evaluation& evaluation) {
  std::vector<Column> columns = {{"Class"},
                                 {"Samples", Align::Right},
                                 {"Precision", Align::Right},
                                 {"Recall", Align::Right},
                                 {"F1", Align::Right},
                                 {"Most often taken for"}};
  std::vector<std::vector<std::string>> rows;
  const ConfusionScores scores = scores_of(*evaluation.confusion);
  const auto add_row = [&](const std::string& name, const ClassScores& of, const std::string& mistaken) {
    const auto share = [](double value) { return fmt::format("{:.1f} %", 100 * value); };
    rows.push_back({name, with_separators(of.support), share(of.precision), share(of.recall), share(of.f1), mistaken});
  };
  for (std::size_t row = 0; row < evaluation.confusion->size(); ++row) {
    const auto& counts = (*evaluation.confusion)[row];
    std::size_t mistaken = row;
    for (std::size_t column = 0; column < counts.size(); ++column) {
      if (column != row && counts[column] > (mistaken == row ? 0 : counts[mistaken])) mistaken = column;
    }
    add_row(evaluation.classes[row], scores.classes[row],
            mistaken == row ? "" : fmt::format("{} ({})", evaluation.classes[mistaken], counts[mistaken]));
  }
  add_row("macro average", scores.macro, "");
  add_row("weighted average", scores.weighted, "");
  return table(columns, rows) + "\n";
}

std::string text_of(const Evaluation& evaluation) {
  std::string figures;
  for (const FigureSpec& figure : evaluation.figures) {
    const auto value = evaluation.values.find(figure.name);
    if (value == evaluation.values.end()) continue;
    figures += fmt::format("{} {}, ", figures.empty() ? figure.title : figure_words(figure),
                           figure_text(figure, value->second));
  }
  return fmt::format("{}{}{} test samples\nCheckpoint: {}\n", evaluation.confusion ? class_table(evaluation) : "",
                     figures, with_separators(evaluation.samples), evaluation.checkpoint.string());
}

Exit evaluate(const EvaluateArguments& arguments) {
  keep_freed_memory();
  set_threads(arguments.threads);
  const auto device = pick_device(arguments.device);
  if (!device) return bad_arguments(device.error().message);
  const auto folder = RunFolder::open(arguments.run);
  if (!folder) return failed(folder.error().message);
  const auto evaluation = evaluate_run(*folder, arguments.checkpoint, *device);
  if (!evaluation) return failed(evaluation.error().message);
  if (arguments.as_json) {
    nlohmann::ordered_json json;
    for (const FigureSpec& figure : evaluation->figures) {
      const auto value = evaluation->values.find(figure.name);
      if (value != evaluation->values.end()) json[figure.name] = value->second;
    }
    json["samples"] = evaluation->samples;
    if (evaluation->confusion) json["confusion"] = *evaluation->confusion;
    json["checkpoint"] = evaluation->checkpoint.string();
    fmt::print("{}\n", json.dump());
  } else {
    fmt::print("{}", text_of(*evaluation));
  }
  return Exit::Done;
}

}  // namespace

Verb evaluate_verb() {
  return {"evaluate", "Measures a run's weights on the test samples.",
          "netwright-engine evaluate classifier.runs/2026-01-31T12-00-00Z-classifier", true,
          [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<EvaluateArguments>();
            app.add_option("run", arguments->run, "The run's folder")->required();
            app.add_option("--checkpoint", arguments->checkpoint,
                           "best, last, or one that was kept on request, such as step-400 (default: best, where there "
                           "is one)");
            app.add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
            app.add_option("--threads", arguments->threads, "Threads to compute with (default: one per usable core)")
                ->check(CLI::Range(1, 4096));
            app.add_flag("--json", arguments->as_json, "As JSON");
            return [arguments] { return evaluate(*arguments); };
          }};
}

}  // namespace netwright
