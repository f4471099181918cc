#pragma once
// Training beneath the canvas: the recipe on the left, the curves of the live run (or of one reopened) in the middle,
// confusion matrix, past runs and the data on the right.

#include <QWidget>
#include <memory>

#include "backend/run/event.h"
#include "designer/document/document.h"

class QLabel;
class QTabWidget;

namespace netwright {

class ConfusionView;
class DataPreview;
class EngineProcess;
class LiveChart;
class RecipeColumn;
class RunCharts;
class RunControls;
class RunList;
class RunRecord;

class TrainingPanel : public QWidget {
  Q_OBJECT

 public:
  explicit TrainingPanel(Document& document, QWidget* parent = nullptr);
  ~TrainingPanel() override;

  /// True from start() until the engine's process has ended.
  bool is_running() const;
  /// The engine to start instead of the one found beside this program or on the PATH.
  void set_engine_program(const QString& program);

 public slots:
  /// Trains what is drawn now, saved or not. Says why in message() where it can't.
  void start();
  /// Asks the engine to stop with a checkpoint; is_running() turns false when it has.
  void stop();
  void pause();
  void resume();

 signals:
  void running_changed(bool running);
  /// For the status bar: 0..1 (or below 0 where unknown) and one line of words.
  void progress_changed(double fraction, const QString& text);
  void message(const QString& text);
  /// The user wants to see what forbids training.
  void problems_requested();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace netwright
