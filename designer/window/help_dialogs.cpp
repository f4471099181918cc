#include "designer/window/help_dialogs.h"

#include <QAction>
#include <QApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QMessageBox>
#include <QScrollArea>
#include <QVBoxLayout>

#include "designer/document/words.h"
#include "designer/panels/section.h"
#include "designer/theme/icons.h"
#include "designer/theme/theme.h"

namespace netwright {

void show_shortcuts(QWidget* window) {
  QDialog dialog(window);
  dialog.setObjectName(QStringLiteral("shortcuts_dialog"));
  dialog.setWindowTitle(tr("Shortcuts"));
  auto* page = new QWidget;
  auto* grid = new QGridLayout(page);
  grid->setContentsMargins(panel_margin, 4, panel_margin, panel_margin);
  grid->setHorizontalSpacing(28);
  grid->setVerticalSpacing(4);
  int row = 0;
  const auto add = [&](const QString& what, const QString& how) {
    grid->addWidget(new QLabel(what, page), row, 0);
    auto* keys = new QLabel(how, page);
    keys->setProperty("role", "muted");
    grid->addWidget(keys, row++, 1);
  };
  grid->addWidget(section_title(tr("On the canvas"), page), row++, 0, 1, 2);
  add(tr("Add a layer"), tr("drag or double-click it in the list, or type its name on the canvas"));
  add(tr("Insert into a connection"), tr("drop the layer onto the wire"));
  add(tr("Connect"), tr("drag from port to port"));
  add(tr("Select several"), tr("drag over empty canvas, or Shift-click"));
  add(tr("Look into a block"), tr("double-click it"));
  add(tr("Leave a setting to a block"), tr("right-click its name in the inspector"));
  add(tr("Zoom"), tr("the wheel"));
  add(tr("Pan"), tr("the middle button, or Space and drag"));
  grid->addWidget(section_title(tr("Everywhere"), page), row++, 0, 1, 2);
  for (const QAction* action : window->actions()) {
    QStringList keys;
    for (const QKeySequence& sequence : action->shortcuts()) {
      keys += sequence.toString(QKeySequence::NativeText);
    }
    if (!keys.isEmpty()) {
      add(action->text().remove(QLatin1Char('&')).remove(QChar(0x2026)), keys.join(tr(" or ")));
    }
  }
  grid->setColumnStretch(1, 1);
  grid->setRowStretch(row, 1);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, &dialog);
  QObject::connect(buttons, &QDialogButtonBox::rejected, &dialog, &QDialog::reject);
  auto* column = new QVBoxLayout(&dialog);
  column->setContentsMargins(0, 8, 0, 12);
  column->addWidget(scrolling(page, &dialog), 1);
  auto* foot = new QHBoxLayout;
  foot->setContentsMargins(panel_margin, 0, panel_margin, 0);
  foot->addWidget(buttons);
  column->addLayout(foot);
  dialog.resize(600, 640);
  dialog.exec();
}

void show_about(QWidget* window) {
  QMessageBox box(window);
  box.setObjectName(QStringLiteral("about"));
  box.setWindowTitle(tr("About Netwright"));
  box.setIconPixmap(QIcon(QStringLiteral(":/icons/netwright.svg")).pixmap(64, 64));
  box.setText(QStringLiteral("<b>Netwright %1</b>").arg(QApplication::applicationVersion()));
  box.setInformativeText(tr("Draw a network, see at once what it is, train it while its curves move.\n\n"
                            "Free software under the GNU General Public License, version 3 or later. Qt %1.")
                             .arg(QString::fromLatin1(qVersion())));
  box.exec();
}

}  // namespace netwright
