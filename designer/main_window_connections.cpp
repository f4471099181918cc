// What follows what in the main window.
#include <QFileInfo>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QStatusBar>
#include <QTabWidget>
#include <QToolButton>

#include "backend/graph/templates.h"
#include "designer/canvas/network_view.h"
#include "designer/main_window.h"
#include "designer/panels/code_preview.h"
#include "designer/panels/explain.h"
#include "designer/panels/inspector.h"
#include "designer/panels/palette.h"
#include "designer/panels/problems.h"
#include "designer/panels/summary.h"
#include "designer/theme/theme.h"
#include "designer/training/training_panel.h"
#include "designer/window/canvas_tabs.h"
#include "designer/window/help_dialogs.h"
#include "designer/window/project_export.h"
#include "designer/window/project_files.h"
#include "designer/window/project_import.h"
#include "designer/window/project_weights.h"
#include "designer/window/sides_strip.h"
#include "designer/window/user_settings.h"
#include "designer/window/window_actions.h"

namespace netwright {

void MainWindow::connect_files_and_editing() {
  const WindowActions& a = *actions_;
  connect(a.new_project, &QAction::triggered, files_, &ProjectFiles::new_project);
  connect(a.open, &QAction::triggered, files_, &ProjectFiles::open);
  connect(a.save, &QAction::triggered, files_, &ProjectFiles::save);
  connect(a.save_as, &QAction::triggered, files_, &ProjectFiles::save_as);
  connect(a.quit, &QAction::triggered, this, &QWidget::close);
  connect(recent_menu_, &QMenu::aboutToShow, this, &MainWindow::fill_recent_menu);
  connect(template_menu_, &QMenu::aboutToShow, this, &MainWindow::fill_template_menu);
  connect(files_, &ProjectFiles::message, this, &MainWindow::say);
  connect(weights_, &ProjectWeights::message, this, &MainWindow::say);

  connect(a.import_file, &QAction::triggered, this, [this] { import_->ask(tabs_->network()); });
  connect(import_, &ProjectImport::message, this, &MainWindow::say);
  connect(import_, &ProjectImport::busy_changed, this, &MainWindow::update_actions);
  for (qsizetype i = 0; i < a.exports.size(); ++i) {
    const ExportFormat& format = export_formats()[static_cast<std::size_t>(i)];
    connect(a.exports[i], &QAction::triggered, this, [this, &format] { export_->ask(format, tabs_->network()); });
  }
  connect(export_, &ProjectExport::message, this, &MainWindow::say);
  connect(export_, &ProjectExport::busy_changed, this, &MainWindow::update_actions);

  connect(a.undo, &QAction::triggered, &document_.undo_stack(), &QUndoStack::undo);
  connect(a.redo, &QAction::triggered, &document_.undo_stack(), &QUndoStack::redo);
  const auto on_canvas = [this](QAction* action, void (NetworkView::*does)()) {
    connect(action, &QAction::triggered, this, [this, does] {
      if (NetworkView* canvas = view()) {
        (canvas->*does)();
      }
    });
  };
  on_canvas(a.cut, &NetworkView::cut);
  on_canvas(a.copy, &NetworkView::copy);
  on_canvas(a.paste, &NetworkView::paste);
  on_canvas(a.duplicate, &NetworkView::duplicate);
  on_canvas(a.remove, &NetworkView::delete_selection);
  on_canvas(a.select_all, &NetworkView::select_all);
  on_canvas(a.zoom_in, &NetworkView::zoom_in);
  on_canvas(a.zoom_out, &NetworkView::zoom_out);
  on_canvas(a.zoom_reset, &NetworkView::zoom_reset);
  on_canvas(a.fit, &NetworkView::fit);
  on_canvas(a.arrange, &NetworkView::arrange);
  on_canvas(a.make_block, &NetworkView::make_block);
  on_canvas(a.open_block, &NetworkView::open_block);
  on_canvas(a.expand_block, &NetworkView::expand_block);
  connect(a.add_network, &QAction::triggered, tabs_, &CanvasTabs::add_network);
  connect(a.rename_network, &QAction::triggered, tabs_, &CanvasTabs::rename_network);
  connect(a.remove_network, &QAction::triggered, tabs_, &CanvasTabs::remove_network);
  connect(a.rename_layer, &QAction::triggered, this, [this] {
    actions_->show_side->setChecked(true);
    side_tabs_->setCurrentWidget(inspector_);
    inspector_->focus_name();
  });
  connect(a.find_type, &QAction::triggered, this, [this] {
    actions_->show_palette->setChecked(true);
    palette_->focus_search();
  });
  connect(a.shortcuts, &QAction::triggered, this, [this] { show_shortcuts(this); });
  connect(a.about, &QAction::triggered, this, [this] { show_about(this); });

  connect(&document_, &Document::title_changed, this, &MainWindow::show_title);
  connect(&document_.undo_stack(), &QUndoStack::indexChanged, this, &MainWindow::show_title);
  connect(&document_, &Document::analysed, this, [this] {
    show_totals();
    update_actions();
  });
}

void MainWindow::connect_view_and_panels() {
  const WindowActions& a = *actions_;
  connect(a.show_palette, &QAction::toggled, palette_, &QWidget::setVisible);
  connect(a.show_side, &QAction::toggled, side_, &QWidget::setVisible);
  connect(a.show_explain, &QAction::toggled, explain_, &QWidget::setVisible);
  connect(a.show_bottom, &QAction::toggled, bottom_tabs_, &QWidget::setVisible);
  connect(a.snap, &QAction::toggled, this, [this](bool snaps) {
    for (NetworkView* canvas : tabs_->findChildren<NetworkView*>()) {
      canvas->set_snap(snaps);
    }
  });
  const auto appear = [this](QAction* action, Appearance appearance) {
    connect(action, &QAction::triggered, this, [appearance] {
      Theme::instance().set_appearance(appearance);
      UserSettings().setValue(QStringLiteral("appearance"), static_cast<int>(appearance));
    });
  };
  appear(a.system_appearance, Appearance::System);
  appear(a.light_appearance, Appearance::Light);
  appear(a.dark_appearance, Appearance::Dark);

  connect(tabs_, &CanvasTabs::selection_changed, this, &MainWindow::show_selection);
  connect(tabs_, &CanvasTabs::message, this, &MainWindow::say);
  connect(tabs_, &CanvasTabs::zoom_changed, this,
          [this](double zoom) { zoom_->setText(tr("%1 %").arg(qRound(zoom * 100))); });
  connect(tabs_, &CanvasTabs::layer_activated, this, [this] {
    actions_->show_side->setChecked(true);
    side_tabs_->setCurrentWidget(inspector_);
  });
  connect(palette_, &Palette::layer_chosen, this, [this](const QString& type) {
    if (NetworkView* canvas = view()) {
      canvas->add_layer(type);
    }
  });
  connect(inspector_, &Inspector::network_requested, tabs_,
          [this](NetworkId network) { tabs_->show_layer(network, {}); });
  connect(sides_, &SidesStrip::network_requested, tabs_, [this](NetworkId network) { tabs_->show_layer(network, {}); });
  connect(inspector_, &Inspector::block_requested, actions_->make_block, &QAction::trigger);
  connect(inspector_, &Inspector::duplicate_requested, actions_->duplicate, &QAction::trigger);
  connect(inspector_, &Inspector::delete_requested, actions_->remove, &QAction::trigger);
  connect(summary_, &Summary::layer_chosen, tabs_, &CanvasTabs::show_layer);
  connect(code_, &CodePreview::layer_chosen, tabs_, &CanvasTabs::show_layer);
  connect(code_, &CodePreview::message, this, &MainWindow::say);
  connect(problems_, &Problems::layer_requested, tabs_, &CanvasTabs::show_layer);
  connect(problems_, &Problems::counts_changed, this, &MainWindow::show_problem_counts);
  connect(problems_, &Problems::failed, this, &MainWindow::say);
  const auto show_problems = [this] {
    actions_->show_bottom->setChecked(true);
    bottom_tabs_->setCurrentWidget(problems_);
  };
  connect(problem_count_, &QToolButton::clicked, this, show_problems);
  connect(training_, &TrainingPanel::problems_requested, this, show_problems);
  connect(zoom_, &QToolButton::clicked, a.zoom_reset, &QAction::trigger);
}

void MainWindow::connect_training() {
  const WindowActions& a = *actions_;
  training_->set_weights([this] { return weights_->file(); });
  connect(train_button_, &QPushButton::clicked, this, &MainWindow::train_or_stop);
  connect(a.train, &QAction::triggered, this, [this] {
    show_training();
    training_->start();
  });
  connect(a.sweep, &QAction::triggered, this, [this] {
    show_training();
    training_->open_sweep();
  });
  connect(a.stop, &QAction::triggered, training_, &TrainingPanel::stop);
  connect(a.pause, &QAction::triggered, training_, &TrainingPanel::pause);
  connect(a.resume, &QAction::triggered, training_, &TrainingPanel::resume);
  connect(training_, &TrainingPanel::running_changed, this, &MainWindow::update_actions);
  connect(training_, &TrainingPanel::message, this, &MainWindow::say);
  connect(training_, &TrainingPanel::memory_measured, summary_, &Summary::show_measured);
  connect(training_, &TrainingPanel::progress_changed, this, [this](double fraction, const QString& text) {
    progress_->setVisible(fraction >= 0);
    progress_->setValue(static_cast<int>(fraction * progress_->maximum()));
    progress_words_->setVisible(!text.isEmpty());
    progress_words_->setText(text);
  });
}

void MainWindow::fill_recent_menu() {
  recent_menu_->clear();
  for (const QString& path : ProjectFiles::recent()) {
    QAction* action = recent_menu_->addAction(QFileInfo(path).completeBaseName());
    action->setToolTip(path);
    connect(action, &QAction::triggered, files_, [this, path] { files_->open_file(path); });
  }
  if (recent_menu_->isEmpty()) {
    recent_menu_->addAction(tr("Nothing yet"))->setEnabled(false);
    return;
  }
  recent_menu_->setToolTipsVisible(true);
  recent_menu_->addSeparator();
  recent_menu_->addAction(tr("&Clear"), files_, &ProjectFiles::clear_recent);
}

void MainWindow::fill_template_menu() {
  template_menu_->clear();
  template_menu_->setToolTipsVisible(true);
  for (const Template& known : templates()) {
    QAction* action = template_menu_->addAction(QString::fromStdString(known.title));
    action->setToolTip(QString::fromStdString(known.summary));
    action->setData(QString::fromStdString(known.name));
    connect(action, &QAction::triggered, files_,
            [this, name = QString::fromStdString(known.name)] { files_->new_from_template(name); });
  }
  if (template_menu_->isEmpty()) {
    template_menu_->addAction(tr("No templates were installed"))->setEnabled(false);
  }
}

}  // namespace netwright
