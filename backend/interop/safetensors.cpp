#include "backend/interop/safetensors.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <system_error>

#include "backend/core/numbers.h"
#include "backend/core/safe_file.h"

namespace netwright {

static_assert(std::endian::native == std::endian::little, "tensor data is little-endian and copied as it is");

namespace {

// Sorted objects: looking a key up in ordered_json walks the list, which a long header makes endless.
using Json = nlohmann::json;

constexpr std::uint64_t length_bytes = 8;
constexpr std::uint64_t longest_header = std::uint64_t{16} << 20;
constexpr int deepest_nesting = 3;  // header, tensor, list of sizes
constexpr const char* metadata_key = "__metadata__";

struct ElementSize {
  const char* dtype;
  std::int64_t bytes;
};
constexpr std::array<ElementSize, 15> element_sizes = {{{"F64", 8},
                                                        {"I64", 8},
                                                        {"U64", 8},
                                                        {"F32", 4},
                                                        {"I32", 4},
                                                        {"U32", 4},
                                                        {"F16", 2},
                                                        {"BF16", 2},
                                                        {"I16", 2},
                                                        {"U16", 2},
                                                        {"F8_E5M2", 1},
                                                        {"F8_E4M3", 1},
                                                        {"I8", 1},
                                                        {"U8", 1},
                                                        {"BOOL", 1}}};

std::optional<std::int64_t> element_bytes(const std::string& dtype) {
  for (const ElementSize& size : element_sizes) {
    if (dtype == size.dtype) return size.bytes;
  }
  return std::nullopt;
}

std::optional<std::int64_t> total_bytes(const std::string& dtype, const std::vector<std::int64_t>& sizes) {
  auto bytes = element_bytes(dtype);
  for (const std::int64_t size : sizes) {
    if (size < 0) return std::nullopt;
    bytes = checked_multiply(bytes, size);
  }
  return bytes;
}

std::string shape_text(const std::vector<std::int64_t>& sizes) {
  return sizes.empty() ? "scalar" : fmt::format("{}", fmt::join(sizes, "×"));
}

/// A tensor as the header tells it; the data lies at [begin, end) after the header.
struct Entry {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> sizes;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

/// Reads one file; its errors name it.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : path_(path) {}

  Result<TensorFile> read() {
    if (auto opened = open(); !opened) return opened.error();
    TensorFile content;
    std::vector<Entry> entries;
    if (auto parsed = read_header(entries, content.metadata); !parsed) return parsed.error();
    if (auto valid = check_layout(entries); !valid) return valid.error();
    for (Entry& entry : entries) {
      std::vector<std::byte> bytes(static_cast<std::size_t>(entry.end - entry.begin));
      if (!read_bytes(bytes)) return failed(data_begin_ + entry.begin, "reading failed");
      content.tensors.push_back(
          {std::move(entry.name), std::move(entry.dtype), std::move(entry.sizes), std::move(bytes)});
    }
    return content;
  }

 private:
  Error failed(std::uint64_t offset, const std::string& reason) const {
    return {fmt::format("{}: at byte {}: {}.", path_.string(), offset, reason)};
  }
  /// What is wrong with a tensor's entry; the offset is the header's.
  Error failed(const std::string& name, const std::string& reason) const {
    return failed(length_bytes, fmt::format("tensor \"{}\" {}", name, reason));
  }

  Result<void> open() {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path_, error))
      return Error{fmt::format("There is no file {}.", path_.string())};
    size_ = std::filesystem::file_size(path_, error);
    if (!error) file_.open(path_, std::ios::binary);
    if (error || !file_) return Error{fmt::format("Can't read {}: {}.", path_.string(), std::strerror(errno))};
    return {};
  }

  bool read_bytes(std::span<std::byte> bytes) {
    file_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return static_cast<std::size_t>(file_.gcount()) == bytes.size();
  }

  Result<void> read_header(std::vector<Entry>& entries, std::map<std::string, std::string>& metadata) {
    std::uint64_t length = 0;
    if (size_ < length_bytes || !read_bytes(std::as_writable_bytes(std::span(&length, 1)))) {
      return failed(0, fmt::format("{} bytes are too few for a safetensors file", size_));
    }
    if (length > longest_header) {
      return failed(0, fmt::format("a header of {} bytes is longer than the {} allowed; is this a safetensors file?",
                                   length, bytes_text(longest_header)));
    }
    if (length > size_ - length_bytes) {
      return failed(0, fmt::format("the header of {} bytes doesn't fit the file of {} bytes", length, size_));
    }
    std::string text(length, '\0');
    if (!read_bytes(std::as_writable_bytes(std::span(text)))) return failed(length_bytes, "reading failed");
    data_begin_ = length_bytes + length;
    data_size_ = static_cast<std::int64_t>(size_ - data_begin_);

    Json header;
    if (auto parsed = parse(text, header); !parsed) return parsed.error();
    for (const auto& [name, value] : header.items()) {
      if (name == metadata_key) {
        if (auto read = read_metadata(value, metadata); !read) return read.error();
        continue;
      }
      auto entry = read_entry(name, value);
      if (!entry) return entry.error();
      entries.push_back(std::move(*entry));
    }
    return {};
  }

  Result<void> parse(const std::string& text, Json& header) const {
    std::set<std::string> names;
    std::string repeated;
    bool is_too_deep = false;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (depth > deepest_nesting) is_too_deep = true;
      if (event == Json::parse_event_t::key && depth == 1 && !names.insert(parsed.get<std::string>()).second) {
        repeated = parsed.get<std::string>();
      }
      return depth <= deepest_nesting;
    };
    try {
      header = Json::parse(text, watch);
    } catch (const Json::parse_error& error) {
      const std::uint64_t at = error.byte > 0 ? error.byte - 1 : 0;
      return failed(length_bytes + at, "the header is broken JSON");
    } catch (const Json::exception&) {
      return failed(length_bytes, "the header holds a number that is out of range");
    }
    if (is_too_deep) return failed(length_bytes, "the header is nested too deeply");
    if (!repeated.empty()) return failed(repeated, "is named twice");
    if (!header.is_object()) return failed(length_bytes, "the header is no JSON object");
    return {};
  }

  Result<void> read_metadata(const Json& value, std::map<std::string, std::string>& metadata) const {
    if (!value.is_object()) return failed(length_bytes, "the metadata are no JSON object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) return failed(length_bytes, fmt::format("the metadata \"{}\" are no text", key));
      metadata[key] = text.get<std::string>();
    }
    return {};
  }

  Result<Entry> read_entry(const std::string& name, const Json& value) const {
    if (!value.is_object()) return failed(name, "is no JSON object");
    Entry entry;
    entry.name = name;
    const auto dtype = value.find("dtype");
    if (dtype == value.end() || !dtype->is_string()) return failed(name, "has no dtype");
    entry.dtype = dtype->get<std::string>();
    if (!element_bytes(entry.dtype)) return failed(name, fmt::format("has the unknown dtype \"{}\"", entry.dtype));
    auto sizes = read_sizes(value, "shape");
    if (!sizes) return failed(name, "has no shape of non-negative whole numbers");
    entry.sizes = std::move(*sizes);
    const auto offsets = read_sizes(value, "data_offsets");
    if (!offsets || offsets->size() != 2) return failed(name, "has no data_offsets of two non-negative whole numbers");
    entry.begin = offsets->front();
    entry.end = offsets->back();
    return entry;
  }

  static std::optional<std::vector<std::int64_t>> read_sizes(const Json& entry, const char* key) {
    const auto list = entry.find(key);
    if (list == entry.end() || !list->is_array()) return std::nullopt;
    std::vector<std::int64_t> sizes;
    for (const Json& size : *list) {
      if (!size.is_number_integer() || size < 0 || size > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
      sizes.push_back(size.get<std::int64_t>());
    }
    return sizes;
  }

  /// The data must be covered from its first byte to the file's last, without gaps or overlaps. Sorts by place.
  Result<void> check_layout(std::vector<Entry>& entries) const {
    for (const Entry& entry : entries) {
      if (entry.begin > entry.end || entry.end > data_size_) {
        return failed(entry.name, fmt::format("claims the bytes {} to {}, and there are {} bytes of data", entry.begin,
                                              entry.end, data_size_));
      }
      const auto needed = total_bytes(entry.dtype, entry.sizes);
      if (!needed || *needed != entry.end - entry.begin) {
        return failed(entry.name, fmt::format("of {} {} doesn't fit its {} bytes", entry.dtype, shape_text(entry.sizes),
                                              entry.end - entry.begin));
      }
    }
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    std::int64_t covered = 0;
    for (const Entry& entry : entries) {
      if (entry.begin != covered) {
        return failed(entry.name, fmt::format("begins at byte {} of the data, where {} was expected: the data {}",
                                              entry.begin, covered, entry.begin < covered ? "overlap" : "have a gap"));
      }
      covered = entry.end;
    }
    if (covered != data_size_) {
      return failed(data_begin_ + static_cast<std::uint64_t>(covered),
                    fmt::format("{} bytes belong to no tensor", data_size_ - covered));
    }
    return {};
  }

  const std::filesystem::path& path_;
  std::ifstream file_;
  std::uint64_t size_ = 0;
  std::uint64_t data_begin_ = 0;
  std::int64_t data_size_ = 0;
};

/// Wide elements first, so that all lie at multiples of their size, as readers that map the file need it.
std::vector<const NamedTensor*> in_file_order(const std::vector<NamedTensor>& tensors) {
  std::vector<const NamedTensor*> order;
  for (const NamedTensor& tensor : tensors) order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(), [](const NamedTensor* a, const NamedTensor* b) {
    return element_bytes(a->dtype) > element_bytes(b->dtype);
  });
  return order;
}

Result<std::string> header_of(const TensorFile& content, const std::vector<const NamedTensor*>& order) {
  nlohmann::ordered_json header = Json::object();
  if (!content.metadata.empty()) header[metadata_key] = content.metadata;
  std::set<std::string_view> names;
  std::size_t end = 0;
  for (const NamedTensor* tensor : order) {
    const auto needed = total_bytes(tensor->dtype, tensor->sizes);
    if (!needed || static_cast<std::size_t>(*needed) != tensor->bytes.size()) {
      return Error{fmt::format("Tensor \"{}\" of {} {} doesn't fit its {} bytes.", tensor->name, tensor->dtype,
                               shape_text(tensor->sizes), tensor->bytes.size())};
    }
    if (tensor->name == metadata_key || !names.insert(tensor->name).second) {
      return Error{fmt::format("Two tensors can't both be named \"{}\".", tensor->name)};
    }
    const std::size_t begin = end;
    end += tensor->bytes.size();
    // Not header[name] = {…}: each lookup would walk the whole list.
    header.get_ref<nlohmann::ordered_json::object_t&>().emplace_back(
        tensor->name,
        nlohmann::ordered_json{{"dtype", tensor->dtype}, {"shape", tensor->sizes}, {"data_offsets", {begin, end}}});
  }
  try {
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');
    if (text.size() > longest_header) return Error{"The tensors' names take more than the header can hold."};
    return text;
  } catch (const Json::exception&) {
    return Error{"A tensor's name or the metadata aren't valid UTF-8."};
  }
}

}  // namespace

Result<void> write_safetensors(const std::filesystem::path& path, const TensorFile& content) {
  const auto order = in_file_order(content.tensors);
  const auto header = header_of(content, order);
  if (!header) return Error{fmt::format("Can't write {}: {}", path.string(), header.error().message)};
  auto file = SafeFile::create(path);
  if (!file) return file.error();
  const std::uint64_t length = header->size();
  if (auto written = file->write(&length, sizeof length); !written) return written;
  if (auto written = file->write(*header); !written) return written;
  for (const NamedTensor* tensor : order) {
    if (auto written = file->write(tensor->bytes.data(), tensor->bytes.size()); !written) return written;
  }
  return file->commit();
}

Result<TensorFile> read_safetensors(const std::filesystem::path& path) {
  return Reader(path).read();
}

}  // namespace netwright
