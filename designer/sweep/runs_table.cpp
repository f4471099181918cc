#include "designer/sweep/runs_table.h"

#include <QHeaderView>
#include <cmath>

#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr int run_role = Qt::UserRole;
constexpr int sort_role = Qt::UserRole + 1;
constexpr int fixed_columns = 1;  // the run's number, before the axes

class RunItem : public QTreeWidgetItem {
 public:
  using QTreeWidgetItem::QTreeWidgetItem;
  bool operator<(const QTreeWidgetItem& other) const override {
    const int column = treeWidget() ? treeWidget()->sortColumn() : 0;
    const QVariant a = data(column, sort_role);
    const QVariant b = other.data(column, sort_role);
    if (a.typeId() == QMetaType::QString) return a.toString().localeAwareCompare(b.toString()) < 0;
    const double x = a.toDouble();
    const double y = b.toDouble();
    // What isn't known stands last in either order.
    const bool is_falling = treeWidget() && treeWidget()->header()->sortIndicatorOrder() == Qt::DescendingOrder;
    if (std::isnan(x) || std::isnan(y)) return std::isnan(x) == std::isnan(y) ? false : is_falling == std::isnan(x);
    return x < y;
  }
};

QString state_words(const SweepRow& row, bool is_going_on) {
  if (is_going_on) return RunsTable::tr("going on");
  if (row.ending == "finished") return RunsTable::tr("finished");
  if (row.ending == "stopped") return RunsTable::tr("stopped");
  if (row.ending == "diverged") return RunsTable::tr("diverged");
  if (row.ending == "failed") return RunsTable::tr("failed");
  return RunsTable::tr("crashed");
}

}  // namespace

RunsTable::RunsTable(QWidget* parent) : QTreeWidget(parent) {
  setObjectName(QStringLiteral("sweep.table"));
  setAccessibleName(tr("The sweep's runs"));
  setRootIsDecorated(false);
  setUniformRowHeights(true);
  setAllColumnsShowFocus(true);
  setFrameShape(QFrame::NoFrame);
  setSortingEnabled(true);
  header()->setStretchLastSection(false);
  header()->setSectionResizeMode(QHeaderView::ResizeToContents);
  // Heads are aligned with the figures beneath them, at the right: the arrow stands at their left.
  header()->setStyleSheet(
      QStringLiteral("QHeaderView::up-arrow, QHeaderView::down-arrow { subcontrol-origin: padding; "
                     "subcontrol-position: center left; width: 9px; height: 9px; }"
                     "QHeaderView::up-arrow { image: url(:/themes/arrow-up.svg); }"
                     "QHeaderView::down-arrow { image: url(:/themes/arrow-down.svg); }"));
  connect(this, &QTreeWidget::itemSelectionChanged, this, [this] {
    if (!is_filling_) emit run_selected(selected());
  });
  connect(this, &QTreeWidget::itemActivated, this,
          [this](QTreeWidgetItem* item) { emit run_opened(item->data(0, run_role).toInt()); });
}

void RunsTable::set_columns(const std::vector<PlotAxis>& axes) {
  QStringList titles{tr("Run")};
  for (const PlotAxis& axis : axes) titles += axis.short_title.isEmpty() ? axis.title : axis.short_title;
  titles += tr("State");
  bool is_new = columnCount() != titles.size();
  for (int i = 0; !is_new && i < columnCount(); ++i) is_new = headerItem()->text(i) != titles[i];
  if (!is_new) return;
  clear();
  setColumnCount(static_cast<int>(titles.size()));
  setHeaderLabels(titles);
  for (int i = 0; i + 1 < titles.size(); ++i) {
    headerItem()->setTextAlignment(i, Qt::AlignRight | Qt::AlignVCenter);
    if (i >= fixed_columns) headerItem()->setToolTip(i, axes[static_cast<std::size_t>(i - fixed_columns)].title);
  }
  header()->setSectionResizeMode(QHeaderView::ResizeToContents);
  header()->setSectionResizeMode(static_cast<int>(titles.size()) - 1, QHeaderView::Stretch);
  sortByColumn(0, Qt::AscendingOrder);
}

QTreeWidgetItem* RunsTable::item_of(int run) const {
  for (int i = 0; i < topLevelItemCount(); ++i) {
    if (topLevelItem(i)->data(0, run_role).toInt() == run) return topLevelItem(i);
  }
  return nullptr;
}

void RunsTable::show_runs(const SweepTable& table, const std::vector<PlotAxis>& axes, const std::vector<RunLook>& looks,
                          const std::vector<bool>& front, const QString& cost) {
  is_filling_ = true;
  const int chosen = selected();
  set_columns(axes);
  setSortingEnabled(false);
  while (topLevelItemCount() > static_cast<int>(table.rows.size())) delete topLevelItem(topLevelItemCount() - 1);
  while (topLevelItemCount() < static_cast<int>(table.rows.size())) addTopLevelItem(new RunItem);
  for (std::size_t run = 0; run < table.rows.size(); ++run) {
    QTreeWidgetItem& item = *topLevelItem(static_cast<int>(run));
    const SweepRow& row = table.rows[run];
    item.setData(0, run_role, static_cast<int>(run));
    item.setText(0, front[run] ? QStringLiteral("●  %1").arg(row.index + 1) : QString::number(row.index + 1));
    item.setToolTip(0, front[run] ? tr("On the Pareto front: no run is better without more %1").arg(cost) : QString());
    item.setData(0, sort_role, row.index);
    item.setTextAlignment(0, Qt::AlignRight | Qt::AlignVCenter);
    item.setFont(0, Theme::instance().figures());
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
      const int column = static_cast<int>(axis) + fixed_columns;
      item.setText(column, axes[axis].texts[run]);
      item.setData(column, sort_role, axes[axis].places[run]);
      item.setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
      item.setFont(column, Theme::instance().figures());
    }
    const int last = columnCount() - 1;
    const QString state = state_words(row, looks[run].is_going_on);
    item.setText(last, state);
    item.setData(last, sort_role, state);
  }
  setSortingEnabled(true);
  if (QTreeWidgetItem* item = item_of(chosen)) setCurrentItem(item);
  is_filling_ = false;
}

void RunsTable::set_kept(const std::vector<bool>& kept) {
  for (int i = 0; i < topLevelItemCount(); ++i) {
    const auto run = static_cast<std::size_t>(topLevelItem(i)->data(0, run_role).toInt());
    topLevelItem(i)->setHidden(run < kept.size() && !kept[run]);
  }
}

int RunsTable::selected() const {
  const QList<QTreeWidgetItem*> items = selectedItems();
  return items.isEmpty() ? -1 : items.front()->data(0, run_role).toInt();
}

}  // namespace netwright
