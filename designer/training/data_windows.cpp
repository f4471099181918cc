#include "designer/training/data_windows.h"

#include <QPaintEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr double chart_height = 84;
constexpr double windows_narrowest = 190;
constexpr double windows_gap = 12;
constexpr std::size_t most_channels = 6;

double legend_height() {
  return caption_height() + 6;
}

/// Alone, a channel is drawn in the colour of text, so that the forecast stands out.
QColor channel_colour(std::size_t channel, std::size_t channels) {
  return channels == 1 ? colours().muted : series_colour(channel == 0 ? 0 : channel + 1);
}

QColor target_colour() {
  return series_colour(1);
}

}  // namespace

DataWindows::DataWindows(QWidget* parent) : PreviewPart(parent) {
  setObjectName(QStringLiteral("data.windows"));
}

bool DataWindows::has_targets() const {
  return std::any_of(sample().windows.begin(), sample().windows.end(), [](const SampleWindow& window) {
    return std::any_of(window.targets.begin(), window.targets.end(),
                       [](const auto& values) { return !values.empty(); });
  });
}

int DataWindows::columns(double width) const {
  return std::max(1, static_cast<int>((width + windows_gap) / (windows_narrowest + windows_gap)));
}

double DataWindows::window_height() const {
  const bool has_words =
      std::any_of(sample().words.begin(), sample().words.end(), [](const QString& word) { return !word.isEmpty(); });
  return chart_height + (has_words ? caption_height() : 0) + 8;
}

QRectF DataWindows::place(std::size_t index) const {
  const int count = columns(width());
  const int row = static_cast<int>(index) / count;
  const double wide = std::floor((width() + windows_gap) / count) - windows_gap;
  const double high = window_height();
  return {(static_cast<int>(index) % count) * (wide + windows_gap), legend_height() + row * high, wide, high - 8};
}

int DataWindows::heightForWidth(int width) const {
  const int count = columns(width);
  const int rows = (static_cast<int>(sample().windows.size()) + count - 1) / count;
  return static_cast<int>(std::ceil(legend_height() + rows * window_height()));
}

void DataWindows::paint_window(QPainter& painter, std::size_t index) const {
  const SampleWindow& window = sample().windows[index];
  const QRectF whole = place(index);
  Range x{0, 1};
  Range y;
  bool has_range = false;
  const auto see = [&](const std::vector<double>& values, int from) {
    const Curve curve = curve_of(values, from);
    has_range = join_finite_range(curve, {-1e300, 1e300}, y, has_range);
    if (curve.size() > 0) x.high = std::max(x.high, curve.x.back());
  };
  for (const auto& values : window.channels) see(values, 0);
  for (const auto& values : window.targets) see(values, window.target_from);
  const double air = std::max(y.width() * 0.08, std::max(std::abs(y.high), 1e-9) * 1e-6);
  y = {y.low - air, y.high + air};

  const std::vector<Tick> y_ticks = linear_ticks(y, 4);
  PlotFrame frame;
  frame.x = x;
  frame.y = y;
  const double left = std::ceil(figures_width(y_ticks, {})) + 8;
  frame.area = QRectF(left, whole.top() + 3, std::max(20.0, whole.width() - left - 4), chart_height - 22);
  painter.save();
  painter.translate(whole.left(), 0);
  paint_grid(painter, frame, linear_ticks(x, std::max(2, static_cast<int>(frame.area.width() / 60))), y_ticks, {});
  painter.setRenderHint(QPainter::Antialiasing);
  const auto draw = [&](const std::vector<double>& values, int from, const QColor& colour, double width) {
    painter.setPen(QPen(colour, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const int pixels = std::max(1, static_cast<int>(frame.area.width() * devicePixelRatioF()));
    for (const Curve& piece : decimate(curve_of(values, from), x, pixels).segments) {
      QPolygonF line;
      for (std::size_t i = 0; i < piece.size(); ++i) line << QPointF(frame.to_x(piece.x[i]), frame.to_y(piece.y[i]));
      if (line.size() > 1) {
        painter.drawPolyline(line);
      } else if (!line.isEmpty()) {
        painter.setBrush(colour);
        painter.drawEllipse(line.front(), 1.2, 1.2);
        painter.setBrush(Qt::NoBrush);
      }
    }
  };
  const std::size_t channels = std::min(window.channels.size(), most_channels);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    draw(window.channels[channel], 0, channel_colour(channel, channels), 1.2);
  }
  for (std::size_t channel = 0; channel < channels; ++channel) {
    std::vector<double> values = window.targets[channel];
    if (values.empty()) continue;
    int from = window.target_from;
    // From the window's last value on, so that a forecast of one step is a line too.
    const auto before = static_cast<std::size_t>(from) - 1;
    if (from > 0 && before < window.channels[channel].size()) {
      values.insert(values.begin(), window.channels[channel][before]);
      --from;
    }
    draw(values, from, target_colour(), 2);
  }
  painter.restore();
  painter.setFont(Theme::instance().caption());
  painter.setPen(colours().muted);
  const QRectF words(whole.left() + left, whole.top() + chart_height - 2, whole.width() - left, caption_height());
  painter.drawText(words, Qt::AlignVCenter,
                   QFontMetricsF(painter.font())
                       .elidedText(sample().words.value(static_cast<qsizetype>(index)), Qt::ElideRight, words.width()));
}

void DataWindows::paintEvent(QPaintEvent* event) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  std::vector<LegendEntry> entries;
  const std::size_t channels = sample().windows.empty() ? 0 : sample().windows.front().channels.size();
  for (std::size_t channel = 0; channel < std::min(channels, most_channels); ++channel) {
    const QString name = sample().channels.value(static_cast<qsizetype>(channel), tr("channel %1").arg(channel + 1));
    entries.push_back({name, {}, channel_colour(channel, channels)});
  }
  if (has_targets()) entries.push_back({tr("to be forecast"), {}, target_colour()});
  paint_legend(painter, QRectF(0, 0, width(), caption_height()), entries);
  for (std::size_t i = 0; i < sample().windows.size(); ++i) {
    if (place(i).intersects(QRectF(event->rect()))) paint_window(painter, i);
  }
}

}  // namespace netwright
