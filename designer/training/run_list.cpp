#include "designer/training/run_list.h"

#include <QBoxLayout>
#include <QDateTime>
#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QTreeWidget>
#include <algorithm>

#include "backend/run/run_folder.h"
#include "designer/theme/theme.h"
#include "designer/training/figure_words.h"
#include "designer/training/project_changes.h"

namespace netwright {
namespace {

enum Column { Name, Task, Started, Best, State, column_count };
constexpr int folder_role = Qt::UserRole;
constexpr int least_section = 56;  // where all columns don't fit, they scroll

QString state_in_words(const std::string& ending) {
  if (ending == "finished") return RunList::tr("finished");
  if (ending == "stopped") return RunList::tr("stopped");
  if (ending == "diverged") return RunList::tr("diverged");
  if (ending == "crashed") return RunList::tr("crashed");
  return RunList::tr("failed");
}

QString time_text(const QString& started) {
  QDateTime time = QDateTime::fromString(started, Qt::ISODate);
  if (!time.isValid()) return started;
  time = time.toLocalTime();
  const bool is_today = time.date() == QDate::currentDate();
  return is_today ? time.toString(QStringLiteral("HH:mm:ss")) : time.toString(QStringLiteral("d MMM yyyy, HH:mm"));
}

}  // namespace

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
  summary.state = state_in_words(record.ending());
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
    if (same != known.end()) {
      summaries.push_back(*same);
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
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

RunList::RunList(QWidget* parent) : QWidget(parent), tree_(new QTreeWidget), empty_(new QLabel) {
  tree_->setObjectName(QStringLiteral("training.runs"));
  tree_->setColumnCount(column_count);
  tree_->setHeaderLabels({tr("Run"), tr("Task"), tr("Started"), tr("Best"), tr("State")});
  tree_->setRootIsDecorated(false);
  tree_->setUniformRowHeights(true);
  tree_->setFrameShape(QFrame::NoFrame);
  tree_->header()->setStretchLastSection(false);
  tree_->header()->setMinimumSectionSize(least_section);
  tree_->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
  tree_->header()->setSectionResizeMode(Name, QHeaderView::Stretch);
  connect(tree_, &QTreeWidget::itemClicked, this, &RunList::choose);
  connect(tree_, &QTreeWidget::itemActivated, this, &RunList::choose);

  empty_->setText(tr("Runs of this project are listed here."));
  empty_->setAlignment(Qt::AlignCenter);
  empty_->setWordWrap(true);
  empty_->setEnabled(false);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(tree_);
  layout->addWidget(empty_);
  connect(&Theme::instance(), &Theme::changed, this, &RunList::fill);
  fill();
}

int RunList::count() const {
  return tree_->topLevelItemCount();
}

void RunList::show_runs_of(const QString& project_file) {
  if (project_file != project_file_) {
    runs_.clear();
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

void RunList::set_columns(QTreeWidgetItem& item, const RunSummary& summary) {
  // Runs of a project bear one name; what tells them apart is what was changed.
  item.setText(Name, summary.changes.isEmpty() ? summary.name : summary.changes.join(QStringLiteral(", ")));
  item.setText(Started, time_text(summary.started));
  item.setText(Task, summary.task);
  item.setText(Best, summary.best);
  item.setToolTip(Best, summary.best_words);
  item.setText(State, summary.state);
  item.setData(Name, folder_role, summary.folder);
  QStringList tip{summary.name, summary.task};
  tip += summary.changes;
  tip += summary.folder;
  tip.removeAll(QString());
  item.setToolTip(Name, tip.join(QLatin1Char('\n')));
  item.setTextAlignment(Best, Qt::AlignRight | Qt::AlignVCenter);
  for (const int column : {Started, Best}) item.setFont(column, Theme::instance().figures());
}

void RunList::fill() {
  const QString chosen = tree_->currentItem() ? tree_->currentItem()->data(Name, folder_role).toString() : QString();
  tree_->clear();
  const auto add = [&](const RunSummary& summary) {
    auto* item = new QTreeWidgetItem(tree_);
    set_columns(*item, summary);
    if (summary.folder == chosen) tree_->setCurrentItem(item);
    return item;
  };
  if (live_) {
    QFont font = tree_->font();
    font.setWeight(QFont::DemiBold);
    add(*live_)->setFont(Name, font);
  }
  for (const RunSummary& summary : runs_) {
    if (!live_ || summary.folder != live_->folder) add(summary);
  }
  tree_->setVisible(count() > 0);
  empty_->setVisible(count() == 0);
  show_tasks();
}

/// Only where runs differ in it: the column is narrow.
void RunList::show_tasks() {
  QStringList tasks;
  for (int row = 0; row < count(); ++row) tasks << tree_->topLevelItem(row)->text(Task);
  tasks.removeAll(QString());
  tasks.removeDuplicates();
  tree_->setColumnHidden(Task, tasks.size() < 2);
}

void RunList::set_live(const RunSummary& summary) {
  const bool is_new = !live_ || live_->folder != summary.folder;
  live_ = summary;
  if (is_new) {
    fill();
  } else {
    set_columns(*tree_->topLevelItem(0), summary);
    show_tasks();
  }
}

void RunList::clear_live() {
  live_.reset();
  fill();
}

void RunList::choose(QTreeWidgetItem* item) {
  const QString folder = item->data(Name, folder_role).toString();
  if (live_ && folder == live_->folder) {
    emit live_chosen();
  } else {
    emit run_chosen(folder);
  }
}

}  // namespace netwright
