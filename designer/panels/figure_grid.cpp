#include "designer/panels/figure_grid.h"

#include <QGridLayout>
#include <QLabel>

#include "designer/theme/theme.h"

namespace netwright {

FigureGrid::FigureGrid(QWidget* parent) : QWidget(parent), grid_(new QGridLayout(this)) {
  grid_->setContentsMargins(0, 0, 0, 0);
  grid_->setHorizontalSpacing(12);
  grid_->setVerticalSpacing(4);
  grid_->setColumnStretch(1, 1);
}

void FigureGrid::show_figures(const std::vector<Figure>& figures) {
  while (rows_.size() < figures.size()) {
    Row row{new QLabel(this), new QLabel(this)};
    row.name->setProperty("role", "muted");
    row.value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    row.value->setWordWrap(true);
    row.value->setTextFormat(Qt::PlainText);
    const int line = static_cast<int>(rows_.size());
    grid_->addWidget(row.name, line, 0, Qt::AlignTop);
    grid_->addWidget(row.value, line, 1);
    rows_.push_back(row);
  }
  const Theme& theme = Theme::instance();
  for (std::size_t index = 0; index < rows_.size(); ++index) {
    const Row& row = rows_[index];
    const bool is_shown = index < figures.size();
    if (is_shown) {
      const Figure& figure = figures[index];
      row.name->setText(figure.name);
      row.name->setIndent(figure.is_part ? 10 : 0);
      row.name->setFont(figure.is_part ? theme.caption() : theme.body());
      row.value->setObjectName(QStringLiteral("figure.") + figure.name);
      row.value->setAccessibleName(figure.name);
      row.value->setText(figure.value);
      row.value->setToolTip(figure.exact);
      row.value->setFont(figure.is_part ? theme.caption() : theme.body());
    }
    row.name->setVisible(is_shown);
    row.value->setVisible(is_shown);
  }
}

}  // namespace netwright
