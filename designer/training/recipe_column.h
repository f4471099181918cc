#pragma once
// What to train on and how: forms over the project's data source and recipe; every change is one undoable step.

#include <QWidget>

#include "designer/document/document.h"

class QComboBox;
class QLabel;
class QVBoxLayout;

namespace netwright {

class SettingsForm;

class RecipeColumn : public QWidget {
  Q_OBJECT

 public:
  explicit RecipeColumn(Document& document, QWidget* parent = nullptr);

 signals:
  /// A change that the document refused, in words.
  void failed(const QString& words);

 private:
  void refresh();
  void choose_data(int index);
  void choose_optimiser(int index);
  void set_data_setting(const QString& name, const Value& value, const QString& gesture);
  void set_recipe_setting(const QString& name, const Value& value, const QString& gesture);
  void set_optimiser_setting(const QString& name, const Value& value, const QString& gesture);
  void edit(const QString& text, const Edit& edit, const QString& gesture = {});
  void add_heading(QVBoxLayout& layout, const QString& text);

  Document& document_;
  QComboBox* source_;
  QLabel* source_words_;
  SettingsForm* data_form_;
  QLabel* task_;
  SettingsForm* recipe_form_;
  QComboBox* optimiser_;
  QLabel* optimiser_words_;
  SettingsForm* optimiser_form_;
};

}  // namespace netwright
