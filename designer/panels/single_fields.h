#pragma once
// The fields of settings that hold one thing.

#include "designer/panels/setting_field.h"

class QCheckBox;
class QComboBox;
class QLineEdit;

namespace netwright {

class NumberSpin;

class BooleanField : public SettingField {
  Q_OBJECT

 public:
  BooleanField(const SettingSpec& spec, QWidget* parent);

 protected:
  void display(const Value& value) override;

 private:
  QCheckBox* box_;
};

/// Integer and Real.
class NumberField : public SettingField {
  Q_OBJECT

 public:
  NumberField(const SettingSpec& spec, QWidget* parent);

 protected:
  void display(const Value& value) override;

 private:
  void read();
  NumberSpin* spin_;
};

class ChoiceField : public SettingField {
  Q_OBJECT

 public:
  ChoiceField(const SettingSpec& spec, QWidget* parent);

 protected:
  void display(const Value& value) override;

 private:
  QComboBox* combo_;
};

class TextField : public SettingField {
  Q_OBJECT

 public:
  TextField(const SettingSpec& spec, QWidget* parent);

 protected:
  void display(const Value& value) override;

 private:
  QLineEdit* edit_;
};

/// A file's path or a folder's. Told when typing is over or one was chosen, since each value makes someone look for it.
class FileField : public SettingField {
  Q_OBJECT

 public:
  FileField(const SettingSpec& spec, QWidget* parent);

 protected:
  void display(const Value& value) override;

 private:
  void browse();
  QLineEdit* edit_;
};

}  // namespace netwright
