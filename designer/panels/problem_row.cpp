#include "designer/panels/problem_row.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>

#include "designer/theme/icons.h"
#include "designer/theme/theme.h"

namespace netwright {

namespace {

QPixmap picture_of(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return icon(QStringLiteral("error"), Ink::Error).pixmap(16, 16);
    case Severity::Warning:
      return icon(QStringLiteral("warning"), Ink::Warning).pixmap(16, 16);
    case Severity::Advice:
      break;
  }
  return icon(QStringLiteral("advice"), Ink::Advice).pixmap(16, 16);
}

}  // namespace

ProblemText text_of(const Project& project, const Diagnostic& diagnostic, bool name_network) {
  ProblemText text;
  text.severity = diagnostic.severity;
  text.message = QString::fromStdString(diagnostic.message);
  if (const Network* network = project.find(diagnostic.network)) {
    const Layer* layer = network->find(diagnostic.layer);
    if (layer != nullptr) {
      text.place = QString::fromStdString(layer->name);
      // The place stands before the message already.
      if (text.message.startsWith(text.place + QStringLiteral(": "))) {
        text.message = text.message.mid(text.place.size() + 2);
      }
    }
    if (name_network) {
      text.place =
          QString::fromStdString(network->name) + (layer != nullptr ? QStringLiteral(" / ") : QString()) + text.place;
    }
  }
  const QString expected = QString::fromStdString(diagnostic.expected);
  const QString actual = QString::fromStdString(diagnostic.actual);
  if (!expected.isEmpty() && !actual.isEmpty()) {
    text.details = ProblemRow::tr("expected %1, found %2").arg(expected, actual);
  } else if (!expected.isEmpty()) {
    text.details = ProblemRow::tr("expected %1").arg(expected);
  } else if (!actual.isEmpty()) {
    text.details = ProblemRow::tr("found %1").arg(actual);
  }
  for (const Fix& fix : diagnostic.fixes) {
    text.fixes += QString::fromStdString(fix.label);
  }
  return text;
}

ProblemRow::ProblemRow(const ProblemText& text, QWidget* parent) : QFrame(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::PointingHandCursor);
  setAccessibleName(text.place + QStringLiteral(": ") + text.message);
  setToolTip(tr("Show on the canvas"));

  auto* mark = new QLabel(this);
  mark->setPixmap(picture_of(text.severity));
  auto* place = new QLabel(text.place, this);
  place->setObjectName(QStringLiteral("place"));
  QFont bold = Theme::instance().body();
  bold.setWeight(QFont::DemiBold);
  place->setFont(bold);
  place->setVisible(!text.place.isEmpty());
  auto* message = new QLabel(text.message, this);
  message->setObjectName(QStringLiteral("message"));
  message->setWordWrap(true);
  message->setTextFormat(Qt::PlainText);

  auto* first = new QHBoxLayout;
  first->setSpacing(8);
  first->addWidget(place, 0, Qt::AlignTop);
  first->addWidget(message, 1);
  auto* words = new QVBoxLayout;
  words->setSpacing(2);
  words->addLayout(first);
  if (!text.details.isEmpty()) {
    auto* details = new QLabel(text.details, this);
    details->setObjectName(QStringLiteral("details"));
    details->setProperty("role", "muted");
    details->setFont(Theme::instance().caption());
    details->setWordWrap(true);
    words->addWidget(details);
  }

  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(8, 6, 8, 6);
  row->setSpacing(8);
  row->addWidget(mark, 0, Qt::AlignTop);
  row->addLayout(words, 1);
  for (qsizetype index = 0; index < text.fixes.size(); ++index) {
    auto* button = new QPushButton(icon(QStringLiteral("fix"), Ink::Accent), text.fixes[index], this);
    button->setObjectName(QStringLiteral("fix.%1").arg(index));
    button->setCursor(Qt::ArrowCursor);
    button->setToolTip(tr("Applies this change; undo takes it back"));
    row->addWidget(button, 0, Qt::AlignVCenter);
    connect(button, &QPushButton::clicked, this, [this, index] { emit fix_clicked(static_cast<int>(index)); });
  }
}

void ProblemRow::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton && rect().contains(event->position().toPoint())) {
    emit clicked();
  }
  QFrame::mouseReleaseEvent(event);
}

void ProblemRow::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Space) {
    emit clicked();
    return;
  }
  QFrame::keyPressEvent(event);
}

void ProblemRow::paintEvent(QPaintEvent* event) {
  if (underMouse() || hasFocus()) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(hasFocus() ? QPen(colours().accent) : QPen(Qt::NoPen));
    painter.setBrush(colours().raised);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5);
  }
  QFrame::paintEvent(event);
}

void ProblemRow::enterEvent(QEnterEvent* event) {
  update();
  QFrame::enterEvent(event);
}

void ProblemRow::leaveEvent(QEvent* event) {
  update();
  QFrame::leaveEvent(event);
}

}  // namespace netwright
