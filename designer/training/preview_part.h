#pragma once
// A part of the data preview: as high as its width asks for, within a column that scrolls.

#include <QWidget>

#include "designer/training/data_sample.h"

namespace netwright {

class PreviewPart : public QWidget {
  Q_OBJECT

 public:
  explicit PreviewPart(QWidget* parent = nullptr);

  void show_sample(const DataSample& sample);
  bool hasHeightForWidth() const override { return true; }
  QSize sizeHint() const override { return {260, heightForWidth(260)}; }
  QSize minimumSizeHint() const override { return {160, 0}; }

 protected:
  const DataSample& sample() const { return sample_; }
  /// A new sample or other fonts and colours.
  virtual void refresh() {}

 private:
  DataSample sample_;
};

/// The part for what a sample is; null where there is nothing to see.
PreviewPart* make_preview_part(const DataSample& sample);

}  // namespace netwright
