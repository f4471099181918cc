#pragma once
// Several runs beside each other: their curves together, and below them a table of what they reached and in what
// they differ.

#include <QWidget>
#include <map>
#include <memory>
#include <vector>

#include "designer/document/background.h"
#include "designer/training/comparison_table.h"
#include "designer/training/run_list.h"

class QBoxLayout;
class QComboBox;
class QLabel;
class QSplitter;
class QStackedWidget;
class QToolButton;

namespace netwright {

class CompareCharts;
class ElidedLabel;
class RunTable;
class SmoothingControl;

class RunComparison : public QWidget {
  Q_OBJECT

 public:
  explicit RunComparison(RunKeeping& keeping, QWidget* parent = nullptr);

  /// Reads what it doesn't know yet in the background, and shows it then.
  void show_runs(const std::vector<ChosenRun>& runs);
  /// The run that the designer trains or trained last: its record is followed where it is among those shown. The record
  /// outlives this, but is another run's when this is called with another folder.
  void set_live(const QString& folder, const RunRecord& record, bool is_under_way);
  /// The live record has more in it.
  void follow();

  CompareCharts* charts() const { return charts_; }
  RunTable* table() const { return table_; }

  /// It gives way: a comparison mustn't push the panels beside it.
  QSize minimumSizeHint() const override { return {200, 160}; }

 signals:
  void message(const QString& text);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  /// What was read of a run.
  struct Loaded {
    qint64 record_bytes = -1;
    std::shared_ptr<const RunRecord> record;
    std::shared_ptr<const Project> project;
    QString problem;
  };
  using LoadedRuns = std::map<QString, Loaded>;

  void build_header(QBoxLayout& row);
  void restyle();
  void show_loaded();
  void show_words();
  std::vector<ComparedRun> compared() const;
  void show_table();
  void share_height();
  static Loaded load(const QString& folder, bool is_live);

  std::vector<ChosenRun> runs_;
  LoadedRuns loaded_;
  QString live_folder_;
  std::shared_ptr<const RunRecord> live_;  ///< the caller's
  bool is_live_under_way_ = false;
  int live_epochs_ = -1;  ///< in the table
  bool is_split_by_user_ = false;
  Background reading_;

  QLabel* heading_;
  ElidedLabel* left_out_;
  QComboBox* axis_;
  QComboBox* splits_;
  QToolButton* log_x_;
  QToolButton* log_y_;
  SmoothingControl* smoothing_;
  QToolButton* save_;
  QSplitter* splitter_;
  QStackedWidget* pages_;
  CompareCharts* charts_;
  QLabel* nothing_;
  RunTable* table_;
};

}  // namespace netwright
