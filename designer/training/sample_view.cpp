#include "designer/training/sample_view.h"

#include "designer/training/attention_view.h"
#include "designer/training/forecast_view.h"
#include "designer/training/picture_rows_view.h"
#include "designer/training/scatter_view.h"
#include "designer/training/threshold_curves_view.h"
#include "designer/training/wall_view.h"

namespace netwright {

SampleView* make_sample_view(const std::string& kind) {
  if (kind == "wall") return new WallView;
  if (kind == "code" || kind == "points") return new ScatterView;
  if (kind == "attention") return new AttentionView;
  if (kind == "forecast") return new ForecastView;
  if (kind == "curves") return new ThresholdCurvesView;
  if (kind == "masks") {
    return new PictureRowsView({SampleView::tr("Truth"), SampleView::tr("Predicted")},
                               {SampleView::tr("Image"), SampleView::tr("Truth"), SampleView::tr("Predicted")});
  }
  return new PictureRowsView({SampleView::tr("Input"), SampleView::tr("Output")},
                             {SampleView::tr("Clean"), SampleView::tr("Seen"), SampleView::tr("Output")});
}

}  // namespace netwright
