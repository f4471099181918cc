#pragma once
// A file of ONNX (https://github.com/onnx/onnx/blob/main/docs/IR.md): one protobuf message.

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <memory>

#include "backend/core/result.h"

namespace netwright {

/// Refuses what is larger than protobuf takes (2 GiB), isn't a model, or holds an absurd count of parts. Only the form
/// is checked: names, indices and sizes inside may be wrong.
Result<std::unique_ptr<onnx::ModelProto>> read_onnx_file(const std::filesystem::path& path);

}  // namespace netwright
