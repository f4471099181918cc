#include "designer/training/run_controls.h"

#include <QComboBox>
#include <QDoubleValidator>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

#include "designer/theme/icons.h"
#include "designer/theme/theme.h"

namespace netwright {
namespace {

constexpr double largest_rate = 1000;

}  // namespace

RunControls::RunControls(QWidget* parent)
    : QWidget(parent),
      train_(new QPushButton(icon(QStringLiteral("train")), tr("Train"))),
      pause_(new QPushButton),
      stop_(new QPushButton(icon(QStringLiteral("stop")), tr("Stop"))),
      reason_(new QLabel),
      device_(new QComboBox),
      rate_name_(new QLabel(tr("Learning rate now"))),
      rate_(new QLineEdit) {
  train_->setObjectName(QStringLiteral("training.train"));
  pause_->setObjectName(QStringLiteral("training.pause"));
  stop_->setObjectName(QStringLiteral("training.stop"));
  reason_->setObjectName(QStringLiteral("training.obstacle"));
  reason_->setWordWrap(true);
  reason_->setFont(Theme::instance().caption());
  reason_->setProperty("role", "caption");
  reason_->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
  device_->setObjectName(QStringLiteral("training.device"));
  device_->addItem(tr("Automatic"), QStringLiteral("auto"));
  device_->addItem(tr("CPU"), QStringLiteral("cpu"));
  device_->addItem(tr("CUDA GPU"), QStringLiteral("cuda"));
  device_->setToolTip(tr("Where training computes; not part of the project"));
  rate_->setObjectName(QStringLiteral("training.learning_rate"));
  rate_->setToolTip(tr("Enter sets it for the steps to come"));
  rate_->setFont(Theme::instance().figures());
  auto* validator = new QDoubleValidator(0, largest_rate, 12, rate_);
  validator->setLocale(QLocale::c());
  rate_->setValidator(validator);
  rate_name_->setBuddy(rate_);
  auto* device_name = new QLabel(tr("Device"));
  device_name->setBuddy(device_);

  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(6);
  buttons->addWidget(train_, 1);
  buttons->addWidget(pause_, 1);
  buttons->addWidget(stop_, 1);
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(10, 8, 10, 6);
  grid->setHorizontalSpacing(10);
  grid->setVerticalSpacing(6);
  grid->setColumnStretch(1, 1);
  grid->addLayout(buttons, 0, 0, 1, 2);
  grid->addWidget(reason_, 1, 0, 1, 2);
  grid->addWidget(device_name, 2, 0);
  grid->addWidget(device_, 2, 1);
  grid->addWidget(rate_name_, 3, 0);
  grid->addWidget(rate_, 3, 1);

  connect(train_, &QPushButton::clicked, this, &RunControls::train_requested);
  connect(stop_, &QPushButton::clicked, this, &RunControls::stop_requested);
  connect(pause_, &QPushButton::clicked, this,
          [this] { state_ == State::Paused ? emit resume_requested() : emit pause_requested(); });
  connect(rate_, &QLineEdit::returnPressed, this, &RunControls::send_learning_rate);
  connect(reason_, &QLabel::linkActivated, this, &RunControls::problems_requested);
  refresh();
}

QString RunControls::device() const {
  return device_->currentData().toString();
}

void RunControls::set_state(State state) {
  state_ = state;
  refresh();
}

void RunControls::set_obstacle(const QString& words, bool is_in_drawing) {
  obstacle_ = words;
  reason_->setText(is_in_drawing ? QStringLiteral("<a href=\"problems\">%1</a>").arg(words.toHtmlEscaped())
                                 : words.toHtmlEscaped());
  refresh();
}

void RunControls::show_learning_rate(double rate) {
  const QString text = QString::number(rate, 'g', 6);
  if (rate_->text() != text && !(rate_->hasFocus() && rate_->isModified())) rate_->setText(text);
}

void RunControls::send_learning_rate() {
  bool is_number = false;
  const double rate = QLocale::c().toDouble(rate_->text(), &is_number);
  if (!is_number || !(rate > 0)) return;
  rate_->setModified(false);
  emit learning_rate_requested(rate);
}

void RunControls::refresh() {
  const bool is_idle = state_ == State::Idle;
  const bool is_steerable = state_ == State::Running || state_ == State::Paused;
  train_->setEnabled(is_idle && obstacle_.isEmpty());
  train_->setToolTip(is_idle ? obstacle_ : tr("A run is going on"));
  pause_->setEnabled(is_steerable);
  stop_->setEnabled(!is_idle && state_ != State::Stopping);
  const bool is_paused = state_ == State::Paused;
  pause_->setText(is_paused ? tr("Resume") : tr("Pause"));
  pause_->setIcon(icon(is_paused ? QStringLiteral("train") : QStringLiteral("pause")));
  reason_->setVisible(is_idle && !obstacle_.isEmpty());
  device_->setEnabled(is_idle);
  rate_name_->setVisible(!is_idle);
  rate_->setVisible(!is_idle);
  rate_->setEnabled(is_steerable || state_ == State::Pausing);
}

}  // namespace netwright
