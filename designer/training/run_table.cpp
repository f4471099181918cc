#include "designer/training/run_table.h"

#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <algorithm>

#include "designer/theme/theme.h"
#include "designer/training/run_keeping.h"
#include "designer/training/run_marks.h"

namespace netwright {
namespace {

using ColumnKind = TableColumn::Kind;

constexpr int widest_column = 200;
constexpr int narrowest_column = 48;
constexpr int widest_note = 320;

QStringList titles_of(const std::vector<TableColumn>& columns) {
  QStringList titles;
  for (const TableColumn& column : columns) titles << column.title;
  return titles;
}

bool is_for_table(const QKeyEvent& key) {
  return key.key() == Qt::Key_Delete || key.key() == Qt::Key_F2 || key.matches(QKeySequence::Copy) ||
         key.matches(QKeySequence::SelectAll);
}

}  // namespace

void RunTableModel::show_runs(const std::vector<ComparedRun>& runs) {
  std::vector<TableColumn> columns = comparison_columns(runs);
  const bool is_same_table =
      titles_of(columns) == titles_of(columns_) &&
      std::equal(runs.begin(), runs.end(), runs_.begin(), runs_.end(),
                 [](const ComparedRun& a, const ComparedRun& b) { return a.folder == b.folder; });
  if (is_same_table) {
    // Rows stay where they are: a title may just be edited.
    runs_ = runs;
    columns_ = std::move(columns);
    emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    return;
  }
  beginResetModel();
  runs_ = runs;
  columns_ = std::move(columns);
  sort_rows();
  endResetModel();
}

void RunTableModel::sort_rows() {
  rows_.clear();
  for (std::size_t i = 0; i < runs_.size(); ++i) rows_.push_back(static_cast<int>(i));
  const auto column =
      std::find_if(columns_.begin(), columns_.end(), [&](const TableColumn& c) { return c.title == sorted_by_; });
  if (column != columns_.end()) rows_ = sorted_rows(*column, order_ == Qt::DescendingOrder, rows_);
}

void RunTableModel::sort(int column, Qt::SortOrder order) {
  emit layoutAboutToBeChanged({}, VerticalSortHint);
  const std::vector<int> before = rows_;
  sorted_by_ = column < 0 || column >= columnCount() ? QString() : columns_[static_cast<std::size_t>(column)].title;
  order_ = order;
  sort_rows();
  for (const QModelIndex& old : persistentIndexList()) {
    const int number = before[static_cast<std::size_t>(old.row())];
    const auto place = std::find(rows_.begin(), rows_.end(), number) - rows_.begin();
    changePersistentIndex(old, index(static_cast<int>(place), old.column()));
  }
  emit layoutChanged({}, VerticalSortHint);
}

int RunTableModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int RunTableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(columns_.size());
}

QVariant RunTableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const TableColumn& column = columns_[static_cast<std::size_t>(index.column())];
  const TableCell& cell = column.cells[static_cast<std::size_t>(rows_[static_cast<std::size_t>(index.row())])];
  switch (role) {
    case Qt::DisplayRole:
      return cell.text.section(QLatin1Char('\n'), 0, 0);
    case Qt::EditRole:
      return cell.text;
    case Qt::ToolTipRole:
      return column.kind == ColumnKind::Title ? cell.text + QLatin1Char('\n') + run(index.row()).folder : cell.text;
    case Qt::DecorationRole:
      return column.kind == ColumnKind::Title ? QVariant(run_swatch(run(index.row()).colour)) : QVariant();
    case Qt::TextAlignmentRole:
      return static_cast<int>((cell.number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::FontRole: {
      QFont font = cell.number ? Theme::instance().figures() : Theme::instance().body();
      if (cell.is_best) font.setWeight(QFont::Bold);
      return font;
    }
    default:
      return {};
  }
}

QVariant RunTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section >= columnCount()) return {};
  const TableColumn& column = columns_[static_cast<std::size_t>(section)];
  if (role == Qt::DisplayRole) return column.title;
  if (role == Qt::ToolTipRole) {
    return column.help.isEmpty() ? column.title : QStringLiteral("%1: %2").arg(column.title, column.help);
  }
  if (role == Qt::TextAlignmentRole) {
    const bool has_numbers = std::any_of(column.cells.begin(), column.cells.end(),
                                         [](const TableCell& cell) { return cell.number.has_value(); });
    return static_cast<int>((has_numbers ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  }
  return {};
}

Qt::ItemFlags RunTableModel::flags(const QModelIndex& index) const {
  Qt::ItemFlags flags = QAbstractTableModel::flags(index);
  if (!index.isValid()) return flags;
  const ColumnKind kind = columns_[static_cast<std::size_t>(index.column())].kind;
  return kind == ColumnKind::Title || kind == ColumnKind::Note ? flags | Qt::ItemIsEditable : flags;
}

bool RunTableModel::setData(const QModelIndex& index, const QVariant& value, int role) {
  if (role != Qt::EditRole || !index.isValid() || value == data(index, Qt::EditRole)) return false;
  const QString folder = run(index.row()).folder;
  if (columns_[static_cast<std::size_t>(index.column())].kind == ColumnKind::Title) {
    emit title_edited(folder, value.toString());
  } else {
    emit note_edited(folder, value.toString());
  }
  return true;
}

RunTable::RunTable(RunKeeping& keeping, QWidget* parent)
    : QTableView(parent), keeping_(keeping), model_(new RunTableModel(this)) {
  setObjectName(QStringLiteral("compare.table"));
  setAccessibleName(tr("Compared runs"));
  setProperty("rows", true);
  setModel(model_);
  setFrameShape(QFrame::NoFrame);
  setShowGrid(false);
  setSelectionBehavior(SelectRows);
  setWordWrap(false);
  setIconSize(QSize(16, 10));
  setTabKeyNavigation(false);
  setHorizontalScrollMode(ScrollPerPixel);
  setVerticalScrollMode(ScrollPerPixel);
  setEditTriggers(DoubleClicked | EditKeyPressed);
  setContextMenuPolicy(Qt::CustomContextMenu);
  setMinimumSize(120, 60);
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(24);
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setSectionsMovable(true);
  horizontalHeader()->setMinimumSectionSize(narrowest_column);
  horizontalHeader()->setSortIndicatorClearable(true);
  horizontalHeader()->setSortIndicator(-1, Qt::DescendingOrder);
  setSortingEnabled(true);
  connect(this, &RunTable::customContextMenuRequested, this, &RunTable::open_menu);
  // Queued: the table is filled anew, which takes the editor away.
  connect(model_, &RunTableModel::title_edited, &keeping_, &RunKeeping::set_title, Qt::QueuedConnection);
  connect(model_, &RunTableModel::note_edited, &keeping_, &RunKeeping::set_note, Qt::QueuedConnection);
}

void RunTable::show_runs(const std::vector<ComparedRun>& runs) {
  model_->show_runs(runs);
  size_columns();
}

/// Once for each set of columns, so that what the user pulled stays.
void RunTable::size_columns() {
  const QStringList titles = titles_of(model_->columns());
  if (titles == sized_for_ || titles.isEmpty()) return;
  sized_for_ = titles;
  for (int column = 0; column < model_->columnCount(); ++column) {
    resizeColumnToContents(column);
    const bool is_note = column + 1 == model_->columnCount();
    setColumnWidth(column,
                   std::clamp(columnWidth(column) + 6, narrowest_column, is_note ? widest_note : widest_column));
  }
}

int RunTable::full_height() const {
  return horizontalHeader()->sizeHint().height() + model_->rowCount() * verticalHeader()->defaultSectionSize() +
         horizontalScrollBar()->sizeHint().height() + 2;
}

QStringList RunTable::selected_folders() const {
  QStringList folders;
  for (const QModelIndex& row : selectionModel()->selectedRows()) folders << model_->run(row.row()).folder;
  return folders;
}

void RunTable::copy() {
  QApplication::clipboard()->setText(table_as_text(model_->columns(), model_->rows()));
  emit keeping_.message(tr("Copied the table."));
}

void RunTable::ask_to_save() {
  const QString folder = model_->rowCount() > 0 ? model_->run(0).folder : QString();
  const auto content = [this]() -> Result<std::string> { return table_as_csv(model_->columns(), model_->rows()); };
  keeping_.ask_to_save(tr("Table as CSV"), tr("runs"), folder, content);
}

bool RunTable::event(QEvent* event) {
  // Else the window's own actions would take these keys.
  if (event->type() == QEvent::ShortcutOverride && is_for_table(*static_cast<QKeyEvent*>(event))) {
    event->accept();
    return true;
  }
  return QTableView::event(event);
}

void RunTable::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) {
    copy();
  } else if (event->key() == Qt::Key_Delete) {
    keeping_.remove(selected_folders());
  } else if (event->key() == Qt::Key_F2 && currentIndex().isValid() && !(currentIndex().flags() & Qt::ItemIsEditable)) {
    edit(currentIndex().siblingAtColumn(0));
  } else {
    QTableView::keyPressEvent(event);
  }
}

void RunTable::open_menu(QPoint position) {
  const QModelIndex index = indexAt(position);
  QMenu menu(this);
  menu.setObjectName(QStringLiteral("compare.menu"));
  if (index.isValid()) {
    keeping_.add_actions(menu, selected_folders(), model_->run(index.row()).title,
                         [this, index] { edit(index.siblingAtColumn(0)); });
    menu.addSeparator();
  }
  menu.addAction(tr("Copy the table"), QKeySequence::Copy, this, &RunTable::copy);
  menu.addAction(tr("Save the table as CSV…"), this, &RunTable::ask_to_save);
  menu.exec(viewport()->mapToGlobal(position));
}

}  // namespace netwright
