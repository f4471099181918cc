#include <fmt/format.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <system_error>

#include "app/commands/child.h"
#include "app/commands/command.h"
#include "app/commands/sweep_report.h"
#include "backend/core/utc.h"
#include "backend/graph/project_json.h"
#include "backend/sweep/sweep_table.h"
#include "backend/sweep/sweep_text.h"
#include "backend/sweep/variable_setting.h"
#include "backend/sweep/variants.h"

namespace netwright {

namespace fs = std::filesystem;

namespace {

struct SweepArguments {
  std::string project;
  std::vector<std::string> vary;
  std::optional<int> random;
  std::uint64_t seed = 1;
  std::optional<std::int64_t> epochs;
  std::string against = "parameters";
  std::string device;
  int threads = 0;
  std::int64_t limit_samples = 0;
  bool is_fresh = false;
  bool is_anew = false;
  bool only_lists = false;
  bool as_json = false;
};

/// What belongs to one sweep of a project, whether it begins now or goes on.
struct PlannedSweep {
  fs::path project_file;
  Sweep sweep;
  std::vector<Variant> variants;
  int count = 0;    ///< of those that can be trained
  SweepTable done;  ///< of an earlier call
};

Result<Sweep> sweep_of(const SweepArguments& arguments, const Project& project) {
  Sweep sweep;
  for (const std::string& text : arguments.vary) {
    auto axis = axis_from_text(project, text);
    if (!axis) return axis.error();
    sweep.axes.push_back(std::move(*axis));
  }
  if (arguments.random) {
    sweep.method = SweepMethod::Random;
    sweep.count = *arguments.random;
    sweep.seed = arguments.seed;
  }
  return checked(project, sweep);
}

std::int64_t limit_of(const RunFolder& run) {
  const auto events = run.events();
  const auto* begun = events && !events->empty() ? std::get_if<RunEvent>(&events->front()) : nullptr;
  return begun ? begun->limit_samples : -1;
}

/// True where the runs of `table` are those that `variants` would be.
bool are_runs_of(const SweepTable& table, const std::vector<Variant>& variants, std::int64_t limit_samples) {
  for (const SweepRow& row : table.rows) {
    const auto run = RunFolder::open(row.folder);
    const auto project = run ? run->project() : Result<Project>(Error{});
    if (!project || row.index >= static_cast<int>(variants.size())) return false;
    if (!(*project == variants[static_cast<std::size_t>(row.index)].project)) return false;
    const std::int64_t limit = limit_of(*run);
    if (limit >= 0 && limit != limit_samples) return false;
  }
  return true;
}

/// The newest sweep that tried the same on the same project; else a new one.
SweepTable earlier_sweep(const SweepArguments& arguments, const fs::path& project_file, const Sweep& sweep,
                         const std::vector<Variant>& variants) {
  if (!arguments.is_anew) {
    for (const Sweep& known : sweeps_of(project_file)) {
      if (!try_the_same(known, sweep)) continue;
      auto table = read_sweep(project_file, known.id);
      if (table && are_runs_of(*table, variants, arguments.limit_samples)) return std::move(*table);
    }
  }
  SweepTable table;
  table.sweep = sweep;
  table.sweep.id = utc_text("%Y-%m-%dT%H-%M-%SZ") + "-sweep";
  return table;
}

std::vector<std::string> train_options(const SweepArguments& arguments) {
  std::vector<std::string> options;
  if (!arguments.device.empty()) options.insert(options.end(), {"--device", arguments.device});
  if (arguments.threads > 0) options.insert(options.end(), {"--threads", std::to_string(arguments.threads)});
  return options;
}

/// A new run of the variant. Its project lies beside the run folder while it is read.
Result<int> train_variant(const SweepArguments& arguments, const PlannedSweep& plan, const Variant& variant,
                          ChildWatch& watch) {
  const fs::path runs = runs_folder_of(plan.project_file);
  const std::string stem = fmt::format("{}-{}", new_run_name(variant.project.name), variant.index + 1);
  fs::path folder = runs / stem;
  std::error_code ignored;
  for (int attempt = 2; fs::exists(folder, ignored); ++attempt) folder = runs / fmt::format("{}-{}", stem, attempt);
  const SweepRun place{plan.sweep, variant.index, plan.count, variant.values};
  if (auto written = write_sweep_run(folder, place); !written) return written.error();
  const fs::path file = fs::path(folder) += ".netwright";
  if (auto written = write_project(variant.project, file); !written) return written.error();
  // Where the project came with weights, its variants begin with them as it does.
  const fs::path weights = fs::absolute(weights_file_of(plan.project_file), ignored);
  const fs::path link = weights_file_of(file);
  if (fs::exists(weights, ignored)) fs::create_symlink(weights, link, ignored);
  std::vector<std::string> words = {"train", file.string(), "--run", folder.string()};
  if (arguments.limit_samples > 0) {
    words.insert(words.end(), {"--limit-samples", std::to_string(arguments.limit_samples)});
  }
  if (arguments.is_fresh) words.emplace_back("--fresh");
  const std::vector<std::string> options = train_options(arguments);
  words.insert(words.end(), options.begin(), options.end());
  const int code = watch.run(words, arguments.as_json);
  fs::remove(file, ignored);
  fs::remove(link, ignored);
  return code;
}

/// What ended by itself isn't repeated: what diverged would diverge again.
bool is_over(const SweepRow& row) {
  return row.ending == "finished" || row.ending == "diverged";
}

Result<int> do_variant(const SweepArguments& arguments, const PlannedSweep& plan, const Variant& variant,
                       ChildWatch& watch) {
  const std::string heading = fmt::format("Run {} of {}: {}", variant.index + 1, plan.variants.size(),
                                          values_title(plan.sweep, variant.values));
  for (const SweepRow& row : plan.done.rows) {
    if (row.index != variant.index) continue;
    const auto run = RunFolder::open(row.folder);
    std::error_code ignored;
    if (is_over(row)) {
      say_of_sweep(arguments.as_json, fmt::format("{} – {} before", heading, row.ending));
      return 0;
    }
    if (run && fs::exists(run->last_checkpoint(), ignored)) {
      say_of_sweep(arguments.as_json, heading + " – goes on");
      std::vector<std::string> words = {"resume", row.folder.string()};
      const std::vector<std::string> options = train_options(arguments);
      words.insert(words.end(), options.begin(), options.end());
      return watch.run(words, arguments.as_json);
    }
  }
  say_of_sweep(arguments.as_json, heading);
  return train_variant(arguments, plan, variant, watch);
}

Exit run_sweep(const SweepArguments& arguments, const PlannedSweep& plan) {
  ChildWatch watch;
  int failures = 0;
  for (const Variant& variant : plan.variants) {
    if (variant.mistake) continue;
    if (watch.was_stopped()) break;
    const auto code = do_variant(arguments, plan, variant, watch);
    if (!code) return failed(code.error().message);
    failures += *code == 0 || watch.was_stopped() ? 0 : 1;
  }
  const auto table = read_sweep(plan.project_file, plan.sweep.id);
  if (!table) return failed(table.error().message);
  const SweepCost cost = arguments.against == "macs"      ? SweepCost::Macs
                         : arguments.against == "seconds" ? SweepCost::Seconds
                                                          : SweepCost::Parameters;
  std::cout << (arguments.as_json ? sweep_json_report(*table, cost) : sweep_report(*table, cost)) << std::flush;
  if (watch.was_stopped()) remark("The sweep was stopped; the same command goes on with it.");
  if (failures > 0) return failed(fmt::format("{} of the runs failed or diverged.", failures));
  return Exit::Done;
}

Exit sweep(const SweepArguments& arguments) {
  auto project = read_project(arguments.project);
  if (!project) return failed(project.error().message);
  if (arguments.epochs) {
    if (const auto set = set_variable(*project, "recipe.epochs", *arguments.epochs); !set) {
      return bad_arguments(set.error().message);
    }
  }
  const auto wanted = sweep_of(arguments, *project);
  if (!wanted) return bad_arguments(wanted.error().message);
  auto variants = variants_of(*project, *wanted);
  if (!variants) return bad_arguments(variants.error().message);
  if (arguments.only_lists) {
    std::cout << variants_report(*wanted, *variants);
    return Exit::Done;
  }
  const auto unfit = unfit_report(*wanted, *variants);
  if (unfit.count == static_cast<int>(variants->size())) {
    return failed(fmt::format("None of the {} variants can be trained:\n{}", variants->size(), unfit.text));
  }
  say_of_sweep(arguments.as_json, fmt::format("Sweep of {}: {} runs", title_of(*wanted), variants->size()));
  if (unfit.count > 0) say_of_sweep(arguments.as_json, fmt::format("{} don't fit:\n{}", unfit.count, unfit.text));
  const int count = static_cast<int>(variants->size()) - unfit.count;
  PlannedSweep plan{arguments.project, *wanted, std::move(*variants), count, {}};
  plan.done = earlier_sweep(arguments, plan.project_file, plan.sweep, plan.variants);
  plan.sweep.id = plan.done.sweep.id;
  return run_sweep(arguments, plan);
}

}  // namespace

Verb sweep_verb() {
  return {"sweep", "Trains a project with some of its settings varied, and compares the runs.",
          "netwright-engine sweep lenet5.netwright --vary optimiser.lr=0.001..0.1:log:4 --vary "
          "conv1.out_channels=4,6,12\n"
          "A setting is named by whose it is: recipe.batch_size, task.loss, optimiser.lr, optimiser.type, "
          "schedule.type,\n"
          "data.noise, preparation.validation_fraction, conv1.kernel_size, encoder.conv1.kernel_size (a layer of "
          "another\n"
          "network, or within a Block). Its values are listed (0.1,0.01; 3x3,5x5 where a value is itself a list) or a\n"
          "range LOW..HIGH[:log][:COUNT]. A grid is every combination; with --random each run draws its own, from the\n"
          "whole range. Runs that are finished aren't repeated: the same command goes on where it was stopped.",
          false, [](CLI::App& app) -> Action {
            auto arguments = std::make_shared<SweepArguments>();
            app.add_option("project", arguments->project, "The project's file")->required();
            app.add_option("--vary", arguments->vary, "SETTING=VALUES, once for each setting")
                ->required()
                ->allow_extra_args(false);
            CLI::Option* random = app.add_option("--random", arguments->random, "Draw so many runs, instead of a grid");
            app.add_option("--seed", arguments->seed, "Of the draws: the same one draws the same")
                ->needs(random)
                ->capture_default_str();
            app.add_option("--epochs", arguments->epochs, "Of each run (default: the recipe's)");
            app.add_option("--limit-samples", arguments->limit_samples, "Use only so many samples of each split")
                ->check(CLI::PositiveNumber);
            app.add_option("--against", arguments->against,
                           "What the main figure is weighed against for the Pareto front: parameters, macs or seconds")
                ->check(CLI::IsMember({"parameters", "macs", "seconds"}))
                ->capture_default_str();
            app.add_option("--device", arguments->device, "auto, cpu, cuda or cuda:N (default: auto)");
            app.add_option("--threads", arguments->threads, "Threads to compute with (default: one per usable core)")
                ->check(CLI::Range(1, 4096));
            app.add_flag("--fresh", arguments->is_fresh,
                         "Start from random weights even where the project came with some");
            app.add_flag("--anew", arguments->is_anew, "Repeat runs that an earlier call has finished");
            app.add_flag("--list", arguments->only_lists, "Only list the variants, their sizes and what doesn't fit");
            app.add_flag("--json", arguments->as_json, "The table as JSON on stdout; all else goes to stderr");
            return [arguments] { return sweep(*arguments); };
          }};
}

}  // namespace netwright
