#include "backend/report/report_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <string_view>

#include "backend/core/numbers.h"
#include "backend/run/figure_text.h"

namespace netwright {

namespace {

// What a classification measures as means over its classes (engine/class_meter.h).
constexpr std::string_view class_averages[] = {"precision", "recall", "f1", "auc"};
constexpr std::size_t most_class_rows = 60;
constexpr std::size_t most_matrix_classes = 60;
constexpr std::size_t most_class_curves = 10;

std::string upper_first(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

std::string share_words(double share, int decimals = 1) {
  return std::isfinite(share) ? fmt::format("{:.{}f} %", 100 * share, decimals) : "–";
}

std::string known_count(const std::optional<std::int64_t>& count) {
  return count ? with_unit(*count) : "–";
}

std::string milliseconds_words(double ms) {
  if (ms < 0.1) return fmt::format("{:.0f} µs", 1000 * ms);
  if (ms < 10) return fmt::format("{:.2f} ms", ms);
  if (ms < 1000) return fmt::format("{:.1f} ms", ms);
  return fmt::format("{:.2f} s", ms / 1000);
}

std::string rate_words(double per_second) {
  return per_second >= 100 ? with_separators(std::llround(per_second)) : fmt::format("{:.1f}", per_second);
}

std::string plural(std::int64_t count, const std::string& one) {
  return fmt::format("{} {}{}", with_separators(count), one, count == 1 ? "" : "s");
}

/// A difference of a figure: of shares in percentage points.
std::string gap_words(const FigureSpec& figure, double gap) {
  if (!std::isfinite(gap)) return "–";
  if (figure.is_share) return fmt::format("{:+.1f} points", 100 * gap);
  return (gap >= 0 ? "+" : "−") + figure_text(figure, std::abs(gap));
}

// ---- Quality

void add_class_table(const ReportedQuality& quality, ReportSection& section) {
  const ConfusionScores& scores = quality.scores;
  if (scores.classes.empty()) {
    if (!quality.confusion_missing.empty())
      section.blocks.push_back(ReportNote{"Confusion", quality.confusion_missing});
    return;
  }
  const bool has_matrix = !quality.confusion.empty();
  ReportTable table{.title = "Class by class"};
  table.columns = {{"Class", false}, {"Precision"}, {"Recall"}, {"F1"}, {quality.counts_pixels ? "Pixels" : "Samples"}};
  if (has_matrix) table.columns.push_back({"Most often taken for", false});
  std::vector<std::size_t> order(scores.classes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  if (order.size() > most_class_rows) {
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return scores.classes[a].f1 < scores.classes[b].f1; });
    table.note =
        fmt::format("Of {} classes the {} with the lowest F1; report.json has all.", order.size(), most_class_rows);
    order.resize(most_class_rows);
  }
  const auto row_of = [&](const std::string& name, const ClassScores& of, const std::string& taken_for) {
    std::vector<std::string> row = {name, share_words(of.precision), share_words(of.recall), share_words(of.f1),
                                    with_separators(of.support)};
    if (has_matrix) row.push_back(taken_for);
    table.rows.push_back(std::move(row));
  };
  for (const std::size_t i : order) {
    std::string taken_for = "–";
    if (has_matrix) {
      const auto& counts = quality.confusion[i];
      std::size_t most = i;
      for (std::size_t j = 0; j < counts.size(); ++j) {
        if (j != i && counts[j] > (most == i ? 0 : counts[most])) most = j;
      }
      if (most != i) taken_for = fmt::format("{} ({})", quality.classes[most], with_separators(counts[most]));
    }
    row_of(quality.classes[i], scores.classes[i], taken_for);
  }
  row_of("Macro average", scores.macro, "");
  row_of("Weighted average", scores.weighted, "");
  table.summary_rows = 2;
  ReportBars bars{.title = "F1 by class", .series = {"F1"}};
  for (const std::size_t i : order) bars.rows.push_back({quality.classes[i], {scores.classes[i].f1}});
  section.blocks.push_back(std::move(table));
  if (bars.rows.size() <= most_class_curves * 2) section.blocks.push_back(std::move(bars));
}

void add_matrix(const ReportedQuality& quality, int epoch, ReportSection& section) {
  if (quality.confusion.empty()) return;
  if (quality.confusion.size() > most_matrix_classes) {
    section.blocks.push_back(
        ReportNote{"Confusion matrix", "There are too many classes to draw it; report.json has it."});
    return;
  }
  section.blocks.push_back(ReportMatrix{quality.counts_pixels ? "Confusion matrix, pixels" : "Confusion matrix", epoch,
                                        quality.classes, quality.confusion});
}

void add_rankings(const ReportedQuality& quality, ReportSection& section) {
  if (quality.rankings.empty()) {
    if (!quality.scores.classes.empty() && !quality.ranking_missing.empty()) {
      section.blocks.push_back(ReportNote{"ROC and precision-recall curves", quality.ranking_missing});
    }
    return;
  }
  // Of two classes the second's curve says all.
  std::vector<const ClassRanking*> shown;
  for (const ClassRanking& ranking : quality.rankings) shown.push_back(&ranking);
  if (quality.classes.size() == 2 && shown.size() == 2) shown.erase(shown.begin());
  std::string note;
  if (shown.size() > most_class_curves) {
    std::stable_sort(shown.begin(), shown.end(),
                     [](const ClassRanking* a, const ClassRanking* b) { return a->auc < b->auc; });
    note = fmt::format("Of {} classes the {} with the smallest area.", shown.size(), most_class_curves);
    shown.resize(most_class_curves);
  }
  ReportChart roc{.title = "ROC, one class against the others", .x_title = "false positive rate", .is_share = true};
  ReportChart pr{.title = "Precision and recall", .x_title = "recall", .is_share = true};
  for (ReportChart* chart : {&roc, &pr}) {
    chart->x_low = chart->y_low = 0;
    chart->x_high = chart->y_high = 1;
    chart->note = note;
  }
  roc.has_diagonal = true;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    roc.series.push_back({fmt::format("{} {:.3f}", shown[i]->name, shown[i]->auc), shown[i]->roc, i});
    pr.series.push_back(
        {fmt::format("{} {:.3f}", shown[i]->name, shown[i]->average_precision), shown[i]->precision_recall, i});
  }
  section.blocks.push_back(std::move(roc));
  section.blocks.push_back(std::move(pr));
}

ReportSection quality_section(const RunReport& report) {
  const ReportedQuality& quality = report.quality;
  ReportSection section{.id = "quality", .title = "Quality"};
  section.sentence = report.run.samples > 0
                         ? fmt::format("Measured on {} of the {} split with the weights of the {} epoch, {}.",
                                       plural(report.run.samples, "sample"), report.run.split, report.run.checkpoint,
                                       report.run.checkpoint_epoch)
                         : "As the run's record has it.";
  ReportCards cards;
  const auto add = [&](const FigureSpec& figure) {
    const auto value = quality.values.find(figure.name);
    if (value == quality.values.end() || !std::isfinite(value->second)) return;
    std::string title = figure.title;
    for (const FigureSpec& other : quality.figures) {
      if (other.name != figure.name && other.title == figure.title)
        title = figure.title + ", " + in_sentence(figure.chart);
    }
    std::string note = figure.better.empty() ? "" : figure.better + " is better";
    const bool is_average =
        std::find(std::begin(class_averages), std::end(class_averages), figure.name) != std::end(class_averages);
    if (is_average) note = "macro average over the classes; " + note;
    if (figure.name == quality.main_figure) note = "chooses the best epoch; " + note;
    cards.cards.push_back({title, figure_text(figure, value->second), note});
  };
  for (const FigureSpec& figure : quality.figures) {
    if (figure.name == quality.main_figure) add(figure);
  }
  for (const FigureSpec& figure : quality.figures) {
    if (figure.name != quality.main_figure) add(figure);
  }
  const auto is_measured = [&](const char* word) {
    return std::any_of(cards.cards.begin(), cards.cards.end(),
                       [&](const ReportCard& card) { return card.title.find(word) != std::string::npos; });
  };
  if (!quality.scores.classes.empty() && !is_measured("F1")) {
    cards.cards.push_back({"F1, macro average", share_words(quality.scores.macro.f1),
                           "weighted by samples " + share_words(quality.scores.weighted.f1)});
  }
  if (quality.macro_auc && !is_measured("AUC")) {
    cards.cards.push_back({"ROC AUC, macro", fmt::format("{:.4f}", *quality.macro_auc), "1 is perfect, 0.5 a guess"});
  }
  if (quality.macro_average_precision && !is_measured("Average precision")) {
    cards.cards.push_back({"Average precision, macro", fmt::format("{:.4f}", *quality.macro_average_precision),
                           "the area under precision by recall"});
  }
  if (cards.cards.empty()) {
    section.blocks.push_back(ReportNote{"", "The run ended before anything was measured."});
  } else {
    section.blocks.push_back(std::move(cards));
  }
  add_class_table(quality, section);
  add_matrix(quality, report.run.checkpoint_epoch, section);
  add_rankings(quality, section);
  return section;
}

// ---- Complexity

ReportSection complexity_section(const RunReport& report) {
  const ReportedComplexity& complexity = report.complexity;
  ReportSection section{.id = "complexity", .title = "Complexity"};
  ReportCards cards;
  const bool is_one = complexity.networks.size() == 1;
  if (is_one) {
    const NetworkSize& size = complexity.networks.front();
    cards.cards.push_back({"Parameters", known_count(size.parameters),
                           size.parameters ? fmt::format("{} exactly, {} trainable", with_separators(*size.parameters),
                                                         size.trainable ? with_separators(*size.trainable) : "?")
                                           : ""});
    cards.cards.push_back({"MACs", known_count(size.macs), "multiply-adds for one sample"});
    if (size.weight_bytes) {
      cards.cards.push_back({"Weights", bytes_text(*size.weight_bytes),
                             size.inference_peak_bytes
                                 ? bytes_text(*size.inference_peak_bytes) + " of values at most while one sample runs"
                                 : ""});
    }
  }
  if (complexity.memory_peak_bytes > 0) {
    cards.cards.push_back({"Memory of a training step", bytes_text(complexity.memory_peak_bytes),
                           fmt::format("measured with a batch of {}{}", with_separators(complexity.memory_batch),
                                       complexity.memory_predicted_bytes > 0
                                           ? "; foreseen " + bytes_text(complexity.memory_predicted_bytes)
                                           : "")});
  }
  if (const auto& latency = complexity.latency) {
    cards.cards.push_back({"Latency, one sample", milliseconds_words(latency->median_ms),
                           fmt::format("median of {} runs; 10 % below {}, 10 % above {}", latency->runs,
                                       milliseconds_words(latency->p10_ms), milliseconds_words(latency->p90_ms))});
    const auto fastest = std::max_element(
        latency->throughput.begin(), latency->throughput.end(),
        [](const ThroughputAt& a, const ThroughputAt& b) { return a.samples_per_second < b.samples_per_second; });
    if (fastest != latency->throughput.end()) {
      cards.cards.push_back({fmt::format("Throughput, {} at a time", with_separators(fastest->batch)),
                             rate_words(fastest->samples_per_second) + " /s",
                             "samples; the highest of those measured"});
    }
  }
  if (complexity.training_samples_per_second > 0) {
    cards.cards.push_back({"Training speed", rate_words(complexity.training_samples_per_second) + " /s",
                           "samples, the median over the epochs"});
  }
  section.blocks.push_back(std::move(cards));
  if (!is_one && !complexity.networks.empty()) {
    ReportTable table{.title = "Networks"};
    table.columns = {{"Network", false}, {"Parameters"}, {"Trainable"}, {"MACs"}, {"Weights"}, {"Values at most"}};
    for (const NetworkSize& size : complexity.networks) {
      const auto bytes = [](const std::optional<std::int64_t>& count) { return count ? bytes_text(*count) : "–"; };
      table.rows.push_back({size.name, known_count(size.parameters), known_count(size.trainable),
                            known_count(size.macs), bytes(size.weight_bytes), bytes(size.inference_peak_bytes)});
    }
    table.note = "MACs and values are those of one sample.";
    section.blocks.push_back(std::move(table));
  }
  if (const auto& latency = complexity.latency) {
    section.sentence = fmt::format(
        "Latency and throughput are those of “{}” on {} with {}, in evaluation mode, after a "
        "warm-up, with the data in memory.",
        latency->what, latency->device, plural(latency->threads, "thread"));
    ReportTable table{.title = "Throughput"};
    table.columns = {{"Samples at a time", false}, {"Time"}, {"Samples per second"}};
    ReportChart chart{.title = "Samples per second by how many run at a time", .x_title = "samples at a time"};
    PlotCurve points;
    for (const ThroughputAt& at : latency->throughput) {
      points.push_back({static_cast<double>(at.batch), at.samples_per_second});
      table.rows.push_back(
          {with_separators(at.batch), milliseconds_words(at.milliseconds), rate_words(at.samples_per_second)});
    }
    chart.x_low = chart.y_low = 0;
    chart.series.push_back({"samples per second", std::move(points), 0, false, true});
    section.blocks.push_back(std::move(chart));
    section.blocks.push_back(std::move(table));
  } else if (!complexity.latency_missing.empty()) {
    section.blocks.push_back(ReportNote{"Latency and throughput", complexity.latency_missing});
  }
  return section;
}

// ---- Convergence and stability

/// The curves of all figures that are drawn together.
ReportChart history_chart(const RunReport& report, const std::string& chart_name) {
  ReportChart chart{.title = chart_name, .x_title = "epoch"};
  std::vector<const FigureHistory*> members;
  for (const FigureHistory& history : report.histories) {
    if (figure_of(report, history.figure).chart == chart_name) members.push_back(&history);
  }
  std::size_t colour = 0;
  chart.x_low = 0;
  for (const FigureHistory* history : members) {
    const FigureSpec figure = figure_of(report, history->figure);
    chart.is_share = figure.is_share;
    const std::string name = members.size() > 1 ? figure.title + ", " : "";
    const bool has_epochs = !history->train.empty() || !history->held_out.empty();
    if (!history->steps.empty()) {
      chart.series.push_back(
          {has_epochs ? "" : (members.size() > 1 ? figure.title : "steps"), history->steps, colour, has_epochs});
    }
    const bool has_marks = history->train.size() <= 40 && history->held_out.size() <= 40;
    if (!history->train.empty()) {
      chart.series.push_back({name + "training", history->train, colour, false, has_marks});
      ++colour;
    }
    if (!history->held_out.empty()) {
      chart.series.push_back({name + (report.run.validation_samples > 0 ? "validation" : "test"), history->held_out,
                              colour, false, has_marks});
      ++colour;
    }
    if (!has_epochs) ++colour;
  }
  return chart;
}

std::vector<std::string> chart_names(const RunReport& report) {
  std::vector<std::string> names;
  for (const FigureHistory& history : report.histories) {
    const std::string name = figure_of(report, history.figure).chart;
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string stability_title(const RunReport& report, const SeriesStability& series) {
  const FigureSpec figure = figure_of(report, series.figure);
  return figure.chart.empty() || figure.chart == figure.title ? figure.title
                                                              : figure.title + ", " + in_sentence(figure.chart);
}

void add_stability(const RunReport& report, ReportCards& cards, ReportSection& section) {
  const auto& all = report.dynamics.stability;
  if (all.empty()) return;
  const SeriesStability& loss = all.front();
  const FigureSpec figure = figure_of(report, loss.figure);
  if (loss.tail_deviation > 0) {
    cards.cards.push_back({"Unrest of the loss", figure_text(figure, loss.tail_deviation),
                           fmt::format("deviation of its steps around their trend in the last third, {} of their mean",
                                       share_words(loss.tail_deviation / std::max(std::abs(loss.tail_mean), 1e-300)))});
  }
  std::string highest = "steps far above their neighbours";
  if (!loss.spikes.empty()) {
    const auto worst = std::max_element(loss.spikes.begin(), loss.spikes.end(), [](const Spike& a, const Spike& b) {
      return a.value - a.typical < b.value - b.typical;
    });
    highest = fmt::format("the highest {} instead of about {}, in epoch {}", figure_text(figure, worst->value),
                          figure_text(figure, worst->typical), static_cast<int>(std::ceil(worst->epoch)));
  }
  cards.cards.push_back(
      {"Spikes of the loss", with_separators(static_cast<std::int64_t>(loss.spikes.size())), highest});

  ReportTable table{.title = "Stability"};
  table.columns = {{"Figure", false}, {"Values"},          {"Mean, last third"}, {"Deviation"},
                   {"Variance"},      {"Trend per epoch"}, {"Highest"},          {"Spikes"}};
  for (const SeriesStability& series : all) {
    const FigureSpec spec = figure_of(report, series.figure);
    const auto text = [&](double value) { return series.tail_values < 5 ? "–" : figure_text(spec, value); };
    table.rows.push_back({stability_title(report, series), with_separators(series.values), text(series.tail_mean),
                          text(series.tail_deviation),
                          series.tail_values < 5 ? "–" : fmt::format("{:.3g}", std::pow(series.tail_deviation, 2)),
                          series.tail_values < 5 ? "–" : fmt::format("{:+.3g}", series.tail_slope),
                          figure_text(spec, series.highest),
                          with_separators(static_cast<std::int64_t>(series.spikes.size()))});
  }
  table.note =
      "Each value is a mean over the steps since the one before. Deviation and variance are those around the "
      "least-squares line through the last third of the run. A spike lies above the median of the 21 values around it "
      "by more than 3.5 robust deviations (Iglewicz and Hoaglin, 1993) and by a tenth of that median.";
  section.blocks.push_back(std::move(table));
}

ReportSection convergence_section(const RunReport& report) {
  const Convergence& convergence = report.dynamics.convergence;
  ReportSection section{.id = "convergence", .title = "Convergence and stability"};
  const FigureSpec figure = figure_of(report, convergence.figure);
  ReportCards cards;
  if (!convergence.figure.empty() && convergence.best_epoch > 0) {
    section.sentence = fmt::format("The held-out {} was best in epoch {} of {}: {}.", figure_words(figure),
                                   convergence.best_epoch, convergence.epochs, figure_text(figure, convergence.best));
    cards.cards.push_back({"Best epoch", fmt::format("{} of {}", convergence.best_epoch, convergence.epochs),
                           fmt::format("after {}; {}", seconds_words(convergence.best_seconds),
                                       convergence.epochs_since_best == 0
                                           ? "the last one"
                                           : plural(convergence.epochs_since_best, "epoch") + " went by since")});
  }
  for (const LevelReached& level : convergence.levels) {
    if (level.share != 0.95) continue;
    cards.cards.push_back({"95 % of the way", plural(level.epoch, "epoch"),
                           fmt::format("{}; from the first epoch to the best, {} {}", seconds_words(level.seconds),
                                       figure_words(figure), figure_text(figure, level.value))});
  }
  cards.cards.push_back(
      {"Whole run", seconds_words(report.run.seconds),
       fmt::format("{} of {}, {}", report.run.epochs, plural(report.run.planned_epochs, "epoch"), report.run.ending)});
  ReportSection details;
  add_stability(report, cards, details);
  section.blocks.push_back(std::move(cards));
  for (const std::string& name : chart_names(report)) section.blocks.push_back(history_chart(report, name));
  if (!convergence.levels.empty()) {
    ReportTable table{.title = "Way to the best epoch"};
    table.columns = {{"Share of the way", false}, {upper_first(figure_words(figure))}, {"Epochs"}, {"Time"}};
    table.rows.push_back(
        {"first epoch", figure_text(figure, convergence.first), with_separators(convergence.first_epoch), "–"});
    for (const LevelReached& level : convergence.levels) {
      table.rows.push_back({share_words(level.share, 0), figure_text(figure, level.value), with_separators(level.epoch),
                            seconds_words(level.seconds)});
    }
    table.rows.push_back({"best", figure_text(figure, convergence.best), with_separators(convergence.best_epoch),
                          seconds_words(convergence.best_seconds)});
    section.blocks.push_back(std::move(table));
  } else if (!convergence.missing.empty()) {
    section.blocks.push_back(ReportNote{"Way to the best epoch", convergence.missing});
  }
  for (ReportBlock& block : details.blocks) section.blocks.push_back(std::move(block));
  return section;
}

// ---- Generalisation and robustness

struct Disturbance {
  const char* kind;
  const char* title;
  const char* in_words;
  const char* x_title;
};
constexpr std::array<Disturbance, 3> disturbances = {{{"noise", "Gaussian noise", "Gaussian noise", "size"},
                                                      {"blur", "Gaussian blur", "Gaussian blur", "deviation"},
                                                      {"fgsm", "FGSM attack", "the FGSM attack", "ε"}}};

void add_gaps(const RunReport& report, ReportCards& cards, ReportSection& section) {
  const auto& gaps = report.dynamics.gaps;
  if (gaps.empty()) {
    section.blocks.push_back(
        ReportNote{"Gap between training and held-out samples",
                   "No figure of this run is measured on both in a way that says which is better."});
    return;
  }
  const std::string held_out = report.run.validation_samples > 0 ? "Validation" : "Test";
  ReportTable table{.title = "Gap between training and held-out samples"};
  table.columns = {{"Figure", false}, {"Training, best epoch"},     {held_out}, {"Gap"}, {"Training, end"}, {held_out},
                   {"Gap"},           {"Over the last half", false}};
  for (const GeneralisationGap& gap : gaps) {
    const FigureSpec figure = figure_of(report, gap.figure);
    table.rows.push_back({figure.title, figure_text(figure, gap.best_train), figure_text(figure, gap.best_held_out),
                          gap_words(figure, gap.best_gap), figure_text(figure, gap.last_train),
                          figure_text(figure, gap.last_held_out), gap_words(figure, gap.last_gap),
                          gap.trend.empty() ? "too few epochs to say" : gap.trend});
  }
  table.note =
      "Above 0, held-out samples fare worse. Training figures are means over an epoch in which the weights still "
      "changed, with dropout and augmentation at work, so a gap may also be below 0.";
  for (const GeneralisationGap& gap : gaps) {
    const FigureSpec figure = figure_of(report, gap.figure);
    if (gaps.size() > 1 && gap.figure != gaps.front().figure && gap.figure != report.quality.main_figure) continue;
    const std::string trend = gap.trend == "grows"     ? "; it grows, a sign of overfitting"
                              : gap.trend == "shrinks" ? "; it shrinks"
                              : gap.trend == "steady"  ? "; it holds steady"
                                                       : "";
    cards.cards.push_back({"Gap, " + figure_words(figure), gap_words(figure, gap.best_gap),
                           "held out against training, at the best epoch" + trend});
  }
  section.blocks.push_back(std::move(table));
}

void add_disturbed(const RunReport& report, ReportCards& cards, ReportSection& section) {
  const ReportedRobustness& robustness = report.robustness;
  const FigureSpec figure = figure_of(report, robustness.figure);
  if (!robustness.missing.empty()) {
    section.blocks.push_back(ReportNote{"Robustness", robustness.missing});
    return;
  }
  const auto measured = std::find_if(robustness.curves.begin(), robustness.curves.end(),
                                     [](const RobustnessCurve& curve) { return curve.points.size() > 1; });
  if (measured != robustness.curves.end()) {
    cards.cards.push_back({"Undisturbed", figure_text(figure, measured->points.front().value),
                           fmt::format("{} on the {} that are disturbed below", figure_words(figure),
                                       plural(robustness.samples, "sample"))});
  }
  for (const Disturbance& disturbance : disturbances) {
    for (const RobustnessCurve& curve : robustness.curves) {
      if (curve.kind != disturbance.kind) continue;
      if (curve.points.size() < 2) {
        section.blocks.push_back(ReportNote{disturbance.title, curve.missing});
        continue;
      }
      const bool shows_raw = curve.kind == "fgsm" && curve.raw_unit == "of 255" && curve.points.back().raw.has_value();
      ReportChart chart{.title = fmt::format("{} under {}", figure.title, disturbance.in_words),
                        .x_title = fmt::format("{}, {}", disturbance.x_title, shows_raw ? curve.raw_unit : curve.unit),
                        .is_share = figure.is_share};
      ReportTable table{.title = disturbance.title};
      table.columns = {{upper_first(chart.x_title), false}, {figure.title}, {"Change"}};
      if (curve.points.back().raw && !shows_raw)
        table.columns.insert(table.columns.begin() + 1, {upper_first(curve.raw_unit)});
      if (shows_raw) table.columns.insert(table.columns.begin() + 1, {"Normalised"});
      PlotCurve points;
      for (const DisturbedAt& at : curve.points) {
        points.push_back({shows_raw ? at.raw.value_or(0) : at.level, at.value});
        std::vector<std::string> row = {
            fmt::format("{:.3g}", points.back().x), figure_text(figure, at.value),
            &at == &curve.points.front() ? "–" : gap_words(figure, at.value - curve.points.front().value)};
        if (shows_raw) row.insert(row.begin() + 1, fmt::format("{:.3g}", at.level));
        if (at.raw && !shows_raw) row.insert(row.begin() + 1, fmt::format("{:.3g}", *at.raw));
        table.rows.push_back(std::move(row));
      }
      chart.series.push_back({figure.title, std::move(points), 0, false, true});
      if (figure.is_share) chart.y_low = 0;
      chart.x_low = 0;
      const DisturbedAt& middle = curve.points[(curve.points.size() + 1) / 2];
      cards.cards.push_back(
          {fmt::format("{}, {:.3g} {}", disturbance.title, shows_raw ? middle.raw.value_or(0) : middle.level,
                       curve.kind == "noise"  ? (middle.level == 1 ? "deviation" : "deviations")
                       : curve.kind == "blur" ? "pixels"
                       : shows_raw            ? curve.raw_unit
                                              : curve.unit),
           figure_text(figure, middle.value),
           fmt::format("{}; undisturbed {}", figure_words(figure), figure_text(figure, curve.points.front().value))});
      section.blocks.push_back(std::move(chart));
      section.blocks.push_back(std::move(table));
    }
  }
  std::string note = fmt::format(
      "The same {} each time. Noise is N(0, σ²) added to the normalised inputs, whose own deviation over all values is "
      "{:.3g}. Blur is a Gaussian's, cut at four deviations. FGSM (Goodfellow et al., 2015) adds ε·sign of the loss's "
      "gradient with respect to the input.",
      plural(robustness.samples, "sample"), robustness.input_deviation);
  if (!robustness.note.empty()) note += " " + robustness.note;
  section.blocks.push_back(ReportNote{"How it was measured", note});
}

ReportSection generalisation_section(const RunReport& report) {
  ReportSection section{.id = "generalisation", .title = "Generalisation and robustness"};
  section.sentence = "How far what was learned holds for samples that weren't learned from, and for disturbed ones.";
  ReportCards cards;
  ReportSection details;
  add_gaps(report, cards, details);
  add_disturbed(report, cards, details);
  if (!cards.cards.empty()) section.blocks.push_back(std::move(cards));
  for (ReportBlock& block : details.blocks) section.blocks.push_back(std::move(block));
  return section;
}

ReportSection run_section(const RunReport& report) {
  const ReportedRun& run = report.run;
  ReportSection section{.id = "run", .title = "The run"};
  ReportTable table;
  table.columns = {{"", false}, {"", false}};
  const auto add = [&](const std::string& what, const std::string& value) {
    if (!value.empty()) table.rows.push_back({what, value});
  };
  add("Folder", run.name);
  add("Project", run.project);
  add("Task", run.task);
  add("Network", run.network);
  add("Data", run.data);
  add("Samples", fmt::format("{} for training, {} for validation, {} for the test", with_separators(run.train_samples),
                             with_separators(run.validation_samples), with_separators(run.test_samples)));
  if (run.limit_samples > 0) add("Limited to", plural(run.limit_samples, "sample") + " of each split");
  add("Started", date_words(run.started));
  add("Ended", run.message.empty() ? run.ending : run.ending + ": " + run.message);
  add("Trained on", run.device);
  for (const auto& [name, value] : run.environment) add(upper_first(name), value);
  add("Report made", date_words(run.made));
  section.blocks.push_back(std::move(table));
  return section;
}

std::string warning_of(const RunReport& report) {
  const ReportedRun& run = report.run;
  std::string warning;
  const auto say = [&](const std::string& text) { warning += (warning.empty() ? "" : " ") + text; };
  if (run.ending == "unfinished") say("The run's record just ends: it crashed, or it was still going on.");
  if (run.ending == "diverged") say("The run diverged; what is measured are the last good weights.");
  if (run.ending == "failed") say("The run failed: " + run.message);
  if (run.has_other_data) {
    say("The data have changed since the run: what is measured is how it does on those there are now.");
  }
  if (run.limit_samples > 0) {
    say(fmt::format("Only {} of each split were used.", plural(run.limit_samples, "sample")));
  }
  if (run.split == "validation") {
    say("The data have no test split: quality is that of the samples by which the best epoch was chosen, and so "
        "flatters.");
  } else if (run.split == "test" && run.validation_samples == 0) {
    say("The data have no validation split: the best epoch was chosen on the test samples, so their figures flatter.");
  }
  return warning;
}

}  // namespace

std::string seconds_words(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return "–";
  if (seconds < 1) return fmt::format("{:.2f} s", seconds);
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::int64_t>(std::llround(std::min(seconds, 1e15)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", with_separators(whole / 3600), whole % 3600 / 60);
}

std::string date_words(const std::string& utc) {
  static constexpr const char* months[] = {"January", "February", "March",     "April",   "May",      "June",
                                           "July",    "August",   "September", "October", "November", "December"};
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  const int read = std::sscanf(utc.c_str(), "%4d-%2d-%2dT%2d:%2d", &year, &month, &day, &hour, &minute);
  if (read != 5 || month < 1 || month > 12) return utc;
  return fmt::format("{} {} {}, {:02}:{:02} UTC", day, months[month - 1], year, hour, minute);
}

std::vector<double> round_ticks(double low, double high, int count) {
  std::vector<double> ticks;
  if (!(high > low) || count < 1 || !std::isfinite(high - low)) return ticks;
  const double rough = (high - low) / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = power;
  for (const double times : {1.0, 2.0, 5.0, 10.0}) {
    step = times * power;
    if (step >= rough * 0.999) break;
  }
  const double first = std::ceil(low / step - 1e-9);
  // A range too narrow for its size gives a step that adding doesn't change: the count is bounded, not the value.
  for (int i = 0; i <= 2 * count + 2; ++i) {
    const double at = (first + i) * step;
    if (at > high + 1e-9 * step) break;
    ticks.push_back(at == 0 ? 0 : at);
  }
  return ticks;
}

std::string tick_words(double value, bool is_share) {
  if (is_share) return fmt::format("{:.4g} %", 100 * value);
  const double size = std::abs(value);
  if (size >= 1000 && size == std::floor(size) && size < 1e15) {
    const auto count = static_cast<std::int64_t>(value);
    return size < 1e6 ? with_separators(count) : with_unit(count);
  }
  return fmt::format("{:.4g}", value);
}

bool stands_beside_others(const ReportBlock& block) {
  constexpr std::size_t few_columns = 4;
  if (const auto* table = std::get_if<ReportTable>(&block)) {
    return table->columns.size() <= few_columns && !table->title.empty() && table->note.empty();
  }
  return std::holds_alternative<ReportChart>(block) || std::holds_alternative<ReportBars>(block) ||
         std::holds_alternative<ReportMatrix>(block);
}

ReportContent content_of(const RunReport& report) {
  const ReportedRun& run = report.run;
  ReportContent content;
  content.title = run.project.empty() ? run.name : run.project;
  content.subtitle = run.task;
  for (const std::string& part : {run.network, run.data}) {
    if (!part.empty() && part != content.title) content.subtitle += (content.subtitle.empty() ? "" : " · ") + part;
  }
  content.made = fmt::format("{}{}trained on {} {}", run.name, run.name.empty() ? "" : " · ", run.device,
                             run.started.empty() ? "" : "on " + date_words(run.started));
  content.warning = warning_of(report);
  content.sections = {quality_section(report), complexity_section(report), convergence_section(report),
                      generalisation_section(report), run_section(report)};
  return content;
}

}  // namespace netwright
