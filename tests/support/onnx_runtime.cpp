#include "tests/support/onnx_runtime.h"

#include "backend/core/json_text.h"
#include "backend/core/safe_file.h"
#include "backend/data/npy.h"

namespace netwright {

namespace {

const QString support = QStringLiteral(NETWRIGHT_SUPPORT);

}  // namespace

QString OnnxRuntime::start() {
  QProcess install;
  install.start(support + "/onnxruntime.sh", {QStringLiteral(NETWRIGHT_ONNXRUNTIME_CACHE)});
  if (!install.waitForFinished(120'000)) return "onnxruntime.sh: " + install.errorString();
  if (install.exitCode() != 0) return QString::fromUtf8(install.readAllStandardError()).trimmed();
  const QString folder = QString::fromUtf8(install.readAllStandardOutput()).trimmed();
  node_.setProcessChannelMode(QProcess::ForwardedErrorChannel);
  node_.start("node", {support + "/onnx_runtime.js", folder});
  return node_.waitForStarted() ? QString() : "node: " + node_.errorString();
}

OnnxRuntime::~OnnxRuntime() {
  node_.closeWriteChannel();
  node_.waitForFinished(5'000);
}

Result<OnnxRuntime::Arrays> OnnxRuntime::run(const std::string& model, const Arrays& inputs, bool optimised) {
  const std::filesystem::path folder = folder_.path().toStdString();
  Json request = {{"model", (folder / "model.onnx").string()},
                  {"inputs", Json::object()},
                  {"outputs", folder.string()},
                  {"optimised", optimised}};
  if (auto written = write_file(folder / "model.onnx", model); !written) return written.error();
  for (const auto& [name, array] : inputs) {
    const auto file = folder / ("input" + std::to_string(request["inputs"].size()) + ".npy");
    if (auto written = write_npy(file, array); !written) return written.error();
    request["inputs"][name] = file.string();
  }
  node_.write(QByteArray::fromStdString(request.dump()) + '\n');
  while (!node_.canReadLine()) {
    if (!node_.waitForReadyRead(60'000)) return Error{"ONNX Runtime's process gave no answer."};
  }
  const Json reply = Json::parse(node_.readLine().toStdString());
  if (reply.contains("error")) return Error{"ONNX Runtime: " + reply["error"].get<std::string>()};
  Arrays outputs;
  for (const auto& [name, file] : reply["outputs"].items()) {
    auto array = read_npy(file.get<std::string>());
    if (!array) return array.error();
    outputs[name] = std::move(*array);
  }
  return outputs;
}

}  // namespace netwright
