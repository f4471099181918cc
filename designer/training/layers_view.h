#pragma once
// How each layer is doing while a network learns: one figure at a time, a line for each layer over the run, with its
// latest value; what is unusual stands out.

#include <QWidget>
#include <span>
#include <string>
#include <vector>

#include "backend/run/event.h"
#include "designer/theme/surface_panel.h"

class QComboBox;
class QScrollArea;

namespace netwright {

/// What of a layer can be looked at.
struct LayerQuantity {
  const char* name;  ///< as LayerFigures has it
  const char* title;
  const char* help;
  bool is_log = false;  ///< differences are of magnitude
  bool is_share = false;
};
std::span<const LayerQuantity> layer_quantities();

/// Why a value asks for attention, in words; empty where it doesn't.
QString layer_remark(const LayerQuantity& quantity, double value);

/// The lines: one row for each layer that has the quantity.
class LayerRows : public QWidget {
  Q_OBJECT

 public:
  explicit LayerRows(QWidget* parent = nullptr);

  void show_layers(const std::vector<LayersEvent>& moments, const LayerQuantity& quantity);
  int row_count() const { return static_cast<int>(rows_.size()); }
  QRectF place(int row) const;
  QString name(int row) const { return rows_.at(static_cast<std::size_t>(row)).name; }
  QString value_text(int row) const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {140, sizeHint().height()}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  struct Row {
    QString name;
    std::vector<QPointF> line;  ///< epoch, value (its log10 where magnitudes count); finite
    double latest = 0;
    FigureValues all = {};  ///< the latest of every quantity
  };
  /// Rows share the room that there is, within reason.
  double row_height() const;
  static double least_row_height();
  QString words_of(const Row& row) const;
  void paint_line(QPainter& painter, const Row& row, const QRectF& area, const QColor& ink) const;

  std::vector<Row> rows_;
  LayerQuantity quantity_{};
  double first_epoch_ = 0;
  double last_epoch_ = 1;
  double low_ = 0;
  double high_ = 1;
};

class LayersView : public SurfacePanel {
  Q_OBJECT

 public:
  explicit LayersView(QWidget* parent = nullptr);

  /// All moments of a run so far; the chosen quantity stays.
  void show_layers(const std::vector<LayersEvent>& moments);

 private:
  void refresh();

  std::vector<LayersEvent> moments_;
  QComboBox* choice_;
  QScrollArea* scroll_;
  LayerRows* rows_;
};

}  // namespace netwright
