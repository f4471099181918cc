#include "designer/canvas/quick_add.h"

#include <QEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>

#include "backend/graph/blocks.h"
#include "backend/layers/catalogue.h"
#include "designer/canvas/fuzzy.h"
#include "designer/canvas/plain_words.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr int summary_role = Qt::UserRole;
constexpr int category_role = Qt::UserRole + 1;
constexpr int kind_role = Qt::UserRole + 2;
constexpr int rows_shown = 8;

/// One row: the category's edge, the type, and what it does in muted words.
class RowDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
    return {0, QFontMetrics(Theme::instance().body()).height() + 10};
  }

  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    painter->save();
    const QRect row = option.rect;
    if (option.state & QStyle::State_Selected) painter->fillRect(row, colours().selection);
    const auto category = static_cast<Category>(index.data(category_role).toInt());
    painter->fillRect(QRect(row.left() + 6, row.top() + 5, 3, row.height() - 10), Theme::instance().category(category));
    const QString type = index.data(Qt::DisplayRole).toString();
    painter->setFont(Theme::instance().body());
    painter->setPen(colours().text);
    painter->drawText(row.adjusted(16, 0, -8, 0), Qt::AlignVCenter, type);
    const int used = painter->fontMetrics().horizontalAdvance(type) + 28;
    painter->setFont(Theme::instance().caption());
    painter->setPen(colours().muted);
    const QRect rest = row.adjusted(used, 0, -8, 0);
    painter->drawText(
        rest, Qt::AlignVCenter,
        painter->fontMetrics().elidedText(index.data(summary_role).toString(), Qt::ElideRight, rest.width()));
    painter->restore();
  }
};

}  // namespace

QuickAdd::QuickAdd(QWidget* parent) : QFrame(parent), words_(new QLineEdit(this)), list_(new QListWidget(this)) {
  setObjectName("quick_add");
  setFrameShape(QFrame::NoFrame);
  words_->setPlaceholderText(tr("Layer type"));
  words_->setAccessibleName(tr("Layer type"));
  words_->installEventFilter(this);
  list_->setFocusPolicy(Qt::NoFocus);
  list_->setFrameShape(QFrame::NoFrame);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setItemDelegate(new RowDelegate(list_));
  list_->setUniformItemSizes(true);
  list_->setAutoFillBackground(false);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(7, 7, 7, 7);
  column->setSpacing(6);
  column->addWidget(words_);
  column->addWidget(list_);
  connect(words_, &QLineEdit::textChanged, this, &QuickAdd::filter);
  connect(list_, &QListWidget::itemClicked, this, &QuickAdd::accept);
  hide();
}

void QuickAdd::open(const QuickAddRequest& request, const Project& project, NetworkId network, QPoint at,
                    const QString& text) {
  request_ = request;
  offer(project, network);
  words_->setText(text);
  filter(text);
  setFixedWidth(std::min(320, parentWidget()->width()));
  const QPoint highest(parentWidget()->width() - width(), parentWidget()->height() - height());
  move(std::max(0, std::min(at.x(), highest.x())), std::max(0, std::min(at.y(), highest.y())));
  show();
  raise();
  words_->setFocus(Qt::PopupFocusReason);
}

void QuickAdd::dismiss() {
  if (isHidden()) return;
  hide();
  emit dismissed();
}

void QuickAdd::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(colours().outline, 1));
  painter.setBrush(colours().surface);
  painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
}

void QuickAdd::shrink_to_rows() {
  const int row = std::max(list_->sizeHintForRow(0), 1);
  const int rows = std::clamp(list_->count(), 1, rows_shown);
  setFixedHeight(std::min(words_->sizeHint().height() + 22 + rows * row, parentWidget()->height()));
}

bool QuickAdd::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::FocusOut) {
    dismiss();
    return false;
  }
  if (event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
  const auto* key = static_cast<QKeyEvent*>(event);
  const int row = list_->currentRow();
  switch (key->key()) {
    case Qt::Key_Escape:
      dismiss();
      return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      accept();
      return true;
    case Qt::Key_Down:
    case Qt::Key_Tab:
      list_->setCurrentRow(std::min(row + 1, list_->count() - 1));
      return true;
    case Qt::Key_Up:
    case Qt::Key_Backtab:
      list_->setCurrentRow(std::max(row - 1, 0));
      return true;
    default:
      return QFrame::eventFilter(watched, event);
  }
}

void QuickAdd::offer(const Project& project, NetworkId network) {
  const bool needs_input = request_.fed_from || request_.inserted_in;
  const bool needs_output = request_.leads_to || request_.inserted_in;
  offers_.clear();
  const auto add = [&](const LayerKind& kind, const LayerSpec& spec, const QString& summary) {
    const Layer layer{.id = {}, .name = {}, .type = kind.type, .settings = kind.settings(), .position = {}};
    const PortCounts counts = port_counts(project, layer);
    if ((needs_input && counts.max_inputs == 0) || (needs_output && counts.outputs == 0)) return;
    offers_.push_back({kind, QString::fromStdString(kind.title(project)), summary, plain_words(kind.type),
                       static_cast<int>(spec.category)});
  };
  for (const LayerSpec& spec : catalogue())
    if (spec.type != block_type) add({spec.type}, spec, QString::fromStdString(spec.summary));
  for (const LayerKind& block : blocks_for(project, network))
    add(block, *find_layer_spec(block_type), tr("A block: this project's network as a layer"));
}

void QuickAdd::filter(const QString& words) {
  const QString wanted = words.trimmed();
  std::vector<std::pair<int, const Offer*>> found;
  for (const Offer& offer : offers_) {
    std::optional<int> score = fuzzy_score(wanted, offer.title);
    // What it does counts too, but only whole words of it and after every name.
    const bool is_about =
        offer.summary.contains(wanted, Qt::CaseInsensitive) || offer.words.contains(wanted, Qt::CaseInsensitive);
    if (!score && wanted.size() > 2 && is_about) score = -1000;
    if (score) found.emplace_back(*score + (is_usual_kin(offer.title) ? 1 : 0), &offer);
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  list_->clear();
  for (const auto& [score, offer] : found) {
    auto* row = new QListWidgetItem(offer->title, list_);
    row->setData(summary_role, offer->summary);
    row->setData(category_role, offer->category);
    row->setData(kind_role, QString::fromStdString(offer->kind.to_text()));
  }
  list_->setCurrentRow(0);
  shrink_to_rows();
}

void QuickAdd::accept() {
  const QListWidgetItem* row = list_->currentItem();
  if (!row) return;
  const QString kind = row->data(kind_role).toString();
  hide();
  emit chosen(kind);
}

}  // namespace netwright
