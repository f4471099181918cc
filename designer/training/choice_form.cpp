#include "designer/training/choice_form.h"

#include <QComboBox>
#include <QLabel>
#include <QVBoxLayout>
#include <algorithm>

#include "designer/panels/quiet_combo.h"
#include "designer/panels/settings_form.h"
#include "designer/theme/theme.h"

namespace netwright {

ChoiceForm::ChoiceForm(std::vector<ChoiceRow> rows, const QString& name, const QString& subject, QWidget* parent)
    : QWidget(parent),
      rows_(std::move(rows)),
      subject_(subject),
      combo_(new QuietCombo),
      words_(new QLabel),
      form_(new SettingsForm) {
  combo_->setObjectName(name);
  combo_->setAccessibleName(subject);
  for (const ChoiceRow& row : rows_) {
    combo_->addItem(QString::fromStdString(row.type));
    combo_->setItemData(combo_->count() - 1, QString::fromStdString(row.summary), Qt::ToolTipRole);
  }
  words_->setObjectName(name + QStringLiteral("_words"));
  words_->setProperty("role", "caption");
  words_->setWordWrap(true);
  form_->setObjectName(name + QStringLiteral("_form"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addWidget(combo_);
  column->addWidget(words_);
  column->addWidget(form_);

  connect(combo_, &QComboBox::activated, this, &ChoiceForm::choose);
  connect(form_, &SettingsForm::setting_changed, this,
          [this](const QString& setting, const Value& value, const QString& gesture) {
            Choice choice = shown_;
            choice.settings.set(setting.toStdString(), value);
            emit changed(choice, tr("Set %1").arg(setting), gesture);
          });
  connect(&Theme::instance(), &Theme::changed, this, [this] { words_->setFont(Theme::instance().caption()); });
  words_->setFont(Theme::instance().caption());
}

const ChoiceRow* ChoiceForm::find(const std::string& type) const {
  const auto row = std::find_if(rows_.begin(), rows_.end(), [&](const ChoiceRow& r) { return r.type == type; });
  return row == rows_.end() ? nullptr : &*row;
}

void ChoiceForm::set_specs(const std::string& type, std::vector<SettingSpec> specs) {
  const auto row = std::find_if(rows_.begin(), rows_.end(), [&](const ChoiceRow& r) { return r.type == type; });
  if (row != rows_.end()) row->settings = std::move(specs);
}

void ChoiceForm::set_hidden(const std::vector<std::string>& settings) {
  form_->set_hidden(settings);
}

void ChoiceForm::restore() {
  form_->restore();
}

void ChoiceForm::show_choice(const Choice& choice) {
  if (choice.type != shown_.type) form_->restore();
  shown_ = choice;
  const ChoiceRow* row = find(choice.type);
  combo_->setCurrentIndex(combo_->findText(QString::fromStdString(choice.type), Qt::MatchExactly));
  words_->setText(
      row ? QString::fromStdString(row->summary)
          : tr("This version doesn't know the %1 “%2”.").arg(subject_, QString::fromStdString(choice.type)));
  form_->setVisible(row && !row->settings.empty());
  if (row) form_->show_settings(row->settings, completed(row->settings, choice.settings));
}

void ChoiceForm::choose(int index) {
  const ChoiceRow* row = find(combo_->itemText(index).toStdString());
  if (!row || row->type == shown_.type) return;
  emit changed({row->type, defaults(row->settings)},
               tr("Choose %1 %2").arg(subject_, QString::fromStdString(row->type)), {});
}

}  // namespace netwright
