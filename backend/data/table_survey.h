#pragma once
// What the columns of a table hold, found by reading it once.

#include <cstdint>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/data/delimited_file.h"
#include "backend/data/tokens.h"

namespace netwright {

/// `decimal`, for sources that read numbers from tables.
SettingSpec decimal_setting();
/// '.' or ','.
char decimal_of(const Settings& settings);

struct SurveyedColumn {
  std::int64_t numbers = 0;
  std::int64_t words = 0;  ///< fields that are neither missing nor numbers
  std::int64_t missing = 0;
  double sum = 0;                ///< of the numbers
  bool is_whole = true;          ///< all numbers are whole
  bool has_more = false;         ///< more different values than were asked for; `values` is empty then
  TextMap<std::int64_t> values;  ///< how often each came, by value_name()
  std::string first_word;        ///< what isn't a number, and where it stands
  std::int64_t first_word_line = 0;
  std::int64_t first_missing_line = 0;

  bool is_numeric() const { return numbers > 0 && words == 0; }
  bool is_empty() const { return numbers == 0 && words == 0; }
  double mean() const { return numbers > 0 ? sum / static_cast<double>(numbers) : 0; }
  /// In their order (see sorted_values()).
  std::vector<std::string> sorted() const;
};

struct TableSurvey {
  std::vector<SurveyedColumn> columns;
  std::int64_t rows = 0;
};

/// Reads `file` to its end. Of column i at most `most_values[i]` different values are kept, none longer than 256 bytes.
Result<TableSurvey> survey(DelimitedFile& file, const std::vector<std::size_t>& most_values, char decimal);

}  // namespace netwright
