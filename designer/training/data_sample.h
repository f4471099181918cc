#pragma once
// What a glance at a data set shows: counts, the balance of its classes, and its first samples as pictures or points.

#include <QImage>
#include <QPointF>
#include <QStringList>
#include <vector>

#include "backend/data/dataset.h"

namespace netwright {

struct DataSample {
  QString name;
  QString shape;
  qint64 train_samples = 0;
  qint64 test_samples = 0;
  QStringList classes;
  std::vector<qint64> class_counts;  ///< of the training split
  std::vector<QImage> images;        ///< of the first training samples; none where samples are no pictures
  std::vector<QPointF> points;       ///< of the first training samples, where a sample is two numbers
  std::vector<int> labels;           ///< of the images or points
  QString problem;                   ///< why there is nothing to show
};

DataSample sample_of(const Dataset& data, int most_images, int most_points);

/// One sample of 1×H×W (gray) or 3×H×W (colour), as it came; real numbers are spread from their least to their
/// greatest. Null for other shapes.
QImage image_of(const Array& samples, std::int64_t index);

}  // namespace netwright
