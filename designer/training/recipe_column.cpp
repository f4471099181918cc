#include "designer/training/recipe_column.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QLabel>
#include <QLocale>

#include "backend/data/data_catalogue.h"
#include "backend/graph/recipe_specs.h"
#include "designer/panels/settings_form.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

QLabel* make_words() {
  auto* words = new QLabel;
  words->setProperty("role", "caption");
  words->setFont(Theme::instance().caption());
  words->setWordWrap(true);
  return words;
}

QString words_of(const DataSpec& spec, const DataSource& data) {
  if (spec.missing) {
    if (const std::string missing = spec.missing(); !missing.empty()) return QString::fromStdString(missing);
  }
  const auto description = describe(data);
  if (!description) return QString::fromStdString(spec.summary);
  const QLocale locale;
  return RecipeColumn::tr("%1 · %2 classes · %3 + %4 samples")
      .arg(QString::fromStdString(description->sample_shape.to_string()),
           locale.toString(qlonglong{description->classes}), locale.toString(qlonglong{description->train_samples}),
           locale.toString(qlonglong{description->test_samples}));
}

}  // namespace

RecipeColumn::RecipeColumn(Document& document, QWidget* parent)
    : QWidget(parent),
      document_(document),
      source_(new QComboBox),
      source_words_(make_words()),
      data_form_(new SettingsForm),
      task_(new QLabel),
      recipe_form_(new SettingsForm),
      optimiser_(new QComboBox),
      optimiser_words_(make_words()),
      optimiser_form_(new SettingsForm) {
  setProperty("panel", true);
  source_->setObjectName(QStringLiteral("training.data_source"));
  source_->setPlaceholderText(tr("Choose data"));
  for (const DataSpec& spec : data_catalogue()) {
    source_->addItem(QString::fromStdString(spec.title), QString::fromStdString(spec.source));
    source_->setItemData(source_->count() - 1, QString::fromStdString(spec.summary), Qt::ToolTipRole);
  }
  data_form_->setObjectName(QStringLiteral("training.data_form"));
  task_->setObjectName(QStringLiteral("training.task"));
  recipe_form_->setObjectName(QStringLiteral("training.recipe_form"));
  optimiser_->setObjectName(QStringLiteral("training.optimiser"));
  for (const OptimiserSpec& spec : optimiser_specs()) optimiser_->addItem(QString::fromStdString(spec.type));
  optimiser_form_->setObjectName(QStringLiteral("training.optimiser_form"));

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(10, 4, 10, 10);
  layout->setSpacing(4);
  add_heading(*layout, tr("Data"));
  layout->addWidget(source_);
  layout->addWidget(source_words_);
  layout->addWidget(data_form_);
  add_heading(*layout, tr("Recipe"));
  layout->addWidget(task_);
  layout->addWidget(recipe_form_);
  add_heading(*layout, tr("Optimiser"));
  layout->addWidget(optimiser_);
  layout->addWidget(optimiser_words_);
  layout->addWidget(optimiser_form_);
  layout->addStretch(1);

  connect(source_, &QComboBox::activated, this, &RecipeColumn::choose_data);
  connect(optimiser_, &QComboBox::activated, this, &RecipeColumn::choose_optimiser);
  connect(data_form_, &SettingsForm::setting_changed, this, &RecipeColumn::set_data_setting);
  connect(recipe_form_, &SettingsForm::setting_changed, this, &RecipeColumn::set_recipe_setting);
  connect(optimiser_form_, &SettingsForm::setting_changed, this, &RecipeColumn::set_optimiser_setting);
  connect(&document, &Document::replaced, this, &RecipeColumn::refresh);
  connect(&document, &Document::edited, this, [this](const Edit& edit) {
    if (std::holds_alternative<SetData>(edit) || std::holds_alternative<SetRecipe>(edit)) refresh();
  });
  refresh();
}

void RecipeColumn::add_heading(QVBoxLayout& layout, const QString& text) {
  auto* heading = new QLabel(text);
  heading->setFont(Theme::instance().heading());
  heading->setContentsMargins(0, 8, 0, 0);
  layout.addWidget(heading);
}

void RecipeColumn::refresh() {
  const DataSource& chosen = document_.project().data;
  const DataSpec* data_spec = find_data_spec(chosen.source);
  source_->setCurrentIndex(data_spec ? source_->findData(QString::fromStdString(chosen.source)) : -1);
  data_form_->setVisible(data_spec && !data_spec->settings.empty());
  if (data_spec) {
    data_form_->show_settings(data_spec->settings, completed(data_spec->settings, chosen.settings));
    source_words_->setText(words_of(*data_spec, chosen));
  } else if (chosen.source.empty()) {
    source_words_->setText(tr("Training needs data to learn from."));
  } else {
    source_words_->setText(
        tr("This version doesn't know the data source “%1”.").arg(QString::fromStdString(chosen.source)));
  }

  const Recipe& recipe = document_.project().recipe;
  task_->setText(QString::fromStdString(recipe.task));
  recipe_form_->show_settings(recipe_specs(), completed(recipe_specs(), recipe.settings));
  const OptimiserSpec* optimiser = find_optimiser_spec(recipe.optimiser);
  optimiser_->setCurrentIndex(optimiser_->findText(QString::fromStdString(recipe.optimiser)));
  optimiser_form_->setVisible(optimiser != nullptr);
  optimiser_words_->setText(optimiser ? QString::fromStdString(optimiser->summary)
                                      : tr("Unknown optimiser “%1”.").arg(QString::fromStdString(recipe.optimiser)));
  if (optimiser) {
    optimiser_form_->show_settings(optimiser->settings, completed(optimiser->settings, recipe.optimiser_settings));
  }
}

void RecipeColumn::edit(const QString& text, const Edit& edit, const QString& gesture) {
  if (const Result<void> done = document_.edit(text, {edit}, gesture); !done) {
    emit failed(QString::fromStdString(done.error().message));
    refresh();
  }
}

void RecipeColumn::choose_data(int index) {
  const DataSpec* spec = find_data_spec(source_->itemData(index).toString().toStdString());
  if (!spec || spec->source == document_.project().data.source) return;
  edit(tr("Choose data %1").arg(QString::fromStdString(spec->title)),
       SetData{{spec->source, defaults(spec->settings)}});
}

void RecipeColumn::choose_optimiser(int index) {
  Recipe recipe = document_.project().recipe;
  const OptimiserSpec* spec = find_optimiser_spec(optimiser_->itemText(index).toStdString());
  if (!spec || spec->type == recipe.optimiser) return;
  recipe.optimiser = spec->type;
  recipe.optimiser_settings = defaults(spec->settings);
  edit(tr("Choose optimiser %1").arg(QString::fromStdString(spec->type)), SetRecipe{std::move(recipe)});
}

void RecipeColumn::set_data_setting(const QString& name, const Value& value, const QString& gesture) {
  DataSource changed = document_.project().data;
  changed.settings.set(name.toStdString(), value);
  edit(tr("Set %1").arg(name), SetData{std::move(changed)}, gesture);
}

void RecipeColumn::set_recipe_setting(const QString& name, const Value& value, const QString& gesture) {
  Recipe recipe = document_.project().recipe;
  recipe.settings.set(name.toStdString(), value);
  edit(tr("Set %1").arg(name), SetRecipe{std::move(recipe)}, gesture);
}

void RecipeColumn::set_optimiser_setting(const QString& name, const Value& value, const QString& gesture) {
  Recipe recipe = document_.project().recipe;
  recipe.optimiser_settings.set(name.toStdString(), value);
  edit(tr("Set %1").arg(name), SetRecipe{std::move(recipe)}, gesture);
}

}  // namespace netwright
