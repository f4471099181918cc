#pragma once
// A slider through the moments at which samples were taken. The latest stays chosen while more come, unless the user
// has moved back.

#include <QWidget>
#include <vector>

class QLabel;
class QSlider;
class QToolButton;

namespace netwright {

struct SampleMoment {
  int epoch = 0;
  qint64 step = 0;
  bool operator==(const SampleMoment&) const = default;
};

/// `epoch 7 · step 6,570`; `before training` where no step was done.
QString moment_text(const SampleMoment& moment);

class SampleTimeline : public QWidget {
  Q_OBJECT

 public:
  explicit SampleTimeline(QWidget* parent = nullptr);

  /// Further moments of the same run; the ones before keep their places.
  void set_moments(std::vector<SampleMoment> moments);
  /// Of another run: the latest is chosen.
  void restart(std::vector<SampleMoment> moments);
  const std::vector<SampleMoment>& moments() const { return moments_; }
  /// −1 where there are none.
  int position() const;
  bool is_at_end() const;
  void move_to(int position);
  /// Arrow keys, page up and down, home and end move it wherever the focus is. False for other keys.
  bool take_key(int key);
  QSlider* slider() const { return slider_; }

 signals:
  /// By the user, or as moments come.
  void moved(int position);

 private:
  void show_position();

  std::vector<SampleMoment> moments_;
  QSlider* slider_;
  QLabel* words_;
  QToolButton* latest_;
};

}  // namespace netwright
