#pragma once
// Pictures generated from noise that stays the same, so that each place shows one picture becoming what it is. A click
// enlarges a place and shows its past beside it; another click, or Escape, goes back.

#include <optional>

#include "designer/training/picture_painting.h"
#include "designer/training/sample_view.h"

namespace netwright {

class WallView : public SampleView {
  Q_OBJECT

 public:
  explicit WallView(QWidget* parent = nullptr);

  void show_content(std::shared_ptr<const SampleContent> content, const SampleMoment& moment) override;
  bool wants_history() const override { return chosen_.has_value(); }
  void show_history(const std::vector<PastSample>& history) override;

  std::optional<PictureSheet::Cell> chosen() const { return chosen_; }
  /// For tests: where a picture of the wall, and one of the history, is. Those that don't fit are nowhere.
  QRectF place(int row, int column) const;
  QRectF history_place(std::size_t index) const;
  std::size_t history_size() const { return history_.size(); }
  QSize sizeHint() const override { return {460, 320}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent* event) override;

 private:
  /// Where things are, for the size of now.
  struct Plan {
    PictureSheet sheet;
    QRectF detail;  ///< empty where no picture is chosen
    QRectF enlarged;
    std::vector<QRectF> past;  ///< of the history's pictures; empty rectangles for those that don't fit
  };
  const PictureGrid* grid() const;
  Plan plan() const;
  void plan_detail(Plan& plan, const PictureGrid& grid) const;
  void choose(std::optional<PictureSheet::Cell> cell);
  void paint_detail(QPainter& painter, const Plan& plan, const PictureGrid& grid) const;

  std::shared_ptr<const SampleContent> content_;
  SampleMoment moment_;
  std::vector<PastSample> history_;
  std::optional<PictureSheet::Cell> chosen_;
  std::optional<PictureSheet::Cell> hovered_;
  int hovered_past_ = -1;
};

}  // namespace netwright
