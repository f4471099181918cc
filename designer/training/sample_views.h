#pragma once
// What a network makes of its samples while it trains: one page for each kind of sample event of a run, each with a
// slider back through time.

#include <QString>
#include <QWidget>
#include <map>
#include <string>
#include <vector>

#include "backend/run/event.h"

class QLabel;
class QStackedWidget;
class QTabBar;

namespace netwright {

class SamplePage;

class SampleViews : public QWidget {
  Q_OBJECT

 public:
  explicit SampleViews(QWidget* parent = nullptr);
  ~SampleViews() override;

  /// All samples of a run so far, in the order in which they came; call it again as more come: what is shown stays,
  /// the latest follows where the user hasn't moved back. No events: empty. Kinds that aren't known are left out.
  void show_samples(const QString& run_folder, const std::vector<SampleEvent>& events, bool is_live);
  /// True where there is no page to look at.
  bool is_empty() const;

 private:
  SamplePage* page_of(const std::string& kind);
  void clear(bool is_live);

  std::map<std::string, SamplePage*> pages_;
  QTabBar* kinds_;
  QStackedWidget* stack_;
  QLabel* invitation_;
};

}  // namespace netwright
