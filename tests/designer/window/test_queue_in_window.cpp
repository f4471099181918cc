// What the window does about runs that wait: F5 while one goes on, the menu, and the question at closing.

#include <QLabel>
#include <QPushButton>
#include <QToolButton>

#include "designer/sweep/sweep_dialog.h"
#include "designer/training/training_panel.h"
#include "tests/designer/window/window_fixture.h"

using namespace netwright;

class TestQueueInWindow : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { WindowFixture::prepare("test_queue_in_window"); }
  void init() {
    made_ = std::make_unique<WindowFixture>();
    const QString file = made_->path("spirals.netwright");
    QVERIFY(QFile::copy(NETWRIGHT_SOURCE "/resources/templates/two_spirals_mlp.netwright", file));
    QVERIFY(made_->document().open(file));
    training().engine().set_program(NETWRIGHT_BIN "/netwright-engine");
    training().set_engine_arguments({"--epochs", "20000"});
    QVERIFY(QTest::qWaitForWindowExposed(&made_->window()));
  }
  void cleanup() {
    training().stop_all();
    QTRY_VERIFY_WITH_TIMEOUT(!training().is_running(), patience_ms);
    made_.reset();
  }

  void f5_trains_and_then_queues() {
    QTest::keyClick(&made_->window(), Qt::Key_F5);
    QVERIFY(training().is_running());
    QCOMPARE(made_->action("train")->text(), QString("Add to the &queue"));
    QTest::keyClick(&made_->window(), Qt::Key_F5);
    QTest::keyClick(&made_->window(), Qt::Key_F5);
    QVERIFY(training().is_running());
    QCOMPARE(training().queue().count(), 2);
    QVERIFY(made_->status().startsWith("Waits for its turn"));
  }

  void closing_asks_about_those_that_wait() {
    QTest::keyClick(&made_->window(), Qt::Key_F5);
    QTest::keyClick(&made_->window(), Qt::Key_F5);
    QTest::keyClick(&made_->window(), Qt::Key_F5);
    bool came = false;
    QString words;
    on_dialog(came, [&](QWidget* dialog) {
      words = message_box(dialog)->informativeText();
      press(dialog, QMessageBox::Cancel);
    });
    QVERIFY(!made_->window().close());
    QVERIFY(came);
    QVERIFY2(words.contains("The 2 runs that wait will not be trained."), qPrintable(words));
    QVERIFY(training().is_running());
    QCOMPARE(training().queue().count(), 2);

    on_dialog(came, [&](QWidget* dialog) {
      for (QAbstractButton* button : message_box(dialog)->buttons()) {
        if (button->text() == "Stop and quit") QTest::mouseClick(button, Qt::LeftButton);
      }
    });
    QVERIFY(made_->window().close());
  }

  void the_menu_opens_a_sweep() {
    made_->action("sweep")->trigger();
    auto* dialog = made_->window().findChild<SweepDialog*>();
    QVERIFY(dialog && dialog->isVisible());
    dialog->reject();
    QVERIFY(made_->document().edit("No data", {SetData{}}));
    made_->action("sweep")->trigger();
    QCOMPARE(made_->status(), training().obstacle());
  }

 private:
  static constexpr int patience_ms = 60'000;
  TrainingPanel& training() { return made_->window().training(); }
  std::unique_ptr<WindowFixture> made_;
};

QTEST_MAIN(TestQueueInWindow)
#include "test_queue_in_window.moc"
