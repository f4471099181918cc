#include "designer/training/layers_view.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QHelpEvent>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QScrollArea>
#include <QToolTip>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "designer/theme/theme.h"
#include "designer/training/axis_scale.h"

namespace netwright {
namespace {

constexpr double layers_edge = 10;
constexpr double row_air = 8;
constexpr double most_stretch = 2.5;
constexpr double most_name_share = 0.38;
constexpr double smallest_line = 30;  // beside it the value; where there is less room the line gives way

constexpr std::array<LayerQuantity, 8> all_quantities = {{
    {"update_ratio", QT_TRANSLATE_NOOP("netwright::LayersView", "Update ratio"),
     QT_TRANSLATE_NOOP("netwright::LayersView",
                       "The length of a step over the length of the weights. Around 0.001 is usual: far more is too "
                       "fast, far less hardly learns."),
     true},
    {"gradient_norm", QT_TRANSLATE_NOOP("netwright::LayersView", "Gradient norm"),
     QT_TRANSLATE_NOOP("netwright::LayersView",
                       "The length of the loss's gradient by these weights. Layers whose gradients are thousands of "
                       "times smaller than others' hardly learn (they vanish)."),
     true},
    {"dead", QT_TRANSLATE_NOOP("netwright::LayersView", "Dead units"),
     QT_TRANSLATE_NOOP("netwright::LayersView",
                       "Units that give the same number for every sample: a ReLU that never fires learns no more."),
     false, true},
    {"activation_mean", QT_TRANSLATE_NOOP("netwright::LayersView", "Output, mean"),
     QT_TRANSLATE_NOOP("netwright::LayersView", "Of all that the layer gives for some of a step's samples.")},
    {"activation_deviation", QT_TRANSLATE_NOOP("netwright::LayersView", "Output, deviation"),
     QT_TRANSLATE_NOOP("netwright::LayersView", "Of all that the layer gives for some of a step's samples."), true},
    {"weight_norm", QT_TRANSLATE_NOOP("netwright::LayersView", "Weight norm"),
     QT_TRANSLATE_NOOP("netwright::LayersView", "The length of the layer's weights; biases left out."), true},
    {"weight_mean", QT_TRANSLATE_NOOP("netwright::LayersView", "Weights, mean"),
     QT_TRANSLATE_NOOP("netwright::LayersView", "Of the layer's weights; biases left out.")},
    {"weight_deviation", QT_TRANSLATE_NOOP("netwright::LayersView", "Weights, deviation"),
     QT_TRANSLATE_NOOP("netwright::LayersView", "Of the layer's weights; biases left out."), true},
}};

QString text_of_value(const LayerQuantity& quantity, double value) {
  if (quantity.is_share)
    return QString::number(100 * value, 'f', value > 0 && value < 0.1 ? 1 : 0) + QStringLiteral(" %");
  return QString::number(value, 'g', 3);
}

double on_axis(const LayerQuantity& quantity, double value) {
  return quantity.is_log ? std::log10(value) : value;
}

}  // namespace

std::span<const LayerQuantity> layer_quantities() {
  return all_quantities;
}

QString layer_remark(const LayerQuantity& quantity, double value) {
  const std::string_view name = quantity.name;
  if (name == "dead" && value >= 0.5)
    return LayersView::tr(
        "Half of the units or more give nothing: try a lower "
        "learning rate, another initialisation or LeakyReLU.");
  if (name == "update_ratio" && value > 0.1)
    return LayersView::tr(
        "Each step changes the weights by more than a "
        "tenth: try a lower learning rate.");
  if (name == "update_ratio" && value < 1e-6) return LayersView::tr("The weights hardly move.");
  if (name == "gradient_norm" && value < 1e-7) return LayersView::tr("The gradient has vanished.");
  if (name == "gradient_norm" && value > 1e3)
    return LayersView::tr(
        "The gradient explodes: clip it, or try a lower "
        "learning rate.");
  return {};
}

LayerRows::LayerRows(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("layers.rows"));
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
}

double LayerRows::least_row_height() {
  return std::ceil(QFontMetricsF(Theme::instance().body()).height() + row_air);
}

double LayerRows::row_height() const {
  const double room = (height() - layers_edge) / std::max(1.0, static_cast<double>(rows_.size()));
  return std::floor(std::clamp(room, least_row_height(), most_stretch * least_row_height()));
}

QSize LayerRows::sizeHint() const {
  return {240, static_cast<int>(least_row_height() * static_cast<double>(rows_.size()) + layers_edge)};
}

QRectF LayerRows::place(int row) const {
  return {0, row_height() * row, static_cast<double>(width()), row_height()};
}

QString LayerRows::value_text(int row) const {
  return text_of_value(quantity_, rows_.at(static_cast<std::size_t>(row)).latest);
}

void LayerRows::show_layers(const std::vector<LayersEvent>& moments, const LayerQuantity& quantity) {
  quantity_ = quantity;
  rows_.clear();
  if (!moments.empty()) {
    std::map<std::string_view, std::size_t> row_of;
    for (const LayerFigures& layer : moments.back().layers) {
      row_of[layer.layer] = rows_.size();
      rows_.push_back({QString::fromStdString(layer.layer), {}, 0, layer.values});
    }
    for (const LayersEvent& moment : moments) {
      for (const LayerFigures& layer : moment.layers) {
        const auto row = row_of.find(layer.layer);
        const auto value = layer.values.find(quantity.name);
        if (row == row_of.end() || value == layer.values.end()) continue;
        rows_[row->second].latest = value->second;
        const double at = on_axis(quantity, value->second);
        if (std::isfinite(at)) rows_[row->second].line.emplace_back(moment.epoch, at);
      }
    }
    std::erase_if(rows_, [&](const Row& row) { return !row.all.contains(quantity.name); });
    first_epoch_ = moments.front().epoch;
    last_epoch_ = std::max(moments.back().epoch, first_epoch_ + 1e-9);
  }
  // One scale for all, so that layers compare.
  bool is_first = true;
  for (const Row& row : rows_) {
    for (const QPointF& point : row.line) {
      low_ = is_first ? point.y() : std::min(low_, point.y());
      high_ = is_first ? point.y() : std::max(high_, point.y());
      is_first = false;
    }
  }
  if (quantity.is_share) {
    low_ = 0;
    high_ = 1;
  }
  const double least = quantity.is_log ? 1 : 1e-6;
  if (high_ - low_ < least) {
    const double middle = (low_ + high_) / 2;
    low_ = middle - least / 2;
    high_ = middle + least / 2;
  }
  updateGeometry();
  update();
}

QString LayerRows::words_of(const Row& row) const {
  QStringList lines = {QStringLiteral("<b>%1</b>").arg(row.name.toHtmlEscaped())};
  for (const LayerQuantity& quantity : all_quantities) {
    const auto value = row.all.find(quantity.name);
    if (value == row.all.end()) continue;
    lines << QStringLiteral("%1: %2").arg(LayersView::tr(quantity.title), text_of_value(quantity, value->second));
    const QString remark = layer_remark(quantity, value->second);
    if (!remark.isEmpty()) lines << QStringLiteral("<i>%1</i>").arg(remark);
  }
  return lines.join(QStringLiteral("<br>"));
}

bool LayerRows::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  auto* help = static_cast<QHelpEvent*>(event);
  const int row = static_cast<int>(help->pos().y() / row_height());
  if (row >= 0 && row < row_count()) {
    QToolTip::showText(help->globalPos(), words_of(rows_[static_cast<std::size_t>(row)]), this, place(row).toRect());
  } else {
    QToolTip::hideText();
  }
  return true;
}

void LayerRows::paint_line(QPainter& painter, const Row& row, const QRectF& area, const QColor& ink) const {
  const auto at = [&](const QPointF& point) {
    return QPointF(area.left() + (point.x() - first_epoch_) / (last_epoch_ - first_epoch_) * area.width(),
                   area.bottom() - (point.y() - low_) / (high_ - low_) * area.height());
  };
  painter.setPen(QPen(colours().grid, 1));
  painter.drawLine(QPointF(area.left(), area.bottom() + 2.5), QPointF(area.right(), area.bottom() + 2.5));
  if (row.line.empty()) return;
  QPainterPath path(at(row.line.front()));
  for (const QPointF& point : row.line) path.lineTo(at(point));
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(ink, 1.4));
  painter.drawPath(path);
  painter.setPen(Qt::NoPen);
  painter.setBrush(ink);
  painter.drawEllipse(at(row.line.back()), 2.2, 2.2);
}

void LayerRows::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QFontMetricsF metrics(Theme::instance().body());
  const QFontMetricsF figures(Theme::instance().figures());
  double names = 0;
  double values = 0;
  for (int row = 0; row < row_count(); ++row) {
    names = std::max(names, metrics.horizontalAdvance(name(row)));
    values = std::max(values, figures.horizontalAdvance(value_text(row)));
  }
  const double room = width() - 2 * layers_edge;
  names = std::min(std::ceil(names) + 10, std::max(room * most_name_share, room - values - smallest_line - 20));
  names = std::min(names, room * 0.5);
  for (int index = 0; index < row_count(); ++index) {
    const Row& row = rows_[static_cast<std::size_t>(index)];
    const QRectF place = this->place(index);
    const bool is_unusual = !layer_remark(quantity_, row.latest).isEmpty();
    const QColor ink = is_unusual ? colours().warning : colours().accent;
    painter.setFont(Theme::instance().body());
    painter.setPen(colours().text);
    const QRectF label(layers_edge, place.top(), names - 8, place.height());
    painter.drawText(label, Qt::AlignVCenter, metrics.elidedText(row.name, Qt::ElideMiddle, label.width()));
    painter.setFont(Theme::instance().figures());
    painter.setPen(is_unusual ? colours().warning : colours().text);
    painter.drawText(QRectF(width() - layers_edge - values - 1, place.top(), values + 1, place.height()),
                     Qt::AlignRight | Qt::AlignVCenter, value_text(index));
    const QRectF area(layers_edge + names, place.top() + row_air / 2, room - names - values - 10,
                      place.height() - row_air - 3);
    if (area.width() >= smallest_line) paint_line(painter, row, area, ink);
  }
}

LayersView::LayersView(QWidget* parent)
    : SurfacePanel(parent), choice_(new QComboBox), scroll_(new QScrollArea), rows_(new LayerRows) {
  setObjectName(QStringLiteral("training.layers"));
  choice_->setObjectName(QStringLiteral("layers.quantity"));
  choice_->setAccessibleName(tr("Figure"));
  for (const LayerQuantity& quantity : all_quantities) {
    choice_->addItem(tr(quantity.title));
    choice_->setItemData(choice_->count() - 1, tr(quantity.help), Qt::ToolTipRole);
  }
  scroll_->setWidget(rows_);
  scroll_->setWidgetResizable(true);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->viewport()->setAutoFillBackground(false);
  rows_->setAutoFillBackground(false);
  auto* head = new QHBoxLayout;
  head->setContentsMargins(static_cast<int>(layers_edge), 8, static_cast<int>(layers_edge), 4);
  head->addWidget(choice_, 1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addLayout(head);
  column->addWidget(scroll_, 1);
  connect(choice_, &QComboBox::currentIndexChanged, this, &LayersView::refresh);
  refresh();
}

void LayersView::show_layers(const std::vector<LayersEvent>& moments) {
  moments_ = moments;
  refresh();
}

void LayersView::refresh() {
  const LayerQuantity& quantity = all_quantities[static_cast<std::size_t>(std::max(0, choice_->currentIndex()))];
  choice_->setToolTip(tr(quantity.help));
  rows_->show_layers(moments_, quantity);
}

}  // namespace netwright
