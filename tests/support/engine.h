#pragma once
// Runs the built netwright-engine.

#include <QProcess>
#include <QString>
#include <QStringList>

namespace netwright {

struct EngineRun {
  int code = -1;  ///< −1 where it crashed or didn't end
  QByteArray output;
  QByteArray errors;
};

inline EngineRun run_engine(const QStringList& arguments) {
  QProcess engine;
  engine.start(QStringLiteral(NETWRIGHT_BIN "/netwright-engine"), arguments);
  if (!engine.waitForFinished(300'000) || engine.exitStatus() != QProcess::NormalExit) return {};
  return {engine.exitCode(), engine.readAllStandardOutput(), engine.readAllStandardError()};
}

}  // namespace netwright
