#pragma once
// The report of one run in a window of its own: made by the engine in the background, read here, in a browser or from a
// file.

#include <QWidget>
#include <functional>

#include "designer/training/engine_process.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QStackedWidget;

namespace netwright {

class ReportView;
struct RunReport;

class ReportWindow : public QWidget {
  Q_OBJECT

 public:
  /// `name`: the run's, for people. Shows the report that lies in the folder, or how to make one.
  ReportWindow(const QString& run_folder, const QString& name, QWidget* parent = nullptr);
  ~ReportWindow() override;

  /// Tells whether a run trains meanwhile: a report may be made all the same, and it is said what that costs.
  void set_training(std::function<bool()> is_training);
  /// Further arguments of `netwright-engine report`.
  void set_engine_arguments(const QStringList& arguments) { arguments_ = arguments; }
  EngineProcess& engine() { return engine_; }
  const QString& run_folder() const { return folder_; }

 public slots:
  void make_report();
  void open_in_browser();
  /// Asks where to.
  void save_page();

 private:
  void build();
  void load();
  void show_state();
  void take(const Event& event);
  void end(const QString& failure);
  void fail(const QString& title, const QString& why);
  bool is_outdated() const;

  QString folder_;
  QString name_;
  EngineProcess engine_;
  QStringList arguments_;
  std::function<bool()> is_training_;
  std::shared_ptr<const RunReport> report_;
  QString failure_;

  QLabel* heading_;
  QLabel* words_;
  QProgressBar* progress_;
  QPushButton* make_;
  QPushButton* browse_;
  QPushButton* save_;
  QStackedWidget* pages_;
  ReportView* view_;
  QLabel* invitation_;
};

/// The window of this run's report, which is brought to the front where there is one: a child of `parent`, gone when
/// closed. `program`: the engine, empty for the one that is found.
ReportWindow* show_report_window(const QString& run_folder, QWidget* parent, std::function<bool()> is_training,
                                 const QString& program);

}  // namespace netwright
