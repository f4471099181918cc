#include "app/training/run_output.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "backend/core/utc.h"

namespace netwright {

bool print_event(const Event& event) {
  const std::string line = to_line(event) + "\n";
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::fflush(stdout) == 0;
}

Result<RunOutput> RunOutput::open(const RunFolder& folder, bool as_json, const std::string& unit) {
  auto record = EventWriter::append_to(folder.events_file());
  if (!record) return record.error();
  std::ofstream log(folder.log_file(), std::ios::app);
  if (!log) return Error{fmt::format("Can't write {}: {}.", folder.log_file().string(), std::strerror(errno))};
  return RunOutput(std::move(*record), std::move(log), as_json, unit);
}

RunOutput::RunOutput(EventWriter record, std::ofstream log, bool as_json, const std::string& unit)
    : record_(std::move(record)), log_(std::move(log)), as_json_(as_json), progress_(unit) {}

void RunOutput::add(const Event& event) {
  if (const Result<void> written = record_.write(event); !written && !record_failed_) {
    record_failed_ = true;
    log("error: " + written.error().message);
    fmt::print(stderr, "netwright-engine: {}\n", written.error().message);
  }
  log(event);
  write_tensorboard(event);
  show(event);
}

void RunOutput::begin_tensorboard(const RunFolder& folder, const std::vector<Event>& known) {
  // A convenience beside the record: where it can't be had, the run goes on without.
  auto writer = TensorBoardWriter::begin(folder.path(), known);
  if (writer) {
    tensorboard_.emplace(std::move(*writer));
  } else {
    log("warning: no event files for TensorBoard: " + writer.error().message);
  }
}

void RunOutput::write_tensorboard(const Event& event) {
  if (!tensorboard_) return;
  if (const auto written = tensorboard_->write(event); !written) {
    log("warning: no more event files for TensorBoard: " + written.error().message);
    tensorboard_.reset();
  }
}

void RunOutput::show(const Event& event) {
  if (!as_json_) {
    progress_.show(event);
  } else if (!stdout_failed_ && !print_event(event)) {
    // Whoever listened is gone; the run is worth finishing all the same.
    stdout_failed_ = true;
    log("warning: stdout is closed, events go to the record alone");
  }
}

void RunOutput::log(const std::string& line) {
  log_ << utc_text() << ' ' << line << std::endl;
}

void RunOutput::log(const Event& event) {
  if (const auto* run = std::get_if<RunEvent>(&event)) {
    std::string environment;
    for (const auto& [name, value] : run->environment) environment += fmt::format(", {} {}", name, value);
    log(fmt::format(
        "info: training {} ({} parameters) on {}, {} training, {} validation and {} test samples (data {}){}",
        run->network, run->parameters, run->device, run->train_samples, run->validation_samples, run->test_samples,
        run->data, environment));
  } else if (const auto* epoch = std::get_if<EpochEvent>(&event)) {
    std::string figures;
    for (const auto& [name, value] : epoch->train) figures += fmt::format(", {} {:.6g}", name, value);
    for (const auto& [name, value] : epoch->held_out) figures += fmt::format(", held-out {} {:.6g}", name, value);
    log(fmt::format("info: epoch {}{}, {:.2f} s", epoch->epoch, figures, epoch->seconds));
  } else if (const auto* checkpoint = std::get_if<CheckpointEvent>(&event)) {
    log(fmt::format("info: wrote {} at step {}", checkpoint->file, checkpoint->step));
  } else if (const auto* command = std::get_if<CommandEvent>(&event)) {
    log(fmt::format("info: command {} at step {}", to_line(command->command), command->step));
  } else if (const auto* alarm = std::get_if<AlarmEvent>(&event)) {
    log(fmt::format("{}: {}: {}", alarm->is_over ? "info" : "warning", alarm->kind, alarm->text));
  } else if (const auto* message = std::get_if<MessageEvent>(&event)) {
    log(message->severity + ": " + message->text);
  } else if (const auto* done = std::get_if<DoneEvent>(&event)) {
    log(fmt::format("info: {} after {} epochs, {:.2f} s", done->reason, done->epochs, done->elapsed));
  }
}

}  // namespace netwright
