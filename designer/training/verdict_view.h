#pragma once
// The samples that lie in one cell of the confusion matrix, those of the surest verdicts first.

#include <QWidget>
#include <memory>

#include "backend/data/dataset.h"
#include "designer/document/background.h"
#include "designer/theme/surface_panel.h"
#include "designer/training/sample_content.h"

class QLabel;
class QScrollArea;
class QToolButton;
class QVBoxLayout;

namespace netwright {

class PreviewPart;
struct DataSample;

class VerdictView : public SurfacePanel {
  Q_OBJECT

 public:
  explicit VerdictView(QWidget* parent = nullptr);

  /// Where the samples are: the run, the event of its verdicts, and the fingerprint of its data.
  struct Source {
    QString run_folder;
    SampleEvent event;
    std::string fingerprint;
  };
  /// Reads in the background what lies in a cell of so many samples. Of a run's data one copy is kept.
  void show_cell(const Source& source, const QString& true_class, const QString& predicted, std::pair<int, int> cell);
  /// Forgets a run's data.
  void clear();

  /// What is said above the samples, and instead of them; for tests.
  QString heading() const;
  QString words() const;
  int shown_samples() const { return shown_; }

 signals:
  void back_requested();
  void loaded();

 private:
  void show_words(const QString& words);
  void show_part(const DataSample& sample);

  QToolButton* back_;
  QLabel* heading_;
  QLabel* words_;
  QScrollArea* scroll_;
  QVBoxLayout* column_;
  PreviewPart* part_ = nullptr;
  QString run_folder_;
  std::shared_ptr<const Dataset> data_;
  int shown_ = 0;
  Background reading_;
};

}  // namespace netwright
