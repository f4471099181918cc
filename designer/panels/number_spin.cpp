#include "designer/panels/number_spin.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QWheelEvent>

#include "designer/panels/number_steps.h"

namespace netwright {

NumberSpin::NumberSpin(const SettingSpec& spec, QWidget* parent)
    : QAbstractSpinBox(parent),
      spec_(spec),
      is_whole_(spec.kind == SettingKind::Integer || spec.kind == SettingKind::Integers) {
  setFocusPolicy(Qt::StrongFocus);
  setAccelerated(true);
  lineEdit()->setAccessibleName(QString::fromStdString(spec.name));
  connect(lineEdit(), &QLineEdit::textEdited, this, &NumberSpin::edited);
}

std::optional<std::int64_t> NumberSpin::whole() const {
  return whole_from(text());
}

std::optional<double> NumberSpin::real() const {
  return real_from(text());
}

void NumberSpin::show_text(const QString& text) {
  if (text != lineEdit()->text()) {
    lineEdit()->setText(text);
    update();
  }
}

void NumberSpin::stepBy(int steps) {
  QString next;
  if (is_whole_) {
    const auto number = whole();
    next = QString::number(number ? stepped(spec_, *number, steps) : stepped(spec_, std::int64_t{0}, 0));
  } else {
    const auto number = real();
    next = number_text(number ? stepped(spec_, *number, steps) : stepped(spec_, 0.0, 0));
  }
  if (next != text()) {
    lineEdit()->setText(next);
    lineEdit()->selectAll();
    update();
    emit edited();
  }
}

QAbstractSpinBox::StepEnabled NumberSpin::stepEnabled() const {
  const auto number = real();
  if (!number) {
    return StepUpEnabled | StepDownEnabled;
  }
  StepEnabled enabled = StepNone;
  enabled.setFlag(StepUpEnabled, *number < spec_.maximum);
  enabled.setFlag(StepDownEnabled, *number > spec_.minimum);
  return enabled;
}

void NumberSpin::wheelEvent(QWheelEvent* event) {
  // Scrolling a panel must not change the values that pass under the pointer.
  if (hasFocus()) {
    QAbstractSpinBox::wheelEvent(event);
  } else {
    event->ignore();
  }
}

bool NumberSpin::event(QEvent* event) {
  // Edits are live, so undo and redo mean the document's, not the text's.
  if (event->type() == QEvent::ShortcutOverride) {
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo)) {
      event->ignore();
      return true;
    }
  }
  return QAbstractSpinBox::event(event);
}

QSize NumberSpin::sizeHint() const {
  return {fontMetrics().horizontalAdvance(QStringLiteral("00000")) + 34, QAbstractSpinBox::sizeHint().height()};
}

QSize NumberSpin::minimumSizeHint() const {
  return {fontMetrics().horizontalAdvance(QStringLiteral("00")) + 32, QAbstractSpinBox::minimumSizeHint().height()};
}

}  // namespace netwright
