#include "designer/training/threshold_curves_view.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollArea>
#include <QToolButton>
#include <algorithm>
#include <array>
#include <cmath>

#include "designer/theme/theme.h"
#include "designer/training/class_legend.h"

namespace netwright {
namespace {

constexpr double curves_edge = 10;
constexpr double smallest_plot = 150;
constexpr double most_plot = 420;
constexpr double between_plots = 18;
constexpr double curve_reach = 8;
constexpr int most_curves_in_full = 12;  // beyond, single curves are thin and the hovered one stands out

struct PlotWords {
  const char* title;
  const char* x;
  const char* y;
  const char* area;
};
constexpr std::array<PlotWords, 2> plot_words = {
    {{QT_TRANSLATE_NOOP("netwright::ThresholdCurvesView", "ROC"),
      QT_TRANSLATE_NOOP("netwright::ThresholdCurvesView", "False positive rate"),
      QT_TRANSLATE_NOOP("netwright::ThresholdCurvesView", "True positive rate"),
      QT_TRANSLATE_NOOP("netwright::ThresholdCurvesView", "AUC %1")},
     {QT_TRANSLATE_NOOP("netwright::ThresholdCurvesView", "Precision–recall"),
      QT_TRANSLATE_NOOP("netwright::ThresholdCurvesView", "Recall"),
      QT_TRANSLATE_NOOP("netwright::ThresholdCurvesView", "Precision"),
      QT_TRANSLATE_NOOP("netwright::ThresholdCurvesView", "average precision %1")}}};

double distance_to(QPointF at, QPointF a, QPointF b) {
  const QPointF along = b - a;
  const double length = QPointF::dotProduct(along, along);
  const double t = length > 0 ? std::clamp(QPointF::dotProduct(at - a, along) / length, 0.0, 1.0) : 0;
  const QPointF away = at - (a + along * t);
  return std::hypot(away.x(), away.y());
}

}  // namespace

ThresholdCurvesView::ThresholdCurvesView(QWidget* parent)
    : SampleView(parent), legend_(new ClassLegend), scroll_(new QScrollArea(this)) {
  setObjectName(QStringLiteral("curves"));
  setMouseTracking(true);
  setMinimumSize(160, 160);
  scroll_->setWidget(legend_);
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFocusPolicy(Qt::NoFocus);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->viewport()->setAutoFillBackground(false);
  legend_->setAutoFillBackground(false);
  for (int plot = 0; plot < plot_count; ++plot) {
    auto*& chip = chips_[plot];
    chip = new QToolButton(this);
    chip->setObjectName(QStringLiteral("curves.choose.%1").arg(plot));
    chip->setText(tr(plot_words[static_cast<std::size_t>(plot)].title));
    chip->setProperty("chip", true);
    chip->setFont(Theme::instance().caption());
    chip->setCheckable(true);
    connect(chip, &QToolButton::clicked, this, [this, plot] {
      chosen_ = plot;
      lay_out();
    });
  }
  connect(legend_, &ClassLegend::changed, this, qOverload<>(&QWidget::update));
  connect(&Theme::instance(), &Theme::changed, this, &ThresholdCurvesView::lay_out);
}

void ThresholdCurvesView::show_content(std::shared_ptr<const SampleContent> content, const SampleMoment& /*moment*/) {
  const auto* curves = std::get_if<ThresholdCurves>(content.get());
  if (!curves) return;
  curves_ = *curves;
  hovered_ = hovered_plot_ = -1;
  QStringList names;
  for (const ThresholdCurve& curve : curves_.curves) names << curve.name;
  legend_->show_names(names);
  lay_out();
}

void ThresholdCurvesView::lay_out() {
  const QFontMetricsF caption(Theme::instance().caption());
  const double axis = caption.horizontalAdvance(QStringLiteral("0.8")) + 12 + caption_height();
  const double foot = 2 * caption_height() + 8;
  QRectF area = QRectF(rect()).adjusted(curves_edge, curves_edge / 2, -curves_edge, -curves_edge);
  const double title = std::max<double>(caption_height(), chips_[0]->sizeHint().height()) + 6;
  // A plot is square; two want as much room side by side.
  const auto side_for = [&](int count, double room) {
    const double width = (room - (count - 1) * between_plots) / count - axis;
    return std::min({width, area.height() - foot - title, most_plot});
  };
  const bool has_legend = curves_.curves.size() > 1;
  const QSize wanted = legend_->sizeHint();
  const double legend_room = has_legend ? std::min<double>(wanted.width() + 14, 170) : 0;
  const bool is_beside = side_for(1, area.width() - legend_room) >= smallest_plot;
  const double room = area.width() - (is_beside ? legend_room : 0);
  const bool shows_both = side_for(2, room) >= smallest_plot;
  const double side = std::max(20.0, side_for(shows_both ? 2 : 1, room));
  double left = area.left();
  for (int plot = 0; plot < plot_count; ++plot) {
    Plot& p = plots_[plot];
    p.is_visible = shows_both || plot == chosen_;
    chips_[plot]->setVisible(!shows_both);
    chips_[plot]->setChecked(plot == chosen_);
    if (!p.is_visible) continue;
    p.frame = {QRectF(std::round(left + axis), std::round(area.top() + title), std::floor(side), std::floor(side)),
               {0, 1},
               {0, 1}};
    left += side + axis + between_plots;
  }
  double chip_left = area.left();
  for (QToolButton* chip : chips_) {
    const QSize hint = chip->sizeHint();
    chip->setGeometry(static_cast<int>(chip_left), static_cast<int>(area.top()), hint.width(), hint.height());
    chip_left += hint.width() + 4;
  }
  QRectF legend_place(left - between_plots + 10, area.top() + title, legend_room, area.height() - title);
  if (!is_beside) {
    const double top = area.top() + title + side + foot + 4;
    legend_place = QRectF(area.left(), top, area.width(), area.bottom() - top);
  }
  scroll_->setVisible(has_legend && legend_place.height() >= 2 * caption_height());
  if (scroll_->isVisibleTo(this)) {
    legend_->set_flowing(!is_beside);
    scroll_->setGeometry(legend_place.toRect());
  }
  update();
}

QStringList ThresholdCurvesView::visible_plots() const {
  QStringList titles;
  for (int plot = 0; plot < plot_count; ++plot) {
    if (plots_[plot].is_visible) titles << tr(plot_words[static_cast<std::size_t>(plot)].title);
  }
  return titles;
}

const std::vector<QPointF>& ThresholdCurvesView::points(int plot, std::size_t curve) const {
  return plot == 0 ? curves_.curves[curve].roc : curves_.curves[curve].precision_recall;
}

double ThresholdCurvesView::area_of(int plot, std::size_t curve) const {
  return plot == 0 ? curves_.curves[curve].auc : curves_.curves[curve].average_precision;
}

QPointF ThresholdCurvesView::place(int plot, QPointF at) const {
  return {plots_[plot].frame.to_x(at.x()), plots_[plot].frame.to_y(at.y())};
}

QString ThresholdCurvesView::hovered_name() const {
  if (hovered_ < 0) return {};
  const auto curve = static_cast<std::size_t>(hovered_);
  const QString area =
      tr(plot_words[static_cast<std::size_t>(hovered_plot_)].area).arg(area_of(hovered_plot_, curve), 0, 'f', 4);
  return QStringLiteral("%1  ·  %2").arg(curves_.curves[curve].name, area);
}

void ThresholdCurvesView::paint_plot(QPainter& painter, int plot) const {
  const PlotFrame& frame = plots_[plot].frame;
  const PlotWords& words = plot_words[static_cast<std::size_t>(plot)];
  const int ticks = frame.area.width() > 200 ? 5 : 2;
  paint_grid(painter, frame, linear_ticks(frame.x, ticks), linear_ticks(frame.y, ticks), {});
  painter.setRenderHint(QPainter::Antialiasing);
  const int above = hovered_plot_ == plot ? hovered_ : legend_->hovered();
  if (plot == 0) {  // what a guess would give
    painter.setPen(QPen(colours().faint, 1, Qt::DashLine));
    painter.drawLine(place(plot, {0, 0}), place(plot, {1, 1}));
  }
  const bool is_crowd = curves_.curves.size() > most_curves_in_full;
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t i = 0; i < curves_.curves.size(); ++i) {
      const auto index = static_cast<int>(i);
      const bool is_above = above == index;
      if (legend_->is_muted(index) || points(plot, i).empty() || is_above != (pass == 1)) continue;
      QColor ink = series_colour(i);
      ink.setAlphaF(above >= 0 && !is_above ? 0.25F : is_crowd && !is_above ? 0.7F : 1.0F);
      painter.setPen(QPen(ink, is_above ? 2.4 : is_crowd ? 1.0 : 1.5));
      painter.setBrush(Qt::NoBrush);
      QPainterPath path(place(plot, points(plot, i).front()));
      QPointF before = points(plot, i).front();
      for (const QPointF& point : points(plot, i)) {
        // Precision between two recalls is that of the higher one: a step, not a line.
        if (plot == 1) path.lineTo(place(plot, {before.x(), point.y()}));
        path.lineTo(place(plot, point));
        before = point;
      }
      painter.drawPath(path);
    }
  }
  painter.setFont(Theme::instance().caption());
  painter.setPen(colours().muted);
  const double height = caption_height();
  painter.drawText(QRectF(frame.area.left() - 20, frame.area.bottom() + height + 6, frame.area.width() + 40, height),
                   Qt::AlignCenter, tr(words.x));
  painter.save();
  const double outer = frame.area.left() - QFontMetricsF(painter.font()).horizontalAdvance(QStringLiteral("0.8")) - 12;
  painter.translate(outer - height, frame.area.center().y());
  painter.rotate(-90);
  painter.drawText(QRectF(-frame.area.height() / 2, 0, frame.area.height(), height), Qt::AlignCenter, tr(words.y));
  painter.restore();
  if (chips_[0]->isVisibleTo(this)) return;
  painter.setPen(colours().text);
  painter.drawText(QRectF(frame.area.left(), frame.area.top() - height - 6, frame.area.width(), height),
                   Qt::AlignLeft | Qt::AlignVCenter, tr(words.title));
}

void ThresholdCurvesView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), colours().surface);
  for (int plot = 0; plot < plot_count; ++plot) {
    if (plots_[plot].is_visible) paint_plot(painter, plot);
  }
  const QString name = hovered_name();
  if (name.isEmpty()) return;
  const QRectF& area = plots_[hovered_plot_].frame.area;
  painter.setFont(Theme::instance().caption());
  const double width = painter.fontMetrics().horizontalAdvance(name) + 14;
  const double height = caption_height() + 6;
  // Where no good curve passes: ROC curves fill the upper left, the others the upper right.
  const double left =
      std::min(hovered_plot_ == 0 ? area.right() - width - 6 : area.left() + 6, this->width() - width - 4);
  const QRectF box(std::max(4.0, left), area.bottom() - height - 6, width, height);
  painter.setPen(QPen(colours().outline, 1));
  painter.setBrush(colours().raised);
  painter.drawRoundedRect(QRectF(box.toRect()).translated(0.5, 0.5), 4, 4);
  painter.setPen(colours().text);
  painter.drawText(box, Qt::AlignCenter, name);
}

void ThresholdCurvesView::resizeEvent(QResizeEvent* event) {
  SampleView::resizeEvent(event);
  lay_out();
}

void ThresholdCurvesView::mouseMoveEvent(QMouseEvent* event) {
  int found = -1;
  int found_plot = -1;
  double nearest = curve_reach;
  for (int plot = 0; plot < plot_count; ++plot) {
    if (!plots_[plot].is_visible) continue;
    if (!plots_[plot]
             .frame.area.adjusted(-curve_reach, -curve_reach, curve_reach, curve_reach)
             .contains(event->position())) {
      continue;
    }
    for (std::size_t i = 0; i < curves_.curves.size(); ++i) {
      if (legend_->is_muted(static_cast<int>(i))) continue;
      const std::vector<QPointF>& line = points(plot, i);
      for (std::size_t k = 1; k < line.size(); ++k) {
        const double distance = distance_to(event->position(), place(plot, line[k - 1]), place(plot, line[k]));
        if (distance >= nearest) continue;
        nearest = distance;
        found = static_cast<int>(i);
        found_plot = plot;
      }
    }
  }
  if (found == hovered_ && found_plot == hovered_plot_) return;
  hovered_ = found;
  hovered_plot_ = found_plot;
  update();
}

void ThresholdCurvesView::leaveEvent(QEvent* /*event*/) {
  hovered_ = hovered_plot_ = -1;
  update();
}

}  // namespace netwright
