#pragma once
// Tables as text: CSV, TSV and their kin (RFC 4180), UTF-8, plain or gzip, read row by row.

#include <array>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/core/settings.h"
#include "backend/data/byte_stream.h"

namespace netwright {

/// separator and header, for sources that read such files.
std::vector<SettingSpec> delimited_settings();

struct DelimitedFormat {
  char separator = 0;                   ///< 0: tab, semicolon or comma, whichever the first rows hold alike
  std::optional<bool> has_header = {};  ///< nothing: where the first row has no number and differs from those below

  static DelimitedFormat of(const Settings& settings);
};

class DelimitedFile {
 public:
  using Row = std::vector<std::string>;

  /// Reads the first rows and finds out what `format` leaves open. Refuses an empty file and one that is no such text.
  static Result<DelimitedFile> open(const std::filesystem::path& path, const DelimitedFormat& format);

  /// As found.
  const DelimitedFormat& format() const { return format_; }
  const std::filesystem::path& path() const { return path_; }
  /// Of the columns; `column 3` where the file gives none.
  const std::vector<std::string>& names() const { return names_; }
  std::size_t columns() const { return names_.size(); }
  /// The rows at the beginning (20 at most), which next() gives too.
  const std::deque<Row>& first_rows() const { return ahead_; }

  /// The next row's fields, valid UTF-8, as many as there are columns; false at the end. Blank lines are skipped.
  Result<bool> next(Row& fields);
  /// On which the row that next() gave begins, from 1.
  std::int64_t line() const { return row_line_; }
  /// `reason`, with the file, the line on which the last row begins, and the column.
  Error error_at(std::size_t column, const std::string& reason) const;

  /// The columns that `chosen` names, with commas between them: by name, or by number from 1. `setting` is what a
  /// refusal calls them.
  Result<std::vector<std::size_t>> find_columns(const std::string& chosen, const std::string& setting) const;

 private:
  DelimitedFile(std::filesystem::path path, ByteStream stream, const DelimitedFormat& format);
  Result<void> begin();
  void find_separator();
  void find_header();
  void name_columns();
  void set_separator(char separator);
  int peek();
  bool refill();
  void take_line_end();
  void read_plain(std::string& field);
  void read_quoted(std::string& field);
  Result<bool> read_row(Row& fields);
  Error row_error(const std::string& reason) const;

  std::filesystem::path path_;
  ByteStream stream_;
  DelimitedFormat format_;
  std::vector<std::string> names_;
  std::deque<Row> ahead_;
  std::deque<std::int64_t> ahead_lines_;

  std::string buffer_;
  std::size_t at_ = 0;
  bool is_at_end_ = false;
  std::array<bool, 256> ends_field_ = {};  ///< the bytes that do, outside quotes
  std::int64_t line_ = 1;                  ///< where reading stands
  std::int64_t row_line_ = 1;              ///< where the row that is being read, or was given last, begins
  std::optional<Error> failure_ = {};
};

}  // namespace netwright
