// What the main window is made of: panels, menus, toolbar, status bar.
#include <QHBoxLayout>
#include <QLabel>
#include <QMenuBar>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QStatusBar>
#include <QTabBar>
#include <QTabWidget>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

#include "designer/main_window.h"
#include "designer/panels/code_preview.h"
#include "designer/panels/explain.h"
#include "designer/panels/inspector.h"
#include "designer/panels/palette.h"
#include "designer/panels/problems.h"
#include "designer/panels/summary.h"
#include "designer/theme/icons.h"
#include "designer/theme/theme.h"
#include "designer/training/training_panel.h"
#include "designer/window/canvas_tabs.h"
#include "designer/window/sides_strip.h"
#include "designer/window/window_actions.h"

namespace netwright {

namespace {

QSplitter* splitter(Qt::Orientation orientation, const QString& name) {
  auto* split = new QSplitter(orientation);
  split->setObjectName(name);
  split->setHandleWidth(1);
  split->setChildrenCollapsible(false);
  return split;
}

QTabWidget* tabs(const QString& name) {
  auto* widget = new QTabWidget;
  widget->setObjectName(name);
  widget->setDocumentMode(true);
  widget->tabBar()->setObjectName(name + QStringLiteral(".tabs"));
  return widget;
}

QToolButton* status_button(const QString& name, QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setObjectName(name);
  button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  button->setIconSize({14, 14});
  button->setFocusPolicy(Qt::TabFocus);
  return button;
}

}  // namespace

void MainWindow::build_panels() {
  palette_ = new Palette(document_);
  tabs_ = new CanvasTabs(document_);
  inspector_ = new Inspector(document_);
  summary_ = new Summary(document_);
  explain_ = new Explain(document_);
  problems_ = new Problems(document_);
  training_ = new TrainingPanel(document_);
  code_ = new CodePreview(document_);

  side_tabs_ = tabs(QStringLiteral("side"));
  side_tabs_->addTab(inspector_, tr("Inspector"));
  side_tabs_->addTab(summary_, tr("Summary"));
  side_ = splitter(Qt::Vertical, QStringLiteral("side_split"));
  side_->addWidget(side_tabs_);
  side_->addWidget(explain_);
  side_->setStretchFactor(0, 3);
  side_->setStretchFactor(1, 2);
  side_->setSizes({540, 320});

  drawing_ = splitter(Qt::Horizontal, QStringLiteral("drawing"));
  auto* canvases = new QWidget;
  auto* canvas_rows = new QVBoxLayout(canvases);
  canvas_rows->setContentsMargins(0, 0, 0, 0);
  canvas_rows->setSpacing(0);
  canvas_rows->addWidget(tabs_, 1);
  sides_ = new SidesStrip(document_);
  canvas_rows->addWidget(sides_);
  drawing_->addWidget(palette_);
  drawing_->addWidget(canvases);
  drawing_->setStretchFactor(1, 1);
  drawing_->setSizes({190, 860});
  drawing_->setMinimumHeight(200);

  bottom_tabs_ = tabs(QStringLiteral("bottom"));
  bottom_tabs_->addTab(problems_, tr("Problems"));
  bottom_tabs_->addTab(training_, tr("Training"));
  bottom_tabs_->addTab(code_, tr("Code"));
  rows_ = splitter(Qt::Vertical, QStringLiteral("rows"));
  rows_->addWidget(drawing_);
  rows_->addWidget(bottom_tabs_);
  rows_->setStretchFactor(0, 1);
  rows_->setSizes({560, 300});

  // The inspector has the window's whole height: its form and the explanation are long.
  columns_ = splitter(Qt::Horizontal, QStringLiteral("columns"));
  columns_->addWidget(rows_);
  columns_->addWidget(side_);
  columns_->setStretchFactor(0, 1);
  columns_->setSizes({1040, 400});
  palette_->setMinimumWidth(150);
  side_->setMinimumWidth(320);
  tabs_->setMinimumWidth(240);
  setCentralWidget(columns_);
}

void MainWindow::build_menus() {
  const WindowActions& a = *actions_;
  QMenu* file = menuBar()->addMenu(tr("&File"));
  file->addAction(a.new_project);
  template_menu_ = file->addMenu(tr("New from &template"));
  template_menu_->setObjectName(QStringLiteral("menu.templates"));
  file->addAction(a.open);
  recent_menu_ = file->addMenu(tr("Open &recent"));
  recent_menu_->setObjectName(QStringLiteral("menu.recent"));
  file->addSeparator();
  file->addActions({a.save, a.save_as});
  file->addSeparator();
  file->addAction(a.import_file);
  file->addMenu(tr("&Export"))->addActions(a.exports);
  file->addSeparator();
  file->addAction(a.quit);

  QMenu* edit = menuBar()->addMenu(tr("&Edit"));
  edit->addActions({a.undo, a.redo});
  edit->addSeparator();
  edit->addActions({a.cut, a.copy, a.paste, a.duplicate, a.remove});
  edit->addSeparator();
  edit->addActions({a.select_all, a.rename_layer, a.find_type});

  QMenu* see = menuBar()->addMenu(tr("&View"));
  see->addActions({a.zoom_in, a.zoom_out, a.zoom_reset, a.fit});
  see->addSeparator();
  see->addAction(a.snap);
  see->addSeparator();
  see->addActions({a.show_palette, a.show_side, a.show_explain, a.show_bottom});
  see->addSeparator();
  QMenu* appearance = see->addMenu(tr("&Appearance"));
  appearance->addActions({a.system_appearance, a.light_appearance, a.dark_appearance});

  QMenu* network = menuBar()->addMenu(tr("&Network"));
  network->addActions({a.add_network, a.rename_network, a.remove_network});
  network->addSeparator();
  network->addAction(a.arrange);
  network->addSeparator();
  network->addActions({a.make_block, a.open_block, a.expand_block});

  QMenu* train = menuBar()->addMenu(tr("&Train"));
  train->addActions({a.train, a.pause, a.resume, a.stop});
  train->addSeparator();
  train->addAction(a.sweep);

  QMenu* help = menuBar()->addMenu(tr("&Help"));
  help->addActions({a.shortcuts, a.about});
}

void MainWindow::build_tool_bar() {
  const WindowActions& a = *actions_;
  QToolBar* bar = addToolBar(tr("Tools"));
  bar->setObjectName(QStringLiteral("tools"));
  bar->setMovable(false);
  bar->setIconSize({18, 18});
  bar->setContextMenuPolicy(Qt::PreventContextMenu);
  bar->addActions({a.new_project, a.open, a.save});
  bar->addSeparator();
  bar->addActions({a.undo, a.redo});
  bar->addSeparator();
  bar->addActions({a.zoom_out, a.zoom_in, a.fit, a.arrange});
  for (QAction* action : bar->actions()) {
    if (QWidget* button = bar->widgetForAction(action); button != nullptr && !action->isSeparator()) {
      button->setObjectName(QString(action->objectName()).replace(QLatin1String("action."), QLatin1String("tool.")));
      button->setFocusPolicy(Qt::TabFocus);
    }
  }
  auto* gap = new QWidget(bar);
  gap->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  bar->addWidget(gap);
  train_button_ = new QPushButton(bar);
  train_button_->setObjectName(QStringLiteral("tool.train"));
  train_button_->setProperty("primary", true);
  train_button_->setIconSize({14, 14});
  train_button_->setFocusPolicy(Qt::TabFocus);
  bar->addWidget(train_button_);
  // QMainWindow's own menu would hide the toolbar, and there'd be no way to see why.
  setContextMenuPolicy(Qt::PreventContextMenu);
}

void MainWindow::build_status_bar() {
  progress_words_ = new QLabel(this);
  progress_words_->setObjectName(QStringLiteral("status.progress_words"));
  progress_ = new QProgressBar(this);
  progress_->setObjectName(QStringLiteral("status.progress"));
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  progress_->setFixedSize(120, 6);
  progress_->hide();
  progress_words_->hide();
  totals_ = new QLabel(this);
  totals_->setObjectName(QStringLiteral("status.totals"));
  totals_->setAccessibleName(tr("Totals of the network"));
  problem_count_ = status_button(QStringLiteral("status.problems"), this);
  problem_count_->setToolTip(tr("Show the problems"));
  zoom_ = status_button(QStringLiteral("status.zoom"), this);
  zoom_->setToolTip(tr("Back to actual size"));
  zoom_->setText(QStringLiteral("100 %"));
  statusBar()->setSizeGripEnabled(false);
  statusBar()->addPermanentWidget(progress_words_);
  statusBar()->addPermanentWidget(progress_);
  statusBar()->addPermanentWidget(totals_);
  statusBar()->addPermanentWidget(problem_count_);
  statusBar()->addPermanentWidget(zoom_);
  const auto restyle = [this] {
    for (QWidget* part :
         std::initializer_list<QWidget*>{progress_words_, totals_, problem_count_, zoom_, statusBar()}) {
      part->setFont(Theme::instance().caption());
    }
    QFont figures = Theme::instance().figures();
    figures.setPointSizeF(Theme::instance().caption().pointSizeF());
    zoom_->setFont(figures);
  };
  connect(&Theme::instance(), &Theme::changed, this, restyle);
  restyle();
}

}  // namespace netwright
