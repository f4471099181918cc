#pragma once
// What a sweep tries of one setting: values or a range, in fields made from its spec.

#include <QFrame>
#include <QList>

#include "backend/sweep/sweep.h"
#include "backend/sweep/variable_setting.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;

namespace netwright {

class SettingField;

/// Begins with what is worth trying (sweep_proposal.h). Object names: `axis.<path>` and within it `axis.values`,
/// `axis.kind`, `axis.choice.<word>`, and the fields `setting.from`, `setting.to`, `setting.count`, `setting.log`.
class AxisCard : public QFrame {
  Q_OBJECT

 public:
  explicit AxisCard(const VariableSetting& setting, QWidget* parent = nullptr);

  const std::string& path() const { return setting_.path; }
  /// What the fields say, or what is wrong with it, which stands beneath them too.
  Result<SweepAxis> axis() const;

 signals:
  void changed();
  void remove_requested();

 private:
  QWidget* build_words();
  QWidget* build_numbers();
  QWidget* build_range();
  SettingField* add_field(const SettingSpec& spec, const Value& value);
  bool is_range() const;
  void show_complaint();

  VariableSetting setting_;
  QList<QCheckBox*> choices_;
  QComboBox* kind_ = nullptr;
  QLineEdit* values_ = nullptr;
  QWidget* range_ = nullptr;
  SettingField* from_ = nullptr;
  SettingField* to_ = nullptr;
  SettingField* count_ = nullptr;
  SettingField* log_ = nullptr;
  QLabel* complaint_;
};

}  // namespace netwright
