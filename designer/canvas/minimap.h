#pragma once

#include <QPixmap>
#include <QWidget>

namespace netwright {

class NetworkScene;
class NetworkView;

/// The whole network, small, with a frame round what the view shows; a press or drag moves the view. It hides itself
/// where the view shows everything.
class Minimap : public QWidget {
  Q_OBJECT

 public:
  Minimap(NetworkView& view, NetworkScene& scene);

  /// The view moved or was resized.
  void follow_view();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;

 private:
  void follow_content();
  QRectF shown_rect() const;
  /// From the canvas to this widget.
  QTransform to_map() const;
  void draw_nodes();

  NetworkView& view_;
  NetworkScene& scene_;
  QRectF content_;
  QPixmap nodes_;
};

}  // namespace netwright
