#pragma once
// What to draw with, layer types and Blocks: searched, dragged onto the canvas, or chosen by double-click and Enter.

#include <QWidget>

#include "designer/document/document.h"

class QLabel;
class QLineEdit;
class QListView;

namespace netwright {

class PaletteModel;
class PaletteFilter;

/// A drag carries a LayerKind's text as `layer_mime_type` (see the canvas).
class Palette : public QWidget {
  Q_OBJECT

 public:
  explicit Palette(Document& document, QWidget* parent = nullptr);

  void focus_search();
  /// Whose Blocks are offered: the network being drawn.
  void show_network(NetworkId network);
  /// The names of the categories that are folded away.
  QStringList closed() const;
  void set_closed(const QStringList& categories);

 signals:
  /// A LayerKind's text.
  void layer_chosen(const QString& kind);

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
