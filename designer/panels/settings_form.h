#pragma once
// The form for any list of SettingSpecs: a field for each, named by its PyTorch argument, with its help and, beneath
// it, what is wrong with it.

#include <QWidget>

#include <string>
#include <vector>

#include "backend/core/settings.h"

class QMenu;

namespace netwright {

class SettingField;

/// The field of the setting `x` has the object name `setting.x`, its single entries `setting.x.0`, `setting.x.1`; the
/// words under it `complaint.x`.
class SettingsForm : public QWidget {
  Q_OBJECT

 public:
  explicit SettingsForm(QWidget* parent = nullptr);
  ~SettingsForm() override;

  /// Shows the values. Fields are rebuilt only where the specs are others than before; otherwise cursor, selection and
  /// focus stay, and a field whose value is what it already says isn't touched. Never emits setting_changed.
  void show_settings(const std::vector<SettingSpec>& specs, const Settings& settings);

  /// Takes back what was typed but isn't a value, and ends gestures: call it when the form turns to another subject.
  void restore();

  /// Hides the fields of these settings, which have no effect now, and shows all others.
  void set_hidden(const std::vector<std::string>& settings);
  /// Words from elsewhere (a diagnostic) under a field, where the field has no complaint of its own; empty: none.
  void set_remark(const QString& setting, const QString& words);
  void clear_remarks();
  /// Words beside the setting's name in its tooltip and a mark on the name itself; empty: none.
  void set_mark(const QString& setting, const QString& words);

 signals:
  /// A right click on the setting's name: `menu` may be given more to offer.
  void menu_opening(const QString& name, QMenu* menu);
  /// The user chose a value that the spec allows. `gesture` stays the same while a spin is held, scrolled or typed in,
  /// and is a new one after leaving the field, Enter or a second's rest: made for Document::edit's merge key.
  void setting_changed(const QString& name, const netwright::Value& value, const QString& gesture);

 private:
  struct Row;
  void build(const std::vector<SettingSpec>& specs);
  void show_words(Row& row);
  void restyle();
  Row* find(const QString& setting);

  std::vector<SettingSpec> specs_;
  std::vector<Row> rows_;
};

/// How many of the settings aren't at their default.
int count_chosen(const std::vector<SettingSpec>& specs, const Settings& settings);

}  // namespace netwright
