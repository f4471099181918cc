#pragma once
// Why a layer's figures are what they are: its formulas in symbols and with its numbers put in, and what each setting
// does.

#include <QWidget>

#include "designer/document/document.h"

class QLabel;

namespace netwright {

class Explain : public QWidget {
  Q_OBJECT

 public:
  explicit Explain(Document& document, QWidget* parent = nullptr);

  /// No layer: says what to select.
  void show_layer(NetworkId network, LayerId layer);

 private:
  void refresh();
  static void show_part(QLabel* label, QLabel* title, const QString& text);

  Document& document_;
  NetworkId network_;
  LayerId layer_;
  QLabel* words_;
  QLabel* formulas_title_;
  QLabel* formulas_;
  QLabel* settings_title_;
  QLabel* settings_;
};

}  // namespace netwright
