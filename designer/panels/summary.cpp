#include "designer/panels/summary.h"

#include <QFrame>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QScrollBar>
#include <QTreeView>
#include <QVBoxLayout>

#include "designer/panels/summary_model.h"
#include "designer/panels/totals_strip.h"
#include "designer/panels/training_memory.h"
#include "designer/theme/theme.h"

namespace netwright {

Summary::Summary(Document& document, QWidget* parent) : QWidget(parent), document_(document) {
  setObjectName(QStringLiteral("summary"));
  totals_ = new TotalsStrip(this);
  memory_ = new TrainingMemory(this);
  model_ = new SummaryModel(this);
  table_ = new QTreeView(this);
  table_->setObjectName(QStringLiteral("summary.table"));
  table_->setAccessibleName(tr("Layers of the network"));
  table_->setModel(model_);
  table_->setItemDelegate(new SummaryDelegate(table_));
  table_->setRootIsDecorated(false);
  table_->setUniformRowHeights(true);
  table_->setMouseTracking(true);
  table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table_->setAllColumnsShowFocus(true);
  table_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  QHeaderView* header = table_->header();
  header->setMinimumSectionSize(40);
  header->setSectionsMovable(false);
  header->setStretchLastSection(false);
  header->setSectionResizeMode(SummaryModel::NameColumn, QHeaderView::Stretch);
  const int widths[] = {0, 84, 78, 62, 60};
  for (int column = SummaryModel::OutputColumn; column < SummaryModel::ColumnCount; ++column) {
    header->setSectionResizeMode(column, QHeaderView::Interactive);
    header->resizeSection(column, widths[column]);
  }
  auto* line = new QFrame(this);
  line->setProperty("role", "line");

  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(totals_);
  column->addWidget(memory_);
  column->addWidget(line);
  column->addWidget(table_, 1);

  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& current) { choose(current); });
  connect(table_, &QTreeView::clicked, this, &Summary::choose);
  connect(&document_, &Document::analysed, this, &Summary::refresh);
  connect(&document_, &Document::replaced, this, [this] {
    measured_ = {};
    refresh();
  });
  connect(&Theme::instance(), &Theme::changed, table_->viewport(), qOverload<>(&QWidget::update));
}

void Summary::show_network(NetworkId network) {
  network_ = network;
  refresh();
}

void Summary::set_selected(const std::vector<LayerId>& layers) {
  selected_ = layers;
  is_syncing_ = true;
  QItemSelection rows;
  QModelIndex first;
  for (const LayerId layer : layers) {
    const int row = model_->row_of(layer);
    if (row >= 0) {
      const QModelIndex index = model_->index(row, 0);
      rows.select(index, index);
      first = first.isValid() ? first : index;
    }
  }
  QItemSelectionModel* selection = table_->selectionModel();
  selection->select(rows, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
  if (first.isValid()) {
    selection->setCurrentIndex(first, QItemSelectionModel::NoUpdate);
    table_->scrollTo(first);
  }
  is_syncing_ = false;
}

void Summary::show_measured(const QString& network_name, std::int64_t peak_bytes, std::int64_t batch) {
  measured_ = {network_name, peak_bytes, batch};
  refresh();
}

void Summary::choose(const QModelIndex& index) {
  if (!is_syncing_ && index.isValid() && table_->selectionModel()->isRowSelected(index.row())) {
    emit layer_chosen(network_, model_->layer(index.row()));
  }
}

void Summary::refresh() {
  const NetworkReport* report = document_.report().find(network_);
  totals_->show_totals(report);
  memory_->show_network(document_.project(), report);
  const bool is_measured = report != nullptr && QString::fromStdString(report->name) == measured_.network_name;
  memory_->show_measured(is_measured ? measured_.peak_bytes : 0, is_measured ? measured_.batch : 0);
  is_syncing_ = true;
  model_->show(document_.project().find(network_), report);
  is_syncing_ = false;
  set_selected(selected_);
}

}  // namespace netwright
