#pragma once
// What is selected: one layer's name, settings and figures; several layers' common actions; or, with nothing selected,
// the project and its data.

#include <QWidget>

#include <vector>

#include "designer/document/document.h"

class QStackedWidget;

namespace netwright {

class LayerPage;
class ProjectPage;
class SelectionPage;

class Inspector : public QWidget {
  Q_OBJECT

 public:
  explicit Inspector(Document& document, QWidget* parent = nullptr);

  void show_selection(NetworkId network, const std::vector<LayerId>& layers);
  /// Puts the cursor into the name of the one selected layer.
  void focus_name();

 signals:
  /// The network that the one selected Block stands for.
  void network_requested(netwright::NetworkId network);
  /// For several layers; the canvas does it.
  void block_requested();
  void duplicate_requested();
  void delete_requested();

 private:
  void refresh();

  Document& document_;
  NetworkId network_;
  std::vector<LayerId> layers_;
  QStackedWidget* pages_;
  LayerPage* layer_page_;
  SelectionPage* selection_page_;
  ProjectPage* project_page_;
};

}  // namespace netwright
