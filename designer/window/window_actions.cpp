#include "designer/window/window_actions.h"

#include <QActionGroup>
#include <QCoreApplication>
#include <QWidget>

#include "designer/document/words.h"
#include "designer/theme/icons.h"
#include "designer/window/project_export.h"

namespace netwright {

namespace {

QList<QKeySequence> keys(QKeySequence::StandardKey key) {
  return QKeySequence::keyBindings(key);
}

QList<QKeySequence> keys(const char* sequence) {
  return {QKeySequence(QString::fromLatin1(sequence))};
}

}  // namespace

WindowActions::WindowActions(QWidget* window) : window_(window) {
  new_project = add("new_project", tr("&New"), QStringLiteral("new"), keys(QKeySequence::New));
  open = add("open", tr("&Open…"), QStringLiteral("open"), keys(QKeySequence::Open));
  save = add("save", tr("&Save"), QStringLiteral("save"), keys(QKeySequence::Save));
  save_as = add("save_as", tr("Save &as…"), {}, keys("Ctrl+Shift+S"));
  import_file = add("import", tr("&Import…"), {}, keys("Ctrl+I"));
  for (const ExportFormat& format : export_formats()) {
    const std::string name = std::string("export.") + format.name;
    exports += add(name.c_str(), QCoreApplication::translate("ProjectExport", format.title), {});
  }
  quit = add("quit", tr("&Quit"), {}, keys("Ctrl+Q"));
  quit->setMenuRole(QAction::QuitRole);

  undo = add("undo", tr("&Undo"), QStringLiteral("undo"), keys("Ctrl+Z"));
  redo = add("redo", tr("&Redo"), QStringLiteral("redo"), keys("Ctrl+Shift+Z") + keys("Ctrl+Y"));
  cut = add("cut", tr("Cu&t"), {}, keys("Ctrl+X"));
  copy = add("copy", tr("&Copy"), {}, keys("Ctrl+C"));
  paste = add("paste", tr("&Paste"), {}, keys("Ctrl+V"));
  duplicate = add("duplicate", tr("D&uplicate"), QStringLiteral("duplicate"), keys("Ctrl+D"));
  remove = add("remove", tr("&Delete"), QStringLiteral("delete"), keys("Del"));
  select_all = add("select_all", tr("Select &all"), {}, keys(QKeySequence::SelectAll));
  rename_layer = add("rename_layer", tr("Re&name the layer"), {}, keys("F2"));
  find_type = add("find_type", tr("&Find a layer type"), QStringLiteral("search"), keys("Ctrl+K") + keys("/"));

  zoom_in = add("zoom_in", tr("Zoom &in"), QStringLiteral("zoom-in"), keys("Ctrl++") + keys("Ctrl+="));
  zoom_out = add("zoom_out", tr("Zoom &out"), QStringLiteral("zoom-out"), keys(QKeySequence::ZoomOut));
  zoom_reset = add("zoom_reset", tr("&Actual size"), {}, keys("Ctrl+0"));
  fit = add("fit", tr("&Fit the drawing"), QStringLiteral("fit"), keys("Ctrl+9"));
  snap = add("snap", tr("&Snap to the grid"), {});
  show_palette = add("show_palette", tr("&Layers"), {}, keys("Ctrl+1"));
  show_side = add("show_side", tr("&Inspector and summary"), {}, keys("Ctrl+2"));
  show_explain = add("show_explain", tr("&Explanation"), {}, keys("Ctrl+3"));
  show_bottom = add("show_bottom", tr("&Problems, training and code"), {}, keys("Ctrl+4"));
  for (QAction* panel : {snap, show_palette, show_side, show_explain, show_bottom}) {
    panel->setCheckable(true);
    panel->setChecked(true);
  }
  auto* appearances = new QActionGroup(window);
  system_appearance = add("system_appearance", tr("As the &desktop"), {});
  light_appearance = add("light_appearance", tr("&Light"), {});
  dark_appearance = add("dark_appearance", tr("D&ark"), {});
  for (QAction* appearance : {system_appearance, light_appearance, dark_appearance}) {
    appearance->setCheckable(true);
    appearances->addAction(appearance);
  }

  add_network = add("add_network", tr("&Add a network"), QStringLiteral("add"));
  rename_network = add("rename_network", tr("&Rename the network…"), {});
  remove_network = add("remove_network", tr("Re&move the network"), {});
  arrange = add("arrange", tr("Arran&ge the layers"), QStringLiteral("arrange"), keys("Ctrl+Shift+A"));
  make_block = add("make_block", tr("Make a &block"), QStringLiteral("block"), keys("Ctrl+G"));
  open_block = add("open_block", tr("&Open the block"), {}, keys("Ctrl+Return"));
  expand_block = add("expand_block", tr("&Expand the block"), {}, keys("Ctrl+Shift+G"));

  train = add("train", tr("&Train"), QStringLiteral("train"), keys("F5"));
  pause = add("pause", tr("&Pause"), QStringLiteral("pause"), keys("F6"));
  resume = add("resume", tr("&Resume"), {}, keys("Shift+F6"));
  stop = add("stop", tr("&Stop"), QStringLiteral("stop"), keys("Shift+F5"));

  sweep = add("sweep", tr("S&weep…"), {}, keys("Ctrl+F5"));

  shortcuts = add("shortcuts", tr("&Shortcuts"), {}, keys("F1"));
  about = add("about", tr("&About Netwright"), {});
  about->setMenuRole(QAction::AboutRole);
}

QAction* WindowActions::add(const char* name, const QString& text, const QString& icon_name,
                            const QList<QKeySequence>& keys) {
  auto* action = new QAction(text, window_);
  action->setObjectName(QStringLiteral("action.") + QString::fromLatin1(name));
  if (!icon_name.isEmpty()) {
    action->setIcon(icon(icon_name));
  }
  action->setShortcuts(keys);
  const QString plain = QString(text).remove(QLatin1Char('&')).remove(QChar(0x2026));
  action->setToolTip(
      keys.isEmpty() ? plain : QStringLiteral("%1  (%2)").arg(plain, keys.front().toString(QKeySequence::NativeText)));
  window_->addAction(action);
  return action;
}

}  // namespace netwright
