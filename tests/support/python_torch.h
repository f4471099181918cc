#pragma once
// Real PyTorch (Debian's python3-torch) as an oracle for the engine's tests.

#include <torch/torch.h>

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QProcessEnvironment>
#include <QString>
#include <QStringList>
#include <stdexcept>
#include <vector>

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

/// Plain numbers without a header, as numpy's tofile() writes them; throws where the file doesn't hold so many.
template <class T>
torch::Tensor read_numbers(const QString& path, std::vector<std::int64_t> sizes) {
  torch::Tensor tensor = torch::empty(sizes, torch::CppTypeToScalarType<T>::value);
  const auto bytes = static_cast<qint64>(tensor.nbytes());
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly) || file.size() != bytes ||
      file.read(static_cast<char*>(tensor.data_ptr()), bytes) != bytes) {
    throw std::runtime_error("Can't read " + path.toStdString());
  }
  return tensor;
}

inline void write_numbers(const QString& path, const torch::Tensor& tensor) {
  const torch::Tensor whole = tensor.detach().contiguous();
  QFile file(path);
  const auto bytes = static_cast<qint64>(whole.nbytes());
  if (!file.open(QIODevice::WriteOnly) || file.write(static_cast<const char*>(whole.data_ptr()), bytes) != bytes) {
    throw std::runtime_error("Can't write " + path.toStdString());
  }
}

}  // namespace netwright
