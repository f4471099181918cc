// What of the training panel concerns runs that wait, and sweeps.

#include <QBoxLayout>
#include <QFile>
#include <QFileInfo>
#include <QStackedWidget>
#include <QTabWidget>
#include <algorithm>

#include "backend/core/utc.h"
#include "backend/sweep/sweep_text.h"
#include "designer/sweep/sweep_dialog.h"
#include "designer/sweep/sweep_strip.h"
#include "designer/sweep/sweep_view.h"
#include "designer/training/project_changes.h"
#include "designer/training/recipe_column.h"
#include "designer/training/run_comparison.h"
#include "designer/training/run_controls.h"
#include "designer/training/run_list.h"
#include "designer/training/run_place.h"
#include "designer/training/run_view.h"
#include "designer/training/start_choice.h"
#include "designer/training/training_panel.h"
#include "designer/training/waiting_list.h"

namespace netwright {

QWidget* TrainingPanel::build_middle() {
  auto* column = new QVBoxLayout(run_page_);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(strip_);
  column->addWidget(view_, 1);
  middle_->setObjectName(QStringLiteral("training.middle"));
  middle_->addWidget(run_page_);
  middle_->addWidget(comparison_);
  middle_->addWidget(sweep_view_);
  connect(strip_, &SweepStrip::sweep_requested, this, &TrainingPanel::show_sweep);
  connect(sweep_view_, &SweepView::run_chosen, this, &TrainingPanel::open_run);
  connect(runs_, &RunList::sweep_chosen, this, &TrainingPanel::show_sweep);
  return middle_;
}

QWidget* TrainingPanel::build_runs() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(waiting_);
  column->addWidget(runs_, 1);
  connect(waiting_, &WaitingList::start_requested, this, &TrainingPanel::start_next);
  connect(waiting_, &WaitingList::stop_all_requested, this, &TrainingPanel::stop_all);
  connect(&queue_, &RunQueue::changed, this, [this, page] {
    const int count = queue_.count();
    tabs_->setTabText(tabs_->indexOf(page), count == 0 ? tr("Runs") : tr("Runs  +%1").arg(count));
    emit queue_changed(count);
  });
  return page;
}

/// The project as it is drawn now, and how it is to be trained.
QueuedRun TrainingPanel::present_run() const {
  QueuedRun run{document_.project(),          {}, runs_owner_, controls_->device(), weights_ ? weights_() : QString(),
                recipe_->start()->arguments()};
  const Project& before = queue_.is_empty() ? live_project_ : queue_.entries().back().runs.back().project;
  const QStringList changes = changes_since(before, run.project);
  run.title = changes.isEmpty() ? tr("%1, once more").arg(QString::fromStdString(run.project.name))
                                : changes.join(QStringLiteral(", "));
  return run;
}

void TrainingPanel::start() {
  if (!obstacle().isEmpty()) {
    emit message(obstacle());
    return;
  }
  QueuedRun run = present_run();
  if (!is_running()) {
    launch(run, true);
    return;
  }
  const QString title = run.title;
  queue_.add(std::move(run));
  tabs_->setCurrentWidget(waiting_->parentWidget());
  emit message(tr("Waits for its turn: %1").arg(title));
}

bool TrainingPanel::launch(const QueuedRun& run, bool shows_it) {
  const Result<RunPlace> place = prepare_run(run.project, run.owner);
  if (!place) {
    emit message(QString::fromStdString(place.error().message));
    return false;
  }
  live_folder_ = place->run_folder;
  live_project_file_ = place->project_file;
  live_project_ = run.project;
  live_sweep_ = run.sweep;
  if (run.sweep) {
    if (const auto written = write_sweep_run(live_folder_.toStdU16String(), *run.sweep); !written) {
      remove_live_project();
      emit message(QString::fromStdString(written.error().message));
      return false;
    }
  }
  // The engine looks for weights beside the project.
  if (!run.weights.isEmpty()) {
    QFile::link(QFileInfo(run.weights).absoluteFilePath(), weights_beside(live_project_file_));
  }
  if (document_.file_path().isEmpty() && run.owner == runs_owner_) unsaved_runs_ += place->run_folder;
  begin({place->project_file, place->run_folder, run.device, engine_arguments_ + run.arguments}, run.project.recipe,
        shows_it);
  return true;
}

/// The first that waits. Where it can't begin it stays, and the others with it.
void TrainingPanel::start_next() {
  if (is_running() || queue_.is_empty()) return;
  const QueuedRun run = queue_.front();
  if (launch(run, is_showing_live_)) queue_.take();
}

void TrainingPanel::stop_all() {
  queue_.clear();
  stop();
}

void TrainingPanel::open_sweep() {
  if (!obstacle().isEmpty()) {
    emit message(obstacle());
    return;
  }
  auto* dialog = new SweepDialog(document_.project(), runs_owner_, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &SweepDialog::sweep_requested, this, &TrainingPanel::queue_sweep);
  dialog->open();
}

void TrainingPanel::queue_sweep(const Sweep& wanted, const std::vector<Variant>& variants) {
  Sweep sweep = wanted;
  sweep.id = utc_text("%Y-%m-%dT%H-%M-%SZ") + "-sweep";
  std::vector<std::string> taken;
  for (const Sweep& known : sweeps_of(runs_owner_.toStdU16String())) taken.push_back(known.id);
  const std::string stem = sweep.id;
  for (int attempt = 2; std::find(taken.begin(), taken.end(), sweep.id) != taken.end(); ++attempt) {
    sweep.id = stem + "-" + std::to_string(attempt);
  }
  const auto count = static_cast<int>(variants.size());
  std::vector<QueuedRun> runs;
  for (const Variant& variant : variants) {
    QueuedRun run{variant.project,
                  QString::fromStdString(values_title(sweep, variant.values)),
                  runs_owner_,
                  controls_->device(),
                  weights_ ? weights_() : QString(),
                  recipe_->start()->arguments()};
    run.sweep = SweepRun{sweep, variant.index, count, variant.values};
    runs.push_back(std::move(run));
  }
  queue_.add_sweep(tr("Sweep of %1").arg(QString::fromStdString(title_of(sweep))), std::move(runs));
  tabs_->setCurrentWidget(waiting_->parentWidget());
  sweep_view_->show_sweep(runs_owner_, QString::fromStdString(sweep.id), sweep, count);
  show_sweep(QString::fromStdString(sweep.id));
  start_next();
}

void TrainingPanel::show_sweep(const QString& id) {
  reading_.cancel();
  is_showing_live_ = false;
  sweep_view_->set_live_folder(is_running() ? live_folder_ : QString());
  sweep_view_->show_sweep(runs_owner_, id);
  middle_->setCurrentWidget(sweep_view_);
  show_tabs({}, {}, false);
}

void TrainingPanel::open_run(const QString& folder) {
  if (is_running() && folder == live_folder_) {
    show_live();
  } else {
    show_past(folder);
  }
}

void TrainingPanel::follow_continued_run(const QString& folder) {
  const auto sweep = read_sweep_run(folder.toStdU16String());
  live_sweep_ = sweep ? *sweep : std::nullopt;
}

/// Its project may have got another file meanwhile, to which its runs have moved.
void TrainingPanel::follow_ended_run() {
  sweep_view_->set_live_folder({});
  if (middle_->currentWidget() == sweep_view_) sweep_view_->show_sweep(runs_owner_, sweep_view_->sweep());
}

/// After a run. An engine that didn't say a word won't with the next one: the others wait until they are started.
void TrainingPanel::go_on_with_queue() {
  waiting_->set_running(false);
  const bool was_mute = !live_.run && !live_.done;
  if (queue_.is_empty() || was_mute) return;
  QMetaObject::invokeMethod(this, &TrainingPanel::start_next, Qt::QueuedConnection);
}

}  // namespace netwright
