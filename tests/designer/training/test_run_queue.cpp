// Several runs queued, by mouse: each trains what was drawn when it was queued, in the order of the list.

#include <QLabel>
#include <QPushButton>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTest>
#include <QToolButton>

#include "backend/graph/project_json.h"
#include "backend/run/run_folder.h"
#include "tests/designer/training/panel_on_spirals.h"
#include "tests/designer/training/recorded_runs.h"

using namespace netwright;

namespace {

constexpr int patience_ms = 30'000;

QByteArray line_of(const Event& event) {
  return "cat <<'END_OF_LINE' | tee -a \"$4/events.jsonl\"\n" + QByteArray::fromStdString(to_line(event)) +
         "\nEND_OF_LINE\n";
}

QByteArray beginning() {
  return "mkdir -p \"$4\"; cp \"$2\" \"$4/project.json\"\n" + line_of(classification_run());
}

/// Begins and goes on until it is told to stop.
QByteArray patient_engine() {
  DoneEvent done;
  done.reason = "stopped";
  return beginning() + "while read -r line; do case \"$line\" in *stop*)\n" + line_of(done) + "exit 0;;\nesac; done\n";
}

}  // namespace

class TestRunQueue : public QObject, PanelOnSpirals {
  Q_OBJECT

 private slots:
  void initTestCase() { QStandardPaths::setTestModeEnabled(true); }
  void init() {
    begin({1200, 420});
    use_engine(patient_engine());
  }
  void cleanup() { end(); }

  void variants_wait_as_they_were_drawn() {
    QCOMPARE(train().text(), QString("Train"));
    QVERIFY(!waiting().isVisible());
    begin_first();
    QCOMPARE(train().text(), QString("Add to queue"));
    QVERIFY(train().isEnabled());

    set_epochs(7);
    click(&train());
    set_epochs(8);
    click(&train());
    set_epochs(9);
    click(&train());
    QTRY_COMPARE(text("training.waiting_heading"), QString("3 runs wait"));
    QCOMPARE(panel_->queue().count(), 3);
    QVERIFY(waiting().isVisible());
    QCOMPARE(text("waiting.0.title"), QString("epochs 60 → 7"));
    QCOMPARE(text("waiting.1.title"), QString("epochs 7 → 8"));

    // The last one up, the first one away.
    click(find<QToolButton>(*panel_, "waiting.2.up"));
    QTRY_COMPARE(text("waiting.1.title"), QString("epochs 8 → 9"));
    QVERIFY(!find<QToolButton>(*panel_, "waiting.0.up")->isEnabled());
    click(find<QToolButton>(*panel_, "waiting.0.remove"));
    QTRY_COMPARE(text("training.waiting_heading"), QString("2 runs wait"));

    // What is drawn later doesn't change them.
    set_epochs(70);
    const QString first = panel_->run_folder();
    stop_one();
    QTRY_VERIFY_WITH_TIMEOUT(panel_->run_folder() != first && has_begun(), patience_ms);
    QCOMPARE(epochs_of_run(), 9);
    const QString second = panel_->run_folder();
    QTRY_COMPARE(text("training.waiting_heading"), QString("1 run waits"));
    stop_one();
    QTRY_VERIFY_WITH_TIMEOUT(panel_->run_folder() != second && has_begun(), patience_ms);
    QCOMPARE(epochs_of_run(), 8);
    QTRY_VERIFY(!waiting().isVisible());
    stop_one();
    QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience_ms);
    QCOMPARE(train().text(), QString("Train"));
    QCOMPARE(runs_of(document_->file_path().toStdU16String()).size(), std::size_t{3});
  }

  void a_failed_run_does_not_stop_the_queue() {
    begin_first();
    set_epochs(7);
    click(&train());
    set_epochs(8);
    click(&train());
    use_engine(beginning() + "echo broken >&2\nexit 3\n");
    const QString first = panel_->run_folder();
    stop_one();
    QTRY_VERIFY_WITH_TIMEOUT(panel_->run_folder() != first && !panel_->is_running() && panel_->queue().is_empty(),
                             patience_ms);
    QCOMPARE(epochs_of_run(), 8);
    QCOMPARE(runs_of(document_->file_path().toStdU16String()).size(), std::size_t{3});
  }

  void an_engine_that_is_not_there_keeps_them_waiting() {
    begin_first();
    for (const int epochs : {7, 8, 9}) {
      set_epochs(epochs);
      click(&train());
    }
    panel_->engine().set_program(folder_->filePath("nowhere"));
    stop_one();
    // The first of them finds that out; the others aren't lost.
    QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running() && panel_->queue().count() == 2, patience_ms);
    QTest::qWait(100);
    QCOMPARE(panel_->queue().count(), 2);
    auto* start = find<QToolButton>(*panel_, "training.start_waiting");
    QVERIFY(start->isVisible());
    use_engine(patient_engine());
    click(start);
    QTRY_VERIFY_WITH_TIMEOUT(panel_->is_running() && has_begun(), patience_ms);
    QCOMPARE(epochs_of_run(), 8);
    QVERIFY(!start->isVisible());
  }

  void stop_all_leaves_nothing_waiting() {
    begin_first();
    set_epochs(7);
    click(&train());
    QTRY_VERIFY(waiting().isVisible());
    const QString first = panel_->run_folder();
    click(find<QToolButton>(*panel_, "training.stop_all"));
    QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience_ms);
    QTest::qWait(100);
    QVERIFY(!panel_->is_running());
    QCOMPARE(panel_->run_folder(), first);
    QVERIFY(panel_->queue().is_empty());
  }

  void mistakes_in_the_drawing_forbid_queueing() {
    begin_first();
    QVERIFY(document_->edit("No data", {SetData{}}));
    QVERIFY(!train().isEnabled());
    QCOMPARE(train().toolTip(), panel_->obstacle());
    panel_->start();
    QVERIFY(panel_->queue().is_empty());
  }

  void runs_of_an_unsaved_project_follow_it_to_its_file() {
    document_->reset(document_->project());
    begin_first();
    set_epochs(7);
    click(&train());
    const QString file = folder_->filePath("named.netwright");
    QVERIFY(document_->save(file));
    const QString first = panel_->run_folder();
    stop_one();
    QTRY_VERIFY_WITH_TIMEOUT(panel_->run_folder() != first && panel_->is_running() && has_begun(), patience_ms);
    QTRY_COMPARE(runs_of(file.toStdU16String()).size(), std::size_t{2});
  }

 private:
  static void click(QWidget* widget) { QTest::mouseClick(widget, Qt::LeftButton); }
  QPushButton& train() const { return *find<QPushButton>(*panel_, "training.train"); }
  QWidget& waiting() const { return *find<QWidget>(*panel_, "training.waiting"); }
  QString text(const char* label) const {
    const auto* found = panel_->findChild<QLabel*>(QString::fromLatin1(label));
    return found ? found->text() : QString();
  }
  void begin_first() {
    click(&train());
    QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>(*panel_, "training.pause")->isEnabled(), patience_ms);
  }
  void set_epochs(std::int64_t epochs) {
    Recipe recipe = document_->project().recipe;
    recipe.settings.set("epochs", epochs);
    QVERIFY(document_->edit("Set epochs", {SetRecipe{recipe}}));
  }
  void stop_one() { click(find<QPushButton>(*panel_, "training.stop")); }
  bool has_begun() const {
    return find<QPushButton>(*panel_, "training.pause")->isEnabled() &&
           RunFolder::open(panel_->run_folder().toStdU16String());
  }
  std::int64_t epochs_of_run() const {
    const auto run = RunFolder::open(panel_->run_folder().toStdU16String());
    const auto project = run ? run->project() : Result<Project>(Error{});
    return project ? project->recipe.settings.integer("epochs") : -1;
  }
};

QTEST_MAIN(TestRunQueue)
#include "test_run_queue.moc"
