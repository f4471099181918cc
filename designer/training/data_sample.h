#pragma once
// What a glance at a data set shows: its splits, the balance of its classes, and some training samples as pictures,
// points, rows of a table, texts or series.

#include <QImage>
#include <QPointF>
#include <QStringList>
#include <vector>

#include "backend/core/settings.h"
#include "backend/data/dataset.h"

namespace netwright {

/// A feature of a table, or a target.
struct SampleColumn {
  QString name;
  bool is_target = false;
  QStringList values = {};  ///< of the first training samples, in words
  double least = 0;         ///< over the training split, or as much of it as was looked at
  double greatest = 0;
  std::vector<double> histogram = {};  ///< from least to greatest, the fullest bin being 1; empty for classes
};

struct SampleText {
  QStringList tokens;
  int own = 0;     ///< the first so many are the text's, those after it padding
  int hidden = 0;  ///< further tokens of its own that aren't listed
};

/// Channel by channel, in the data's own units.
struct SampleWindow {
  std::vector<std::vector<double>> channels;
  std::vector<std::vector<double>> targets;  ///< by channel; none where the channel isn't predicted
  int target_from = 0;                       ///< the step of the targets' first value
};

struct DataSample {
  QString name;
  QString shape;
  qint64 train_samples = 0;
  qint64 validation_samples = 0;
  qint64 test_samples = 0;
  QStringList classes;
  std::vector<qint64> class_counts;  ///< of the training split: samples, or pixels of masks
  bool are_pixels_counted = false;

  // One of these isn't empty, unless samples are of no form that can be shown.
  std::vector<QImage> images;
  std::vector<QPointF> points;
  std::vector<SampleColumn> columns;
  std::vector<SampleText> texts;
  std::vector<SampleWindow> windows;

  std::vector<int> labels;    ///< of the images, points, texts or windows: a class, or −1
  QStringList words;          ///< what is to be learned of each of them, in words; may be empty
  std::vector<QImage> masks;  ///< of the images: a class for each pixel; none where masks aren't the target
  /// Of the first few images, as augmentation might change each while training; none where it does nothing.
  std::vector<std::vector<QImage>> augmented;
  std::vector<std::vector<QImage>> augmented_masks;
  Array raw_images;  ///< the first few as they came, from which `augmented` is made
  Array raw_masks;
  QStringList channels;  ///< names of the windows' channels, or of a point's two numbers; may be empty
  int hidden_columns = 0;
  /// Names and values of figures over the whole data set, known a while after the samples (see data_figures.h).
  QStringList figure_names;
  QStringList figures;

  QString problem;  ///< why there is nothing to show
};

struct SampleLimits {
  int images = 60;
  int augmented_images = 16;
  int augmentations = 3;
  int points = 2000;
  int rows = 30;
  int columns = 24;
  int texts = 40;
  int tokens = 64;
  int windows = 12;
  bool keeps_order = false;  ///< else samples are mixed, since sources are often sorted by class
};

/// `preparation`: the data source's, for augmentation.
DataSample sample_of(const Dataset& data, const Settings& preparation = {}, const SampleLimits& limits = {});

/// The samples in some rows of one of its splits' arrays, in their order.
DataSample sample_of_rows(const Dataset& data, const Split& split, const std::vector<std::int64_t>& rows);

}  // namespace netwright
