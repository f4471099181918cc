#pragma once
// A canvas for each network of the document, in tabs that follow the document.

#include <QTabWidget>

#include <vector>

#include "designer/document/document.h"

namespace netwright {

class NetworkView;

class CanvasTabs : public QTabWidget {
  Q_OBJECT

 public:
  explicit CanvasTabs(Document& document, QWidget* parent = nullptr);

  /// The canvas in front; none while a project has no network.
  NetworkView* view() const;
  /// None where there is no canvas.
  NetworkId network() const;
  std::vector<LayerId> selection() const;

  /// Shows the network, and its layer where one is given.
  void show_layer(NetworkId network, LayerId layer);

  void add_network();
  /// Asks for the name.
  void rename_network();
  /// Undoable; the last network stays.
  void remove_network();

 signals:
  /// Another canvas is in front, or the selection on it changed.
  void selection_changed();
  void layer_activated(netwright::LayerId layer);
  void message(const QString& text);
  void zoom_changed(double zoom);

 protected:
  /// Nothing: in document mode a stray base line beside the corner's button is all that would be painted.
  void paintEvent(QPaintEvent* event) override { Q_UNUSED(event) }

 private:
  void rebuild();
  void follow(const Edit& edit);
  void insert(int place, const Network& network);
  int place_of(NetworkId network) const;

  Document& document_;
};

}  // namespace netwright
