#pragma once
// The inspector's page of several layers: their sums and what can be done to all of them.

#include <QWidget>

#include <vector>

#include "designer/document/document.h"

class QCheckBox;
class QLabel;

namespace netwright {

class FigureGrid;

class SelectionPage : public QWidget {
  Q_OBJECT

 public:
  explicit SelectionPage(Document& document, QWidget* parent = nullptr);

  void show_layers(NetworkId network, const std::vector<LayerId>& layers);

 signals:
  void block_requested();
  void duplicate_requested();
  void delete_requested();

 private:
  std::vector<LayerId> layers_with_weights() const;
  void set_trainable(bool trainable);

  Document& document_;
  NetworkId network_;
  std::vector<LayerId> layers_;
  QLabel* count_;
  FigureGrid* figures_;
  QCheckBox* trainable_;
};

}  // namespace netwright
