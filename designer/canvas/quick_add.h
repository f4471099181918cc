#pragma once
// A small list at the cursor to add a layer by typing a part of its type's name.

#include <QFrame>
#include <functional>
#include <optional>
#include <vector>

#include "designer/canvas/layer_kind.h"

class QLineEdit;
class QListWidget;

namespace netwright {

/// What the new layer is for; at most one of the four is set.
struct QuickAddRequest {
  QPointF place;                         ///< on the canvas, where the cursor is
  std::optional<PortRef> fed_from = {};  ///< an output that feeds the new layer
  std::optional<PortRef> leads_to = {};  ///< an input that the new layer feeds
  std::optional<Connection> inserted_in = {};
  std::optional<LayerId> after = {};  ///< goes below this layer, fed by it where that fits
};

class QuickAdd : public QFrame {
  Q_OBJECT

 public:
  explicit QuickAdd(QWidget* parent);

  /// Opens near `at` (in the parent's pixels), kept inside the parent. Offers the catalogue's types, and Blocks of the
  /// networks that `network` may hold.
  void open(const QuickAddRequest& request, const Project& project, NetworkId network, QPoint at, const QString& text);
  void dismiss();
  const QuickAddRequest& request() const { return request_; }

 signals:
  /// A LayerKind's text.
  void chosen(const QString& kind);
  void dismissed();

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void filter(const QString& words);
  void shrink_to_rows();
  void accept();

  /// What may be chosen, as it is shown and searched.
  struct Offer {
    LayerKind kind;
    QString title;
    QString summary;
    QString words;  ///< further ones to be found by
    int category;
  };
  void offer(const Project& project, NetworkId network);

  std::vector<Offer> offers_;
  QuickAddRequest request_;
  QLineEdit* words_;
  QListWidget* list_;
};

}  // namespace netwright
