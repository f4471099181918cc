#include "designer/panels/palette.h"

#include <QAction>
#include <QCoreApplication>
#include <QDrag>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMimeData>
#include <QVBoxLayout>

#include "backend/layers/catalogue.h"
#include "designer/canvas/plain_words.h"
#include "designer/panels/palette_delegate.h"
#include "designer/panels/palette_model.h"
#include "designer/theme/icons.h"
#include "designer/theme/theme.h"

namespace netwright {

namespace {

class TypeList : public QListView {
 public:
  using QListView::QListView;

 protected:
  void startDrag(Qt::DropActions actions) override {
    const QModelIndex index = currentIndex();
    if (!index.isValid() || index.data(PaletteModel::IsHeadingRole).toBool()) {
      return;
    }
    auto* drag = new QDrag(this);
    drag->setMimeData(model()->mimeData({index}));
    const QPixmap picture = PaletteDelegate::drag_picture(index, devicePixelRatioF());
    drag->setPixmap(picture);
    drag->setHotSpot(QRectF(QPointF(), picture.deviceIndependentSize()).center().toPoint());
    drag->exec(actions, Qt::CopyAction);
  }
};

}  // namespace

Palette::Palette(Document& document, QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("palette"));
  search_ = new QLineEdit(this);
  search_->setObjectName(QStringLiteral("palette.search"));
  search_->setPlaceholderText(tr("Search layers"));
  search_->setAccessibleName(tr("Search layers"));
  search_->setToolTip(tr("Ctrl+K or /"));
  search_->setClearButtonEnabled(true);
  search_->addAction(icon(QStringLiteral("search"), Ink::Muted), QLineEdit::LeadingPosition);
  search_->installEventFilter(this);

  model_ = new PaletteModel(document, this);
  filter_ = new PaletteFilter(this);
  filter_->setSourceModel(model_);
  list_ = new TypeList(this);
  list_->setObjectName(QStringLiteral("palette.list"));
  list_->setAccessibleName(tr("Layer types"));
  list_->setModel(filter_);
  list_->setItemDelegate(new PaletteDelegate(list_));
  list_->setMouseTracking(true);
  list_->setDragEnabled(true);
  list_->setDragDropMode(QAbstractItemView::DragOnly);
  list_->setEditTriggers(QAbstractItemView::NoEditTriggers);
  list_->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->installEventFilter(this);

  nothing_ = new QLabel(tr("No layer has these words"), this);
  nothing_->setObjectName(QStringLiteral("palette.nothing"));
  nothing_->setProperty("role", "muted");
  nothing_->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
  nothing_->setContentsMargins(8, 16, 8, 8);
  nothing_->hide();

  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* top = new QVBoxLayout;
  top->setContentsMargins(8, 8, 8, 6);
  top->addWidget(search_);
  column->addLayout(top);
  column->addWidget(nothing_);
  column->addWidget(list_, 1);

  connect(search_, &QLineEdit::textChanged, this, &Palette::search);
  connect(list_, &QListView::doubleClicked, this, [this](const QModelIndex& index) {
    if (!index.data(PaletteModel::IsHeadingRole).toBool()) {
      choose(index);
    }
  });
  connect(list_, &QListView::clicked, this, [this](const QModelIndex& index) {
    if (index.data(PaletteModel::IsHeadingRole).toBool()) {
      choose(index);
    }
  });
  connect(&Theme::instance(), &Theme::changed, list_, qOverload<>(&QWidget::update));
}

void Palette::focus_search() {
  search_->setFocus(Qt::ShortcutFocusReason);
  search_->selectAll();
}

void Palette::show_network(NetworkId network) {
  model_->show_network(network);
}

QStringList Palette::closed() const {
  QStringList names;
  for (const Category category : filter_->closed()) {
    names += QString::fromStdString(to_text(category));
  }
  return names;
}

void Palette::set_closed(const QStringList& categories) {
  std::set<Category> closed;
  for (const LayerSpec& spec : catalogue()) {
    if (categories.contains(QString::fromStdString(to_text(spec.category)))) {
      closed.insert(spec.category);
    }
  }
  filter_->set_closed(std::move(closed));
}

bool Palette::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::KeyPress) {
    return QWidget::eventFilter(watched, event);
  }
  auto* key = static_cast<QKeyEvent*>(event);
  const bool is_enter = key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
  if (is_enter) {
    choose(list_->currentIndex());
    return true;
  }
  if (watched == search_) {
    if (key->key() == Qt::Key_Escape && !search_->text().isEmpty()) {
      search_->clear();
      return true;
    }
    if (key->key() == Qt::Key_Down || key->key() == Qt::Key_Up) {
      if (!list_->currentIndex().isValid()) {
        select_first();
      } else if (!search_->text().isEmpty() || key->key() == Qt::Key_Down) {
        QCoreApplication::sendEvent(list_, event);
      }
      return true;
    }
  }
  return QWidget::eventFilter(watched, event);
}

void Palette::search(const QString& words) {
  filter_->search(words);
  const bool is_empty = filter_->rowCount() == 0;
  nothing_->setVisible(is_empty);
  list_->setVisible(!is_empty);
  if (words.isEmpty()) {
    list_->setCurrentIndex({});
    list_->scrollToTop();
  } else {
    select_first();
  }
}

void Palette::select_first() {
  // A type whose name begins with the words is meant before one that has them elsewhere.
  QModelIndex first;
  int best = -1;
  for (int row = 0; row < filter_->rowCount(); ++row) {
    const QModelIndex index = filter_->index(row, 0);
    if (index.data(PaletteModel::IsHeadingRole).toBool()) {
      continue;
    }
    const QString type = index.data().toString();
    const int fit =
        (type.startsWith(search_->text().trimmed(), Qt::CaseInsensitive) ? 2 : 0) + (is_usual_kin(type) ? 1 : 0);
    if (fit > best) {
      best = fit;
      first = index;
    }
  }
  list_->setCurrentIndex(first);
}

void Palette::choose(const QModelIndex& index) {
  if (!index.isValid()) {
    return;
  }
  if (index.data(PaletteModel::IsHeadingRole).toBool()) {
    filter_->toggle(static_cast<Category>(index.data(PaletteModel::CategoryRole).toInt()));
  } else {
    emit layer_chosen(index.data(PaletteModel::TypeRole).toString());
  }
}

}  // namespace netwright
