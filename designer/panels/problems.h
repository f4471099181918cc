#pragma once
// What analysis has to say, most severe first: a click leads to the layer, a button mends it.

#include <QWidget>

#include "designer/document/document.h"
#include "designer/panels/problem_row.h"

class QScrollArea;
class QStackedWidget;

namespace netwright {

class Problems : public QWidget {
  Q_OBJECT

 public:
  explicit Problems(Document& document, QWidget* parent = nullptr);

  int errors() const { return errors_; }
  int warnings() const { return warnings_; }

 signals:
  /// `layer` is none where the problem concerns the network.
  void layer_requested(netwright::NetworkId network, netwright::LayerId layer);
  void counts_changed();
  /// A mend that couldn't be applied, in words.
  void failed(const QString& words);

 private:
  void refresh();
  void apply(std::size_t diagnostic, std::size_t fix);

  Document& document_;
  QStackedWidget* pages_;
  QScrollArea* list_;
  std::vector<Diagnostic> diagnostics_;  ///< as shown
  std::vector<ProblemText> shown_;
  int errors_ = 0;
  int warnings_ = 0;
};

}  // namespace netwright
