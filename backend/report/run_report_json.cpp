// RunReport to and from JSON: each field is named once, for both ways.

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <type_traits>

#include "backend/core/json_number.h"
#include "backend/core/json_reader.h"
#include "backend/core/safe_file.h"
#include "backend/report/run_report.h"

namespace netwright {

namespace {

constexpr DocumentFormat report_format = {"netwright-report", 1};
constexpr std::size_t largest_report = std::size_t{64} << 20;

template <class T, class Plain>
concept Is = std::is_same_v<std::remove_const_t<T>, Plain>;

template <class V, Is<FigureSpec> T>
void each_member(V& visit, T& x) {
  visit("name", x.name);
  visit("title", x.title);
  visit("chart", x.chart);
  visit("is_share", x.is_share);
  visit("better", x.better);
}

template <class V, Is<ReportedRun> T>
void each_member(V& visit, T& x) {
  visit("name", x.name);
  visit("project", x.project);
  visit("task", x.task);
  visit("network", x.network);
  visit("data", x.data);
  visit("started", x.started);
  visit("made", x.made);
  visit("device", x.device);
  visit("ending", x.ending);
  visit("message", x.message);
  visit("epochs", x.epochs);
  visit("planned_epochs", x.planned_epochs);
  visit("seconds", x.seconds);
  visit("train_samples", x.train_samples);
  visit("validation_samples", x.validation_samples);
  visit("test_samples", x.test_samples);
  visit("limit_samples", x.limit_samples);
  visit("checkpoint", x.checkpoint);
  visit("checkpoint_epoch", x.checkpoint_epoch);
  visit("split", x.split);
  visit("samples", x.samples);
  visit("has_other_data", x.has_other_data);
  visit("environment", x.environment);
}

template <class V, Is<ClassRanking> T>
void each_member(V& visit, T& x) {
  visit("name", x.name);
  visit("auc", x.auc);
  visit("average_precision", x.average_precision);
  visit("roc", x.roc);
  visit("precision_recall", x.precision_recall);
}

template <class V, Is<ClassScores> T>
void each_member(V& visit, T& x) {
  visit("precision", x.precision);
  visit("recall", x.recall);
  visit("f1", x.f1);
  visit("support", x.support);
}

template <class V, Is<ConfusionScores> T>
void each_member(V& visit, T& x) {
  visit("accuracy", x.accuracy);
  visit("macro", x.macro);
  visit("micro", x.micro);
  visit("weighted", x.weighted);
  visit("classes", x.classes);
}

template <class V, Is<ReportedQuality> T>
void each_member(V& visit, T& x) {
  visit("figures", x.figures);
  visit("main_figure", x.main_figure);
  visit("values", x.values);
  visit("classes", x.classes);
  visit("counts_pixels", x.counts_pixels);
  visit("confusion", x.confusion);
  visit("scores", x.scores);
  visit("confusion_missing", x.confusion_missing);
  visit("rankings", x.rankings);
  visit("macro_auc", x.macro_auc);
  visit("macro_average_precision", x.macro_average_precision);
  visit("ranking_missing", x.ranking_missing);
}

template <class V, Is<NetworkSize> T>
void each_member(V& visit, T& x) {
  visit("name", x.name);
  visit("parameters", x.parameters);
  visit("trainable", x.trainable);
  visit("macs", x.macs);
  visit("weight_bytes", x.weight_bytes);
  visit("inference_peak_bytes", x.inference_peak_bytes);
}

template <class V, Is<ThroughputAt> T>
void each_member(V& visit, T& x) {
  visit("batch", x.batch);
  visit("milliseconds", x.milliseconds);
  visit("samples_per_second", x.samples_per_second);
}

template <class V, Is<MeasuredLatency> T>
void each_member(V& visit, T& x) {
  visit("what", x.what);
  visit("device", x.device);
  visit("threads", x.threads);
  visit("runs", x.runs);
  visit("median_ms", x.median_ms);
  visit("p10_ms", x.p10_ms);
  visit("p90_ms", x.p90_ms);
  visit("throughput", x.throughput);
}

template <class V, Is<ReportedComplexity> T>
void each_member(V& visit, T& x) {
  visit("networks", x.networks);
  visit("memory_batch", x.memory_batch);
  visit("memory_peak_bytes", x.memory_peak_bytes);
  visit("memory_predicted_bytes", x.memory_predicted_bytes);
  visit("training_samples_per_second", x.training_samples_per_second);
  visit("latency", x.latency);
  visit("latency_missing", x.latency_missing);
}

template <class V, Is<LevelReached> T>
void each_member(V& visit, T& x) {
  visit("share", x.share);
  visit("value", x.value);
  visit("epoch", x.epoch);
  visit("seconds", x.seconds);
}

template <class V, Is<Convergence> T>
void each_member(V& visit, T& x) {
  visit("figure", x.figure);
  visit("first_epoch", x.first_epoch);
  visit("first", x.first);
  visit("best_epoch", x.best_epoch);
  visit("best", x.best);
  visit("best_seconds", x.best_seconds);
  visit("epochs", x.epochs);
  visit("epochs_since_best", x.epochs_since_best);
  visit("levels", x.levels);
  visit("missing", x.missing);
}

template <class V, Is<Spike> T>
void each_member(V& visit, T& x) {
  visit("epoch", x.epoch);
  visit("value", x.value);
  visit("typical", x.typical);
  visit("deviations", x.deviations);
}

template <class V, Is<SeriesStability> T>
void each_member(V& visit, T& x) {
  visit("figure", x.figure);
  visit("values", x.values);
  visit("tail_values", x.tail_values);
  visit("tail_mean", x.tail_mean);
  visit("tail_deviation", x.tail_deviation);
  visit("tail_slope", x.tail_slope);
  visit("highest", x.highest);
  visit("spikes", x.spikes);
}

template <class V, Is<GeneralisationGap> T>
void each_member(V& visit, T& x) {
  visit("figure", x.figure);
  visit("best_train", x.best_train);
  visit("best_held_out", x.best_held_out);
  visit("best_gap", x.best_gap);
  visit("last_train", x.last_train);
  visit("last_held_out", x.last_held_out);
  visit("last_gap", x.last_gap);
  visit("slope", x.slope);
  visit("trend", x.trend);
}

template <class V, Is<RunDynamics> T>
void each_member(V& visit, T& x) {
  visit("convergence", x.convergence);
  visit("stability", x.stability);
  visit("gaps", x.gaps);
}

template <class V, Is<DisturbedAt> T>
void each_member(V& visit, T& x) {
  visit("level", x.level);
  visit("raw", x.raw);
  visit("value", x.value);
}

template <class V, Is<RobustnessCurve> T>
void each_member(V& visit, T& x) {
  visit("kind", x.kind);
  visit("unit", x.unit);
  visit("raw_unit", x.raw_unit);
  visit("points", x.points);
  visit("missing", x.missing);
}

template <class V, Is<ReportedRobustness> T>
void each_member(V& visit, T& x) {
  visit("figure", x.figure);
  visit("samples", x.samples);
  visit("input_deviation", x.input_deviation);
  visit("curves", x.curves);
  visit("missing", x.missing);
  visit("note", x.note);
}

template <class V, Is<FigureHistory> T>
void each_member(V& visit, T& x) {
  visit("figure", x.figure);
  visit("steps", x.steps);
  visit("train", x.train);
  visit("held_out", x.held_out);
}

template <class V, Is<RunReport> T>
void each_member(V& visit, T& x) {
  visit("run", x.run);
  visit("quality", x.quality);
  visit("complexity", x.complexity);
  visit("dynamics", x.dynamics);
  visit("robustness", x.robustness);
  visit("histories", x.histories);
}

/// Six significant digits: what is drawn needs no more.
double for_drawing(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return std::strtod(text, nullptr);
}

struct ReportWriter {
  Json object = Json::object();

  template <class T>
  void operator()(const char* name, const T& value) {
    object[name] = json(value);
  }

  static Json json(const std::string& text) { return text; }
  static Json json(bool flag) { return flag; }
  static Json json(int value) { return value; }
  static Json json(std::int64_t value) { return value; }
  static Json json(double value) { return json_number(value); }
  static Json json(const PlotPoint& point) {
    return Json::array({json_number(for_drawing(point.x)), json_number(for_drawing(point.y))});
  }
  template <class T>
  static Json json(const std::optional<T>& value) {
    return value ? json(*value) : Json(nullptr);
  }
  template <class T>
  static Json json(const std::vector<T>& values) {
    Json list = Json::array();
    for (const T& value : values) list.push_back(json(value));
    return list;
  }
  template <class T, class Less>
  static Json json(const std::map<std::string, T, Less>& values) {
    Json members = Json::object();
    for (const auto& [name, value] : values) members[name] = json(value);
    return members;
  }
  template <class T>
  static Json json(const T& structure) {
    ReportWriter writer;
    each_member(writer, structure);
    return std::move(writer.object);
  }
};

struct ReportReader {
  const JsonReader& object;

  template <class T>
  void operator()(const char* name, T& value) {
    if (object.has(name)) read(object.at(name), value);
  }

  static void read(const JsonReader& from, std::string& text) { text = from.text(); }
  static void read(const JsonReader& from, bool& flag) { flag = from.flag(); }
  static void read(const JsonReader& from, std::int64_t& value) { value = from.integer(); }
  static void read(const JsonReader& from, int& value) {
    const std::int64_t wide = from.integer();
    if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max()) {
      throw Malformed{from.place() + " is too large a number"};
    }
    value = static_cast<int>(wide);
  }
  static void read(const JsonReader& from, double& value) {
    value = from.is_null() ? std::numeric_limits<double>::quiet_NaN() : from.real();
  }
  static void read(const JsonReader& from, PlotPoint& point) {
    const Reals pair = from.reals(2);
    point = {pair[0], pair[1]};
  }
  template <class T>
  static void read(const JsonReader& from, std::optional<T>& value) {
    value.reset();
    if (!from.is_null()) read(from, value.emplace());
  }
  template <class T>
  static void read(const JsonReader& from, std::vector<T>& values) {
    values.clear();
    from.each([&](const JsonReader& item) { read(item, values.emplace_back()); });
  }
  template <class T, class Less>
  static void read(const JsonReader& from, std::map<std::string, T, Less>& values) {
    values.clear();
    from.each_member([&](const std::string& name, const JsonReader& item) { read(item, values[name]); });
  }
  template <class T>
  static void read(const JsonReader& from, T& structure) {
    ReportReader reader{from};
    each_member(reader, structure);
  }
};

/// A matrix that isn't square, or whose classes have no names, would lead views astray.
void check_shapes(const RunReport& report) {
  const ReportedQuality& quality = report.quality;
  for (const auto& row : quality.confusion) {
    if (row.size() != quality.confusion.size()) throw Malformed{"quality.confusion must have as many columns as rows"};
  }
  if (!quality.confusion.empty() && quality.classes.size() != quality.confusion.size()) {
    throw Malformed{"quality.classes must have a name for each row of quality.confusion"};
  }
  if (!quality.scores.classes.empty() && quality.classes.size() != quality.scores.classes.size()) {
    throw Malformed{"quality.classes must have a name for each entry of quality.scores.classes"};
  }
}

}  // namespace

std::string to_json_text(const RunReport& report) {
  Json json = {{"format", report_format.name}, {"version", report_format.version}};
  json.update(ReportWriter::json(report));
  return pretty(json);
}

Result<RunReport> report_from_json_text(const std::string& text, const std::string& origin) {
  return read_document(text, origin, report_format, [](const JsonReader& document) {
    RunReport report;
    ReportReader::read(document, report);
    check_shapes(report);
    return report;
  });
}

Result<RunReport> read_report(const std::filesystem::path& file) {
  const auto text = read_file(file, largest_report);
  if (!text) return text.error();
  return report_from_json_text(*text, file.string());
}

}  // namespace netwright
