#include "designer/training/training_panel.h"

#include <QBoxLayout>
#include <QFile>
#include <QFileInfo>
#include <QInputDialog>
#include <QScrollArea>
#include <QScrollBar>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>

#include "backend/analysis/training_mistakes.h"
#include "backend/data/data_catalogue.h"
#include "backend/graph/task_networks.h"
#include "backend/run/command_limits.h"
#include "backend/run/run_folder.h"
#include "backend/sweep/sweep_text.h"
#include "designer/report/report_window.h"
#include "designer/sweep/sweep_strip.h"
#include "designer/sweep/sweep_view.h"
#include "designer/training/class_page.h"
#include "designer/training/data_preview.h"
#include "designer/training/figure_words.h"
#include "designer/training/fork_dialog.h"
#include "designer/training/layers_view.h"
#include "designer/training/range_test_dialog.h"
#include "designer/training/recipe_column.h"
#include "designer/training/run_comparison.h"
#include "designer/training/run_controls.h"
#include "designer/training/run_keeping.h"
#include "designer/training/run_list.h"
#include "designer/training/run_place.h"
#include "designer/training/run_view.h"
#include "designer/training/sample_views.h"
#include "designer/training/start_choice.h"
#include "designer/training/try_view.h"
#include "designer/training/waiting_list.h"

namespace netwright {
namespace {

using RunState = RunControls::State;

struct Obstacle {
  QString words;
  bool is_in_drawing = false;
};

Obstacle obstacle_of(const Document& document) {
  const Project& project = document.project();
  if (project.networks.empty()) return {TrainingPanel::tr("There is no network to train.")};
  if (project.data.source.empty()) return {TrainingPanel::tr("Choose the data to learn from.")};
  if (const DataSpec* spec = find_data_spec(project.data.source); spec && spec->missing) {
    if (const std::string missing = spec->missing(); !missing.empty()) return {QString::fromStdString(missing)};
  }
  const auto mistakes = training_mistakes(document.report(), networks_of_task(project));
  if (mistakes.empty()) return {};
  const QString first = QString::fromStdString(mistakes.front()->message);
  if (mistakes.size() == 1) return {first, true};
  return {TrainingPanel::tr("%1 (and %2 more)").arg(first).arg(mistakes.size() - 1), true};
}

constexpr int layers_pace_ms = 200;

/// Scrolls up and down only: never narrower than what is in it.
class ColumnArea : public QScrollArea {
 protected:
  bool eventFilter(QObject* watched, QEvent* event) override {
    if (watched == widget() && event->type() == QEvent::LayoutRequest) {
      setMinimumWidth(widget()->minimumSizeHint().width() + verticalScrollBar()->sizeHint().width());
    }
    return QScrollArea::eventFilter(watched, event);
  }
};

struct ReadRun {
  RunRecord record;
  QString problem;
  std::optional<SweepRun> sweep = {};
};

}  // namespace

TrainingPanel::TrainingPanel(Document& document, QWidget* parent)
    : QWidget(parent),
      document_(document),
      controls_(new RunControls),
      recipe_(new RecipeColumn(document)),
      middle_(new QStackedWidget),
      view_(new RunView),
      tabs_(new QTabWidget),
      data_(new DataPreview(document)),
      classes_(new ClassPage),
      samples_(new SampleViews),
      layers_(new LayersView),
      try_(new TryView),
      runs_(new RunList),
      waiting_(new WaitingList(queue_)),
      run_page_(new QWidget),
      strip_(new SweepStrip),
      sweep_view_(new SweepView) {
  comparison_ = new RunComparison(*runs_->keeping());
  setObjectName(QStringLiteral("training"));
  build();
  connect(controls_, &RunControls::train_requested, this, &TrainingPanel::start);
  connect(controls_, &RunControls::pause_requested, this, &TrainingPanel::pause);
  connect(controls_, &RunControls::resume_requested, this, &TrainingPanel::resume);
  connect(controls_, &RunControls::stop_requested, this, &TrainingPanel::stop);
  connect(controls_, &RunControls::setting_requested, this, &TrainingPanel::set);
  connect(controls_, &RunControls::checkpoint_requested, this, [this] { engine_.send({Command::Kind::Checkpoint}); });
  connect(controls_, &RunControls::samples_requested, this, [this] { engine_.send({Command::Kind::Sample}); });
  connect(controls_, &RunControls::problems_requested, this, &TrainingPanel::problems_requested);
  connect(view_, &RunView::continue_requested, this, &TrainingPanel::ask_to_continue);
  connect(view_, &RunView::fork_requested, this, [this] {
    const QString folder = is_showing_live_ ? live_folder_ : past_folder_;
    ask_to_fork(folder, runs_->title_of(folder));
  });
  connect(runs_->keeping(), &RunKeeping::fork_requested, this, &TrainingPanel::ask_to_fork);
  recipe_->start()->set_runs([this] {
    std::vector<StartChoice::Run> runs;
    for (const RunFolder& run : runs_of(runs_owner_.toStdU16String())) {
      const QString folder = QString::fromStdU16String(run.path().u16string());
      runs.push_back({folder, runs_->title_of(folder)});
    }
    return runs;
  });
  connect(view_, &RunView::report_requested, this, &TrainingPanel::show_report);
  connect(runs_, &RunList::run_chosen, this, &TrainingPanel::show_past);
  connect(runs_, &RunList::live_chosen, this, &TrainingPanel::show_live);
  connect(runs_, &RunList::several_chosen, this, &TrainingPanel::show_several);
  connect(runs_, &RunList::none_chosen, this, [this] { is_running() ? show_live() : show_nothing(); });
  connect(runs_->keeping(), &RunKeeping::removed, this, &TrainingPanel::forget);
  connect(runs_->keeping(), &RunKeeping::message, this, &TrainingPanel::message);
  connect(comparison_, &RunComparison::message, this, &TrainingPanel::message);
  connect(&engine_, &EngineProcess::event_arrived, this, &TrainingPanel::take);
  connect(&engine_, &EngineProcess::finished, this, [this] { end({}); });
  connect(&engine_, &EngineProcess::failed, this, &TrainingPanel::end);
  layers_due_.setSingleShot(true);
  layers_due_.setInterval(layers_pace_ms);
  connect(&layers_due_, &QTimer::timeout, this, [this] {
    if (is_showing_live_) show_layers(live_);
  });
  connect(&document, &Document::analysed, this, &TrainingPanel::follow_document);
  connect(&document, &Document::replaced, this, [this] {
    unsaved_runs_.clear();
    follow_document();
  });
  connect(&document, &Document::title_changed, this, &TrainingPanel::follow_document);
  follow_document();
}

TrainingPanel::~TrainingPanel() {
  engine_.disconnect(this);
  remove_live_project();
}

void TrainingPanel::build() {
  connect(recipe_, &RecipeColumn::failed, this, &TrainingPanel::message);
  connect(recipe_, &RecipeColumn::range_test_requested, this, &TrainingPanel::find_learning_rate);
  connect(recipe_, &RecipeColumn::sweep_requested, this, &TrainingPanel::open_sweep);
  auto* scroll = new ColumnArea;
  scroll->setObjectName(QStringLiteral("training.recipe"));
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setWidget(recipe_);
  auto* left = new QWidget;
  auto* column = new QVBoxLayout(left);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(controls_);
  column->addWidget(scroll, 1);

  tabs_->setObjectName(QStringLiteral("training.tabs"));
  tabs_->setDocumentMode(true);
  tabs_->addTab(data_, tr("Data"));
  tabs_->addTab(build_runs(), tr("Runs"));
  tabs_->addTab(classes_, tr("Classes"));
  tabs_->addTab(samples_, tr("Samples"));
  tabs_->addTab(layers_, tr("Layers"));
  tabs_->addTab(try_, tr("Try"));
  show_tabs({}, {}, false);

  auto* splitter = new QSplitter(Qt::Horizontal);
  splitter->setObjectName(QStringLiteral("training.splitter"));
  splitter->setHandleWidth(1);
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(left);
  splitter->addWidget(build_middle());
  splitter->addWidget(tabs_);
  splitter->setStretchFactor(1, 1);
  splitter->setSizes({256, 740, 280});
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(splitter);
}

bool TrainingPanel::is_running() const {
  return controls_->state() != RunState::Idle;
}

QString TrainingPanel::obstacle() const {
  return controls_->obstacle();
}

void TrainingPanel::follow_document() {
  const Obstacle obstacle = obstacle_of(document_);
  controls_->set_obstacle(obstacle.words, obstacle.is_in_drawing);
  recipe_->set_range_test(is_running() ? tr("A run is going on") : obstacle.words);
  recipe_->start()->set_imported(weights_ && !weights_().isEmpty());
  recipe_->set_sweep(obstacle.words);
  const QString owner = runs_owner(document_);
  if (owner == runs_owner_) return;
  if (!unsaved_runs_.isEmpty()) queue_.set_owner(runs_owner_, owner);  // the same project, which got its file
  runs_owner_ = owner;
  const bool is_same_project = take_unsaved_runs_along();
  runs_->show_runs_of(owner);
  if (is_running() || is_same_project) return;
  show_nothing();
  // A project opens on what it last learned.
  const std::vector<RunFolder> past = runs_of(owner.toStdU16String());
  if (!past.empty() && !document_.file_path().isEmpty()) {
    show_past(QString::fromStdU16String(past.front().path().u16string()));
  }
}

/// A project's first file brings the runs from before with it. False where there are none.
bool TrainingPanel::take_unsaved_runs_along() {
  if (unsaved_runs_.isEmpty() || is_running()) return false;
  QStringList taken;
  for (const QString& run : std::as_const(unsaved_runs_)) {
    const Result<QString> moved = move_run(run, runs_owner_);
    if (!moved) {
      emit message(QString::fromStdString(moved.error().message));
      continue;
    }
    if (run == live_folder_) live_folder_ = *moved;
    taken += *moved;
  }
  unsaved_runs_ = document_.file_path().isEmpty() ? taken : QStringList();
  return true;
}

void TrainingPanel::remove_live_project() {
  if (live_project_file_.isEmpty()) return;
  QFile::remove(live_project_file_);
  QFile::remove(weights_beside(live_project_file_));
}

void TrainingPanel::begin(const EngineJob& job, const Recipe& recipe, bool shows_it) {
  live_ = {};
  live_.set_recipe(recipe);
  show_settings();
  live_failure_.clear();
  controls_->set_state(RunState::Starting);
  comparison_->set_live(live_folder_, live_, true);
  runs_->keeping()->set_under_way(live_folder_);
  waiting_->set_running(true);
  sweep_view_->set_live_folder(live_folder_);
  if (shows_it) show_live();
  list_live();
  emit running_changed(true);
  emit progress_changed(-1, live_heading());
  recipe_->set_range_test(tr("A run is going on"));
  view_->set_can_continue(false);
  engine_.start(job);
}

void TrainingPanel::continue_run(const QString& folder, int epochs) {
  if (is_running()) return;
  live_folder_ = folder;
  live_project_file_.clear();
  follow_continued_run(folder);
  EngineJob job;
  job.verb = QStringLiteral("resume");
  job.target = folder;
  if (epochs > 0) job.arguments = {QStringLiteral("--epochs"), QString::number(epochs)};
  const Result<RunFolder> run = RunFolder::open(folder.toStdU16String());
  const Result<Project> project = run ? run->project() : Result<Project>(run.error());
  if (project) live_project_ = *project;
  begin(job, project ? project->recipe : Recipe());  // where it can't be read, the engine says why
}

void TrainingPanel::ask_to_continue(bool has_finished) {
  const QString folder = is_showing_live_ ? live_folder_ : past_folder_;
  if (!has_finished) {
    continue_run(folder);
    return;
  }
  const int done = view_->epochs_done();
  auto* dialog = new QInputDialog(this);
  dialog->setObjectName(QStringLiteral("training.more_epochs"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("More epochs"));
  dialog->setLabelText(tr("Epochs in all, of which %1 are done:").arg(done));
  dialog->setInputMode(QInputDialog::IntInput);
  dialog->setIntRange(done + 1, most_epochs);
  dialog->setIntValue(2 * done);
  dialog->setOkButtonText(tr("Train"));
  connect(dialog, &QInputDialog::intValueSelected, this, [this, folder](int epochs) { continue_run(folder, epochs); });
  dialog->open();
}

void TrainingPanel::ask_to_fork(const QString& folder, const QString& title) {
  const Result<RunFolder> run = RunFolder::open(folder.toStdU16String());
  const Result<Project> project = run ? run->project() : Result<Project>(run.error());
  if (!project) {
    emit message(QString::fromStdString(project.error().message));
    return;
  }
  auto* dialog = new ForkDialog({folder, title, *project}, document_.project(), this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QDialog::accepted, this, [this, dialog, folder, title, recipe = project->recipe] {
    if (dialog->takes_recipe()) {
      const Result<void> done = document_.edit(tr("Take the recipe of %1").arg(title), {SetRecipe{recipe}});
      if (!done) emit message(QString::fromStdString(done.error().message));
    }
    recipe_->start()->choose_run({folder, title}, dialog->checkpoint());
    findChild<QScrollArea*>(QStringLiteral("training.recipe"))->ensureWidgetVisible(recipe_->start());
    emit message(tr("The next run starts from “%1”: set its recipe, then train").arg(title));
  });
  dialog->open();
}

void TrainingPanel::set_weights(std::function<QString()> file) {
  weights_ = std::move(file);
  follow_document();
}

void TrainingPanel::show_report() {
  const QString folder = is_showing_live_ ? live_folder_ : past_folder_;
  show_report_window(
      folder, this, [this] { return is_running(); }, engine_.program());
}

void TrainingPanel::stop() {
  if (!is_running() || controls_->state() == RunState::Stopping) return;
  controls_->set_state(RunState::Stopping);
  if (is_showing_live_) view_->set_heading(live_heading());
  list_live();
  engine_.stop();
}

void TrainingPanel::pause() {
  if (controls_->state() != RunState::Running) return;
  controls_->set_state(RunState::Pausing);
  engine_.send({Command::Kind::Pause});
}

void TrainingPanel::resume() {
  if (controls_->state() == RunState::Paused) engine_.send({Command::Kind::Resume});
}

void TrainingPanel::set(const QString& setting, double value) {
  engine_.send({Command::Kind::Set, setting.toStdString(), value});
}

void TrainingPanel::show_settings() {
  controls_->show_setting(QStringLiteral("learning_rate"), live_.learning_rate());
  controls_->show_setting(QStringLiteral("epochs"),
                          live_.run ? std::optional<double>(live_.run->epochs) : std::nullopt);
  controls_->show_setting(QStringLiteral("discriminator_steps"), live_.discriminator_steps());
}

void TrainingPanel::take(const Event& event) {
  live_.add(event);
  if (std::holds_alternative<RunEvent>(event)) {
    remove_live_project();  // the engine has read it, and keeps its own copy in the run folder
    if (controls_->state() == RunState::Starting) controls_->set_state(RunState::Running);
    list_live();
  } else if (std::holds_alternative<CommandEvent>(event) && controls_->state() != RunState::Stopping) {
    controls_->set_state(live_.is_paused ? RunState::Paused : RunState::Running);
    list_live();
  } else if (std::holds_alternative<EpochEvent>(event)) {
    list_live();
    sweep_view_->refresh();
  } else if (const auto* memory = std::get_if<MemoryEvent>(&event); memory && live_.run) {
    emit memory_measured(QString::fromStdString(live_.run->network), memory->peak_bytes, memory->batch);
  } else if (const auto* said = std::get_if<MessageEvent>(&event)) {
    emit message(QString::fromStdString(said->text));
  }
  show_settings();
  comparison_->follow();
  if (is_showing_live_) {
    view_->set_heading(live_heading());
    view_->follow(live_, true);
    if (std::holds_alternative<RunEvent>(event)) show_tabs(live_, live_folder_, true);
    if (const auto* saved = std::get_if<CheckpointEvent>(&event); saved && saved->is_best) try_->weights_changed();
    const bool is_sample = std::holds_alternative<SampleEvent>(event);
    if (is_sample || std::holds_alternative<ConfusionEvent>(event)) show_classes(live_, live_folder_);
    if (is_sample) show_samples(live_, live_folder_, true);
    if (std::holds_alternative<LayersEvent>(event) && !layers_due_.isActive()) layers_due_.start();
  }
  emit progress_changed(live_.fraction(), QStringLiteral("%1   %2").arg(live_heading(), progress_text(live_)));
}

void TrainingPanel::end(const QString& failure) {
  if (!is_running()) return;
  remove_live_project();
  live_project_file_.clear();
  live_failure_ = failure;
  if (live_failure_.isEmpty() && live_.done && live_.done->reason != "finished" && live_.done->reason != "stopped") {
    live_failure_ = QString::fromStdString(live_.done->message);
  }
  controls_->set_state(RunState::Idle);
  view_->set_can_continue(true);
  recipe_->set_range_test(obstacle());
  if (is_showing_live_) {
    view_->set_heading(live_heading());
    view_->follow(live_, false);
    view_->set_failure(live_failure_);
  }
  comparison_->set_live(live_folder_, live_, false);
  runs_->keeping()->set_under_way({});
  runs_->clear_live();
  take_unsaved_runs_along();  // the project may have got its file while it trained
  runs_->show_runs_of(runs_owner_);
  follow_ended_run();
  emit running_changed(false);
  emit progress_changed(-1, {});
  emit message(live_failure_.isEmpty() ? tr("Training %1").arg(summary_text(live_))
                                       : live_failure_.section(QLatin1Char('\n'), 0, 0));
  go_on_with_queue();
}

QString TrainingPanel::live_heading() const {
  switch (controls_->state()) {
    case RunState::Starting:
      return tr("Starting the engine…");
    case RunState::Running:
      return tr("Training");
    case RunState::Pausing:
      return tr("Pausing…");
    case RunState::Paused:
      return tr("Paused");
    case RunState::Stopping:
      return tr("Stopping…");
    case RunState::Idle:
      break;
  }
  return tr("Last run");
}

void TrainingPanel::list_live() {
  RunSummary summary = summary_of_run(live_);
  summary.folder = live_folder_;
  if (live_sweep_) {
    summary.sweep = QString::fromStdString(live_sweep_->sweep.id);
    summary.sweep_title = QString::fromStdString(title_of(live_sweep_->sweep));
  }
  summary.name =
      live_sweep_ ? QString::fromStdString(values_title(live_sweep_->sweep, live_sweep_->values)) : tr("This run");
  summary.state = live_heading();
  runs_->set_live(summary);
}

void TrainingPanel::show_live() {
  reading_.cancel();
  is_showing_live_ = true;
  strip_->show_run(live_sweep_);
  middle_->setCurrentWidget(run_page_);
  runs_->choose_only(live_folder_);
  view_->show_run(live_heading(), live_, is_running());
  view_->set_failure(live_failure_);
  show_tabs(live_, live_folder_, is_running());
}

void TrainingPanel::show_past(const QString& folder) {
  reading_.run(
      [folder](const std::atomic<bool>& /*cancelled*/) -> ReadRun {
        const Result<RunFolder> run = RunFolder::open(folder.toStdU16String());
        if (!run) return {{}, QString::fromStdString(run.error().message)};
        const Result<std::vector<Event>> events = run->events();
        if (!events) return {{}, QString::fromStdString(events.error().message)};
        const auto sweep = read_sweep_run(run->path());
        return {record_of(*events), {}, sweep ? *sweep : std::nullopt};
      },
      [this, folder](const ReadRun& read) {
        if (!read.problem.isEmpty()) {
          emit message(read.problem);
          return;
        }
        is_showing_live_ = false;
        past_folder_ = folder;
        strip_->show_run(read.sweep);
        middle_->setCurrentWidget(run_page_);
        runs_->choose_only(folder);
        const bool has_name = read.record.run && !read.record.run->name.empty();
        const std::string name = has_name ? read.record.run->name : QFileInfo(folder).fileName().toStdString();
        const std::string title = notes_of_run(folder).title;
        view_->show_run(QString::fromStdString(title.empty() ? title_of_run(name) : title), read.record, false);
        const bool went_wrong =
            read.record.done && read.record.done->reason != "finished" && read.record.done->reason != "stopped";
        view_->set_failure(went_wrong ? QString::fromStdString(read.record.done->message) : QString());
        show_tabs(read.record, folder, false);
      });
}

void TrainingPanel::show_several(const std::vector<ChosenRun>& runs) {
  reading_.cancel();
  comparison_->show_runs(runs);
  middle_->setCurrentWidget(comparison_);
}

void TrainingPanel::show_nothing() {
  reading_.cancel();
  middle_->setCurrentWidget(run_page_);
  view_->clear();
  strip_->show_run({});
  show_tabs({}, {}, false);
}

/// Runs that were deleted: what is shown of them goes.
void TrainingPanel::forget(const QStringList& folders) {
  for (const QString& folder : folders) unsaved_runs_.removeAll(folder);
  const bool is_shown = folders.contains(is_showing_live_ ? live_folder_ : past_folder_);
  if (is_shown && middle_->currentWidget() == run_page_) show_nothing();
}

void TrainingPanel::show_classes(const RunRecord& record, const QString& folder) {
  classes_->show_run(record, folder);
  tabs_->setTabVisible(tabs_->indexOf(classes_), !classes_->is_empty());
}

void TrainingPanel::show_samples(const RunRecord& record, const QString& folder, bool is_live) {
  samples_->show_samples(folder, record.samples, is_live);
  tabs_->setTabVisible(tabs_->indexOf(samples_), !samples_->is_empty());
}

void TrainingPanel::show_layers(const RunRecord& record) {
  layers_->show_layers(record.layers);
  tabs_->setTabVisible(tabs_->indexOf(layers_), !record.layers.empty());
}

void TrainingPanel::show_tabs(const RunRecord& record, const QString& folder, bool is_live) {
  show_classes(record, folder);
  show_samples(record, folder, is_live);
  show_layers(record);
  // Before its first checkpoint a run has no weights to try.
  const bool is_there = record.run.has_value() && !folder.isEmpty();
  try_->set_program(engine_.program());
  try_->show_run(is_there ? folder : QString());
  tabs_->setTabVisible(tabs_->indexOf(try_), is_there);
}

void TrainingPanel::find_learning_rate() {
  if (is_running() || !obstacle().isEmpty()) return;
  auto* dialog = new RangeTestDialog(document_, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->engine().set_program(engine_.program());
  dialog->start(controls_->device(), weights_ ? weights_() : QString());
  dialog->open();
}

}  // namespace netwright
