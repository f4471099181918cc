#include "designer/panels/training_memory.h"

#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <cmath>

#include "backend/graph/recipe_specs.h"
#include "designer/panels/figure_text.h"
#include "designer/panels/section.h"
#include "designer/theme/theme.h"

namespace netwright {

namespace {

constexpr double gib = 1024.0 * 1024.0 * 1024.0;
constexpr double usual_memory = 8;

}  // namespace

TrainingMemory::TrainingMemory(QWidget* parent) : QWidget(parent) {
  batch_words_ = new QLabel(this);
  batch_words_->setObjectName(QStringLiteral("memory.batch"));
  batch_words_->setProperty("role", "muted");
  batch_words_->setWordWrap(true);
  batch_words_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  largest_words_ = new QLabel(tr("Largest batch in"), this);
  largest_words_->setProperty("role", "muted");
  memory_ = new QDoubleSpinBox(this);
  memory_->setObjectName(QStringLiteral("memory.size"));
  memory_->setAccessibleName(tr("Memory for training"));
  memory_->setRange(0.1, 4096);
  memory_->setDecimals(1);
  memory_->setStepType(QAbstractSpinBox::AdaptiveDecimalStepType);
  memory_->setSuffix(tr(" GiB"));
  memory_->setValue(usual_memory);
  memory_->setFocusPolicy(Qt::StrongFocus);
  largest_words_->setBuddy(memory_);
  largest_ = new QLabel(this);
  largest_->setObjectName(QStringLiteral("memory.largest"));
  largest_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  largest_->setToolTip(tr("As float32, by what autograd keeps; the program itself takes some more"));

  auto* line = new QHBoxLayout;
  line->setSpacing(8);
  line->addWidget(largest_words_);
  line->addWidget(memory_);
  line->addWidget(largest_, 1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(panel_margin, 0, panel_margin, 10);
  column->setSpacing(4);
  column->addWidget(batch_words_);
  column->addLayout(line);
  connect(memory_, &QDoubleSpinBox::valueChanged, this, &TrainingMemory::refresh);
  connect(&Theme::instance(), &Theme::changed, this, &TrainingMemory::restyle);
  restyle();
  refresh();
}

void TrainingMemory::show_network(const Project& project, const NetworkReport* report) {
  totals_ = report != nullptr ? report->totals : Totals();
  batch_ = completed(recipe_specs(), project.recipe.settings).integer("batch_size");
  refresh();
}

void TrainingMemory::show_measured(std::int64_t peak_bytes, std::int64_t batch) {
  measured_bytes_ = peak_bytes;
  measured_batch_ = batch;
  refresh();
}

void TrainingMemory::forget_measured() {
  show_measured(0, 0);
}

double TrainingMemory::memory_gib() const {
  return memory_->value();
}

void TrainingMemory::set_memory_gib(double size) {
  memory_->setValue(size);
}

void TrainingMemory::refresh() {
  QString words =
      tr("Training with a batch of %1 takes %2").arg(batch_).arg(memory_text(totals_.training_bytes(batch_)));
  if (measured_bytes_ > 0) {
    words += measured_batch_ == batch_
                 ? tr("; the last run took %1").arg(memory_text(measured_bytes_))
                 : tr("; the last run took %1 with %2").arg(memory_text(measured_bytes_)).arg(measured_batch_);
  }
  batch_words_->setText(words);
  const Dim largest = totals_.largest_batch(std::llround(memory_->value() * gib));
  largest_->setText(largest == 0 ? tr("not even one sample fits") : count_text(largest));
}

void TrainingMemory::restyle() {
  batch_words_->setFont(Theme::instance().caption());
  largest_words_->setFont(Theme::instance().caption());
  largest_->setFont(Theme::instance().heading());
}

}  // namespace netwright
