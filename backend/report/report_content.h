#pragma once
// What a report says, in words, tables and charts, before anybody draws it: the page of HTML, the window and the
// terminal show the same.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "backend/report/run_report.h"

namespace netwright {

/// One figure that matters.
struct ReportCard {
  std::string title = {};
  std::string value = {};
  std::string note = {};
};
struct ReportCards {
  std::vector<ReportCard> cards = {};
};

struct ReportColumn {
  std::string title = {};
  bool is_number = true;
};
struct ReportTable {
  std::string title = {};
  std::vector<ReportColumn> columns = {};
  std::vector<std::vector<std::string>> rows = {};
  std::size_t summary_rows = 0;  ///< so many of the last ones sum up the others
  std::string note = {};
};

struct ReportSeries {
  std::string name = {};
  PlotCurve points = {};
  std::size_t colour = 0;  ///< of the theme's series
  bool is_faint = false;   ///< behind the others, without a name of its own
  bool has_marks = false;  ///< a mark at each point
};
struct ReportChart {
  std::string title = {};
  std::string x_title = {};
  bool is_share = false;  ///< y is 0..1, shown in per cent
  std::vector<ReportSeries> series = {};
  std::optional<double> x_low = {};  ///< else what the points span
  std::optional<double> x_high = {};
  std::optional<double> y_low = {};
  std::optional<double> y_high = {};
  bool has_diagonal = false;  ///< what guessing gives
  std::string note = {};
};

/// Several values from 0 to 1 for each of some names.
struct ReportBars {
  struct Row {
    std::string name = {};
    std::vector<double> values = {};
  };
  std::string title = {};
  std::vector<std::string> series = {};
  std::vector<Row> rows = {};
};

struct ReportMatrix {
  std::string title = {};
  int epoch = 0;  ///< whose weights judged
  std::vector<std::string> classes = {};
  std::vector<std::vector<std::int64_t>> counts = {};  ///< row: true; column: predicted
};

/// Why something isn't there, or how it was measured.
struct ReportNote {
  std::string title = {};
  std::string text = {};
};

using ReportBlock = std::variant<ReportCards, ReportTable, ReportChart, ReportBars, ReportMatrix, ReportNote>;

struct ReportSection {
  std::string id = {};
  std::string title = {};
  std::string sentence = {};  ///< what it comes to
  std::vector<ReportBlock> blocks = {};
};

struct ReportContent {
  std::string title = {};
  std::string subtitle = {};  ///< task, network, data
  std::string made = {};      ///< when and on what
  std::string warning = {};   ///< what a reader should know first; may be empty
  std::vector<ReportSection> sections = {};
};

ReportContent content_of(const RunReport& report);

/// Drawings and tables of few columns: those that follow each other stand side by side.
bool stands_beside_others(const ReportBlock& block);

/// 0.42 s, 45 s, 3 min 20 s, 2 h 05 min.
std::string seconds_words(double seconds);
/// 2026-11-26T10:00:00Z as 26 November 2026, 10:00 UTC; what is no such time stays.
std::string date_words(const std::string& utc);

/// Ticks 1, 2 or 5 times a power of ten apart, about `count` of them, within the range.
std::vector<double> round_ticks(double low, double high, int count);
/// A tick or a value of a chart: 0.25, 1.2e-05, 12 K; `25 %` for shares.
std::string tick_words(double value, bool is_share);

}  // namespace netwright
