#pragma once
// What a finished run amounts to: its quality, what it costs, how it went, and how far it holds. Plain values; the
// engine measures them, report.json keeps them, a page of HTML and the window show them.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/report/class_scores.h"
#include "backend/report/convergence.h"
#include "backend/report/roc.h"
#include "backend/run/event.h"

namespace netwright {

struct PlotPoint {
  double x = 0;
  double y = 0;
};
using PlotCurve = std::vector<PlotPoint>;

struct ReportedRun {
  std::string name = {};  ///< of the run's folder
  std::string project = {};
  std::string task = {};
  std::string network = {};
  std::string data = {};     ///< the data source's name
  std::string started = {};  ///< UTC, ISO 8601, like `made`
  std::string made = {};     ///< when the report was
  std::string device = {};   ///< trained on
  std::string ending = {};   ///< as DoneEvent's reason; `unfinished` where the record just ends
  std::string message = {};
  int epochs = 0;
  int planned_epochs = 0;
  double seconds = 0;
  std::int64_t train_samples = 0;
  std::int64_t validation_samples = 0;
  std::int64_t test_samples = 0;
  std::int64_t limit_samples = 0;
  std::string checkpoint = {};  ///< whose weights were measured: `best`, `last`, `step-400`
  int checkpoint_epoch = 0;
  std::string split = {};       ///< on which: `test` or `validation`
  std::int64_t samples = 0;     ///< of it
  bool has_other_data = false;  ///< the data aren't those that the run learned from
  std::map<std::string, std::string> environment = {};
};

/// How a class is told from all others at every threshold.
struct ClassRanking {
  std::string name = {};
  double auc = 0;
  double average_precision = 0;
  PlotCurve roc = {};               ///< thinned
  PlotCurve precision_recall = {};  ///< thinned
};

struct ReportedQuality {
  std::vector<FigureSpec> figures = {};
  std::string main_figure = {};  ///< may be empty
  FigureValues values = {};
  std::vector<std::string> classes = {};
  bool counts_pixels = false;                             ///< else samples
  std::vector<std::vector<std::int64_t>> confusion = {};  ///< row: true; column: predicted
  std::string confusion_missing = {};
  ConfusionScores scores = {};  ///< also where the matrix is too large to keep; no classes where there is none
  std::vector<ClassRanking> rankings = {};
  std::optional<double> macro_auc = {};
  std::optional<double> macro_average_precision = {};
  std::string ranking_missing = {};
};

/// Figures for one sample, float32; nothing where analysis can't know.
struct NetworkSize {
  std::string name = {};
  std::optional<std::int64_t> parameters = {};
  std::optional<std::int64_t> trainable = {};
  std::optional<std::int64_t> macs = {};
  std::optional<std::int64_t> weight_bytes = {};
  std::optional<std::int64_t> inference_peak_bytes = {};
};

struct ThroughputAt {
  std::int64_t batch = 0;
  double milliseconds = 0;  ///< the median for a batch
  double samples_per_second = 0;
};

struct MeasuredLatency {
  std::string what = {};  ///< the network that ran
  std::string device = {};
  int threads = 0;
  int runs = 0;
  double median_ms = 0;  ///< one sample
  double p10_ms = 0;
  double p90_ms = 0;
  std::vector<ThroughputAt> throughput = {};
};

struct ReportedComplexity {
  std::vector<NetworkSize> networks = {};
  std::int64_t memory_batch = 0;  ///< 0: the run didn't measure it
  std::int64_t memory_peak_bytes = 0;
  std::int64_t memory_predicted_bytes = 0;
  std::optional<MeasuredLatency> latency = {};
  std::string latency_missing = {};
  double training_samples_per_second = 0;  ///< the median over epochs; 0: not known
};

/// One strength of a disturbance.
struct DisturbedAt {
  double level = 0;
  std::optional<double> raw = {};  ///< in the data's own units
  double value = 0;                ///< the figure
};

struct RobustnessCurve {
  std::string kind = {};                 ///< `noise`, `blur`, `fgsm`
  std::string unit = {};                 ///< of the levels, in words
  std::string raw_unit = {};             ///< in words; empty where there are none
  std::vector<DisturbedAt> points = {};  ///< the first is the undisturbed one, at level 0
  std::string missing = {};              ///< why there are none
};

struct ReportedRobustness {
  std::string figure = {};  ///< by name
  std::int64_t samples = 0;
  double input_deviation = 0;  ///< of the normalised inputs that were measured
  std::vector<RobustnessCurve> curves = {};
  std::string missing = {};  ///< why nothing was measured
  std::string note = {};
};

/// One figure over the epochs, thinned for drawing.
struct FigureHistory {
  std::string figure = {};
  PlotCurve steps = {};
  PlotCurve train = {};
  PlotCurve held_out = {};
};

struct RunReport {
  ReportedRun run;
  ReportedQuality quality;
  ReportedComplexity complexity;
  RunDynamics dynamics;
  ReportedRobustness robustness;
  std::vector<FigureHistory> histories = {};
};

/// In a run's folder.
std::filesystem::path report_file_of(const std::filesystem::path& run_folder);
std::filesystem::path report_page_of(const std::filesystem::path& run_folder);

/// All that the record tells: everything but what has to be measured anew (quality's values are the record's own).
RunReport report_from_record(const std::vector<Event>& events);

std::string to_json_text(const RunReport& report);
/// What is missing keeps its default; refuses what isn't a report, saying what is wrong with it.
Result<RunReport> report_from_json_text(const std::string& text, const std::string& origin);
Result<RunReport> read_report(const std::filesystem::path& file);

/// Of the classes that can be told apart, thinned for drawing; their means over all of those.
void take_rankings(const OneVsRest& curves, ReportedQuality& quality);

/// The figure's spec; one made of its name where the report has none.
FigureSpec figure_of(const RunReport& report, const std::string& name);

/// At most about `count` points that keep what stands out: of each part of the curve its lowest and highest.
PlotCurve thinned_curve(const PlotCurve& curve, std::size_t count);

}  // namespace netwright
