#pragma once
// How a verb of netwright-engine is declared: one file per verb, each giving a Verb that netwright_engine.cpp lists.

#include <CLI/App.hpp>
#include <functional>
#include <string>

namespace netwright {

/// The program's exit code.
enum class Exit { Done = 0, Failed = 1, BadArguments = 2 };

/// What a verb does once its arguments are parsed.
using Action = std::function<Exit()>;

struct Verb {
  std::string name;
  std::string summary;  ///< one line
  std::string example;  ///< a command that works, for --help
  /// True where LibTorch computes: the thread environment is set before.
  bool computes = false;
  /// Declares the arguments and returns what to do with them.
  Action (*declare)(CLI::App& arguments);
};

Verb summary_verb();
Verb train_verb();
Verb resume_verb();
Verb sweep_verb();
Verb evaluate_verb();
Verb predict_verb();
Verb range_test_verb();
Verb metrics_verb();
Verb report_verb();
Verb export_verb();
Verb import_verb();
Verb templates_verb();
Verb new_verb();
Verb datasets_verb();
Verb doctor_verb();

/// Says `netwright-engine: <message>` on stderr.
void remark(const std::string& message);
/// The same, and returns Exit::Failed.
Exit failed(const std::string& message);
/// The same for arguments that parse but name nothing.
Exit bad_arguments(const std::string& message);

}  // namespace netwright
