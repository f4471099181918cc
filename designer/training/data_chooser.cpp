#include "designer/training/data_chooser.h"

#include <QComboBox>
#include <QLabel>
#include <QLocale>
#include <QVBoxLayout>

#include "backend/data/augmentation.h"
#include "backend/data/preparation.h"
#include "designer/panels/fold.h"
#include "designer/panels/quiet_combo.h"
#include "designer/panels/settings_form.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

QString count(std::int64_t number) {
  return QLocale().toString(static_cast<qlonglong>(number));
}

QString target_words(const DataDescription& description) {
  switch (description.target) {
    case TargetKind::Class:
      return DataChooser::tr("%1 classes").arg(count(description.classes));
    case TargetKind::Labels:
      return DataChooser::tr("%1 labels").arg(count(description.classes));
    case TargetKind::Mask:
      return DataChooser::tr("masks of %1 classes").arg(count(description.classes));
    case TargetKind::Values:
      return DataChooser::tr("targets %1").arg(QString::fromStdString(description.target_shape.to_string()));
    case TargetKind::None:
      break;
  }
  return {};
}

}  // namespace

QString words_of(const DataDescription& description) {
  QStringList parts{QString::fromStdString(description.sample_shape.to_string()), target_words(description)};
  if (description.vocabulary > 0) parts << DataChooser::tr("%1 words").arg(count(description.vocabulary));
  if (description.train_samples > 0) {
    parts << (description.test_samples > 0 ? DataChooser::tr("%1 + %2 samples")
                                                 .arg(count(description.train_samples), count(description.test_samples))
                                           : DataChooser::tr("%1 samples").arg(count(description.train_samples)));
  }
  parts.removeAll(QString());
  return parts.join(QStringLiteral(" · "));
}

DataChooser::DataChooser(Document& document, const QString& place, QWidget* parent)
    : QWidget(parent),
      document_(document),
      source_(new QuietCombo),
      words_(new QLabel),
      form_(new SettingsForm),
      preparation_(new SettingsForm),
      fold_(new Fold(tr("Preparation"), preparation_)) {
  source_->setObjectName(place + QStringLiteral(".data_source"));
  source_->setAccessibleName(tr("Data"));
  source_->addItem(tr("None chosen"), QString());
  for (const DataSpec& spec : data_catalogue()) {
    source_->addItem(QString::fromStdString(spec.title), QString::fromStdString(spec.source));
    source_->setItemData(source_->count() - 1, QString::fromStdString(spec.summary), Qt::ToolTipRole);
  }
  words_->setObjectName(place + QStringLiteral(".data_words"));
  words_->setProperty("role", "muted");
  words_->setWordWrap(true);
  form_->setObjectName(place + QStringLiteral(".data_form"));
  preparation_->setObjectName(place + QStringLiteral(".preparation_form"));
  fold_->setObjectName(place + QStringLiteral(".preparation"));

  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(4);
  column->addWidget(source_);
  column->addWidget(words_);
  column->addWidget(form_);
  column->addWidget(fold_);

  connect(source_, &QComboBox::activated, this, &DataChooser::choose);
  connect(form_, &SettingsForm::setting_changed, this,
          [this](const QString& name, const Value& value, const QString& gesture) {
            DataSource chosen = document_.project().data;
            chosen.settings.set(name.toStdString(), value);
            change(tr("Set %1").arg(name), std::move(chosen), gesture);
          });
  connect(preparation_, &SettingsForm::setting_changed, this,
          [this](const QString& name, const Value& value, const QString& gesture) {
            DataSource chosen = document_.project().data;
            chosen.preparation.set(name.toStdString(), value);
            change(tr("Set %1").arg(name), std::move(chosen), gesture);
          });
  connect(&document, &Document::replaced, this, [this] {
    form_->restore();
    preparation_->restore();
    refresh();
  });
  connect(&document, &Document::data_described, this, &DataChooser::refresh);
  connect(&Theme::instance(), &Theme::changed, this, [this] { words_->setFont(Theme::instance().caption()); });
  words_->setFont(Theme::instance().caption());
  refresh();
}

void DataChooser::refresh() {
  const DataSource& chosen = document_.project().data;
  const DataSpec* spec = find_data_spec(chosen.source);
  source_->setCurrentIndex(source_->findData(QString::fromStdString(chosen.source)));
  source_->setToolTip(spec ? QString::fromStdString(spec->summary) : QString());
  form_->setVisible(spec && !spec->settings.empty());
  if (spec) form_->show_settings(spec->settings, completed(spec->settings, chosen.settings));

  const std::optional<DataDescription>& description = document_.data();
  const std::string missing = spec && spec->missing ? spec->missing() : std::string();
  if (!missing.empty()) {
    words_->setText(QString::fromStdString(missing));
  } else if (document_.is_reading_data()) {
    words_->setText(tr("Looking through the file…"));
  } else if (description) {
    words_->setText(words_of(*description));
  } else if (spec) {
    words_->setText(QString::fromStdString(spec->summary));
  } else if (chosen.source.empty()) {
    words_->setText(tr("Training needs data to learn from."));
  } else {
    words_->setText(tr("This version doesn't know the data source “%1”.").arg(QString::fromStdString(chosen.source)));
  }
  show_preparation(chosen, description);
}

void DataChooser::show_preparation(const DataSource& chosen, const std::optional<DataDescription>& description) {
  fold_->setVisible(!chosen.source.empty());
  const std::vector<SettingSpec>& specs = preparation_specs();
  preparation_->show_settings(specs, completed(specs, chosen.preparation));
  std::vector<std::string> idle;
  if (description && description->test_samples > 0) idle.emplace_back("test_fraction");
  if (description && description->sample_shape.rank() != 3) {
    for (const SettingSpec& spec : augmentation_specs()) idle.push_back(spec.name);
  }
  preparation_->set_hidden(idle);
  const int count = count_chosen(specs, chosen.preparation);
  fold_->set_note(count == 0 ? QString() : tr("%1 set").arg(count));
}

void DataChooser::choose(int index) {
  const std::string source = source_->itemData(index).toString().toStdString();
  DataSource chosen = document_.project().data;
  if (source == chosen.source) return;
  const DataSpec* spec = find_data_spec(source);
  chosen.source = source;
  chosen.settings = spec ? defaults(spec->settings) : Settings();
  form_->restore();
  change(tr("Choose data %1").arg(source_->itemText(index)), std::move(chosen));
}

void DataChooser::change(const QString& text, DataSource chosen, const QString& gesture) {
  if (const Result<void> done = document_.edit(text, {SetData{std::move(chosen)}}, gesture); !done) {
    emit failed(QString::fromStdString(done.error().message));
    refresh();
  }
}

}  // namespace netwright
