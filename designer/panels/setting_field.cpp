#include "designer/panels/setting_field.h"

#include <QKeyEvent>

#include "designer/panels/list_fields.h"
#include "designer/panels/single_fields.h"

namespace netwright {

SettingField::SettingField(const SettingSpec& spec, QWidget* parent)
    : QWidget(parent), spec_(spec), value_(spec.fallback) {
  setObjectName(QStringLiteral("setting.") + QString::fromStdString(spec.name));
  setAccessibleName(QString::fromStdString(spec.name));
  setAccessibleDescription(QString::fromStdString(spec.help));
  setToolTip(QString::fromStdString(spec.help));
}

void SettingField::show_value(const Value& value) {
  if (value == value_) {
    return;
  }
  value_ = value;
  display(value);
  set_complaint(QString::fromStdString(netwright::complaint(spec_, value).value_or(std::string())));
}

void SettingField::restore() {
  display(value_);
  set_complaint(QString::fromStdString(netwright::complaint(spec_, value_).value_or(std::string())));
}

void SettingField::propose(const Value& value) {
  if (const auto words = netwright::complaint(spec_, value)) {
    set_complaint(QString::fromStdString(*words));
    return;
  }
  set_complaint({});
  if (value != value_) {
    value_ = value;
    emit edited(value);
  }
}

void SettingField::refuse(const QString& words) {
  set_complaint(words);
}

void SettingField::watch(QWidget* child) {
  child->installEventFilter(this);
}

bool SettingField::eventFilter(QObject* watched, QEvent* event) {
  switch (event->type()) {
    case QEvent::FocusOut:
      emit rested();
      break;
    case QEvent::KeyPress: {
      const int key = static_cast<QKeyEvent*>(event)->key();
      if (key == Qt::Key_Escape && !complaint_.isEmpty()) {
        restore();
        return true;
      }
      if (key == Qt::Key_Return || key == Qt::Key_Enter) {
        emit rested();
      }
      break;
    }
    case QEvent::ShortcutOverride: {
      const auto* key = static_cast<QKeyEvent*>(event);
      if (key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo)) {
        event->ignore();
        return true;
      }
      break;
    }
    case QEvent::Wheel:
      // Scrolling a panel must not change the values that pass under the pointer.
      if (!static_cast<QWidget*>(watched)->hasFocus()) {
        event->ignore();
        return true;
      }
      break;
    default:
      break;
  }
  return QWidget::eventFilter(watched, event);
}

void SettingField::set_complaint(const QString& words) {
  if (words != complaint_) {
    complaint_ = words;
    emit complaint_changed();
  }
}

SettingField* make_setting_field(const SettingSpec& spec, QWidget* parent) {
  switch (spec.kind) {
    case SettingKind::Boolean:
      return new BooleanField(spec, parent);
    case SettingKind::Integer:
    case SettingKind::Real:
      return new NumberField(spec, parent);
    case SettingKind::Choice:
      return new ChoiceField(spec, parent);
    case SettingKind::FilePath:
    case SettingKind::FolderPath:
      return new FileField(spec, parent);
    case SettingKind::Integers:
    case SettingKind::Reals:
      if (spec.length >= 1 && spec.length <= 3) {
        return new SpinsField(spec, parent);
      }
      return new ListField(spec, parent);
    case SettingKind::Text:
      break;
  }
  return new TextField(spec, parent);
}

}  // namespace netwright
