#include "app/commands/table.h"

#include <algorithm>

#include "backend/core/numbers.h"

namespace netwright {

namespace {

constexpr std::size_t gap = 2;

}  // namespace

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;  // a character's first byte
  }));
}

std::string count_text(const Dim& count) {
  return count ? with_separators(*count) : "?";
}

std::string table(const std::vector<Column>& columns, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::size_t width = width_of(columns[i].title);
    for (const auto& row : rows) width = std::max(width, width_of(row[i]));
    widths.push_back(width);
  }
  std::string text;
  const auto add_line = [&](const auto& cell) {
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string content = cell(i);
      const std::string space(widths[i] - width_of(content), ' ');
      line += columns[i].align == Align::Left ? content + space : space + content;
      line.append(gap, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  add_line([&](std::size_t i) { return columns[i].title; });
  std::size_t total = 0;
  for (const std::size_t width : widths) total += width + gap;
  text += repeated("─", total - gap) + "\n";
  for (const auto& row : rows) add_line([&](std::size_t i) { return row[i]; });
  return text;
}

}  // namespace netwright
