#pragma once
// What a sweep came to, while it goes on and after: a table, parallel coordinates, and the trade-offs.

#include <QTimer>
#include <QWidget>

#include "designer/document/background.h"
#include "designer/sweep/sweep_plot.h"

class QComboBox;
class QLabel;
class QStackedWidget;
class QToolButton;

namespace netwright {

class ElidedLabel;
class ParallelView;
class ParetoView;
class RunsTable;

class SweepView : public QWidget {
  Q_OBJECT

 public:
  explicit SweepView(QWidget* parent = nullptr);

  /// Reads the runs in the background. `sweep`: where none of its runs has begun yet.
  void show_sweep(const QString& owner, const QString& id, const Sweep& sweep = {}, int count = 0);
  const QString& sweep() const { return id_; }
  /// The run that goes on, or empty.
  void set_live_folder(const QString& folder);
  /// Something new may be in the records: reads them again soon.
  void refresh();
  const SweepTable& table() const { return table_; }

 signals:
  void run_chosen(const QString& folder);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  enum class Page { Table, Parallel, Pareto };

  void build();
  QToolButton* add_page_button(Page page, const char* name, const QString& text, const QString& tip);
  void read();
  void show_table();
  void show_pareto();
  void show_words();
  void show_page(Page page);
  void arrange();
  void open(int run);
  void restyle();
  SweepCost cost() const;

  QString owner_;
  QString id_;
  QString live_folder_;
  SweepTable table_;
  Page page_ = Page::Parallel;
  bool is_log_chosen_ = false;  ///< else as the costs want it
  QTimer timer_;
  Background reading_;

  QLabel* heading_;
  ElidedLabel* words_;
  QList<QToolButton*> pages_;
  QComboBox* cost_;
  QToolButton* log_;
  QStackedWidget* charts_;
  ParallelView* parallel_;
  ParetoView* pareto_;
  RunsTable* runs_;
};

}  // namespace netwright
