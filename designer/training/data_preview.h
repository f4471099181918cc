#pragma once
// A look at the data that the project learns from, read in the background while it is visible: figures over samples.

#include <QTimer>
#include <QWidget>

#include "designer/document/background.h"
#include "designer/document/document.h"
#include "designer/theme/surface_panel.h"
#include "designer/training/data_sample.h"

class QLabel;
class QScrollArea;
class QStackedLayout;
class QVBoxLayout;

namespace netwright {

class DataHead;
class PreviewPart;

class DataPreview : public SurfacePanel {
  Q_OBJECT

 public:
  explicit DataPreview(Document& document, QWidget* parent = nullptr);

  /// What is shown now.
  const DataSample& sample() const { return sample_; }
  /// False once the samples are shown; the figures over the whole data set may still come.
  bool is_loading() const { return is_loading_; }
  /// Why nothing is shown, or that it is being read; empty where something is.
  QString words() const;
  DataHead* head() const { return head_; }
  /// Null where there is nothing to see.
  PreviewPart* part() const { return part_; }
  QSize sizeHint() const override { return {360, 300}; }

 signals:
  /// The samples are shown.
  void loaded();
  /// The figures are, too.
  void measured();

 protected:
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  void follow_document();
  void load();
  void augment_anew();
  void measure(std::shared_ptr<const Dataset> data);
  void show_words(const QString& words);
  void show_part();

  Document& document_;
  DataSource wanted_;
  DataSource shown_;
  DataSample sample_;
  bool is_loading_ = false;
  QTimer settle_;
  QTimer patience_;
  Background loading_;
  DataHead* head_;
  PreviewPart* part_ = nullptr;
  QLabel* words_;
  QScrollArea* scroll_;
  QVBoxLayout* column_;
  QStackedLayout* pages_;
};

}  // namespace netwright
