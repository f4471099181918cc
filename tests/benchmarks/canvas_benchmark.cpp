// Times the canvas on a network of 10,000 layers: whole-network frames with and without level of detail, panning,
// hovering, one edit. Prints milliseconds of processor time (medians); asserts nothing.

#include <QApplication>
#include <QGraphicsView>
#include <QMouseEvent>
#include <QScrollBar>
#include <QStyleOptionGraphicsItem>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <vector>

#include "backend/analysis/analyse.h"
#include "backend/interop/graph_layout.h"
#include "backend/layers/catalogue.h"
#include "designer/canvas/geometry.h"
#include "designer/canvas/network_scene.h"
#include "designer/canvas/network_view.h"

using namespace netwright;

namespace {

constexpr int chains = 100;
constexpr int length = 100;

/// 100 chains of convolutions, norms and activations, side by side.
Project large_project() {
  Project project = empty_project();
  Network& network = project.networks.front();
  const char* types[] = {"Conv2d", "BatchNorm2d", "ReLU", "Dropout"};
  for (int chain = 0; chain < chains; ++chain) {
    for (int row = 0; row < length; ++row) {
      Layer layer;
      layer.id = {static_cast<std::int64_t>(network.layers.size()) + 1};
      layer.name = "layer" + std::to_string(layer.id.value);
      layer.type = row == 0 ? "Input" : types[row % 4];
      layer.settings = defaults(find_layer_spec(layer.type)->settings);
      if (layer.type == "Conv2d") layer.settings.set("padding", std::string("same"));
      layer.position = {chain * column_step, row * row_step};
      if (row > 0) network.connections.push_back({{{layer.id.value - 1}, 0}, {layer.id, 0}});
      network.layers.push_back(layer);
    }
  }
  std::sort(network.connections.begin(), network.connections.end());
  return project;
}

/// A node that always paints all it has: what each frame would cost without level of detail.
class FullDetailItem : public LayerItem {
 public:
  using LayerItem::LayerItem;
  void paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) override {
    paint_node(*painter, face(), state(), 1);
  }
};

template <class Work>
double milliseconds(int rounds, Work work) {
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    const std::clock_t start = std::clock();
    work(i);
    times.push_back(1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void print(const char* what, double time) {
  std::printf("%-52s %9.2f ms\n", what, time);
  std::fflush(stdout);
}

void frame(QWidget& widget) {
  widget.update();
  QApplication::processEvents();
}

}  // namespace

int main(int argc, char** argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  const QApplication application(argc, argv);
  const Project project = large_project();
  Document document;
  NetworkView view(document, document.project().networks.front().id);
  view.resize(1920, 1080);
  view.show();
  QApplication::processEvents();

  print("analyse 10,000 layers", milliseconds(3, [&](int) { (void)analyse(project); }));
  print("open: analyse and build all items", milliseconds(3, [&](int) { document.reset(project); }));
  QApplication::processEvents();
  view.fit();
  std::printf("fit-all zoom %.3f\n", view.zoom());
  print("fit-all frame, level of detail on", milliseconds(15, [&](int) { frame(*view.viewport()); }));
  print("fit-all pan by 3 pixels", milliseconds(15, [&](int) {
          view.horizontalScrollBar()->setValue(view.horizontalScrollBar()->value() + 3);
          QApplication::processEvents();
        }));
  for (const double zoom : {0.19, 0.3, 0.46, 1.0}) {
    view.setTransform(QTransform::fromScale(zoom, zoom));
    view.centerOn(chains * column_step / 2, length * row_step / 2);
    QApplication::processEvents();
    char label[64];
    std::snprintf(label, sizeof label, "frame at zoom %.2f", zoom);
    print(label, milliseconds(15, [&](int) { frame(*view.viewport()); }));
    std::snprintf(label, sizeof label, "pan at zoom %.2f", zoom);
    print(label, milliseconds(30, [&](int) {
            view.verticalScrollBar()->setValue(view.verticalScrollBar()->value() + 7);
            QApplication::processEvents();
          }));
  }
  print("hover at zoom 1", milliseconds(50, [&](int i) {
          const QPoint at(600 + 9 * i, 500);
          QMouseEvent event(QEvent::MouseMove, at, view.viewport()->mapToGlobal(at), Qt::NoButton, Qt::NoButton, {});
          QApplication::sendEvent(view.viewport(), &event);
          QApplication::processEvents();
        }));
  const NetworkId network = view.network();
  print("one setting changed, all told", milliseconds(5, [&](int i) {
          (void)document.edit("Set",
                              {SetSetting{network, {5002 - 5002 % 100 + 5}, "out_channels", std::int64_t{40 + i}}});
          QApplication::processEvents();
        }));
  print("one layer moved, all told", milliseconds(5, [&](int i) {
          (void)document.edit("Move", {MoveLayer{network, {5050}, {20.0 * i, 20}}});
          QApplication::processEvents();
        }));
  print("layout", milliseconds(3, [&](int) { (void)laid_out(document.project().networks.front()); }));

  QGraphicsScene plain_scene;
  const auto& scene = *static_cast<NetworkScene*>(view.scene());
  for (const auto& [id, item] : scene.layer_items()) {
    auto* full = new FullDetailItem(id, item->face());
    full->setPos(item->pos());
    plain_scene.addItem(full);
  }
  QGraphicsView plain_view(&plain_scene);
  plain_view.setRenderHints(view.renderHints());
  plain_view.resize(1920, 1080);
  plain_view.show();
  plain_view.fitInView(plain_scene.itemsBoundingRect(), Qt::KeepAspectRatio);
  QApplication::processEvents();
  print("fit-all frame, level of detail off (nodes only)",
        milliseconds(3, [&](int) { frame(*plain_view.viewport()); }));
  return 0;
}
