#include "designer/panels/problems.h"

#include <QLabel>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

#include "designer/theme/icons.h"
#include "designer/theme/theme.h"

namespace netwright {

namespace {

QWidget* empty_page() {
  auto* page = new QWidget;
  auto* mark = new QLabel(page);
  mark->setPixmap(icon(QStringLiteral("check"), Ink::Success).pixmap(20, 20));
  mark->setAlignment(Qt::AlignCenter);
  auto* words = new QLabel(Problems::tr("No problems"), page);
  words->setObjectName(QStringLiteral("problems.none"));
  words->setProperty("role", "muted");
  words->setAlignment(Qt::AlignCenter);
  auto* column = new QVBoxLayout(page);
  column->setSpacing(6);
  column->addStretch(1);
  column->addWidget(mark);
  column->addWidget(words);
  column->addStretch(2);
  QObject::connect(&Theme::instance(), &Theme::changed, mark,
                   [mark] { mark->setPixmap(icon(QStringLiteral("check"), Ink::Success).pixmap(20, 20)); });
  return page;
}

}  // namespace

Problems::Problems(Document& document, QWidget* parent) : QWidget(parent), document_(document) {
  setObjectName(QStringLiteral("problems"));
  pages_ = new QStackedWidget(this);
  pages_->addWidget(empty_page());
  list_ = new QScrollArea(pages_);
  list_->setObjectName(QStringLiteral("problems.list"));
  list_->setWidgetResizable(true);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setFocusPolicy(Qt::NoFocus);
  pages_->addWidget(list_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->addWidget(pages_);

  connect(&document_, &Document::analysed, this, &Problems::refresh);
  connect(&document_, &Document::replaced, this, &Problems::refresh);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    shown_.clear();
    refresh();
  });
  refresh();
}

void Problems::refresh() {
  std::vector<Diagnostic> diagnostics = document_.report().diagnostics;
  std::stable_sort(diagnostics.begin(), diagnostics.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.severity > b.severity; });
  const auto count = [&](Severity severity) {
    return static_cast<int>(std::count_if(diagnostics.begin(), diagnostics.end(),
                                          [&](const Diagnostic& d) { return d.severity == severity; }));
  };
  errors_ = count(Severity::Error);
  warnings_ = count(Severity::Warning);
  emit counts_changed();

  // Rows are made anew only where the words changed, so that focus and scrolling survive unrelated edits.
  const bool has_many_networks = document_.project().networks.size() > 1;
  std::vector<ProblemText> texts;
  for (const Diagnostic& diagnostic : diagnostics) {
    texts.push_back(text_of(document_.project(), diagnostic, has_many_networks));
  }
  diagnostics_ = std::move(diagnostics);
  pages_->setCurrentIndex(diagnostics_.empty() ? 0 : 1);
  if (texts == shown_) {
    return;
  }
  shown_ = texts;
  auto* rows = new QWidget;
  rows->setProperty("panel", true);
  auto* column = new QVBoxLayout(rows);
  column->setContentsMargins(6, 6, 6, 6);
  column->setSpacing(1);
  for (std::size_t index = 0; index < texts.size(); ++index) {
    auto* row = new ProblemRow(texts[index], rows);
    row->setObjectName(QStringLiteral("problem.%1").arg(index));
    column->addWidget(row);
    connect(row, &ProblemRow::clicked, this, [this, index] {
      if (index < diagnostics_.size()) {
        emit layer_requested(diagnostics_[index].network, diagnostics_[index].layer);
      }
    });
    // The fix replaces this row: let its button finish with the click first.
    connect(
        row, &ProblemRow::fix_clicked, this, [this, index](int fix) { apply(index, static_cast<std::size_t>(fix)); },
        Qt::QueuedConnection);
  }
  column->addStretch(1);
  list_->setWidget(rows);
}

void Problems::apply(std::size_t diagnostic, std::size_t fix) {
  if (diagnostic >= diagnostics_.size() || fix >= diagnostics_[diagnostic].fixes.size()) {
    return;
  }
  const Fix chosen = diagnostics_[diagnostic].fixes[fix];
  const auto done = document_.edit(QString::fromStdString(chosen.label), chosen.edits);
  if (!done) {
    emit failed(QString::fromStdString(done.error().message));
  }
}

}  // namespace netwright
