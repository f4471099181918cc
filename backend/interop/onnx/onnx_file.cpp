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

using google::protobuf::io::CodedInputStream;

constexpr std::uintmax_t largest_file = std::numeric_limits<std::int32_t>::max();
constexpr int deepest_message = 50;
/// Each may take some hundred bytes once it is parsed.
constexpr std::int64_t most_parts = 16'000'000;

/// The messages of onnx.proto whose fields are looked into.
enum class Message { Model, Graph, Node, Attribute, Tensor, Other };

/// What a field that has a length holds: a message, one string or block of numbers, or what grows as it is parsed.
struct Content {
  Message message = Message::Other;
  bool is_block = false;
};

Content content_of(Message message, int field) {
  using Model = onnx::ModelProto;
  using Graph = onnx::GraphProto;
  using Node = onnx::NodeProto;
  using Attribute = onnx::AttributeProto;
  using Tensor = onnx::TensorProto;
  const Content block = {Message::Other, true};
  switch (message) {
    case Message::Model:
      if (field == Model::kGraphFieldNumber) return {Message::Graph};
      return field == Model::kDocStringFieldNumber ? block : Content();
    case Message::Graph:
      if (field == Graph::kNodeFieldNumber) return {Message::Node};
      if (field == Graph::kInitializerFieldNumber) return {Message::Tensor};
      return field == Graph::kDocStringFieldNumber ? block : Content();
    case Message::Node:
      return field == Node::kAttributeFieldNumber ? Content{Message::Attribute} : block;
    case Message::Attribute:
      if (field == Attribute::kTFieldNumber) return {Message::Tensor};
      if (field == Attribute::kGFieldNumber) return {Message::Graph};
      return field == Attribute::kSFieldNumber || field == Attribute::kFloatsFieldNumber ? block : Content();
    case Message::Tensor:
      return field == Tensor::kRawDataFieldNumber || field == Tensor::kFloatDataFieldNumber ||
                     field == Tensor::kDoubleDataFieldNumber
                 ? block
                 : Content();
    case Message::Other:
      break;
  }
  return {};
}

/// Counts what parsing would make objects or numbers of, without making them; false where there are too many, or the
/// bytes aren't protobuf's.
bool has_bounded_parts(CodedInputStream& stream, Message message, std::int64_t& parts, int depth) {
  if (depth > deepest_message) return false;
  while (const std::uint32_t tag = stream.ReadTag()) {
    if (++parts > most_parts) return false;
    constexpr std::uint32_t wire_bits = 7;
    std::uint64_t number = 0;
    std::uint32_t length = 0;
    switch (tag & wire_bits) {
      case 0:  // varint
        if (!stream.ReadVarint64(&number)) return false;
        continue;
      case 1:  // 64 bits
        if (!stream.Skip(sizeof(std::uint64_t))) return false;
        continue;
      case 5:  // 32 bits
        if (!stream.Skip(sizeof(std::uint32_t))) return false;
        continue;
      case 2:
        if (!stream.ReadVarint32(&length) || length > largest_file) return false;
        break;
      default:  // groups, which ONNX doesn't have
        return false;
    }
    const Content content = content_of(message, static_cast<int>(tag >> 3));
    if (content.message == Message::Other) {
      if (!content.is_block) parts += length;
      if (parts > most_parts || !stream.Skip(static_cast<int>(length))) return false;
      continue;
    }
    const CodedInputStream::Limit limit = stream.PushLimit(static_cast<int>(length));
    if (!has_bounded_parts(stream, content.message, parts, depth + 1)) return false;
    if (stream.BytesUntilLimit() != 0) return false;
    stream.PopLimit(limit);
  }
  return true;
}

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
  {
    google::protobuf::io::IstreamInputStream stream(&file);
    CodedInputStream coded(&stream);
    std::int64_t parts = 0;
    if (!has_bounded_parts(coded, Message::Model, parts, 0)) {
      return Error{fmt::format("{} isn't a whole ONNX model: {} byte {}.", path.string(),
                               parts > most_parts ? "it has an absurd count of parts, at" : "it is damaged after",
                               coded.CurrentPosition())};
    }
  }
  file.clear();
  file.seekg(0);
  auto model = std::make_unique<onnx::ModelProto>();
  google::protobuf::io::IstreamInputStream stream(&file);
  CodedInputStream coded(&stream);
  coded.SetRecursionLimit(deepest_message);
  if (!model->ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage()) {
    return Error{fmt::format("{} isn't a whole ONNX model: its contents can't be parsed after byte {}.", path.string(),
                             coded.CurrentPosition())};
  }
  if (!model->has_graph()) return Error{fmt::format("{} isn't an ONNX model: it holds no graph.", path.string())};
  return model;
}

}  // namespace netwright
