#pragma once
// How much curves are smoothed: a slider from 0 to 0.99.

#include <QWidget>

class QLabel;
class QSlider;

namespace netwright {

class SmoothingControl : public QWidget {
  Q_OBJECT

 public:
  /// `name`: the slider's object name.
  explicit SmoothingControl(const QString& name, QWidget* parent = nullptr);
  /// Of the exponential mean.
  double value() const;
  /// The slider alone.
  void set_brief(bool is_brief);

 signals:
  void value_changed(double value);

 private:
  void restyle();

  QLabel* name_;
  QSlider* slider_;
  QLabel* figure_;
};

}  // namespace netwright
