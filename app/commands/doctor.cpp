#include <fmt/format.h>
#include <torch/version.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/commands/command.h"
#include "app/commands/table.h"
#include "app/thread_environment.h"
#include "backend/data/data_catalogue.h"
#include "backend/engine/device.h"
#include "backend/engine/threads.h"

namespace netwright {

namespace {

struct FoundData {
  std::string name;
  std::string missing;  ///< empty where it is there
};

struct Findings {
  std::string blas;  ///< a file; empty where LibTorch brings its own
  bool is_slow_blas = false;
  int cores = 0;
  int threads = 0;
  std::vector<std::string> devices;
  std::vector<FoundData> data;
};

constexpr const char* runs_place = "beside the project: <project>.runs/<UTC time>-<name>";

Findings examine() {
  set_threads(0);
  Findings found{.blas = blas_library(),
                 .cores = usable_cores(),
                 .threads = threads(),
                 .devices = available_devices(),
                 .data = {}};
  // The reference BLAS: right, and many times slower.
  found.is_slow_blas = found.blas.find("/blas/libblas.so") != std::string::npos;
  for (const DataSpec& spec : data_catalogue()) found.data.push_back({spec.source, spec.missing()});
  return found;
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

nlohmann::ordered_json json_of(const Findings& found) {
  auto data = nlohmann::ordered_json::array();
  for (const FoundData& source : found.data) {
    data.push_back({{"source", source.name}, {"available", source.missing.empty()}, {"missing", source.missing}});
  }
  return {{"netwright", NETWRIGHT_VERSION},     {"libtorch", TORCH_VERSION}, {"blas", found.blas},
          {"blas_is_slow", found.is_slow_blas}, {"cores", found.cores},      {"threads", found.threads},
          {"devices", found.devices},           {"data", std::move(data)},   {"runs", runs_place}};
}

std::string text_of(const Findings& found) {
  std::string text;
  const auto line = [&](const char* title, const std::string& value) {
    text += fmt::format("{:<12}{}\n", title, value);
  };
  line("Netwright", NETWRIGHT_VERSION);
  line("LibTorch", TORCH_VERSION);
  line("BLAS", found.blas.empty() ? "built into LibTorch" : found.blas);
  if (found.is_slow_blas) line("", "This is the reference BLAS, many times slower: apt install libopenblas0-pthread");
  line("Threads", fmt::format("{} on {} usable core{}", found.threads, found.cores, found.cores == 1 ? "" : "s"));
  line("Devices", joined(found.devices));
  line("Runs", runs_place);
  const char* title = "Data";
  for (const FoundData& source : found.data) {
    line(title, fmt::format("{}{}", source.name, source.missing.empty() ? "" : ": " + source.missing));
    title = "";
  }
  return text;
}

}  // namespace

Verb doctor_verb() {
  return {"doctor", "Says what this machine has: LibTorch, BLAS, threads, devices, data.", "netwright-engine doctor",
          true, [](CLI::App& app) -> Action {
            auto as_json = std::make_shared<bool>(false);
            app.add_flag("--json", *as_json, "As JSON");
            return [as_json] {
              const Findings found = examine();
              fmt::print("{}", *as_json ? json_of(found).dump(2) + "\n" : text_of(found));
              return Exit::Done;
            };
          }};
}

}  // namespace netwright
