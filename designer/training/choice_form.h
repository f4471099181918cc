#pragma once
// One row of a catalogue (an optimiser, a schedule, a task) to be chosen, and the form of its settings.

#include <QWidget>
#include <string>
#include <vector>

#include "backend/core/settings.h"
#include "backend/graph/project.h"

class QComboBox;
class QLabel;

namespace netwright {

class SettingsForm;

struct ChoiceRow {
  std::string type;
  std::string summary;
  std::vector<SettingSpec> settings;
};

class ChoiceForm : public QWidget {
  Q_OBJECT

 public:
  /// The combo box has the object name `name`, the form `<name>_form`. `subject` is what a row is called in undo steps:
  /// `optimiser`.
  ChoiceForm(std::vector<ChoiceRow> rows, const QString& name, const QString& subject, QWidget* parent = nullptr);

  void show_choice(const Choice& choice);
  /// Instead of a row's own: where choices depend on the project.
  void set_specs(const std::string& type, std::vector<SettingSpec> specs);
  void set_hidden(const std::vector<std::string>& settings);
  /// Takes back what was typed but isn't a value.
  void restore();

 signals:
  /// Another row, with its settings at their defaults, or another setting. `text` names the step; see
  /// SettingsForm::setting_changed for `gesture`.
  void changed(const netwright::Choice& choice, const QString& text, const QString& gesture);

 private:
  const ChoiceRow* find(const std::string& type) const;
  void choose(int index);

  std::vector<ChoiceRow> rows_;
  QString subject_;
  Choice shown_;
  QComboBox* combo_;
  QLabel* words_;
  SettingsForm* form_;
};

}  // namespace netwright
