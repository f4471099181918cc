#pragma once
// Figures as people read them.

#include <string>
#include <vector>

#include "backend/run/event.h"

namespace netwright {

/// `88.25 %` for shares, `0.3123` else; `–` where it isn't finite.
std::string figure_text(const FigureSpec& figure, double value, int decimals_of_percent = 2);
/// A title within a sentence: `accuracy`. One that holds names or abbreviations keeps its capital: `Fréchet distance`,
/// `F1`.
std::string in_sentence(std::string title);
/// The figure's title within a sentence.
std::string figure_words(const FigureSpec& figure);
/// Null where there is none of that name.
const FigureSpec* find_figure(const std::vector<FigureSpec>& figures, std::string_view name);
/// `loss 0.3123`, `accuracy 88.25 %`: those of the figures that have a value, in their order.
std::vector<std::string> figure_list(const std::vector<FigureSpec>& figures, const FigureValues& values,
                                     const std::string& before = {}, int decimals_of_percent = 2);

}  // namespace netwright
