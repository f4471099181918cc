#pragma once
// The layer types to draw with: searched, dragged onto the canvas, or chosen by double-click and Enter.

#include <QWidget>

class QLabel;
class QLineEdit;
class QListView;

namespace netwright {

class PaletteModel;
class PaletteFilter;

/// A drag carries the type's name as `layer_mime_type` (see the canvas).
class Palette : public QWidget {
  Q_OBJECT

 public:
  explicit Palette(QWidget* parent = nullptr);

  void focus_search();

 signals:
  void layer_chosen(const QString& type);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void search(const QString& words);
  void select_first();
  void choose(const QModelIndex& index);

  QLineEdit* search_;
  QListView* list_;
  QLabel* nothing_;
  PaletteModel* model_;
  PaletteFilter* filter_;
};

}  // namespace netwright
