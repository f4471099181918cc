#pragma once
// The layers of one network in topological order, those on a cycle last.

#include <QAbstractTableModel>
#include <QStyledItemDelegate>

#include <vector>

#include "backend/analysis/report.h"
#include "backend/graph/network.h"

namespace netwright {

class SummaryModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { NameColumn, OutputColumn, ParametersColumn, MacsColumn, FieldColumn, ColumnCount };
  /// TypeRole: the layer's type (text). ShareRole: 0..1 of all parameters. CategoryRole: an int, -1 for unknown types.
  enum Role { TypeRole = Qt::UserRole, ShareRole, CategoryRole, IsValidRole };

  using QAbstractTableModel::QAbstractTableModel;

  /// Either may be missing.
  void show(const Network* network, const NetworkReport* report);
  LayerId layer(int row) const { return rows_[static_cast<std::size_t>(row)].id; }
  /// -1 where it isn't there.
  int row_of(LayerId layer) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  struct Row {
    LayerId id;
    QString name;
    QString type;
    int category = -1;
    LayerReport report;
    double share = 0;
  };
  QVariant text(const Row& row, int column) const;
  QVariant tool_tip(const Row& row, int column) const;

  std::vector<Row> rows_;
};

/// Name and type in one cell; a bar behind the parameters.
class SummaryDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace netwright
