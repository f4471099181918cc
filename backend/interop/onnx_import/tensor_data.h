#pragma once
// The numbers of a TensorProto, in the message or in a file beside the model.

#include <onnx/onnx_pb.h>

#include <filesystem>

#include "backend/core/result.h"
#include "backend/interop/onnx_import/constant.h"

namespace netwright::onnx_import {

/// `folder` is the model's, where external data may lie: only in it or below, not through links. Where that file isn't
/// there the constant is `missing`. Refuses sizes that don't fit the data, and types that hold no numbers.
/// The message's own copy of the data is released.
Result<Constant> take_tensor(onnx::TensorProto& tensor, const std::filesystem::path& folder);

/// True for a type of real numbers (float, double, float16, bfloat16), false for whole numbers and bool; nothing for
/// strings, complex numbers and unknown types.
std::optional<bool> is_real_type(int data_type);

}  // namespace netwright::onnx_import
