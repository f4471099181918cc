#include "designer/training/chart_grid.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QResizeEvent>
#include <QToolButton>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "designer/theme/theme.h"
#include "designer/training/live_chart.h"

namespace netwright {
namespace {

constexpr int most_charts = 3;
constexpr QSize least_size(190, 120);
constexpr double best_aspect = 1.8;
constexpr int least_toggle = 40;

/// How many columns bring the charts closest to the shape that reads best; 0 where they don't fit.
int best_columns(int count, QSize area) {
  int best = 0;
  double least = 0;
  for (int columns = 1; columns <= count; ++columns) {
    const int rows = (count + columns - 1) / columns;
    const QSize cell(area.width() / columns, area.height() / rows);
    if (count > 1 && (cell.width() < least_size.width() || cell.height() < least_size.height())) continue;
    const double aspect = static_cast<double>(cell.width()) / std::max(1, cell.height());
    const double distance = std::abs(std::log(std::max(1e-3, aspect) / best_aspect));
    if (best == 0 || distance < least) {
      best = columns;
      least = distance;
    }
  }
  return best;
}

}  // namespace

ChartGrid::ChartGrid(const QString& prefix, QWidget* parent)
    : QWidget(parent), prefix_(prefix), chooser_(new QWidget(this)), chooser_row_(new QHBoxLayout(chooser_)) {
  setMinimumSize(160, 110);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  chooser_->setObjectName(QStringLiteral("training.%1chart_chooser").arg(prefix));
  chooser_row_->setContentsMargins(10, 2, 10, 4);
  chooser_row_->setSpacing(4);
  chooser_row_->addStretch(1);
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

LiveChart* ChartGrid::chart(const QString& title) const {
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.title == title; });
  return entry == entries_.end() ? nullptr : entry->chart;
}

QStringList ChartGrid::visible_charts() const {
  QStringList titles;
  for (const Entry& entry : entries_) {
    if (entry.chart->isVisibleTo(this)) titles << entry.title;
  }
  return titles;
}

LiveChart* ChartGrid::add_chart(const QString& title, const QString& heading) {
  const Entry entry{title, new LiveChart(heading, this), new QToolButton(chooser_)};
  entry.chart->setObjectName(QStringLiteral("%1chart.%2").arg(prefix_, title));
  entry.chart->setMinimumSize(1, 1);  // arrange() sees to the size
  entry.toggle->setText(title);
  entry.toggle->setObjectName(QStringLiteral("%1choose.%2").arg(prefix_, title));
  entry.toggle->setProperty("chip", true);
  entry.toggle->setFont(Theme::instance().caption());
  entry.toggle->setCheckable(true);
  connect(entry.toggle, &QToolButton::clicked, this, [this, title] { toggle(title); });
  entries_.push_back(entry);
  return entry.chart;
}

void ChartGrid::remove_chart(const QString& title) {
  const auto entry = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.title == title; });
  if (entry == entries_.end()) return;
  delete entry->chart;
  delete entry->toggle;
  entries_.erase(entry);
}

void ChartGrid::set_order(const QStringList& titles, QStringList usual) {
  std::sort(entries_.begin(), entries_.end(),
            [&](const Entry& a, const Entry& b) { return titles.indexOf(a.title) < titles.indexOf(b.title); });
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    chooser_row_->insertWidget(static_cast<int>(i), entries_[i].toggle);
    entries_[i].toggle->show();  // at once: the row is measured before Qt would show what is added to it
  }
  const auto is_there = [this](const QString& title) { return chart(title) != nullptr; };
  if (!is_chosen_by_user_ || std::none_of(chosen_.begin(), chosen_.end(), is_there)) {
    is_chosen_by_user_ = false;
    usual = usual.mid(0, most_charts);
    chosen_ = QStringList(usual.rbegin(), usual.rend());
  }
  arrange();
}

void ChartGrid::toggle(const QString& title) {
  const QStringList visible = visible_charts();
  const bool was_visible = visible.contains(title);
  if (!was_visible || visible.size() > 1) {
    is_chosen_by_user_ = true;
    // What had given way doesn't come back by itself.
    chosen_.erase(std::remove_if(chosen_.begin(), chosen_.end(),
                                 [&](const QString& other) { return other == title || !visible.contains(other); }),
                  chosen_.end());
    if (!was_visible) chosen_ << title;
  }
  arrange();
}

QRect ChartGrid::chart_area() const {
  return rect().adjusted(0, 0, 0, chooser_->isVisibleTo(this) ? -chooser_->sizeHint().height() : 0);
}

/// The longest names give way where there isn't room for all.
void ChartGrid::arrange_chooser() {
  chooser_->setVisible(entries_.size() > 2);  // two charts need no choice
  std::vector<int> wanted;
  for (const Entry& entry : entries_) {
    entry.toggle->setText(entry.title);
    wanted.push_back(entry.toggle->sizeHint().width());
  }
  const QMargins margins = chooser_row_->contentsMargins();
  const int room =
      width() - margins.left() - margins.right() - chooser_row_->spacing() * static_cast<int>(wanted.size());
  const auto total = [&](int most) {
    return std::accumulate(wanted.begin(), wanted.end(), 0, [most](int sum, int w) { return sum + std::min(w, most); });
  };
  int most = wanted.empty() ? 0 : *std::max_element(wanted.begin(), wanted.end());
  while (most > least_toggle && total(most) > room) --most;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (wanted[i] > most) {
      const QFontMetrics metrics(entry.toggle->font());
      const int frame = wanted[i] - metrics.horizontalAdvance(entry.title);
      entry.toggle->setText(metrics.elidedText(entry.title, Qt::ElideRight, most - frame));
    }
    entry.toggle->setToolTip(wanted[i] > most ? entry.title : QString());
  }
  const int chooser_height = chooser_->sizeHint().height();
  chooser_->setGeometry(0, height() - chooser_height, width(), chooser_height);
}

void ChartGrid::arrange() {
  arrange_chooser();
  const QRect area = chart_area();
  std::vector<Entry*> visible;
  int columns = 0;
  for (int most = most_charts; most > 0 && columns == 0; --most) {
    QStringList titles;
    for (auto title = chosen_.rbegin(); title != chosen_.rend() && titles.size() < most; ++title) {
      if (chart(*title)) titles << *title;
    }
    visible.clear();
    for (Entry& entry : entries_) {
      if (titles.contains(entry.title)) visible.push_back(&entry);
    }
    columns = best_columns(static_cast<int>(visible.size()), area.size());
  }
  for (Entry& entry : entries_) {
    const bool is_visible = std::find(visible.begin(), visible.end(), &entry) != visible.end();
    entry.chart->setVisible(is_visible);
    entry.toggle->setChecked(is_visible);
  }
  if (visible.empty()) return;

  const int count = static_cast<int>(visible.size());
  const int rows = (count + columns - 1) / columns;
  const int spare = rows * columns - count;  // the first takes what would stay empty
  for (int i = 0; i < count; ++i) {
    const int cell = i == 0 ? 0 : i + spare;
    const int row = cell / columns;
    const int left = cell % columns;
    const int right = i == 0 ? left + 1 + spare : left + 1;
    const QPoint from(area.left() + area.width() * left / columns, area.top() + area.height() * row / rows);
    const QPoint to(area.left() + area.width() * right / columns, area.top() + area.height() * (row + 1) / rows);
    // A pixel between them is the line that parts them.
    visible[static_cast<std::size_t>(i)]->chart->setGeometry(
        QRect(from + QPoint(left > 0, row > 0), to - QPoint(1, 1)));
  }
  update();
}

void ChartGrid::resizeEvent(QResizeEvent* /*event*/) {
  arrange();
}

void ChartGrid::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), colours().surface);
  if (!entries_.empty()) painter.fillRect(chart_area(), colours().outline);
}

}  // namespace netwright
