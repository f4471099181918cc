#include "designer/training/class_page.h"

#include <QBoxLayout>
#include <QStackedWidget>
#include <QTabBar>

#include "designer/training/confusion_view.h"
#include "designer/training/sample_page.h"
#include "designer/training/verdict_view.h"

namespace netwright {

ClassPage::ClassPage(QWidget* parent)
    : QWidget(parent),
      kinds_(new QTabBar),
      stack_(new QStackedWidget),
      matrix_(new ConfusionView),
      verdicts_(new VerdictView),
      curves_(new SamplePage("curves")) {
  setObjectName(QStringLiteral("training.classes"));
  matrix_->setObjectName(QStringLiteral("training.confusion"));
  kinds_->setObjectName(QStringLiteral("classes.kinds"));
  kinds_->setDocumentMode(true);
  kinds_->setExpanding(false);
  kinds_->setDrawBase(false);
  kinds_->addTab(tr("Confusion"));
  kinds_->addTab(tr("Curves"));
  stack_->addWidget(matrix_);
  stack_->addWidget(curves_);
  stack_->addWidget(verdicts_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(kinds_);
  layout->addWidget(stack_, 1);
  connect(kinds_, &QTabBar::currentChanged, this, &ClassPage::show_kind);
  connect(kinds_, &QTabBar::tabBarClicked, this, &ClassPage::show_kind);
  connect(matrix_, &ConfusionView::cell_chosen, this, &ClassPage::show_cell);
  connect(verdicts_, &VerdictView::back_requested, this, [this] { show_kind(0); });
}

void ClassPage::show_kind(int kind) {
  if (kind < 0) return;
  stack_->setCurrentWidget(kind == 0 ? static_cast<QWidget*>(matrix_) : curves_);
}

void ClassPage::show_run(const RunRecord& record, const QString& run_folder) {
  if (run_folder != run_folder_) {
    verdicts_->clear();
    show_kind(kinds_->currentIndex());
  }
  run_folder_ = run_folder;
  classes_ = record.run ? record.run->classes : std::vector<std::string>();
  fingerprint_ = record.run ? record.run->data : std::string();
  verdict_event_.reset();
  std::vector<SampleEvent> curves;
  for (const SampleEvent& sample : record.samples) {
    if (sample.kind == "curves") curves.push_back(sample);
    if (sample.kind == "verdicts" && record.confusion && sample.epoch == record.confusion->epoch) {
      verdict_event_ = sample;
    }
  }
  const bool has_matrix = record.confusion.has_value();
  const bool has_curves = !curves.empty();
  is_empty_ = !has_matrix && !has_curves;
  kinds_->setVisible(has_matrix && has_curves);
  if (has_matrix != has_curves) kinds_->setCurrentIndex(has_matrix ? 0 : 1);
  matrix_->show_matrix(classes_, record.confusion.value_or(ConfusionEvent()));
  matrix_->set_has_samples(verdict_event_.has_value());
  curves_->show_samples(run_folder, std::move(curves));
}

void ClassPage::show_cell(std::size_t row, std::size_t column) {
  if (!verdict_event_) return;
  const auto name = [this](std::size_t index) {
    return index < classes_.size() ? QString::fromStdString(classes_[index]) : QString::number(index);
  };
  verdicts_->show_cell({run_folder_, *verdict_event_, fingerprint_}, name(row), name(column),
                       {static_cast<int>(row), static_cast<int>(column)});
  stack_->setCurrentWidget(verdicts_);
}

}  // namespace netwright
