#pragma once
// The charts of a run, one for each group of its figures: as many side by side as there is room for, up to three; a
// row of names chooses which.

#include <QWidget>
#include <string>
#include <vector>

#include "designer/training/run_record.h"

class QHBoxLayout;
class QToolButton;

namespace netwright {

class LiveChart;

/// What one chart draws.
struct ChartPlan {
  QString title;
  std::vector<FigureSpec> figures;  ///< none: the learning rate
  QString held_out = {};            ///< what the split is called by which epochs are judged
  bool is_share() const;            ///< in percent
  bool operator==(const ChartPlan&) const = default;
};

/// One for each `chart` that the figures name, in their order, then the learning rate's where it changes.
std::vector<ChartPlan> charts_of(const RunRecord& record);

class RunCharts : public QWidget {
  Q_OBJECT

 public:
  explicit RunCharts(QWidget* parent = nullptr);

  /// Another run.
  void show_run(const RunRecord& record);
  /// The same run with more in it: what is new is added.
  void follow(const RunRecord& record);
  void set_smoothing(double beta);
  /// Of every chart but those of shares.
  void set_log(bool is_log);

  /// Its object name is `chart.` and its title; null where there is none.
  LiveChart* chart(const QString& title) const;
  /// Titles of the charts that are seen now.
  QStringList visible_charts() const;

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  /// A curve of a chart, by what of the record it follows.
  struct Source {
    int curve;
    std::string figure;  ///< empty: the learning rate
    Curve FigureCurves::*split;
  };
  struct Entry {
    ChartPlan plan;
    LiveChart* chart;
    QToolButton* toggle;
    std::vector<Source> sources;
  };

  void rebuild(const RunRecord& record, const std::vector<ChartPlan>& plans);
  Entry make_entry(const ChartPlan& plan);
  void choose_usual(const RunRecord& record);
  void toggle(const QString& title);
  void arrange();
  void arrange_chooser();
  QRect chart_area() const;

  std::vector<Entry> entries_;
  QStringList chosen_;  ///< titles, the last chosen last: where there is no room the first ones give way
  bool is_chosen_by_user_ = false;
  QWidget* chooser_;
  QHBoxLayout* chooser_row_;
  double smoothing_ = 0;
  bool is_log_ = false;
};

}  // namespace netwright
