#include "designer/training/preview_part.h"

#include "designer/theme/theme.h"
#include "designer/training/data_pictures.h"
#include "designer/training/data_points.h"
#include "designer/training/data_table.h"
#include "designer/training/data_texts.h"
#include "designer/training/data_windows.h"

namespace netwright {

PreviewPart::PreviewPart(QWidget* parent) : QWidget(parent) {
  QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    refresh();
    updateGeometry();
    update();
  });
}

void PreviewPart::show_sample(const DataSample& sample) {
  sample_ = sample;
  refresh();
  updateGeometry();
  update();
}

PreviewPart* make_preview_part(const DataSample& sample) {
  if (!sample.images.empty()) return new DataPictures;
  if (!sample.points.empty()) return new DataPoints;
  if (!sample.texts.empty()) return new DataTexts;
  if (!sample.windows.empty()) return new DataWindows;
  if (!sample.columns.empty()) return new DataTable;
  return nullptr;
}

}  // namespace netwright
