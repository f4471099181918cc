#pragma once
// ONNX Runtime as an oracle: one node process for all models of a test program.

#include <QProcess>
#include <QString>
#include <QTemporaryDir>
#include <map>
#include <string>

#include "backend/core/result.h"
#include "backend/data/array.h"

namespace netwright {

class OnnxRuntime {
 public:
  using Arrays = std::map<std::string, Array>;

  /// Why it can't run here; empty where it can. The first call in a build folder installs it, which takes a minute.
  QString start();
  /// The model's outputs by name; float32 and int64 only. Optimised, nodes may be merged, as users have it.
  Result<Arrays> run(const std::string& model, const Arrays& inputs, bool optimised = true);
  ~OnnxRuntime();

 private:
  QProcess node_;
  QTemporaryDir folder_;
};

}  // namespace netwright
