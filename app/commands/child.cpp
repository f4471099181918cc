#include "app/commands/child.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

#include "app/training/stop_signals.h"

namespace netwright {

namespace {

std::atomic<pid_t> child{0};
std::atomic<bool> stop_came{false};

void pass_on(int signal) {
  const int kept = errno;
  stop_came = true;
  if (const pid_t running = child; running > 0) kill(running, signal);
  errno = kept;
}

}  // namespace

ChildWatch::ChildWatch() {
  stop_came = false;
  handle_stop_signals(pass_on);
}

ChildWatch::~ChildWatch() {
  handle_stop_signals(SIG_DFL);
}

bool ChildWatch::was_stopped() const {
  return stop_came;
}

int ChildWatch::run(const std::vector<std::string>& arguments, bool quiet) {
  std::vector<std::string> words = {"netwright-engine"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t forked = fork();
  if (forked < 0) return -1;
  if (forked == 0) {
    // A group of its own: the terminal's Ctrl-C comes once, from the parent. Dies with it, however that ends.
    setpgid(0, 0);
    handle_stop_signals(SIG_DFL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(128 + SIGTERM);
    if (quiet) dup2(STDERR_FILENO, STDOUT_FILENO);
    execv("/proc/self/exe", pointers.data());
    _exit(127);
  }
  child = forked;
  if (stop_came) kill(forked, SIGTERM);
  int status = 0;
  while (waitpid(forked, &status, 0) < 0 && errno == EINTR) {
  }
  child = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace netwright
