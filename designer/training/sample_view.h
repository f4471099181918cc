#pragma once
// What every view of samples offers its page.

#include <QWidget>
#include <memory>
#include <vector>

#include "designer/training/sample_content.h"
#include "designer/training/sample_timeline.h"

namespace netwright {

/// One of the moments of a history.
struct PastSample {
  int position = 0;  ///< on the timeline
  SampleMoment moment;
  std::shared_ptr<const SampleContent> content;
};

class SampleView : public QWidget {
  Q_OBJECT

 public:
  using QWidget::QWidget;

  /// Never null. Content of a kind that isn't the view's is ignored.
  virtual void show_content(std::shared_ptr<const SampleContent> content, const SampleMoment& moment) = 0;
  /// True while the view shows how something came to be what it is: the page then reads further moments for it.
  virtual bool wants_history() const { return false; }
  virtual void show_history(const std::vector<PastSample>& /*history*/) {}

 signals:
  /// wants_history() has changed.
  void history_wanted();
  /// The user chose a moment of the history.
  void moment_chosen(int position);
};

/// The view for a known kind.
SampleView* make_sample_view(const std::string& kind);

}  // namespace netwright
