#include "designer/training/run_comparison.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QFileInfo>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>
#include <algorithm>

#include "backend/run/run_folder.h"
#include "designer/document/file_path.h"
#include "designer/theme/icons.h"
#include "designer/theme/text_colour.h"
#include "designer/theme/theme.h"
#include "designer/training/compare_charts.h"
#include "designer/training/elided_label.h"
#include "designer/training/run_keeping.h"
#include "designer/training/run_table.h"
#include "designer/training/smoothing_control.h"

namespace netwright {
namespace {

constexpr int least_for_smoothing_words = 820;
constexpr int least_for_smoothing = 530;
constexpr int least_for_heading = 480;
constexpr int least_for_logs = 400;
constexpr double table_share = 0.4;  // of the height, where the user hasn't said otherwise
constexpr int least_table = 76;
constexpr int usual_charts_height = 180;  // two side by side, with their names

}  // namespace

RunComparison::RunComparison(RunKeeping& keeping, QWidget* parent)
    : QWidget(parent),
      heading_(new QLabel),
      left_out_(new ElidedLabel),
      axis_(new QComboBox),
      splits_(new QComboBox),
      log_x_(new QToolButton),
      log_y_(new QToolButton),
      smoothing_(new SmoothingControl(QStringLiteral("compare.smoothing"))),
      save_(new QToolButton),
      splitter_(new QSplitter(Qt::Vertical)),
      pages_(new QStackedWidget),
      charts_(new CompareCharts),
      nothing_(new QLabel),
      table_(new RunTable(keeping)) {
  setObjectName(QStringLiteral("compare"));
  auto* header = new QHBoxLayout;
  build_header(*header);
  nothing_->setObjectName(QStringLiteral("compare.nothing"));
  nothing_->setProperty("role", "muted");
  nothing_->setAlignment(Qt::AlignCenter);
  nothing_->setWordWrap(true);
  pages_->addWidget(charts_);
  pages_->addWidget(nothing_);
  splitter_->setObjectName(QStringLiteral("compare.splitter"));
  splitter_->setHandleWidth(1);
  splitter_->setChildrenCollapsible(false);
  splitter_->addWidget(pages_);
  splitter_->addWidget(table_);
  splitter_->setStretchFactor(0, 1);
  connect(splitter_, &QSplitter::splitterMoved, this, [this] { is_split_by_user_ = true; });

  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addLayout(header);
  column->addWidget(splitter_, 1);
  connect(&Theme::instance(), &Theme::changed, this, &RunComparison::restyle);
  restyle();
}

void RunComparison::build_header(QBoxLayout& row) {
  heading_->setObjectName(QStringLiteral("compare.heading"));
  left_out_->setObjectName(QStringLiteral("compare.left_out"));
  axis_->setObjectName(QStringLiteral("compare.axis"));
  axis_->setAccessibleName(tr("Horizontal axis"));
  axis_->setToolTip(tr("What the curves are drawn over"));
  axis_->addItems({tr("by step"), tr("by epoch"), tr("by time")});
  connect(axis_, &QComboBox::currentIndexChanged, this,
          [this](int index) { charts_->set_axis(static_cast<TimeAxis>(index)); });
  splits_->setObjectName(QStringLiteral("compare.splits"));
  splits_->setAccessibleName(tr("Curves"));
  splits_->setToolTip(tr("Curves of the training, of the split by which epochs are judged, or both"));
  splits_->addItems({tr("all curves"), tr("training"), tr("held out")});
  connect(splits_, &QComboBox::currentIndexChanged, this,
          [this](int index) { charts_->set_splits(static_cast<ComparedSplits>(index)); });
  const auto add_toggle = [this](QToolButton* button, const char* name, const QString& text, const QString& tip) {
    button->setObjectName(QString::fromLatin1(name));
    button->setText(text);
    button->setCheckable(true);
    button->setToolTip(tip);
  };
  add_toggle(log_x_, "compare.log_x", tr("Log x"), tr("Logarithm of steps, epochs or time"));
  add_toggle(log_y_, "compare.log_y", tr("Log y"), tr("Logarithmic figures, but for shares"));
  connect(log_x_, &QToolButton::toggled, charts_, &CompareCharts::set_log_x);
  connect(log_y_, &QToolButton::toggled, charts_, &CompareCharts::set_log_y);
  connect(smoothing_, &SmoothingControl::value_changed, charts_, &CompareCharts::set_smoothing);
  charts_->set_smoothing(smoothing_->value());
  save_->setObjectName(QStringLiteral("compare.save"));
  save_->setAccessibleName(tr("Save the table as CSV"));
  save_->setToolTip(tr("Save the table as CSV"));
  connect(save_, &QToolButton::clicked, table_, &RunTable::ask_to_save);

  row.setContentsMargins(10, 4, 10, 2);
  row.setSpacing(6);
  row.addWidget(heading_);
  row.addWidget(left_out_, 1);
  row.addWidget(smoothing_);
  row.addWidget(axis_);
  row.addWidget(splits_);
  row.addWidget(log_x_);
  row.addWidget(log_y_);
  row.addWidget(save_);
}

void RunComparison::restyle() {
  set_text_colour(*heading_, colours().text);
  heading_->setFont(Theme::instance().heading());
  set_text_colour(*left_out_, colours().muted);
  left_out_->setFont(Theme::instance().body());
  save_->setIcon(icon(QStringLiteral("save")));
}

RunComparison::Loaded RunComparison::load(const QString& folder, bool is_live) {
  Loaded loaded;
  const Result<RunFolder> run = RunFolder::open(path_of(folder));
  if (!run) {
    loaded.problem = QString::fromStdString(run.error().message);
    return loaded;
  }
  if (Result<Project> project = run->project()) {
    loaded.project = std::make_shared<const Project>(std::move(*project));
  } else {
    loaded.problem = QString::fromStdString(project.error().message);
  }
  if (is_live) return loaded;
  loaded.record_bytes = QFileInfo(QString::fromStdU16String(run->events_file().u16string())).size();
  if (const auto events = run->events()) {
    loaded.record = std::make_shared<const RunRecord>(record_of(*events));
  } else {
    loaded.problem = QString::fromStdString(events.error().message);
  }
  return loaded;
}

void RunComparison::show_runs(const std::vector<ChosenRun>& runs) {
  reading_.cancel();
  runs_ = runs;
  std::erase_if(loaded_, [&](const auto& known) {
    return std::none_of(runs.begin(), runs.end(), [&](const ChosenRun& run) { return run.folder == known.first; });
  });
  QStringList unknown;
  for (const ChosenRun& run : runs) {
    const auto known = loaded_.find(run.folder);
    const bool is_live = run.folder == live_folder_;
    // A run that goes on elsewhere has more in it by now.
    const QString record = run.folder + QStringLiteral("/events.jsonl");
    const bool is_known = known != loaded_.end() && (is_live || known->second.record_bytes == QFileInfo(record).size());
    if (!is_known) unknown << run.folder;
  }
  if (unknown.isEmpty()) {
    show_loaded();
    return;
  }
  reading_.run(
      [unknown, live = live_folder_](const std::atomic<bool>& cancelled) {
        LoadedRuns read;
        for (const QString& folder : unknown) {
          if (cancelled) break;
          read[folder] = load(folder, folder == live);
        }
        return read;
      },
      [this](const LoadedRuns& read) {
        for (const auto& [folder, loaded] : read) {
          if (!loaded.problem.isEmpty()) emit message(loaded.problem);
          loaded_[folder] = loaded;
        }
        show_loaded();
      });
}

std::vector<ComparedRun> RunComparison::compared() const {
  static const auto nothing = std::make_shared<const RunRecord>();
  std::vector<ComparedRun> runs;
  for (const ChosenRun& chosen : runs_) {
    const auto loaded = loaded_.find(chosen.folder);
    ComparedRun run{chosen.folder, chosen.title, chosen.colour, notes_of_run(chosen.folder)};
    const bool is_live = chosen.folder == live_folder_;
    run.record = is_live ? live_ : loaded == loaded_.end() ? nullptr : loaded->second.record;
    if (!run.record) run.record = nothing;
    if (loaded != loaded_.end()) run.project = loaded->second.project;
    if (is_live && is_live_under_way_) run.state = tr("under way");
    runs.push_back(std::move(run));
  }
  return runs;
}

void RunComparison::show_loaded() {
  const std::vector<ComparedRun> runs = compared();
  std::vector<ComparedCurves> curves;
  for (const ComparedRun& run : runs) curves.push_back({run.title, run.colour, run.record});
  charts_->show_runs(std::move(curves));
  show_table();
  share_height();
  show_words();
}

void RunComparison::show_table() {
  live_epochs_ = live_ && live_->last_epoch ? live_->last_epoch->epoch : 0;
  table_->show_runs(compared());
}

void RunComparison::show_words() {
  heading_->setText(tr("%1 runs").arg(runs_.size()));
  const QString left_out = charts_->left_out();
  left_out_->setText(left_out.isEmpty() ? QString() : tr("Not measured by all: %1").arg(left_out));
  const bool has_charts = !charts_->visible_charts().isEmpty();
  nothing_->setText(left_out.isEmpty() ? tr("There is nothing to draw yet")
                                       : tr("These runs measure nothing in common; the table below compares them"));
  pages_->setCurrentIndex(has_charts ? 0 : 1);
}

void RunComparison::set_live(const QString& folder, const RunRecord& record, bool is_under_way) {
  const bool is_another = folder != live_folder_;
  live_folder_ = folder;
  live_ = std::shared_ptr<const RunRecord>(std::shared_ptr<const RunRecord>(), &record);
  is_live_under_way_ = is_under_way;
  const bool is_shown =
      std::any_of(runs_.begin(), runs_.end(), [&](const ChosenRun& run) { return run.folder == folder; });
  if (is_another) {
    reading_.cancel();
    runs_.clear();
    loaded_.clear();
    charts_->show_runs({});
  } else if (is_shown) {
    charts_->follow();
    show_table();
  }
}

void RunComparison::follow() {
  const bool is_shown =
      std::any_of(runs_.begin(), runs_.end(), [&](const ChosenRun& run) { return run.folder == live_folder_; });
  if (!is_shown || !isVisible()) return;
  charts_->follow();
  if (live_->last_epoch && live_->last_epoch->epoch != live_epochs_ && !table_->is_editing()) show_table();
  if (pages_->currentIndex() != 0) show_words();
}

void RunComparison::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  smoothing_->set_brief(width() < least_for_smoothing_words);
  smoothing_->setVisible(width() >= least_for_smoothing);
  heading_->setVisible(width() >= least_for_heading);
  for (QToolButton* log : {log_x_, log_y_}) log->setVisible(width() >= least_for_logs);
  share_height();
}

/// The table is as high as it needs to be, up to a part of the room.
void RunComparison::share_height() {
  if (is_split_by_user_) return;
  const int room = splitter_->height();
  const int most = std::max(least_table, std::min(static_cast<int>(room * table_share), room - usual_charts_height));
  const int table = std::min(table_->full_height(), most);
  splitter_->setSizes({std::max(0, room - table - 1), table});
}

}  // namespace netwright
