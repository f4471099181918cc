#pragma once
// The rows of a list of runs: a box on each adds it to those chosen, as Ctrl and Shift do; a click alone chooses one.

#include <QTreeWidget>

namespace netwright {

class RunTree : public QTreeWidget {
  Q_OBJECT

 public:
  /// Of the first column: the run's folder, and its title while it is edited.
  static constexpr int folder_role = Qt::UserRole;
  static constexpr int title_role = Qt::UserRole + 1;
  /// Of a heading over the runs of a sweep, which has no folder: the sweep's id.
  static constexpr int heading_role = Qt::UserRole + 2;

  explicit RunTree(QWidget* parent = nullptr);

  QStringList chosen_folders() const;
  /// Those that are a run, from top to bottom, under headings or not.
  QList<QTreeWidgetItem*> run_items() const;
  /// The ids of the headings whose runs are shown.
  QStringList open_headings() const;
  /// In place.
  void edit_title(const QString& folder);

 signals:
  /// The user has made up their mind: a click is over, or a key has moved the choice.
  void choice_made();
  /// A click on a heading, or Enter.
  void heading_chosen(const QString& id);
  void title_edited(const QString& folder, const QString& title);
  void delete_pressed();
  /// There is more or less room for columns.
  void resized();

 protected:
  QItemSelectionModel::SelectionFlags selectionCommand(const QModelIndex& index, const QEvent* event) const override;
  bool event(QEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void choose_heading(const QString& id);

  bool is_pressed_ = false;
};

}  // namespace netwright
