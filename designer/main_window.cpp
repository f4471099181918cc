#include "designer/main_window.h"

#include <QCloseEvent>
#include <QLabel>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QScreen>
#include <QSplitter>
#include <QStatusBar>
#include <QStyle>
#include <QTabWidget>
#include <QToolButton>

#include <algorithm>

#include "designer/canvas/network_view.h"
#include "designer/panels/code_preview.h"
#include "designer/panels/explain.h"
#include "designer/panels/figure_text.h"
#include "designer/panels/inspector.h"
#include "designer/panels/palette.h"
#include "designer/panels/problems.h"
#include "designer/panels/summary.h"
#include "designer/panels/training_memory.h"
#include "designer/theme/icons.h"
#include "designer/theme/theme.h"
#include "designer/training/training_panel.h"
#include "designer/window/canvas_tabs.h"
#include "designer/window/project_export.h"
#include "designer/window/project_files.h"
#include "designer/window/project_import.h"
#include "designer/window/project_weights.h"
#include "designer/window/user_settings.h"
#include "designer/window/window_actions.h"

namespace netwright {

namespace {

constexpr int message_ms = 6000;
constexpr int training_height = 330;
constexpr QSize usual_size(1440, 920);

/// The one file that is dragged, where the window can open or import it.
QString welcome_file_of(const QMimeData* data) {
  const QList<QUrl> urls = data->urls();
  const QString path = urls.size() == 1 ? urls.front().toLocalFile() : QString();
  return path.endsWith(QLatin1String(".netwright")) || ProjectImport::can_read(path) ? path : QString();
}

}  // namespace

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent),
      actions_(std::make_unique<WindowActions>(this)),
      files_(new ProjectFiles(document_, this)),
      weights_(new ProjectWeights(document_, this)),
      import_(new ProjectImport(document_, *files_, *weights_, this)),
      export_(new ProjectExport(document_, *files_, *weights_, this)) {
  setObjectName(QStringLiteral("main_window"));
  setAcceptDrops(true);
  setWindowIcon(QIcon(QStringLiteral(":/icons/netwright.svg")));
  build_panels();
  build_menus();
  build_tool_bar();
  build_status_bar();
  connect_files_and_editing();
  connect_view_and_panels();
  connect_training();
  restore_state();
  show_title();
  show_problem_counts();
  show_selection();
  if (NetworkView* canvas = view()) {
    canvas->setFocus();
  }
}

MainWindow::~MainWindow() {
  // Panels and window listen to the document, which as a member goes before them and tells of its end.
  document_.undo_stack().disconnect(this);
  document_.disconnect(this);
  delete takeCentralWidget();
}

NetworkView* MainWindow::view() const {
  return tabs_->view();
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (const int waiting = training_->queue().count(); training_->is_running() || waiting > 0) {
    const bool is_running = training_->is_running();
    QMessageBox box(QMessageBox::Question, is_running ? tr("A training is running") : tr("Runs are waiting"),
                    is_running ? tr("Stop the training and quit?") : tr("Quit all the same?"), QMessageBox::Cancel,
                    this);
    box.setObjectName(QStringLiteral("ask_to_stop"));
    QStringList words;
    if (is_running) words += tr("What it has learned so far is kept in its run.");
    if (waiting == 1) words += tr("The run that waits will not be trained.");
    if (waiting > 1) words += tr("The %1 runs that wait will not be trained.").arg(waiting);
    box.setInformativeText(words.join(QLatin1Char(' ')));
    const QPushButton* stop = box.addButton(is_running ? tr("Stop and quit") : tr("Quit"), QMessageBox::AcceptRole);
    box.exec();
    if (box.clickedButton() != stop) {
      event->ignore();
      return;
    }
  }
  if (!files_->may_discard()) {
    event->ignore();
    return;
  }
  remember_state();
  event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (!welcome_file_of(event->mimeData()).isEmpty()) {
    event->acceptProposedAction();
  }
}

void MainWindow::dropEvent(QDropEvent* event) {
  const QString path = welcome_file_of(event->mimeData());
  if (!path.isEmpty()) {
    event->acceptProposedAction();
    // The drag's source waits until this returns; a question would hold it up.
    QMetaObject::invokeMethod(
        this,
        [this, path] {
          if (ProjectImport::can_read(path)) {
            import_->import_file(path, tabs_->network());
          } else {
            files_->open_file(path);
          }
        },
        Qt::QueuedConnection);
  }
}

void MainWindow::changeEvent(QEvent* event) {
  if (event->type() == QEvent::ThemeChange) {
    Theme::instance().follow_desktop();
  }
  QMainWindow::changeEvent(event);
}

void MainWindow::show_selection() {
  const NetworkId network = tabs_->network();
  const std::vector<LayerId> layers = tabs_->selection();
  inspector_->show_selection(network, layers);
  palette_->show_network(network);
  explain_->show_layer(network, layers.size() == 1 ? layers.front() : LayerId());
  summary_->show_network(network);
  summary_->set_selected(layers);
  code_->set_selected(network, layers);
  show_totals();
  update_actions();
}

void MainWindow::show_title() {
  setWindowTitle(QStringLiteral("%1[*] – Netwright").arg(document_.display_name()));
  setWindowModified(document_.is_modified());
  update_actions();
}

void MainWindow::show_totals() {
  const NetworkReport* report = document_.report().find(tabs_->network());
  QStringList parts;
  if (report != nullptr && !report->layers.empty()) {
    if (report->input.rank() > 0 && report->output.rank() > 0) {
      parts += QStringLiteral("%1 → %2").arg(shapes_text({report->input}), shapes_text({report->output}));
    }
    parts += tr("%1 parameters").arg(count_text(report->totals.parameters));
    parts += tr("%1 multiply-adds").arg(short_count_text(report->totals.macs));
    parts += tr("%1 for training").arg(memory_text(report->totals.training_bytes(1)));
  }
  totals_->setText(parts.join(QStringLiteral("   ·   ")));
}

void MainWindow::show_problem_counts() {
  const int errors = problems_->errors();
  const int warnings = problems_->warnings();
  const int total = errors + warnings;
  bottom_tabs_->setTabText(0, total == 0 ? tr("Problems") : tr("Problems  %1").arg(total));
  if (errors > 0) {
    problem_count_->setIcon(icon(QStringLiteral("error"), Ink::Error));
    problem_count_->setText(QLatin1Char(' ') + (errors == 1 ? tr("1 error") : tr("%1 errors").arg(errors)));
  } else if (warnings > 0) {
    problem_count_->setIcon(icon(QStringLiteral("warning"), Ink::Warning));
    problem_count_->setText(QLatin1Char(' ') + (warnings == 1 ? tr("1 warning") : tr("%1 warnings").arg(warnings)));
  } else {
    problem_count_->setIcon(icon(QStringLiteral("check"), Ink::Success));
    problem_count_->setText(QLatin1Char(' ') + tr("No problems"));
  }
}

void MainWindow::update_actions() {
  WindowActions& a = *actions_;
  QUndoStack& stack = document_.undo_stack();
  a.undo->setEnabled(stack.canUndo());
  a.undo->setText(stack.canUndo() ? tr("&Undo: %1").arg(stack.undoText()) : tr("&Undo"));
  a.redo->setEnabled(stack.canRedo());
  a.redo->setText(stack.canRedo() ? tr("&Redo: %1").arg(stack.redoText()) : tr("&Redo"));
  a.save->setEnabled(document_.is_modified() || document_.file_path().isEmpty());

  const NetworkView* canvas = view();
  const bool has_view = canvas != nullptr;
  const bool has_selection = has_view && canvas->has_selection();
  const bool has_layers = has_view && !canvas->selection().empty();
  a.cut->setEnabled(has_layers);
  a.copy->setEnabled(has_layers);
  a.duplicate->setEnabled(has_layers);
  a.remove->setEnabled(has_selection);
  a.make_block->setEnabled(has_layers);
  const bool has_block = has_view && canvas->selected_block();
  a.open_block->setEnabled(has_block);
  a.expand_block->setEnabled(has_block);
  a.rename_layer->setEnabled(has_view && canvas->selection().size() == 1);
  const Network* network = document_.project().find(tabs_->network());
  const bool has_drawing = network != nullptr && !network->layers.empty();
  a.select_all->setEnabled(has_drawing);
  a.import_file->setEnabled(!import_->is_busy());
  for (QAction* one : a.exports) {
    one->setEnabled(has_drawing && !export_->is_busy());
  }
  a.arrange->setEnabled(has_drawing);
  a.fit->setEnabled(has_drawing);
  for (QAction* action : {a.paste, a.zoom_in, a.zoom_out, a.zoom_reset, a.snap, a.rename_network}) {
    action->setEnabled(has_view);
  }
  a.remove_network->setEnabled(document_.project().networks.size() > 1);

  const bool is_running = training_->is_running();
  // Where something forbids training, the click says what: a grey button would leave the user guessing.
  a.train->setEnabled(has_drawing);
  a.train->setText(is_running ? tr("Add to the &queue") : tr("&Train"));
  a.sweep->setEnabled(has_drawing);
  a.stop->setEnabled(is_running);
  a.pause->setEnabled(is_running);
  a.resume->setEnabled(is_running);
  train_button_->setEnabled(is_running || a.train->isEnabled());
  train_button_->setText(is_running ? tr("Stop") : tr("Train"));
  // Blue invites; where a click would only say what is in the way, it doesn't.
  const QString obstacle = is_running ? QString() : training_->obstacle();
  const bool invites = obstacle.isEmpty();
  if (train_button_->property("primary").toBool() != invites) {
    train_button_->setProperty("primary", invites);
    train_button_->style()->unpolish(train_button_);
    train_button_->style()->polish(train_button_);
  }
  train_button_->setIcon(
      icon(is_running ? QStringLiteral("stop") : QStringLiteral("train"), invites ? Ink::OnAccent : Ink::Muted));
  train_button_->setToolTip(is_running ? a.stop->toolTip() : invites ? a.train->toolTip() : obstacle);
}

void MainWindow::train_or_stop() {
  if (training_->is_running()) {
    training_->stop();
    return;
  }
  show_training();
  training_->start();
}

void MainWindow::show_training() {
  actions_->show_bottom->setChecked(true);
  bottom_tabs_->setCurrentWidget(training_);
  // Curves need more room than a list of problems.
  const QList<int> heights = rows_->sizes();
  if (const int missing = training_height - heights.value(1); missing > 0) {
    rows_->setSizes({heights.value(0) - missing, training_height});
  }
}

void MainWindow::say(const QString& text) {
  statusBar()->showMessage(text, message_ms);
}

void MainWindow::restore_state() {
  const UserSettings settings;
  // Never larger than the screen: at 2x there may be few logical pixels.
  resize(usual_size.boundedTo(screen()->availableSize()));
  restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray());
  columns_->restoreState(settings.value(QStringLiteral("window/columns")).toByteArray());
  drawing_->restoreState(settings.value(QStringLiteral("window/drawing")).toByteArray());
  side_->restoreState(settings.value(QStringLiteral("window/side")).toByteArray());
  rows_->restoreState(settings.value(QStringLiteral("window/rows")).toByteArray());
  side_tabs_->setCurrentIndex(settings.value(QStringLiteral("window/side_tab"), 0).toInt());
  summary_->memory().set_memory_gib(
      settings.value(QStringLiteral("window/memory_gib"), summary_->memory().memory_gib()).toDouble());
  palette_->set_closed(settings.value(QStringLiteral("window/closed_categories")).toStringList());
  bottom_tabs_->setCurrentIndex(settings.value(QStringLiteral("window/bottom_tab"), 1).toInt());
  const WindowActions& a = *actions_;
  for (QAction* panel : {a.show_palette, a.show_side, a.show_explain, a.show_bottom, a.snap}) {
    panel->setChecked(settings.value(QStringLiteral("window/") + panel->objectName(), true).toBool());
  }
  const auto appearance = static_cast<Appearance>(
      std::clamp(settings.value(QStringLiteral("appearance"), 0).toInt(), 0, static_cast<int>(Appearance::Dark)));
  (appearance == Appearance::Dark    ? a.dark_appearance
   : appearance == Appearance::Light ? a.light_appearance
                                     : a.system_appearance)
      ->setChecked(true);
}

void MainWindow::remember_state() const {
  UserSettings settings;
  settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
  settings.setValue(QStringLiteral("window/columns"), columns_->saveState());
  settings.setValue(QStringLiteral("window/drawing"), drawing_->saveState());
  settings.setValue(QStringLiteral("window/side"), side_->saveState());
  settings.setValue(QStringLiteral("window/rows"), rows_->saveState());
  settings.setValue(QStringLiteral("window/side_tab"), side_tabs_->currentIndex());
  settings.setValue(QStringLiteral("window/bottom_tab"), bottom_tabs_->currentIndex());
  settings.setValue(QStringLiteral("window/memory_gib"), summary_->memory().memory_gib());
  settings.setValue(QStringLiteral("window/closed_categories"), palette_->closed());
  const WindowActions& a = *actions_;
  for (const QAction* panel : {a.show_palette, a.show_side, a.show_explain, a.show_bottom, a.snap}) {
    settings.setValue(QStringLiteral("window/") + panel->objectName(), panel->isChecked());
  }
}

}  // namespace netwright
