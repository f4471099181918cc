#include <QTest>
#include <cmath>

#include "designer/training/run_record.h"
#include "tests/designer/training/recorded_runs.h"

using namespace netwright;

namespace {

/// As an engine of schema 1 wrote it, with a value that isn't finite, a kind from the future and a line that is no
/// JSON.
const char* const record_lines[] = {
    R"({"event":"run","schema":1,"name":"cnn","started":"2026-05-01T10:00:00Z","task":"Classification","network":"net","device":"cpu","epochs":4,"steps_per_epoch":100,"train_samples":6400,"test_samples":1000,"parameters":62006,"classes":["a","b"],"environment":{"LibTorch":"1.13"}})",
    R"({"event":"step","step":50,"epoch":0.5,"loss":1.5,"accuracy":0.4,"learning_rate":0.001,"samples_per_second":3200,"elapsed":10})",
    R"({"event":"aurora","step":60})",
    R"(Warning: something wrote to stdout)",
    R"({"event":"step","step":100,"epoch":1,"loss":null,"accuracy":0.5,"learning_rate":0.001,"samples_per_second":3200,"elapsed":20})",
    R"({"event":"epoch","epoch":1,"step":100,"train_loss":1.2,"train_accuracy":0.45,"test_loss":1.0,"test_accuracy":0.7,"seconds":20,"samples_per_second":3200,"elapsed":20})",
    R"({"event":"confusion","epoch":1,"counts":[[3,1],[2,4]]})",
    R"({"event":"command","step":150,"command":"set","learning_rate":0.0005})",
    R"({"event":"command","step":150,"command":"pause"})",
};

RunRecord record_so_far() {
  std::vector<Event> events;
  for (const char* line : record_lines) {
    if (auto event = event_from_line(line)) events.push_back(*event);
  }
  return record_of(events);
}

}  // namespace

class TestRunRecord : public QObject {
  Q_OBJECT

 private slots:
  void old_records_are_read();
  void curves_follow_events();
  void what_was_not_announced_is_kept();
  void the_best_is_by_the_main_figure_data();
  void the_best_is_by_the_main_figure();
  void alarms_come_and_go();
  void samples_keep_their_order();
  void commands_leave_marks();
  void time_left_is_the_pace_so_far();
  void resumed_runs_begin_where_they_did();
  void endings_data();
  void endings();
  void time_never_runs_backwards();
  void durations();
  void titles();
};

void TestRunRecord::old_records_are_read() {
  const RunRecord record = record_so_far();
  QVERIFY(record.run.has_value());
  QCOMPARE(record.run->parameters, std::int64_t{62006});
  const FigureCurves& loss = record.curves.at("loss");
  const FigureCurves& accuracy = record.curves.at("accuracy");
  QCOMPARE(loss.steps.x, (std::vector<double>{0.5, 1}));
  QCOMPARE(loss.steps.y[0], 1.5);
  QVERIFY(std::isnan(loss.steps.y[1]));
  QCOMPARE(accuracy.steps.y, (std::vector<double>{0.4, 0.5}));
  QCOMPARE(accuracy.held_out, (Curve{{1}, {0.7}}));
  QCOMPARE(loss.train, (Curve{{1}, {1.2}}));
  QCOMPARE(record.confusion->counts[1][0], std::int64_t{2});
  QCOMPARE(record.main_figure()->title, std::string("Accuracy"));
  QCOMPARE(record.best(), std::optional<double>(0.7));
  QCOMPARE(record.fraction(), 0.25);
}

void TestRunRecord::curves_follow_events() {
  // Through the lines of a record, as they are read again.
  std::vector<Event> read;
  for (const Event& event : adversarial_events()) read.push_back(*event_from_line(to_line(event)));
  const RunRecord record = record_of(read);
  QCOMPARE(record.figures, adversarial_run().figures);
  QCOMPARE(record.curves.at("g_loss").steps.size(), std::size_t{200});
  QCOMPARE(record.curves.at("g_loss").train, (Curve{{1, 2}, {1, 1}}));
  QCOMPARE(record.curves.at("g_loss").held_out.size(), std::size_t{0});
  QCOMPARE(record.curves.at("frechet").held_out, (Curve{{1, 2}, {1, 0.5}}));
  QCOMPARE(record.curves.at("frechet").steps.size(), std::size_t{0});
  QCOMPARE(record.best(), std::optional<double>(0.5));
  QCOMPARE(record.learning_rates.size(), std::size_t{200});
  QVERIFY(!record.has_changing_rate());
}

void TestRunRecord::what_was_not_announced_is_kept() {
  RunRecord record;
  record.add(step_of(classification_run(), 1, {{"loss", 1.0}}));  // the first line was lost
  QCOMPARE(record.figures.size(), std::size_t{1});
  QCOMPARE(record.figures[0].title, std::string("loss"));
  QVERIFY(!record.main_figure());
  QVERIFY(!record.best());
  record = record_of({classification_run(), step_of(classification_run(), 1, {{"extra", 1.0}, {"loss", 2.0}})});
  QCOMPARE(record.figures.size(), std::size_t{3});
  QCOMPARE(record.figures.back().name, std::string("extra"));
}

void TestRunRecord::the_best_is_by_the_main_figure_data() {
  QTest::addColumn<QString>("better");
  QTest::addColumn<QString>("main");
  QTest::addColumn<QList<double>>("values");
  QTest::addColumn<double>("best");  // not a number: none
  const double none = std::nan("");
  QTest::addRow("higher") << "higher"
                          << "it" << QList<double>{0.5, 0.8, 0.6} << 0.8;
  QTest::addRow("lower") << "lower"
                         << "it" << QList<double>{0.5, 0.8, 0.6} << 0.5;
  QTest::addRow("negative") << "higher"
                            << "it" << QList<double>{-3, -2} << -2.0;
  QTest::addRow("neither") << ""
                           << "it" << QList<double>{0.5, 0.8} << none;
  QTest::addRow("some not finite") << "lower"
                                   << "it" << QList<double>{none, 2, -INFINITY} << 2.0;
  QTest::addRow("no main figure") << "higher"
                                  << "" << QList<double>{0.5} << none;
  QTest::addRow("nothing measured") << "higher"
                                    << "it" << QList<double>() << none;
}

void TestRunRecord::the_best_is_by_the_main_figure() {
  QFETCH(QString, better);
  QFETCH(QString, main);
  QFETCH(QList<double>, values);
  QFETCH(double, best);
  RunEvent run;
  run.figures = {{"it", "It", "It", false, better.toStdString()}};
  run.main_figure = main.toStdString();
  RunRecord record = record_of({run});
  for (int i = 0; i < values.size(); ++i) {
    EpochEvent epoch;
    epoch.epoch = i + 1;
    epoch.held_out = {{"it", values[i]}};
    record.add(epoch);
  }
  QCOMPARE(record.best().has_value(), !std::isnan(best));
  if (record.best()) QCOMPARE(*record.best(), best);
}

void TestRunRecord::alarms_come_and_go() {
  RunRecord record = record_of({adversarial_run()});
  record.add(AlarmEvent{"collapse", "first", 100, 1, false});
  record.add(AlarmEvent{"divergence", "other", 150, 1, false});
  record.add(AlarmEvent{"collapse", "still", 200, 2, false});
  QCOMPARE(record.alarms.size(), std::size_t{2});
  QCOMPARE(record.alarms[0].text, std::string("still"));
  record.add(AlarmEvent{"collapse", "", 300, 3, true});
  record.add(AlarmEvent{"imbalance", "", 300, 3, true});  // never was
  QCOMPARE(record.alarms.size(), std::size_t{1});
  QCOMPARE(record.alarms[0].kind, std::string("divergence"));
  std::vector<std::string> texts;
  std::vector<double> epochs;
  for (const RunMark& mark : record.marks) {
    QVERIFY(mark.is_alarm);
    texts.push_back(mark.text);
    epochs.push_back(mark.epoch);
  }
  QCOMPARE(texts, (std::vector<std::string>{"collapse", "divergence", "collapse over"}));
  QCOMPARE(epochs, (std::vector<double>{1, 1.5, 3}));
}

void TestRunRecord::samples_keep_their_order() {
  RunRecord record;
  record.add(SampleEvent{"wall", "samples/a.png", 100, 1, 8, 8});
  record.add(SampleEvent{"code", "samples/b.json", 100, 1});
  record.add(SampleEvent{"wall", "samples/c.png", 200, 2, 8, 8});
  QCOMPARE(record.samples.size(), std::size_t{3});
  QCOMPARE(record.samples[0].file, std::string("samples/a.png"));
  QCOMPARE(record.samples[2].file, std::string("samples/c.png"));
}

void TestRunRecord::commands_leave_marks() {
  RunRecord record;
  record.add(*event_from_line(record_lines[0]));
  record.add(*event_from_line(record_lines[1]));
  QCOMPARE(record.learning_rate(), std::optional<double>(0.001));
  record.add(CommandEvent{150, {Command::Kind::Set, "learning_rate", 0.0005}});
  QCOMPARE(record.learning_rate(), std::optional<double>(0.0005));
  record.add(CommandEvent{150, {Command::Kind::Pause}});
  QVERIFY(record.is_paused);
  QVERIFY(!record.marks[0].is_alarm);
  QCOMPARE(record.marks.size(), std::size_t{2});
  QCOMPARE(record.marks[0].epoch, 1.5);
  QCOMPARE(record.marks[0].text, std::string("learning rate 0.0005"));
  QCOMPARE(record.marks[1].text, std::string("paused"));
  record.add(CommandEvent{150, {Command::Kind::Resume}});
  QVERIFY(!record.is_paused);
}

void TestRunRecord::time_left_is_the_pace_so_far() {
  RunRecord record;
  QVERIFY(!record.seconds_left());
  QCOMPARE(record.fraction(), -1.0);
  record.add(*event_from_line(record_lines[0]));
  QVERIFY(!record.seconds_left());
  record.add(*event_from_line(record_lines[1]));
  QCOMPARE(record.seconds_left(), std::optional<double>(70));
}

void TestRunRecord::resumed_runs_begin_where_they_did() {
  RunRecord record;
  record.add(*event_from_line(record_lines[0]));
  StepEvent step;
  step.step = 310;
  step.epoch = 3.1;
  step.elapsed = 2;
  record.add(step);
  step.step = 350;
  step.epoch = 3.5;
  step.elapsed = 10;
  record.add(step);
  QVERIFY(std::abs(record.seconds_left().value_or(-1) - 10) < 1e-6);
}

void TestRunRecord::endings_data() {
  QTest::addColumn<QString>("reason");
  QTest::addColumn<QString>("ending");
  QTest::addRow("finished") << "finished"
                            << "finished";
  QTest::addRow("diverged") << "diverged"
                            << "diverged";
  QTest::addRow("no last line") << ""
                                << "crashed";
}

void TestRunRecord::endings() {
  QFETCH(QString, reason);
  QFETCH(QString, ending);
  RunRecord record = record_so_far();
  if (!reason.isEmpty()) {
    DoneEvent done;
    done.reason = reason.toStdString();
    record.add(done);
    QVERIFY(!record.is_paused);
  }
  QCOMPARE(QString::fromStdString(record.ending()), ending);
}

void TestRunRecord::time_never_runs_backwards() {
  RunRecord record;
  StepEvent step;
  for (const double epoch : {1.0, 0.5, std::nan(""), 1.0, 2.0}) {
    step.epoch = epoch;
    step.figures = {{"loss", 1}};
    record.add(step);
  }
  QCOMPARE(record.curves.at("loss").steps.x, (std::vector<double>{1, 1, 2}));
  QCOMPARE(record.learning_rates.x, (std::vector<double>{1, 1, 2}));
}

void TestRunRecord::durations() {
  QCOMPARE(duration_text(0.4), std::string("0 s"));
  QCOMPARE(duration_text(59.4), std::string("59 s"));
  QCOMPARE(duration_text(200), std::string("3 min 20 s"));
  QCOMPARE(duration_text(7500), std::string("2 h 05 min"));
  QCOMPARE(duration_text(std::nan("")), std::string("?"));
}

void TestRunRecord::titles() {
  QCOMPARE(title_of_run("2026-11-24T13-57-13Z-fashion-cnn"), std::string("fashion-cnn"));
  QCOMPARE(title_of_run("2026-11-24T13-57-13Z-"), std::string("2026-11-24T13-57-13Z-"));
  QCOMPARE(title_of_run("wide-2026"), std::string("wide-2026"));
  QCOMPARE(title_of_run(""), std::string());
}

QTEST_APPLESS_MAIN(TestRunRecord)
#include "test_run_record.moc"
