// The engine: everything that computes, on the command line. The designer starts it for training.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include "app/commands/command.h"
#include "app/thread_environment.h"

namespace {

using namespace netwright;

/// Every verb, in the order in which --help shows them.
std::vector<Verb> verbs() {
  return {
      summary_verb(), train_verb(),     resume_verb(),     sweep_verb(),    evaluate_verb(),
      predict_verb(), report_verb(),    range_test_verb(), metrics_verb(),  export_verb(),
      import_verb(),  templates_verb(), new_verb(),        datasets_verb(), doctor_verb(),
  };
}

Exit run(int argc, char** argv) {
  CLI::App app("Trains and examines the networks that Netwright draws.", "netwright-engine");
  app.set_version_flag("--version", "netwright-engine " NETWRIGHT_VERSION);
  app.require_subcommand(1);
  app.footer(
      "netwright-engine VERB --help shows a verb's arguments and an example.\n"
      "Exit codes: 0 done, 1 failed (stderr says why), 2 bad arguments.");

  struct Declared {
    CLI::App* arguments;
    Action action;
    bool computes;
  };
  std::vector<Declared> declared;
  for (const Verb& verb : verbs()) {
    CLI::App* arguments = app.add_subcommand(verb.name, verb.summary);
    arguments->footer("Example:\n  " + verb.example);
    declared.push_back({arguments, verb.declare(*arguments), verb.computes});
  }

  const auto is_verb = [&](const std::string& name) {
    return std::any_of(declared.begin(), declared.end(),
                       [&](const Declared& verb) { return verb.arguments->get_name() == name; });
  };
  // CLI11 would only say that a subcommand is required.
  const std::string first = argc > 1 ? argv[1] : "";
  if (!first.empty() && first.front() != '-' && !is_verb(first)) {
    return bad_arguments("There is no verb \"" + first + "\"; --help lists those there are.");
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    app.exit(help);
    return Exit::Done;
  } catch (const CLI::ParseError& error) {
    return bad_arguments(std::string(error.what()) + "\nRun with --help for more information.");
  }
  for (const Declared& verb : declared) {
    if (!verb.arguments->parsed()) continue;
    if (verb.computes) ensure_thread_environment(argc, argv);
    return verb.action();
  }
  return Exit::Done;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return static_cast<int>(run(argc, argv));
  } catch (const std::exception& error) {
    return static_cast<int>(failed(error.what()));
  }
}
