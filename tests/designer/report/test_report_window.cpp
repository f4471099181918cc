// The window of a run's report, with an engine that is a shell script.

#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTemporaryDir>
#include <QTest>

#include "backend/core/safe_file.h"
#include "designer/report/columns_layout.h"
#include "designer/report/report_plot.h"
#include "designer/report/report_table_view.h"
#include "designer/report/report_view.h"
#include "designer/report/report_window.h"
#include "designer/theme/theme.h"
#include "tests/backend/report/example_report.h"
#include "tests/support/dialogs.h"
#include "tests/support/files.h"

using namespace netwright;

class TestReportWindow : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    qApp->setAttribute(Qt::AA_DontUseNativeDialogs);
    Theme::instance().set_appearance(Appearance::Light);
  }
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(put_file(folder_->filePath("events.jsonl"), "{}\n"));
  }

  void without_a_report_it_offers_to_make_one() {
    ReportWindow window(folder_->path(), "cnn");
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QCOMPARE(button(window, "report.make")->text(), QString("Make report"));
    QVERIFY(!button(window, "report.browse")->isVisible());
    QVERIFY(!button(window, "report.save")->isVisible());
    QVERIFY(window.findChild<QLabel*>("report.invitation")->isVisible());
  }

  void a_report_that_is_there_is_shown() {
    QVERIFY(write_report());
    ReportWindow window(folder_->path(), "cnn");
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    auto* view = window.findChild<ReportView*>("report.view");
    QVERIFY(view->isVisible());
    QStringList words;
    for (const QLabel* label : view->findChildren<QLabel*>()) words << label->text();
    QVERIFY(words.contains("88.00 %"));
    QVERIFY(words.contains("My <project>"));
    QVERIFY(words.contains("Blur is for pictures."));
    QVERIFY(view->findChildren<ReportPlot*>().size() >= 6);
    QVERIFY(view->findChildren<ReportTableView*>().size() >= 5);
    QCOMPARE(button(window, "report.make")->text(), QString("Make it anew"));
  }

  void everything_lies_within_the_window_however_wide_it_is() {
    QVERIFY(write_report());
    ReportWindow window(folder_->path(), "cnn");
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    auto* view = window.findChild<ReportView*>("report.view");
    for (const int width : {480, 760, 1000, 1600}) {
      window.resize(width, 700);
      QTest::qWait(60);
      QVERIFY2(view->widget()->width() <= view->viewport()->width(), QByteArray::number(width));
      for (const QWidget* child : view->findChildren<QFrame*>()) {
        if (!child->isVisible() || child->property("role").toString() != "card") continue;
        const QRect place(child->mapTo(view->widget(), QPoint(0, 0)), child->size());
        QVERIFY2(view->widget()->rect().contains(place), QByteArray::number(width));
        for (const QLabel* label : child->findChildren<QLabel*>()) {
          QVERIFY2(label->height() >= label->heightForWidth(label->width()), qPrintable(label->text()));
        }
      }
    }
  }

  void the_engine_makes_it_and_says_how_far_it_is() {
    use_engine(
        "echo '{\"event\":\"message\",\"severity\":\"info\",\"text\":\"Measuring the latency\"}'\n"
        "while [ ! -e " +
        folder_->filePath("go").toUtf8() +
        " ]; do sleep 0.05; done\n"
        "cp " +
        example_file().toUtf8() +
        " \"$2/report.json\"\n"
        "echo '{\"event\":\"done\",\"reason\":\"finished\"}'\n");
    ReportWindow window(folder_->path(), "cnn");
    window.engine().set_program(engine_);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QTest::mouseClick(button(window, "report.make"), Qt::LeftButton);
    auto* words = window.findChild<QLabel*>("report.words");
    QTRY_COMPARE(words->text(), QString("Measuring the latency…"));
    QCOMPARE(button(window, "report.make")->text(), QString("Stop"));
    QVERIFY(put_file(folder_->filePath("go"), ""));
    QTRY_VERIFY(window.findChild<ReportView*>("report.view")->isVisible());
    QVERIFY(!words->isVisible());
    QVERIFY(button(window, "report.browse")->isEnabled());
  }

  void a_failure_says_why_and_what_was_there_stays() {
    QVERIFY(write_report());
    use_engine("echo '{\"event\":\"done\",\"reason\":\"failed\",\"message\":\"The data are gone.\"}'\nexit 1\n");
    ReportWindow window(folder_->path(), "cnn");
    window.engine().set_program(engine_);
    window.show();
    QTest::mouseClick(button(window, "report.make"), Qt::LeftButton);
    auto* words = window.findChild<QLabel*>("report.words");
    QTRY_COMPARE(words->text(), QString("The data are gone."));
    QCOMPARE(words->property("role").toString(), QString("error"));
    QVERIFY(window.findChild<ReportView*>("report.view")->isVisible());
  }

  void it_can_be_stopped() {
    use_engine("exec sleep 60\n");
    ReportWindow window(folder_->path(), "cnn");
    window.engine().set_program(engine_);
    window.show();
    QTest::mouseClick(button(window, "report.make"), Qt::LeftButton);
    QTRY_VERIFY(window.engine().is_running());
    QTest::mouseClick(button(window, "report.make"), Qt::LeftButton);
    QTRY_VERIFY(!window.engine().is_running());
    QCOMPARE(button(window, "report.make")->text(), QString("Make report"));
  }

  void a_damaged_report_and_one_that_the_run_outgrew_are_told() {
    QVERIFY(put_file(folder_->filePath("report.json"), "{"));
    ReportWindow damaged(folder_->path(), "cnn");
    QVERIFY(damaged.findChild<QLabel*>("report.words")->text().contains("report.json"));
    QVERIFY(write_report());
    QFile record(folder_->filePath("events.jsonl"));
    QVERIFY(record.open(QIODevice::ReadWrite));
    QVERIFY(record.setFileTime(QDateTime::currentDateTime().addSecs(60), QFileDevice::FileModificationTime));
    record.close();
    ReportWindow outgrown(folder_->path(), "cnn");
    QVERIFY(outgrown.findChild<QLabel*>("report.words")->text().contains("went on"));
  }

  void it_says_what_a_run_that_goes_on_means() {
    ReportWindow window(folder_->path(), "cnn");
    window.set_training([] { return true; });
    QVERIFY(window.findChild<QLabel*>("report.words")->text().contains("A run is going on"));
    QVERIFY(button(window, "report.make")->isEnabled());
  }

  void the_page_is_saved_where_one_says() {
    QVERIFY(write_report());
    ReportWindow window(folder_->path(), "cnn");
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    bool came = false;
    const QString target = folder_->filePath("saved.html");
    on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, target); });
    QTest::mouseClick(button(window, "report.save"), Qt::LeftButton);
    QTRY_VERIFY(QFile::exists(target));
    QVERIFY(came);
    QVERIFY(file_content(target).contains("</html>"));
    QVERIFY(window.findChild<QLabel*>("report.words")->text().contains("saved.html"));
  }

  void a_plot_tells_the_values_at_the_pointer() {
    ReportChart chart{.title = "Loss", .x_title = "epoch"};
    chart.series.push_back({"training", {{0, 4}, {1, 2}, {2, 1}}, 0});
    chart.series.push_back({"test", {{0, 5}, {1, 3}, {2, 2.5}}, 1});
    ReportPlot plot(chart);
    plot.resize(400, 240);
    const QStringList words = plot.words_at(QPoint(plot.width() - 20, 120));
    QCOMPARE(words, (QStringList{"training 1", "test 2.5"}));
    QVERIFY(plot.words_at(QPoint(2, 2)).isEmpty());
  }

  void a_table_is_copied_by_tabs() {
    ReportTable table{.title = "T"};
    table.columns = {{"Class", false}, {"F1"}};
    table.rows = {{"cat", "80 %"}, {"dog", "90 %"}};
    ReportTableView view(table);
    view.show();
    QTest::keyClick(&view, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), QString("Class\tF1\ncat\t80 %\ndog\t90 %"));
  }

  void columns_are_as_many_as_there_is_room_for() {
    QWidget page;
    auto* layout = new ColumnsLayout(100, 10);
    page.setLayout(layout);
    std::vector<QWidget*> widgets;
    for (int i = 0; i < 5; ++i) {
      widgets.push_back(new QWidget);
      widgets.back()->setMinimumHeight(20 + 10 * i);
      layout->addWidget(widgets.back());
    }
    page.resize(320, 400);
    page.show();
    QVERIFY(QTest::qWaitForWindowExposed(&page));
    QCOMPARE(widgets[0]->geometry(), QRect(0, 0, 100, 40));
    QCOMPARE(widgets[2]->geometry().left(), 220);
    QCOMPARE(widgets[3]->geometry().topLeft(), QPoint(0, 50));
    QCOMPARE(layout->heightForWidth(320), 40 + 10 + 60);
    QCOMPARE(layout->heightForWidth(90), 20 + 30 + 40 + 50 + 60 + 40);
  }

 private:
  bool write_report() {
    return put_file(folder_->filePath("report.json"), QByteArray::fromStdString(to_json_text(example_report())));
  }
  QString example_file() {
    const QString file = folder_->filePath("example.json");
    put_file(file, QByteArray::fromStdString(to_json_text(example_report())));
    return file;
  }
  void use_engine(const QByteArray& body) {
    engine_ = folder_->filePath("engine");
    QVERIFY(put_file(engine_, "#!/bin/sh\n" + body));
    QFile(engine_).setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
  }
  static QPushButton* button(const QWidget& window, const char* name) {
    auto* found = window.findChild<QPushButton*>(QString::fromLatin1(name));
    if (!found) qFatal("no %s", name);
    return found;
  }

  std::unique_ptr<QTemporaryDir> folder_;
  QString engine_;
};

QTEST_MAIN(TestReportWindow)
#include "test_report_window.moc"
