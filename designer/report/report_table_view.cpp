#include "designer/report/report_table_view.h"

#include <QClipboard>
#include <QFontMetricsF>
#include <QGuiApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr double cell_gap = 18;

QFont cell_font_of(bool is_number, bool is_bold) {
  QFont font = is_number ? Theme::instance().figures() : Theme::instance().body();
  if (is_bold) font.setWeight(QFont::DemiBold);
  return font;
}

}  // namespace

ReportTableView::ReportTableView(ReportTable table, QWidget* parent) : QWidget(parent), table_(std::move(table)) {
  setAccessibleName(QString::fromStdString(table_.title));
  setAccessibleDescription(as_text());
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setFocusPolicy(Qt::ClickFocus);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    updateGeometry();
    update();
  });
}

bool ReportTableView::has_titles() const {
  return std::any_of(table_.columns.begin(), table_.columns.end(),
                     [](const ReportColumn& column) { return !column.title.empty(); });
}

int ReportTableView::row_height() const {
  return static_cast<int>(std::ceil(QFontMetricsF(Theme::instance().body()).height())) + 9;
}

double ReportTableView::wanted_width(std::size_t column) const {
  const bool is_number = table_.columns[column].is_number;
  double width = QFontMetricsF(Theme::instance().caption())
                     .horizontalAdvance(QString::fromStdString(table_.columns[column].title));
  const QFontMetricsF metrics(cell_font_of(is_number, table_.summary_rows > 0));
  for (const auto& row : table_.rows) {
    if (column < row.size()) width = std::max(width, metrics.horizontalAdvance(QString::fromStdString(row[column])));
  }
  return std::ceil(width) + 2;
}

std::vector<double> ReportTableView::edges() const {
  std::vector<double> widths;
  for (std::size_t i = 0; i < table_.columns.size(); ++i) widths.push_back(wanted_width(i));
  if (widths.empty()) return {0.0};
  const double room = width() - cell_gap * static_cast<double>(widths.size() - 1);
  const double wanted = std::accumulate(widths.begin(), widths.end(), 0.0);
  if (wanted < room && has_titles()) {
    for (double& each : widths) each += (room - wanted) / static_cast<double>(widths.size());
  } else if (wanted > room) {
    // The widest give first, down to the others.
    double left = wanted - room;
    while (left > 0.5) {
      auto widest = std::max_element(widths.begin(), widths.end());
      const double step = std::min(left, std::max(1.0, *widest * 0.05));
      if (*widest - step < 24) break;
      *widest -= step;
      left -= step;
    }
  }
  std::vector<double> at = {0};
  for (const double each : widths) at.push_back(at.back() + each + cell_gap);
  at.back() -= cell_gap;
  return at;
}

QSize ReportTableView::sizeHint() const {
  double width = 0;
  for (std::size_t i = 0; i < table_.columns.size(); ++i) width += wanted_width(i) + cell_gap;
  return {static_cast<int>(width), row_height() * static_cast<int>(table_.rows.size() + (has_titles() ? 1 : 0)) + 2};
}

QSize ReportTableView::minimumSizeHint() const {
  return {120, sizeHint().height()};
}

QString ReportTableView::as_text() const {
  QStringList lines;
  const auto add = [&](const std::vector<std::string>& cells) {
    QStringList line;
    for (const std::string& cell : cells) line << QString::fromStdString(cell);
    lines << line.join(QLatin1Char('\t'));
  };
  std::vector<std::string> titles;
  for (const ReportColumn& column : table_.columns) titles.push_back(column.title);
  if (has_titles()) add(titles);
  for (const auto& row : table_.rows) add(row);
  return lines.join(QLatin1Char('\n'));
}

void ReportTableView::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) {
    QGuiApplication::clipboard()->setText(as_text());
    return;
  }
  QWidget::keyPressEvent(event);
}

bool ReportTableView::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const int row = help->pos().y() / row_height() - (has_titles() ? 1 : 0);
  const std::vector<double> at = edges();
  QString words;
  for (std::size_t i = 0; i + 1 < at.size() && row >= 0 && row < static_cast<int>(table_.rows.size()); ++i) {
    const auto& cells = table_.rows[static_cast<std::size_t>(row)];
    if (help->pos().x() < at[i] || help->pos().x() >= at[i + 1] || i >= cells.size()) continue;
    const QString text = QString::fromStdString(cells[i]);
    const double room = at[i + 1] - at[i] - (i + 2 < at.size() ? cell_gap : 0);
    if (QFontMetricsF(cell_font_of(table_.columns[i].is_number, false)).horizontalAdvance(text) > room + 1)
      words = text;
  }
  QToolTip::showText(help->globalPos(), words, this);
  return true;
}

void ReportTableView::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  const std::vector<double> at = edges();
  const double each = row_height();
  const auto paint_cell = [&](std::size_t column, double top, const std::string& text, const QFont& font,
                              const QColor& colour) {
    const double right = at[column + 1] - (column + 2 < at.size() ? cell_gap : 0);
    const QRectF place(at[column], top, right - at[column], each);
    painter.setFont(font);
    painter.setPen(colour);
    const int side = table_.columns[column].is_number ? Qt::AlignRight : Qt::AlignLeft;
    painter.drawText(place, side | Qt::AlignVCenter,
                     QFontMetricsF(font).elidedText(QString::fromStdString(text), Qt::ElideRight, place.width() + 0.5));
  };
  const auto rule = [&](double y, const QColor& colour) {
    painter.setPen(QPen(colour, 1));
    painter.drawLine(QPointF(0, std::floor(y) + 0.5), QPointF(width(), std::floor(y) + 0.5));
  };
  double top = 0;
  if (has_titles()) {
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      paint_cell(i, top, table_.columns[i].title, Theme::instance().caption(), colours().muted);
    }
    top += each;
    rule(top - 1, colours().outline);
  }
  for (std::size_t row = 0; row < table_.rows.size(); ++row) {
    const std::size_t left = table_.rows.size() - row;
    const bool is_summary = left <= table_.summary_rows;
    if (row > 0) rule(top - 1, left == table_.summary_rows ? colours().outline : colours().grid);
    for (std::size_t i = 0; i < table_.columns.size() && i < table_.rows[row].size(); ++i) {
      const bool is_what = !has_titles() && i == 0;
      paint_cell(i, top, table_.rows[row][i], cell_font_of(table_.columns[i].is_number, is_summary),
                 is_what ? colours().muted : colours().text);
    }
    top += each;
  }
}

}  // namespace netwright
