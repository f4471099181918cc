#include "designer/training/verdict_view.h"

#include <QBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QScrollArea>
#include <QToolButton>

#include "designer/theme/theme.h"
#include "designer/training/preview_part.h"
#include "designer/training/verdict_samples.h"

namespace netwright {
namespace {

constexpr int verdict_edge = 10;

struct ReadCell {
  std::shared_ptr<const Dataset> data;
  DataSample sample;
  std::int64_t count = 0;
};

ReadCell read_cell(const VerdictView::Source& source, std::pair<int, int> cell, std::shared_ptr<const Dataset> data) {
  ReadCell out{std::move(data), {}, 0};
  const Result<SampleContent> content = read_sample(source.run_folder, source.event);
  if (!content) {
    out.sample.problem = QString::fromStdString(content.error().message);
    return out;
  }
  const auto* verdicts = std::get_if<Verdicts>(&*content);
  const auto found = verdicts ? verdicts->cells.find(cell) : decltype(verdicts->cells.find(cell))();
  if (!verdicts || found == verdicts->cells.end()) {
    out.sample.problem = VerdictView::tr("No sample is here.");
    return out;
  }
  out.count = found->second.count;
  if (!out.data) {
    auto read = data_of_run(source.run_folder, source.fingerprint);
    if (!read) {
      out.sample.problem = QString::fromStdString(read.error().message);
      return out;
    }
    out.data = std::move(*read);
  }
  out.sample = samples_of(*out.data, found->second);
  return out;
}

}  // namespace

VerdictView::VerdictView(QWidget* parent)
    : SurfacePanel(parent), back_(new QToolButton), heading_(new QLabel), words_(new QLabel), scroll_(new QScrollArea) {
  setObjectName(QStringLiteral("training.verdicts"));
  back_->setObjectName(QStringLiteral("verdicts.back"));
  back_->setText(tr("‹ Matrix"));
  back_->setToolTip(tr("Back to the matrix (Esc)"));
  back_->setShortcut(QKeySequence(Qt::Key_Escape));
  back_->setProperty("chip", true);
  back_->setFont(Theme::instance().caption());
  heading_->setObjectName(QStringLiteral("verdicts.heading"));
  heading_->setWordWrap(true);
  heading_->setTextFormat(Qt::RichText);
  words_->setObjectName(QStringLiteral("verdicts.words"));
  words_->setWordWrap(true);
  words_->setAlignment(Qt::AlignCenter);
  words_->setMargin(16);
  words_->setProperty("role", "muted");
  auto* content = new QWidget;
  column_ = new QVBoxLayout(content);
  column_->setContentsMargins(verdict_edge, 0, verdict_edge, verdict_edge);
  column_->addStretch(1);
  scroll_->setWidget(content);
  content->setAutoFillBackground(false);
  scroll_->setWidgetResizable(true);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->viewport()->setAutoFillBackground(false);
  auto* head = new QHBoxLayout;
  head->setContentsMargins(verdict_edge, 8, verdict_edge, 6);
  head->setSpacing(10);
  head->addWidget(back_, 0, Qt::AlignTop);
  head->addWidget(heading_, 1);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->setSpacing(0);
  outer->addLayout(head);
  outer->addWidget(words_, 1);
  outer->addWidget(scroll_, 1);
  connect(back_, &QToolButton::clicked, this, &VerdictView::back_requested);
}

QString VerdictView::heading() const {
  return heading_->text();
}

QString VerdictView::words() const {
  return words_->isVisibleTo(this) ? words_->text() : QString();
}

void VerdictView::clear() {
  reading_.cancel();
  data_.reset();
  run_folder_.clear();
}

void VerdictView::show_words(const QString& words) {
  words_->setText(words);
  words_->setVisible(true);
  scroll_->setVisible(false);
}

void VerdictView::show_cell(const Source& source, const QString& true_class, const QString& predicted,
                            std::pair<int, int> cell) {
  if (run_folder_ != source.run_folder) clear();
  run_folder_ = source.run_folder;
  shown_ = 0;
  const QString title =
      true_class == predicted
          ? tr("<b>%1</b>, recognised").arg(true_class.toHtmlEscaped())
          : tr("<b>%1</b>, taken for <b>%2</b>").arg(true_class.toHtmlEscaped(), predicted.toHtmlEscaped());
  heading_->setText(title);
  show_words(tr("Reading the data…"));
  reading_.run(
      [source, cell, data = data_](const std::atomic<bool>& /*cancelled*/) { return read_cell(source, cell, data); },
      [this, title, predicted](const ReadCell& read) {
        data_ = read.data;
        const QLocale locale;
        shown_ = static_cast<int>(read.sample.words.size());
        const QString count = locale.toString(static_cast<qlonglong>(read.count));
        const QString which = read.count == 1       ? tr("1 sample")
                              : read.count > shown_ ? tr("%1 samples, the %2 surest").arg(count).arg(shown_)
                                                    : tr("%1 samples, the surest first").arg(count);
        heading_->setText(
            QStringLiteral("%1<br>%2")
                .arg(title, tr("%1. The share is what the network gave to %2.").arg(which, predicted.toHtmlEscaped())));
        if (!read.sample.problem.isEmpty()) {
          heading_->setText(title);
          show_words(read.sample.problem);
        } else {
          show_part(read.sample);
        }
        emit loaded();
      });
}

void VerdictView::show_part(const DataSample& sample) {
  delete part_;
  part_ = make_preview_part(sample);
  if (!part_) {
    show_words(tr("Samples of this form can't be drawn."));
    return;
  }
  column_->insertWidget(0, part_);
  part_->show_sample(sample);
  words_->setVisible(false);
  scroll_->setVisible(true);
}

}  // namespace netwright
