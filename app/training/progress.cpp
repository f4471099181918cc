#include "app/training/progress.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "app/commands/table.h"
#include "backend/core/numbers.h"
#include "backend/run/figure_text.h"

namespace netwright {

namespace {

using std::chrono::steady_clock;

constexpr auto between_frames = std::chrono::milliseconds(100);
constexpr int widest_bar = 30;
constexpr int narrowest_bar = 8;
constexpr std::size_t most_figures = 4;
constexpr const char* back_to_start = "\r";
constexpr const char* clear_rest_of_line = "\x1b[K";

int terminal_columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

bool locale_is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (!value || *value == '\0') continue;
    std::string text(value);
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text.find("utf-8") != std::string::npos || text.find("utf8") != std::string::npos;
  }
  return false;
}

std::string bar(double part, int width, bool is_utf8) {
  const int full = std::clamp(static_cast<int>(part * width), 0, width);
  return repeated(is_utf8 ? "━" : "#", static_cast<std::size_t>(full)) +
         repeated(is_utf8 ? "─" : "-", static_cast<std::size_t>(width - full));
}

std::string rate_text(double per_second) {
  return with_separators(std::llround(per_second));
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = std::isfinite(seconds) ? std::llround(std::max(seconds, 0.0)) : 0;
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string progress_line(const StepEvent& step, const RunEvent& run, const std::string& unit, int columns,
                          bool is_utf8) {
  // The last step of epoch 1 is at 1.0 and still belongs to epoch 1.
  const double before = std::max(std::ceil(step.epoch) - 1, 0.0);
  const double part = step.epoch - before;
  const std::string start = fmt::format("Epoch {}/{} ", static_cast<int>(before) + 1, run.epochs);
  const double left = step.epoch > 0 ? step.elapsed / step.epoch * (run.epochs - step.epoch) : 0;
  std::vector<std::string> fields = {fmt::format(" {:3.0f} %", std::floor(part * 100))};
  for (const std::string& figure : figure_list(run.figures, step.figures, "  ", 1)) {
    if (fields.size() <= most_figures) fields.push_back(figure);
  }
  fields.push_back("  left " + duration_text(left));
  fields.push_back(fmt::format("  {} {}/s", rate_text(step.samples_per_second), unit));

  int free = columns - 1 - static_cast<int>(width_of(start)) - narrowest_bar;
  std::string end;
  for (const std::string& field : fields) {
    const int width = static_cast<int>(width_of(field));
    if (width > free) break;
    end += field;
    free -= width;
  }
  if (free < 0) return start.substr(0, static_cast<std::size_t>(std::max(columns - 1, 0)));
  return start + bar(part, std::min(narrowest_bar + free, widest_bar), is_utf8) + end;
}

Progress::Progress(std::string unit) : unit_(std::move(unit)), is_terminal_(isatty(STDOUT_FILENO) == 1) {}

void Progress::show(const Event& event) {
  if (const auto* command = std::get_if<CommandEvent>(&event); command && command->command.setting == "epochs") {
    run_.epochs = static_cast<int>(command->command.value);
  }
  if (const auto* run = std::get_if<RunEvent>(&event)) {
    show_run(*run);
  } else if (const auto* step = std::get_if<StepEvent>(&event)) {
    show_step(*step);
  } else if (const auto* epoch = std::get_if<EpochEvent>(&event)) {
    show_epoch(*epoch);
  } else if (const auto* message = std::get_if<MessageEvent>(&event)) {
    if (message->severity != "error") print_line(message->severity + ": " + message->text);
  } else if (const auto* alarm = std::get_if<AlarmEvent>(&event)) {
    print_line((alarm->is_over ? "over: " : "warning: ") + alarm->text);
  } else if (std::get_if<DoneEvent>(&event)) {
    clear_bar();
  }
}

void Progress::show_run(const RunEvent& run) {
  run_ = run;
  const auto threads = run.environment.find("threads");
  print_line(fmt::format("{}: {} parameters, {} training, {}{} test {}, on {}{}", run.network,
                         with_separators(run.parameters), with_separators(run.train_samples),
                         run.validation_samples > 0 ? with_separators(run.validation_samples) + " validation and " : "",
                         with_separators(run.test_samples), unit_, run.device,
                         threads == run.environment.end() ? "" : " with " + threads->second + " threads"));
}

void Progress::show_step(const StepEvent& step) {
  if (!is_terminal_) return;
  const auto now = steady_clock::now();
  if (drawn_at_ && now - *drawn_at_ < between_frames) return;
  drawn_at_ = now;
  is_bar_shown_ = true;
  // Overwritten in one write and never blanked first, so that nothing flickers.
  fmt::print("{}{}{}", back_to_start, progress_line(step, run_, unit_, terminal_columns(), locale_is_utf8()),
             clear_rest_of_line);
  std::fflush(stdout);
}

void Progress::show_epoch(const EpochEvent& epoch) {
  const std::string split = run_.validation_samples > 0 ? "validation " : "test ";
  std::vector<std::string> parts = figure_list(run_.figures, epoch.train);
  parts.resize(std::min(parts.size(), most_figures));
  std::vector<std::string> held_out = figure_list(run_.figures, epoch.held_out, split);
  // What chooses the best epoch is never left out.
  if (held_out.size() > most_figures) held_out.erase(held_out.begin() + most_figures - 1, held_out.end() - 1);
  parts.insert(parts.end(), held_out.begin(), held_out.end());
  print_line(fmt::format("Epoch {:>{}}/{}  {}  {} {}/s  {:.1f} s", epoch.epoch, std::to_string(run_.epochs).size(),
                         run_.epochs, fmt::join(parts, "  "), rate_text(epoch.samples_per_second), unit_,
                         epoch.seconds));
}

void Progress::clear_bar() {
  if (is_bar_shown_) fmt::print("{}{}", back_to_start, clear_rest_of_line);
  is_bar_shown_ = false;
}

void Progress::print_line(const std::string& line) {
  clear_bar();
  fmt::print("{}\n", line);
  std::fflush(stdout);
}

}  // namespace netwright
