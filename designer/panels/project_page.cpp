#include "designer/panels/project_page.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTimer>
#include <QVBoxLayout>

#include "designer/panels/section.h"
#include "designer/training/data_chooser.h"

namespace netwright {

ProjectPage::ProjectPage(Document& document, QWidget* parent) : QWidget(parent), document_(document) {
  name_ = new QLineEdit(this);
  name_->setObjectName(QStringLiteral("inspector.project_name"));
  name_->setAccessibleName(tr("Project's name"));
  name_->setPlaceholderText(tr("Name of the project"));
  note_ = new QPlainTextEdit(this);
  note_->setObjectName(QStringLiteral("inspector.note"));
  note_->setAccessibleName(tr("Note"));
  note_->setPlaceholderText(tr("What is tried here, and why"));
  note_->setTabChangesFocus(true);
  note_->setUndoRedoEnabled(false);
  note_->setFixedHeight(84);
  rest_ = new QTimer(this);
  rest_->setSingleShot(true);
  rest_->setInterval(1000);
  for (QWidget* field : std::initializer_list<QWidget*>{name_, note_}) {
    field->installEventFilter(this);
  }

  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(panel_margin, panel_margin, panel_margin, panel_margin);
  column->setSpacing(8);
  QLabel* title = section_title(tr("Project"), this);
  title->setContentsMargins(0, 0, 0, 0);
  column->addWidget(title);
  column->addWidget(name_);
  column->addWidget(note_);
  column->addWidget(section_title(tr("Data"), this));
  column->addWidget(new DataChooser(document, QStringLiteral("inspector"), this));
  column->addStretch(1);

  connect(name_, &QLineEdit::textEdited, this, [this](const QString& name) {
    gesture_ = gesture_.isEmpty() ? new_merge_key() : gesture_;
    rest_->start();
    (void)document_.edit(tr("Rename the project"), {SetProjectName{name.toStdString()}}, gesture_);
  });
  connect(note_, &QPlainTextEdit::textChanged, this, [this] {
    const std::string note = note_->toPlainText().toStdString();
    if (note != document_.project().note) {
      gesture_ = gesture_.isEmpty() ? new_merge_key() : gesture_;
      rest_->start();
      (void)document_.edit(tr("Change the note"), {SetNote{note}}, gesture_);
    }
  });
  connect(rest_, &QTimer::timeout, this, [this] { gesture_.clear(); });
  show_project();
}

void ProjectPage::show_project() {
  const Project& project = document_.project();
  const QString name = QString::fromStdString(project.name);
  if (name_->text() != name) {
    name_->setText(name);
  }
  const QString note = QString::fromStdString(project.note);
  if (note_->toPlainText() != note) {
    const QSignalBlocker quiet(note_);
    note_->setPlainText(note);
  }
}

bool ProjectPage::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::FocusOut) {
    gesture_.clear();
  } else if (event->type() == QEvent::ShortcutOverride) {
    // What is typed is live: undo means the document's.
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->matches(QKeySequence::Undo) || key->matches(QKeySequence::Redo)) {
      event->ignore();
      return true;
    }
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace netwright
