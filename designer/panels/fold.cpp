#include "designer/panels/fold.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include "designer/theme/theme.h"

namespace netwright {

Fold::Fold(const QString& title, QWidget* content, QWidget* parent)
    : QWidget(parent), head_(new QToolButton), note_(new QLabel), content_(content) {
  head_->setText(title);
  head_->setCheckable(true);
  head_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  head_->setProperty("quiet", true);
  head_->setProperty("fold", true);
  note_->setProperty("role", "muted");
  auto* row = new QHBoxLayout;
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(6);
  row->addWidget(head_);
  row->addWidget(note_, 1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 2, 0, 0);
  column->setSpacing(3);
  column->addLayout(row);
  column->addWidget(content_);
  connect(this, &QObject::objectNameChanged, head_,
          [this](const QString& name) { head_->setObjectName(name + QStringLiteral(".head")); });
  connect(head_, &QToolButton::toggled, this, &Fold::set_open);
  connect(&Theme::instance(), &Theme::changed, this, &Fold::restyle);
  set_open(false);
  restyle();
}

void Fold::set_open(bool is_open) {
  head_->setChecked(is_open);
  head_->setArrowType(is_open ? Qt::DownArrow : Qt::RightArrow);
  content_->setVisible(is_open);
}

bool Fold::is_open() const {
  return head_->isChecked();
}

void Fold::set_note(const QString& note) {
  note_->setText(note);
}

QString Fold::note() const {
  return note_->text();
}

void Fold::restyle() {
  head_->setFont(Theme::instance().caption());
  note_->setFont(Theme::instance().caption());
}

}  // namespace netwright
