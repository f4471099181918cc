#pragma once
// The catalogue as a list: a heading for each category, then its types.

#include <QAbstractListModel>
#include <QSortFilterProxyModel>

#include <vector>

#include "backend/layers/layer_spec.h"

namespace netwright {

class PaletteModel : public QAbstractListModel {
  Q_OBJECT

 public:
  enum Role { CategoryRole = Qt::UserRole, TypeRole, IsHeadingRole };

  explicit PaletteModel(QObject* parent = nullptr);

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  QStringList mimeTypes() const override;
  QMimeData* mimeData(const QModelIndexList& indexes) const override;
  Qt::DropActions supportedDragActions() const override { return Qt::CopyAction; }

 private:
  struct Row {
    Category category;
    const LayerSpec* spec;  ///< none for a heading
  };
  std::vector<Row> rows_;
};

/// Keeps the types whose name, category or summary has every word of the search, and the headings above them.
class PaletteFilter : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  using QSortFilterProxyModel::QSortFilterProxyModel;

  void search(const QString& words);

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

 private:
  bool has_words(const QModelIndex& index) const;
  QStringList words_;
};

}  // namespace netwright
