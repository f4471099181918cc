#include "designer/training/data_preview.h"

#include <QFontMetricsF>
#include <QLocale>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "backend/data/data_catalogue.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr int most_images = 60;
constexpr int most_points = 2000;
constexpr double edge = 10;

DataSample read(const DataSource& source, const std::atomic<bool>& cancelled) {
  DataSample sample;
  if (source.source.empty()) {
    sample.problem = DataPreview::tr("No data chosen yet.");
    return sample;
  }
  const Result<Dataset> data = load(source);
  if (cancelled) return sample;
  if (!data) {
    sample.problem = QString::fromStdString(data.error().message);
    return sample;
  }
  return sample_of(*data, most_images, most_points);
}

}  // namespace

DataPreview::DataPreview(Document& document, QWidget* parent) : QWidget(parent), document_(document) {
  setObjectName(QStringLiteral("training.data_preview"));
  setMinimumSize(180, 140);
  settle_.setSingleShot(true);
  settle_.setInterval(250);
  connect(&settle_, &QTimer::timeout, this, &DataPreview::load);
  connect(&document, &Document::analysed, this, &DataPreview::follow_document);
  connect(&document, &Document::replaced, this, &DataPreview::follow_document);
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void DataPreview::follow_document() {
  if (!isVisible() || wanted_ == document_.project().data) return;
  wanted_ = document_.project().data;
  settle_.start();  // a spin held down asks once, at its end
}

void DataPreview::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  wanted_ = document_.project().data;
  if (!(wanted_ == shown_) || sample_.name.isEmpty()) load();
}

void DataPreview::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  settle_.stop();
  loading_.cancel();
  is_loading_ = false;
}

void DataPreview::load() {
  is_loading_ = true;
  update();
  const DataSource source = wanted_;
  loading_.run([source](const std::atomic<bool>& cancelled) { return read(source, cancelled); },
               [this, source](DataSample sample) {
                 sample_ = std::move(sample);
                 shown_ = source;
                 is_loading_ = false;
                 update();
                 emit loaded();
               });
}

double DataPreview::paint_head(QPainter& painter, const QRectF& place) const {
  const Theme& theme = Theme::instance();
  painter.setFont(theme.heading());
  painter.setPen(colours().text);
  const QFontMetricsF heading(painter.font());
  painter.drawText(place, Qt::AlignTop, sample_.name);
  painter.setFont(Theme::instance().small_figures());
  painter.setPen(colours().muted);
  const QLocale locale;
  const QString words = tr("%1  ·  %2 + %3 test  ·  %4 classes")
                            .arg(sample_.shape, locale.toString(sample_.train_samples),
                                 locale.toString(sample_.test_samples), locale.toString(sample_.classes.size()));
  const QFontMetricsF figures(painter.font());
  painter.drawText(place.adjusted(0, heading.height() + 1, 0, 0), Qt::AlignTop,
                   figures.elidedText(words, Qt::ElideRight, place.width()));
  return heading.height() + figures.height() + 8;
}

double DataPreview::paint_balance(QPainter& painter, const QRectF& place) const {
  const qint64 most =
      sample_.class_counts.empty() ? 0 : *std::max_element(sample_.class_counts.begin(), sample_.class_counts.end());
  if (most == 0) return 0;
  const QFontMetricsF metrics(Theme::instance().caption());
  const double bars = 26;
  const double step = place.width() / static_cast<double>(sample_.class_counts.size());
  for (std::size_t i = 0; i < sample_.class_counts.size(); ++i) {
    const double left = std::round(place.left() + step * static_cast<double>(i));
    const double right = std::round(place.left() + step * static_cast<double>(i + 1));
    const double height = std::round(bars * static_cast<double>(sample_.class_counts[i]) / static_cast<double>(most));
    const double air = step > 6 ? 2 : 0;
    painter.fillRect(QRectF(left, place.top(), right - left - air, bars), colours().window);
    painter.fillRect(QRectF(left, place.top() + bars - height, right - left - air, height),
                     colours().series[sample_.points.empty() ? 0 : static_cast<int>(i % 6)]);
  }
  painter.setFont(Theme::instance().small_figures());
  painter.setPen(colours().muted);
  const auto [least, greatest] = std::minmax_element(sample_.class_counts.begin(), sample_.class_counts.end());
  const QLocale locale;
  const QString words =
      *least == *greatest
          ? tr("%1 training samples of each class").arg(locale.toString(*least))
          : tr("%1 to %2 training samples of a class").arg(locale.toString(*least), locale.toString(*greatest));
  painter.drawText(QRectF(place.left(), place.top() + bars + 2, place.width(), metrics.height()), Qt::AlignVCenter,
                   words);
  return bars + metrics.height() + 10;
}

void DataPreview::paint_images(QPainter& painter, const QRectF& place) const {
  const QFontMetricsF metrics(Theme::instance().caption());
  const double wanted = std::max(metrics.horizontalAdvance(QStringLiteral("Ankle boot")), 44.0);
  const int columns = std::max(1, static_cast<int>((place.width() + 6) / (wanted + 6)));
  const double width = std::floor((place.width() + 6) / columns) - 6;
  const double side = std::min(width, 64.0);
  const double row_height = side + metrics.height() + 7;
  painter.setFont(Theme::instance().caption());
  for (std::size_t i = 0; i < sample_.images.size(); ++i) {
    const auto row = i / static_cast<std::size_t>(columns);
    const auto column = i % static_cast<std::size_t>(columns);
    const QPointF corner(place.left() + static_cast<double>(column) * (width + 6),
                         place.top() + static_cast<double>(row) * row_height);
    if (corner.y() + row_height > place.bottom() + 6) break;
    const QImage& image = sample_.images[i];
    QSizeF size = image.size();
    size.scale(side, side, Qt::KeepAspectRatio);
    // Few pixels are shown as they are; many are brought down smoothly.
    painter.setRenderHint(QPainter::SmoothPixmapTransform, image.width() > side * devicePixelRatioF());
    painter.drawImage(QRectF(corner + QPointF((width - size.width()) / 2, 0), size), image);
    const int label = sample_.labels[i];
    const QString name = label >= 0 && label < sample_.classes.size() ? sample_.classes[label] : QString::number(label);
    painter.setPen(colours().muted);
    painter.drawText(QRectF(corner.x(), corner.y() + side + 1, width, metrics.height()), Qt::AlignCenter,
                     metrics.elidedText(name, Qt::ElideRight, width));
  }
}

void DataPreview::paint_points(QPainter& painter, const QRectF& place) const {
  double reach = 1e-12;
  QPointF middle;
  QPointF least = sample_.points.front();
  QPointF greatest = least;
  for (const QPointF& point : sample_.points) {
    if (!std::isfinite(point.x()) || !std::isfinite(point.y())) continue;
    least = {std::min(least.x(), point.x()), std::min(least.y(), point.y())};
    greatest = {std::max(greatest.x(), point.x()), std::max(greatest.y(), point.y())};
  }
  middle = (least + greatest) / 2;
  reach = std::max({reach, greatest.x() - least.x(), greatest.y() - least.y()}) * 0.54;
  const double side = std::min(place.width(), place.height());
  const QRectF square(place.center().x() - side / 2, place.top(), side, side);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(square, colours().window);
  painter.setPen(Qt::NoPen);
  for (std::size_t i = 0; i < sample_.points.size(); ++i) {
    QColor colour = colours().series[std::max(0, sample_.labels[i]) % 6];
    colour.setAlphaF(0.75F);
    painter.setBrush(colour);
    const QPointF at = (sample_.points[i] - middle) / reach * (side / 2);
    painter.drawEllipse(square.center() + QPointF(at.x(), -at.y()), 2, 2);
  }
}

void DataPreview::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), colours().surface);
  const QString words = is_loading_ ? tr("Reading the data…") : sample_.problem;
  if (!words.isEmpty() || sample_.name.isEmpty()) {
    painter.setFont(Theme::instance().caption());
    painter.setPen(is_loading_ ? colours().faint : colours().muted);
    painter.drawText(rect().adjusted(16, 0, -16, 0), Qt::AlignCenter | Qt::TextWordWrap, words);
    return;
  }
  QRectF place = QRectF(rect()).adjusted(edge, edge - 2, -edge, -edge);
  place.setTop(place.top() + paint_head(painter, place));
  place.setTop(place.top() + paint_balance(painter, place));
  if (place.height() < 20) return;
  if (!sample_.points.empty()) {
    paint_points(painter, place);
  } else if (!sample_.images.empty()) {
    paint_images(painter, place);
  } else {
    painter.setPen(colours().faint);
    painter.drawText(place, Qt::AlignTop | Qt::TextWordWrap,
                     tr("Samples of shape %1 have no picture.").arg(sample_.shape));
  }
}

}  // namespace netwright
