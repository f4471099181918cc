#pragma once
// Files and other programs, for tests of formats.

#include <QByteArray>
#include <QFile>
#include <QProcess>
#include <QString>
#include <QStringList>

#include "designer/document/file_path.h"

namespace netwright {

inline bool put_file(const QString& path, const QByteArray& content) {
  QFile file(path);
  return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

inline QByteArray file_content(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Runs Python source with Debian's interpreter; what it printed, or "failed: …".
inline QString run_python(const QString& source, const QStringList& arguments) {
  QProcess python;
  python.setProcessChannelMode(QProcess::MergedChannels);
  python.start("/usr/bin/python3", QStringList{"-c", source} + arguments);
  if (!python.waitForFinished(60'000)) return "failed: " + python.errorString();
  const QString output = QString::fromUtf8(python.readAll()).trimmed();
  return python.exitCode() == 0 ? output : "failed: " + output;
}

}  // namespace netwright
