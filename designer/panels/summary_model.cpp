#include "designer/panels/summary_model.h"

#include <QPainter>

#include <algorithm>
#include <set>

#include "backend/layers/catalogue.h"
#include "designer/panels/figure_text.h"
#include "designer/theme/theme.h"

namespace netwright {

namespace {

constexpr int cell_padding = 6;

bool is_figure(int column) {
  return column == SummaryModel::ParametersColumn || column == SummaryModel::MacsColumn;
}

}  // namespace

void SummaryModel::show(const Network* network, const NetworkReport* report) {
  std::vector<Row> rows;
  const auto add = [&](const Layer& layer) {
    Row row;
    row.id = layer.id;
    row.name = QString::fromStdString(layer.name);
    row.type = QString::fromStdString(layer.type);
    const LayerSpec* spec = find_layer_spec(layer.type);
    row.category = spec != nullptr ? static_cast<int>(spec->category) : -1;
    if (report != nullptr) {
      const auto found = report->layers.find(layer.id);
      row.report = found != report->layers.end() ? found->second : LayerReport();
      const Dim& total = report->totals.parameters;
      if (total && *total > 0 && row.report.parameters) {
        row.share = static_cast<double>(*row.report.parameters) / static_cast<double>(*total);
      }
    }
    rows.push_back(std::move(row));
  };
  if (network != nullptr) {
    std::set<LayerId> ordered;
    if (report != nullptr) {
      for (const LayerId id : report->order) {
        if (const Layer* layer = network->find(id)) {
          ordered.insert(id);
          add(*layer);
        }
      }
    }
    for (const Layer& layer : network->layers) {
      if (!ordered.contains(layer.id)) {
        add(layer);
      }
    }
  }
  const bool are_same_layers = std::equal(rows.begin(), rows.end(), rows_.begin(), rows_.end(),
                                          [](const Row& a, const Row& b) { return a.id == b.id; });
  if (are_same_layers) {
    rows_ = std::move(rows);
    if (!rows_.empty()) {
      emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    }
  } else {
    beginResetModel();
    rows_ = std::move(rows);
    endResetModel();
  }
}

int SummaryModel::row_of(LayerId layer) const {
  const auto it = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.id == layer; });
  return it == rows_.end() ? -1 : static_cast<int>(it - rows_.begin());
}

int SummaryModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int SummaryModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant SummaryModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) {
    return {};
  }
  const Row& row = rows_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return text(row, index.column());
    case Qt::ToolTipRole:
      return tool_tip(row, index.column());
    case Qt::TextAlignmentRole:
      return is_figure(index.column()) ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                       : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    case TypeRole:
      return row.type;
    case ShareRole:
      return row.share;
    case CategoryRole:
      return row.category;
    case IsValidRole:
      return row.report.is_valid;
    default:
      return {};
  }
}

QVariant SummaryModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) {
    return {};
  }
  if (role == Qt::TextAlignmentRole) {
    return is_figure(section) ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                              : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  }
  static constexpr const char* titles[] = {QT_TR_NOOP("Layer"), QT_TR_NOOP("Output"), QT_TR_NOOP("Parameters"),
                                           QT_TR_NOOP("MACs"), QT_TR_NOOP("Field")};
  static constexpr const char* help[] = {
      QT_TR_NOOP("Name and type, in the order in which the layers run"),
      QT_TR_NOOP("Shape of the output, without the batch"),
      QT_TR_NOOP("Learned numbers; the bar is the share of the whole network"),
      QT_TR_NOOP("Multiply-adds for one sample"),
      QT_TR_NOOP("Receptive field: how much of the input one output sees"),
  };
  if (section < 0 || section >= ColumnCount || (role != Qt::DisplayRole && role != Qt::ToolTipRole)) {
    return {};
  }
  return tr(role == Qt::DisplayRole ? titles[section] : help[section]);
}

QVariant SummaryModel::text(const Row& row, int column) const {
  switch (column) {
    case NameColumn:
      return row.name;
    case OutputColumn:
      return row.report.is_valid ? shapes_text(row.report.outputs) : QStringLiteral("–");
    case ParametersColumn:
      return row.report.parameters && *row.report.parameters == 0 ? QString() : count_text(row.report.parameters);
    case MacsColumn:
      return row.report.macs && *row.report.macs == 0 ? QString() : short_count_text(row.report.macs);
    case FieldColumn:
      if (row.report.field.empty()) {
        return QString();
      }
      return sees_whole_input(row.report.field) ? tr("whole") : field_text(row.report.field);
    default:
      return {};
  }
}

QVariant SummaryModel::tool_tip(const Row& row, int column) const {
  switch (column) {
    case NameColumn:
      return QStringLiteral("%1: %2").arg(row.name, row.type);
    case ParametersColumn:
      return row.share > 0 ? tr("%1 % of all parameters").arg(row.share * 100, 0, 'f', 1) : QString();
    case MacsColumn:
      return exact_text(row.report.macs);
    case FieldColumn:
      return field_details(row.report.field);
    default:
      return {};
  }
}

void SummaryDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const Colours& c = colours();
  const Theme& theme = Theme::instance();
  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  if (option.state.testFlag(QStyle::State_Selected)) {
    painter->fillRect(option.rect, c.selection);
  } else if (option.state.testFlag(QStyle::State_MouseOver)) {
    painter->fillRect(option.rect, c.raised);
  }
  QRect rect = option.rect.adjusted(cell_padding, 0, -cell_padding, 0);
  const QString text = index.data().toString();
  if (index.column() == SummaryModel::NameColumn) {
    const int category = index.data(SummaryModel::CategoryRole).toInt();
    painter->setPen(Qt::NoPen);
    painter->setBrush(category < 0 ? c.error : theme.category(static_cast<Category>(category)));
    painter->drawRoundedRect(QRectF(rect.left(), rect.center().y() - 6, 3, 13), 1.5, 1.5);
    rect.setLeft(rect.left() + 10);
    const QFontMetrics metrics(theme.body());
    painter->setFont(theme.body());
    painter->setPen(index.data(SummaryModel::IsValidRole).toBool() ? c.text : c.error);
    painter->drawText(rect, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(text, Qt::ElideRight, rect.width()));
    rect.setLeft(rect.left() + metrics.horizontalAdvance(text) + 7);
    painter->setFont(theme.caption());
    painter->setPen(c.muted);
    const QFontMetrics small(theme.caption());
    if (rect.width() > 16) {
      painter->drawText(rect, Qt::AlignLeft | Qt::AlignVCenter,
                        small.elidedText(index.data(SummaryModel::TypeRole).toString(), Qt::ElideRight, rect.width()));
    }
    painter->restore();
    return;
  }
  if (index.column() == SummaryModel::ParametersColumn) {
    const double share = index.data(SummaryModel::ShareRole).toDouble();
    if (share > 0) {
      // Right-aligned like the figures, so that bars and digits are compared along one edge.
      QColor bar = c.accent;
      bar.setAlphaF(0.55F);
      const double width = std::max(1.5, share * rect.width());
      painter->setPen(Qt::NoPen);
      painter->setBrush(bar);
      painter->drawRoundedRect(QRectF(rect.right() + 1 - width, rect.bottom() - 3, width, 2), 1, 1);
    }
  }
  painter->setFont(theme.figures());
  painter->setPen(index.column() == SummaryModel::FieldColumn ? c.muted : c.text);
  painter->drawText(rect, index.data(Qt::TextAlignmentRole).toInt(),
                    QFontMetrics(theme.figures()).elidedText(text, Qt::ElideRight, rect.width()));
  painter->restore();
}

QSize SummaryDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  return {QStyledItemDelegate::sizeHint(option, index).width(), 25};
}

}  // namespace netwright
