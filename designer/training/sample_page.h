#pragma once
// One kind of samples of a run: its view over a slider through time. Files are read in the background, one at a time
// and only while the page is visible; where many come at once, those between are passed over.

#include <QWidget>
#include <string>
#include <vector>

#include "backend/run/event.h"
#include "designer/document/background.h"
#include "designer/training/sample_cache.h"
#include "designer/training/sample_timeline.h"

class QLabel;
class QStackedLayout;

namespace netwright {

class SampleView;

class SamplePage : public QWidget {
  Q_OBJECT

 public:
  explicit SamplePage(const std::string& kind, QWidget* parent = nullptr);
  ~SamplePage() override;

  /// All events of this kind so far. Another folder, or fewer events: another run, shown from its end.
  void show_samples(const QString& run_folder, std::vector<SampleEvent> events);

  SampleView* view() const { return view_; }
  SampleTimeline* timeline() const { return timeline_; }
  /// The position whose content (or problem) is visible; −1 before the first.
  int shown() const { return shown_; }
  /// Why there is no content; empty where there is.
  QString problem() const;

 protected:
  void showEvent(QShowEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void load();
  void show_sample(int position, const ReadSample& sample);
  void load_history();
  SampleMoment moment(int position) const;

  SampleView* view_;
  SampleTimeline* timeline_;
  QLabel* problem_;
  QStackedLayout* stack_;
  QString run_folder_;
  std::vector<SampleEvent> events_;
  SampleCache cache_;
  int shown_ = -1;
  bool is_reading_ = false;
  bool is_reading_history_ = false;
  std::vector<int> history_;  ///< positions asked for last
  Background reading_;
  Background reading_history_;
};

}  // namespace netwright
