#include "backend/run/figure_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace netwright {

std::string in_sentence(std::string title) {
  const bool is_code = title.size() > 1 && std::isdigit(static_cast<unsigned char>(title[1])) != 0;
  const bool is_plain = !is_code && std::all_of(title.begin() + (title.empty() ? 0 : 1), title.end(), [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return byte < 128 && std::isupper(byte) == 0;
  });
  if (is_plain && !title.empty()) title[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(title[0])));
  return title;
}

std::string figure_text(const FigureSpec& figure, double value, int decimals_of_percent) {
  if (!std::isfinite(value)) return "–";
  if (figure.is_share) return fmt::format("{:.{}f} %", value * 100, decimals_of_percent);
  const double size = std::abs(value);
  if (size != 0 && (size < 0.001 || size >= 100000)) return fmt::format("{:.3g}", value);
  return fmt::format("{:.4f}", value);
}

std::string figure_words(const FigureSpec& figure) {
  return in_sentence(figure.title);
}

const FigureSpec* find_figure(const std::vector<FigureSpec>& figures, std::string_view name) {
  const auto it =
      std::find_if(figures.begin(), figures.end(), [&](const FigureSpec& figure) { return figure.name == name; });
  return it == figures.end() ? nullptr : &*it;
}

std::vector<std::string> figure_list(const std::vector<FigureSpec>& figures, const FigureValues& values,
                                     const std::string& before, int decimals_of_percent) {
  std::vector<std::string> list;
  for (const FigureSpec& figure : figures) {
    const auto value = values.find(figure.name);
    if (value == values.end()) continue;
    std::string words = figure_words(figure);
    const bool is_ambiguous = std::any_of(figures.begin(), figures.end(), [&](const FigureSpec& other) {
      return other.title == figure.title && other.name != figure.name;
    });
    if (is_ambiguous) words += " (" + in_sentence(figure.chart) + ")";
    list.push_back(before + words + " " + figure_text(figure, value->second, decimals_of_percent));
  }
  return list;
}

}  // namespace netwright
