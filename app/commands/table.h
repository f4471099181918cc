#pragma once
// Text tables for the terminal, aligned by what is seen: UTF-8 characters count as one column.

#include <string>
#include <vector>

#include "backend/core/shape.h"

namespace netwright {

enum class Align { Left, Right };

struct Column {
  std::string title;
  Align align = Align::Left;
};

/// Characters, not bytes.
std::size_t width_of(const std::string& text);
/// `text`, `count` times over.
std::string repeated(const std::string& text, std::size_t count);
/// `62,006`; `?` where it isn't known.
std::string count_text(const Dim& count);
/// The titles, a rule, and the rows, two spaces between columns; each line ends with a newline.
std::string table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows);

}  // namespace netwright
