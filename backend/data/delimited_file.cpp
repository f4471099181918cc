#include "backend/data/delimited_file.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <set>
#include <string_view>

#include "backend/core/utf8.h"
#include "backend/data/fields.h"

namespace netwright {

namespace {

constexpr std::size_t chunk = std::size_t{1} << 18;
constexpr std::size_t most_columns = 65'536;
constexpr std::size_t most_field_bytes = std::size_t{1} << 24;
constexpr std::size_t rows_ahead = 20;

struct NamedSeparator {
  const char* name;
  char character;
};
/// In the order in which they are tried: text is full of commas, and decimal commas stand between semicolons.
constexpr std::array<NamedSeparator, 3> separators = {{{"tab", '\t'}, {"semicolon", ';'}, {"comma", ','}}};

/// How often `separator` stands in each of the first rows, outside quotes. The last row may be cut off by the end of
/// `text`; it counts only where it is the only one.
std::vector<int> counts_in_rows(std::string_view text, char separator, bool is_whole) {
  std::vector<int> counts;
  int count = 0;
  bool is_quoted = false;
  bool has_row = false;
  for (const char c : text) {
    if (c == '"') is_quoted = !is_quoted;
    const bool ends = !is_quoted && (c == '\n' || c == '\r');
    if (!ends) {
      has_row = true;
      if (c == separator && !is_quoted) ++count;
      continue;
    }
    if (has_row) counts.push_back(count);
    count = 0;
    has_row = false;
    if (counts.size() == rows_ahead) return counts;
  }
  if (has_row && (is_whole || counts.empty())) counts.push_back(count);
  return counts;
}

}  // namespace

std::vector<SettingSpec> delimited_settings() {
  return {
      {.name = "separator",
       .kind = SettingKind::Choice,
       .fallback = std::string("auto"),
       .help = "What stands between the fields of a row.",
       .choices = {"auto", "comma", "semicolon", "tab"}},
      {.name = "header",
       .kind = SettingKind::Choice,
       .fallback = std::string("auto"),
       .help = "Whether the first row names the columns.",
       .choices = {"auto", "yes", "no"}},
  };
}

DelimitedFormat DelimitedFormat::of(const Settings& settings) {
  DelimitedFormat format;
  for (const NamedSeparator& separator : separators) {
    if (settings.text("separator") == separator.name) format.separator = separator.character;
  }
  const std::string header = settings.text("header");
  if (header == "yes" || header == "no") format.has_header = header == "yes";
  return format;
}

DelimitedFile::DelimitedFile(std::filesystem::path path, ByteStream stream, const DelimitedFormat& format)
    : path_(std::move(path)), stream_(std::move(stream)), format_(format) {}

Result<DelimitedFile> DelimitedFile::open(const std::filesystem::path& path, const DelimitedFormat& format) {
  auto stream = ByteStream::open(path);
  if (!stream) return stream.error();
  DelimitedFile file(path, std::move(*stream), format);
  const auto begun = file.begin();
  if (!begun) return begun.error();
  return file;
}

Result<void> DelimitedFile::begin() {
  refill();
  if (failure_) return *failure_;
  const std::string_view start = buffer_;
  const auto refusal = [&](const char* reason) { return Error{fmt::format("{}: {}.", path_.string(), reason)}; };
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF")) {
    return refusal("the text is UTF-16; save it as UTF-8");
  }
  if (start.starts_with("PK\x03\x04")) {
    return refusal("an archive or a workbook, not a text file; save the table as CSV");
  }
  if (start.starts_with("\xEF\xBB\xBF")) at_ = 3;

  if (format_.separator == 0) find_separator();
  set_separator(format_.separator);
  while (ahead_.size() <= rows_ahead) {
    Row row;
    const auto has_row = read_row(row);
    if (!has_row) return has_row.error();
    if (!*has_row) break;
    if (!ahead_.empty() && row.size() != ahead_.front().size()) {
      return row_error(
          fmt::format("{} fields, where line {} has {}", row.size(), ahead_lines_.front(), ahead_.front().size()));
    }
    ahead_.push_back(std::move(row));
    ahead_lines_.push_back(row_line_);
  }
  if (ahead_.empty()) return refusal("the file is empty");
  if (!format_.has_header) find_header();
  name_columns();
  return {};
}

void DelimitedFile::find_separator() {
  const std::string_view text = std::string_view(buffer_).substr(at_);
  const bool is_whole = buffer_.size() < chunk;
  std::array<std::vector<int>, separators.size()> counts;
  for (std::size_t i = 0; i < separators.size(); ++i) {
    counts[i] = counts_in_rows(text, separators[i].character, is_whole);
    const bool is_alike = !counts[i].empty() && counts[i].front() > 0 &&
                          std::count(counts[i].begin(), counts[i].end(), counts[i].front()) ==
                              static_cast<std::ptrdiff_t>(counts[i].size());
    if (is_alike) {
      format_.separator = separators[i].character;
      return;
    }
  }
  // No separator cuts all rows alike; the most frequent one gives the refusal that helps most.
  int most = 0;
  format_.separator = ',';
  for (std::size_t i = 0; i < separators.size(); ++i) {
    const int first = counts[i].empty() ? 0 : counts[i].front();
    if (first > most) format_.separator = separators[i].character;
    most = std::max(most, first);
  }
}

void DelimitedFile::find_header() {
  const Row& first = ahead_.front();
  std::set<std::string_view> different;
  for (const std::string& field : first) {
    if (number_in(field) || number_in(field, ',')) format_.has_header = false;
    different.insert(trimmed(field));
  }
  if (different.size() < first.size()) format_.has_header = false;
  if (format_.has_header) return;
  // All of the first row are words. Those of a header don't come again below, as categories do.
  bool has_numbers = false;
  bool comes_again = false;
  for (std::size_t row = 1; row < ahead_.size(); ++row) {
    for (std::size_t column = 0; column < first.size(); ++column) {
      const std::string& field = ahead_[row][column];
      if (number_in(field) || number_in(field, ',')) has_numbers = true;
      if (field == first[column] && !is_missing(field)) comes_again = true;
    }
  }
  format_.has_header = ahead_.size() > 1 && (has_numbers || !comes_again);
}

void DelimitedFile::name_columns() {
  const bool has_header = *format_.has_header;
  for (std::size_t i = 0; i < ahead_.front().size(); ++i) {
    const std::string_view name = has_header ? trimmed(ahead_.front()[i]) : std::string_view();
    names_.push_back(name.empty() ? fmt::format("column {}", i + 1) : std::string(name));
  }
  if (!has_header) return;
  ahead_.pop_front();
  ahead_lines_.pop_front();
}

void DelimitedFile::set_separator(char separator) {
  for (const char c : {separator, '\n', '\r', '\0'}) ends_field_[static_cast<unsigned char>(c)] = true;
}

bool DelimitedFile::refill() {
  if (is_at_end_) return false;
  buffer_.resize(chunk);
  const auto count = stream_.read(reinterpret_cast<std::byte*>(buffer_.data()), chunk);
  if (!count) failure_ = count.error();
  buffer_.resize(count ? *count : 0);
  at_ = 0;
  is_at_end_ = buffer_.size() < chunk;
  return !buffer_.empty();
}

/// The next byte; −1 at the end, or where reading failed.
int DelimitedFile::peek() {
  if (at_ == buffer_.size() && !refill()) return -1;
  return static_cast<unsigned char>(buffer_[at_]);
}

void DelimitedFile::take_line_end() {
  const bool may_be_two = buffer_[at_++] == '\r';
  if (may_be_two && peek() == '\n') ++at_;
  ++line_;
}

void DelimitedFile::read_plain(std::string& field) {
  while (peek() >= 0) {
    const std::size_t first = at_;
    while (at_ < buffer_.size() && !ends_field_[static_cast<unsigned char>(buffer_[at_])]) ++at_;
    field.append(buffer_, first, at_ - first);
    if (field.size() > most_field_bytes) {
      failure_ = row_error("a field of more than 16 MiB; is this a table?");
      return;
    }
    if (at_ == buffer_.size()) continue;
    if (buffer_[at_] == '\0') failure_ = row_error("a zero byte; this isn't a text file");
    return;
  }
}

void DelimitedFile::read_quoted(std::string& field) {
  ++at_;
  while (true) {
    const int c = peek();
    if (failure_) return;
    if (c < 0) {
      failure_ = row_error("a quote isn't closed before the file ends");
      return;
    }
    if (c == '\0') {
      failure_ = row_error("a zero byte; this isn't a text file");
      return;
    }
    if (field.size() > most_field_bytes) {
      failure_ = row_error("a field of more than 16 MiB; a quote isn't closed");
      return;
    }
    ++at_;
    if (c == '"') {
      if (peek() != '"') break;
      ++at_;
    }
    field += static_cast<char>(c);
    if (c == '\n' || (c == '\r' && peek() != '\n')) ++line_;
  }
  const int after = peek();
  if (!failure_ && after >= 0 && !ends_field_[static_cast<std::size_t>(after)]) {
    failure_ =
        Error{fmt::format("{}: line {}: more text follows a closing quote; a quote within quotes is written twice.",
                          path_.string(), line_)};
  }
}

Result<bool> DelimitedFile::read_row(Row& fields) {
  while (peek() == '\n' || peek() == '\r') take_line_end();
  if (failure_) return *failure_;
  if (peek() < 0) return false;
  row_line_ = line_;
  std::size_t count = 0;
  while (true) {
    if (count == most_columns) return row_error("more than 65,536 fields; is this a table?");
    if (count == fields.size()) fields.emplace_back();
    std::string& field = fields[count++];
    field.clear();
    if (peek() == '"') {
      read_quoted(field);
    } else {
      read_plain(field);
    }
    if (failure_) return *failure_;
    if (const auto bad = first_invalid_byte(field)) {
      return row_error(fmt::format("field {}: the byte {:02x} isn't UTF-8; convert the file (iconv -f latin1 -t utf-8)",
                                   count, static_cast<unsigned char>(field[*bad])));
    }
    const int end = peek();
    if (end == '\0') return row_error("a zero byte; this isn't a text file");
    if (end < 0) break;
    if (end == '\n' || end == '\r') {
      take_line_end();
      break;
    }
    ++at_;
  }
  if (failure_) return *failure_;
  fields.resize(count);
  return true;
}

Result<bool> DelimitedFile::next(Row& fields) {
  if (!ahead_.empty()) {
    fields = std::move(ahead_.front());
    row_line_ = ahead_lines_.front();
    ahead_.pop_front();
    ahead_lines_.pop_front();
    return true;
  }
  auto has_row = read_row(fields);
  if (has_row && *has_row && fields.size() != columns()) {
    return row_error(fmt::format("{} fields, where the rows before have {}", fields.size(), columns()));
  }
  return has_row;
}

Error DelimitedFile::row_error(const std::string& reason) const {
  return {fmt::format("{}: line {}: {}.", path_.string(), row_line_, reason)};
}

Error DelimitedFile::error_at(std::size_t column, const std::string& reason) const {
  return {
      fmt::format("{}: line {}, column {} ({}): {}.", path_.string(), row_line_, column + 1, names_[column], reason)};
}

Result<std::vector<std::size_t>> DelimitedFile::find_columns(const std::string& chosen,
                                                             const std::string& setting) const {
  std::vector<std::size_t> found;
  std::vector<std::string> parts = listed(chosen);
  // A name may hold commas itself.
  if (std::find(names_.begin(), names_.end(), trimmed(chosen)) != names_.end()) parts = {std::string(trimmed(chosen))};
  for (const std::string& part : parts) {
    const auto named = std::find(names_.begin(), names_.end(), part);
    std::size_t column = columns();
    if (named != names_.end()) {
      if (std::find(named + 1, names_.end(), part) != names_.end()) {
        return Error{fmt::format("{}: {}: several columns are called {}; give the number of one.", path_.string(),
                                 setting, part)};
      }
      column = static_cast<std::size_t>(named - names_.begin());
    } else {
      std::size_t number = 0;
      const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
      if (error == std::errc() && end == part.data() + part.size()) column = number - 1;
    }
    if (column >= columns()) {
      return Error{fmt::format(
          "{}: {}: there is no column {} among {}.", path_.string(), setting, part,
          columns() > 12 ? fmt::format("the {} there are", columns()) : fmt::format("{}", fmt::join(names_, ", ")))};
    }
    if (std::find(found.begin(), found.end(), column) == found.end()) found.push_back(column);
  }
  return found;
}

}  // namespace netwright
