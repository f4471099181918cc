#pragma once
// The window: palette, canvas tabs, inspector and summary, explanation, problems, training and code around one
// Document.

#include <QMainWindow>

#include <memory>

#include "designer/document/document.h"

class QLabel;
class QMenu;
class QProgressBar;
class QPushButton;
class QSplitter;
class QTabWidget;
class QToolButton;

namespace netwright {

class CanvasTabs;
class SidesStrip;
class CodePreview;
class Explain;
class Inspector;
class NetworkView;
class Palette;
class Problems;
class ProjectExport;
class ProjectFiles;
class ProjectImport;
class ProjectWeights;
class Summary;
class TrainingPanel;
struct WindowActions;

class MainWindow : public QMainWindow {
  Q_OBJECT

 public:
  /// Opens on a new, empty project; appearance, geometry and panels are as the user left them.
  explicit MainWindow(QWidget* parent = nullptr);
  ~MainWindow() override;

  Document& document() { return document_; }
  ProjectFiles& files() { return *files_; }
  TrainingPanel& training() { return *training_; }
  ProjectWeights& weights() { return *weights_; }
  /// The canvas in front.
  NetworkView* view() const;

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void build_panels();
  void build_menus();
  void build_tool_bar();
  void build_status_bar();
  void connect_files_and_editing();
  void connect_view_and_panels();
  void connect_training();
  void fill_recent_menu();
  void fill_template_menu();
  void restore_state();
  void remember_state() const;

  void show_selection();
  void show_title();
  void show_totals();
  void show_problem_counts();
  void update_actions();
  void train_or_stop();
  void show_training();
  void say(const QString& text);

  Document document_;
  std::unique_ptr<WindowActions> actions_;
  ProjectFiles* files_;
  ProjectWeights* weights_;
  ProjectImport* import_;
  ProjectExport* export_;
  CanvasTabs* tabs_;
  SidesStrip* sides_;
  Palette* palette_;
  Inspector* inspector_;
  Summary* summary_;
  Explain* explain_;
  Problems* problems_;
  CodePreview* code_;
  TrainingPanel* training_;
  QTabWidget* side_tabs_;
  QTabWidget* bottom_tabs_;
  QSplitter* columns_;  ///< rows beside the side
  QSplitter* rows_;     ///< the drawing above the bottom tabs
  QSplitter* drawing_;  ///< palette and canvas
  QSplitter* side_;     ///< inspector and summary above the explanation
  QMenu* recent_menu_;
  QMenu* template_menu_;
  QPushButton* train_button_;
  QProgressBar* progress_;
  QLabel* progress_words_;
  QLabel* totals_;
  QToolButton* problem_count_;
  QToolButton* zoom_;
};

}  // namespace netwright
