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

  explicit RunTree(QWidget* parent = nullptr);

  QStringList chosen_folders() const;
  /// In place.
  void edit_title(const QString& folder);

 signals:
  /// The user has made up their mind: a click is over, or a key has moved the choice.
  void choice_made();
  void title_edited(const QString& folder, const QString& title);
  void delete_pressed();

 protected:
  QItemSelectionModel::SelectionFlags selectionCommand(const QModelIndex& index, const QEvent* event) const override;
  bool event(QEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  bool is_pressed_ = false;
};

}  // namespace netwright
