#include "designer/training/schedule_curve.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "backend/data/preparation.h"
#include "backend/graph/recipe_specs.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr int points = 241;
constexpr int plot_height = 52;

QString rate_text(double rate) {
  return QString::number(rate, 'g', 2);
}

}  // namespace

StepPlan step_plan_of(const Project& project, const std::optional<DataDescription>& data) {
  const Settings recipe = completed(recipe_specs(), project.recipe.settings);
  StepPlan plan{100, std::max<std::int64_t>(1, recipe.integer("epochs"))};
  if (!data || data->train_samples <= 0) return plan;
  const Settings preparation = completed(preparation_specs(), project.data.preparation);
  double samples = static_cast<double>(data->train_samples);
  if (data->test_samples == 0) samples *= 1 - preparation.real("test_fraction");
  samples *= 1 - preparation.real("validation_fraction");
  const auto batch = static_cast<double>(std::max<std::int64_t>(1, recipe.integer("batch_size")));
  const auto accumulate = static_cast<double>(std::max<std::int64_t>(1, recipe.integer("accumulate")));
  plan.steps_per_epoch = std::max<std::int64_t>(1, std::llround(std::ceil(std::ceil(samples / batch) / accumulate)));
  return plan;
}

ScheduleCurve::ScheduleCurve(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("training.schedule_curve"));
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
  hide();
}

void ScheduleCurve::show_recipe(const Project& project, const std::optional<DataDescription>& data) {
  rates_.clear();
  complaint_.clear();
  const Recipe& recipe = project.recipe;
  const StepPlan plan = step_plan_of(project, data);
  epochs_ = static_cast<double>(plan.epochs);
  if (find_schedule_spec(recipe.schedule.type)) {
    const OptimiserSpec* optimiser = find_optimiser_spec(recipe.optimiser);
    const double rate = optimiser ? completed(optimiser->settings, recipe.optimiser_settings).real("lr") : 1;
    if (const auto schedule = Schedule::create(recipe.schedule, plan, rate); !schedule) {
      complaint_ = QString::fromStdString(schedule.error().message);
    } else {
      rates_ = learning_rate_curve(recipe.schedule, plan, rate, points);
    }
  }
  const bool is_flat = std::adjacent_find(rates_.begin(), rates_.end(), std::not_equal_to<>()) == rates_.end();
  setVisible(!complaint_.isEmpty() || !is_flat);
  updateGeometry();
  update();
}

QSize ScheduleCurve::sizeHint() const {
  return {180, heightForWidth(180)};
}

int ScheduleCurve::heightForWidth(int width) const {
  const QFontMetrics metrics(Theme::instance().caption());
  if (complaint_.isEmpty()) return plot_height + 2 * metrics.height() + 6;
  return metrics.boundingRect(QRect(0, 0, std::max(1, width), 10000), Qt::TextWordWrap, complaint_).height() + 4;
}

QRectF ScheduleCurve::plot() const {
  const double line = QFontMetricsF(Theme::instance().caption()).height();
  return QRectF(0.5, line + 2.5, width() - 1.0, std::max(4.0, height() - 2 * line - 6.0));
}

QString ScheduleCurve::words_at(QPoint position) const {
  const QRectF area = plot();
  if (rates_.size() < 2 || !area.adjusted(-1, -20, 1, 20).contains(position)) return {};
  const double share = std::clamp((position.x() - area.left()) / area.width(), 0.0, 1.0);
  const auto index = static_cast<std::size_t>(std::lround(share * static_cast<double>(rates_.size() - 1)));
  return tr("after %1 epochs: learning rate %2").arg(share * epochs_, 0, 'f', 1).arg(rates_[index], 0, 'g', 3);
}

bool ScheduleCurve::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), words_at(help->pos()), this);
    return true;
  }
  return QWidget::event(event);
}

void ScheduleCurve::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.setFont(Theme::instance().caption());
  if (!complaint_.isEmpty()) {
    painter.setPen(colours().error);
    painter.drawText(rect(), Qt::TextWordWrap, complaint_);
    return;
  }
  if (rates_.size() < 2) return;
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF area = plot();
  const double most = std::max(1e-300, *std::max_element(rates_.begin(), rates_.end()));
  QPainterPath path;
  for (std::size_t i = 0; i < rates_.size(); ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(rates_.size() - 1);
    const QPointF at(area.left() + share * area.width(),
                     area.bottom() - 1 - (area.height() - 3) * std::clamp(rates_[i] / most, 0.0, 1.0));
    i == 0 ? path.moveTo(at) : path.lineTo(at);
  }
  QPainterPath under = path;
  under.lineTo(area.bottomRight());
  under.lineTo(area.bottomLeft());
  painter.fillPath(under, colours().selection);
  painter.setPen(QPen(colours().outline, 1));
  painter.drawLine(area.bottomLeft(), area.bottomRight());
  painter.setPen(QPen(colours().accent, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.drawPath(path);

  painter.setPen(colours().muted);
  painter.setFont(Theme::instance().small_figures());
  const QRectF above(0, 0, width(), area.top() - 2);
  painter.drawText(above, Qt::AlignLeft | Qt::AlignVCenter, tr("highest %1").arg(rate_text(most)));
  painter.drawText(above, Qt::AlignRight | Qt::AlignVCenter, tr("last %1").arg(rate_text(rates_.back())));
  const QRectF below(0, area.bottom() + 2, width(), height() - area.bottom() - 2);
  painter.drawText(below, Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("0"));
  painter.drawText(below, Qt::AlignRight | Qt::AlignVCenter,
                   epochs_ == 1 ? tr("1 epoch") : tr("%1 epochs").arg(epochs_, 0, 'f', 0));
}

}  // namespace netwright
