#pragma once
// A report's charts as SVG for a page of HTML: colours are classes of the page's style (`s0`…`s9`, `grid`, `tick`), so
// that they follow light and dark.

#include <string>

#include "backend/report/report_content.h"

namespace netwright {

/// Text as HTML and XML show it: `&`, `<`, `>` and both quotes escaped; control characters become spaces.
std::string escaped(const std::string& text);

std::string svg_of(const ReportChart& chart);
std::string svg_of(const ReportBars& bars);
std::string svg_of(const ReportMatrix& matrix);

}  // namespace netwright
