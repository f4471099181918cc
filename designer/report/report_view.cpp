#include "designer/report/report_view.h"

#include <QFrame>
#include <QLabel>
#include <QVBoxLayout>

#include "backend/report/report_content.h"
#include "designer/report/columns_layout.h"
#include "designer/report/report_plot.h"
#include "designer/report/report_table_view.h"
#include "designer/theme/theme.h"
#include "designer/training/confusion_view.h"

namespace netwright {
namespace {

constexpr int widest_sheet = 1080;
constexpr int least_card = 168;
constexpr int least_drawing = 380;
constexpr int sheet_gap = 10;

enum class Voice { Title, Section, Heading, Value, Body, Muted, Caption };

/// A label whose font follows the theme.
QLabel* said(const std::string& words, Voice voice) {
  auto* label = new QLabel(QString::fromStdString(words));
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  if (voice == Voice::Muted || voice == Voice::Caption) label->setProperty("role", "muted");
  const auto restyle = [label, voice] {
    const Theme& theme = Theme::instance();
    QFont font = theme.body();
    const double size = font.pointSizeF();
    if (voice == Voice::Title) font.setPointSizeF(size * 1.9);
    if (voice == Voice::Section) font.setPointSizeF(size * 1.35);
    if (voice == Voice::Value) font.setPointSizeF(size * 1.65);
    if (voice == Voice::Caption) font = theme.caption();
    if (voice != Voice::Body && voice != Voice::Muted && voice != Voice::Caption) font.setWeight(QFont::DemiBold);
    label->setFont(font);
  };
  QObject::connect(&Theme::instance(), &Theme::changed, label, restyle);
  restyle();
  return label;
}

struct CardFrame {
  QFrame* frame;
  QVBoxLayout* column;
};

CardFrame card_frame(const std::string& title) {
  auto* frame = new QFrame;
  frame->setProperty("role", "card");
  auto* column = new QVBoxLayout(frame);
  column->setContentsMargins(14, 11, 14, 11);
  column->setSpacing(6);
  if (!title.empty()) column->addWidget(said(title, Voice::Heading));
  return {frame, column};
}

QWidget* widget_of(const ReportCard& card) {
  const CardFrame made = card_frame({});
  made.column->setSpacing(1);
  made.column->addWidget(said(card.title, Voice::Muted));
  made.column->addWidget(said(card.value, Voice::Value));
  if (!card.note.empty()) made.column->addWidget(said(card.note, Voice::Caption));
  made.column->addStretch(1);
  return made.frame;
}

QWidget* widget_of(const ReportCards& cards) {
  auto* group = new QWidget;
  auto* columns = new ColumnsLayout(least_card, sheet_gap);
  group->setLayout(columns);
  for (const ReportCard& card : cards.cards) columns->addWidget(widget_of(card));
  return group;
}

QWidget* widget_of(const ReportTable& table) {
  const CardFrame made = card_frame(table.title);
  made.column->addWidget(new ReportTableView(table));
  if (!table.note.empty()) made.column->addWidget(said(table.note, Voice::Caption));
  made.column->addStretch(1);
  return made.frame;
}

QWidget* widget_of(const ReportChart& chart) {
  const CardFrame made = card_frame(chart.title);
  made.column->addWidget(new ReportPlot(chart), 1);
  if (!chart.note.empty()) made.column->addWidget(said(chart.note, Voice::Caption));
  return made.frame;
}

QWidget* widget_of(const ReportBars& bars) {
  const CardFrame made = card_frame(bars.title);
  made.column->addWidget(new ReportBarsView(bars), 1);
  return made.frame;
}

QWidget* widget_of(const ReportMatrix& matrix) {
  const CardFrame made = card_frame(matrix.title);
  auto* view = new ConfusionView;
  view->show_matrix(matrix.classes, ConfusionEvent{.epoch = matrix.epoch, .counts = matrix.counts});
  view->setMinimumHeight(std::clamp(120 + 24 * static_cast<int>(matrix.classes.size()), 220, 620));
  made.column->addWidget(view, 1);
  return made.frame;
}

QWidget* widget_of(const ReportNote& note) {
  const CardFrame made = card_frame(note.title);
  made.column->addWidget(said(note.text, Voice::Muted));
  return made.frame;
}

}  // namespace

ReportView::ReportView(QWidget* parent) : QScrollArea(parent) {
  setObjectName(QStringLiteral("report.view"));
  setWidgetResizable(true);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void ReportView::show_report(const RunReport& report) {
  const ReportContent content = content_of(report);
  auto* sheet = new QWidget;
  sheet->setMaximumWidth(widest_sheet);
  auto* column = new QVBoxLayout(sheet);
  column->setContentsMargins(24, 20, 24, 28);
  column->setSpacing(sheet_gap);
  column->addWidget(said(content.title, Voice::Title));
  column->addWidget(said(content.subtitle, Voice::Body));
  column->addWidget(said(content.made, Voice::Caption));
  if (!content.warning.empty()) {
    QLabel* warning = said(content.warning, Voice::Body);
    warning->setProperty("role", "warning");
    warning->setObjectName(QStringLiteral("report.warning"));
    column->addWidget(warning);
  }
  for (const ReportSection& section : content.sections) add_section(section, column);
  column->addStretch(1);

  auto* page = new QWidget;
  auto* middle = new QHBoxLayout(page);
  middle->setContentsMargins(0, 0, 0, 0);
  middle->addStretch(1);
  middle->addWidget(sheet, 1000);
  middle->addStretch(1);
  setWidget(page);
}

void ReportView::add_section(const ReportSection& section, QVBoxLayout* column) {
  column->addSpacing(20);
  column->addWidget(said(section.title, Voice::Section));
  if (!section.sentence.empty()) column->addWidget(said(section.sentence, Voice::Muted));
  ColumnsLayout* drawings = nullptr;
  for (const ReportBlock& block : section.blocks) {
    QWidget* widget = std::visit([](const auto& part) { return widget_of(part); }, block);
    // Drawings that follow each other stand side by side.
    if (!stands_beside_others(block)) {
      drawings = nullptr;
      column->addWidget(widget);
      continue;
    }
    if (!drawings) {
      auto* group = new QWidget;
      drawings = new ColumnsLayout(least_drawing, sheet_gap);
      group->setLayout(drawings);
      column->addWidget(group);
    }
    drawings->addWidget(widget);
  }
}

}  // namespace netwright
