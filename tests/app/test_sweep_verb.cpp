// `netwright-engine sweep`: trains variants, goes on where it was stopped, and says which are the best trade-offs.

#include <signal.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <nlohmann/json.hpp>

#include "backend/run/run_folder.h"
#include "backend/sweep/sweep_table.h"
#include "tests/support/engine.h"
#include "tests/support/files.h"

using namespace netwright;
using Json = nlohmann::json;

class TestSweepVerb : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    project_ = folder_->filePath("spirals.netwright");
    QVERIFY(QFile::copy(NETWRIGHT_SOURCE "/resources/templates/two_spirals_mlp.netwright", project_));
  }

  void variants_are_trained_and_compared() {
    const QStringList command = {"sweep",           project_,
                                 "--vary",          "learning_rate=0.003,0.03",
                                 "--vary",          "fc1.out_features=4..16:log:2",
                                 "--epochs",        "3",
                                 "--limit-samples", "300"};
    const auto swept = run_engine(command);
    QVERIFY2(swept.code == 0, swept.errors.constData());
    QVERIFY2(swept.output.contains("Run 4 of 4: lr 0.03, out_features 16"), swept.output.constData());
    QVERIFY(swept.output.contains("● "));
    QCOMPARE(runs().size(), std::size_t{4});

    // Again: nothing is trained twice, and the table says what the records do.
    const auto again = run_engine(command + QStringList{"--json", "--against", "macs"});
    QVERIFY2(again.code == 0, again.errors.constData());
    QCOMPARE(again.errors.count("finished before"), 4);
    QCOMPARE(runs().size(), std::size_t{4});
    const Json table = Json::parse(again.output.toStdString());
    QCOMPARE(table["main_figure"].get<std::string>(), std::string("accuracy"));
    QCOMPARE(table["runs"].size(), std::size_t{4});
    int on_front = 0;
    for (const Json& run : table["runs"]) {
      const auto folder = RunFolder::open(run["folder"].get<std::string>());
      QVERIFY(folder);
      const auto project = folder->project();
      QCOMPARE(project->recipe.optimiser_settings.real("lr"), run["values"]["optimiser.lr"].get<double>());
      QCOMPARE(project->recipe.settings.integer("epochs"), std::int64_t{3});
      const auto events = *folder->events();
      double best = 0;
      for (const Event& event : events) {
        const auto* epoch = std::get_if<EpochEvent>(&event);
        if (epoch) best = std::max(best, epoch->held_out.at("accuracy"));
      }
      QCOMPARE(run["main"].get<double>(), best);
      QCOMPARE(run["parameters"].get<std::int64_t>(), std::get<RunEvent>(events.front()).parameters);
      on_front += run["is_on_front"].get<bool>() ? 1 : 0;
    }
    QVERIFY(on_front >= 1);
    // Another sweep is another one, and --anew repeats.
    QCOMPARE(run_engine({"sweep", project_, "--vary", "learning_rate=0.003", "--epochs", "2"}).code, 0);
    QCOMPARE(runs().size(), std::size_t{5});
    QCOMPARE(run_engine({"sweep", project_, "--vary", "learning_rate=0.003", "--epochs", "2", "--anew"}).code, 0);
    QCOMPARE(runs().size(), std::size_t{6});
    QCOMPARE(sweeps_of(project_.toStdString()).size(), std::size_t{3});
    // The project's own file stays alone beside its runs.
    QCOMPARE(QDir(folder_->filePath("spirals.runs")).entryList({"*.netwright", "*.safetensors"}).size(), 0);
  }

  void a_stopped_sweep_goes_on() {
    const QStringList command = {"sweep", project_, "--vary", "recipe.seed=1,2,3", "--epochs", "400"};
    QProcess engine;
    engine.start(NETWRIGHT_BIN "/netwright-engine", command);
    QTRY_VERIFY_WITH_TIMEOUT(runs().size() == 2 && epochs_of(runs().front()) > 1, 120'000);
    ::kill(static_cast<pid_t>(engine.processId()), SIGTERM);
    QVERIFY(engine.waitForFinished(30'000));
    QVERIFY(engine.readAllStandardError().contains("the same command goes on"));
    QCOMPARE(runs().size(), std::size_t{2});  // the third hasn't begun
    const int stopped_at = epochs_of(runs().front());
    QVERIFY(stopped_at < 400);

    const auto rest = run_engine(command);
    QVERIFY2(rest.code == 0, rest.errors.constData());
    QVERIFY(rest.output.contains("Run 1 of 3: seed 1 – finished before"));
    QVERIFY(rest.output.contains("Run 2 of 3: seed 2 – goes on"));
    QCOMPARE(runs().size(), std::size_t{3});
    for (const RunFolder& run : runs()) QCOMPARE(epochs_of(run), 400);
  }

  void what_does_not_fit_is_left_out() {
    QVERIFY(QFile::remove(project_));
    QVERIFY(QFile::copy(NETWRIGHT_SOURCE "/resources/templates/lenet5.netwright", project_));
    const auto listed = run_engine({"sweep", project_, "--vary", "conv1.kernel_size=5,40", "--list"});
    QCOMPARE(listed.code, 0);
    QVERIFY(listed.output.contains("61,706"));  // LeNet-5's parameters
    QVERIFY2(listed.output.contains("conv1"), listed.output.constData());
    const auto none = run_engine({"sweep", project_, "--vary", "conv1.kernel_size=40,41"});
    QCOMPARE(none.code, 1);
    QVERIFY(none.errors.contains("None of the 2 variants can be trained"));
    QVERIFY(runs().empty());
  }

  void random_draws_repeat_by_seed() {
    const QStringList command = {"sweep",    project_, "--vary", "learning_rate=0.001..0.1:log",
                                 "--random", "5",      "--list"};
    const auto first = run_engine(command);
    QCOMPARE(first.code, 0);
    QCOMPARE(first.output.count('\n'), 7);
    QCOMPARE(run_engine(command).output, first.output);
    QVERIFY(run_engine(command + QStringList{"--seed", "2"}).output != first.output);
  }

  void mistakes_in_the_command_are_said() {
    const auto refused = run_engine({"sweep", project_, "--vary", "optimiser.momentum=0.9"});
    QCOMPARE(refused.code, 2);
    QVERIFY(refused.errors.contains("Optimiser (Adam) has no setting momentum"));
    QCOMPARE(run_engine({"sweep", project_}).code, 2);
    QCOMPARE(run_engine({"sweep", project_, "--vary", "learning_rate=0.1", "--seed", "3"}).code, 2);
  }

 private:
  std::vector<RunFolder> runs() const { return runs_of(project_.toStdString()); }
  static int epochs_of(const RunFolder& run) {
    const auto events = run.events();
    int epochs = 0;
    for (const Event& event : events ? *events : std::vector<Event>()) {
      epochs += std::holds_alternative<EpochEvent>(event) ? 1 : 0;
    }
    return epochs;
  }

  std::unique_ptr<QTemporaryDir> folder_;
  QString project_;
};

QTEST_GUILESS_MAIN(TestSweepVerb)
#include "test_sweep_verb.moc"
