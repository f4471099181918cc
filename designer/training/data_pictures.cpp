#include "designer/training/data_pictures.h"

#include <QHelpEvent>
#include <QPaintEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "designer/theme/theme.h"
#include "designer/training/picture_painting.h"

namespace netwright {
namespace {

constexpr double pictures_between = 6;
constexpr double between_versions = 2;
constexpr double after_original = 5;  // sets the first apart from what augmentation makes of it
constexpr double between_groups = 14;
constexpr double fair_side = 58;  // of a picture, about
constexpr double narrowest_words = 58;
constexpr double cover = 0.5;

/// Of a fair size: a whole number of device pixels for each of its own, or brought down to it.
QSizeF picture_size(QSize pixels, double room, double ratio) {
  const int side = std::max(pixels.width(), pixels.height());
  const double scale = std::max(1.0, std::round(fair_side * ratio / side));
  const double wanted = side * scale / ratio > 1.5 * fair_side ? fair_side : side * scale / ratio;
  return fitting_size(pixels, QSizeF(1, 1) * std::max(8.0, std::min(wanted, room)), ratio);
}

/// The picture with a class's pixels tinted, class 0 (as a rule the background) left as it is.
QImage laid_over(const QImage& image, const QImage& mask) {
  QImage out = image;
  if (mask.size() != image.size()) return out;
  for (int y = 0; y < out.height(); ++y) {
    auto* line = reinterpret_cast<QRgb*>(out.scanLine(y));
    const uchar* classes = mask.constScanLine(y);
    for (int x = 0; x < out.width(); ++x) {
      if (classes[x] == 0) continue;
      const QColor ink = series_colour(classes[x]);
      const auto mixed = [](int paper, int top) {
        return static_cast<int>(std::lround(paper + (top - paper) * cover));
      };
      line[x] =
          qRgb(mixed(qRed(line[x]), ink.red()), mixed(qGreen(line[x]), ink.green()), mixed(qBlue(line[x]), ink.blue()));
    }
  }
  return out;
}

}  // namespace

DataPictures::DataPictures(QWidget* parent) : PreviewPart(parent) {
  setObjectName(QStringLiteral("data.pictures"));
}

void DataPictures::refresh() {
  shown_.clear();
  const bool is_augmented = !sample().augmented.empty();
  const std::size_t count = is_augmented ? sample().augmented.size() : sample().images.size();
  for (std::size_t i = 0; i < count; ++i) {
    const bool has_mask = i < sample().masks.size();
    std::vector<QImage> versions = {has_mask ? laid_over(sample().images[i], sample().masks[i]) : sample().images[i]};
    for (std::size_t version = 0; is_augmented && version < sample().augmented[i].size(); ++version) {
      const QImage& image = sample().augmented[i][version];
      versions.push_back(has_mask ? laid_over(image, sample().augmented_masks[i][version]) : image);
    }
    shown_.push_back(std::move(versions));
  }
}

std::size_t DataPictures::versions() const {
  return shown_.empty() ? 1 : shown_.front().size();
}

bool DataPictures::has_words() const {
  return std::any_of(sample().words.begin(), sample().words.end(), [](const QString& word) { return !word.isEmpty(); });
}

DataPictures::Grid DataPictures::grid(double width) const {
  Grid out{};
  const QSize pixels = shown_.empty() ? QSize(1, 1) : shown_.front().front().size();
  const auto count = static_cast<double>(versions());
  const bool is_augmented = count > 1;
  out.top = is_augmented ? caption_height() + 8 : 0;
  const double extra = is_augmented ? between_versions * (count - 1) + after_original : 0;
  const double gap = is_augmented ? between_groups : pictures_between;
  out.picture = picture_size(pixels, (width - extra) / count, devicePixelRatioF());
  const double group = out.picture.width() * count + extra;
  const double wanted = has_words() && !is_augmented ? std::max(group, narrowest_words) : group;
  out.columns =
      std::clamp(static_cast<int>((width + gap) / (wanted + gap)), 1, std::max(1, static_cast<int>(shown_.size())));
  // What is left over goes between the columns, but few of them don't drift apart.
  out.step = std::min(std::floor((width + gap) / out.columns), wanted + 3 * gap);
  out.row = out.picture.height() + (has_words() ? caption_height() + 3 : 0) + 6;
  return out;
}

QRectF DataPictures::place(const Grid& grid, std::size_t index, std::size_t version) const {
  const auto row = static_cast<int>(index) / grid.columns;
  double left = grid.step * (static_cast<int>(index) % grid.columns);
  if (versions() == 1) left += std::floor((grid.step - pictures_between - grid.picture.width()) / 2);
  left += static_cast<double>(version) * (grid.picture.width() + between_versions);
  if (version > 0) left += after_original;
  return {QPointF(std::round(left), std::round(grid.top + row * grid.row)), grid.picture};
}

QRectF DataPictures::place(std::size_t index, std::size_t version) const {
  return place(grid(width()), index, version);
}

int DataPictures::heightForWidth(int width) const {
  if (shown_.empty()) return 0;
  const Grid now = grid(width);
  const auto rows = (static_cast<int>(shown_.size()) + now.columns - 1) / now.columns;
  return static_cast<int>(std::ceil(now.top + rows * now.row));
}

void DataPictures::paintEvent(QPaintEvent* event) {
  if (shown_.empty()) return;
  QPainter painter(this);
  const Grid now = grid(width());
  painter.setFont(Theme::instance().caption());
  const QFontMetricsF metrics(painter.font());
  if (versions() > 1) {
    painter.setPen(colours().muted);
    const QString words = tr("As it came, and as augmentation may change it");
    painter.drawText(QRectF(0, 0, width(), caption_height()), Qt::AlignVCenter,
                     metrics.elidedText(words, Qt::ElideRight, width()));
  }
  for (std::size_t i = 0; i < shown_.size(); ++i) {
    const QRectF first = place(now, i, 0);
    if (first.top() > event->rect().bottom() || first.top() + now.row < event->rect().top()) continue;
    for (std::size_t version = 0; version < shown_[i].size(); ++version) {
      draw_picture(painter, place(now, i, version), shown_[i][version], shown_[i][version].rect());
    }
    const double wide = now.step - (versions() > 1 ? between_groups : pictures_between);
    const double left = std::floor(static_cast<double>(i % static_cast<std::size_t>(now.columns)) * now.step);
    painter.setPen(colours().muted);
    painter.drawText(QRectF(left, first.bottom() + 2, wide, caption_height()),
                     (versions() > 1 ? Qt::AlignLeft : Qt::AlignHCenter) | Qt::AlignVCenter,
                     metrics.elidedText(sample().words.value(static_cast<qsizetype>(i)), Qt::ElideRight, wide));
  }
}

bool DataPictures::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return PreviewPart::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const Grid now = grid(width());
  QString words;
  for (std::size_t i = 0; i < shown_.size(); ++i) {
    QRectF whole = place(now, i, 0).united(place(now, i, shown_[i].size() - 1));
    whole.setBottom(whole.bottom() + caption_height() + 2);
    if (whole.contains(help->pos())) words = sample().words.value(static_cast<qsizetype>(i));
  }
  words.isEmpty() ? QToolTip::hideText() : QToolTip::showText(help->globalPos(), words, this);
  return true;
}

}  // namespace netwright
