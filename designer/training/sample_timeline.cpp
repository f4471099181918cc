#include "designer/training/sample_timeline.h"

#include <QBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMouseEvent>
#include <QSignalBlocker>
#include <QSlider>
#include <QStyle>
#include <QStyleOptionSlider>
#include <QToolButton>

#include "designer/theme/theme.h"

namespace netwright {
namespace {

/// A press on the groove takes the handle there, instead of a page's step towards it.
class DirectSlider : public QSlider {
 public:
  DirectSlider() : QSlider(Qt::Horizontal) {}

 protected:
  void mousePressEvent(QMouseEvent* event) override {
    QStyleOptionSlider option;
    initStyleOption(&option);
    const QRect groove = style()->subControlRect(QStyle::CC_Slider, &option, QStyle::SC_SliderGroove, this);
    const QRect handle = style()->subControlRect(QStyle::CC_Slider, &option, QStyle::SC_SliderHandle, this);
    const QPoint at = event->position().toPoint();
    if (event->button() == Qt::LeftButton && !handle.contains(at)) {
      setValue(QStyle::sliderValueFromPosition(minimum(), maximum(), at.x() - groove.left() - handle.width() / 2,
                                               groove.width() - handle.width()));
    }
    QSlider::mousePressEvent(event);
  }
};

constexpr int page_step = 10;

}  // namespace

QString moment_text(const SampleMoment& moment) {
  if (moment.step == 0 && moment.epoch == 0) return SampleTimeline::tr("before training");
  return SampleTimeline::tr("epoch %1  ·  step %2").arg(moment.epoch).arg(QLocale().toString(moment.step));
}

SampleTimeline::SampleTimeline(QWidget* parent)
    : QWidget(parent), slider_(new DirectSlider), words_(new QLabel), latest_(new QToolButton) {
  slider_->setObjectName(QStringLiteral("samples.time"));
  slider_->setAccessibleName(tr("Time of the samples"));
  slider_->setPageStep(page_step);
  words_->setObjectName(QStringLiteral("samples.moment"));
  words_->setFont(Theme::instance().small_figures());
  words_->setProperty("role", "muted");
  latest_->setObjectName(QStringLiteral("samples.latest"));
  latest_->setText(tr("Latest"));
  latest_->setFont(Theme::instance().caption());
  latest_->setProperty("chip", true);
  latest_->setToolTip(tr("Show the latest samples, and those that come"));
  latest_->setCheckable(true);
  latest_->setFocusPolicy(Qt::TabFocus);

  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(10, 2, 10, 4);
  layout->setSpacing(10);
  layout->addWidget(words_);
  layout->addWidget(slider_, 1);
  layout->addWidget(latest_);
  connect(slider_, &QSlider::valueChanged, this, [this](int position) {
    show_position();
    emit moved(position);
  });
  connect(latest_, &QToolButton::clicked, this, [this] {
    move_to(static_cast<int>(moments_.size()) - 1);
    show_position();  // a click on what is pressed leaves it pressed
  });
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    words_->setFont(Theme::instance().small_figures());
    latest_->setFont(Theme::instance().caption());
  });
  restart({});
}

int SampleTimeline::position() const {
  return moments_.empty() ? -1 : slider_->value();
}

bool SampleTimeline::is_at_end() const {
  return position() == static_cast<int>(moments_.size()) - 1;
}

void SampleTimeline::restart(std::vector<SampleMoment> moments) {
  moments_.clear();
  set_moments(std::move(moments));
}

void SampleTimeline::set_moments(std::vector<SampleMoment> moments) {
  const int before = position();
  const bool follows = is_at_end();
  moments_ = std::move(moments);
  const int last = static_cast<int>(moments_.size()) - 1;
  {
    const QSignalBlocker quiet(slider_);
    slider_->setRange(0, std::max(0, last));
    slider_->setValue(follows ? last : std::min(before, last));
  }
  slider_->setEnabled(last > 0);
  show_position();
  if (position() != before) emit moved(position());
}

void SampleTimeline::move_to(int position) {
  slider_->setValue(position);
}

bool SampleTimeline::take_key(int key) {
  switch (key) {
    case Qt::Key_Left:
      slider_->triggerAction(QSlider::SliderSingleStepSub);
      return true;
    case Qt::Key_Right:
      slider_->triggerAction(QSlider::SliderSingleStepAdd);
      return true;
    case Qt::Key_PageUp:
      slider_->triggerAction(QSlider::SliderPageStepSub);
      return true;
    case Qt::Key_PageDown:
      slider_->triggerAction(QSlider::SliderPageStepAdd);
      return true;
    case Qt::Key_Home:
      slider_->triggerAction(QSlider::SliderToMinimum);
      return true;
    case Qt::Key_End:
      slider_->triggerAction(QSlider::SliderToMaximum);
      return true;
    default:
      return false;
  }
}

void SampleTimeline::show_position() {
  const int at = position();
  words_->setText(at < 0 ? QString() : moment_text(moments_[static_cast<std::size_t>(at)]));
  latest_->setChecked(is_at_end());
  latest_->setEnabled(moments_.size() > 1);
  // As wide as the widest, so that the slider doesn't move under the mouse.
  const QFontMetrics metrics(words_->font());
  int width = 0;
  for (const SampleMoment& moment : {moments_.empty() ? SampleMoment{} : moments_.back(), SampleMoment{8, 888}}) {
    width = std::max(width, metrics.horizontalAdvance(moment_text(moment)));
  }
  words_->setFixedWidth(width + 8);
}

}  // namespace netwright
