#include "backend/report/svg_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "backend/core/numbers.h"

namespace netwright {

namespace {

constexpr double svg_width = 460;
constexpr double svg_height = 250;
constexpr double plot_top = 12;
constexpr double plot_right = 448;
constexpr double plot_bottom = 212;
constexpr std::size_t svg_colours = 10;

struct ValueRange {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void join(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

/// Never empty; with a little air where it isn't fixed.
ValueRange fitted(ValueRange range, const std::optional<double>& low, const std::optional<double>& high, double air) {
  if (!(range.low <= range.high)) range = {0, 1};
  const double span = range.high > range.low ? range.high - range.low : std::max(std::abs(range.high), 1e-3);
  const bool is_flat = range.high == range.low;
  const bool comes_near_zero = range.low >= 0 && range.low < 0.3 * range.high;
  range.high += is_flat ? span / 2 : air * span;
  range.low = comes_near_zero && air > 0 ? 0 : range.low - (is_flat ? span / 2 : air * span);
  if (low) range.low = *low;
  if (high) range.high = *high;
  if (!(range.high > range.low)) range.high = range.low + 1;
  return range;
}

struct SvgPlot {
  ValueRange x;
  ValueRange y;
  double left;

  double to_x(double at) const { return left + (at - x.low) / (x.high - x.low) * (plot_right - left); }
  double to_y(double at) const { return plot_bottom - (at - y.low) / (y.high - y.low) * (plot_bottom - plot_top); }
};

std::size_t letters_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// At most so many letters, by an ellipsis where there are more.
std::string shortened(const std::string& text, std::size_t letters) {
  if (letters_of(text) <= letters) return text;
  std::size_t seen = 0;
  std::size_t end = 0;
  while (end < text.size() && seen + 1 < letters) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
    ++seen;
  }
  return text.substr(0, end) + "…";
}

std::string path_of(const SvgPlot& plot, const PlotCurve& points) {
  std::string path;
  bool is_on = false;
  for (const PlotPoint& point : points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) {
      is_on = false;
      continue;
    }
    path += fmt::format("{}{:.1f} {:.1f}", is_on ? "L" : "M", plot.to_x(point.x), plot.to_y(point.y));
    is_on = true;
  }
  return path;
}

std::string grid_of(const SvgPlot& plot, const ReportChart& chart) {
  std::string svg;
  for (const double tick : round_ticks(plot.y.low, plot.y.high, 5)) {
    const double y = plot.to_y(tick);
    svg += fmt::format("<line class=\"grid\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", plot.left,
                       plot_right, y, y);
    svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>", plot.left - 8,
                       y + 4, escaped(tick_words(tick, chart.is_share)));
  }
  const bool is_share_axis = chart.x_high == 1.0 && chart.is_share;
  for (const double tick : round_ticks(plot.x.low, plot.x.high, 6)) {
    svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>",
                       plot.to_x(tick), plot_bottom + 18, escaped(tick_words(tick, is_share_axis)));
  }
  svg += fmt::format("<line class=\"axis\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", plot.left,
                     plot_right, plot_bottom, plot_bottom);
  svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>",
                     (plot.left + plot_right) / 2, plot_bottom + 35, escaped(chart.x_title));
  return svg;
}

std::string series_of(const SvgPlot& plot, const ReportChart& chart, const ReportSeries& series) {
  const std::size_t colour = series.colour % svg_colours;
  std::string svg = fmt::format("<path class=\"line s{}{}\" d=\"{}\"/>", colour, series.is_faint ? " faint" : "",
                                path_of(plot, series.points));
  if (!series.has_marks && series.points.size() > 1) return svg;
  for (const PlotPoint& point : series.points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) continue;
    svg += fmt::format(
        "<circle class=\"mark s{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.6\"><title>{}{}: {}</title></circle>", colour,
        plot.to_x(point.x), plot.to_y(point.y), escaped(series.name.empty() ? "" : series.name + ", "),
        escaped(tick_words(point.x, false)), escaped(tick_words(point.y, chart.is_share)));
  }
  return svg;
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      safe += "&amp;";
    } else if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else if (c == '"') {
      safe += "&quot;";
    } else if (c == '\'') {
      safe += "&#39;";
    } else if (byte < 0x20 || byte == 0x7f) {
      safe += ' ';
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string svg_of(const ReportChart& chart) {
  ValueRange x;
  ValueRange y;
  for (const ReportSeries& series : chart.series) {
    for (const PlotPoint& point : series.points) {
      x.join(point.x);
      y.join(point.y);
    }
  }
  x = fitted(x, chart.x_low, chart.x_high, 0);
  y = fitted(y, chart.y_low, chart.y_high, 0.06);
  if (chart.is_share && !chart.y_high) y.high = std::min(y.high, 1.0);
  if (chart.is_share && !chart.y_low) y.low = std::max(y.low, 0.0);
  if (!(y.high > y.low)) y.high = y.low + 1e-3;
  std::size_t longest = 0;
  for (const double tick : round_ticks(y.low, y.high, 5)) {
    longest = std::max(longest, letters_of(tick_words(tick, chart.is_share)));
  }
  const SvgPlot plot{x, y, 16 + 6.6 * static_cast<double>(longest)};
  std::string svg = fmt::format("<svg viewBox=\"0 0 {:g} {:g}\" role=\"img\" aria-label=\"{}\">", svg_width, svg_height,
                                escaped(chart.title));
  svg += grid_of(plot, chart);
  if (chart.has_diagonal) {
    svg += fmt::format("<line class=\"guess\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>",
                       plot.to_x(x.low), plot.to_y(y.low), plot.to_x(x.high), plot.to_y(y.high));
  }
  for (const bool is_faint : {true, false}) {
    for (const ReportSeries& series : chart.series) {
      if (series.is_faint == is_faint) svg += series_of(plot, chart, series);
    }
  }
  return svg + "</svg>";
}

std::string svg_of(const ReportBars& bars) {
  // As high as the matrix that often stands beside it.
  const double row_height =
      std::clamp(400.0 / static_cast<double>(std::max<std::size_t>(bars.rows.size(), 1)), 20.0, 38.0);
  constexpr double name_width = 128;
  constexpr double value_width = 58;
  const double height = row_height * static_cast<double>(bars.rows.size()) + 6;
  const double span = svg_width - name_width - value_width;
  std::string svg = fmt::format("<svg viewBox=\"0 0 {:g} {:g}\" role=\"img\" aria-label=\"{}\">", svg_width, height,
                                escaped(bars.title));
  for (std::size_t i = 0; i < bars.rows.size(); ++i) {
    const ReportBars::Row& row = bars.rows[i];
    const double y = 4 + row_height * static_cast<double>(i);
    const double value = row.values.empty() ? 0 : std::clamp(row.values.front(), 0.0, 1.0);
    svg += fmt::format("<text class=\"name\" x=\"{:g}\" y=\"{:g}\" text-anchor=\"end\">{}<title>{}</title></text>",
                       name_width - 10, y + row_height / 2 + 2, escaped(shortened(row.name, 18)), escaped(row.name));
    svg += fmt::format("<rect class=\"track\" x=\"{:g}\" y=\"{:g}\" width=\"{:.1f}\" height=\"10\" rx=\"3\"/>",
                       name_width, y + row_height / 2 - 7, span);
    svg += fmt::format("<rect class=\"bar s0\" x=\"{:g}\" y=\"{:g}\" width=\"{:.1f}\" height=\"10\" rx=\"3\"/>",
                       name_width, y + row_height / 2 - 7, value * span);
    svg += fmt::format("<text class=\"tick\" x=\"{:g}\" y=\"{:g}\" text-anchor=\"end\">{:.1f} %</text>", svg_width - 2,
                       y + row_height / 2 + 2, 100 * value);
  }
  return svg + "</svg>";
}

std::string svg_of(const ReportMatrix& matrix) {
  const std::size_t classes = matrix.classes.size();
  constexpr double name_width = 118;
  constexpr double foot = 92;
  const double cell = std::clamp(400.0 / static_cast<double>(std::max<std::size_t>(classes, 1)), 9.0, 64.0);
  const double side = cell * static_cast<double>(classes);
  const double width = name_width + side + 8;
  const double height = side + foot + 26;
  const bool has_figures = cell >= 26;
  std::string svg = fmt::format(
      "<svg class=\"matrix\" style=\"max-width:{:.0f}px\" viewBox=\"0 0 {:.1f} {:.1f}\" "
      "role=\"img\" aria-label=\"{}\">",
      std::max(width * 1.15, 320.0), width, height, escaped(matrix.title));
  for (std::size_t row = 0; row < classes; ++row) {
    std::int64_t total = 0;
    for (const std::int64_t count : matrix.counts[row]) total += count;
    const double y = 18 + cell * static_cast<double>(row);
    svg +=
        fmt::format("<text class=\"name\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\"{}>{}<title>{}</title></text>",
                    name_width - 8, y + cell / 2 + 4, cell < 13 ? " style=\"font-size:8px\"" : "",
                    escaped(shortened(matrix.classes[row], 16)), escaped(matrix.classes[row]));
    for (std::size_t column = 0; column < classes; ++column) {
      const std::int64_t count = matrix.counts[row][column];
      const double share = total > 0 ? static_cast<double>(count) / static_cast<double>(total) : 0;
      const double x = name_width + cell * static_cast<double>(column);
      // Small shares still show: what is seldom confused is what a reader looks for.
      const double ink = count == 0 ? 0 : 0.06 + 0.94 * std::sqrt(share);
      svg += fmt::format(
          "<g><title>{} taken for {}: {} ({:.1f} % of them)</title>"
          "<rect class=\"cell\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>",
          escaped(matrix.classes[row]), escaped(matrix.classes[column]), with_separators(count), 100 * share, x, y,
          cell - 1, cell - 1);
      if (count > 0) {
        svg += fmt::format(
            "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
            "fill-opacity=\"{:.3f}\"/>",
            row == column ? "right" : "wrong", x, y, cell - 1, cell - 1, ink);
      }
      if (has_figures && count > 0) {
        const std::string text = count < 10000 ? std::to_string(count) : with_unit(count);
        svg += fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\"{}>{}</text>",
                           ink > 0.62 ? "count strong" : "count", x + (cell - 1) / 2, y + cell / 2 + 3.5,
                           text.size() > 4 ? " style=\"font-size:8.5px\"" : "", text);
      }
      svg += "</g>";
    }
  }
  for (std::size_t column = 0; column < classes; ++column) {
    const double x = name_width + cell * (static_cast<double>(column) + 0.5);
    const double y = 18 + side + 10;
    svg += fmt::format(
        "<text class=\"name\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\"{} "
        "transform=\"rotate(-45 {:.1f} {:.1f})\">{}</text>",
        x, y, cell < 13 ? " style=\"font-size:8px\"" : "", x, y, escaped(shortened(matrix.classes[column], 16)));
  }
  svg +=
      fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"11\">rows: true class; columns: taken for</text>", name_width);
  return svg + "</svg>";
}

}  // namespace netwright
