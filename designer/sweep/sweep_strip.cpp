#include "designer/sweep/sweep_strip.h"

#include <QHBoxLayout>
#include <QToolButton>

#include "backend/sweep/sweep_text.h"
#include "designer/theme/text_colour.h"
#include "designer/theme/theme.h"
#include "designer/training/elided_label.h"

namespace netwright {

SweepStrip::SweepStrip(QWidget* parent) : QWidget(parent), back_(new QToolButton), words_(new ElidedLabel) {
  setObjectName(QStringLiteral("sweep.strip"));
  back_->setObjectName(QStringLiteral("sweep.back"));
  back_->setProperty("chip", true);
  words_->setObjectName(QStringLiteral("sweep.run_words"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(10, 4, 10, 0);
  row->setSpacing(8);
  row->addWidget(back_);
  row->addWidget(words_, 1);
  connect(back_, &QToolButton::clicked, this, [this] { emit sweep_requested(id_); });
  connect(&Theme::instance(), &Theme::changed, this, &SweepStrip::restyle);
  restyle();
  hide();
}

void SweepStrip::restyle() {
  back_->setFont(Theme::instance().caption());
  words_->setFont(Theme::instance().caption());
  set_text_colour(*words_, colours().muted);
}

void SweepStrip::show_run(const std::optional<SweepRun>& run) {
  setVisible(run.has_value());
  if (!run) return;
  id_ = QString::fromStdString(run->sweep.id);
  back_->setText(tr("‹ Sweep of %1").arg(QString::fromStdString(title_of(run->sweep))));
  back_->setToolTip(tr("Back to all runs of the sweep"));
  words_->setText(
      tr("Run %1:  %2").arg(run->index + 1).arg(QString::fromStdString(values_title(run->sweep, run->values))));
}

}  // namespace netwright
