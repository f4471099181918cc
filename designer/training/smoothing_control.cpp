#include "designer/training/smoothing_control.h"

#include <QBoxLayout>
#include <QLabel>
#include <QSlider>

#include "designer/theme/text_colour.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr int default_smoothing = 60;

}  // namespace

SmoothingControl::SmoothingControl(const QString& name, QWidget* parent)
    : QWidget(parent), name_(new QLabel(tr("Smoothing"))), slider_(new QSlider(Qt::Horizontal)), figure_(new QLabel) {
  slider_->setObjectName(name);
  slider_->setAccessibleName(tr("Smoothing"));
  slider_->setRange(0, 99);
  slider_->setValue(default_smoothing);
  slider_->setFixedWidth(90);
  slider_->setToolTip(tr("Exponential mean of the curve of steps; the curve itself stays faintly beneath"));
  name_->setBuddy(slider_);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(8);
  row->addWidget(name_);
  row->addWidget(slider_);
  row->addWidget(figure_);
  const auto show = [this] { figure_->setText(QString::number(value(), 'f', 2)); };
  connect(slider_, &QSlider::valueChanged, this, [this, show] {
    show();
    emit value_changed(value());
  });
  connect(&Theme::instance(), &Theme::changed, this, &SmoothingControl::restyle);
  restyle();
  show();
}

double SmoothingControl::value() const {
  return slider_->value() / 100.0;
}

void SmoothingControl::set_brief(bool is_brief) {
  name_->setVisible(!is_brief);
  figure_->setVisible(!is_brief);
}

void SmoothingControl::restyle() {
  const QFont font = Theme::instance().figures();
  set_text_colour(*figure_, colours().muted);
  figure_->setFont(font);
  figure_->setFixedWidth(QFontMetrics(font).horizontalAdvance(QStringLiteral("0.00")) + 2);
}

}  // namespace netwright
