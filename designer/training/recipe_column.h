#pragma once
// What to train on and how: forms over the project's data and recipe; every change is one undoable step.

#include <QWidget>
#include <functional>

#include "designer/document/document.h"

class QLabel;
class QToolButton;
class QVBoxLayout;

namespace netwright {

class ChoiceForm;
class Fold;
class ScheduleCurve;
class SettingsForm;
class StartChoice;

class RecipeColumn : public QWidget {
  Q_OBJECT

 public:
  explicit RecipeColumn(Document& document, QWidget* parent = nullptr);

  /// Whether the search for a learning rate may begin, and else why not.
  void set_range_test(const QString& obstacle);
  /// What the next run starts from.
  StartChoice* start() const { return start_; }
  /// The same for sweeps.
  void set_sweep(const QString& obstacle);

 signals:
  /// A change that the document refused, in words.
  void failed(const QString& words);
  void range_test_requested();
  void sweep_requested();

 private:
  void build();
  void refresh();
  void show_task(const Project& project);
  void change(const QString& text, const std::function<void(Recipe&)>& change, const QString& gesture);
  void connect_form(SettingsForm& form);
  QLabel* add_heading(QVBoxLayout& layout, const QString& text);

  Document& document_;
  ChoiceForm* task_;
  SettingsForm* recipe_form_;
  SettingsForm* more_form_;
  Fold* more_;
  StartChoice* start_;
  QLabel* optimiser_heading_;
  QToolButton* range_test_;
  QToolButton* sweep_;
  ChoiceForm* optimiser_;
  QLabel* discriminator_heading_;
  ChoiceForm* discriminator_;
  ChoiceForm* schedule_;
  ScheduleCurve* schedule_curve_;
};

}  // namespace netwright
