#include "designer/window/canvas_tabs.h"

#include <QInputDialog>
#include <QMenu>
#include <QTabBar>
#include <QToolButton>

#include <algorithm>

#include "backend/graph/blocks.h"
#include "designer/canvas/network_view.h"
#include "designer/theme/icons.h"

namespace netwright {

CanvasTabs::CanvasTabs(Document& document, QWidget* parent) : QTabWidget(parent), document_(document) {
  setObjectName(QStringLiteral("networks"));
  setDocumentMode(true);
  tabBar()->setObjectName(QStringLiteral("networks.tabs"));
  tabBar()->setAccessibleName(tr("Networks"));
  tabBar()->setContextMenuPolicy(Qt::CustomContextMenu);
  auto* add = new QToolButton(this);
  add->setObjectName(QStringLiteral("networks.add"));
  add->setIcon(icon(QStringLiteral("add"), Ink::Muted));
  add->setToolTip(tr("Add a network"));
  add->setAccessibleName(tr("Add a network"));
  setCornerWidget(add, Qt::TopRightCorner);

  connect(add, &QToolButton::clicked, this, &CanvasTabs::add_network);
  connect(tabBar(), &QTabBar::tabBarDoubleClicked, this, [this](int index) {
    if (index >= 0) {
      rename_network();
    }
  });
  connect(tabBar(), &QTabBar::customContextMenuRequested, this, [this](const QPoint& place) {
    const int index = tabBar()->tabAt(place);
    if (index >= 0) {
      setCurrentIndex(index);
      QMenu menu;
      menu.addAction(tr("Rename…"), this, &CanvasTabs::rename_network);
      menu.addAction(tr("Remove"), this, &CanvasTabs::remove_network)->setEnabled(count() > 1);
      menu.exec(tabBar()->mapToGlobal(place));
    }
  });
  connect(this, &QTabWidget::currentChanged, this, [this] {
    emit selection_changed();
    if (const NetworkView* shown = view()) {
      emit zoom_changed(shown->zoom());
    }
  });
  connect(&document_, &Document::replaced, this, &CanvasTabs::rebuild);
  connect(&document_, &Document::edited, this, &CanvasTabs::follow);
  rebuild();
}

NetworkView* CanvasTabs::view() const {
  return qobject_cast<NetworkView*>(currentWidget());
}

NetworkId CanvasTabs::network() const {
  const NetworkView* shown = view();
  return shown != nullptr ? shown->network() : NetworkId();
}

std::vector<LayerId> CanvasTabs::selection() const {
  const NetworkView* shown = view();
  if (shown == nullptr) {
    return {};
  }
  const std::set<LayerId> selected = shown->selection();
  return {selected.begin(), selected.end()};
}

void CanvasTabs::show_layer(NetworkId network, LayerId layer) {
  const int place = place_of(network);
  if (place < 0) {
    return;
  }
  setCurrentIndex(place);
  if (layer) {
    view()->focus_layer(layer);
  }
}

void CanvasTabs::add_network() {
  Network network;
  network.id = document_.project().next_network_id();
  for (int number = 1; network.name.empty() || document_.project().find(std::string_view(network.name)) != nullptr;
       ++number) {
    network.name = "network" + std::to_string(number);
  }
  const NetworkId id = network.id;
  const auto added = document_.edit(tr("Add %1").arg(QString::fromStdString(network.name)), {AddNetwork{network}});
  if (added) {
    setCurrentIndex(place_of(id));
  } else {
    emit message(QString::fromStdString(added.error().message));
  }
}

void CanvasTabs::rename_network() {
  const Network* network = document_.project().find(this->network());
  if (network == nullptr) {
    return;
  }
  const QString old_name = QString::fromStdString(network->name);
  QString name = old_name;
  QString words = tr("Name of the network:");
  for (;;) {
    bool is_accepted = false;
    name =
        QInputDialog::getText(this, tr("Rename the network"), words, QLineEdit::Normal, name, &is_accepted).trimmed();
    if (!is_accepted || name == old_name) {
      return;
    }
    QString complaint = QString::fromStdString(name_complaint(name.toStdString()));
    if (complaint.isEmpty() && document_.project().find(std::string_view(name.toStdString())) != nullptr) {
      complaint = tr("Another network is called %1.").arg(name);
    }
    if (complaint.isEmpty()) {
      const auto renamed =
          document_.edit(tr("Rename %1").arg(old_name), {RenameNetwork{this->network(), name.toStdString()}});
      complaint = renamed ? QString() : QString::fromStdString(renamed.error().message);
    }
    if (complaint.isEmpty()) {
      return;
    }
    words = complaint + QStringLiteral("\n\n") + tr("Name of the network:");
  }
}

void CanvasTabs::remove_network() {
  const Network* network = document_.project().find(this->network());
  if (network == nullptr || document_.project().networks.size() < 2) {
    return;
  }
  const QString name = QString::fromStdString(network->name);
  const NetworkId id = network->id;
  const auto& networks = document_.project().networks;
  const bool is_used = std::any_of(networks.begin(), networks.end(), [&](const Network& other) {
    return other.id != id && uses(document_.project(), other.id, id);
  });
  const auto removed = document_.edit(tr("Remove %1").arg(name), {RemoveNetwork{id}});
  if (!removed) {
    emit message(QString::fromStdString(removed.error().message));
  } else if (is_used) {
    emit message(tr("Removed %1, which blocks stand for. Undo brings it back.").arg(name));
  } else {
    emit message(tr("Removed %1. Undo brings it back.").arg(name));
  }
}

void CanvasTabs::rebuild() {
  {
    const QSignalBlocker quiet(this);
    while (count() > 0) {
      delete widget(0);
    }
    for (const Network& network : document_.project().networks) {
      insert(count(), network);
    }
    setCurrentIndex(0);
  }
  emit currentChanged(currentIndex());
  if (NetworkView* shown = view()) {
    shown->setFocus();
    // The first size that a new canvas gets isn't yet the one that the splitters give it.
    QMetaObject::invokeMethod(shown, &NetworkView::show_start, Qt::QueuedConnection);
  }
}

void CanvasTabs::follow(const Edit& edit) {
  if (std::holds_alternative<AddNetwork>(edit)) {
    const auto& networks = document_.project().networks;
    for (std::size_t place = 0; place < networks.size(); ++place) {
      if (place_of(networks[place].id) < 0) {
        insert(static_cast<int>(place), networks[place]);
      }
    }
  } else if (const auto* removal = std::get_if<RemoveNetwork>(&edit)) {
    delete widget(place_of(removal->network));
  } else if (const auto* renaming = std::get_if<RenameNetwork>(&edit)) {
    setTabText(place_of(renaming->network), QString::fromStdString(renaming->name));
  }
}

void CanvasTabs::insert(int place, const Network& network) {
  auto* canvas = new NetworkView(document_, network.id, this);
  canvas->setObjectName(QStringLiteral("canvas.") + QString::fromStdString(network.name));
  insertTab(place, canvas, QString::fromStdString(network.name));
  connect(canvas, &NetworkView::selection_changed, this, [this, canvas] {
    if (canvas == view()) {
      emit selection_changed();
    }
  });
  connect(canvas, &NetworkView::zoom_changed, this, [this, canvas](double zoom) {
    if (canvas == view()) {
      emit zoom_changed(zoom);
    }
  });
  connect(canvas, &NetworkView::block_opened, this, [this](NetworkId opened) { show_layer(opened, {}); });
  connect(canvas, &NetworkView::layer_activated, this, &CanvasTabs::layer_activated);
  connect(canvas, &NetworkView::message, this, &CanvasTabs::message);
}

int CanvasTabs::place_of(NetworkId network) const {
  for (int place = 0; place < count(); ++place) {
    const auto* canvas = qobject_cast<NetworkView*>(widget(place));
    if (canvas != nullptr && canvas->network() == network) {
      return place;
    }
  }
  return -1;
}

}  // namespace netwright
