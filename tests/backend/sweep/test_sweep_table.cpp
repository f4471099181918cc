// Sweeps as their run folders tell of them.

#include <QTemporaryDir>
#include <QTest>

#include "backend/graph/project_json.h"
#include "backend/sweep/sweep_table.h"
#include "backend/sweep/sweep_text.h"
#include "backend/sweep/variants.h"
#include "tests/support/files.h"

using namespace netwright;
namespace fs = std::filesystem;

namespace {

constexpr const char* id = "2026-11-26T10-00-00Z-sweep";

RunEvent begun() {
  RunEvent run;
  run.figures = {{.name = "loss", .title = "Loss", .chart = "Loss", .better = "lower"},
                 {.name = "accuracy", .title = "Accuracy", .chart = "Accuracy", .is_share = true, .better = "higher"}};
  run.main_figure = "accuracy";
  return run;
}

EpochEvent epoch(int number, double accuracy, double seconds) {
  EpochEvent event;
  event.epoch = number;
  event.held_out = {{"accuracy", accuracy}};
  event.elapsed = seconds;
  return event;
}

DoneEvent done(const char* reason, double seconds) {
  DoneEvent event;
  event.reason = reason;
  event.elapsed = seconds;
  return event;
}

}  // namespace

class TestSweepTable : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    project_file_ = path_of(folder_->filePath("spirals.netwright"));
    project_ = *read_project(NETWRIGHT_SOURCE "/resources/templates/two_spirals_mlp.netwright");
    sweep_ = *checked(project_, {.id = id, .axes = {*axis_from_text(project_, "fc1.out_features=8,16,32")}});
    variants_ = *variants_of(project_, sweep_);
  }

  void a_table_of_runs() {
    // In another order than the sweep's, one under way, and one that belongs to no sweep.
    write("c", 2, {begun(), epoch(1, 0.9, 2), epoch(2, 0.8, 4), done("finished", 4.5)});
    write("d", 0, {begun(), epoch(1, 0.9, 3), done("finished", 3)});
    write("e", 1, {begun(), epoch(1, 0.7, 1)});
    QVERIFY(RunFolder::create(runs_folder_of(project_file_) / "z", project_));
    const auto table = read_sweep(project_file_, id);
    QVERIFY2(table, table ? "" : table.error().message.c_str());
    QVERIFY(table->sweep == sweep_);
    QCOMPARE(table->count, 3);
    QCOMPARE(table->rows.size(), std::size_t{3});
    QCOMPARE(table->main_figure->name, std::string("accuracy"));
    const SweepRow& last = table->rows[2];
    QCOMPARE(last.index, 2);
    QVERIFY(last.values == std::vector<Value>{std::int64_t{32}});
    QCOMPARE(*last.main, 0.9);  // the best, not the last
    QCOMPARE(*last.seconds, 4.5);
    QCOMPARE(last.epochs, 2);
    QCOMPARE(last.ending, std::string("finished"));
    QVERIFY(last.parameters == variants_[2].parameters && last.macs == variants_[2].macs && last.macs);
    QCOMPARE(table->rows[1].ending, std::string());
    QCOMPARE(*table->rows[1].main, 0.7);

    QCOMPARE(rows_by_main(*table), (std::vector<std::size_t>{0, 2, 1}));
    // As good with fewer parameters beats it; of the seconds, the one that went on least is cheapest.
    QCOMPARE(front_of(*table, SweepCost::Parameters), (std::vector<bool>{true, false, false}));
    QCOMPARE(front_of(*table, SweepCost::Seconds), (std::vector<bool>{true, true, false}));
    QCOMPARE(sweeps_of(project_file_).size(), std::size_t{1});
    QVERIFY(!read_sweep(project_file_, "another"));
  }

  void rows_are_read_again_only_where_their_record_grew() {
    write("a", 0, {begun(), epoch(1, 0.5, 1)});
    write("b", 1, {begun(), epoch(1, 0.6, 1), done("finished", 1)});
    SweepTable table = *read_sweep(project_file_, id);
    table.rows[1].seconds = 77;  // to be told from what the record says
    append("a", {epoch(2, 0.8, 2)});
    table = *read_sweep(project_file_, id, table);
    QCOMPARE(*table.rows[0].main, 0.8);
    QCOMPARE(*table.rows[1].seconds, 77.0);
    QVERIFY(table.main_figure.has_value());
  }

  void of_two_runs_of_a_variant_the_finished_one_counts() {
    write("a", 0, {begun(), epoch(1, 0.5, 1), done("finished", 1)});
    write("b", 0, {begun(), epoch(1, 0.9, 1)});
    QCOMPARE(*read_sweep(project_file_, id)->rows[0].main, 0.5);
    write("c", 0, {begun(), epoch(1, 0.6, 1), done("finished", 1)});
    const auto table = read_sweep(project_file_, id);
    QCOMPARE(table->rows.size(), std::size_t{1});
    QCOMPARE(*table->rows[0].main, 0.6);
  }

  void damaged_files_are_said_and_left_out() {
    write("a", 0, {begun(), epoch(1, 0.5, 1)});
    write("b", 1, {begun()});
    QVERIFY(put_file(folder_->filePath("spirals.runs/b/sweep.json"), "{\"format\": \"netwright-sweep-run\""));
    QCOMPARE(read_sweep(project_file_, id)->rows.size(), std::size_t{1});
    QVERIFY(!read_sweep_run(runs_folder_of(project_file_) / "b"));
    QVERIFY(put_file(folder_->filePath("spirals.runs/b/sweep.json"), "[]"));
    QVERIFY(!read_sweep_run(runs_folder_of(project_file_) / "b"));
  }

  void a_run_without_a_better_way_has_no_front() {
    RunEvent run = begun();
    run.figures[1].better.clear();
    write("a", 0, {run, epoch(1, 0.5, 1)});
    const auto table = read_sweep(project_file_, id);
    QVERIFY(!table->main_figure && !table->rows[0].main);
    QCOMPARE(front_of(*table, SweepCost::Macs), std::vector<bool>{false});
  }

 private:
  void write(const char* name, int index, const std::vector<Event>& events) {
    const fs::path path = runs_folder_of(project_file_) / name;
    const Variant& variant = variants_[static_cast<std::size_t>(index)];
    QVERIFY(write_sweep_run(path, {sweep_, index, 3, variant.values}));
    QVERIFY(RunFolder::create(path, variant.project));
    append(name, events);
  }
  void append(const char* name, const std::vector<Event>& events) {
    auto writer = EventWriter::append_to(runs_folder_of(project_file_) / name / "events.jsonl");
    QVERIFY(writer);
    for (const Event& event : events) QVERIFY(writer->write(event));
  }

  std::unique_ptr<QTemporaryDir> folder_;
  fs::path project_file_;
  Project project_;
  Sweep sweep_;
  std::vector<Variant> variants_;
};

QTEST_GUILESS_MAIN(TestSweepTable)
#include "test_sweep_table.moc"
