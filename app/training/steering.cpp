#include "app/training/steering.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <string>
#include <string_view>

#include "app/training/stop_signals.h"
#include "backend/run/event.h"

namespace netwright {

namespace {

constexpr char stop_byte = 's';
constexpr char leave_byte = 'l';

// A handler may touch little: it writes a byte to a pipe that the listening thread reads.
std::atomic<int> signal_pipe{-1};
std::atomic<int> signals_seen{0};

void on_signal(int signal) {
  if (++signals_seen > 1) _exit(128 + signal);
  const int kept = errno;
  [[maybe_unused]] const auto written = write(signal_pipe, &stop_byte, 1);
  errno = kept;
}

void push_line(CommandQueue& commands, std::string_view line) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
  std::string why;
  if (const auto command = command_from_line(line, why)) {
    commands.push(*command);
  } else {
    commands.push(RefusedLine{why});
  }
}

}  // namespace

Steering::Steering(CommandQueue& commands, bool reads_stdin) : commands_(commands) {
  if (pipe2(pipe_.data(), O_CLOEXEC) != 0) return;
  signals_seen = 0;
  signal_pipe = pipe_[1];
  handle_stop_signals(on_signal);
  thread_ = std::thread(&Steering::listen, this, reads_stdin);
}

Steering::~Steering() {
  if (!thread_.joinable()) return;
  handle_stop_signals(SIG_DFL);
  [[maybe_unused]] const auto written = write(pipe_[1], &leave_byte, 1);
  thread_.join();
  for (const int end : pipe_) close(end);
}

void Steering::listen(bool reads_stdin) {
  LineBuffer lines;
  std::array<char, 4096> chunk;
  std::array<pollfd, 2> sources{pollfd{pipe_[0], POLLIN, 0}, pollfd{reads_stdin ? STDIN_FILENO : -1, POLLIN, 0}};
  while (true) {
    if (poll(sources.data(), sources.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (sources[0].revents != 0) {
      char byte = leave_byte;
      if (read(pipe_[0], &byte, 1) != 1 || byte == leave_byte) return;
      commands_.push(Command{.kind = Command::Kind::Stop});
    }
    if (sources[1].revents != 0) {
      const ssize_t size = read(STDIN_FILENO, chunk.data(), chunk.size());
      if (size > 0) {
        for (const std::string& line : lines.add({chunk.data(), static_cast<std::size_t>(size)}))
          push_line(commands_, line);
      } else if (size == 0 || errno != EINTR) {
        sources[1].fd = -1;
      }
    }
  }
}

}  // namespace netwright
