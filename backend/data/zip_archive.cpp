#include "backend/data/zip_archive.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

namespace netwright {

static_assert(std::endian::native == std::endian::little, "numbers in zip archives are little-endian");

namespace {

constexpr std::uint64_t most_members = 10'000;
constexpr std::uint64_t most_directory_bytes = std::uint64_t{1} << 24;
constexpr std::size_t end_bytes = 22;
constexpr std::size_t longest_comment = 0xFFFF;
constexpr std::size_t locator_bytes = 20;
constexpr std::size_t end64_bytes = 56;
constexpr std::size_t entry_bytes = 46;
constexpr std::size_t local_bytes = 30;
constexpr std::uint16_t zip64_field = 1;

/// Numbers at places of a record. The caller has made sure that they lie in it.
class Record {
 public:
  explicit Record(std::string_view bytes) : bytes_(bytes) {}
  std::uint16_t two(std::size_t at) const { return number<std::uint16_t>(at); }
  std::uint32_t four(std::size_t at) const { return number<std::uint32_t>(at); }
  std::uint64_t eight(std::size_t at) const { return number<std::uint64_t>(at); }
  bool begins_with(std::string_view signature) const { return bytes_.starts_with(signature); }

 private:
  template <class T>
  T number(std::size_t at) const {
    T value;
    std::memcpy(&value, bytes_.data() + at, sizeof(T));
    return value;
  }
  std::string_view bytes_;
};

constexpr std::string_view end_signature = "PK\5\6";
constexpr std::string_view locator_signature = "PK\6\7";
constexpr std::string_view end64_signature = "PK\6\6";
constexpr std::string_view entry_signature = "PK\1\2";
constexpr std::string_view local_signature = "PK\3\4";

/// Where the directory lies.
struct Extent {
  std::uint64_t members = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

class ZipFile {
 public:
  ZipFile(const std::filesystem::path& path, std::uint64_t size)
      : path_(path), file_(path, std::ios::binary), size_(size) {}

  bool is_open() const { return file_.is_open(); }
  Result<std::vector<FileSection>> directory();

 private:
  Error refused(std::uint64_t offset, const std::string& reason) const {
    return {fmt::format("{}: at byte {}: {}.", path_.string(), offset, reason)};
  }
  /// Nothing where they don't lie in the file.
  std::optional<std::string> read(std::uint64_t offset, std::uint64_t count) {
    if (offset > size_ || count > size_ - offset) return std::nullopt;
    std::string bytes(static_cast<std::size_t>(count), '\0');
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(offset));
    if (!file_.read(bytes.data(), static_cast<std::streamsize>(count))) return std::nullopt;
    return bytes;
  }
  Result<Extent> find_directory();
  Result<Extent> find_directory64(std::uint64_t end_offset);
  Result<FileSection> entry(std::string_view bytes, std::uint64_t offset);
  Result<void> find_data(FileSection& member);

  const std::filesystem::path& path_;
  std::ifstream file_;
  std::uint64_t size_;
};

Result<Extent> ZipFile::find_directory() {
  const std::uint64_t tail = std::min<std::uint64_t>(size_, end_bytes + longest_comment);
  const auto bytes = read(size_ - tail, tail);
  if (!bytes) return refused(size_ - tail, "reading failed");
  // The last signature whose comment reaches exactly to the end of the file.
  std::size_t at = bytes->size();
  while ((at = at == 0 ? std::string::npos : bytes->rfind(end_signature, at - 1)) != std::string::npos) {
    if (at + end_bytes > bytes->size()) continue;
    const Record end(std::string_view(*bytes).substr(at));
    if (at + end_bytes + end.two(20) != bytes->size()) continue;
    const std::uint64_t offset = size_ - tail + at;
    if (end.two(10) == 0xFFFF || end.four(12) == 0xFFFFFFFF || end.four(16) == 0xFFFFFFFF) {
      return find_directory64(offset);
    }
    if (end.two(4) != 0 || end.two(6) != 0 || end.two(8) != end.two(10)) {
      return refused(offset, "the archive has several volumes; only single files are read");
    }
    return Extent{end.two(10), end.four(16), end.four(12)};
  }
  return refused(size_, "not a zip archive, or a truncated one: it has no end record");
}

Result<Extent> ZipFile::find_directory64(std::uint64_t end_offset) {
  const auto locator = end_offset < locator_bytes ? std::nullopt : read(end_offset - locator_bytes, locator_bytes);
  if (!locator || !Record(*locator).begins_with(locator_signature)) {
    return refused(end_offset, "the zip64 record that the end promises isn't there");
  }
  const std::uint64_t offset = Record(*locator).eight(8);
  const auto bytes = read(offset, end64_bytes);
  if (!bytes || !Record(*bytes).begins_with(end64_signature)) {
    return refused(end_offset - locator_bytes, fmt::format("there is no zip64 record at byte {}", offset));
  }
  const Record end(*bytes);
  return Extent{end.eight(32), end.eight(48), end.eight(40)};
}

/// `bytes` is one entry of the directory with its name, fields and comment.
Result<FileSection> ZipFile::entry(std::string_view bytes, std::uint64_t offset) {
  const Record record(bytes);
  FileSection member;
  member.name = bytes.substr(entry_bytes, record.two(28));
  member.checksum = record.four(16);
  member.size = record.four(20);
  member.unpacked_size = record.four(24);
  member.offset = record.four(42);
  if ((record.two(8) & 1) != 0) return refused(offset, fmt::format("{} is encrypted", member.name));
  const int method = record.two(10);
  if (method != 0 && method != 8) {
    return refused(offset,
                   fmt::format("{} is packed by method {}; only stored and deflate are read", member.name, method));
  }
  member.is_deflated = method == 8;

  std::string_view fields = bytes.substr(entry_bytes + record.two(28), record.two(30));
  while (fields.size() >= 4) {
    const Record field(fields);
    const std::size_t length = field.two(2);
    if (length > fields.size() - 4) break;
    if (field.two(0) == zip64_field) {
      // Only what doesn't fit 32 bits is there, in this order.
      std::size_t at = 4;
      for (std::uint64_t* number : {&member.unpacked_size, &member.size, &member.offset}) {
        if (*number != 0xFFFFFFFF) continue;
        if (at + 8 > length + 4) return refused(offset, fmt::format("the zip64 sizes of {} are cut off", member.name));
        *number = field.eight(at);
        at += 8;
      }
    }
    fields.remove_prefix(4 + length);
  }
  if (!member.is_deflated && member.size != member.unpacked_size) {
    return refused(offset, fmt::format("{} is stored, but with two different sizes", member.name));
  }
  return member;
}

/// From the member's local header to its data.
Result<void> ZipFile::find_data(FileSection& member) {
  const auto bytes = read(member.offset, local_bytes);
  if (!bytes || !Record(*bytes).begins_with(local_signature)) {
    return refused(member.offset, fmt::format("{} should begin here and doesn't", member.name));
  }
  const std::uint64_t begin = member.offset + local_bytes + Record(*bytes).two(26) + Record(*bytes).two(28);
  if (begin > size_ || member.size > size_ - begin) {
    return refused(begin,
                   fmt::format("{} has {} bytes, more than the file; it is truncated", member.name, member.size));
  }
  member.offset = begin;
  return {};
}

Result<std::vector<FileSection>> ZipFile::directory() {
  const auto extent = find_directory();
  if (!extent) return extent.error();
  if (extent->members > most_members || extent->size > most_directory_bytes) {
    return refused(extent->offset, fmt::format("{} members in a directory of {} bytes are more than the {} that are "
                                               "read",
                                               extent->members, extent->size, most_members));
  }
  const auto bytes = read(extent->offset, extent->size);
  if (!bytes) return refused(extent->offset, "the directory lies beyond the end of the file");
  std::vector<FileSection> members;
  std::string_view rest = *bytes;
  for (std::uint64_t i = 0; i < extent->members; ++i) {
    const std::uint64_t offset = extent->offset + (bytes->size() - rest.size());
    const Record record(rest);
    if (rest.size() < entry_bytes || !record.begins_with(entry_signature)) {
      return refused(offset, fmt::format("entry {} of the directory isn't there", i + 1));
    }
    const std::size_t length = entry_bytes + record.two(28) + record.two(30) + record.two(32);
    if (length > rest.size()) return refused(offset, fmt::format("entry {} of the directory is cut off", i + 1));
    auto member = entry(rest.substr(0, length), offset);
    if (!member) return member.error();
    rest.remove_prefix(length);
    if (member->name.empty() || member->name.back() == '/') continue;
    if (const auto found = find_data(*member); !found) return found.error();
    members.push_back(*std::move(member));
  }
  return members;
}

}  // namespace

Result<std::vector<FileSection>> read_zip_directory(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return Error{fmt::format("There is no file {}.", path.string())};
  const std::uint64_t size = std::filesystem::file_size(path, error);
  ZipFile file(path, size);
  if (error || !file.is_open()) return Error{fmt::format("Can't read {}: {}.", path.string(), std::strerror(errno))};
  return file.directory();
}

}  // namespace netwright
