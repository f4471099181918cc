#include "designer/training/data_preview.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedLayout>
#include <memory>
#include <typeinfo>

#include "backend/data/data_catalogue.h"
#include "designer/theme/theme.h"
#include "designer/training/data_augmentation.h"
#include "designer/training/data_figures.h"
#include "designer/training/data_head.h"
#include "designer/training/preview_part.h"

namespace netwright {
namespace {

constexpr int settle_ms = 250;
constexpr int patience_ms = 200;  // what is there before stays that long while something else is read
constexpr int preview_edge = 10;

struct ReadData {
  DataSample sample;
  std::shared_ptr<const Dataset> data;
};

ReadData read(const DataSource& source, const std::atomic<bool>& cancelled) {
  ReadData out;
  if (source.source.empty()) {
    out.sample.problem = DataPreview::tr("No data chosen yet.");
    return out;
  }
  Result<Dataset> data = load(source);
  if (cancelled) return out;
  if (!data) {
    out.sample.problem = QString::fromStdString(data.error().message);
    return out;
  }
  out.data = std::make_shared<const Dataset>(std::move(*data));
  out.sample = sample_of(*out.data, source.preparation);
  if (out.sample.train_samples == 0) out.sample.problem = DataPreview::tr("The data set has no samples to learn from.");
  return out;
}

}  // namespace

DataPreview::DataPreview(Document& document, QWidget* parent)
    : SurfacePanel(parent),
      document_(document),
      head_(new DataHead),
      words_(new QLabel),
      scroll_(new QScrollArea),
      pages_(new QStackedLayout(this)) {
  setObjectName(QStringLiteral("training.data_preview"));
  setMinimumSize(180, 140);
  words_->setObjectName(QStringLiteral("data.words"));
  words_->setAlignment(Qt::AlignCenter);
  words_->setWordWrap(true);
  words_->setMargin(16);
  words_->setProperty("role", "muted");
  words_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* content = new QWidget;
  column_ = new QVBoxLayout(content);
  column_->setContentsMargins(preview_edge, preview_edge - 2, preview_edge, preview_edge);
  column_->setSpacing(4);
  column_->addWidget(head_);
  column_->addStretch(1);
  scroll_->setWidget(content);
  content->setAutoFillBackground(false);
  scroll_->setWidgetResizable(true);
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->viewport()->setAutoFillBackground(false);
  pages_->addWidget(words_);
  pages_->addWidget(scroll_);

  settle_.setSingleShot(true);
  settle_.setInterval(settle_ms);
  patience_.setSingleShot(true);
  patience_.setInterval(patience_ms);
  connect(&settle_, &QTimer::timeout, this, &DataPreview::load);
  connect(&patience_, &QTimer::timeout, this, [this] {
    if (is_loading_) show_words(tr("Reading the data…"));
  });
  connect(&document, &Document::analysed, this, &DataPreview::follow_document);
  connect(&document, &Document::replaced, this, &DataPreview::follow_document);
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void DataPreview::follow_document() {
  if (!isVisible() || wanted_ == document_.project().data) return;
  wanted_ = document_.project().data;
  settle_.start();  // a spin held down asks once, at its end
}

void DataPreview::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  wanted_ = document_.project().data;
  if (!(wanted_ == shown_) || (sample_.name.isEmpty() && sample_.problem.isEmpty())) load();
}

void DataPreview::hideEvent(QHideEvent* event) {
  QWidget::hideEvent(event);
  settle_.stop();
  patience_.stop();
  loading_.cancel();
  is_loading_ = false;
  if (sample_.figures.isEmpty()) shown_ = {};  // what was interrupted begins again when it is seen again
}

QString DataPreview::words() const {
  return pages_->currentWidget() == words_ ? words_->text() : QString();
}

void DataPreview::show_words(const QString& words) {
  words_->setText(words);
  pages_->setCurrentWidget(words_);
}

void DataPreview::load() {
  const bool is_same_data = wanted_.source == shown_.source && wanted_.settings == shown_.settings &&
                            differ_in_augmentation_only(wanted_.preparation, shown_.preparation);
  if (is_same_data && sample_.raw_images.count() > 0 && !sample_.figures.isEmpty()) {
    augment_anew();
    return;
  }
  is_loading_ = true;
  if (sample_.name.isEmpty()) {
    show_words(tr("Reading the data…"));
  } else {
    patience_.start();
  }
  const DataSource source = wanted_;
  loading_.run([source](const std::atomic<bool>& cancelled) { return read(source, cancelled); },
               [this, source](ReadData read) {
                 sample_ = std::move(read.sample);
                 shown_ = source;
                 is_loading_ = false;
                 patience_.stop();
                 show_part();
                 emit loaded();
                 if (read.data && sample_.problem.isEmpty()) measure(std::move(read.data));
               });
}

void DataPreview::augment_anew() {
  loading_.run(
      [sample = sample_, settings = wanted_.preparation](const std::atomic<bool>& /*cancelled*/) mutable {
        augment(sample, settings);
        return std::move(sample);
      },
      [this, source = wanted_](DataSample sample) {
        sample_ = std::move(sample);
        shown_ = source;
        show_part();
        emit loaded();
      });
}

void DataPreview::measure(std::shared_ptr<const Dataset> data) {
  loading_.run(
      [data = std::move(data)](const std::atomic<bool>& /*cancelled*/) {
        DataSample figures;
        add_figures(figures, *data);
        return figures;
      },
      [this](const DataSample& figures) {
        sample_.figure_names = figures.figure_names;
        sample_.figures = figures.figures;
        head_->show_sample(sample_);
        emit measured();
      });
}

void DataPreview::show_part() {
  if (!sample_.problem.isEmpty()) {
    show_words(sample_.problem);
    return;
  }
  head_->show_sample(sample_);
  PreviewPart* next = make_preview_part(sample_);
  if (next && part_ && typeid(*next) == typeid(*part_)) {
    delete next;
  } else {
    delete part_;
    part_ = next;
    if (part_) column_->insertWidget(1, part_);
    scroll_->verticalScrollBar()->setValue(0);
  }
  if (part_) part_->show_sample(sample_);
  pages_->setCurrentWidget(scroll_);
}

}  // namespace netwright
