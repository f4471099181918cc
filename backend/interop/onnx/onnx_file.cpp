#include "backend/interop/onnx/onnx_file.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <system_error>

#include "backend/core/numbers.h"

namespace netwright {

namespace {

constexpr std::uintmax_t largest_file = std::numeric_limits<std::int32_t>::max();
constexpr int deepest_nesting = 50;

}  // namespace

Result<std::unique_ptr<onnx::ModelProto>> read_onnx_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return Error{fmt::format("There is no file {}.", path.string())};
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) return Error{fmt::format("Can't read {}: {}.", path.string(), std::strerror(errno))};
  if (size > largest_file) {
    return Error{fmt::format("{} is larger than an ONNX file may be ({}); keep its weights as external data.",
                             path.string(), bytes_text(static_cast<std::int64_t>(largest_file)))};
  }
  auto model = std::make_unique<onnx::ModelProto>();
  google::protobuf::io::IstreamInputStream stream(&file);
  google::protobuf::io::CodedInputStream coded(&stream);
  coded.SetRecursionLimit(deepest_nesting);
  if (!model->ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage()) {
    return Error{fmt::format("{} isn't a whole ONNX model: its contents can't be parsed after byte {}.", path.string(),
                             coded.CurrentPosition())};
  }
  if (!model->has_graph()) return Error{fmt::format("{} isn't an ONNX model: it holds no graph.", path.string())};
  return model;
}

}  // namespace netwright
