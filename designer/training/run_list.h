#pragma once
// The runs of the project, newest first, the live one on top. A click shows one again.

#include <QStringList>
#include <QWidget>
#include <optional>
#include <vector>

#include "designer/document/background.h"
#include "designer/training/run_record.h"

class QLabel;
class QTreeWidget;
class QTreeWidgetItem;

namespace netwright {

struct RunSummary {
  QString folder;
  QString name;
  QString started;  ///< UTC, ISO 8601
  QString task;
  QString best;        ///< the main figure's best, an arrow saying which way is better; empty where there is none
  QString best_words;  ///< the same in words
  QString state;
  QStringList changes = {};  ///< since the run before it
  qint64 record_bytes = 0;
};

/// What a record says of a run; folder, changes and bytes are the caller's to fill in.
RunSummary summary_of_run(const RunRecord& record);

/// Reads the records of all runs whose summary isn't among `known` any more; slow, for another thread.
std::vector<RunSummary> summaries_of_runs(const QString& project_file, const std::vector<RunSummary>& known,
                                          const std::atomic<bool>& cancelled);

class RunList : public QWidget {
  Q_OBJECT

 public:
  explicit RunList(QWidget* parent = nullptr);

  /// Reads the folder again in the background.
  void show_runs_of(const QString& project_file);
  /// The run that goes on now; its summary may be set again at any time.
  void set_live(const RunSummary& summary);
  void clear_live();
  int count() const;

 signals:
  void run_chosen(const QString& folder);
  void live_chosen();

 private:
  void fill();
  void choose(QTreeWidgetItem* item);
  void show_tasks();
  static void set_columns(QTreeWidgetItem& item, const RunSummary& summary);

  QTreeWidget* tree_;
  QLabel* empty_;
  std::vector<RunSummary> runs_;
  std::optional<RunSummary> live_;
  QString project_file_;
  Background loading_;
};

}  // namespace netwright
