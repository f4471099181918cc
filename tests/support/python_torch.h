#pragma once
// What real PyTorch (see python_oracle.h) and the engine's tests hand each other.

#include <torch/torch.h>

#include <QFile>
#include <QString>
#include <stdexcept>
#include <vector>

#include "tests/support/python_oracle.h"

namespace netwright {

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
