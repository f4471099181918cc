// NetworkView's Blocks: made of the selected layers, expanded again, opened.

#include "backend/graph/blocks.h"
#include "designer/canvas/network_view.h"

namespace netwright {

LayerId NetworkView::selected_block() const {
  const Network* network = current();
  const std::set<LayerId> layers = selection();
  const Layer* layer = network && layers.size() == 1 ? network->find(*layers.begin()) : nullptr;
  return layer && is_block(*layer) ? layer->id : LayerId();
}

void NetworkView::make_block() {
  const auto shape_at = [this](PortRef output) {
    const LayerReport* report = document_.report().find(network_, output.layer);
    const auto port = static_cast<std::size_t>(output.port);
    return report && output.port >= 0 && port < report->outputs.size() ? report->outputs[port] : netwright::Shape();
  };
  const auto holds_integers_at = [this](PortRef output) {
    const LayerReport* report = document_.report().find(network_, output.layer);
    return report && report->holds_integers;
  };
  const auto made = netwright::make_block(document_.project(), network_, selection(), shape_at, holds_integers_at);
  if (!made) {
    emit message(QString::fromStdString(made.error().message));
    return;
  }
  if (do_edit(tr("Make a block"), made->edits)) select({made->block});
}

void NetworkView::expand_block() {
  const LayerId block = selected_block();
  const Layer* layer = block ? current()->find(block) : nullptr;
  if (!layer) return;
  const QString name = QString::fromStdString(layer->name);
  const auto expanded = netwright::expand_block(document_.project(), network_, block);
  if (!expanded) {
    emit message(QString::fromStdString(expanded.error().message));
    return;
  }
  if (do_edit(tr("Expand %1").arg(name), expanded->edits)) select(expanded->layers);
}

void NetworkView::open_block() {
  if (const LayerId block = selected_block()) activate(block);
}

bool NetworkView::may_hold(const std::vector<Layer>& layers) {
  for (const Layer& layer : layers) {
    const Network* within = is_block(layer) ? network_of_block(document_.project(), layer) : nullptr;
    if (!within || !uses(document_.project(), within->id, network_)) continue;
    emit message(
        tr("A block of %1 can't stand here: it would contain itself.").arg(QString::fromStdString(within->name)));
    return false;
  }
  return true;
}

void NetworkView::activate(LayerId layer) {
  const Network* network = current();
  const Layer* found = network ? network->find(layer) : nullptr;
  const Network* within = found && is_block(*found) ? network_of_block(document_.project(), *found) : nullptr;
  if (within) {
    emit block_opened(within->id);
  } else {
    emit layer_activated(layer);
  }
}

}  // namespace netwright
