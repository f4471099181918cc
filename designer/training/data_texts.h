#pragma once
// Texts as the tokens that a network gets, padding faint, under the class of each.

#include "designer/training/preview_part.h"

namespace netwright {

class DataTexts : public PreviewPart {
  Q_OBJECT

 public:
  explicit DataTexts(QWidget* parent = nullptr);

  int heightForWidth(int width) const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Chip {
    QRectF place;
    qsizetype token;
  };
  struct Block {
    QRectF words;
    std::vector<Chip> chips;
    QRectF more;  ///< “+ 40 more”
    double bottom;
  };
  /// Text `index` from `top` on.
  Block block(std::size_t index, double top, double width) const;
};

}  // namespace netwright
