#include "designer/panels/palette_model.h"

#include <QMimeData>

#include <algorithm>

#include "backend/layers/catalogue.h"
#include "designer/canvas/network_view.h"

namespace netwright {

PaletteModel::PaletteModel(QObject* parent) : QAbstractListModel(parent) {
  for (const LayerSpec& spec : catalogue()) {
    if (rows_.empty() || rows_.back().category != spec.category) {
      rows_.push_back({spec.category, nullptr});
    }
    rows_.push_back({spec.category, &spec});
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
      return QString::fromStdString(row.spec != nullptr ? row.spec->type : to_text(row.category));
    case Qt::ToolTipRole:
    case Qt::AccessibleDescriptionRole:
      return row.spec != nullptr ? QString::fromStdString(row.spec->summary) : QVariant();
    case CategoryRole:
      return static_cast<int>(row.category);
    case TypeRole:
      return row.spec != nullptr ? QString::fromStdString(row.spec->type) : QString();
    case IsHeadingRole:
      return row.spec == nullptr;
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

bool PaletteFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
  const QModelIndex index = sourceModel()->index(row, 0, parent);
  if (!index.data(PaletteModel::IsHeadingRole).toBool()) {
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
                       QLatin1Char(' ') + index.data(Qt::ToolTipRole).toString();
  return std::all_of(words_.begin(), words_.end(),
                     [&](const QString& word) { return text.contains(word, Qt::CaseInsensitive); });
}

}  // namespace netwright
