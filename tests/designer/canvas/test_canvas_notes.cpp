// Notes on the canvas, written and moved as a person does it.

#include "designer/canvas/note_editor.h"
#include "designer/canvas/note_item.h"
#include "tests/designer/canvas/canvas_fixture.h"

using namespace netwright;

class TestCanvasNotes : public QObject {
  Q_OBJECT

  static NoteEditor* editor(CanvasFixture& canvas) {
    return canvas.view.findChild<NoteEditor*>(QStringLiteral("canvas.note_editor"));
  }

 private slots:
  void is_written_where_it_was_added() {
    CanvasFixture canvas;
    canvas.ready();
    canvas.view.add_note();
    NoteEditor* field = editor(canvas);
    QVERIFY(field && field->isVisible());
    QTest::keyClicks(field, "Encoder");
    QTest::keyClick(field, Qt::Key_Return);
    QTest::keyClicks(field, "Squeezes the picture.");
    QTest::keyClick(field, Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(!field->isVisible());
    QCOMPARE(canvas.network().notes.size(), 1);
    QCOMPARE(canvas.network().notes[0].text, "Encoder\nSqueezes the picture.");
    QVERIFY(canvas.scene().note(0));
    canvas.document.undo_stack().undo();
    canvas.document.undo_stack().undo();
    QVERIFY(canvas.network().notes.empty());
    QVERIFY(!canvas.scene().note(0));
  }

  void an_empty_note_leaves_nothing() {
    CanvasFixture canvas;
    canvas.view.add_note();
    QTest::keyClick(editor(canvas), Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(canvas.network().notes.empty());
  }

  void is_changed_by_a_double_click_and_escape_drops_the_change() {
    CanvasFixture canvas;
    const NetworkId id = canvas.network().id;
    QVERIFY(canvas.document.edit("Note", {SetCanvasNotes{id, {{"Before", {0, 0}}}}}));
    canvas.ready();
    const QPoint middle = canvas.pixel(canvas.scene().note(0)->rect().center());
    QTest::mouseDClick(canvas.view.viewport(), Qt::LeftButton, {}, middle);
    QVERIFY(editor(canvas)->isVisible());
    QTest::keyClicks(editor(canvas), " and after");
    QTest::keyClick(editor(canvas), Qt::Key_Escape);
    QCOMPARE(canvas.network().notes[0].text, "Before");
    QTest::mouseDClick(canvas.view.viewport(), Qt::LeftButton, {}, middle);
    QTest::keyClicks(editor(canvas), " and after");
    // A click on the canvas keeps it.
    canvas.click({5, 5});
    QCOMPARE(canvas.network().notes[0].text, "Before and after");
    QVERIFY(canvas.undoes_to_start());
  }

  void is_dragged_in_one_step_and_deleted() {
    CanvasFixture canvas;
    const NetworkId id = canvas.network().id;
    QVERIFY(canvas.document.edit("Note", {SetCanvasNotes{id, {{"One", {0, 0}}, {"Two", {0, 400}}}}}));
    canvas.ready();
    const QPoint middle = canvas.pixel(canvas.scene().note(0)->rect().center());
    canvas.drag(middle, middle + QPoint(60, 40));
    QCOMPARE(canvas.network().notes[0].position, (Point{60, 40}));
    QCOMPARE(canvas.network().notes[1].position, (Point{0, 400}));
    QVERIFY(canvas.undoes_to_start());
    canvas.click(canvas.pixel(canvas.scene().note(0)->rect().center()));
    canvas.key(Qt::Key_Delete);
    QCOMPARE(canvas.network().notes.size(), 1);
    QCOMPARE(canvas.network().notes[0].text, "Two");
  }

  void grows_with_its_words() {
    const NoteItem little(0, {"Few words"});
    const NoteItem much(0, {"A heading\n" + std::string(600, 'x') + " " + std::string(40, 'y')});
    QVERIFY(much.rect().height() > little.rect().height());
    std::string words;
    for (int i = 0; i < 80; ++i) words += "word ";
    const NoteItem wrapped(0, {words});
    QVERIFY(wrapped.rect().height() > 3 * little.rect().height() / 2);
    QCOMPARE(wrapped.rect().width(), little.rect().width());
  }

  void lies_beneath_layers() {
    CanvasFixture canvas;
    const LayerId layer = canvas.add("ReLU", {40, 40});
    QVERIFY(canvas.document.edit("Note", {SetCanvasNotes{canvas.network().id, {{"Under it", {0, 0}}}}}));
    canvas.ready();
    canvas.click(canvas.centre(layer));
    QCOMPARE(canvas.view.selection(), std::set<LayerId>{layer});
  }
};

QTEST_MAIN(TestCanvasNotes)
#include "test_canvas_notes.moc"
