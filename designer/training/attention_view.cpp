#include "designer/training/attention_view.h"

#include <QBoxLayout>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QListWidget>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "designer/theme/icons.h"
#include "designer/theme/theme.h"
#include "designer/training/data_words.h"

namespace netwright {
namespace {

constexpr double attention_edge = 12;
constexpr double lowest_bar = 44;
constexpr double highest_bar = 110;
constexpr double token_padding = 5;
constexpr double least_token = 22;
constexpr double line_gap = 18;

QFontMetricsF token_metrics() {
  return QFontMetricsF(Theme::instance().figures());
}

bool is_special(const QString& token) {
  return token.size() > 2 && token.startsWith(QLatin1Char('<')) && token.endsWith(QLatin1Char('>'));
}

/// Blanks are seen as what they are.
QString percent(double share) {
  return std::isfinite(share) ? AttentionMap::tr("%1 %").arg(100 * share, 0, 'f', 1) : AttentionMap::tr("not a number");
}

QColor tint(double share) {
  QColor colour = colours().accent;
  colour.setAlphaF(std::isfinite(share) ? static_cast<float>(std::clamp(share, 0.0, 1.0) * 0.9) : 0.0F);
  return colour;
}

/// Of two inks the one that stands out more from the tint.
QColor ink_on(double share) {
  const auto light = [](const QColor& colour) {
    return 0.299 * colour.redF() + 0.587 * colour.greenF() + 0.114 * colour.blueF();
  };
  const QColor over = tint(share);
  const double ground = light(colours().window) + (light(over) - light(colours().window)) * over.alphaF();
  const double text = std::abs(light(colours().text) - ground);
  return text > std::abs(light(colours().on_accent) - ground) ? colours().text : colours().on_accent;
}

/// Characters are joined to a word, words to a line.
QString joined(const QStringList& tokens) {
  const bool are_characters = std::all_of(tokens.begin(), tokens.end(),
                                          [](const QString& token) { return token.size() <= 1 || is_special(token); });
  return tokens.join(are_characters ? QString() : QStringLiteral(" "));
}

}  // namespace

AttentionMap::AttentionMap(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("samples.attention_map"));
  setMouseTracking(true);
  setMinimumSize(150, 120);
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void AttentionMap::show_sample(const QString& layer, const AttentionSample& sample) {
  layer_ = layer;
  sample_ = sample;
  updateGeometry();
  update();
}

void AttentionMap::clear() {
  show_sample({}, {});
}

double AttentionMap::greatest() const {
  double most = 0;
  for (const auto& row : sample_.weights) {
    for (const double weight : row) {
      if (std::isfinite(weight)) most = std::max(most, weight);
    }
  }
  return most > 0 ? most : 1;
}

std::vector<QRectF> AttentionMap::token_places(double width, double bar_height) const {
  std::vector<QRectF> out;
  const QFontMetricsF metrics = token_metrics();
  const double height = std::ceil(metrics.height()) + 6;
  const double top = attention_edge + 3 * caption_height() + 16 + bar_height + 2;
  QPointF at(attention_edge, top);
  for (const QString& token : sample_.tokens) {
    const double wide =
        std::max(least_token, std::ceil(metrics.horizontalAdvance(shown_token(token))) + 2 * token_padding);
    if (at.x() > attention_edge && at.x() + wide > width - attention_edge)
      at = {attention_edge, at.y() + height + bar_height + line_gap};
    out.emplace_back(at, QSizeF(wide, height));
    at.rx() += wide + 2;
  }
  return out;
}

int AttentionMap::heightForWidth(int width) const {
  if (sample_.is_matrix || sample_.tokens.isEmpty()) return minimumHeight();
  return std::max(minimumHeight(),
                  static_cast<int>(std::ceil(token_places(width, lowest_bar).back().bottom() + attention_edge)));
}

double AttentionMap::bar_height() const {
  // Where all tokens stand in one line there may be room for higher bars.
  const std::vector<QRectF> places = token_places(width(), lowest_bar);
  if (places.empty() || places.front().top() != places.back().top()) return lowest_bar;
  return std::clamp(std::round(lowest_bar + 0.5 * (height() - places.back().bottom() - attention_edge)), lowest_bar,
                    highest_bar);
}

double AttentionMap::label_width() const {
  const QFontMetricsF metrics(Theme::instance().caption());
  double longest = 0;
  for (const QString& token : sample_.tokens)
    longest = std::max(longest, metrics.horizontalAdvance(shown_token(token)));
  return std::min(std::ceil(longest) + 6, 90.0);
}

double AttentionMap::cell_side() const {
  const auto columns = static_cast<double>(std::max<qsizetype>(1, sample_.tokens.size()));
  const auto rows = static_cast<double>(std::max<std::size_t>(1, sample_.weights.size()));
  const double labels = label_width();
  const double top = attention_edge + 2 * caption_height() + 12;
  const double side =
      std::min((width() - 2 * attention_edge - labels) / columns, (height() - top - labels - attention_edge) / rows);
  return std::clamp(std::floor(side), 2.0, 34.0);
}

QRectF AttentionMap::cells() const {
  const double side = cell_side();
  const double top = attention_edge + 2 * caption_height() + 12;
  return {attention_edge + label_width(), top + label_width(), side * static_cast<double>(sample_.tokens.size()),
          side * static_cast<double>(sample_.weights.size())};
}

QRectF AttentionMap::place(std::size_t row, std::size_t token) const {
  if (!sample_.is_matrix) return token_places(width(), bar_height())[token];
  const double side = cell_side();
  return {cells().topLeft() + QPointF(side * static_cast<double>(token), side * static_cast<double>(row)),
          QSizeF(side, side)};
}

void AttentionMap::paint_head(QPainter& painter) const {
  const Theme& theme = Theme::instance();
  const double height = caption_height();
  QRectF line(attention_edge, attention_edge, width() - 2 * attention_edge, height + 2);
  painter.setFont(theme.body());
  double left = line.left();
  const auto write = [&](const QString& text, const QColor& colour) {
    painter.setPen(colour);
    painter.drawText(QRectF(left, line.top(), line.right() - left, line.height()), Qt::AlignVCenter, text);
    left += painter.fontMetrics().horizontalAdvance(text);
  };
  if (!sample_.predicted.isEmpty()) {
    const bool has_target = !sample_.target.isEmpty();
    const Ink ink = !has_target ? Ink::Muted : sample_.is_right() ? Ink::Success : Ink::Error;
    if (has_target) {
      icon(sample_.is_right() ? QStringLiteral("check") : QStringLiteral("close"), ink)
          .paint(&painter, QRectF(left, line.center().y() - 7, 14, 14).toRect());
      left += 20;
    }
    write(sample_.predicted, colours().text);
    if (has_target && !sample_.is_right()) write(tr("  instead of %1").arg(sample_.target), colours().muted);
  }
  painter.setFont(theme.caption());
  painter.setPen(colours().muted);
  const QString words = sample_.is_matrix ? tr("Row: the token that attends · column: the token attended to")
                                          : tr("Share of the attention that each token gets");
  const QString layer = layer_.isEmpty() ? words : QStringLiteral("%1  ·  %2").arg(layer_, words);
  const QRectF second(attention_edge, line.bottom() + 2, width() - 2 * attention_edge, height);
  painter.drawText(second, Qt::AlignVCenter,
                   QFontMetricsF(painter.font()).elidedText(layer, Qt::ElideRight, second.width()));
}

void AttentionMap::paint_tokens(QPainter& painter) const {
  const Theme& theme = Theme::instance();
  const double highest = bar_height();
  const std::vector<QRectF> all = token_places(width(), highest);
  const double most = greatest();
  painter.setRenderHint(QPainter::Antialiasing);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const QRectF& place = all[i];
    const double weight = sample_.weights.front()[i];
    const double share = weight / most;
    const double bar = std::isfinite(share) ? std::round(std::clamp(share, 0.0, 1.0) * highest) : 0;
    painter.fillRect(
        QRectF(place.left() + 1, place.top() - 2 - std::max(1.0, bar), place.width() - 2, std::max(1.0, bar)),
        bar >= 1 ? colours().accent : colours().outline);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colours().window);
    painter.drawRoundedRect(place, 3, 3);
    painter.setBrush(tint(share));
    painter.drawRoundedRect(place, 3, 3);
    const QString token = sample_.tokens[static_cast<qsizetype>(i)];
    painter.setFont(theme.figures());
    painter.setPen(is_special(token) ? colours().muted : ink_on(share));
    painter.drawText(place, Qt::AlignCenter, shown_token(token));
  }
  // The greatest says how high the bars are.
  const auto& weights = sample_.weights.front();
  const auto top =
      std::max_element(weights.begin(), weights.end(), [](double a, double b) { return !(a >= b) && b == b; });
  if (top == weights.end() || !std::isfinite(*top)) return;
  const QRectF& place = all[static_cast<std::size_t>(top - weights.begin())];
  painter.setFont(theme.small_figures());
  painter.setPen(colours().muted);
  QRectF figure(place.center().x() - 40, place.top() - highest - 4 - caption_height(), 80, caption_height());
  figure.moveLeft(
      std::clamp(figure.left(), attention_edge - 24, std::max(attention_edge - 24, width() - attention_edge - 56)));
  painter.drawText(figure, Qt::AlignCenter, percent(*top));
}

void AttentionMap::paint_map(QPainter& painter) const {
  const double side = cell_side();
  const double most = greatest();
  const QRectF area = cells();
  painter.fillRect(area, colours().window);
  const double air = side >= 8 ? 1 : 0;
  for (std::size_t row = 0; row < sample_.weights.size(); ++row) {
    for (std::size_t token = 0; token < sample_.weights[row].size(); ++token) {
      const QRectF cell(area.left() + side * static_cast<double>(token), area.top() + side * static_cast<double>(row),
                        side - air, side - air);
      painter.fillRect(cell, tint(sample_.weights[row][token] / most));
    }
  }
  painter.setFont(Theme::instance().caption());
  const QFontMetricsF metrics(painter.font());
  const double labels = label_width() - 5;
  const double height = metrics.height();
  const auto step = static_cast<qsizetype>(std::ceil((height - 2) / side));  // labels that would overlap are left out
  for (qsizetype i = 0; i < sample_.tokens.size(); i += step) {
    const QString token = metrics.elidedText(shown_token(sample_.tokens[i]), Qt::ElideRight, labels);
    const double along = side * (static_cast<double>(i) + 0.5) - air / 2;
    const bool is_hovered_column = hover_.x() >= 0 && place(0, static_cast<std::size_t>(i)).left() <= hover_.x() &&
                                   hover_.x() < place(0, static_cast<std::size_t>(i)).right();
    painter.setPen(is_hovered_column ? colours().text : colours().muted);
    if (metrics.horizontalAdvance(token) <= side) {
      painter.drawText(QRectF(area.left() + along - side / 2, area.top() - height - 3, side, height), Qt::AlignCenter,
                       token);
    } else {
      painter.save();
      painter.translate(area.left() + along, area.top() - 4);
      painter.rotate(-90);
      painter.drawText(QRectF(0, -height / 2, labels, height), Qt::AlignVCenter, token);
      painter.restore();
    }
    if (static_cast<std::size_t>(i) >= sample_.weights.size()) continue;
    const bool is_hovered_row = hover_.y() >= 0 && place(static_cast<std::size_t>(i), 0).top() <= hover_.y() &&
                                hover_.y() < place(static_cast<std::size_t>(i), 0).bottom();
    painter.setPen(is_hovered_row ? colours().text : colours().muted);
    painter.drawText(QRectF(attention_edge, area.top() + along - height / 2, labels, height),
                     Qt::AlignRight | Qt::AlignVCenter, token);
  }
}

void AttentionMap::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), colours().surface);
  if (sample_.tokens.isEmpty()) {
    painter.setFont(Theme::instance().caption());
    painter.setPen(colours().faint);
    painter.drawText(rect(), Qt::AlignCenter, tr("No tokens"));
    return;
  }
  paint_head(painter);
  sample_.is_matrix ? paint_map(painter) : paint_tokens(painter);
}

QString AttentionMap::words_at(QPointF position) const {
  for (std::size_t row = 0; row < sample_.weights.size(); ++row) {
    for (std::size_t token = 0; token < sample_.weights[row].size(); ++token) {
      QRectF target = place(row, token);
      if (!sample_.is_matrix) target.setTop(target.top() - bar_height());
      if (!target.contains(position)) continue;
      const QString name = shown_token(sample_.tokens[static_cast<qsizetype>(token)]);
      const QString share = percent(sample_.weights[row][token]);
      if (!sample_.is_matrix) return tr("%1: %2").arg(name, share);
      return tr("%1 attends to %2: %3")
          .arg(shown_token(sample_.tokens.value(static_cast<qsizetype>(row))), name, share);
    }
  }
  return {};
}

bool AttentionMap::event(QEvent* event) {
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    const QString words = words_at(help->pos());
    words.isEmpty() ? QToolTip::hideText() : QToolTip::showText(help->globalPos(), words, this);
    return true;
  }
  return QWidget::event(event);
}

void AttentionMap::mouseMoveEvent(QMouseEvent* event) {
  hover_ = event->position();
  if (sample_.is_matrix) update();
}

void AttentionMap::leaveEvent(QEvent* /*event*/) {
  hover_ = {-1, -1};
  update();
}

AttentionView::AttentionView(QWidget* parent) : SampleView(parent), list_(new QListWidget), map_(new AttentionMap) {
  list_->setObjectName(QStringLiteral("samples.attention_list"));
  list_->setAccessibleName(tr("Samples"));
  list_->setFrameShape(QFrame::NoFrame);
  list_->setUniformItemSizes(true);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setIconSize({12, 12});
  list_->installEventFilter(this);
  auto* line = new QFrame;
  line->setFixedWidth(1);
  line->setAutoFillBackground(true);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(list_);
  layout->addWidget(line);
  auto* scroll = new QScrollArea;
  scroll->setWidget(map_);
  scroll->setWidgetResizable(true);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  layout->addWidget(scroll, 1);
  const auto restyle = [line] {
    QPalette palette = line->palette();
    palette.setColor(QPalette::Window, colours().outline);
    line->setPalette(palette);
  };
  restyle();
  connect(list_, &QListWidget::currentRowChanged, this, &AttentionView::show_chosen);
  connect(&Theme::instance(), &Theme::changed, this, restyle);
}

void AttentionView::show_content(std::shared_ptr<const SampleContent> content, const SampleMoment& /*moment*/) {
  const auto* samples = std::get_if<AttentionSamples>(content.get());
  if (!samples) return;
  shown_ = *samples;
  fill_list();
  show_chosen();
}

void AttentionView::resizeEvent(QResizeEvent* event) {
  SampleView::resizeEvent(event);
  list_->setFixedWidth(std::clamp(width() * 3 / 10, 60, 160));
}

bool AttentionView::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::KeyPress) return SampleView::eventFilter(watched, event);
  const int key = static_cast<QKeyEvent*>(event)->key();
  if (key != Qt::Key_Left && key != Qt::Key_Right) return false;
  event->ignore();  // a list has no use for them: they go on to the page, through time
  return true;
}

void AttentionView::fill_list() {
  const QSignalBlocker quiet(list_);
  const int chosen = list_->currentRow();
  const auto count = static_cast<int>(shown_.samples.size());
  while (list_->count() > count) delete list_->takeItem(list_->count() - 1);
  while (list_->count() < count) list_->addItem(QString());
  for (int i = 0; i < count; ++i) {
    const AttentionSample& sample = shown_.samples[static_cast<std::size_t>(i)];
    QListWidgetItem* item = list_->item(i);
    const QString text = joined(sample.tokens);
    item->setText(text);
    const bool is_judged = !sample.target.isEmpty() && !sample.predicted.isEmpty();
    item->setIcon(!is_judged          ? QIcon()
                  : sample.is_right() ? icon(QStringLiteral("check"), Ink::Success)
                                      : icon(QStringLiteral("close"), Ink::Error));
    item->setToolTip(is_judged ? tr("%1\nis %2, taken for %3").arg(text, sample.target, sample.predicted) : text);
  }
  if (count > 0) list_->setCurrentRow(std::clamp(chosen, 0, count - 1));
}

void AttentionView::show_chosen() {
  const int chosen = list_->currentRow();
  if (chosen < 0 || chosen >= static_cast<int>(shown_.samples.size())) {
    map_->clear();
  } else {
    map_->show_sample(shown_.layer, shown_.samples[static_cast<std::size_t>(chosen)]);
  }
}

}  // namespace netwright
