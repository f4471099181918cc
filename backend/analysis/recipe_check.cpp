#include "backend/analysis/recipe_check.h"

#include <fmt/format.h>

#include "backend/data/data_catalogue.h"
#include "backend/data/preparation.h"
#include "backend/graph/recipe_specs.h"
#include "backend/graph/schedule.h"
#include "backend/graph/task_specs.h"

namespace netwright {

namespace {

class RecipeCheck {
 public:
  RecipeCheck(const Project& project, Report& report) : project_(project), recipe_(project.recipe), report_(report) {}

  void check() {
    check_data();
    check_task();
    check_settings(recipe_specs(), recipe_.settings, "Recipe");
    check_optimiser({recipe_.optimiser, recipe_.optimiser_settings}, [](Recipe& recipe, Choice mended) {
      recipe.optimiser = std::move(mended.type);
      recipe.optimiser_settings = std::move(mended.settings);
    });
    if (recipe_.task == "Adversarial") {
      check_optimiser(recipe_.discriminator_optimiser,
                      [](Recipe& recipe, Choice mended) { recipe.discriminator_optimiser = std::move(mended); });
    }
    check_schedule();
  }

 private:
  Diagnostic& say(const char* code, std::string message) {
    report_.diagnostics.push_back(diagnostic_at(Severity::Error, code, {}, {}, std::move(message)));
    return report_.diagnostics.back();
  }

  void check_settings(const std::vector<SettingSpec>& specs, const Settings& settings, const std::string& where) {
    for (const SettingSpec& spec : specs) {
      const Value* value = settings.find(spec.name);
      if (const auto why = complaint(spec, value ? *value : spec.fallback)) {
        say("recipe", fmt::format("{}: {}.", where, *why)).setting = spec.name;
      }
    }
  }

  void check_data() {
    const DataSource& data = project_.data;
    if (!data.source.empty() && !find_data_spec(data.source)) {
      say("data-source", fmt::format("There is no data source “{}”; choose another.", data.source));
    }
    check_settings(preparation_specs(), data.preparation, "Preparation of the data");
  }

  void check_task() {
    if (const TaskSpec* task = find_task_spec(recipe_.task)) {
      check_settings(task->settings, recipe_.task_settings, task->type);
      return;
    }
    Recipe mended = recipe_;
    mended.task = task_specs().front().type;
    mended.task_settings = defaults(task_specs().front().settings);
    say("task", fmt::format("There is no task “{}”.", recipe_.task))
        .fixes.push_back({"Use " + mended.task, {SetRecipe{mended}}});
  }

  template <class Mend>
  void check_optimiser(const Choice& optimiser, Mend mend) {
    if (const OptimiserSpec* spec = find_optimiser_spec(optimiser.type)) {
      check_settings(spec->settings, optimiser.settings, spec->type);
      return;
    }
    Recipe mended = recipe_;
    mend(mended, Choice{"Adam", defaults(find_optimiser_spec("Adam")->settings)});
    say("optimiser", fmt::format("There is no optimiser “{}”.", optimiser.type))
        .fixes.push_back({"Use Adam", {SetRecipe{mended}}});
  }

  void check_schedule() {
    if (const ScheduleSpec* spec = find_schedule_spec(recipe_.schedule.type)) {
      check_settings(spec->settings, recipe_.schedule.settings, "Schedule " + spec->type);
      return;
    }
    Recipe mended = recipe_;
    mended.schedule = {"Constant"};
    say("schedule", fmt::format("There is no schedule “{}”.", recipe_.schedule.type))
        .fixes.push_back({"Use Constant", {SetRecipe{mended}}});
  }

  const Project& project_;
  const Recipe& recipe_;
  Report& report_;
};

}  // namespace

void check_recipe(const Project& project, Report& report) {
  RecipeCheck(project, report).check();
}

}  // namespace netwright
