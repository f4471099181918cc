#pragma once
// The fields of settings that hold several numbers.

#include <vector>

#include "designer/panels/setting_field.h"

class QLineEdit;
class QToolButton;

namespace netwright {

class NumberSpin;

/// One to three numbers, a spin each; a toggle keeps whole numbers equal; the spec's words are buttons beside them.
class SpinsField : public SettingField {
  Q_OBJECT

 public:
  SpinsField(const SettingSpec& spec, QWidget* parent);

 protected:
  void display(const Value& value) override;

 private:
  void read(std::size_t changed);
  void choose_word(QToolButton* button, bool checked);
  void set_linked(bool linked);

  std::vector<NumberSpin*> spins_;
  std::vector<QToolButton*> words_;
  QToolButton* link_ = nullptr;
  Value last_numbers_;
};

/// Any count of numbers, typed: `1, 28, 28`.
class ListField : public SettingField {
  Q_OBJECT

 public:
  ListField(const SettingSpec& spec, QWidget* parent);

 protected:
  void display(const Value& value) override;

 private:
  void read(const QString& text);
  QLineEdit* edit_;
};

}  // namespace netwright
