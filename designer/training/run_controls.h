#pragma once
// Train, Pause and Stop, the device, and the learning rate while a run goes on.

#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace netwright {

class RunControls : public QWidget {
  Q_OBJECT

 public:
  enum class State { Idle, Starting, Running, Pausing, Paused, Stopping };

  explicit RunControls(QWidget* parent = nullptr);

  void set_state(State state);
  State state() const { return state_; }
  /// Why training can't begin; empty where it can. `is_in_drawing`: a click on it leads to the problems.
  void set_obstacle(const QString& words, bool is_in_drawing);
  const QString& obstacle() const { return obstacle_; }
  /// As the run has it now; doesn't touch what is being typed.
  void show_learning_rate(double rate);
  /// `auto`, `cpu` or `cuda`.
  QString device() const;

 signals:
  void train_requested();
  void pause_requested();
  void resume_requested();
  void stop_requested();
  void learning_rate_requested(double rate);
  void problems_requested();

 private:
  void refresh();
  void send_learning_rate();

  State state_ = State::Idle;
  QString obstacle_;
  QPushButton* train_;
  QPushButton* pause_;
  QPushButton* stop_;
  QLabel* reason_;
  QComboBox* device_;
  QLabel* rate_name_;
  QLineEdit* rate_;
};

}  // namespace netwright
