#pragma once
// The runs of the project, newest first, the live one on top. A click shows one again; several are compared.

#include <QStringList>
#include <QWidget>
#include <map>
#include <optional>
#include <vector>

#include "backend/run/run_notes.h"
#include "designer/document/background.h"
#include "designer/training/run_record.h"

class QLabel;
class QTreeWidgetItem;

namespace netwright {

class RunKeeping;
class RunTree;

struct RunSummary {
  QString folder;
  QString name;
  QString started;  ///< UTC, ISO 8601
  QString task;
  QString best;        ///< the main figure's best, an arrow saying which way is better; empty where there is none
  QString best_words;  ///< the same in words
  QString state;
  QStringList changes = {};  ///< since the run before it; of a sweep's run, its values
  QString sweep = {};        ///< the id of the one it belongs to
  QString sweep_title = {};
  qint64 record_bytes = 0;
  RunNotes notes = {};

  /// Runs of a project bear one name; what tells them apart is their title, or what was changed.
  QString title() const;
};

/// One of several that the user has chosen.
struct ChosenRun {
  QString folder;
  QString title;   ///< unlike the others'
  int colour = 0;  ///< the theme's series colours in turn; a run keeps its own as long as it is chosen
  bool operator==(const ChosenRun&) const = default;
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
  /// Only this one is chosen from now on, once it is listed; nothing is signalled.
  void choose_only(const QString& folder);
  /// What is done with runs besides looking at them; the list follows.
  RunKeeping* keeping() const { return keeping_; }
  /// As it is shown; the folder's name where it isn't listed.
  QString title_of(const QString& folder) const;

 signals:
  void run_chosen(const QString& folder);
  void live_chosen();
  /// The heading over a sweep's runs.
  void sweep_chosen(const QString& id);
  /// Two or more: to be compared. Signalled again when a title or a note changes.
  void several_chosen(const std::vector<ChosenRun>& runs);
  /// Of several none is left.
  void none_chosen();

 protected:
  void resizeEvent(QResizeEvent* event) override;

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void fill();
  QTreeWidgetItem* add_item(const RunSummary& summary, bool is_in_sweep);
  QTreeWidgetItem* sweep_item(const RunSummary& summary);
  void take_choice();
  void choose_sweep(const QString& id);
  void tell_choice();
  void assign_colours();
  std::vector<ChosenRun> chosen_runs() const;
  const RunSummary* find_run(const QString& folder) const;
  void read_notes_again(const QString& folder);
  void forget(const QStringList& folders);
  void open_menu(QPoint position);
  void show_tasks();
  void make_room_for_names();
  void size_name();
  void show_hint();
  void set_columns(QTreeWidgetItem& item, const RunSummary& summary) const;
  void set_tick(QTreeWidgetItem& item) const;

  RunKeeping* keeping_;
  RunTree* tree_;
  QLabel* empty_;
  QLabel* hint_;
  QStringList chosen_;           ///< folders, in the list's order
  std::vector<ChosenRun> told_;  ///< several_chosen() said so last; empty since something else was
  std::map<QString, int> colours_;
  std::vector<RunSummary> runs_;
  std::optional<RunSummary> live_;
  QString project_file_;
  Background loading_;
};

}  // namespace netwright
