#include "designer/window/notes_dialog.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QVBoxLayout>

#include "designer/theme/theme.h"

namespace netwright {

void show_notes(QWidget* window, const QString& heading, const QString& explanation, const QStringList& notes) {
  auto* dialog = new QDialog(window);
  dialog->setObjectName(QStringLiteral("notes"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(heading);
  auto* title = new QLabel(heading, dialog);
  title->setFont(Theme::instance().heading());
  title->setTextFormat(Qt::PlainText);
  auto* words = new QLabel(explanation, dialog);
  words->setObjectName(QStringLiteral("notes.explanation"));
  words->setTextFormat(Qt::PlainText);
  words->setWordWrap(true);
  auto* list = new QPlainTextEdit(notes.join(QStringLiteral("\n\n")), dialog);
  list->setObjectName(QStringLiteral("notes.list"));
  list->setReadOnly(true);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
  QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
  auto* column = new QVBoxLayout(dialog);
  column->setContentsMargins(16, 14, 16, 12);
  column->setSpacing(8);
  column->addWidget(title);
  column->addWidget(words);
  column->addWidget(list, 1);
  column->addWidget(buttons);
  dialog->resize(560, 320);
  dialog->show();
}

}  // namespace netwright
