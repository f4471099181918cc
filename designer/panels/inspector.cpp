#include "designer/panels/inspector.h"

#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

#include "designer/panels/layer_page.h"
#include "designer/panels/project_page.h"
#include "designer/panels/section.h"
#include "designer/panels/selection_page.h"

namespace netwright {

Inspector::Inspector(Document& document, QWidget* parent) : QWidget(parent), document_(document) {
  setObjectName(QStringLiteral("inspector"));
  pages_ = new QStackedWidget(this);
  project_page_ = new ProjectPage(document);
  layer_page_ = new LayerPage(document);
  selection_page_ = new SelectionPage(document);
  for (QWidget* page : std::initializer_list<QWidget*>{project_page_, layer_page_, selection_page_}) {
    pages_->addWidget(scrolling(page, pages_));
  }
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(pages_);

  connect(&document_, &Document::analysed, this, &Inspector::refresh);
  connect(&document_, &Document::replaced, this, [this] { show_selection({}, {}); });
  connect(layer_page_, &LayerPage::network_requested, this, &Inspector::network_requested);
  connect(selection_page_, &SelectionPage::block_requested, this, &Inspector::block_requested);
  connect(selection_page_, &SelectionPage::duplicate_requested, this, &Inspector::duplicate_requested);
  connect(selection_page_, &SelectionPage::delete_requested, this, &Inspector::delete_requested);
}

void Inspector::show_selection(NetworkId network, const std::vector<LayerId>& layers) {
  network_ = network;
  layers_ = layers;
  refresh();
}

void Inspector::focus_name() {
  if (layers_.size() == 1) {
    layer_page_->focus_name();
  }
}

void Inspector::refresh() {
  const Network* network = document_.project().find(network_);
  std::erase_if(layers_, [&](LayerId layer) { return network == nullptr || network->find(layer) == nullptr; });
  if (layers_.empty()) {
    project_page_->show_project();
    pages_->setCurrentIndex(0);
  } else if (layers_.size() == 1) {
    layer_page_->show_layer(network_, layers_.front());
    pages_->setCurrentIndex(1);
  } else {
    selection_page_->show_layers(network_, layers_);
    pages_->setCurrentIndex(2);
  }
}

}  // namespace netwright
