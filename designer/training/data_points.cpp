#include "designer/training/data_points.h"

#include <algorithm>
#include <cmath>

#include "designer/training/scatter_view.h"

namespace netwright {

DataPoints::DataPoints(QWidget* parent) : PreviewPart(parent), scatter_(new ScatterView(this)) {
  setObjectName(QStringLiteral("data.points"));
}

void DataPoints::resizeEvent(QResizeEvent* /*event*/) {
  scatter_->setGeometry(rect());
}

int DataPoints::heightForWidth(int width) const {
  return std::clamp(width, 220, 420);
}

void DataPoints::refresh() {
  Scatter scatter;
  scatter.groups = sample().classes;
  for (std::size_t i = 0; i < sample().points.size(); ++i) {
    const QPointF& at = sample().points[i];
    if (!std::isfinite(at.x()) || !std::isfinite(at.y())) {
      ++scatter.left_out;
      continue;
    }
    scatter.points.push_back(at);
    const int label = sample().labels[i];
    scatter.labels.push_back(label < scatter.groups.size() ? label : -1);
  }
  if (sample().channels.size() == 2) {
    scatter.x_title = sample().channels[0];
    scatter.y_title = sample().channels[1];
  }
  scatter_->show_scatter(std::move(scatter));
}

}  // namespace netwright
