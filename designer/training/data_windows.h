#pragma once
// Windows of series as small charts; what is to be forecast goes on in another colour.

#include "designer/training/plot_painting.h"
#include "designer/training/preview_part.h"

namespace netwright {

class DataWindows : public PreviewPart {
  Q_OBJECT

 public:
  explicit DataWindows(QWidget* parent = nullptr);

  int heightForWidth(int width) const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  int columns(double width) const;
  QRectF place(std::size_t index) const;
  void paint_window(QPainter& painter, std::size_t index) const;
  bool has_targets() const;
  double window_height() const;
};

}  // namespace netwright
