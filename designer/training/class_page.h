#pragma once
// How a run tells classes apart: the confusion matrix, the samples in a cell of it, ROC and precision-recall curves.

#include <QWidget>
#include <optional>

#include "designer/training/run_record.h"

class QStackedWidget;
class QTabBar;

namespace netwright {

class ConfusionView;
class SamplePage;
class VerdictView;

class ClassPage : public QWidget {
  Q_OBJECT

 public:
  explicit ClassPage(QWidget* parent = nullptr);

  /// Of a run so far; call it again as more comes.
  void show_run(const RunRecord& record, const QString& run_folder);
  /// True where the run has nothing to show here.
  bool is_empty() const { return is_empty_; }

 private:
  void show_cell(std::size_t row, std::size_t column);
  void show_kind(int kind);

  QTabBar* kinds_;
  QStackedWidget* stack_;
  ConfusionView* matrix_;
  VerdictView* verdicts_;
  SamplePage* curves_;
  QString run_folder_;
  std::string fingerprint_;
  std::vector<std::string> classes_;
  std::optional<SampleEvent> verdict_event_;  ///< of the matrix' epoch
  bool is_empty_ = true;
};

}  // namespace netwright
