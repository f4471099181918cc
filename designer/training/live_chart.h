#pragma once
// A chart of curves that grow while one looks: every point is kept, what is drawn is decimated to the pixel columns.

#include <QChartView>
#include <QTimer>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "designer/training/crosshair.h"

class QLineSeries;
class QValueAxis;

namespace netwright {

struct CurveLook {
  QString name;
  int series = 0;  ///< the theme's series colours in turn, dashed where they come again
  MarkerShape marker = MarkerShape::None;
  bool is_smoothable = false;  ///< set_smoothing() concerns it
  bool is_in_legend = true;
  QString group = {};  ///< what the legend says where no curve of this colour that it lists has points
  int row =
      -1;  ///< of the crosshair's box: curves with one number, one after the other, share a row; −1: one of its own
};

/// What x is, where it isn't epochs done.
struct ChartAxis {
  bool is_log = false;                        ///< log10 of it is given to append(), and it begins at its least
  std::function<QString(double)> words = {};  ///< for the crosshair: `step 1,240`
  QString unit = {};                          ///< follows the axis' figures
};

/// Drawn anew at most 20 times a second, and less often where that would take the computer from the training.
/// The wheel zooms x around the cursor, dragging zooms into a rectangle, a double click shows all again.
class LiveChart : public QChartView {
  Q_OBJECT

 public:
  explicit LiveChart(const QString& title, QWidget* parent = nullptr);
  ~LiveChart() override;

  /// Returns its number.
  int add_curve(const CurveLook& look);
  /// Says in the legend what a marker means, whatever the colour, once a curve with it has points.
  void add_key(const QString& name, MarkerShape marker) { keys_.push_back({name, {}, {}, marker}); }
  /// x (epochs done, or what set_axis() says) never decreases within a curve; y may be anything: what can't be drawn
  /// leaves a marked gap.
  void append(int curve, double x, double y);
  const Curve& points(int curve) const { return lines_[static_cast<std::size_t>(curve)].points; }
  void set_marks(std::vector<ChartMark> marks);
  /// Removes points, marks and zoom.
  void clear();

  /// The crosshair then says the step as well.
  void set_steps_per_epoch(double steps) { steps_per_epoch_ = steps; }
  /// Without zoom: this range instead of the values' own.
  void set_fixed_range(Range y) { fixed_y_ = y; }
  /// Labels of marks at the plot's lower edge instead of its upper.
  void set_marks_low(bool is_low) { are_marks_low_ = is_low; }
  /// Follows figures: ` %`.
  void set_unit(const QString& unit) { unit_ = unit; }
  /// Without zoom x goes on to here, though no curve does.
  void set_end(double x);
  void set_axis(ChartAxis axis);
  /// The crosshair's values end where the curves do, instead of going on with the nearest.
  void set_values_within(bool are_within) { are_values_within_ = are_within; }
  /// The legend is only there where it fits beside the title: something else says the same.
  void set_legend_spare(bool is_spare) { is_legend_spare_ = is_spare; }

  bool is_log() const { return is_log_; }
  /// Of the exponential mean; 0 for none.
  double smoothing() const { return smoothing_; }
  bool is_zoomed() const { return zoom_x_ || zoom_y_; }
  /// What is visible, in axis coordinates, as last drawn.
  const PlotFrame& frame() const { return frame_; }
  const QString& title() const { return title_; }
  int curve_count() const { return static_cast<int>(lines_.size()); }
  const CurveLook& look(int curve) const { return lines_[static_cast<std::size_t>(curve)].look; }
  const std::vector<ChartMark>& marks() const { return marks_; }
  std::vector<LegendEntry> legend() const;
  /// What the crosshair's box says at an x in axis coordinates.
  std::vector<HoverRow> hover_rows(double x) const;
  QString hover_heading(double x) const;

 public slots:
  void set_log(bool is_log);
  void set_smoothing(double beta);
  void reset_zoom();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void drawBackground(QPainter* painter, const QRectF& rect) override;
  void drawForeground(QPainter* painter, const QRectF& rect) override;
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;

 private:
  /// The pieces of one line; spare ones are kept, hidden.
  struct Pieces {
    std::vector<QLineSeries*> series;
    void show(LiveChart& chart, const std::vector<Curve>& segments, const QPen& pen);
  };
  struct Line {
    CurveLook look;
    Curve points;
    Pieces raw;
    Pieces smooth;
    std::vector<QPointF> dots;  ///< markers, and points that stand alone; in axis coordinates
  };

  void schedule();
  void rebuild();
  void rebuild_line(Line& line, int columns);
  void place_frame();
  double title_width() const;
  /// The curve itself, or on a log axis what it is there, kept in `decades`.
  const Curve& in_axis(const Curve& curve, Curve& decades) const;
  Range all_x() const;
  Range auto_y(Range visible) const;
  LegendEntry entry_of(const Line& line) const;
  QString text_of(double value) const;
  bool is_within(const Curve& curve, double x) const;
  void zoom_to(const QRectF& rectangle);

  QString title_;
  QString unit_;
  std::vector<Line> lines_;
  std::vector<LegendEntry> keys_;
  std::vector<ChartMark> marks_;
  std::vector<double> gaps_;
  std::vector<Tick> x_ticks_;
  std::vector<Tick> y_ticks_;
  PlotFrame frame_;
  std::optional<Range> fixed_y_;
  std::optional<Range> zoom_x_;
  std::optional<Range> zoom_y_;
  std::optional<QPointF> hover_;
  std::optional<QPointF> drag_from_;
  ChartAxis axis_;
  double end_ = 0;
  double steps_per_epoch_ = 0;
  double smoothing_ = 0;
  bool is_log_ = false;
  bool are_marks_low_ = false;
  bool are_values_within_ = false;
  bool is_legend_spare_ = false;
  bool is_legend_hidden_ = false;
  bool is_legend_below_ = false;  ///< of the title, where both don't fit side by side
  QValueAxis* x_axis_;
  QValueAxis* y_axis_;
  QTimer redraw_;
  qint64 rebuild_ns_ = 0;
  qint64 paint_ns_ = 0;
};

}  // namespace netwright
