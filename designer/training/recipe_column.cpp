#include "designer/training/recipe_column.h"

#include <QBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <algorithm>
#include <iterator>

#include "backend/graph/recipe_specs.h"
#include "backend/graph/schedule.h"
#include "backend/graph/task_specs.h"
#include "designer/panels/fold.h"
#include "designer/panels/settings_form.h"
#include "designer/theme/theme.h"
#include "designer/training/choice_form.h"
#include "designer/training/data_chooser.h"
#include "designer/training/schedule_curve.h"
#include "designer/training/start_choice.h"

namespace netwright {
namespace {

constexpr const char* adversarial = "Adversarial";

/// The settings that nearly every run is given; the others are folded away.
bool is_usual(const SettingSpec& spec) {
  const std::string usual[] = {"epochs", "batch_size", "seed", "l1", "l2"};
  return std::find(std::begin(usual), std::end(usual), spec.name) != std::end(usual);
}

std::vector<SettingSpec> recipe_part(bool usual) {
  std::vector<SettingSpec> specs;
  std::copy_if(recipe_specs().begin(), recipe_specs().end(), std::back_inserter(specs),
               [usual](const SettingSpec& spec) { return is_usual(spec) == usual; });
  return specs;
}

template <class Specs>
std::vector<ChoiceRow> rows_of(const Specs& specs) {
  std::vector<ChoiceRow> rows;
  for (const auto& spec : specs) rows.push_back({spec.type, spec.summary, spec.settings});
  return rows;
}

/// Where a task's setting names a network, it is chosen among those that are drawn.
std::vector<SettingSpec> task_settings(const TaskSpec& task, const Project& project) {
  std::vector<SettingSpec> specs = task.settings;
  for (SettingSpec& spec : specs) {
    if (task.type != adversarial || (spec.name != "generator" && spec.name != "discriminator")) continue;
    spec.kind = SettingKind::Choice;
    for (const Network& network : project.networks) spec.choices.push_back(network.name);
    // What isn't drawn (yet) is still what is chosen: the problems say so.
    const std::string chosen = completed(task.settings, project.recipe.task_settings).text(spec.name);
    for (const std::string& name : {chosen, std::get<std::string>(spec.fallback)}) {
      if (std::find(spec.choices.begin(), spec.choices.end(), name) == spec.choices.end()) spec.choices.push_back(name);
    }
  }
  return specs;
}

}  // namespace

RecipeColumn::RecipeColumn(Document& document, QWidget* parent)
    : QWidget(parent),
      document_(document),
      task_(new ChoiceForm(rows_of(task_specs()), QStringLiteral("training.task"), tr("task"))),
      recipe_form_(new SettingsForm),
      more_form_(new SettingsForm),
      more_(new Fold(tr("More"), more_form_)),
      start_(new StartChoice),
      range_test_(new QToolButton),
      sweep_(new QToolButton),
      optimiser_(new ChoiceForm(rows_of(optimiser_specs()), QStringLiteral("training.optimiser"), tr("optimiser"))),
      discriminator_(
          new ChoiceForm(rows_of(optimiser_specs()), QStringLiteral("training.discriminator"), tr("optimiser"))),
      schedule_(new ChoiceForm(rows_of(schedule_specs()), QStringLiteral("training.schedule"), tr("schedule"))),
      schedule_curve_(new ScheduleCurve) {
  setProperty("panel", true);
  build();

  connect(task_, &ChoiceForm::changed, this, [this](const Choice& choice, const QString& text, const QString& gesture) {
    change(
        text,
        [&](Recipe& recipe) {
          recipe.task = choice.type;
          recipe.task_settings = choice.settings;
        },
        gesture);
  });
  connect(optimiser_, &ChoiceForm::changed, this,
          [this](const Choice& choice, const QString& text, const QString& gesture) {
            change(
                text,
                [&](Recipe& recipe) {
                  recipe.optimiser = choice.type;
                  recipe.optimiser_settings = choice.settings;
                },
                gesture);
          });
  connect(discriminator_, &ChoiceForm::changed, this,
          [this](const Choice& choice, const QString& text, const QString& gesture) {
            change(
                text, [&](Recipe& recipe) { recipe.discriminator_optimiser = choice; }, gesture);
          });
  connect(schedule_, &ChoiceForm::changed, this,
          [this](const Choice& choice, const QString& text, const QString& gesture) {
            change(
                text, [&](Recipe& recipe) { recipe.schedule = choice; }, gesture);
          });
  connect_form(*recipe_form_);
  connect_form(*more_form_);
  connect(range_test_, &QToolButton::clicked, this, &RecipeColumn::range_test_requested);
  connect(sweep_, &QToolButton::clicked, this, &RecipeColumn::sweep_requested);
  connect(&document, &Document::data_described, this,
          [this] { schedule_curve_->show_recipe(document_.project(), document_.data()); });
  connect(&document, &Document::replaced, this, [this] {
    for (SettingsForm* form : {recipe_form_, more_form_}) form->restore();
    for (ChoiceForm* form : {task_, optimiser_, discriminator_, schedule_}) form->restore();
    start_->reset();
    refresh();
  });
  connect(&document, &Document::edited, this, [this](const Edit& edit) {
    const bool names_networks = std::holds_alternative<AddNetwork>(edit) ||
                                std::holds_alternative<RemoveNetwork>(edit) ||
                                std::holds_alternative<RenameNetwork>(edit);
    if (std::holds_alternative<SetData>(edit) || std::holds_alternative<SetRecipe>(edit) || names_networks) refresh();
  });
  refresh();
}

void RecipeColumn::build() {
  recipe_form_->setObjectName(QStringLiteral("training.recipe_form"));
  more_form_->setObjectName(QStringLiteral("training.more_form"));
  more_->setObjectName(QStringLiteral("training.more"));
  range_test_->setObjectName(QStringLiteral("training.range_test"));
  range_test_->setText(tr("Find learning rate"));
  sweep_->setObjectName(QStringLiteral("training.sweep"));
  sweep_->setText(tr("Sweep…"));
  for (QToolButton* button : {range_test_, sweep_}) {
    button->setProperty("chip", true);
    button->setFont(Theme::instance().caption());
  }
  auto* data = new DataChooser(document_, QStringLiteral("training"));
  connect(data, &DataChooser::failed, this, &RecipeColumn::failed);

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(10, 4, 10, 10);
  layout->setSpacing(4);
  add_heading(*layout, tr("Data"));
  layout->addWidget(data);
  add_heading(*layout, tr("Task"));
  layout->addWidget(task_);
  add_heading(*layout, tr("Recipe"));
  layout->addWidget(recipe_form_);
  layout->addWidget(more_);
  optimiser_heading_ = add_heading(*layout, tr("Optimiser"));
  layout->addWidget(optimiser_);
  auto* searches = new QHBoxLayout;
  searches->setSpacing(6);
  searches->addWidget(range_test_);
  searches->addWidget(sweep_);
  searches->addStretch(1);
  layout->addLayout(searches);
  discriminator_heading_ = add_heading(*layout, tr("Discriminator's optimiser"));
  layout->addWidget(discriminator_);
  add_heading(*layout, tr("Schedule"));
  layout->addWidget(schedule_);
  layout->addWidget(schedule_curve_);
  add_heading(*layout, tr("Start from"));
  layout->addWidget(start_);
  layout->addStretch(1);
  set_range_test({});
  set_sweep({});
}

QLabel* RecipeColumn::add_heading(QVBoxLayout& layout, const QString& text) {
  auto* heading = new QLabel(text);
  heading->setFont(Theme::instance().heading());
  heading->setContentsMargins(0, 8, 0, 0);
  layout.addWidget(heading);
  return heading;
}

void RecipeColumn::set_range_test(const QString& obstacle) {
  range_test_->setEnabled(obstacle.isEmpty());
  range_test_->setToolTip(obstacle.isEmpty() ? tr("Trains for a moment with a growing learning rate, and suggests one")
                                             : obstacle);
}

void RecipeColumn::set_sweep(const QString& obstacle) {
  sweep_->setEnabled(obstacle.isEmpty());
  sweep_->setToolTip(obstacle.isEmpty()
                         ? tr("Trains variants with other settings, one after the other, and compares them")
                         : obstacle);
}

void RecipeColumn::refresh() {
  const Project& project = document_.project();
  const Recipe& recipe = project.recipe;
  show_task(project);
  static const std::vector<SettingSpec> usual = recipe_part(true);
  static const std::vector<SettingSpec> rare = recipe_part(false);
  recipe_form_->show_settings(usual, completed(usual, recipe.settings));
  more_form_->show_settings(rare, completed(rare, recipe.settings));
  const int chosen = count_chosen(rare, recipe.settings);
  more_->set_note(chosen == 0 ? QString() : tr("%1 set").arg(chosen));

  const bool has_two_sides = recipe.task == adversarial;
  optimiser_heading_->setText(has_two_sides ? tr("Generator's optimiser") : tr("Optimiser"));
  optimiser_->show_choice({recipe.optimiser, recipe.optimiser_settings});
  range_test_->setVisible(!has_two_sides);
  discriminator_heading_->setVisible(has_two_sides);
  discriminator_->setVisible(has_two_sides);
  discriminator_->show_choice(recipe.discriminator_optimiser);
  schedule_->show_choice(recipe.schedule);
  schedule_curve_->show_recipe(project, document_.data());
}

void RecipeColumn::show_task(const Project& project) {
  const Recipe& recipe = project.recipe;
  const TaskSpec* task = find_task_spec(recipe.task);
  if (task) task_->set_specs(recipe.task, task_settings(*task, project));
  task_->show_choice({recipe.task, recipe.task_settings});
  if (!task) return;
  task_->set_hidden(task->idle ? task->idle(completed(task->settings, recipe.task_settings))
                               : std::vector<std::string>());
}

void RecipeColumn::connect_form(SettingsForm& form) {
  connect(&form, &SettingsForm::setting_changed, this,
          [this](const QString& name, const Value& value, const QString& gesture) {
            change(
                tr("Set %1").arg(name), [&](Recipe& recipe) { recipe.settings.set(name.toStdString(), value); },
                gesture);
          });
}

void RecipeColumn::change(const QString& text, const std::function<void(Recipe&)>& change, const QString& gesture) {
  Recipe recipe = document_.project().recipe;
  change(recipe);
  if (const Result<void> done = document_.edit(text, {SetRecipe{std::move(recipe)}}, gesture); !done) {
    emit failed(QString::fromStdString(done.error().message));
    refresh();
  }
}

}  // namespace netwright
