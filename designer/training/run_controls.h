#pragma once
// Train, Pause and Stop, the device; while a run goes on what may be changed of it, and what may be asked for.

#include <QWidget>
#include <optional>
#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QValidator;

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
  /// As the run has it now (see Command::Set), nothing: it has no such setting. Doesn't touch what is being typed.
  void show_setting(const QString& setting, std::optional<double> value);
  /// `auto`, `cpu` or `cuda`.
  QString device() const;

 signals:
  void train_requested();
  void pause_requested();
  void resume_requested();
  void stop_requested();
  void setting_requested(const QString& setting, double value);
  void checkpoint_requested();
  void samples_requested();
  void problems_requested();

 private:
  /// A setting of a run under way.
  struct Field {
    QString setting;
    QLabel* name;
    QLineEdit* value;
    bool is_there;
  };
  Field make_field(const QString& setting, const QString& name, QValidator* validator);
  void refresh();
  void send(const QString& setting);

  State state_ = State::Idle;
  QString obstacle_;
  QPushButton* train_;
  QPushButton* pause_;
  QPushButton* stop_;
  QLabel* reason_;
  QComboBox* device_;
  std::vector<Field> fields_;
  QWidget* requests_;
  QPushButton* checkpoint_;
  QPushButton* samples_;
};

}  // namespace netwright
