#pragma once

#include <QWidget>

#include "designer/document/document.h"

class QLabel;
class QToolButton;

namespace netwright {

/// Beneath the canvases of an adversarial project: what flows from the latent through the generator into the
/// discriminator, and whether the two fit each other. A click on a side shows its tab.
class SidesStrip : public QWidget {
  Q_OBJECT

 public:
  explicit SidesStrip(Document& document, QWidget* parent = nullptr);

 signals:
  void network_requested(netwright::NetworkId network);

 private:
  void refresh();

  Document& document_;
  QToolButton* generator_;
  QToolButton* discriminator_;
  QLabel* latent_;
  QLabel* link_;
  QLabel* made_;
  QLabel* taken_;
  QLabel* score_;
  QLabel* words_;
};

}  // namespace netwright
