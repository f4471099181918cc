#include "designer/panels/single_fields.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QToolButton>

#include "designer/panels/number_spin.h"
#include "designer/panels/number_steps.h"
#include "designer/panels/quiet_combo.h"
#include "designer/theme/icons.h"

namespace netwright {

namespace {

QString text_of(const Value& value) {
  const auto* number = std::get_if<double>(&value);
  return number != nullptr ? number_text(*number) : QString::fromStdString(to_text(value));
}

QHBoxLayout* row_of(QWidget* field) {
  auto* row = new QHBoxLayout(field);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(4);
  return row;
}

}  // namespace

BooleanField::BooleanField(const SettingSpec& spec, QWidget* parent) : SettingField(spec, parent) {
  box_ = new QCheckBox(this);
  box_->setObjectName(objectName() + QStringLiteral(".0"));
  box_->setAccessibleName(accessibleName());
  row_of(this)->addWidget(box_);
  setFocusProxy(box_);
  watch(box_);
  display(spec.fallback);
  connect(box_, &QCheckBox::clicked, this, [this](bool checked) {
    propose(checked);
    emit rested();
  });
}

void BooleanField::display(const Value& value) {
  const auto* flag = std::get_if<bool>(&value);
  box_->setChecked(flag != nullptr && *flag);
}

NumberField::NumberField(const SettingSpec& spec, QWidget* parent) : SettingField(spec, parent) {
  spin_ = new NumberSpin(spec, this);
  spin_->setObjectName(objectName() + QStringLiteral(".0"));
  spin_->setAccessibleName(accessibleName());
  row_of(this)->addWidget(spin_);
  setFocusProxy(spin_);
  watch(spin_);
  display(spec.fallback);
  connect(spin_, &NumberSpin::edited, this, &NumberField::read);
}

void NumberField::display(const Value& value) {
  spin_->show_text(text_of(value));
}

void NumberField::read() {
  if (spec().kind == SettingKind::Integer) {
    const auto number = spin_->whole();
    number ? propose(*number) : refuse(tr("Type a whole number, such as %1").arg(text_of(spec().fallback)));
  } else {
    const auto number = spin_->real();
    number ? propose(*number) : refuse(tr("Type a number, such as %1").arg(text_of(spec().fallback)));
  }
}

ChoiceField::ChoiceField(const SettingSpec& spec, QWidget* parent) : SettingField(spec, parent) {
  combo_ = new QuietCombo(this);
  combo_->setObjectName(objectName() + QStringLiteral(".0"));
  combo_->setAccessibleName(accessibleName());
  for (const std::string& choice : spec.choices) {
    combo_->addItem(QString::fromStdString(choice));
  }
  row_of(this)->addWidget(combo_);
  setFocusProxy(combo_);
  watch(combo_);
  display(spec.fallback);
  connect(combo_, &QComboBox::activated, this, [this](int index) {
    propose(combo_->itemText(index).toStdString());
    emit rested();
  });
}

void ChoiceField::display(const Value& value) {
  // A word that isn't among the choices leaves the box empty; the complaint names it.
  combo_->setCurrentIndex(combo_->findText(text_of(value), Qt::MatchExactly));
}

TextField::TextField(const SettingSpec& spec, QWidget* parent) : SettingField(spec, parent) {
  edit_ = new QLineEdit(this);
  edit_->setObjectName(objectName() + QStringLiteral(".0"));
  edit_->setAccessibleName(accessibleName());
  row_of(this)->addWidget(edit_);
  setFocusProxy(edit_);
  watch(edit_);
  display(spec.fallback);
  connect(edit_, &QLineEdit::textEdited, this, [this](const QString& text) { propose(text.toStdString()); });
}

void TextField::display(const Value& value) {
  if (edit_->text() != text_of(value)) {
    edit_->setText(text_of(value));
  }
}

FileField::FileField(const SettingSpec& spec, QWidget* parent) : SettingField(spec, parent) {
  edit_ = new QLineEdit(this);
  edit_->setObjectName(objectName() + QStringLiteral(".0"));
  edit_->setAccessibleName(accessibleName());
  auto* button = new QToolButton(this);
  button->setObjectName(objectName() + QStringLiteral(".browse"));
  button->setIcon(icon(QStringLiteral("folder"), Ink::Muted));
  const bool is_folder = spec.kind == SettingKind::FolderPath;
  button->setToolTip(is_folder ? tr("Choose a folder") : tr("Choose a file"));
  button->setAccessibleName(
      (is_folder ? tr("Choose a folder for %1") : tr("Choose a file for %1")).arg(accessibleName()));
  QHBoxLayout* row = row_of(this);
  row->addWidget(edit_);
  row->addWidget(button);
  setFocusProxy(edit_);
  watch(edit_);
  display(spec.fallback);
  connect(edit_, &QLineEdit::editingFinished, this, [this] { propose(edit_->text().toStdString()); });
  connect(button, &QToolButton::clicked, this, &FileField::browse);
}

void FileField::display(const Value& value) {
  if (edit_->text() != text_of(value)) {
    edit_->setText(text_of(value));
  }
}

void FileField::browse() {
  const QString now = edit_->text();
  const QString title = tr("Choose %1").arg(accessibleName());
  const QString file = spec().kind == SettingKind::FolderPath
                           ? QFileDialog::getExistingDirectory(this, title, now)
                           : QFileDialog::getOpenFileName(this, title, now.isEmpty() ? now : QFileInfo(now).path());
  if (!file.isEmpty()) {
    edit_->setText(file);
    propose(file.toStdString());
    emit rested();
  }
}

}  // namespace netwright
