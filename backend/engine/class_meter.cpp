#include "backend/engine/class_meter.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "backend/engine/shared_batch.h"
#include "backend/report/class_scores.h"

namespace netwright {

namespace {

using MeterJson = nlohmann::ordered_json;

torch::Tensor joined(const std::vector<torch::Tensor>& batches) {
  return batches.empty() ? torch::Tensor() : torch::cat(batches).to(torch::kCPU).contiguous();
}

constexpr double drawn_within = 0.003;  // of the axes' length: less than a pixel's width

/// Enough for a line on a screen, and short in a file.
double three_places(double value) {
  return std::round(value * 1e4) / 1e4;
}

MeterJson axis_json(const std::vector<ThresholdPoint>& points, double ThresholdPoint::*axis) {
  MeterJson list = MeterJson::array();
  for (const ThresholdPoint& point : points) list.push_back(three_places(point.*axis));
  return list;
}

}  // namespace

ClassMeter::ClassMeter(std::vector<std::string> classes, bool has_labels, OutputForm form,
                       const ProcessGroup* processes)
    : classes_(std::move(classes)), has_labels_(has_labels), form_(form), processes_(processes) {}

std::vector<FigureSpec> ClassMeter::figure_specs() {
  const char* const chart = "F1, precision, recall";
  return {{"f1", "F1", chart, true, "higher"},
          {"precision", "Precision", chart, true, "higher"},
          {"recall", "Recall", chart, true, "higher"},
          {"auc", "AUC", "AUC", false, "higher"}};
}

void ClassMeter::clear() {
  scores_.clear();
  targets_.clear();
  predicted_.clear();
  sureness_.clear();
  rows_.clear();
  count_ = 0;
  is_together_ = false;
  seen_.reset();
  curves_.reset();
}

torch::Tensor ClassMeter::shares_of(const torch::Tensor& output) const {
  const torch::Tensor wide = output.detach().to(torch::kFloat64);
  if (has_labels_) return wide.sigmoid();
  switch (form_) {
    case OutputForm::Scores:
      return wide.softmax(1);
    case OutputForm::LogProbabilities:
      return wide.exp();
    case OutputForm::Probabilities:
      break;
  }
  return wide;
}

void ClassMeter::add(const Batch& batch, const torch::Tensor& output) {
  if (!counts(processes_, batch)) return;
  const torch::NoGradGuard no_grad;
  const torch::Tensor shares = shares_of(output);
  const auto classes = static_cast<std::int64_t>(classes_.size());
  count_ += batch.size();
  if (has_labels_) {
    targets_.push_back(batch.targets > 0.5);
    predicted_.push_back(shares > 0.5);
  } else {
    const auto [surest, predicted] = shares.max(1);
    targets_.push_back(batch.targets.clone());
    predicted_.push_back(predicted);
    sureness_.push_back(surest);
  }
  rows_.insert(rows_.end(), batch.rows.begin(), batch.rows.end());
  const std::int64_t all = count_ * (processes_ ? processes_->size() : 1);
  if (all * classes > most_scores) {
    scores_.clear();
  } else {
    // Scores that no class has don't compete.
    scores_.push_back(shares.narrow(1, 0, std::min(classes, shares.size(1))));
  }
  seen_.reset();
  curves_.reset();
}

void ClassMeter::bring_together() {
  if (!processes_ || is_together_) return;
  is_together_ = true;
  const auto classes = static_cast<std::int64_t>(classes_.size());
  // Whether any process has given scores up, then where each one's samples begin among all.
  const torch::Tensor gave_up = torch::tensor(std::int64_t{count_ > 0 && scores_.empty()}, torch::kInt64);
  processes_->maximum(gave_up);
  const torch::Tensor sizes = torch::zeros({processes_->size()}, torch::kInt64);
  sizes[processes_->rank()] = count_;
  processes_->sum(sizes);
  const std::int64_t first = sizes.narrow(0, 0, processes_->rank()).sum().item<std::int64_t>();
  const auto all = sizes.sum().item<std::int64_t>();
  const auto gathered = [&](std::vector<torch::Tensor>& batches, std::vector<std::int64_t> row,
                            torch::ScalarType type) {
    row.insert(row.begin(), all);
    torch::Tensor whole = torch::zeros(row, type == torch::kBool ? torch::kUInt8 : type);
    if (count_ > 0) whole.narrow(0, first, count_).copy_(joined(batches));
    processes_->sum(whole);
    batches = {whole.to(type)};
  };
  if (has_labels_) {
    gathered(targets_, {classes}, torch::kBool);
    gathered(predicted_, {classes}, torch::kBool);
  } else {
    gathered(targets_, {}, torch::kInt64);
    gathered(predicted_, {}, torch::kInt64);
    gathered(sureness_, {}, torch::kFloat64);
  }
  if (gave_up.item<std::int64_t>() != 0) {
    scores_.clear();
  } else {
    gathered(scores_, {classes}, torch::kFloat64);
  }
  std::vector<torch::Tensor> rows = {torch::tensor(rows_, torch::kInt64)};
  gathered(rows, {}, torch::kInt64);
  rows_.assign(rows.front().data_ptr<std::int64_t>(), rows.front().data_ptr<std::int64_t>() + all);
  count_ = all;
  seen_.reset();
  curves_.reset();
}

const ClassMeter::Seen& ClassMeter::seen() const {
  if (!seen_) seen_ = {joined(scores_), joined(targets_), joined(predicted_), joined(sureness_)};
  return *seen_;
}

std::optional<Confusion> ClassMeter::confusion() const {
  if (has_labels_ || count_ == 0) return std::nullopt;
  Confusion counts(classes_.size(), std::vector<std::int64_t>(classes_.size(), 0));
  const auto* targets = seen().targets.data_ptr<std::int64_t>();
  const auto* predicted = seen().predicted.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < count_; ++i) {
    const auto column = static_cast<std::size_t>(predicted[i]);
    if (column < classes_.size()) ++counts.at(static_cast<std::size_t>(targets[i]))[column];
  }
  return counts;
}

/// Of each label: 2×2, its absence first.
std::vector<Confusion> ClassMeter::label_confusions() const {
  std::vector<Confusion> confusions;
  const torch::Tensor wanted = seen().targets;
  const torch::Tensor given = seen().predicted;
  for (std::int64_t label = 0; label < wanted.size(1); ++label) {
    const torch::Tensor is = wanted.select(1, label);
    const torch::Tensor said = given.select(1, label);
    const auto count = [](const torch::Tensor& mask) { return mask.sum().item<std::int64_t>(); };
    confusions.push_back({{count(~is & ~said), count(~is & said)}, {count(is & ~said), count(is & said)}});
  }
  return confusions;
}

FigureValues ClassMeter::figures() const {
  if (count_ == 0) return {};
  ClassScores macro;
  if (has_labels_) {
    const std::vector<Confusion> labels = label_confusions();
    const auto count = static_cast<double>(labels.size());
    for (const Confusion& label : labels) {
      const ClassScores present = scores_of(label).classes.at(1);
      macro.precision += present.precision / count;
      macro.recall += present.recall / count;
      macro.f1 += present.f1 / count;
    }
  } else {
    macro = scores_of(*confusion()).macro;
  }
  FigureValues values = {{"precision", macro.precision}, {"recall", macro.recall}, {"f1", macro.f1}};
  if (const auto auc = curves().macro_auc) values["auc"] = *auc;
  return values;
}

const OneVsRest& ClassMeter::curves() const {
  if (curves_) return *curves_;
  curves_.emplace();
  const torch::Tensor& scores = seen().scores;
  if (!scores.defined()) return *curves_;
  const auto count = static_cast<std::size_t>(scores.numel());
  if (!has_labels_) {
    curves_ = one_vs_rest({scores.data_ptr<double>(), count},
                          {seen().targets.data_ptr<std::int64_t>(), static_cast<std::size_t>(count_)},
                          static_cast<std::size_t>(scores.size(1)));
    return *curves_;
  }
  double sum = 0;
  int known = 0;
  for (std::int64_t label = 0; label < scores.size(1); ++label) {
    const torch::Tensor own = scores.select(1, label).contiguous();
    const torch::Tensor is = seen().targets.select(1, label).contiguous();
    const std::span<const double> values(own.data_ptr<double>(), static_cast<std::size_t>(count_));
    const std::span<const bool> positive(is.data_ptr<bool>(), static_cast<std::size_t>(count_));
    curves_->roc.push_back(roc_curve(values, positive));
    curves_->precision_recall.push_back(precision_recall_curve(values, positive));
    if (!curves_->roc.back()) continue;
    sum += curves_->roc.back()->auc;
    ++known;
  }
  if (known > 0) curves_->macro_auc = sum / known;
  return *curves_;
}

std::vector<Event> ClassMeter::show(const SamplePlace& place) const {
  std::vector<Event> events;
  if (count_ == 0) return events;
  if (curves().macro_auc) events.push_back(show_curves(place));
  if (!has_labels_ && rows_.size() == static_cast<std::size_t>(count_)) events.push_back(show_verdicts(place));
  return events;
}

Event ClassMeter::show_curves(const SamplePlace& place) const {
  MeterJson list = MeterJson::array();
  for (std::size_t i = 0; i < curves().roc.size() && i < classes_.size(); ++i) {
    const auto& roc = curves().roc[i];
    const auto& recall = curves().precision_recall[i];
    if (!roc || !recall) continue;
    const std::vector<ThresholdPoint> roc_points = thinned(roc->points, drawn_within);
    const std::vector<ThresholdPoint> recall_points = thinned(recall->points, drawn_within);
    list.push_back({{"class", classes_[i]},
                    {"auc", roc->auc},
                    {"average_precision", recall->average_precision},
                    {"false_positive_rate", axis_json(roc_points, &ThresholdPoint::x)},
                    {"true_positive_rate", axis_json(roc_points, &ThresholdPoint::y)},
                    {"recall", axis_json(recall_points, &ThresholdPoint::x)},
                    {"precision", axis_json(recall_points, &ThresholdPoint::y)}});
  }
  return write_sample(place, "curves", {{"curves", std::move(list)}});
}

Event ClassMeter::show_verdicts(const SamplePlace& place) const {
  struct Verdict {
    double sureness;
    std::int64_t row;
  };
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<Verdict>> cells;
  const auto* targets = seen().targets.data_ptr<std::int64_t>();
  const auto* predicted = seen().predicted.data_ptr<std::int64_t>();
  const auto* sureness = seen().sureness.data_ptr<double>();
  for (std::int64_t i = 0; i < count_; ++i) {
    cells[{targets[i], predicted[i]}].push_back({sureness[i], rows_[static_cast<std::size_t>(i)]});
  }
  MeterJson list = MeterJson::array();
  for (auto& [cell, verdicts] : cells) {
    const auto shown = std::min(verdicts.size(), samples_per_cell);
    std::partial_sort(verdicts.begin(), verdicts.begin() + static_cast<std::ptrdiff_t>(shown), verdicts.end(),
                      [](const Verdict& a, const Verdict& b) {
                        return a.sureness != b.sureness ? a.sureness > b.sureness : a.row < b.row;
                      });
    MeterJson rows = MeterJson::array();
    MeterJson shares = MeterJson::array();
    for (std::size_t i = 0; i < shown; ++i) {
      rows.push_back(verdicts[i].row);
      shares.push_back(three_places(verdicts[i].sureness));
    }
    list.push_back({{"true", cell.first},
                    {"predicted", cell.second},
                    {"count", verdicts.size()},
                    {"rows", std::move(rows)},
                    {"shares", std::move(shares)}});
  }
  return write_sample(place, "verdicts", {{"cells", std::move(list)}});
}

}  // namespace netwright
