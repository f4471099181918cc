#include "designer/sweep/sweep_view.h"

#include <QBoxLayout>
#include <QButtonGroup>
#include <QLabel>
#include <QStackedWidget>
#include <QToolButton>
#include <algorithm>

#include "backend/run/figure_text.h"
#include "backend/sweep/sweep_text.h"
#include "designer/panels/quiet_combo.h"
#include "designer/sweep/parallel_view.h"
#include "designer/sweep/pareto_view.h"
#include "designer/sweep/runs_table.h"
#include "designer/theme/text_colour.h"
#include "designer/theme/theme.h"
#include "designer/training/elided_label.h"
#include "designer/training/figure_words.h"

namespace netwright {
namespace {

constexpr int reading_pause_ms = 400;
constexpr int least_for_sweep_heading = 760;
constexpr int least_for_both = 430;  // a chart with the table beneath it

}  // namespace

SweepView::SweepView(QWidget* parent)
    : QWidget(parent),
      heading_(new QLabel),
      words_(new ElidedLabel),
      cost_(new QuietCombo),
      log_(new QToolButton),
      charts_(new QStackedWidget),
      parallel_(new ParallelView),
      pareto_(new ParetoView),
      runs_(new RunsTable) {
  setObjectName(QStringLiteral("sweep.view"));
  build();
  timer_.setSingleShot(true);
  timer_.setInterval(reading_pause_ms);
  connect(&timer_, &QTimer::timeout, this, &SweepView::read);
  connect(parallel_, &ParallelView::run_clicked, this, &SweepView::open);
  connect(pareto_, &ParetoView::run_clicked, this, &SweepView::open);
  connect(runs_, &RunsTable::run_opened, this, &SweepView::open);
  connect(runs_, &RunsTable::run_selected, this, [this](int run) {
    parallel_->set_highlighted(run);
    pareto_->set_highlighted(run);
  });
  connect(parallel_, &ParallelView::filters_changed, this, [this] {
    runs_->set_kept(parallel_->kept());
    pareto_->set_kept(parallel_->kept());
    show_words();
  });
  connect(cost_, &QComboBox::activated, this, [this] {
    is_log_chosen_ = false;
    show_table();
  });
  connect(log_, &QToolButton::clicked, this, [this] {
    is_log_chosen_ = true;
    show_pareto();
  });
  connect(&Theme::instance(), &Theme::changed, this, &SweepView::restyle);
  restyle();
  show_page(Page::Parallel);
}

QToolButton* SweepView::add_page_button(Page page, const char* name, const QString& text, const QString& tip) {
  auto* button = new QToolButton;
  button->setObjectName(QString::fromLatin1(name));
  button->setText(text);
  button->setToolTip(tip);
  button->setCheckable(true);
  button->setProperty("chip", true);
  connect(button, &QToolButton::clicked, this, [this, page] { show_page(page); });
  pages_ += button;
  return button;
}

void SweepView::build() {
  heading_->setObjectName(QStringLiteral("sweep.heading"));
  words_->setObjectName(QStringLiteral("sweep.words"));
  cost_->setObjectName(QStringLiteral("sweep.cost"));
  cost_->setAccessibleName(tr("What the result is weighed against"));
  cost_->setToolTip(tr("What the result is weighed against"));
  for (const SweepCost cost : {SweepCost::Parameters, SweepCost::Macs, SweepCost::Seconds}) {
    cost_->addItem(cost_title(cost), static_cast<int>(cost));
  }
  log_->setObjectName(QStringLiteral("sweep.log"));
  log_->setText(tr("Log"));
  log_->setToolTip(tr("Logarithmic costs"));
  log_->setCheckable(true);
  log_->setProperty("chip", true);

  auto* header = new QHBoxLayout;
  header->setContentsMargins(10, 4, 10, 4);
  header->setSpacing(6);
  header->addWidget(heading_);
  header->addWidget(words_, 1);
  header->addWidget(cost_);
  header->addWidget(log_);
  header->addSpacing(4);
  auto* group = new QButtonGroup(this);
  for (QToolButton* button :
       {add_page_button(Page::Table, "sweep.show_table", tr("Table"), tr("Values and results of the runs")),
        add_page_button(Page::Parallel, "sweep.show_parallel", tr("Parallel"),
                        tr("Parallel coordinates: drag along an axis to keep the runs that pass there, drag a title to "
                           "move its axis")),
        add_page_button(Page::Pareto, "sweep.show_pareto", tr("Pareto"),
                        tr("The best trade-offs of the result against what it costs"))}) {
    group->addButton(button);
    header->addWidget(button);
  }
  charts_->addWidget(parallel_);
  charts_->addWidget(pareto_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addLayout(header);
  column->addWidget(charts_, 3);
  column->addWidget(runs_, 2);
}

void SweepView::restyle() {
  set_text_colour(*heading_, colours().text);
  heading_->setFont(Theme::instance().heading());
  set_text_colour(*words_, colours().muted);
  words_->setFont(Theme::instance().figures());
  for (QToolButton* button : pages_) button->setFont(Theme::instance().caption());
  log_->setFont(Theme::instance().caption());
  cost_->setFont(Theme::instance().caption());
  show_table();
}

void SweepView::show_sweep(const QString& owner, const QString& id, const Sweep& sweep, int count) {
  owner_ = owner;
  if (id != id_) {
    id_ = id;
    table_ = {};
    table_.sweep = sweep;
    table_.count = count;
    parallel_->clear_filters();
    is_log_chosen_ = false;
    show_table();
  }
  timer_.stop();
  read();
}

void SweepView::set_live_folder(const QString& folder) {
  if (folder == live_folder_) return;
  live_folder_ = folder;
  refresh();
}

void SweepView::refresh() {
  if (!id_.isEmpty() && !timer_.isActive()) timer_.start();
}

void SweepView::read() {
  reading_.run(
      [owner = owner_, id = id_.toStdString(), known = table_](const std::atomic<bool>& cancelled) {
        return read_sweep(owner.toStdU16String(), id, known, [&cancelled] { return cancelled.load(); });
      },
      [this](Result<SweepTable> read) {
        if (!read) return;  // its first run hasn't begun
        table_ = std::move(*read);
        show_table();
      });
}

SweepCost SweepView::cost() const {
  return static_cast<SweepCost>(cost_->currentData().toInt());
}

void SweepView::show_table() {
  const std::vector<RunLook> looks = run_looks(table_, live_folder_);
  const std::vector<PlotAxis> axes = plot_axes(table_);
  parallel_->show_runs(axes, looks);
  runs_->show_runs(table_, axes, looks, front_of(table_, cost()), cost_title(cost()));
  runs_->set_kept(parallel_->kept());
  show_pareto();
  show_words();
}

void SweepView::show_pareto() {
  if (!is_log_chosen_) log_->setChecked(wants_log(table_, cost()));
  pareto_->show_runs(cost_axis(table_, cost(), log_->isChecked()), main_axis(table_), run_looks(table_, live_folder_),
                     front_of(table_, cost()), !table_.main_figure || table_.main_figure->better == "higher");
  pareto_->set_kept(parallel_->kept());
}

void SweepView::show_words() {
  const QString title = QString::fromStdString(title_of(table_.sweep));
  heading_->setText(width() < least_for_sweep_heading ? title : tr("Sweep of %1").arg(title));
  const auto done =
      std::count_if(table_.rows.begin(), table_.rows.end(), [](const SweepRow& row) { return !row.ending.empty(); });
  QStringList parts{tr("%1 of %2 runs done").arg(done).arg(table_.count)};
  if (parallel_->has_filters()) {
    const std::vector<bool> kept = parallel_->kept();
    parts << tr("%1 pass the filters").arg(std::count(kept.begin(), kept.end(), true));
  }
  const std::vector<std::size_t> order = rows_by_main(table_);
  if (table_.main_figure && !order.empty() && table_.rows[order.front()].main) {
    const SweepRow& best = table_.rows[order.front()];
    parts << tr("best %1 %2 in run %3")
                 .arg(QString::fromStdString(in_sentence(table_.main_figure->title)),
                      value_text(*table_.main_figure, *best.main))
                 .arg(best.index + 1);
  }
  words_->setText(parts.join(QStringLiteral("  ·  ")));
  heading_->setToolTip(tr("Sweep of %1").arg(title) + QLatin1Char('\n') + words_->text());
}

void SweepView::show_page(Page page) {
  page_ = page;
  pages_[static_cast<int>(page)]->setChecked(true);
  if (page != Page::Table) charts_->setCurrentIndex(page == Page::Parallel ? 0 : 1);
  cost_->setVisible(page == Page::Pareto);
  log_->setVisible(page == Page::Pareto);
  arrange();
}

void SweepView::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
  show_words();
}

void SweepView::arrange() {
  charts_->setVisible(page_ != Page::Table);
  runs_->setVisible(page_ == Page::Table || height() >= least_for_both);
}

void SweepView::open(int run) {
  if (run < 0 || run >= static_cast<int>(table_.rows.size())) return;
  const std::filesystem::path& folder = table_.rows[static_cast<std::size_t>(run)].folder;
  emit run_chosen(QString::fromStdU16String(folder.u16string()));
}

}  // namespace netwright
