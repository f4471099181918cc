#pragma once
// The search for a learning rate: a moment of training with a growing rate, its loss over the rate, and what the
// engine suggests.

#include <QDialog>
#include <QTemporaryDir>

#include "designer/document/document.h"
#include "designer/training/engine_process.h"

class QLabel;
class QPushButton;

namespace netwright {

class LiveChart;

class RangeTestDialog : public QDialog {
  Q_OBJECT

 public:
  explicit RangeTestDialog(Document& document, QWidget* parent = nullptr);

  /// To name another program.
  EngineProcess& engine() { return engine_; }
  /// Of the project as it is drawn now. `weights`: a file it starts from, or empty.
  void start(const QString& device, const QString& weights);

 private:
  void take(const Event& event);
  void take_step(const StepEvent& step);
  void take_suggestion(const DoneEvent& done);
  void use_suggestion();

  Document& document_;
  EngineProcess engine_;
  QTemporaryDir folder_;
  LiveChart* chart_;
  QLabel* words_;
  QPushButton* use_;
  std::string figure_ = "loss";
  double suggestion_ = 0;  ///< 0: none yet
};

}  // namespace netwright
