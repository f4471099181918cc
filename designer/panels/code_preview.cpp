#include "designer/panels/code_preview.h"

#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QFrame>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMessageBox>
#include <QMouseEvent>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTextBlock>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <iterator>
#include <utility>

#include "backend/core/safe_file.h"
#include "backend/interop/pytorch_code.h"
#include "designer/panels/python_highlighter.h"
#include "designer/panels/section.h"
#include "designer/theme/icons.h"
#include "designer/theme/theme.h"

namespace netwright {

namespace {

QToolButton* button(const QString& name, const QString& icon_name, const QString& text, const QString& tip,
                    QWidget* parent) {
  auto* made = new QToolButton(parent);
  made->setObjectName(name);
  made->setIcon(icon(icon_name));
  made->setText(text);
  made->setToolTip(tip);
  made->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  made->setIconSize({14, 14});
  made->setFocusPolicy(Qt::TabFocus);
  return made;
}

}  // namespace

CodePreview::CodePreview(Document& document, QWidget* parent) : QWidget(parent), document_(document) {
  setObjectName(QStringLiteral("code"));
  about_ = new QLabel(this);
  about_->setObjectName(QStringLiteral("code.about"));
  about_->setProperty("role", "muted");
  auto* copy = button(QStringLiteral("code.copy"), QStringLiteral("duplicate"), tr("Copy"),
                      tr("Copy the code to the clipboard"), this);
  auto* save =
      button(QStringLiteral("code.save"), QStringLiteral("save"), tr("Save…"), tr("Save the code as a file"), this);
  auto* top = new QHBoxLayout;
  top->setContentsMargins(panel_margin, 4, panel_margin - 4, 4);
  top->setSpacing(4);
  top->addWidget(about_, 1);
  top->addWidget(copy);
  top->addWidget(save);
  auto* line = new QFrame(this);
  line->setProperty("role", "line");
  text_ = new QPlainTextEdit(this);
  text_->setObjectName(QStringLiteral("code.text"));
  text_->setAccessibleName(tr("PyTorch code of the project"));
  text_->setReadOnly(true);
  text_->setUndoRedoEnabled(false);
  text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  text_->setLineWrapMode(QPlainTextEdit::NoWrap);
  text_->setProperty("role", "code");
  text_->setPlaceholderText(tr("The code is being written"));
  text_->viewport()->installEventFilter(this);
  text_->installEventFilter(this);
  new PythonHighlighter(text_->document());
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addLayout(top);
  column->addWidget(line);
  column->addWidget(text_, 1);

  connect(copy, &QToolButton::clicked, this, &CodePreview::copy);
  connect(save, &QToolButton::clicked, this, &CodePreview::save);
  connect(&document_, &Document::analysed, this, &CodePreview::refresh);
  connect(&Theme::instance(), &Theme::changed, this, &CodePreview::restyle);
  restyle();
}

void CodePreview::set_selected(NetworkId network, const std::vector<LayerId>& layers) {
  if (network == network_ && layers == selected_) {
    return;
  }
  network_ = network;
  selected_ = layers;
  mark();
  if (!is_choosing_) {
    reveal();
  }
}

void CodePreview::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  if (is_stale_) {
    refresh();
  }
}

bool CodePreview::eventFilter(QObject* watched, QEvent* event) {
  if (watched == text_->viewport() && event->type() == QEvent::MouseButtonRelease) {
    const auto* mouse = static_cast<QMouseEvent*>(event);
    // A drag selects text, a click a layer.
    if (mouse->button() == Qt::LeftButton && !text_->textCursor().hasSelection()) {
      QTextCursor cursor = text_->cursorForPosition(mouse->position().toPoint());
      const int line = cursor.blockNumber();
      cursor.select(QTextCursor::WordUnderCursor);
      choose_at(line, cursor.selectedText());
    }
  } else if (watched == text_ && event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Return || key == Qt::Key_Enter) {
      QTextCursor cursor = text_->textCursor();
      const int line = cursor.blockNumber();
      cursor.select(QTextCursor::WordUnderCursor);
      choose_at(line, cursor.selectedText());
      return true;
    }
  }
  return QWidget::eventFilter(watched, event);
}

void CodePreview::refresh() {
  is_stale_ = true;
  if (!isVisible() || is_writing_) {
    return;  // what is under way shows first, then what came since
  }
  is_stale_ = false;
  is_writing_ = true;
  writing_.run(
      [project = document_.project(), report = document_.report()](const std::atomic<bool>& /*cancelled*/) {
        Written written;
        written.lines = QString::fromStdString(pytorch_code(project, report)).split(QLatin1Char('\n'));
        written.layers = layers_of_lines(written.lines, project);
        return written;
      },
      [this](Written written) {
        is_writing_ = false;
        show_code(std::move(written));
        if (is_stale_) {
          refresh();
        }
      });
}

void CodePreview::show_code(Written written) {
  const bool is_first = lines_.isEmpty();
  replace_lines(written.lines);
  layers_ = std::move(written.layers);
  about_->setText(tr("PyTorch · %1 lines").arg(lines_.size()));
  mark();
  if (is_first) {
    reveal();
  }
}

void CodePreview::replace_lines(const QStringList& lines) {
  // Only what differs is replaced: the reader's place, selection and the colours of the rest stay.
  const QStringList before = std::exchange(lines_, lines);
  const auto same = std::mismatch(before.begin(), before.end(), lines.begin(), lines.end());
  const auto head = static_cast<int>(same.first - before.begin());
  const auto rest = std::mismatch(before.rbegin(), std::make_reverse_iterator(same.first), lines.rbegin(),
                                  std::make_reverse_iterator(same.second));
  const auto tail = static_cast<int>(rest.first - before.rbegin());
  const auto old_end = static_cast<int>(before.size()) - tail;
  const auto new_end = static_cast<int>(lines.size()) - tail;
  if (head == old_end && head == new_end) {
    return;
  }
  QScrollBar* scroll = text_->verticalScrollBar();
  const int top = scroll->value();  // lines don't wrap, so that it counts them
  if (head == 0) {
    text_->setPlainText(lines.join(QLatin1Char('\n')));
  } else {
    // From the end of the line before to the end of the last that goes.
    const auto end_of = [this](int line) {
      const QTextBlock block = text_->document()->findBlockByNumber(line);
      return block.position() + block.length() - 1;
    };
    QTextCursor cursor(text_->document());
    cursor.setPosition(end_of(head - 1));
    cursor.setPosition(end_of(old_end - 1), QTextCursor::KeepAnchor);
    QString text;
    for (int line = head; line < new_end; ++line) {
      text += QLatin1Char('\n') + lines[line];
    }
    cursor.insertText(text);
  }
  scroll->setValue(top > 0 && old_end <= top ? top + new_end - old_end : top);
}

void CodePreview::mark() {
  QList<QTextEdit::ExtraSelection> marked;
  for (std::size_t line = 0; line < layers_.size(); ++line) {
    const CodeLine& about = layers_[line];
    const bool is_selected =
        about.network == network_ && std::any_of(about.layers.begin(), about.layers.end(), [this](LayerId layer) {
          return std::find(selected_.begin(), selected_.end(), layer) != selected_.end();
        });
    if (!is_selected) {
      continue;
    }
    QTextEdit::ExtraSelection selection;
    selection.cursor = QTextCursor(text_->document()->findBlockByNumber(static_cast<int>(line)));
    selection.format.setBackground(colours().selection);
    selection.format.setProperty(QTextFormat::FullWidthSelection, true);
    marked.push_back(selection);
  }
  text_->setExtraSelections(marked);
}

void CodePreview::reveal() {
  const QList<QTextEdit::ExtraSelection> marked = text_->extraSelections();
  if (marked.isEmpty()) {
    return;
  }
  const int first = text_->verticalScrollBar()->value();
  const int shown = std::max(text_->viewport()->height() / std::max(text_->fontMetrics().lineSpacing(), 1), 1);
  const bool is_seen = std::any_of(marked.begin(), marked.end(), [&](const auto& selection) {
    const int line = selection.cursor.blockNumber();
    return line >= first && line < first + shown;
  });
  if (!is_seen) {
    text_->verticalScrollBar()->setValue(marked.front().cursor.blockNumber() - shown / 3);
  }
}

void CodePreview::choose_at(int line, const QString& word) {
  if (line < 0 || static_cast<std::size_t>(line) >= layers_.size()) {
    return;
  }
  const CodeLine about = layers_[static_cast<std::size_t>(line)];
  const Network* network = document_.project().find(about.network);
  LayerId chosen;
  for (const LayerId layer : about.layers) {
    const Layer* found = network != nullptr ? network->find(layer) : nullptr;
    if (found != nullptr && (!chosen || QString::fromStdString(found->name) == word)) {
      chosen = layer;
    }
  }
  if (chosen) {
    is_choosing_ = true;
    emit layer_chosen(about.network, chosen);
    is_choosing_ = false;
  }
}

void CodePreview::copy() {
  QGuiApplication::clipboard()->setText(lines_.join(QLatin1Char('\n')));
  emit message(tr("The code is in the clipboard."));
}

void CodePreview::save() {
  const QString beside = document_.file_path().isEmpty() ? QString() : QFileInfo(document_.file_path()).absolutePath();
  QFileDialog dialog(this, tr("Save the code"), beside, tr("Python (*.py)"));
  dialog.setObjectName(QStringLiteral("save_code_dialog"));
  dialog.setAcceptMode(QFileDialog::AcceptSave);
  dialog.setDefaultSuffix(QStringLiteral("py"));
  dialog.selectFile(document_.display_name() + QStringLiteral(".py"));
  if (dialog.exec() != QDialog::Accepted) {
    return;
  }
  const QString path = dialog.selectedFiles().value(0);
  const auto written = write_file(path.toStdU16String(), lines_.join(QLatin1Char('\n')).toStdString());
  if (written) {
    emit message(tr("Saved %1").arg(path));
    return;
  }
  QMessageBox box(QMessageBox::Critical, tr("The code can't be saved"), tr("The code can't be saved"), QMessageBox::Ok,
                  this);
  box.setObjectName(QStringLiteral("failure"));
  box.setTextFormat(Qt::PlainText);
  box.setInformativeText(QString::fromStdString(written.error().message));
  box.exec();
}

void CodePreview::restyle() {
  text_->setFont(Theme::instance().code());
  about_->setFont(Theme::instance().caption());
  mark();
}

}  // namespace netwright
