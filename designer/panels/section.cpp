#include "designer/panels/section.h"

#include <QLabel>
#include <QScrollArea>

#include "designer/theme/theme.h"

namespace netwright {

QLabel* section_title(const QString& text, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setProperty("role", "caption");
  label->setContentsMargins(0, 8, 0, 0);
  const auto restyle = [label] {
    QFont font = Theme::instance().caption();
    font.setWeight(QFont::DemiBold);
    label->setFont(font);
  };
  QObject::connect(&Theme::instance(), &Theme::changed, label, restyle);
  restyle();
  return label;
}

QScrollArea* scrolling(QWidget* content, QWidget* parent) {
  auto* area = new QScrollArea(parent);
  content->setProperty("panel", true);
  area->setWidget(content);
  area->setWidgetResizable(true);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  area->setFocusPolicy(Qt::NoFocus);
  return area;
}

}  // namespace netwright
