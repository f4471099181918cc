#pragma once
// Pictures with what is to be learned of each; masks lie over them in their classes' colours. Where augmentation is on,
// each stands before what might become of it.

#include "designer/training/preview_part.h"

namespace netwright {

class DataPictures : public PreviewPart {
  Q_OBJECT

 public:
  explicit DataPictures(QWidget* parent = nullptr);

  int heightForWidth(int width) const override;
  /// Where picture `index` is, and its version `version` (0: as it came).
  QRectF place(std::size_t index, std::size_t version = 0) const;

 protected:
  void refresh() override;
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  struct Grid {
    int columns;     ///< of pictures, each with its versions
    double step;     ///< from one to the next
    QSizeF picture;  ///< of one version
    double row;      ///< from one row to the next
    double top;
  };
  std::size_t versions() const;
  bool has_words() const;
  Grid grid(double width) const;
  QRectF place(const Grid& grid, std::size_t index, std::size_t version) const;

  std::vector<std::vector<QImage>> shown_;  ///< versions of each, masks laid over
};

}  // namespace netwright
