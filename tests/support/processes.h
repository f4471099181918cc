#pragma once
// Several engines that train together, as torchrun starts them.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QElapsedTimer>
#include <QProcess>
#include <QProcessEnvironment>
#include <algorithm>
#include <memory>
#include <vector>

#include "tests/support/engine.h"

namespace netwright {

/// One that nothing listens at by now; 0 where there is none.
inline quint16 free_port() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool is_bound = bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                        getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(listener);
  return is_bound ? ntohs(address.sin_port) : 0;
}

inline QProcessEnvironment environment_of_process(int rank, int size, quint16 port) {
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  environment.insert("RANK", QString::number(rank));
  environment.insert("LOCAL_RANK", QString::number(rank));
  environment.insert("WORLD_SIZE", QString::number(size));
  environment.insert("LOCAL_WORLD_SIZE", QString::number(size));
  environment.insert("MASTER_ADDR", "127.0.0.1");
  environment.insert("MASTER_PORT", QString::number(port));
  return environment;
}

class EngineProcesses {
 public:
  EngineProcesses(int size, const QStringList& arguments) {
    const quint16 port = free_port();
    for (int rank = 0; rank < size; ++rank) {
      auto process = std::make_unique<QProcess>();
      process->setProcessEnvironment(environment_of_process(rank, size, port));
      process->start(QStringLiteral(NETWRIGHT_BIN "/netwright-engine"), arguments);
      processes_.push_back(std::move(process));
    }
    for (const auto& process : processes_) process->waitForStarted();
  }
  ~EngineProcesses() {
    for (const auto& process : processes_) {
      if (process->state() == QProcess::NotRunning) continue;
      process->kill();
      process->waitForFinished();
    }
  }

  QProcess& at(int rank) { return *processes_[static_cast<std::size_t>(rank)]; }

  /// By rank.
  std::vector<EngineRun> finish(int timeout = 300'000) {
    std::vector<EngineRun> ends;
    QElapsedTimer clock;
    clock.start();
    for (const auto& process : processes_) {
      const bool is_done = process->state() == QProcess::NotRunning ||
                           process->waitForFinished(std::max(1, timeout - static_cast<int>(clock.elapsed())));
      const bool is_whole = is_done && process->exitStatus() == QProcess::NormalExit;
      ends.push_back(
          {is_whole ? process->exitCode() : -1, process->readAllStandardOutput(), process->readAllStandardError()});
    }
    return ends;
  }

 private:
  std::vector<std::unique_ptr<QProcess>> processes_;
};

}  // namespace netwright
