#include "designer/training/alarm_strip.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QStringList>

#include "designer/theme/icons.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr int sign_size = 16;

}  // namespace

AlarmStrip::AlarmStrip(QWidget* parent) : QWidget(parent), sign_(new QLabel), words_(new QLabel) {
  setObjectName(QStringLiteral("training.alarms"));
  words_->setObjectName(QStringLiteral("training.alarm_words"));
  words_->setWordWrap(true);
  words_->setTextFormat(Qt::PlainText);
  words_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 5, 10, 5);
  row->setSpacing(8);
  row->addWidget(sign_, 0, Qt::AlignTop);
  row->addWidget(words_, 1);
  connect(&Theme::instance(), &Theme::changed, this, &AlarmStrip::restyle);
  restyle();
  hide();
}

void AlarmStrip::show_alarms(const std::vector<AlarmEvent>& alarms) {
  alarms_.clear();
  for (const AlarmEvent& alarm : alarms) alarms_ << QString::fromStdString(alarm.text);
  show_words();
  setVisible(!alarms_.isEmpty());
}

void AlarmStrip::set_brief(bool is_brief) {
  if (is_brief == is_brief_) return;
  is_brief_ = is_brief;
  show_words();
}

void AlarmStrip::show_words() {
  QStringList shown;
  for (const QString& alarm : std::as_const(alarms_)) {
    const auto end = alarm.indexOf(QLatin1String(". "));
    shown << (is_brief_ && end > 0 ? alarm.left(end + 1) + QStringLiteral(" …") : alarm);
  }
  const QString all = alarms_.join(QLatin1Char('\n'));
  const QString words = shown.join(QLatin1Char('\n'));
  if (words_->text() != words) words_->setText(words);
  setToolTip(words == all ? QString() : all);
}

void AlarmStrip::restyle() {
  sign_->setPixmap(
      icon(QStringLiteral("warning"), Ink::Warning).pixmap(QSize(sign_size, sign_size), devicePixelRatioF()));
  update();
}

void AlarmStrip::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.fillRect(rect(), colours().surface);
  QColor tint = colours().warning;
  tint.setAlphaF(0.14F);
  painter.fillRect(rect(), tint);
  painter.fillRect(QRect(0, 0, 3, height()), colours().warning);
}

}  // namespace netwright
