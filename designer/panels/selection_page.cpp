#include "designer/panels/selection_page.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

#include "backend/core/numbers.h"
#include "designer/panels/figure_grid.h"
#include "designer/panels/figure_text.h"
#include "designer/panels/section.h"
#include "designer/theme/icons.h"
#include "designer/theme/theme.h"

namespace netwright {

SelectionPage::SelectionPage(Document& document, QWidget* parent) : QWidget(parent), document_(document) {
  count_ = new QLabel(this);
  count_->setObjectName(QStringLiteral("inspector.count"));
  count_->setFont(Theme::instance().heading());
  figures_ = new FigureGrid(this);
  figures_->setObjectName(QStringLiteral("inspector.sums"));
  trainable_ = new QCheckBox(tr("Trainable"), this);
  trainable_->setObjectName(QStringLiteral("inspector.all_trainable"));
  trainable_->setToolTip(tr("Off: the weights stay as they are while the rest is trained (frozen)"));
  auto* block = new QPushButton(icon(QStringLiteral("block")), tr("Make a block"), this);
  block->setObjectName(QStringLiteral("inspector.make_block"));
  block->setToolTip(tr("The layers become a network of their own, used here as one layer (Ctrl+G)"));
  auto* duplicate = new QPushButton(icon(QStringLiteral("duplicate")), tr("Duplicate"), this);
  duplicate->setObjectName(QStringLiteral("inspector.duplicate"));
  auto* remove = new QPushButton(icon(QStringLiteral("delete")), tr("Delete"), this);
  remove->setObjectName(QStringLiteral("inspector.delete"));
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(block);
  buttons->addWidget(duplicate);
  buttons->addWidget(remove);
  buttons->addStretch(1);

  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(panel_margin, panel_margin, panel_margin, panel_margin);
  column->setSpacing(8);
  column->addWidget(count_);
  column->addWidget(figures_);
  column->addWidget(trainable_);
  column->addLayout(buttons);
  column->addStretch(1);

  connect(trainable_, &QCheckBox::clicked, this, [this] {
    // From "some" a click leads to all.
    set_trainable(trainable_->checkState() != Qt::Unchecked);
  });
  connect(block, &QPushButton::clicked, this, &SelectionPage::block_requested);
  connect(duplicate, &QPushButton::clicked, this, &SelectionPage::duplicate_requested);
  connect(remove, &QPushButton::clicked, this, &SelectionPage::delete_requested);
  connect(&Theme::instance(), &Theme::changed, count_, [this] { count_->setFont(Theme::instance().heading()); });
}

void SelectionPage::show_layers(NetworkId network, const std::vector<LayerId>& layers) {
  network_ = network;
  layers_ = layers;
  count_->setText(tr("%1 layers").arg(layers.size()));
  Dim parameters = 0;
  Dim macs = 0;
  Dim bytes = 0;
  for (const LayerId layer : layers) {
    const LayerReport* report = document_.report().find(network, layer);
    parameters = checked_add(parameters, report != nullptr ? report->parameters : Dim());
    macs = checked_add(macs, report != nullptr ? report->macs : Dim());
    bytes = checked_add(bytes, report != nullptr ? report->output_bytes : Dim());
  }
  figures_->show_figures({{tr("Parameters"), count_text(parameters), {}},
                          {tr("Multiply-adds"), short_count_text(macs), exact_text(macs)},
                          {tr("Output memory"), memory_text(bytes), exact_text(bytes)}});

  const std::vector<LayerId> weighted = layers_with_weights();
  const Network* drawn = document_.project().find(network_);
  const auto trained =
      std::count_if(weighted.begin(), weighted.end(), [&](LayerId layer) { return drawn->find(layer)->trainable; });
  trainable_->setVisible(!weighted.empty());
  trainable_->setTristate(trained != 0 && trained != static_cast<std::ptrdiff_t>(weighted.size()));
  trainable_->setCheckState(trained == 0                                              ? Qt::Unchecked
                            : trained == static_cast<std::ptrdiff_t>(weighted.size()) ? Qt::Checked
                                                                                      : Qt::PartiallyChecked);
}

std::vector<LayerId> SelectionPage::layers_with_weights() const {
  std::vector<LayerId> weighted;
  const Network* drawn = document_.project().find(network_);
  for (const LayerId layer : layers_) {
    const LayerReport* report = document_.report().find(network_, layer);
    if (drawn != nullptr && drawn->find(layer) != nullptr && report != nullptr &&
        std::any_of(report->weights.begin(), report->weights.end(),
                    [](const Weight& weight) { return !weight.is_buffer; })) {
      weighted.push_back(layer);
    }
  }
  return weighted;
}

void SelectionPage::set_trainable(bool trainable) {
  std::vector<Edit> edits;
  for (const LayerId layer : layers_with_weights()) {
    edits.push_back(SetTrainable{network_, layer, trainable});
  }
  const auto count = static_cast<int>(edits.size());
  (void)document_.edit(trainable ? tr("Train %1 layers").arg(count) : tr("Freeze %1 layers").arg(count), edits);
}

}  // namespace netwright
