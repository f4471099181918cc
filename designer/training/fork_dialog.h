#pragma once
// Asks how a run is to be forked: from which checkpoint, and with whose recipe.

#include <QDialog>

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

  bool is_from_best() const;
  bool takes_recipe() const;

 private:
  QRadioButton* best_;
  QRadioButton* last_;
  QCheckBox* recipe_;
};

}  // namespace netwright
