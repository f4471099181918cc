#pragma once
// Real PyTorch (Debian's python3-torch) as an oracle for tests.

#include <QProcess>
#include <QProcessEnvironment>
#include <QString>
#include <QStringList>

namespace netwright {

/// Runs a script of tests/ with /usr/bin/python3; returns what it said where it failed, else nothing.
inline QString run_python_torch(const QString& script, const QStringList& arguments) {
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  environment.insert("OMP_NUM_THREADS", "1");
  environment.insert("OPENBLAS_NUM_THREADS", "1");
  QProcess python;
  python.setProcessEnvironment(environment);
  python.setProcessChannelMode(QProcess::MergedChannels);
  python.start("/usr/bin/python3", QStringList{QStringLiteral(NETWRIGHT_SOURCE "/tests/") + script} + arguments);
  if (!python.waitForFinished(300'000)) return "/usr/bin/python3: " + python.errorString();
  if (python.exitStatus() == QProcess::NormalExit && python.exitCode() == 0) return {};
  return QString("%1 failed: %2").arg(script, QString::fromUtf8(python.readAll()));
}

}  // namespace netwright
