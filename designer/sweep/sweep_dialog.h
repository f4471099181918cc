#pragma once
// A sweep is put together: which settings, which values, and what that comes to before it is queued.

#include <QDialog>
#include <QTimer>
#include <optional>

#include "backend/sweep/variable_setting.h"
#include "backend/sweep/variants.h"
#include "designer/document/background.h"

class QComboBox;
class QLabel;
class QPushButton;
class QScrollArea;
class QSpinBox;
class QVBoxLayout;

namespace netwright {

class AxisCard;
class SettingChooser;

class SweepDialog : public QDialog {
  Q_OBJECT

 public:
  /// Of the project as it is now. `owner`: whose runs tell how long one takes.
  SweepDialog(const Project& project, const QString& owner, QWidget* parent = nullptr);

 signals:
  /// The variants that can be trained. The sweep has no id yet.
  void sweep_requested(const netwright::Sweep& sweep, const std::vector<netwright::Variant>& variants);

 private:
  QWidget* build_axes();
  QWidget* build_method();
  void toggle(const VariableSetting& setting);
  void remove(AxisCard* card);
  void follow_axes();
  Result<Sweep> sweep() const;
  void count_soon();
  void count();
  void show_variants();
  void show_problem(const QString& words);
  QString time_words() const;
  void queue();

  Project project_;
  SettingChooser* chooser_;
  QScrollArea* scroll_;
  QVBoxLayout* cards_;
  QLabel* empty_;
  std::vector<AxisCard*> axes_;
  QComboBox* method_;
  QWidget* draws_;
  QSpinBox* count_;
  QSpinBox* seed_;
  QLabel* words_;
  QLabel* unfit_;
  QPushButton* queue_;
  QTimer timer_;
  Background counting_;
  Background timing_;
  std::optional<double> seconds_per_epoch_;
  Sweep counted_;
  std::vector<Variant> variants_;  ///< all of `counted_`
};

/// What an epoch of the project's newest run with an end took; nothing where there is none. Reads records: for another
/// thread.
std::optional<double> seconds_per_epoch_of_runs(const QString& owner);

}  // namespace netwright
