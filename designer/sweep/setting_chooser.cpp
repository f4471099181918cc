#include "designer/sweep/setting_chooser.h"

#include <QApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "backend/sweep/sweep_text.h"
#include "designer/theme/icons.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr int setting_role = Qt::UserRole;
constexpr int most_shown = 400;  // a drawing of thousands of layers is searched, not scrolled

bool has_all(const std::string& text, const QStringList& words) {
  const QString whole = QString::fromStdString(text);
  return std::all_of(words.begin(), words.end(),
                     [&](const QString& word) { return whole.contains(word, Qt::CaseInsensitive); });
}

/// Those whose names have all the words; where there are none, those whose help has them.
std::vector<std::size_t> found_settings(const std::vector<VariableSetting>& settings, const QStringList& words) {
  std::vector<std::size_t> found;
  for (const bool in_help : {false, true}) {
    for (std::size_t i = 0; i < settings.size(); ++i) {
      const std::string names = settings[i].path + " " + settings[i].group;
      if (has_all(in_help ? names + " " + settings[i].spec.help : names, words)) found.push_back(i);
    }
    if (!found.empty()) break;
  }
  return found;
}

}  // namespace

SettingChooser::SettingChooser(std::vector<VariableSetting> settings, QWidget* parent)
    : QWidget(parent), settings_(std::move(settings)), search_(new QLineEdit), tree_(new QTreeWidget) {
  search_->setObjectName(QStringLiteral("sweep.search"));
  search_->setPlaceholderText(tr("Search the settings"));
  search_->setAccessibleName(search_->placeholderText());
  search_->setClearButtonEnabled(true);
  search_->addAction(icon(QStringLiteral("search"), Ink::Muted), QLineEdit::LeadingPosition);
  search_->installEventFilter(this);
  tree_->setObjectName(QStringLiteral("sweep.settings"));
  tree_->setAccessibleName(tr("Settings that can be varied"));
  tree_->setHeaderHidden(true);
  tree_->setColumnCount(2);
  tree_->setRootIsDecorated(false);
  tree_->setIndentation(6);
  tree_->setUniformRowHeights(true);
  tree_->setFrameShape(QFrame::NoFrame);
  tree_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  tree_->header()->setStretchLastSection(false);
  tree_->header()->setSectionResizeMode(0, QHeaderView::Stretch);
  tree_->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
  tree_->installEventFilter(this);
  auto* frame = new QFrame;
  frame->setProperty("role", "card");
  auto* inside = new QVBoxLayout(frame);
  inside->setContentsMargins(1, 3, 1, 3);
  inside->addWidget(tree_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  column->addWidget(search_);
  column->addWidget(frame, 1);
  connect(search_, &QLineEdit::textChanged, this, &SettingChooser::fill);
  connect(tree_, &QTreeWidget::itemClicked, this, &SettingChooser::toggle);
  connect(&Theme::instance(), &Theme::changed, this, &SettingChooser::fill);
  fill();
}

void SettingChooser::focus_search() {
  search_->setFocus();
}

void SettingChooser::set_chosen(std::set<std::string> paths) {
  chosen_ = std::move(paths);
  for (int i = 0; i < tree_->topLevelItemCount(); ++i) {
    for (int j = 0; j < tree_->topLevelItem(i)->childCount(); ++j) {
      QTreeWidgetItem* item = tree_->topLevelItem(i)->child(j);
      mark(*item, settings_[static_cast<std::size_t>(item->data(0, setting_role).toInt())]);
    }
  }
}

void SettingChooser::mark(QTreeWidgetItem& item, const VariableSetting& setting) const {
  const bool is_chosen = chosen_.contains(setting.path);
  item.setIcon(0, is_chosen ? icon(QStringLiteral("check"), Ink::Accent) : icon(QStringLiteral("add"), Ink::Muted));
  QFont font = Theme::instance().body();
  if (is_chosen) font.setWeight(QFont::DemiBold);
  item.setFont(0, font);
}

void SettingChooser::fill() {
  const QStringList words = search_->text().split(QLatin1Char(' '), Qt::SkipEmptyParts);
  tree_->clear();
  QTreeWidgetItem* group = nullptr;
  int shown = 0;
  int left_out = 0;
  for (const std::size_t i : found_settings(settings_, words)) {
    const VariableSetting& setting = settings_[i];
    if (shown == most_shown) {
      ++left_out;
      continue;
    }
    const QString title = QString::fromStdString(setting.group);
    if (!group || group->text(0) != title) {
      group = new QTreeWidgetItem(tree_, {title});
      group->setFlags(Qt::ItemIsEnabled);
      group->setFirstColumnSpanned(true);
      QFont bold = Theme::instance().caption();
      bold.setWeight(QFont::DemiBold);
      group->setFont(0, bold);
      group->setExpanded(true);
    }
    const QString value = QString::fromStdString(sweep_value_text(setting.value));
    auto* item = new QTreeWidgetItem(group, {QString::fromStdString(setting.spec.name), value});
    item->setData(0, setting_role, static_cast<int>(i));
    item->setToolTip(0, QString::fromStdString(setting.path + "\n" + setting.spec.help));
    item->setData(0, Qt::AccessibleTextRole, QString::fromStdString(setting.path));
    item->setFont(1, Theme::instance().small_figures());
    item->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
    mark(*item, setting);
    ++shown;
  }
  if (left_out > 0 || shown == 0) {
    auto* more = new QTreeWidgetItem(
        tree_, {shown == 0 ? tr("No setting is called that") : tr("%1 more: search for them").arg(left_out)});
    more->setFlags(Qt::NoItemFlags);
    more->setFirstColumnSpanned(true);
  }
  tree_->expandAll();
}

void SettingChooser::toggle(const QTreeWidgetItem* item) {
  if (!item || !item->parent()) return;
  const int number = item->data(0, setting_role).toInt();
  // A double click is meant as one.
  const bool is_second =
      number == toggled_last_ && toggled_at_.isValid() && toggled_at_.elapsed() < QApplication::doubleClickInterval();
  toggled_last_ = number;
  toggled_at_.start();
  if (!is_second) emit toggled(settings_[static_cast<std::size_t>(number)]);
}

bool SettingChooser::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    const bool is_enter = key == Qt::Key_Return || key == Qt::Key_Enter;
    if (is_enter && watched == tree_) {
      toggled_at_.invalidate();
      toggle(tree_->currentItem());
      return true;
    }
    if (watched == search_ && (is_enter || key == Qt::Key_Down)) {
      // The first that was found.
      QTreeWidgetItem* first = tree_->topLevelItem(0) ? tree_->topLevelItem(0)->child(0) : nullptr;
      if (key == Qt::Key_Down && first) {
        tree_->setFocus();
        tree_->setCurrentItem(first);
      } else if (is_enter && !search_->text().isEmpty()) {
        toggled_at_.invalidate();
        toggle(first);
      }
      return true;
    }
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace netwright
