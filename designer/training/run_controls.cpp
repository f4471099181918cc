#include "designer/training/run_controls.h"

#include <QComboBox>
#include <QDoubleValidator>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStyle>
#include <utility>

#include "backend/run/command_limits.h"
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
      requests_(new QWidget),
      checkpoint_(new QPushButton(tr("Keep checkpoint"))),
      samples_(new QPushButton(tr("Show samples"))) {
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
  auto* rate = new QDoubleValidator(0, largest_rate, 12, this);
  rate->setLocale(QLocale::c());
  fields_ = {make_field(QStringLiteral("learning_rate"), tr("Learning rate now"), rate),
             make_field(QStringLiteral("epochs"), tr("Epochs in all"), new QIntValidator(1, most_epochs, this)),
             make_field(QStringLiteral("discriminator_steps"), tr("Steps of the discriminator"),
                        new QIntValidator(1, most_discriminator_steps, this))};
  checkpoint_->setObjectName(QStringLiteral("training.checkpoint"));
  checkpoint_->setToolTip(tr("Keeps the weights as they are now, as a file of the run that stays"));
  samples_->setObjectName(QStringLiteral("training.show_samples"));
  samples_->setToolTip(tr("Shows now what the network makes of its samples, not only at the epoch's end"));
  auto* device_name = new QLabel(tr("Device"));
  device_name->setBuddy(device_);

  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(6);
  for (QPushButton* button : {train_, pause_, stop_}) buttons->addWidget(button, 1);
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(10, 8, 10, 6);
  grid->setHorizontalSpacing(10);
  grid->setVerticalSpacing(6);
  grid->setColumnStretch(1, 1);
  grid->addLayout(buttons, 0, 0, 1, 2);
  grid->addWidget(reason_, 1, 0, 1, 2);
  grid->addWidget(device_name, 2, 0);
  grid->addWidget(device_, 2, 1);
  int row = 3;
  for (const Field& field : fields_) {
    grid->addWidget(field.name, row, 0);
    grid->addWidget(field.value, row++, 1);
  }
  auto* requests = new QHBoxLayout(requests_);
  requests->setContentsMargins(0, 0, 0, 0);
  requests->setSpacing(6);
  requests->addWidget(checkpoint_, 1);
  requests->addWidget(samples_, 1);
  grid->addWidget(requests_, row, 0, 1, 2);

  connect(train_, &QPushButton::clicked, this, &RunControls::train_requested);
  connect(stop_, &QPushButton::clicked, this, &RunControls::stop_requested);
  connect(pause_, &QPushButton::clicked, this,
          [this] { state_ == State::Paused ? emit resume_requested() : emit pause_requested(); });
  connect(checkpoint_, &QPushButton::clicked, this, &RunControls::checkpoint_requested);
  connect(samples_, &QPushButton::clicked, this, &RunControls::samples_requested);
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

RunControls::Field RunControls::make_field(const QString& setting, const QString& name, QValidator* validator) {
  Field field{setting, new QLabel(name), new QLineEdit, false};
  field.value->setObjectName(QStringLiteral("training.") + setting);
  field.value->setToolTip(tr("Enter sets it for the steps to come"));
  field.value->setFont(Theme::instance().figures());
  field.value->setValidator(validator);
  field.name->setBuddy(field.value);
  connect(field.value, &QLineEdit::returnPressed, this, [this, setting] { send(setting); });
  return field;
}

void RunControls::show_setting(const QString& setting, std::optional<double> value) {
  for (Field& field : fields_) {
    if (field.setting != setting) continue;
    if (std::exchange(field.is_there, value.has_value()) != value.has_value()) refresh();
    if (!value) return;
    const QString text = QString::number(*value, 'g', 7);
    if (field.value->text() != text && !(field.value->hasFocus() && field.value->isModified())) {
      field.value->setText(text);
    }
  }
}

void RunControls::send(const QString& setting) {
  for (const Field& field : fields_) {
    if (field.setting != setting) continue;
    bool is_number = false;
    const double value = QLocale::c().toDouble(field.value->text(), &is_number);
    if (!is_number || !(value > 0) || !field.value->isModified()) return;
    field.value->setModified(false);
    emit setting_requested(setting, value);
  }
}

void RunControls::refresh() {
  const bool is_idle = state_ == State::Idle;
  const bool is_steerable = state_ == State::Running || state_ == State::Paused;
  train_->setEnabled(obstacle_.isEmpty());
  train_->setText(is_idle ? tr("Train") : tr("Add to queue"));
  train_->setIcon(is_idle ? icon(QStringLiteral("train")) : QIcon());
  // Longer words must not make the column wider.
  for (QPushButton* button : {train_, pause_, stop_}) {
    if (button->property("compact").toBool() == !is_idle) continue;
    button->setProperty("compact", !is_idle);
    button->style()->unpolish(button);
    button->style()->polish(button);
  }
  train_->setToolTip(!obstacle_.isEmpty() ? obstacle_
                     : is_idle            ? QString()
                                          : tr("Train what is drawn now after the run that goes on"));
  pause_->setEnabled(is_steerable);
  stop_->setEnabled(!is_idle && state_ != State::Stopping);
  const bool is_paused = state_ == State::Paused;
  pause_->setText(is_paused ? tr("Resume") : tr("Pause"));
  pause_->setIcon(icon(is_paused ? QStringLiteral("train") : QStringLiteral("pause")));
  reason_->setVisible(is_idle && !obstacle_.isEmpty());
  device_->setEnabled(is_idle);
  const bool takes_requests = is_steerable || state_ == State::Pausing;
  for (const Field& field : fields_) {
    field.name->setVisible(!is_idle && field.is_there);
    field.value->setVisible(!is_idle && field.is_there);
    field.value->setEnabled(takes_requests);
  }
  requests_->setVisible(!is_idle);
  requests_->setEnabled(takes_requests);
}

}  // namespace netwright
