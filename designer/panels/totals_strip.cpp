#include "designer/panels/totals_strip.h"

#include <QGridLayout>
#include <QLabel>

#include "designer/panels/figure_text.h"
#include "designer/panels/section.h"
#include "designer/theme/theme.h"

namespace netwright {

namespace {

constexpr int columns = 3;

}  // namespace

TotalsStrip::TotalsStrip(QWidget* parent) : QWidget(parent) {
  const std::array<QString, count> keys = {QStringLiteral("parameters"), QStringLiteral("macs"),
                                           QStringLiteral("field"),      QStringLiteral("activations"),
                                           QStringLiteral("inference"),  QStringLiteral("training")};
  const std::array<QString, count> names = {tr("Parameters"),  tr("Multiply-adds"),  tr("Receptive field"),
                                            tr("Activations"), tr("Inference peak"), tr("Training")};
  const std::array<QString, count> help = {
      tr("Learned numbers of the whole network"),
      tr("Multiply-adds for one sample"),
      tr("How much of the input one output sees"),
      tr("All layers' outputs for one sample"),
      tr("The most memory that outputs take at once when each is freed after its last use, for one sample"),
      tr("The most memory that a training step of one sample takes at once: what autograd keeps, gradients, weights "
         "and "
         "the optimiser's state")};
  auto* grid = new QGridLayout(this);
  grid->setContentsMargins(panel_margin, 10, panel_margin, 10);
  grid->setHorizontalSpacing(10);
  grid->setVerticalSpacing(0);
  for (std::size_t index = 0; index < count; ++index) {
    values_[index] = new QLabel(this);
    values_[index]->setObjectName(QStringLiteral("totals.") + keys[index]);
    values_[index]->setAccessibleName(names[index]);
    values_[index]->setTextInteractionFlags(Qt::TextSelectableByMouse);
    names_[index] = new QLabel(names[index], this);
    names_[index]->setProperty("role", "caption");
    names_[index]->setToolTip(help[index]);
    const int column = static_cast<int>(index) % columns;
    const int row = static_cast<int>(index) / columns * 3;
    grid->addWidget(values_[index], row, column);
    grid->addWidget(names_[index], row + 1, column);
    grid->setColumnStretch(column, 1);
    if (row == 0) {
      grid->setRowMinimumHeight(2, 8);
    }
  }
  connect(&Theme::instance(), &Theme::changed, this, &TotalsStrip::restyle);
  restyle();
  show_totals(nullptr);
}

void TotalsStrip::show_totals(const NetworkReport* report) {
  const Totals totals = report != nullptr ? report->totals : Totals();
  const ReceptiveField field = report != nullptr ? report->field : ReceptiveField();
  const std::array<QString, count> texts = {count_text(totals.parameters),
                                            short_count_text(totals.macs),
                                            field_text(field),
                                            memory_text(totals.activation_bytes),
                                            memory_text(totals.inference_peak_bytes),
                                            memory_text(totals.training_bytes(1))};
  QString parameters;
  if (totals.parameters && totals.trainable_parameters) {
    parameters = tr("%1 of them trainable").arg(count_text(totals.trainable_parameters));
  }
  const std::array<QString, count> details = {parameters,
                                              exact_text(totals.macs),
                                              field_details(field),
                                              exact_text(totals.activation_bytes),
                                              exact_text(totals.inference_peak_bytes),
                                              exact_text(totals.training_bytes(1))};
  for (std::size_t index = 0; index < count; ++index) {
    values_[index]->setText(texts[index]);
    values_[index]->setToolTip(details[index]);
  }
}

void TotalsStrip::restyle() {
  for (std::size_t index = 0; index < count; ++index) {
    values_[index]->setFont(Theme::instance().heading());
    names_[index]->setFont(Theme::instance().caption());
  }
}

}  // namespace netwright
