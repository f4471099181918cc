#pragma once
// The catalogue as a list: a heading for each category, then its types; last the project's networks that may be Blocks.

#include <QAbstractListModel>
#include <QSortFilterProxyModel>

#include <set>
#include <vector>

#include "designer/canvas/layer_kind.h"
#include "designer/document/document.h"

namespace netwright {

class PaletteModel : public QAbstractListModel {
  Q_OBJECT

 public:
  /// TypeRole: a LayerKind's text. IsClosedRole: a heading's, told by the filter.
  enum Role { CategoryRole = Qt::UserRole, TypeRole, WordsRole, IsHeadingRole, IsClosedRole };

  explicit PaletteModel(Document& document, QObject* parent = nullptr);

  /// Whose Blocks are offered.
  void show_network(NetworkId network);

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;
  QStringList mimeTypes() const override;
  QMimeData* mimeData(const QModelIndexList& indexes) const override;
  Qt::DropActions supportedDragActions() const override { return Qt::CopyAction; }

 private:
  struct Row {
    Category category;
    LayerKind kind;  ///< no type for a heading
    QString text;
    QString summary;
    QString words;  ///< further ones to be found by
    bool operator==(const Row&) const = default;
  };
  void offer_blocks();

  Document& document_;
  NetworkId network_;
  std::size_t types_ = 0;  ///< how many rows come before those of Blocks
  std::vector<Row> rows_;
};

/// Keeps the types whose name, category or summary has every word of the search, and the headings above them; without
/// a search, all but what lies beneath closed headings.
class PaletteFilter : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  using QSortFilterProxyModel::QSortFilterProxyModel;

  void search(const QString& words);
  void toggle(Category category);
  const std::set<Category>& closed() const { return closed_; }
  void set_closed(std::set<Category> closed);

  QVariant data(const QModelIndex& index, int role) const override;
  /// A heading can be clicked where it opens and closes something.
  Qt::ItemFlags flags(const QModelIndex& index) const override;

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

 private:
  bool has_words(const QModelIndex& index) const;
  QStringList words_;
  std::set<Category> closed_;
};

}  // namespace netwright
