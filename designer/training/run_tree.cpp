#include "designer/training/run_tree.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QMouseEvent>
#include <QSignalBlocker>
#include <QStyledItemDelegate>

namespace netwright {
namespace {

constexpr int tick_size = 14;
constexpr int tick_reach = tick_size + 8;  // with the air around it

/// Edits the title, whatever the row shows in its place.
class TitleDelegate : public QStyledItemDelegate {
 public:
  explicit TitleDelegate(RunTree* tree) : QStyledItemDelegate(tree), tree_(tree) {}

  void setEditorData(QWidget* editor, const QModelIndex& index) const override {
    if (auto* line = qobject_cast<QLineEdit*>(editor); line && !line->isModified()) {
      line->setText(index.data(RunTree::title_role).toString());
    }
  }
  void setModelData(QWidget* editor, QAbstractItemModel* /*model*/, const QModelIndex& index) const override {
    const auto* line = qobject_cast<QLineEdit*>(editor);
    if (!line || line->text() == index.data(RunTree::title_role).toString()) return;
    emit tree_->title_edited(index.data(RunTree::folder_role).toString(), line->text());
  }

 private:
  RunTree* tree_;
};

bool is_for_runs(const QKeyEvent& key) {
  return key.key() == Qt::Key_Delete || key.key() == Qt::Key_F2 || key.matches(QKeySequence::SelectAll);
}

}  // namespace

RunTree::RunTree(QWidget* parent) : QTreeWidget(parent) {
  setSelectionMode(ExtendedSelection);
  setEditTriggers(NoEditTriggers);
  setItemDelegateForColumn(0, new TitleDelegate(this));
  setIconSize(QSize(tick_size, tick_size));
  connect(this, &QTreeWidget::itemSelectionChanged, this, [this] {
    if (!is_pressed_) emit choice_made();
  });
}

QStringList RunTree::chosen_folders() const {
  QStringList folders;
  for (const QTreeWidgetItem* item : run_items()) {
    if (item->isSelected()) folders << item->data(0, folder_role).toString();
  }
  return folders;
}

QList<QTreeWidgetItem*> RunTree::run_items() const {
  QList<QTreeWidgetItem*> items;
  for (int row = 0; row < topLevelItemCount(); ++row) {
    QTreeWidgetItem* item = topLevelItem(row);
    if (!item->data(0, folder_role).toString().isEmpty()) items << item;
    for (int within = 0; within < item->childCount(); ++within) items << item->child(within);
  }
  return items;
}

QStringList RunTree::open_headings() const {
  QStringList ids;
  for (int row = 0; row < topLevelItemCount(); ++row) {
    if (topLevelItem(row)->isExpanded()) ids << topLevelItem(row)->data(0, heading_role).toString();
  }
  return ids;
}

void RunTree::edit_title(const QString& folder) {
  for (QTreeWidgetItem* item : run_items()) {
    if (item->data(0, folder_role).toString() != folder) continue;
    item->setFlags(item->flags() | Qt::ItemIsEditable);
    editItem(item, 0);
  }
}

QItemSelectionModel::SelectionFlags RunTree::selectionCommand(const QModelIndex& index, const QEvent* event) const {
  const bool is_mouse = event && (event->type() == QEvent::MouseButtonPress ||
                                  event->type() == QEvent::MouseButtonRelease || event->type() == QEvent::MouseMove);
  if (!is_mouse) return QTreeWidget::selectionCommand(index, event);
  const auto* mouse = static_cast<const QMouseEvent*>(event);
  if (!index.isValid()) return QItemSelectionModel::NoUpdate;  // beside the rows nothing is meant
  if (!index.siblingAtColumn(0).data(heading_role).toString().isEmpty()) return QItemSelectionModel::NoUpdate;
  const int from_left = mouse->position().toPoint().x() - visualRect(index.siblingAtColumn(0)).left();
  const bool is_on_tick = index.column() == 0 && from_left < tick_reach && mouse->modifiers() == Qt::NoModifier;
  if (!is_on_tick || mouse->button() == Qt::RightButton) return QTreeWidget::selectionCommand(index, event);
  return event->type() == QEvent::MouseButtonPress ? QItemSelectionModel::Toggle | QItemSelectionModel::Rows
                                                   : QItemSelectionModel::SelectionFlags(QItemSelectionModel::NoUpdate);
}

void RunTree::mousePressEvent(QMouseEvent* event) {
  is_pressed_ = event->button() == Qt::LeftButton;
  QTreeWidget::mousePressEvent(event);
}

void RunTree::mouseReleaseEvent(QMouseEvent* event) {
  QTreeWidget::mouseReleaseEvent(event);
  is_pressed_ = false;
  if (event->button() != Qt::LeftButton) return;
  const QTreeWidgetItem* item = itemAt(event->position().toPoint());
  const QString heading = item ? item->data(0, heading_role).toString() : QString();
  if (heading.isEmpty()) {
    emit choice_made();
  } else if (event->position().x() >= visualItemRect(item).left()) {  // else it was opened or closed
    choose_heading(heading);
  }
}

void RunTree::choose_heading(const QString& id) {
  {
    const QSignalBlocker blocker(this);
    clearSelection();
  }
  viewport()->update();
  emit heading_chosen(id);
}

bool RunTree::event(QEvent* event) {
  // Else the window's own actions would take these keys.
  if (event->type() == QEvent::ShortcutOverride && is_for_runs(*static_cast<QKeyEvent*>(event))) {
    event->accept();
    return true;
  }
  return QTreeWidget::event(event);
}

void RunTree::resizeEvent(QResizeEvent* event) {
  QTreeWidget::resizeEvent(event);
  emit resized();
}

void RunTree::keyPressEvent(QKeyEvent* event) {
  const QString heading = currentItem() ? currentItem()->data(0, heading_role).toString() : QString();
  const bool is_enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (is_enter && !heading.isEmpty()) {
    choose_heading(heading);
  } else if (event->key() == Qt::Key_Delete) {
    emit delete_pressed();
  } else if (event->key() == Qt::Key_F2) {
    if (currentItem()) edit_title(currentItem()->data(0, folder_role).toString());
  } else {
    QTreeWidget::keyPressEvent(event);
  }
}

}  // namespace netwright
