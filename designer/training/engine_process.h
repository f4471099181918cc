#pragma once
// The training engine as a child process: events come from its stdout, commands go to its stdin, its stderr is log.
// Never blocks the event loop.

#include <QElapsedTimer>
#include <QObject>
#include <QProcess>
#include <QStringList>
#include <QTimer>
#include <deque>

#include "backend/run/event.h"

namespace netwright {

/// What the engine is to do, and where its record goes.
struct EngineJob {
  QString target;              ///< a project's file; to resume: a run's folder
  QString run_folder = {};     ///< must not exist yet: the engine makes it; empty for verbs that leave no record
  QString device = {};         ///< `auto`, `cpu`, `cuda`, `cuda:1`; empty for the engine's default
  QStringList arguments = {};  ///< further ones
  QString verb = QStringLiteral("train");
};

class EngineProcess : public QObject {
  Q_OBJECT

 public:
  explicit EngineProcess(QObject* parent = nullptr);
  /// Ends the child, politely for a moment and then surely.
  ~EngineProcess() override;

  /// `netwright-engine` beside this program, else on the PATH; empty where there is none.
  static QString find_program();
  /// Instead of find_program().
  void set_program(const QString& program) { program_ = program; }
  const QString& program() const { return program_; }
  /// How long stop() waits for the answer before SIGTERM, and from there before SIGKILL.
  void set_grace(int stop_ms, int terminate_ms);

  /// What goes wrong arrives as failed(). Does nothing while running.
  void start(const EngineJob& job);
  bool is_running() const { return process_.state() != QProcess::NotRunning; }
  void send(const Command& command);
  /// Asks by command, then SIGTERM, then SIGKILL.
  void stop();
  /// The last lines of stderr, and those of stdout that were no events.
  QString log_tail() const;

 signals:
  void event_arrived(const netwright::Event& event);
  /// The process ended after its `done` event.
  void finished();
  /// It couldn't start, crashed, or ended without `done`: words, then the last lines of its log.
  void failed(const QString& message);

 private:
  void read_events();
  void read_log();
  void take_lines(const std::vector<std::string>& lines);
  void keep_in_log(const std::string& line);
  void process_ended(int exit_code, QProcess::ExitStatus status);
  void process_error(QProcess::ProcessError error);
  void escalate();

  enum class Ending { None, Asked, Terminated, Killed };

  QProcess process_;
  QString program_;
  LineBuffer events_;
  LineBuffer log_;
  std::deque<std::string> log_tail_;
  QTimer grace_;
  int stop_ms_ = 10000;
  int terminate_ms_ = 5000;
  Ending ending_ = Ending::None;
  bool is_done_ = false;
};

}  // namespace netwright
