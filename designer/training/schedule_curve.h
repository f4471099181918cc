#pragma once
// The learning rate over a run, drawn small before there is one.

#include <QWidget>
#include <optional>
#include <vector>

#include "backend/data/data_catalogue.h"
#include "backend/graph/project.h"
#include "backend/graph/schedule.h"

namespace netwright {

/// How long the project's run would be. Where the data can't say how many samples it has, an epoch is 100 steps.
StepPlan step_plan_of(const Project& project, const std::optional<DataDescription>& data);

class ScheduleCurve : public QWidget {
  Q_OBJECT

 public:
  explicit ScheduleCurve(QWidget* parent = nullptr);

  /// Of the recipe's schedule; hidden where the rate never changes.
  void show_recipe(const Project& project, const std::optional<DataDescription>& data);
  /// What is drawn: rates at even distances over the run.
  const std::vector<double>& rates() const { return rates_; }
  /// Why there is no curve; empty where there is one.
  const QString& complaint() const { return complaint_; }
  /// The rate at a place, in words; empty outside.
  QString words_at(QPoint position) const;

  QSize sizeHint() const override;
  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;

 protected:
  void paintEvent(QPaintEvent* event) override;
  bool event(QEvent* event) override;

 private:
  QRectF plot() const;

  std::vector<double> rates_;
  double epochs_ = 1;
  QString complaint_;
};

}  // namespace netwright
