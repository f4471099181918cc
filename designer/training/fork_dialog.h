#pragma once
// Asks how a run is to be forked: from which checkpoint, and with whose recipe.

#include <QDialog>
#include <utility>
#include <vector>

#include "backend/graph/project.h"

class QCheckBox;
class QRadioButton;

namespace netwright {

struct ForkSubject {
  QString folder;
  QString title;
  Project project;  ///< as the run has it
};

class ForkDialog : public QDialog {
  Q_OBJECT

 public:
  /// `current`: what is drawn and set now.
  ForkDialog(const ForkSubject& run, const Project& current, QWidget* parent = nullptr);

  /// Which of the run's checkpoints: `best`, `last`, or one that was kept on request.
  QString checkpoint() const;
  bool takes_recipe() const;

 private:
  std::vector<std::pair<QString, QRadioButton*>> checkpoints_;
  QCheckBox* recipe_;
};

}  // namespace netwright
