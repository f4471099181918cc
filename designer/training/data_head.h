#pragma once
// The data set in figures: name and shape, how its samples are split, the balance of its classes, ranges.

#include "designer/training/preview_part.h"

namespace netwright {

class DataHead : public PreviewPart {
  Q_OBJECT

 public:
  explicit DataHead(QWidget* parent = nullptr);

  int heightForWidth(int width) const override;
  /// The split or class under the position, in words; empty where there is none.
  QString words_at(QPointF position) const;
  /// For tests: the bar of a class.
  QRectF bar(std::size_t index) const;

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Share {
    qint64 samples;
    QString name;
    double strength;
  };
  struct Plan {
    QRectF heading;
    QRectF splits;
    std::vector<QRectF> split_lines;
    QRectF classes;
    QRectF classes_words;
    std::vector<QRectF> masks;  ///< the classes of masks by name
    QRectF figures;
    double bottom;
  };
  std::vector<Share> shares() const;
  Plan plan(double width) const;
  QString words_of_classes() const;
  QString words_of(const Share& share) const;
  QString words_of_mask(std::size_t index) const;
  QColor colour_of(std::size_t index) const;
  QRectF bar(const Plan& plan, std::size_t index) const;
  void paint_splits(QPainter& painter, const Plan& plan) const;
  void paint_classes(QPainter& painter, const Plan& plan) const;
  void paint_figures(QPainter& painter, const Plan& plan) const;
};

}  // namespace netwright
