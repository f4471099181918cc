#pragma once
// The table of compared runs: a row for each, sorted by a click on a column; titles and notes are edited in place.

#include <QAbstractTableModel>
#include <QTableView>
#include <vector>

#include "designer/training/comparison_table.h"

namespace netwright {

class RunTableModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  explicit RunTableModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}

  void show_runs(const std::vector<ComparedRun>& runs);
  const std::vector<TableColumn>& columns() const { return columns_; }
  /// Numbers of the runs from the top down.
  const std::vector<int>& rows() const { return rows_; }
  const ComparedRun& run(int row) const {
    return runs_[static_cast<std::size_t>(rows_[static_cast<std::size_t>(row)])];
  }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;
  void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

 signals:
  void title_edited(const QString& folder, const QString& title);
  void note_edited(const QString& folder, const QString& note);

 private:
  void sort_rows();

  std::vector<ComparedRun> runs_;
  std::vector<TableColumn> columns_;
  std::vector<int> rows_;
  QString sorted_by_;  ///< a column's title; empty: as the runs came
  Qt::SortOrder order_ = Qt::AscendingOrder;
};

class RunKeeping;

class RunTable : public QTableView {
  Q_OBJECT

 public:
  explicit RunTable(RunKeeping& keeping, QWidget* parent = nullptr);

  void show_runs(const std::vector<ComparedRun>& runs);
  /// The whole table to the clipboard, as text with tabs.
  void copy();
  void ask_to_save();
  bool is_editing() const { return state() == EditingState; }
  /// Of the header and all rows.
  int full_height() const;
  QStringList selected_folders() const;

 protected:
  bool event(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void size_columns();
  void open_menu(QPoint position);

  RunKeeping& keeping_;
  RunTableModel* model_;
  QStringList sized_for_;  ///< the columns whose widths were chosen
};

}  // namespace netwright
