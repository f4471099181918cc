#pragma once
// One run, live or past: a line of figures and what goes wrong over the charts.

#include <QWidget>

#include "designer/training/run_record.h"

class QLabel;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace netwright {

class AlarmStrip;
class ElidedLabel;
class RunCharts;
class SmoothingControl;

class RunView : public QWidget {
  Q_OBJECT

 public:
  explicit RunView(QWidget* parent = nullptr);

  /// Empty: says how to begin.
  void clear();
  /// Another run, under this heading; `is_live`: it goes on.
  void show_run(const QString& heading, const RunRecord& record, bool is_live);
  /// The same run with more in it: what is new is added.
  void follow(const RunRecord& record, bool is_live);
  void set_heading(const QString& heading);
  /// Of a run that isn't live; see continue_requested().
  void set_can_continue(bool can_continue);
  /// What went wrong, its first line as the message and the others as log; empty hides it.
  void set_failure(const QString& words);

  RunCharts* charts() const { return charts_; }
  /// By the run that is shown.
  int epochs_done() const { return epochs_done_; }

 signals:
  /// To go on with the run that is shown; `has_finished`: for more epochs than it was to have.
  void continue_requested(bool has_finished);
  /// A new run is to go on from the one that is shown, by a recipe of its own.
  void fork_requested();
  /// For the report of the run that is shown.
  void report_requested();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void build_header();
  void build_failure();
  void restyle();
  void show_words();
  void offer_to_continue(const RunRecord& record, bool is_live);

  QStackedWidget* pages_;
  QLabel* invitation_;
  QLabel* heading_;
  QPushButton* continue_;
  QPushButton* fork_;
  QPushButton* report_;
  ElidedLabel* figures_;
  QProgressBar* progress_;
  QWidget* failure_;
  QLabel* failure_words_;
  QPlainTextEdit* failure_log_;
  SmoothingControl* smoothing_;
  QToolButton* log_;
  AlarmStrip* alarms_;
  bool has_finished_ = false;
  int epochs_done_ = 0;
  RunCharts* charts_;
};

}  // namespace netwright
