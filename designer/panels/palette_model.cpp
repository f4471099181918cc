#include "designer/panels/palette_model.h"

#include <QMimeData>

#include <algorithm>

#include "backend/graph/blocks.h"
#include "backend/layers/catalogue.h"
#include "designer/canvas/network_view.h"
#include "designer/canvas/plain_words.h"

namespace netwright {

PaletteModel::PaletteModel(Document& document, QObject* parent) : QAbstractListModel(parent), document_(document) {
  for (const LayerSpec& spec : catalogue()) {
    if (spec.type == block_type) {
      continue;
    }
    if (rows_.empty() || rows_.back().category != spec.category) {
      rows_.push_back({spec.category, {}, QString::fromStdString(to_text(spec.category)), {}, {}});
    }
    rows_.push_back({spec.category,
                     {spec.type},
                     QString::fromStdString(spec.type),
                     QString::fromStdString(spec.summary),
                     plain_words(spec.type)});
  }
  types_ = rows_.size();
  connect(&document_, &Document::analysed, this, &PaletteModel::offer_blocks);
}

void PaletteModel::show_network(NetworkId network) {
  network_ = network;
  offer_blocks();
}

void PaletteModel::offer_blocks() {
  std::vector<Row> rows;
  const Project& project = document_.project();
  for (const LayerKind& block : blocks_for(project, network_)) {
    if (rows.empty()) {
      rows.push_back({Category::Block, {}, tr("Blocks"), {}, {}});
    }
    const QString name = QString::fromStdString(block.title(project));
    rows.push_back({Category::Block, block, name, tr("The network %1 as a layer").arg(name), tr("block network")});
  }
  const auto first = rows_.begin() + static_cast<std::ptrdiff_t>(types_);
  if (std::equal(first, rows_.end(), rows.begin(), rows.end())) {
    return;
  }
  const int place = static_cast<int>(types_);
  if (first != rows_.end()) {
    beginRemoveRows({}, place, static_cast<int>(rows_.size()) - 1);
    rows_.erase(first, rows_.end());
    endRemoveRows();
  }
  if (!rows.empty()) {
    beginInsertRows({}, place, place + static_cast<int>(rows.size()) - 1);
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    endInsertRows();
  }
}

int PaletteModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

QVariant PaletteModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) {
    return {};
  }
  const Row& row = rows_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
      return row.text;
    case Qt::ToolTipRole:
    case Qt::AccessibleDescriptionRole:
      return row.summary;
    case CategoryRole:
      return static_cast<int>(row.category);
    case TypeRole:
      return QString::fromStdString(row.kind.to_text());
    case WordsRole:
      return row.words;
    case IsHeadingRole:
      return row.kind.type.empty();
    default:
      return {};
  }
}

Qt::ItemFlags PaletteModel::flags(const QModelIndex& index) const {
  if (!index.isValid() || index.data(IsHeadingRole).toBool()) {
    return Qt::NoItemFlags;
  }
  return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled | Qt::ItemNeverHasChildren;
}

QStringList PaletteModel::mimeTypes() const {
  return {QString::fromLatin1(layer_mime_type)};
}

QMimeData* PaletteModel::mimeData(const QModelIndexList& indexes) const {
  if (indexes.isEmpty()) {
    return nullptr;
  }
  auto* data = new QMimeData;
  data->setData(QString::fromLatin1(layer_mime_type), indexes.front().data(TypeRole).toString().toUtf8());
  return data;
}

void PaletteFilter::search(const QString& words) {
  words_ = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  invalidateFilter();
}

void PaletteFilter::toggle(Category category) {
  std::set<Category> closed = closed_;
  if (closed.erase(category) == 0) {
    closed.insert(category);
  }
  set_closed(std::move(closed));
}

void PaletteFilter::set_closed(std::set<Category> closed) {
  closed_ = std::move(closed);
  invalidateFilter();
}

QVariant PaletteFilter::data(const QModelIndex& index, int role) const {
  if (role == PaletteModel::IsClosedRole) {
    return words_.isEmpty() && closed_.contains(static_cast<Category>(index.data(PaletteModel::CategoryRole).toInt()));
  }
  return QSortFilterProxyModel::data(index, role);
}

Qt::ItemFlags PaletteFilter::flags(const QModelIndex& index) const {
  if (words_.isEmpty() && index.isValid() && index.data(PaletteModel::IsHeadingRole).toBool()) {
    return Qt::ItemIsEnabled | Qt::ItemNeverHasChildren;
  }
  return QSortFilterProxyModel::flags(index);
}

bool PaletteFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
  const QModelIndex index = sourceModel()->index(row, 0, parent);
  const bool is_heading = index.data(PaletteModel::IsHeadingRole).toBool();
  if (words_.isEmpty()) {
    return is_heading || !closed_.contains(static_cast<Category>(index.data(PaletteModel::CategoryRole).toInt()));
  }
  if (!is_heading) {
    return has_words(index);
  }
  for (int next = row + 1; next < sourceModel()->rowCount(parent); ++next) {
    const QModelIndex below = sourceModel()->index(next, 0, parent);
    if (below.data(PaletteModel::IsHeadingRole).toBool()) {
      return false;
    }
    if (has_words(below)) {
      return true;
    }
  }
  return false;
}

bool PaletteFilter::has_words(const QModelIndex& index) const {
  const auto category = static_cast<Category>(index.data(PaletteModel::CategoryRole).toInt());
  const QString text = index.data().toString() + QLatin1Char(' ') + QString::fromStdString(to_text(category)) +
                       QLatin1Char(' ') + index.data(Qt::ToolTipRole).toString() + QLatin1Char(' ') +
                       index.data(PaletteModel::WordsRole).toString();
  return std::all_of(words_.begin(), words_.end(),
                     [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
}

}  // namespace netwright
