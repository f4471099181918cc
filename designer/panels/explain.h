#pragma once
// Why a layer's figures are what they are: its formulas in symbols and with its numbers put in, and what each setting
// does.

#include <QWidget>

#include "designer/document/document.h"

class QLabel;
class QVBoxLayout;

namespace netwright {

class Explain : public QWidget {
  Q_OBJECT

 public:
  explicit Explain(Document& document, QWidget* parent = nullptr);

  /// No layer: says what to select.
  void show_layer(NetworkId network, LayerId layer);

 private:
  void refresh();

  Document& document_;
  NetworkId network_;
  LayerId layer_;
  QVBoxLayout* lines_;
  QString shown_;
};

}  // namespace netwright
