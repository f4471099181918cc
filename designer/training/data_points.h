#pragma once
// Samples of two numbers as points in their classes' colours.

#include "designer/training/preview_part.h"

namespace netwright {

class ScatterView;

class DataPoints : public PreviewPart {
  Q_OBJECT

 public:
  explicit DataPoints(QWidget* parent = nullptr);

  int heightForWidth(int width) const override;
  ScatterView* scatter() const { return scatter_; }

 protected:
  void refresh() override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  ScatterView* scatter_;
};

}  // namespace netwright
