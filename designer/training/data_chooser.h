#pragma once
// The data that the project learns from: its source, the source's settings, and how samples are prepared. Every change
// is one undoable step.

#include <QWidget>

#include "backend/data/data_catalogue.h"
#include "designer/document/document.h"

class QComboBox;
class QLabel;

namespace netwright {

class Fold;
class SettingsForm;

/// `1×28×28 · 10 classes · 60,000 + 10,000 samples`.
QString words_of(const DataDescription& description);

class DataChooser : public QWidget {
  Q_OBJECT

 public:
  /// Parts are named `<place>.data_source`, `.data_words`, `.data_form`, `.preparation` and `.preparation_form`.
  DataChooser(Document& document, const QString& place, QWidget* parent = nullptr);

 signals:
  /// A change that the document refused, in words.
  void failed(const QString& words);

 private:
  void refresh();
  void show_preparation(const DataSource& chosen, const std::optional<DataDescription>& description);
  void choose(int index);
  void change(const QString& text, DataSource chosen, const QString& gesture = {});

  Document& document_;
  QComboBox* source_;
  QLabel* words_;
  SettingsForm* form_;
  SettingsForm* preparation_;
  Fold* fold_;
};

}  // namespace netwright
