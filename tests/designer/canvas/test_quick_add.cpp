// The quick-add list: a key, Tab, Space or a double click opens it, a few letters find the layer.

#include <QLineEdit>
#include <QListWidget>

#include "designer/canvas/quick_add.h"
#include "tests/designer/canvas/canvas_fixture.h"

using namespace netwright;

class TestQuickAdd : public QObject {
  Q_OBJECT

 private slots:
  void a_letter_opens_the_list();
  void typed_names_make_a_chain();
  void space_tab_and_double_click_open_the_list();
  void the_list_finds_by_prefix_and_by_letters_data();
  void the_list_finds_by_prefix_and_by_letters();
  void double_click_on_a_wire_inserts();
};

void TestQuickAdd::a_letter_opens_the_list() {
  CanvasFixture canvas;
  canvas.ready();
  canvas.move({400, 300}, Qt::NoButton);
  QTest::keyClick(&canvas.view, 'c');
  auto* list = canvas.view.findChild<QuickAdd*>();
  QVERIFY(list->isVisible());
  auto* words = list->findChild<QLineEdit*>();
  QCOMPARE(words->text(), QString("c"));
  QTest::keyClicks(words, "onv2");
  QTest::keyClick(words, Qt::Key_Return);
  QVERIFY(!list->isVisible());
  QCOMPARE(canvas.network().layers.size(), std::size_t{1});
  QCOMPARE(canvas.network().layers.front().type, std::string("Conv2d"));
  const QPointF centre = node_rect(to_qt(canvas.network().layers.front().position)).center();
  QVERIFY((canvas.pixel(centre) - QPoint(400, 300)).manhattanLength() <= 20);
  QVERIFY(canvas.undoes_to_start());
}

void TestQuickAdd::typed_names_make_a_chain() {
  CanvasFixture canvas;
  const LayerId input = canvas.add("Input", {0, 0});
  canvas.ready();
  canvas.view.select({input});
  for (const char* name : {"conv", "flat"}) {
    canvas.key(static_cast<Qt::Key>(QChar(name[0]).toUpper().unicode()), Qt::NoModifier);
    auto* words = canvas.view.findChild<QLineEdit*>();
    QVERIFY(words);
    QTest::keyClicks(words, QString(name).mid(1));
    QTest::keyClick(words, Qt::Key_Return);
  }
  QCOMPARE(canvas.network().layers.size(), std::size_t{3});
  QCOMPARE(canvas.network().layers[2].type, std::string("Flatten"));
  QVERIFY(canvas.is_joined(input, canvas.network().layers[1].id));
  QVERIFY(canvas.is_joined(canvas.network().layers[1].id, canvas.network().layers[2].id));
}

void TestQuickAdd::space_tab_and_double_click_open_the_list() {
  CanvasFixture canvas;
  canvas.ready();
  auto* list = canvas.view.findChild<QuickAdd*>();
  auto* words = list->findChild<QLineEdit*>();
  canvas.key(Qt::Key_Space);
  QVERIFY(list->isVisible());
  QTest::keyClick(words, Qt::Key_Escape);
  QVERIFY(!list->isVisible());
  canvas.key(Qt::Key_Tab);
  QVERIFY(list->isVisible());
  canvas.click({20, 20});  // elsewhere
  QVERIFY(!list->isVisible());
  QTest::mouseDClick(canvas.view.viewport(), Qt::LeftButton, {}, {200, 200});
  QVERIFY(list->isVisible());
  QTest::keyClick(words, Qt::Key_Escape);
  QCOMPARE(canvas.now(), canvas.start);
}

void TestQuickAdd::the_list_finds_by_prefix_and_by_letters_data() {
  QTest::addColumn<QString>("words");
  QTest::addColumn<QString>("first");
  QTest::newRow("prefix") << "conv"
                          << "Conv2d";
  QTest::newRow("any case") << "RELU"
                            << "ReLU";
  QTest::newRow("letters") << "bn2"
                           << "BatchNorm2d";
  QTest::newRow("inside") << "norm2"
                          << "BatchNorm2d";
  QTest::newRow("gaps") << "mxp"
                        << "MaxPool2d";
}

void TestQuickAdd::the_list_finds_by_prefix_and_by_letters() {
  QFETCH(QString, words);
  QFETCH(QString, first);
  CanvasFixture canvas;
  canvas.ready();
  canvas.key(Qt::Key_Tab);
  auto* list = canvas.view.findChild<QuickAdd*>();
  QTest::keyClicks(list->findChild<QLineEdit*>(), words);
  const auto* rows = list->findChild<QListWidget*>();
  QVERIFY(rows->count() > 0);
  QCOMPARE(rows->item(0)->text(), first);
  QCOMPARE(rows->currentRow(), 0);
}

void TestQuickAdd::double_click_on_a_wire_inserts() {
  CanvasFixture canvas;
  const LayerId a = canvas.add("Conv2d", {0, 0});
  const LayerId b = canvas.add("Conv2d", {0, 240});
  canvas.join(a, b);
  canvas.ready();
  QTest::mouseDClick(canvas.view.viewport(), Qt::LeftButton, {}, canvas.pixel({90, 150}));
  auto* words = canvas.view.findChild<QuickAdd*>()->findChild<QLineEdit*>();
  QTest::keyClicks(words, "relu");
  QTest::keyClick(words, Qt::Key_Return);
  const LayerId added = canvas.network().layers.back().id;
  QVERIFY(canvas.is_joined(a, added) && canvas.is_joined(added, b));
  QVERIFY(canvas.undoes_to_start());
}

QTEST_MAIN(TestQuickAdd)
#include "test_quick_add.moc"
