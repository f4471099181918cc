#include "designer/training/run_list.h"

#include <QBoxLayout>
#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QSignalBlocker>
#include <algorithm>
#include <functional>
#include <set>

#include "backend/run/run_folder.h"
#include "backend/sweep/sweep_json.h"
#include "backend/sweep/sweep_text.h"
#include "designer/theme/theme.h"
#include "designer/training/figure_words.h"
#include "designer/training/project_changes.h"
#include "designer/training/run_keeping.h"
#include "designer/training/run_marks.h"
#include "designer/training/run_tree.h"

namespace netwright {
namespace {

enum Column { Name, Task, Started, Best, State, column_count };
constexpr int least_for_times = 420;
constexpr int sweep_indentation = 12;
constexpr int least_section = 56;
constexpr int least_run_name = 130;  // where all columns don't fit, they scroll

}  // namespace

QString RunSummary::title() const {
  if (!notes.title.empty()) return QString::fromStdString(notes.title);
  return changes.isEmpty() ? name : changes.join(QStringLiteral(", "));
}

RunSummary summary_of_run(const RunRecord& record) {
  RunSummary summary;
  if (record.run) {
    summary.name = QString::fromStdString(title_of_run(record.run->name));
    summary.started = QString::fromStdString(record.run->started);
    summary.task = QString::fromStdString(record.run->task);
  }
  const FigureSpec* main = record.main_figure();
  if (const auto best = record.best(); main && best) {
    const bool is_higher = main->better == "higher";
    summary.best = (is_higher ? QStringLiteral("↑ ") : QStringLiteral("↓ ")) + value_text(*main, *best);
    summary.best_words =
        (is_higher ? RunList::tr("%1: %2 (higher is better)") : RunList::tr("%1: %2 (lower is better)"))
            .arg(QString::fromStdString(main->title), value_text(*main, *best));
  }
  summary.state = ending_text(record.ending());
  return summary;
}

std::vector<RunSummary> summaries_of_runs(const QString& project_file, const std::vector<RunSummary>& known,
                                          const std::atomic<bool>& cancelled) {
  std::vector<RunSummary> summaries;
  const std::vector<RunFolder> runs = runs_of(project_file.toStdU16String());
  for (std::size_t place = 0; place < runs.size(); ++place) {
    if (cancelled) break;
    const RunFolder& run = runs[place];
    RunSummary summary;
    summary.folder = QString::fromStdU16String(run.path().u16string());
    summary.record_bytes = QFileInfo(QString::fromStdU16String(run.events_file().u16string())).size();
    const auto same = std::find_if(known.begin(), known.end(), [&](const RunSummary& old) {
      return old.folder == summary.folder && old.record_bytes == summary.record_bytes;
    });
    const RunNotes notes = notes_of_run(summary.folder);
    if (same != known.end()) {
      summaries.push_back(*same);
      summaries.back().notes = notes;
      continue;
    }
    if (const Result<std::vector<Event>> events = run.events()) {
      RunSummary told = summary_of_run(record_of(*events));
      told.folder = summary.folder;
      told.record_bytes = summary.record_bytes;
      summary = std::move(told);
    } else {
      summary.state = RunList::tr("unreadable");
    }
    if (summary.name.isEmpty()) {
      summary.name = QString::fromStdString(title_of_run(QFileInfo(summary.folder).fileName().toStdString()));
    }
    if (place + 1 < runs.size()) {
      const auto before = runs[place + 1].project();
      const auto trained = run.project();
      if (before && trained) summary.changes = changes_since(*before, *trained);
    }
    if (const auto sweep = read_sweep_run(run.path()); sweep && *sweep) {
      summary.sweep = QString::fromStdString((*sweep)->sweep.id);
      summary.sweep_title = QString::fromStdString(netwright::title_of((*sweep)->sweep));
      summary.changes = {QString::fromStdString(values_title((*sweep)->sweep, (*sweep)->values))};
    }
    summary.notes = notes;
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

RunList::RunList(QWidget* parent)
    : QWidget(parent), keeping_(new RunKeeping(this)), tree_(new RunTree), empty_(new QLabel), hint_(new QLabel) {
  tree_->setObjectName(QStringLiteral("training.runs"));
  tree_->setAccessibleName(tr("Runs"));
  tree_->setColumnCount(column_count);
  tree_->setHeaderLabels({tr("Run"), tr("Task"), tr("Started"), tr("Best"), tr("State")});
  tree_->setRootIsDecorated(false);
  tree_->setIndentation(sweep_indentation);
  tree_->setUniformRowHeights(true);
  tree_->setFrameShape(QFrame::NoFrame);
  tree_->header()->setStretchLastSection(false);
  tree_->header()->setMinimumSectionSize(least_section);
  tree_->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
  tree_->header()->setSectionResizeMode(Name, QHeaderView::Fixed);
  // What tells most comes first.
  tree_->header()->moveSection(tree_->header()->visualIndex(Best), 1);
  tree_->header()->moveSection(tree_->header()->visualIndex(State), 2);
  tree_->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(tree_, &RunTree::resized, this, &RunList::size_name);
  connect(tree_, &RunTree::choice_made, this, &RunList::take_choice);
  connect(tree_, &RunTree::itemActivated, this, &RunList::take_choice);
  connect(tree_, &RunTree::heading_chosen, this, &RunList::choose_sweep);
  connect(tree_, &RunTree::customContextMenuRequested, this, &RunList::open_menu);
  connect(tree_, &RunTree::delete_pressed, this, [this] { keeping_->remove(tree_->chosen_folders()); });
  // Queued: the list is filled anew, which takes the editor away.
  connect(tree_, &RunTree::title_edited, keeping_, &RunKeeping::set_title, Qt::QueuedConnection);
  connect(keeping_, &RunKeeping::notes_changed, this, &RunList::read_notes_again);
  connect(keeping_, &RunKeeping::removed, this, &RunList::forget);

  empty_->setText(tr("Runs of this project are listed here."));
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  empty_->setEnabled(false);
  hint_->setObjectName(QStringLiteral("training.runs_hint"));
  hint_->setProperty("role", "caption");
  hint_->setText(tr("Tick two or more to compare them"));
  hint_->setContentsMargins(6, 3, 6, 4);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(tree_);
  layout->addWidget(empty_);
  layout->addWidget(hint_);
  connect(&Theme::instance(), &Theme::changed, this, &RunList::fill);
  fill();
}

/// The name takes what the others leave, but never too little. The runs of a sweep are told apart by their values:
/// where there is little room, those count more than the time.
void RunList::size_name() {
  tree_->setColumnHidden(Started, tree_->rootIsDecorated() && tree_->viewport()->width() < least_for_times);
  const QHeaderView& header = *tree_->header();
  const QAbstractItemView& rows = *tree_;
  int others = 0;
  for (int column = 0; column < column_count; ++column) {
    if (column == Name || tree_->isColumnHidden(column)) continue;
    others += std::max({least_section, rows.sizeHintForColumn(column), header.sectionSizeHint(column)});
  }
  tree_->setColumnWidth(Name, std::max(least_run_name, tree_->viewport()->width() - others));
}

int RunList::count() const {
  return tree_->topLevelItemCount();
}

void RunList::show_runs_of(const QString& project_file) {
  if (project_file != project_file_) {
    runs_.clear();
    chosen_.clear();
    project_file_ = project_file;
    fill();
  }
  loading_.run([project_file, known = runs_](
                   const std::atomic<bool>& cancelled) { return summaries_of_runs(project_file, known, cancelled); },
               [this](std::vector<RunSummary> summaries) {
                 runs_ = std::move(summaries);
                 fill();
               });
}

void RunList::set_columns(QTreeWidgetItem& item, const RunSummary& summary) const {
  item.setText(Name, summary.title());
  item.setText(Started, started_text(summary.started));
  item.setText(Task, summary.task);
  item.setText(Best, summary.best);
  item.setToolTip(Best, summary.best_words);
  item.setText(State, summary.state);
  item.setData(Name, RunTree::folder_role, summary.folder);
  item.setData(Name, RunTree::title_role, summary.title());
  QStringList tip{QString::fromStdString(summary.notes.title), summary.name, summary.task};
  tip += summary.changes;
  tip << QString::fromStdString(summary.notes.note) << started_text(summary.started) << summary.folder;
  tip.removeAll(QString());
  tip.removeDuplicates();
  item.setToolTip(Name, tip.join(QLatin1Char('\n')));
  item.setTextAlignment(Best, Qt::AlignRight | Qt::AlignVCenter);
  for (const int column : {Started, Best}) item.setFont(column, Theme::instance().figures());
}

/// In the colour that the run's curves have, where several are compared.
void RunList::set_tick(QTreeWidgetItem& item) const {
  const auto colour = colours_.find(item.data(Name, RunTree::folder_role).toString());
  item.setIcon(Name,
               run_tick(item.isSelected(), colour == colours_.end() ? std::nullopt : std::optional(colour->second)));
}

/// The heading of the run's sweep, which is made with the newest of its runs.
QTreeWidgetItem* RunList::sweep_item(const RunSummary& summary) {
  for (int row = 0; row < count(); ++row) {
    if (tree_->topLevelItem(row)->data(Name, RunTree::heading_role) == summary.sweep) return tree_->topLevelItem(row);
  }
  auto* item = new QTreeWidgetItem(tree_);
  item->setData(Name, RunTree::heading_role, summary.sweep);
  item->setFlags(Qt::ItemIsEnabled);
  item->setFirstColumnSpanned(true);
  item->setToolTip(Name, tr("A click shows the sweep's runs together"));
  return item;
}

QTreeWidgetItem* RunList::add_item(const RunSummary& summary, bool is_in_sweep) {
  QTreeWidgetItem* heading = is_in_sweep ? sweep_item(summary) : nullptr;
  auto* item = heading ? new QTreeWidgetItem(heading) : new QTreeWidgetItem(tree_);
  set_columns(*item, summary);
  if (heading) {
    const int runs = heading->childCount();
    heading->setText(Name, runs == 1 ? tr("Sweep of %1 · 1 run").arg(summary.sweep_title)
                                     : tr("Sweep of %1 · %2 runs").arg(summary.sweep_title).arg(runs));
  }
  return item;
}

void RunList::fill() {
  const QSignalBlocker blocker(tree_);
  const QString current =
      tree_->currentItem() ? tree_->currentItem()->data(Name, RunTree::folder_role).toString() : QString();
  const QStringList open = tree_->open_headings();
  tree_->clear();
  const auto add = [&](const RunSummary& summary, bool is_in_sweep) {
    QTreeWidgetItem* item = add_item(summary, is_in_sweep);
    const bool is_chosen = chosen_.contains(summary.folder);
    item->setSelected(is_chosen);
    if (is_in_sweep && (is_chosen || open.contains(summary.sweep))) item->parent()->setExpanded(true);
    if (summary.folder == current) tree_->setCurrentItem(item, Name, QItemSelectionModel::NoUpdate);
    return item;
  };
  if (live_) {
    QFont font = tree_->font();
    font.setWeight(QFont::DemiBold);
    add(*live_, false)->setFont(Name, font);
  }
  bool has_sweeps = false;
  for (const RunSummary& summary : runs_) {
    if (live_ && summary.folder == live_->folder) continue;
    add(summary, !summary.sweep.isEmpty());
    has_sweeps = has_sweeps || !summary.sweep.isEmpty();
  }
  tree_->setRootIsDecorated(has_sweeps);
  tree_->setVisible(count() > 0);
  empty_->setVisible(count() == 0);
  show_tasks();
  assign_colours();
  show_hint();
  // Of several that were chosen some may be gone, or called otherwise.
  if (told_.size() > 1 && tree_->chosen_folders() != chosen_) {
    take_choice();
  } else if (told_.size() > 1 && chosen_runs() != told_) {
    tell_choice();
  }
}

/// Only where runs differ in it: the column is narrow.
void RunList::show_tasks() {
  QStringList tasks;
  for (const QTreeWidgetItem* item : tree_->run_items()) tasks << item->text(Task);
  tasks.removeAll(QString());
  tasks.removeDuplicates();
  tree_->setColumnHidden(Task, tasks.size() < 2);
  size_name();
}

void RunList::show_hint() {
  hint_->setVisible(tree_->run_items().size() > 1 && tree_->chosen_folders().size() < 2);
}

void RunList::set_live(const RunSummary& summary) {
  const bool is_new = !live_ || live_->folder != summary.folder;
  live_ = summary;
  live_->notes = notes_of_run(summary.folder);
  if (is_new) {
    fill();
  } else {
    set_columns(*tree_->topLevelItem(0), *live_);
    show_tasks();
  }
}

void RunList::clear_live() {
  // Until it is read again it is listed as it was last seen.
  if (live_ &&
      std::none_of(runs_.begin(), runs_.end(), [&](const RunSummary& r) { return r.folder == live_->folder; })) {
    live_->record_bytes = -1;
    runs_.insert(runs_.begin(), *live_);
  }
  live_.reset();
  fill();
}

void RunList::choose_only(const QString& folder) {
  told_.clear();
  if (chosen_ == QStringList(folder)) return;
  chosen_ = {folder};
  fill();
}

void RunList::take_choice() {
  chosen_ = tree_->chosen_folders();
  assign_colours();
  show_hint();
  tell_choice();
}

void RunList::choose_sweep(const QString& id) {
  chosen_.clear();
  told_.clear();
  assign_colours();
  show_hint();
  emit sweep_chosen(id);
}

/// The first colours that are free for those newly chosen; a single run needs none.
void RunList::assign_colours() {
  const QStringList several = tree_->chosen_folders();
  std::erase_if(colours_, [&](const auto& known) { return several.size() < 2 || !several.contains(known.first); });
  std::set<int> taken;
  for (const auto& [folder, colour] : colours_) taken.insert(colour);
  if (several.size() > 1) {
    for (const QString& folder : several) {
      if (colours_.contains(folder)) continue;
      int colour = 0;
      while (taken.contains(colour)) ++colour;
      colours_[folder] = colour;
      taken.insert(colour);
    }
  }
  for (QTreeWidgetItem* item : tree_->run_items()) set_tick(*item);
}

const RunSummary* RunList::find_run(const QString& folder) const {
  if (live_ && live_->folder == folder) return &*live_;
  const auto run = std::find_if(runs_.begin(), runs_.end(), [&](const RunSummary& r) { return r.folder == folder; });
  return run == runs_.end() ? nullptr : &*run;
}

QString RunList::title_of(const QString& folder) const {
  const RunSummary* run = find_run(folder);
  return run ? run->title() : QString::fromStdString(title_of_run(QFileInfo(folder).fileName().toStdString()));
}

std::vector<ChosenRun> RunList::chosen_runs() const {
  std::vector<ChosenRun> runs;
  for (const QString& folder : chosen_) runs.push_back({folder, title_of(folder), colours_.at(folder)});
  // Those of one title are told apart by when they began, and those of one minute by number.
  const auto mark_doubles = [&](const std::function<QString(const ChosenRun&, int)>& marked) {
    const std::vector<ChosenRun> plain = runs;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const auto has_title = [&](const ChosenRun& other) { return other.title == plain[i].title; };
      const auto before = std::count_if(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(i), has_title);
      if (std::count_if(plain.begin(), plain.end(), has_title) > 1) {
        runs[i].title = marked(plain[i], static_cast<int>(before) + 1);
      }
    }
  };
  mark_doubles([this](const ChosenRun& run, int /*number*/) {
    const RunSummary* known = find_run(run.folder);
    return known ? QStringLiteral("%1 · %2").arg(run.title, started_text(known->started)) : run.title;
  });
  mark_doubles([](const ChosenRun& run, int number) { return QStringLiteral("%1 (%2)").arg(run.title).arg(number); });
  return runs;
}

void RunList::tell_choice() {
  const bool was_several = told_.size() > 1;
  told_.clear();
  if (chosen_.size() > 1) {
    told_ = chosen_runs();
    emit several_chosen(told_);
  } else if (chosen_.size() == 1 && live_ && chosen_.first() == live_->folder) {
    emit live_chosen();
  } else if (chosen_.size() == 1) {
    emit run_chosen(chosen_.first());
  } else if (was_several) {
    emit none_chosen();
  }
}

void RunList::read_notes_again(const QString& folder) {
  const RunNotes notes = notes_of_run(folder);
  if (live_ && live_->folder == folder) live_->notes = notes;
  for (RunSummary& run : runs_) {
    if (run.folder == folder) run.notes = notes;
  }
  const std::vector<ChosenRun> before = told_;
  fill();
  if (told_.size() > 1 && told_ == before && chosen_.contains(folder)) tell_choice();
}

void RunList::forget(const QStringList& folders) {
  std::erase_if(runs_, [&](const RunSummary& run) { return folders.contains(run.folder); });
  // What the runs after them changed is another thing now: they are read again.
  for (RunSummary& run : runs_) run.record_bytes = -1;
  fill();
  show_runs_of(project_file_);
}

void RunList::open_menu(QPoint position) {
  QTreeWidgetItem* item = tree_->itemAt(position);
  if (!item) return;
  QMenu menu(this);
  menu.setObjectName(QStringLiteral("training.runs_menu"));
  const QString folder = item->data(Name, RunTree::folder_role).toString();
  if (folder.isEmpty()) {
    QStringList folders;
    for (int row = 0; row < item->childCount(); ++row) {
      folders << item->child(row)->data(Name, RunTree::folder_role).toString();
    }
    menu.addAction(tr("Delete the sweep's runs"), this, [this, folders] { keeping_->remove(folders); });
    menu.exec(tree_->viewport()->mapToGlobal(position));
    return;
  }
  keeping_->add_actions(menu, tree_->chosen_folders(), item->text(Name), [this, folder] { tree_->edit_title(folder); });
  menu.exec(tree_->viewport()->mapToGlobal(position));
}

}  // namespace netwright
