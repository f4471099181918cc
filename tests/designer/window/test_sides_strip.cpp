// The strip that links a GAN's two tabs.

#include <QLabel>
#include <QToolButton>

#include "backend/graph/templates.h"
#include "designer/canvas/network_view.h"
#include "designer/window/canvas_tabs.h"
#include "tests/designer/window/window_fixture.h"

using namespace netwright;

class TestSidesStrip : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { WindowFixture::prepare("test_sides_strip"); }

  void links_the_two_sides() {
    WindowFixture fixture;
    MainWindow& window = fixture.window();
    auto* strip = window.findChild<QWidget*>(QStringLiteral("sides"));
    QVERIFY(strip && !strip->isVisible());
    const auto project = open_template("dcgan");
    QVERIFY(project);
    window.document().reset(*project);
    QTRY_VERIFY(strip->isVisible());
    auto* words = strip->findChild<QLabel*>(QStringLiteral("sides.words"));
    QVERIFY2(words->text().isEmpty(), qPrintable(words->text()));

    // A click shows the other tab.
    auto* tabs = window.findChild<CanvasTabs*>(QStringLiteral("networks"));
    QCOMPARE(tabs->currentIndex(), 0);
    QTest::mouseClick(strip->findChild<QToolButton*>(QStringLiteral("sides.discriminator")), Qt::LeftButton);
    QCOMPARE(tabs->currentIndex(), 1);

    // A generator whose pictures the discriminator can't take is said at once.
    const Network& generator = window.document().project().networks[0];
    const Layer* up = generator.find(std::string_view("up2"));
    QVERIFY(up);
    QVERIFY(window.document().edit("Channels", {SetSetting{generator.id, up->id, "out_channels", std::int64_t{3}}}));
    QVERIFY2(words->text().contains(QStringLiteral("3×28×28")), qPrintable(words->text()));
    window.document().undo_stack().undo();
    QVERIFY(words->text().isEmpty());

    // Another task needs no strip.
    Recipe recipe = window.document().project().recipe;
    recipe.task = "Reconstruction";
    QVERIFY(window.document().edit("Task", {SetRecipe{recipe}}));
    QVERIFY(!strip->isVisible());
  }
};

QTEST_MAIN(TestSidesStrip)
#include "test_sides_strip.moc"
