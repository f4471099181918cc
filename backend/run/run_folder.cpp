#include "backend/run/run_folder.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include "backend/core/utc.h"
#include "backend/graph/project_json.h"

namespace netwright {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t longest_name = 48;

bool is_ascii_word(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool holds_run(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "project.json", ignored) || fs::exists(folder / "events.jsonl", ignored);
}

}  // namespace

std::string file_name_of(const std::string& name) {
  std::string safe;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_ascii_word(byte) || byte >= 0x80) {
      safe += c;
    } else if (!safe.empty() && safe.back() != '-') {
      safe += '-';
    }
  }
  if (safe.size() > longest_name) {
    std::size_t end = longest_name;
    // Not within a character's bytes.
    while (end > 0 && (static_cast<unsigned char>(safe[end]) & 0xC0) == 0x80) --end;
    safe.resize(end);
  }
  while (!safe.empty() && safe.back() == '-') safe.pop_back();
  return safe.empty() ? "run" : safe;
}

std::string new_run_name(const std::string& project_name) {
  return utc_text("%Y-%m-%dT%H-%M-%SZ") + "-" + file_name_of(project_name);
}

Result<RunFolder> RunFolder::create_beside(const fs::path& project_file, const Project& project) {
  const fs::path runs = runs_folder_of(project_file);
  std::error_code error;
  fs::create_directories(runs, error);
  if (error) return Error{fmt::format("Can't make the folder for runs {}: {}.", runs.string(), error.message())};
  const std::string stem = new_run_name(project.name);
  for (int attempt = 1;; ++attempt) {
    const fs::path folder = runs / (attempt == 1 ? stem : fmt::format("{}-{}", stem, attempt));
    // False where another run has just taken the name.
    if (fs::create_directory(folder, error)) return create(folder, project);
    if (error) return Error{fmt::format("Can't make the run folder {}: {}.", folder.string(), error.message())};
  }
}

Result<RunFolder> RunFolder::create(const fs::path& folder, const Project& project) {
  if (holds_run(folder)) {
    return Error{fmt::format("{} holds a run already; name another folder.", folder.string())};
  }
  std::error_code error;
  for (const char* part : {"checkpoints", "samples", "export"}) {
    fs::create_directories(folder / part, error);
    if (error) return Error{fmt::format("Can't make the folder {}: {}.", (folder / part).string(), error.message())};
  }
  RunFolder run(folder);
  if (auto written = write_project(project, run.project_file()); !written) return written.error();
  return run;
}

Result<RunFolder> RunFolder::open(const fs::path& folder) {
  RunFolder run(folder);
  std::error_code ignored;
  if (!fs::is_regular_file(run.project_file(), ignored)) {
    return Error{fmt::format("{} is no run folder: it has no project.json.", folder.string())};
  }
  return run;
}

Result<Project> RunFolder::project() const {
  return read_project(project_file());
}

Result<std::vector<Event>> RunFolder::events() const {
  std::ifstream file(events_file(), std::ios::binary);
  if (!file) return Error{fmt::format("Can't read the record {}: {}.", events_file().string(), std::strerror(errno))};
  std::vector<Event> events;
  LineBuffer buffer;
  std::vector<char> chunk(std::size_t{1} << 16);
  while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())), file.gcount() > 0) {
    for (const std::string& line : buffer.add({chunk.data(), static_cast<std::size_t>(file.gcount())})) {
      if (auto event = event_from_line(line)) events.push_back(std::move(*event));
    }
  }
  if (file.bad()) return Error{fmt::format("Reading the record {} failed.", events_file().string())};
  return events;
}

std::vector<std::string> RunFolder::checkpoints() const {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(path_ / "checkpoints", ignored)) {
    if (entry.path().extension() == ".safetensors") names.push_back(entry.path().stem().string());
  }
  // Shorter numbers are smaller ones.
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  return names;
}

Result<std::int64_t> RunFolder::cut_record(std::int64_t count) const {
  std::ifstream file(events_file(), std::ios::binary);
  std::uintmax_t read = 0;
  std::uintmax_t size = 0;  // of the whole lines
  std::int64_t lines = 0;
  std::vector<char> chunk(std::size_t{1} << 16);
  while (lines < count && (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())), file.gcount() > 0)) {
    for (std::streamsize i = 0; i < file.gcount() && lines < count; ++i) {
      ++read;
      if (chunk[static_cast<std::size_t>(i)] != '\n') continue;
      ++lines;
      size = read;
    }
  }
  std::error_code error;
  fs::resize_file(events_file(), size, error);
  if (error) return Error{fmt::format("Can't write the record {}: {}.", events_file().string(), error.message())};
  return lines;
}

fs::path weights_file_of(const fs::path& project_file) {
  return fs::path(project_file).replace_extension(".safetensors");
}

fs::path runs_folder_of(const fs::path& project_file) {
  fs::path folder = project_file;
  return folder.replace_extension(".runs");
}

std::vector<RunFolder> runs_of(const fs::path& project_file) {
  std::vector<RunFolder> runs;
  std::error_code error;
  for (fs::directory_iterator entry(runs_folder_of(project_file), error), end; !error && entry != end;
       entry.increment(error)) {
    if (auto run = RunFolder::open(entry->path())) runs.push_back(std::move(*run));
  }
  std::sort(runs.begin(), runs.end(),
            [](const RunFolder& a, const RunFolder& b) { return a.path().filename() > b.path().filename(); });
  return runs;
}

Result<EventWriter> EventWriter::append_to(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) return Error{fmt::format("Can't write the record {}: {}.", file.string(), std::strerror(errno))};
  EventWriter writer(descriptor);
  // Let go of with the process, however that ends.
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    return Error{fmt::format("The run in {} goes on in another process.", file.parent_path().string())};
  }
  // A crash may have left half a line, which mustn't swallow the first one of ours.
  const off_t size = ::lseek(descriptor, 0, SEEK_END);
  char last = '\n';
  if (size > 0 && ::pread(descriptor, &last, 1, size - 1) == 1 && last != '\n') {
    if (auto ended = writer.write_bytes("\n"); !ended) return ended.error();
  }
  return writer;
}

EventWriter::EventWriter(EventWriter&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

EventWriter::~EventWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> EventWriter::write(const Event& event) {
  return write_bytes(to_line(event) + "\n");
}

Result<void> EventWriter::write_bytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Error{fmt::format("Writing the run's record failed: {}.", std::strerror(errno))};
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace netwright
