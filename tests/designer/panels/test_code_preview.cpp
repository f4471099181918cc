#include <QClipboard>
#include <QFile>
#include <QFileDialog>
#include <QGuiApplication>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTextBlock>
#include <QTimer>
#include <QToolButton>

#include "backend/graph/blocks.h"
#include "backend/graph/templates.h"
#include "designer/panels/code_lines.h"
#include "designer/panels/code_preview.h"
#include "tests/designer/panels/panel_fixture.h"

using namespace netwright;

class TestCodePreview : public QObject {
  Q_OBJECT

 private slots:
  void lines_know_their_layers();
  void classes_stand_for_their_networks();
  void follows_edits_and_undo();
  void what_is_not_shown_is_not_written();
  void keeps_the_place_while_lines_come_and_go();
  void any_change_of_lines_shows_the_new_code();
  void a_click_chooses_the_layer();
  void the_selected_layer_is_marked_and_in_view();
  void python_has_colours_in_both_themes();
  void copies_and_saves();

 private:
  static QString text(const CodePreview& preview) { return part<QPlainTextEdit>(preview, "code.text")->toPlainText(); }
  static int line_of(const CodePreview& preview, const QString& words) {
    const QStringList lines = text(preview).split(QLatin1Char('\n'));
    for (int line = 0; line < lines.size(); ++line) {
      if (lines[line].contains(words)) {
        return line;
      }
    }
    return -1;
  }
  static void show(CodePreview& preview) {
    preview.resize(700, 300);
    preview.show();
    QTRY_VERIFY(text(preview).contains(QStringLiteral("import torch")));
  }
  static QColor colour_at(const CodePreview& preview, int line, const QString& word) {
    const QTextBlock block = part<QPlainTextEdit>(preview, "code.text")->document()->findBlockByNumber(line);
    const auto at = block.text().indexOf(word);
    for (const QTextLayout::FormatRange& range : block.layout()->formats()) {
      if (range.start <= at && at < range.start + range.length) {
        return range.format.foreground().color();
      }
    }
    return {};
  }
};

void TestCodePreview::lines_know_their_layers() {
  SmallNetwork small;
  const QStringList code = {
      QStringLiteral("class Classifier(nn.Module):"),
      QStringLiteral("    def __init__(self):"),
      QStringLiteral("        self.conv1 = nn.Conv2d(1, 32, kernel_size=3)"),
      QString(),
      QStringLiteral("    def forward(self, x):"),
      QStringLiteral("        return self.relu1(self.conv1(x))"),
      QStringLiteral("def conv1(self):"),
      QStringLiteral("    self.conv1 = 1"),
  };
  const std::vector<CodeLine> lines = layers_of_lines(code, small.document.project());
  QCOMPARE(lines.size(), std::size_t{8});
  QVERIFY(lines[2].network == small.network);
  QVERIFY(lines[2].layers == std::vector<LayerId>{small.conv});
  QVERIFY((lines[5].layers == std::vector<LayerId>{small.relu, small.conv}));
  for (const std::size_t other : {0, 1, 3, 4, 6, 7}) {
    QVERIFY(lines[other].layers.empty());
  }
}

void TestCodePreview::classes_stand_for_their_networks() {
  Project project;
  for (const char* name : {"encoder", "decoder"}) {
    Network network;
    network.id = project.next_network_id();
    network.name = name;
    network.layers = {Layer{.id = {1}, .name = "fc1", .type = "Linear", .settings = {}, .position = {}}};
    project.networks.push_back(network);
  }
  const QStringList code = {QStringLiteral("class Decoder(nn.Module):"), QStringLiteral("    x = self.fc1(x)"),
                            QStringLiteral("class Encoder(nn.Sequential):"),
                            QStringLiteral("        (%1fc1%1, nn.Linear(1, 2)),").arg(QLatin1Char('"'))};
  const std::vector<CodeLine> lines = layers_of_lines(code, project);
  QVERIFY(lines[1].network == NetworkId{2});
  QVERIFY(lines[3].network == NetworkId{1});
  QVERIFY(lines[3].layers == std::vector<LayerId>{LayerId{1}});
}

void TestCodePreview::follows_edits_and_undo() {
  SmallNetwork small;
  CodePreview preview(small.document);
  show(preview);
  QVERIFY(line_of(preview, QStringLiteral("nn.Conv2d(1, 32, kernel_size=3)")) > 0);
  QCOMPARE(part<QPlainTextEdit>(preview, "code.text")->verticalScrollBar()->value(), 0);
  const auto done =
      small.document.edit(QString(), {SetSetting{small.network, small.conv, "out_channels", std::int64_t{64}}});
  QVERIFY(done);
  QTRY_VERIFY(line_of(preview, QStringLiteral("nn.Conv2d(1, 64, kernel_size=3)")) > 0);
  small.document.undo_stack().undo();
  QTRY_VERIFY(line_of(preview, QStringLiteral("nn.Conv2d(1, 32, kernel_size=3)")) > 0);
  QCOMPARE(part<QPlainTextEdit>(preview, "code.text")->document()->isUndoAvailable(), false);
}

void TestCodePreview::what_is_not_shown_is_not_written() {
  SmallNetwork small;
  CodePreview preview(small.document);
  QTest::qWait(30);
  QVERIFY(text(preview).isEmpty());
  show(preview);
  preview.hide();
  QVERIFY(small.document.edit(QString(), {RenameLayer{small.network, small.conv, "stem"}}));
  QTest::qWait(30);
  QCOMPARE(line_of(preview, QStringLiteral("stem")), -1);
  preview.show();
  QTRY_VERIFY(line_of(preview, QStringLiteral("stem")) > 0);
}

void TestCodePreview::keeps_the_place_while_lines_come_and_go() {
  SmallNetwork small;
  CodePreview preview(small.document);
  show(preview);
  auto& edit = *part<QPlainTextEdit>(preview, "code.text");
  const int read = line_of(preview, QStringLiteral("def main"));
  QVERIFY(read > 0);
  edit.verticalScrollBar()->setValue(read);
  const QString top = edit.document()->findBlockByNumber(edit.verticalScrollBar()->value()).text();
  const int before = edit.verticalScrollBar()->value();
  const LayerId added = small.add("Dropout", {});
  QVERIFY(small.document.edit(QString(), {Disconnect{small.network, {{small.relu, 0}, {small.output, 0}}},
                                          Connect{small.network, {{small.relu, 0}, {added, 0}}},
                                          Connect{small.network, {{added, 0}, {small.output, 0}}}}));
  QTRY_VERIFY(line_of(preview, QStringLiteral("nn.Dropout")) > 0);
  QVERIFY(edit.verticalScrollBar()->value() > before);
  QCOMPARE(edit.document()->findBlockByNumber(edit.verticalScrollBar()->value()).text(), top);
}

void TestCodePreview::any_change_of_lines_shows_the_new_code() {
  // Another project has other first lines, other last ones, or none in common.
  SmallNetwork small;
  CodePreview preview(small.document);
  show(preview);
  for (const Template& known : templates()) {
    auto project = open_template(known.name);
    QVERIFY(project);
    small.document.reset(*std::move(project));
    CodePreview fresh(small.document);
    show(fresh);
    QTRY_COMPARE(text(preview), text(fresh));
  }
  small.document.reset(empty_project());
  CodePreview fresh(small.document);
  show(fresh);
  QTRY_COMPARE(text(preview), text(fresh));
}

void TestCodePreview::a_click_chooses_the_layer() {
  SmallNetwork small;
  CodePreview preview(small.document);
  show(preview);
  QSignalSpy chosen(&preview, &CodePreview::layer_chosen);
  auto& edit = *part<QPlainTextEdit>(preview, "code.text");
  const int line = line_of(preview, QStringLiteral("nn.Conv2d"));
  edit.verticalScrollBar()->setValue(line - 2);
  QTextCursor cursor(edit.document()->findBlockByNumber(line));
  cursor.movePosition(QTextCursor::EndOfLine);
  const QPoint place = edit.cursorRect(cursor).center() - QPoint(12, 0);
  QTest::mouseClick(edit.viewport(), Qt::LeftButton, {}, place);
  QCOMPARE(chosen.size(), 1);
  QVERIFY(chosen.back()[0].value<NetworkId>() == small.network);
  QVERIFY(chosen.back()[1].value<LayerId>() == small.conv);
  cursor.setPosition(edit.document()->findBlockByNumber(0).position());
  edit.setTextCursor(cursor);
  QTest::keyClick(&edit, Qt::Key_Return);
  QCOMPARE(chosen.size(), 1);
}

void TestCodePreview::the_selected_layer_is_marked_and_in_view() {
  SmallNetwork small;
  CodePreview preview(small.document);
  show(preview);
  auto& edit = *part<QPlainTextEdit>(preview, "code.text");
  edit.verticalScrollBar()->setValue(edit.verticalScrollBar()->maximum());
  const int far = edit.verticalScrollBar()->value();
  preview.set_selected(small.network, {small.conv});
  const auto marked = edit.extraSelections();
  QVERIFY(!marked.isEmpty());
  for (const auto& selection : marked) {
    QVERIFY(selection.cursor.block().text().contains(QStringLiteral("conv1")));
  }
  QVERIFY(edit.verticalScrollBar()->value() < far);
  QVERIFY(edit.viewport()->rect().contains(edit.cursorRect(marked.front().cursor).center()));
  preview.set_selected(small.network, {});
  QVERIFY(edit.extraSelections().isEmpty());
}

void TestCodePreview::python_has_colours_in_both_themes() {
  SmallNetwork small;
  CodePreview preview(small.document);
  show(preview);
  for (const Appearance appearance : {Appearance::Light, Appearance::Dark}) {
    Theme::instance().set_appearance(appearance);
    const int head = line_of(preview, QStringLiteral("class "));
    QCOMPARE(colour_at(preview, head, QStringLiteral("class ")), colours().accent);
    QCOMPARE(colour_at(preview, head + 1, QStringLiteral("parameters")), colours().success);
    const int layer = line_of(preview, QStringLiteral("nn.Conv2d"));
    QCOMPARE(colour_at(preview, layer, QStringLiteral("32")), colours().series[1]);
    QCOMPARE(colour_at(preview, layer, QStringLiteral("kernel_size")), QColor());
    const int comment = line_of(preview, QStringLiteral("# 32"));
    QCOMPARE(colour_at(preview, comment, QStringLiteral("# 32")), colours().muted);
    QCOMPARE(colour_at(preview, 0, QStringLiteral("drawn")), colours().success);   // a long string's first line
    QCOMPARE(colour_at(preview, 2, QStringLiteral("shapes")), colours().success);  // and its third
  }
  Theme::instance().set_appearance(Appearance::Light);
}

void TestCodePreview::copies_and_saves() {
  SmallNetwork small;
  CodePreview preview(small.document);
  show(preview);
  QTest::mouseClick(part<QToolButton>(preview, "code.copy"), Qt::LeftButton);
  QCOMPARE(QGuiApplication::clipboard()->text(), text(preview));

  const QTemporaryDir folder;
  const QString path = folder.filePath(QStringLiteral("net.py"));
  QTimer::singleShot(0, this, [&path] {
    auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
    QTest::qWait(400);
    dialog->findChild<QLineEdit*>()->setText(path);
    QTest::keyClick(dialog->findChild<QLineEdit*>(), Qt::Key_Return);
  });
  QTest::mouseClick(part<QToolButton>(preview, "code.save"), Qt::LeftButton);
  QFile file(path);
  QVERIFY(file.open(QIODevice::ReadOnly));
  QCOMPARE(QString::fromUtf8(file.readAll()), text(preview));
}

QTEST_MAIN(TestCodePreview)
#include "test_code_preview.moc"
