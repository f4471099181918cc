#pragma once
// A sample of a run, read from its file: what a view shows.

#include <QImage>
#include <QPointF>
#include <QString>
#include <QStringList>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "backend/core/result.h"
#include "backend/run/event.h"

namespace netwright {

/// Pictures side by side, all of one size.
struct PictureGrid {
  QImage image;
  int rows = 1;
  int columns = 1;

  QSize cell() const { return {image.width() / columns, image.height() / rows}; }
  QRect source(int row, int column) const { return {QPoint(column * cell().width(), row * cell().height()), cell()}; }
};

/// Points of a plane in groups: a code's classes, real and generated.
struct Scatter {
  QStringList groups;
  std::vector<QPointF> points;      ///< finite
  std::vector<int> labels;          ///< of the points: index into groups, or −1
  std::vector<double> errors = {};  ///< of the points: of reconstruction, in the engine's units; may be empty
  QString x_title = {};
  QString y_title = {};
  int left_out = 0;        ///< points that aren't finite
  int framing_group = -1;  ///< by which the plot is framed, others may lie outside; −1: all are inside
};

struct AttentionSample {
  QStringList tokens;
  std::vector<std::vector<double>> weights;  ///< one row over the tokens, or one for each token that attends
  bool is_matrix = false;
  QString target;  ///< empty where there is none
  QString predicted;
  bool is_right() const { return target == predicted; }
};

struct AttentionSamples {
  QString layer;
  std::vector<AttentionSample> samples;
};

/// Values that aren't finite are not-a-number.
struct ForecastSeries {
  QString name;
  std::vector<double> past;
  std::vector<double> truth;
  std::vector<double> forecast;
};

struct Forecasts {
  std::vector<ForecastSeries> series;
};

/// How well one class is told from the others at every threshold.
struct ThresholdCurve {
  QString name;
  double auc = 0;
  double average_precision = 0;
  std::vector<QPointF> roc;               ///< false and true positive rate
  std::vector<QPointF> precision_recall;  ///< recall and precision
};

struct ThresholdCurves {
  std::vector<ThresholdCurve> curves;
};

/// The samples in one cell of a confusion matrix, those of the surest verdicts first.
struct VerdictCell {
  std::int64_t count = 0;          ///< all that lie in it
  std::vector<std::int64_t> rows;  ///< of the held-out split's arrays; the first few
  std::vector<double> shares;      ///< which the network gave to the predicted class
};

struct Verdicts {
  std::map<std::pair<int, int>, VerdictCell> cells;  ///< by true and predicted class
};

using SampleContent = std::variant<PictureGrid, Scatter, AttentionSamples, Forecasts, ThresholdCurves, Verdicts>;

/// Whether there is a view for samples of this kind.
bool is_known_kind(const std::string& kind);

/// Refuses, in words: files outside the run folder, missing, damaged, too large, or not what the kind has.
Result<SampleContent> read_sample(const QString& run_folder, const SampleEvent& event);

/// Roughly what it holds in memory.
std::size_t bytes_of(const SampleContent& content);

}  // namespace netwright
