#include "backend/core/safe_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace netwright {

namespace {

Error file_error(const std::filesystem::path& path, const std::string& what) {
  return {path.string() + ": " + what + ": " + std::strerror(errno)};
}

}  // namespace

SafeFile::SafeFile(std::filesystem::path target, std::filesystem::path temporary, int descriptor)
    : target_(std::move(target)), temporary_(std::move(temporary)), descriptor_(descriptor) {}

SafeFile::SafeFile(SafeFile&& other) noexcept
    : target_(std::move(other.target_)), temporary_(std::move(other.temporary_)), descriptor_(other.descriptor_) {
  other.descriptor_ = -1;
}

SafeFile::~SafeFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(temporary_.c_str());
}

Result<SafeFile> SafeFile::create(const std::filesystem::path& target) {
  std::error_code ignored;
  // A link stays a link: what it points to is replaced.
  const auto resolved =
      std::filesystem::is_symlink(target, ignored) ? std::filesystem::canonical(target, ignored) : target;
  const auto& file = resolved.empty() ? target : resolved;
  std::string pattern = file.string() + ".XXXXXX";
  const int descriptor = ::mkostemp(pattern.data(), O_CLOEXEC);
  if (descriptor < 0) return file_error(target, "can't be written");
  struct stat existing {};
  const mode_t mask = ::umask(0);
  ::umask(mask);
  const mode_t mode = ::stat(file.c_str(), &existing) == 0 ? existing.st_mode & 07777 : 0666 & ~mask;
  ::fchmod(descriptor, mode);
  return SafeFile(file, pattern, descriptor);
}

Result<void> SafeFile::write(const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(descriptor_, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return file_error(target_, "can't be written");
    at += written;
    size -= static_cast<std::size_t>(written);
  }
  return {};
}

Result<void> SafeFile::commit() {
  const bool is_synced = ::fsync(descriptor_) == 0;
  const int sync_error = errno;
  const bool is_closed = ::close(descriptor_) == 0;
  descriptor_ = -1;
  if (!is_synced) errno = sync_error;
  if (!is_synced || !is_closed || ::rename(temporary_.c_str(), target_.c_str()) != 0) {
    const Error error = file_error(target_, "can't be written");
    ::unlink(temporary_.c_str());
    return error;
  }
  return {};
}

Result<void> write_file(const std::filesystem::path& target, std::string_view content) {
  auto file = SafeFile::create(target);
  if (!file) return file.error();
  if (auto written = file->write(content); !written) return written;
  return file->commit();
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) return Error{path.string() + ": is a folder, not a file"};
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return file_error(path, "can't be read");
  std::string content;
  std::array<char, 1 << 16> chunk{};
  while (stream.read(chunk.data(), chunk.size()) || stream.gcount() > 0) {
    content.append(chunk.data(), static_cast<std::size_t>(stream.gcount()));
    if (content.size() > limit) {
      return Error{path.string() + ": is larger than the limit of " + std::to_string(limit) + " bytes"};
    }
  }
  if (stream.bad()) return file_error(path, "can't be read");
  return content;
}

}  // namespace netwright
