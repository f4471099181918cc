#include "backend/data/table_survey.h"

#include <cmath>

#include "backend/core/utf8.h"
#include "backend/data/fields.h"

namespace netwright {

namespace {

constexpr std::size_t longest_value = 256;
constexpr std::size_t longest_quoted = 40;

void keep(SurveyedColumn& column, std::string value, std::size_t most) {
  if (column.has_more || most == 0) return;
  ++column.values[std::move(value)];
  if (column.values.size() <= most) return;
  column.has_more = true;
  column.values.clear();
}

}  // namespace

SettingSpec decimal_setting() {
  return {.name = "decimal",
          .kind = SettingKind::Choice,
          .fallback = std::string("point"),
          .help = "How numbers are written: 3.14 or 3,14.",
          .choices = {"point", "comma"}};
}

char decimal_of(const Settings& settings) {
  return settings.text("decimal") == "comma" ? ',' : '.';
}

std::vector<std::string> SurveyedColumn::sorted() const {
  std::vector<std::string> names;
  for (const auto& [name, count] : values) names.push_back(name);
  return sorted_values(std::move(names));
}

Result<TableSurvey> survey(DelimitedFile& file, const std::vector<std::size_t>& most_values, char decimal) {
  TableSurvey result;
  result.columns.resize(file.columns());
  DelimitedFile::Row row;
  while (true) {
    const auto has_row = file.next(row);
    if (!has_row) return has_row.error();
    if (!*has_row) return result;
    ++result.rows;
    for (std::size_t i = 0; i < row.size(); ++i) {
      SurveyedColumn& column = result.columns[i];
      const std::string& field = row[i];
      if (is_missing(field)) {
        if (column.missing++ == 0) column.first_missing_line = file.line();
        continue;
      }
      const auto number = number_in(field, decimal);
      if (number) {
        ++column.numbers;
        column.sum += *number;
        column.is_whole = column.is_whole && *number == std::floor(*number);
      } else if (column.words++ == 0) {
        column.first_word = valid_utf8(trimmed(field).substr(0, longest_quoted));
        column.first_word_line = file.line();
      }
      if (trimmed(field).size() > longest_value) {
        column.has_more = true;
        column.values.clear();
      } else if (most_values[i] > 0 && !column.has_more) {
        keep(column, value_name(field, decimal), most_values[i]);
      }
    }
  }
}

}  // namespace netwright
