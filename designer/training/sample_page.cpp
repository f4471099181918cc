#include "designer/training/sample_page.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QStackedLayout>

#include "designer/theme/theme.h"
#include "designer/training/sample_view.h"

namespace netwright {
namespace {

constexpr int most_history = 18;

/// The first of `count` positions, every 2nd, 5th, 10th … and the last: one more moves none but the last, so that a
/// history grows without being read anew.
std::vector<int> spread(int count) {
  int step = 1;
  for (int i = 0; count / step + 2 > most_history; ++i) step = i % 3 == 1 ? step / 2 * 5 : step * 2;
  std::vector<int> out;
  for (int position = 0; position < count; ++position) {
    if (position == 0 || position == count - 1 || (position + 1) % step == 0) out.push_back(position);
  }
  return out;
}

}  // namespace

SamplePage::SamplePage(const std::string& kind, QWidget* parent)
    : QWidget(parent),
      view_(make_sample_view(kind)),
      timeline_(new SampleTimeline),
      problem_(new QLabel),
      stack_(new QStackedLayout) {
  problem_->setObjectName(QStringLiteral("samples.problem"));
  problem_->setAlignment(Qt::AlignCenter);
  problem_->setWordWrap(true);
  problem_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  problem_->setProperty("role", "muted");
  problem_->setMargin(20);
  stack_->addWidget(view_);
  stack_->addWidget(problem_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addLayout(stack_, 1);
  layout->addWidget(timeline_);
  connect(timeline_, &SampleTimeline::moved, this, &SamplePage::load);
  connect(view_, &SampleView::history_wanted, this, &SamplePage::load_history);
  connect(view_, &SampleView::moment_chosen, timeline_, &SampleTimeline::move_to);
}

SamplePage::~SamplePage() = default;

void SamplePage::show_samples(const QString& run_folder, std::vector<SampleEvent> events) {
  const bool is_other = run_folder != run_folder_ || events.size() < events_.size();
  if (!is_other && events.size() == events_.size()) return;
  std::vector<SampleMoment> moments;
  moments.reserve(events.size());
  for (const SampleEvent& event : events) moments.push_back({event.epoch, event.step});
  run_folder_ = run_folder;
  events_ = std::move(events);
  if (is_other) {
    reading_.cancel();
    reading_history_.cancel();
    is_reading_ = is_reading_history_ = false;
    cache_.clear();
    history_.clear();
    view_->show_history({});
    shown_ = -1;
    timeline_->restart(std::move(moments));
  } else {
    timeline_->set_moments(std::move(moments));
    load_history();
  }
}

QString SamplePage::problem() const {
  return stack_->currentWidget() == problem_ ? problem_->text() : QString();
}

SampleMoment SamplePage::moment(int position) const {
  return timeline_->moments()[static_cast<std::size_t>(position)];
}

void SamplePage::load() {
  const int position = timeline_->position();
  if (position < 0 || position == shown_ || !isVisible()) return;
  const SampleEvent& event = events_[static_cast<std::size_t>(position)];
  if (const auto content = cache_.find(event.file)) {
    show_sample(position, {content, {}});
    return;
  }
  if (is_reading_) return;  // what was begun is shown first: a slider on the move never waits for its end
  is_reading_ = true;
  reading_.run(
      [folder = run_folder_, event](const std::atomic<bool>& /*cancelled*/) { return read_for_view(folder, event); },
      [this, position, file = event.file](const ReadSample& sample) {
        is_reading_ = false;
        cache_.add(file, sample);
        show_sample(position, sample);
        load();
      });
}

void SamplePage::show_sample(int position, const ReadSample& sample) {
  const bool is_first = shown_ < 0;
  shown_ = position;
  if (sample.content) {
    view_->show_content(sample.content, moment(position));
    stack_->setCurrentWidget(view_);
  } else {
    problem_->setText(sample.problem);
    stack_->setCurrentWidget(problem_);
  }
  if (is_first) load_history();
}

void SamplePage::load_history() {
  if (!view_->wants_history() || !isVisible() || is_reading_history_) return;
  std::vector<int> wanted = spread(static_cast<int>(events_.size()));
  if (wanted == history_) return;
  is_reading_history_ = true;
  history_ = wanted;
  std::vector<std::pair<SampleEvent, std::shared_ptr<const SampleContent>>> sources;
  for (const int position : wanted) {
    const SampleEvent& event = events_[static_cast<std::size_t>(position)];
    sources.emplace_back(event, cache_.find(event.file));
  }
  reading_history_.run(
      [folder = run_folder_, sources = std::move(sources)](const std::atomic<bool>& cancelled) {
        std::vector<ReadSample> read;
        for (const auto& [event, content] : sources) {
          if (cancelled) break;
          read.push_back(content ? ReadSample{content, {}} : read_for_view(folder, event));
        }
        return read;
      },
      [this, wanted = std::move(wanted)](const std::vector<ReadSample>& read) {
        is_reading_history_ = false;
        std::vector<PastSample> history;
        for (std::size_t i = 0; i < read.size(); ++i) {
          if (!read[i].content) continue;
          cache_.add(events_[static_cast<std::size_t>(wanted[i])].file, read[i]);
          history.push_back({wanted[i], moment(wanted[i]), read[i].content});
        }
        view_->show_history(history);
        load_history();
      });
}

void SamplePage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  load();
  load_history();
}

void SamplePage::keyPressEvent(QKeyEvent* event) {
  if (!timeline_->take_key(event->key())) QWidget::keyPressEvent(event);
}

}  // namespace netwright
