#include "designer/training/engine_process.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QMetaObject>
#include <QStandardPaths>
#include <csignal>

namespace netwright {
namespace {

constexpr std::size_t log_lines = 40;
constexpr std::size_t longest_line = 2000;
const char engine_name[] = "netwright-engine";

QString words_for_signal(int number) {
  switch (number) {
    case SIGKILL:
      return EngineProcess::tr("it was killed from outside, as happens when memory runs out");
    case SIGSEGV:
      return EngineProcess::tr("segmentation fault");
    case SIGABRT:
      return EngineProcess::tr("it aborted, and its log says why");
    default:
      return EngineProcess::tr("signal %1").arg(number);
  }
}

}  // namespace

EngineProcess::EngineProcess(QObject* parent) : QObject(parent) {
  grace_.setSingleShot(true);
  connect(&grace_, &QTimer::timeout, this, &EngineProcess::escalate);
  connect(&process_, &QProcess::readyReadStandardOutput, this, &EngineProcess::read_events);
  connect(&process_, &QProcess::readyReadStandardError, this, &EngineProcess::read_log);
  connect(&process_, &QProcess::finished, this, &EngineProcess::process_ended);
  connect(&process_, &QProcess::errorOccurred, this, &EngineProcess::process_error);
}

EngineProcess::~EngineProcess() {
  process_.disconnect(this);
  if (!is_running()) return;
  // SIGTERM lets the engine write its checkpoint; a second is what closing a window may take.
  process_.terminate();
  if (process_.waitForFinished(1000)) return;
  process_.kill();
  process_.waitForFinished(-1);
}

QString EngineProcess::find_program() {
  const QFileInfo beside(QDir(QCoreApplication::applicationDirPath()), QString::fromLatin1(engine_name));
  if (beside.isFile() && beside.isExecutable()) return beside.absoluteFilePath();
  return QStandardPaths::findExecutable(QString::fromLatin1(engine_name));
}

void EngineProcess::set_grace(int stop_ms, int terminate_ms) {
  stop_ms_ = stop_ms;
  terminate_ms_ = terminate_ms;
}

void EngineProcess::start(const EngineJob& job) {
  if (is_running()) return;
  events_ = {};
  log_ = {};
  log_tail_.clear();
  ending_ = Ending::None;
  is_done_ = false;

  const QString program = program_.isEmpty() ? find_program() : program_;
  if (program.isEmpty()) {
    const QString words = tr("The training engine, netwright-engine, is neither in %1 nor on the PATH. Build it "
                             "(-DNETWRIGHT_ENGINE=ON) or install it, then press Train again.")
                              .arg(QDir::toNativeSeparators(QCoreApplication::applicationDirPath()));
    QMetaObject::invokeMethod(
        this, [this, words] { emit failed(words); }, Qt::QueuedConnection);
    return;
  }
  QStringList arguments{job.verb, job.target};
  if (!job.run_folder.isEmpty()) arguments << QStringLiteral("--run") << job.run_folder;
  arguments << QStringLiteral("--json");
  if (!job.device.isEmpty()) arguments << QStringLiteral("--device") << job.device;
  process_.start(program, arguments + job.arguments);
}

void EngineProcess::send(const Command& command) {
  if (is_running()) process_.write(QByteArray::fromStdString(to_line(command)) + '\n');
}

void EngineProcess::stop() {
  if (!is_running() || ending_ != Ending::None) return;
  send({Command::Kind::Stop});
  ending_ = Ending::Asked;
  grace_.start(stop_ms_);
}

void EngineProcess::escalate() {
  if (!is_running()) return;
  if (ending_ == Ending::Terminated) {
    ending_ = Ending::Killed;
    process_.kill();
    return;
  }
  ending_ = Ending::Terminated;
  process_.terminate();
  grace_.start(terminate_ms_);
}

QString EngineProcess::log_tail() const {
  QStringList lines;
  for (const std::string& line : log_tail_) lines << QString::fromStdString(line);
  return lines.join(QLatin1Char('\n'));
}

void EngineProcess::read_events() {
  const QByteArray chunk = process_.readAllStandardOutput();
  take_lines(events_.add({chunk.constData(), static_cast<std::size_t>(chunk.size())}));
}

void EngineProcess::take_lines(const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    const std::optional<Event> event = event_from_line(line);
    if (!event) {
      keep_in_log(line);
      continue;
    }
    if (std::holds_alternative<DoneEvent>(*event)) {
      is_done_ = true;
      // An engine that has said its last word and stays is ended all the same.
      if (ending_ == Ending::None) ending_ = Ending::Asked;
      if (!grace_.isActive()) grace_.start(stop_ms_);
    }
    emit event_arrived(*event);
  }
}

void EngineProcess::read_log() {
  const QByteArray chunk = process_.readAllStandardError();
  for (const std::string& line : log_.add({chunk.constData(), static_cast<std::size_t>(chunk.size())})) {
    keep_in_log(line);
  }
}

void EngineProcess::keep_in_log(const std::string& line) {
  if (line.empty()) return;
  log_tail_.push_back(line.substr(0, longest_line));
  if (log_tail_.size() > log_lines) log_tail_.pop_front();
}

void EngineProcess::process_error(QProcess::ProcessError error) {
  if (error != QProcess::FailedToStart) return;  // the others are followed by finished()
  grace_.stop();
  const QString words =
      tr("The training engine %1 could not be started: %2").arg(process_.program(), process_.errorString());
  QMetaObject::invokeMethod(
      this, [this, words] { emit failed(words); }, Qt::QueuedConnection);
}

void EngineProcess::process_ended(int exit_code, QProcess::ExitStatus status) {
  grace_.stop();
  read_events();
  read_log();
  take_lines(events_.add("\n"));
  for (const std::string& line : log_.add("\n")) keep_in_log(line);
  grace_.stop();
  if (is_done_) {
    emit finished();
    return;
  }
  QString words;
  if (ending_ == Ending::Killed) {
    words = tr("The training engine did not answer when asked to stop and was ended. Its last checkpoint is kept.");
  } else if (ending_ == Ending::Terminated) {
    words =
        tr("The training engine did not answer the stop command and was ended by a signal. Its last checkpoint is "
           "kept.");
  } else if (status == QProcess::CrashExit) {
    words = tr("The training engine crashed: %1. The drawing is untouched.").arg(words_for_signal(exit_code));
  } else {
    words = tr("The training engine ended early, with exit code %1. The drawing is untouched.").arg(exit_code);
  }
  const QString tail = log_tail();
  if (!tail.isEmpty()) words += QStringLiteral("\n\n") + tail;
  emit failed(words);
}

}  // namespace netwright
