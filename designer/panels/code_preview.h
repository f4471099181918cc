#pragma once
// The project as the PyTorch code that it would be exported as; it follows every edit.

#include <QWidget>

#include <vector>

#include "designer/document/background.h"
#include "designer/document/document.h"
#include "designer/panels/code_lines.h"

class QLabel;
class QPlainTextEdit;

namespace netwright {

/// Written on another thread, and only while it is shown.
class CodePreview : public QWidget {
  Q_OBJECT

 public:
  explicit CodePreview(Document& document, QWidget* parent = nullptr);

  /// Marks the lines of the canvas's selection, and brings the first of them into view; doesn't emit.
  void set_selected(NetworkId network, const std::vector<LayerId>& layers);

 signals:
  /// The user clicked a line that is about a layer.
  void layer_chosen(netwright::NetworkId network, netwright::LayerId layer);
  void message(const QString& text);

 protected:
  void showEvent(QShowEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Written {
    QStringList lines;
    std::vector<CodeLine> layers;
  };
  void refresh();
  void show_code(Written written);
  void replace_lines(const QStringList& lines);
  void mark();
  void reveal();
  void choose_at(int line, const QString& word);
  void copy();
  void save();
  void restyle();

  Document& document_;
  NetworkId network_;
  std::vector<LayerId> selected_;
  QStringList lines_;
  std::vector<CodeLine> layers_;
  QPlainTextEdit* text_;
  QLabel* about_;
  Background writing_;
  bool is_stale_ = true;
  bool is_writing_ = false;
  bool is_choosing_ = false;
};

}  // namespace netwright
