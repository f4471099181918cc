#pragma once
// Training beneath the canvas: the recipe on the left, the curves of the live run (or of one reopened) in the middle,
// the data, what a run shows besides its curves, and past runs on the right.

#include <QTimer>
#include <QWidget>
#include <functional>

#include "backend/sweep/variants.h"
#include "designer/document/background.h"
#include "designer/document/document.h"
#include "designer/training/engine_process.h"
#include "designer/training/run_queue.h"
#include "designer/training/run_record.h"

class QStackedWidget;
class QTabWidget;

namespace netwright {

class ClassPage;
class DataPreview;
class LayersView;
class RecipeColumn;
class RunComparison;
class RunControls;
class RunList;
class RunView;
struct ChosenRun;
class SampleViews;
class TryView;
class SweepStrip;
class SweepView;
class WaitingList;

class TrainingPanel : public QWidget {
  Q_OBJECT

 public:
  explicit TrainingPanel(Document& document, QWidget* parent = nullptr);
  ~TrainingPanel() override;

  /// True from start() until the engine's process has ended.
  bool is_running() const;
  /// Why start() would refuse now; empty where it wouldn't.
  QString obstacle() const;
  /// Runs that wait for their turn.
  const RunQueue& queue() const { return queue_; }
  /// Of the run under way or the last one; empty before the first.
  QString run_folder() const { return live_folder_; }
  /// The engine process, to name another program or other grace times.
  EngineProcess& engine() { return engine_; }
  /// Further arguments of `netwright-engine train`, such as --limit-samples.
  void set_engine_arguments(const QStringList& arguments) { engine_arguments_ = arguments; }
  /// Tells of the weights that came with the project, a safetensors file; training starts from them if they fit.
  void set_weights(std::function<QString()> file);

 public slots:
  /// Trains what is drawn now, saved or not; while a run goes on, after it and those that wait. Says why in message()
  /// where it can't.
  void start();
  /// Asks the engine to stop with a checkpoint; is_running() turns false when it has.
  void stop();
  void pause();
  void resume();
  /// Goes on with a run that was stopped or cut off; `epochs`: as many as there are to be in all, 0: as was planned.
  void continue_run(const QString& folder, int epochs = 0);
  /// Opens the search for a learning rate.
  void find_learning_rate();
  /// Opens the dialog that queues a sweep.
  void open_sweep();
  /// Stops the run that goes on and forgets those that wait.
  void stop_all();

 signals:
  void running_changed(bool running);
  /// For the status bar: 0..1 (below 0 where unknown) and one line of words; both empty (-1, "") when the run is over.
  void progress_changed(double fraction, const QString& text);
  void message(const QString& text);
  /// So many runs wait now.
  void queue_changed(int count);
  /// What a training step of the named network took.
  void memory_measured(const QString& network, qint64 peak_bytes, qint64 batch);
  /// The user wants to see what forbids training.
  void problems_requested();

 private:
  void build();
  QWidget* build_middle();
  QWidget* build_runs();
  void begin(const EngineJob& job, const Recipe& recipe, bool shows_it = true);
  QueuedRun present_run() const;
  bool launch(const QueuedRun& run, bool shows_it);
  void start_next();
  void go_on_with_queue();
  void follow_continued_run(const QString& folder);
  void follow_ended_run();
  void queue_sweep(const Sweep& wanted, const std::vector<Variant>& variants);
  void show_sweep(const QString& id);
  void open_run(const QString& folder);
  void ask_to_continue(bool has_finished);
  void ask_to_fork(const QString& folder, const QString& title);
  void show_report();
  void follow_document();
  bool take_unsaved_runs_along();
  void take(const Event& event);
  void end(const QString& failure);
  void remove_live_project();
  void set(const QString& setting, double value);
  void show_settings();
  void show_live();
  void show_past(const QString& folder);
  void show_several(const std::vector<ChosenRun>& runs);
  void show_nothing();
  void forget(const QStringList& folders);
  /// The tabs of what there is to see besides curves; those of what a run doesn't have are hidden.
  void show_classes(const RunRecord& record, const QString& folder);
  void show_samples(const RunRecord& record, const QString& folder, bool is_live);
  void show_layers(const RunRecord& record);
  /// All of the above.
  void show_tabs(const RunRecord& record, const QString& folder, bool is_live);
  void list_live();
  QString live_heading() const;

  Document& document_;
  EngineProcess engine_;
  QStringList engine_arguments_;
  RunRecord live_;
  QString live_folder_;
  QString live_project_file_;
  Project live_project_;
  std::optional<SweepRun> live_sweep_;
  RunQueue queue_;
  std::function<QString()> weights_;
  QString live_failure_;
  QString runs_owner_;
  QStringList unsaved_runs_;  ///< of this project, from before it had a file
  bool is_showing_live_ = true;
  QString past_folder_;  ///< of the run that is shown where that isn't the live one
  Background reading_;
  QTimer layers_due_;  ///< small networks tell of their layers hundreds of times a second

  RunControls* controls_;
  RecipeColumn* recipe_;
  QStackedWidget* middle_;  ///< one run, several compared, or a sweep
  RunView* view_;
  RunComparison* comparison_;
  QTabWidget* tabs_;
  DataPreview* data_;
  ClassPage* classes_;
  SampleViews* samples_;
  LayersView* layers_;
  TryView* try_;
  RunList* runs_;
  WaitingList* waiting_;
  QWidget* run_page_;
  SweepStrip* strip_;
  SweepView* sweep_view_;
};

}  // namespace netwright
