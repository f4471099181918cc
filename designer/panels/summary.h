#pragma once
// The whole network as a table in topological order, a row per layer, with its totals above.

#include <QWidget>

#include <vector>

#include "designer/document/document.h"

class QModelIndex;
class QTreeView;

namespace netwright {

class SummaryModel;
class TotalsStrip;
class TrainingMemory;

class Summary : public QWidget {
  Q_OBJECT

 public:
  explicit Summary(Document& document, QWidget* parent = nullptr);

  void show_network(NetworkId network);
  /// Marks the rows of the canvas's selection; doesn't emit.
  void set_selected(const std::vector<LayerId>& layers);
  /// What the engine measured of a network's training; until another project is there.
  void show_measured(const QString& network_name, std::int64_t peak_bytes, std::int64_t batch);
  TrainingMemory& memory() { return *memory_; }

 signals:
  /// The user clicked a row, or moved to it by keyboard.
  void layer_chosen(netwright::NetworkId network, netwright::LayerId layer);

 private:
  void refresh();
  void choose(const QModelIndex& index);

  Document& document_;
  NetworkId network_;
  std::vector<LayerId> selected_;
  SummaryModel* model_;
  TotalsStrip* totals_;
  TrainingMemory* memory_;
  QTreeView* table_;
  bool is_syncing_ = false;
  struct Measured {
    QString network_name;
    std::int64_t peak_bytes = 0;
    std::int64_t batch = 0;
  };
  Measured measured_;
};

}  // namespace netwright
