#include "backend/interop/onnx_import/tensor_data.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <system_error>

#include "backend/core/numbers.h"

namespace netwright::onnx_import {

static_assert(std::endian::native == std::endian::little, "raw data is little-endian and copied as it is");

namespace {

constexpr int most_axes = 16;
constexpr std::int64_t most_elements = std::int64_t{1} << 40;

float from_half(std::uint16_t bits) {
  const float sign = (bits & 0x8000U) != 0 ? -1.0F : 1.0F;
  const int exponent = (bits >> 10) & 0x1F;
  const auto fraction = static_cast<float>(bits & 0x3FFU);
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  if (exponent == 31) return fraction != 0 ? std::numeric_limits<float>::quiet_NaN() : sign * INFINITY;
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

float from_bfloat(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// Numbers of type Stored, turned into To one by one.
template <class Stored, class To, class Convert>
std::vector<To> converted(const std::string& raw, const Convert& convert) {
  std::vector<To> numbers(raw.size() / sizeof(Stored));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, raw.data() + i * sizeof(Stored), sizeof(Stored));
    numbers[i] = convert(stored);
  }
  return numbers;
}

template <class Stored>
std::vector<float> reals(const std::string& raw) {
  return converted<Stored, float>(raw, [](Stored number) { return static_cast<float>(number); });
}

template <class Stored>
std::vector<std::int64_t> wholes(const std::string& raw) {
  return converted<Stored, std::int64_t>(raw, [](Stored number) { return static_cast<std::int64_t>(number); });
}

std::size_t element_bytes(int type) {
  switch (type) {
    case onnx::TensorProto::DOUBLE:
    case onnx::TensorProto::INT64:
    case onnx::TensorProto::UINT64:
      return 8;
    case onnx::TensorProto::FLOAT:
    case onnx::TensorProto::INT32:
    case onnx::TensorProto::UINT32:
      return 4;
    case onnx::TensorProto::FLOAT16:
    case onnx::TensorProto::BFLOAT16:
    case onnx::TensorProto::INT16:
    case onnx::TensorProto::UINT16:
      return 2;
    default:
      return 1;
  }
}

Constant from_raw(int type, Sizes sizes, const std::string& raw) {
  switch (type) {
    case onnx::TensorProto::FLOAT:
      return Constant::real(std::move(sizes), reals<float>(raw));
    case onnx::TensorProto::DOUBLE:
      return Constant::real(std::move(sizes), reals<double>(raw));
    case onnx::TensorProto::FLOAT16:
      return Constant::real(std::move(sizes), converted<std::uint16_t, float>(raw, from_half));
    case onnx::TensorProto::BFLOAT16:
      return Constant::real(std::move(sizes), converted<std::uint16_t, float>(raw, from_bfloat));
    case onnx::TensorProto::INT64:
    case onnx::TensorProto::UINT64:
      return Constant::whole(std::move(sizes), wholes<std::int64_t>(raw));
    case onnx::TensorProto::INT32:
      return Constant::whole(std::move(sizes), wholes<std::int32_t>(raw));
    case onnx::TensorProto::UINT32:
      return Constant::whole(std::move(sizes), wholes<std::uint32_t>(raw));
    case onnx::TensorProto::INT16:
      return Constant::whole(std::move(sizes), wholes<std::int16_t>(raw));
    case onnx::TensorProto::UINT16:
      return Constant::whole(std::move(sizes), wholes<std::uint16_t>(raw));
    case onnx::TensorProto::INT8:
      return Constant::whole(std::move(sizes), wholes<std::int8_t>(raw));
    default:  // UINT8 and BOOL
      return Constant::whole(std::move(sizes), wholes<std::uint8_t>(raw));
  }
}

/// From the typed lists of the message; each type has one list (onnx.proto, "TensorProto").
Constant from_lists(const onnx::TensorProto& tensor, Sizes sizes) {
  const int type = tensor.data_type();
  const auto real_list = [&](const auto& list) {
    return Constant::real(sizes, std::vector<float>(list.begin(), list.end()));
  };
  const auto whole_list = [&](const auto& list) {
    return Constant::whole(sizes, std::vector<std::int64_t>(list.begin(), list.end()));
  };
  switch (type) {
    case onnx::TensorProto::FLOAT:
      return real_list(tensor.float_data());
    case onnx::TensorProto::DOUBLE:
      return real_list(tensor.double_data());
    case onnx::TensorProto::INT64:
      return whole_list(tensor.int64_data());
    case onnx::TensorProto::UINT64:
    case onnx::TensorProto::UINT32:
      return whole_list(tensor.uint64_data());
    case onnx::TensorProto::FLOAT16:
    case onnx::TensorProto::BFLOAT16: {
      std::vector<float> numbers;
      for (const std::int32_t bits : tensor.int32_data()) {
        const auto half = static_cast<std::uint16_t>(bits);
        numbers.push_back(type == onnx::TensorProto::FLOAT16 ? from_half(half) : from_bfloat(half));
      }
      return Constant::real(std::move(sizes), std::move(numbers));
    }
    default:
      return whole_list(tensor.int32_data());
  }
}

std::size_t listed(const onnx::TensorProto& tensor) {
  switch (tensor.data_type()) {
    case onnx::TensorProto::FLOAT:
      return static_cast<std::size_t>(tensor.float_data_size());
    case onnx::TensorProto::DOUBLE:
      return static_cast<std::size_t>(tensor.double_data_size());
    case onnx::TensorProto::INT64:
      return static_cast<std::size_t>(tensor.int64_data_size());
    case onnx::TensorProto::UINT64:
    case onnx::TensorProto::UINT32:
      return static_cast<std::size_t>(tensor.uint64_data_size());
    default:
      return static_cast<std::size_t>(tensor.int32_data_size());
  }
}

/// Where external data lies: `location`, `offset`, `length` (docs/ExternalData.md of ONNX).
struct ExternalPlace {
  std::string location;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;
};

Result<ExternalPlace> external_place(const onnx::TensorProto& tensor) {
  ExternalPlace place;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") place.location = entry.value();
    if (entry.key() != "offset" && entry.key() != "length") continue;
    std::uint64_t number = 0;
    const char* end = entry.value().data() + entry.value().size();
    if (const auto parsed = std::from_chars(entry.value().data(), end, number);
        parsed.ec != std::errc() || parsed.ptr != end) {
      return Error{fmt::format("the {} of its external data, “{:.40}”, isn't a number", entry.key(), entry.value())};
    }
    if (entry.key() == "offset") place.offset = number;
    if (entry.key() == "length") place.length = number;
  }
  if (place.location.empty()) return Error{"its external data has no location"};
  return place;
}

/// The file below `folder`; nothing where it isn't there.
Result<std::optional<std::filesystem::path>> external_file(const std::string& location,
                                                           const std::filesystem::path& folder) {
  const std::filesystem::path relative(location);
  const auto refused = [&](const char* why) {
    return Error{fmt::format("its external data “{:.200}” {}; only files beside the model are read", location, why)};
  };
  if (location.find('\0') != std::string::npos) return refused("has no proper name");
  if (relative.is_absolute() || location.find('\\') != std::string::npos) return refused("isn't a relative path");
  std::filesystem::path path = folder.empty() ? "." : folder;
  std::error_code error;
  for (const auto& part : relative) {
    if (part == "..") return refused("leads out of the model's folder");
    path /= part;
    const auto status = std::filesystem::symlink_status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) return std::optional<std::filesystem::path>();
    if (error) return refused("can't be looked at");
    if (std::filesystem::is_symlink(status)) return refused("is reached through a link");
  }
  if (!std::filesystem::is_regular_file(path, error)) return refused("isn't a file");
  return std::optional(path);
}

Result<Constant> external_tensor(const onnx::TensorProto& tensor, Sizes sizes, std::uint64_t bytes, bool is_real,
                                 const std::filesystem::path& folder) {
  const Result<ExternalPlace> place = external_place(tensor);
  if (!place) return place.error();
  if (place->length && *place->length != bytes) {
    return Error{
        fmt::format("its external data has {} bytes where {} needs {}", *place->length, to_text(sizes), bytes)};
  }
  const auto path = external_file(place->location, folder);
  if (!path) return path.error();
  if (!*path) return Constant::missing(std::move(sizes), is_real);
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(**path, error);
  if (error || place->offset > size || bytes > size - place->offset) {
    return Error{fmt::format("its external data lies beyond the end of {}", (*path)->string())};
  }
  std::string raw(bytes, '\0');
  std::ifstream file(**path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(place->offset));
  if (!file.read(raw.data(), static_cast<std::streamsize>(bytes))) {
    return Error{fmt::format("{} can't be read", (*path)->string())};
  }
  return from_raw(tensor.data_type(), std::move(sizes), raw);
}

}  // namespace

std::optional<bool> is_real_type(int data_type) {
  switch (data_type) {
    case onnx::TensorProto::FLOAT:
    case onnx::TensorProto::DOUBLE:
    case onnx::TensorProto::FLOAT16:
    case onnx::TensorProto::BFLOAT16:
      return true;
    case onnx::TensorProto::INT8:
    case onnx::TensorProto::INT16:
    case onnx::TensorProto::INT32:
    case onnx::TensorProto::INT64:
    case onnx::TensorProto::UINT8:
    case onnx::TensorProto::UINT16:
    case onnx::TensorProto::UINT32:
    case onnx::TensorProto::UINT64:
    case onnx::TensorProto::BOOL:
      return false;
    default:
      return std::nullopt;
  }
}

Result<Constant> take_tensor(onnx::TensorProto& tensor, const std::filesystem::path& folder) {
  const auto refused = [&](const std::string& why) {
    return Error{fmt::format("The tensor “{:.100}” can't be read: {}.", tensor.name(), why)};
  };
  const auto is_real = is_real_type(tensor.data_type());
  if (!is_real) return refused(fmt::format("its type ({}) holds no numbers", tensor.data_type()));
  Sizes sizes(tensor.dims().begin(), tensor.dims().end());
  const auto elements = elements_of(sizes);
  if (sizes.size() > most_axes || !elements || *elements > most_elements) {
    return refused(
        fmt::format("its sizes {} are absurd", sizes.size() > most_axes ? "of so many axes" : to_text(sizes)));
  }
  const auto count = static_cast<std::uint64_t>(*elements);
  const std::uint64_t bytes = count * element_bytes(tensor.data_type());
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL) {
    auto external = external_tensor(tensor, std::move(sizes), bytes, *is_real, folder);
    if (!external) return refused(external.error().message);
    return external;
  }
  Constant constant;
  if (tensor.has_raw_data()) {
    if (tensor.raw_data().size() != bytes) {
      return refused(
          fmt::format("{} bytes are there, and {} needs {}", tensor.raw_data().size(), to_text(sizes), bytes));
    }
    constant = from_raw(tensor.data_type(), std::move(sizes), tensor.raw_data());
  } else {
    if (listed(tensor) != count) {
      return refused(fmt::format("{} numbers are there, and {} needs {}", listed(tensor), to_text(sizes), count));
    }
    constant = from_lists(tensor, std::move(sizes));
  }
  const std::string name = tensor.name();
  tensor.Clear();
  tensor.set_name(name);
  return constant;
}

}  // namespace netwright::onnx_import
