#include "backend/run/run_notes.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "backend/core/json_reader.h"
#include "backend/core/safe_file.h"
#include "backend/core/utf8.h"

namespace netwright {

namespace {

constexpr DocumentFormat notes_format{"netwright-run-notes", 1};
constexpr std::size_t largest_notes = std::size_t{1} << 20;

std::filesystem::path notes_file(const RunFolder& run) {
  return run.path() / "notes.json";
}

/// Without white space at the ends, and one space for any within.
std::string on_one_line_of(std::string_view text) {
  std::string line;
  bool is_apart = false;
  while (!text.empty()) {
    const char32_t character = take_character(text);
    if (is_white_space(character)) {
      is_apart = !line.empty();
      continue;
    }
    if (is_apart) line += ' ';
    is_apart = false;
    append_character(line, character);
  }
  return line;
}

/// The lock that a record's writer holds.
class RecordLock {
 public:
  explicit RecordLock(const RunFolder& run) : descriptor_(::open(run.events_file().c_str(), O_RDONLY | O_CLOEXEC)) {
    is_taken_ = descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  }
  ~RecordLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  RecordLock(const RecordLock&) = delete;
  RecordLock& operator=(const RecordLock&) = delete;
  /// By somebody else; else it is ours as long as this lives.
  bool is_taken() const { return is_taken_; }

 private:
  int descriptor_;
  bool is_taken_ = false;
};

}  // namespace

Result<RunNotes> read_notes(const RunFolder& run) {
  std::error_code ignored;
  if (!std::filesystem::exists(notes_file(run), ignored)) return RunNotes{};
  const auto text = read_file(notes_file(run), largest_notes);
  if (!text) return text.error();
  return read_document(*text, notes_file(run).string(), notes_format, [](const JsonReader& json) {
    return RunNotes{json.at("title").text(), json.at("note").text()};
  });
}

Result<void> write_notes(const RunFolder& run, RunNotes notes) {
  const auto before = read_notes(run);
  if (!before) return before.error();
  notes.title = on_one_line_of(notes.title);
  notes.note = valid_utf8(notes.note);
  if (on_one_line_of(notes.note).empty()) notes.note.clear();
  if (notes == *before) return {};
  if (notes == RunNotes{}) {
    std::error_code error;
    std::filesystem::remove(notes_file(run), error);
    if (error) return Error{fmt::format("Can't remove {}: {}.", notes_file(run).string(), error.message())};
    return {};
  }
  const Json json{
      {"format", notes_format.name}, {"version", notes_format.version}, {"title", notes.title}, {"note", notes.note}};
  return write_file(notes_file(run), pretty(json));
}

bool is_under_way(const RunFolder& run) {
  return RecordLock(run).is_taken();
}

Result<void> delete_run(const RunFolder& run) {
  const RecordLock lock(run);  // so that nobody resumes it meanwhile
  if (lock.is_taken()) {
    return Error{fmt::format("The run in {} is under way: stop it before you delete it.", run.path().string())};
  }
  std::error_code error;
  std::filesystem::remove_all(run.path(), error);
  if (error) return Error{fmt::format("Can't delete {}: {}.", run.path().string(), error.message())};
  return {};
}

}  // namespace netwright
