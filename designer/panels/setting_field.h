#pragma once
// The editor of one setting, made from its spec. What isn't allowed stays in the field with a complaint and is never
// told as the value.

#include <QWidget>

#include <memory>
#include <optional>

#include "backend/core/settings.h"

namespace netwright {

class SettingField : public QWidget {
  Q_OBJECT

 public:
  SettingField(const SettingSpec& spec, QWidget* parent);

  const SettingSpec& spec() const { return spec_; }
  /// The last value that was shown or told.
  const Value& value() const { return value_; }
  /// Why what the field now says isn't allowed; empty where it is.
  const QString& complaint() const { return complaint_; }

  /// Never emits edited(); does nothing where the field holds that value already.
  void show_value(const Value& value);
  /// Takes back what was typed but isn't a value.
  void restore();

 signals:
  void edited(const netwright::Value& value);
  /// The user left the field or pressed Enter: the gesture is over.
  void rested();
  void complaint_changed();

 protected:
  virtual void display(const Value& value) = 0;
  /// What the user chose: told as the value where the spec allows it, else complained about.
  void propose(const Value& value);
  void refuse(const QString& words);
  /// Watches a child for leaving, Escape, undo (the document's, not the text's) and the wheel without focus.
  void watch(QWidget* child);
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void set_complaint(const QString& words);

  SettingSpec spec_;
  Value value_;
  QString complaint_;
};

/// The object name of the field is `setting.<name>`.
SettingField* make_setting_field(const SettingSpec& spec, QWidget* parent);

}  // namespace netwright
