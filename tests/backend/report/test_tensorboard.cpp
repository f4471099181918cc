#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <nlohmann/json.hpp>

#include "backend/report/tensorboard.h"
#include "tests/support/python_oracle.h"

using namespace netwright;

namespace {

RunEvent small_run(std::int64_t validation_samples = 100) {
  RunEvent run;
  run.started = "2026-05-01T10:00:00Z";
  run.validation_samples = validation_samples;
  return run;
}

StepEvent small_step(std::int64_t number) {
  StepEvent step;
  step.step = number;
  step.elapsed = 0.5 * static_cast<double>(number);
  step.figures = {{"loss", 1.0 / static_cast<double>(number)}, {"accuracy", 0.5}};
  step.learning_rate = 0.01;
  step.samples_per_second = 1000;
  return step;
}

EpochEvent small_epoch(std::int64_t step) {
  EpochEvent epoch;
  epoch.epoch = 1;
  epoch.step = step;
  epoch.elapsed = 0.5 * static_cast<double>(step);
  epoch.train = {{"loss", 0.25}};
  epoch.held_out = {{"loss", 0.5}};
  return epoch;
}

/// What an independent reader finds; throws what it said.
nlohmann::json scalars_in(const QTemporaryDir& run) {
  const QString folder = run.filePath("tensorboard");
  const QString complaint = run_python_torch("backend/report/tensorboard_oracle.py", {folder});
  if (!complaint.isEmpty()) throw std::runtime_error(complaint.toStdString());
  QFile file(folder + "/scalars.json");
  if (!file.open(QIODevice::ReadOnly)) throw std::runtime_error("no scalars");
  return nlohmann::json::parse(file.readAll().toStdString());
}

}  // namespace

class TensorBoardTest : public QObject {
  Q_OBJECT

 private slots:
  void the_checksum_is_castagnolis() {
    // RFC 3720, appendix B.4.
    QCOMPARE(crc32c("123456789"), 0xe3069283U);
    QCOMPARE(crc32c(std::string(32, '\0')), 0x8a9136aaU);
    QCOMPARE(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
    QCOMPARE(crc32c(""), 0U);
  }

  void an_independent_reader_finds_every_scalar() {
    QTemporaryDir run;
    auto writer = TensorBoardWriter::begin(run.path().toStdString(), {});
    QVERIFY(writer);
    LayersEvent layers;
    layers.step = 2;
    layers.layers = {{"conv1", {{"weight_norm", 1.5}}}};
    DoneEvent done;
    done.test = {{"loss", 0.75}};
    done.elapsed = 9;
    for (const Event& event : std::vector<Event>{small_run(), small_step(1), layers, small_step(300), small_epoch(300),
                                                 MessageEvent{"info", "no scalar"}, done}) {
      QVERIFY(writer->write(event));
    }
    const nlohmann::json scalars = scalars_in(run);
    QCOMPARE(scalars.size(), 2U * 4 + 1 + 2 + 1);
    const double began = 1777629600;  // 2026-05-01T10:00:00Z
    QVERIFY(scalars[0] == nlohmann::json({"train/accuracy", 1, began + 0.5, 0.5}));
    QVERIFY(scalars[1] == nlohmann::json({"train/loss", 1, began + 0.5, 1.0}));
    QVERIFY(scalars[2][0] == nlohmann::json("learning_rate"));
    QVERIFY(std::abs(scalars[2][3].get<double>() - 0.01) < 1e-9);
    QVERIFY(scalars[4] == nlohmann::json({"layers/conv1/weight_norm", 2, began + 0.5, 1.5}));
    QVERIFY(scalars[8][0] == nlohmann::json("samples_per_second"));
    QVERIFY(scalars[8][1] == nlohmann::json(300));
    QVERIFY(scalars[9] == nlohmann::json({"train_epoch/loss", 300, began + 150, 0.25}));
    QVERIFY(scalars[10] == nlohmann::json({"validation/loss", 300, began + 150, 0.5}));
    QVERIFY(scalars[11] == nlohmann::json({"final_test/loss", 300, began + 9, 0.75}));
    const QStringList files = QDir(run.filePath("tensorboard")).entryList({"events.out.tfevents.*"});
    QCOMPARE(files.size(), 1);
    QVERIFY(files.front().section('.', 3, 3).toLongLong() > 1'700'000'000);
  }

  void it_can_be_watched_while_it_is_written() {
    QTemporaryDir run;
    auto writer = TensorBoardWriter::begin(run.path().toStdString(), {});
    QVERIFY(writer);
    QCOMPARE(scalars_in(run).size(), 0U);
    QVERIFY(writer->write(small_run()));
    QVERIFY(writer->write(small_step(1)));
    QCOMPARE(scalars_in(run).size(), 4U);
    QVERIFY(writer->write(small_step(2)));
    QCOMPARE(scalars_in(run).size(), 8U);
  }

  void a_resumed_runs_file_is_written_anew_from_its_record() {
    QTemporaryDir run;
    {
      auto first = TensorBoardWriter::begin(run.path().toStdString(), {});
      QVERIFY(first);
      for (const Event& event : std::vector<Event>{small_run(0), small_step(1), small_step(2), small_step(3)}) {
        QVERIFY(first->write(event));
      }
    }
    // The record was cut after step 2.
    auto second = TensorBoardWriter::begin(run.path().toStdString(), {small_run(0), small_step(1), small_step(2)});
    QVERIFY(second);
    QVERIFY(second->write(small_step(3)));
    QVERIFY(second->write(small_epoch(3)));
    const nlohmann::json scalars = scalars_in(run);
    std::vector<std::int64_t> steps;
    for (const auto& scalar : scalars) {
      if (scalar[0] == "train/loss") steps.push_back(scalar[1]);
    }
    QCOMPARE(steps, (std::vector<std::int64_t>{1, 2, 3}));
    QVERIFY(scalars.back()[0] == nlohmann::json("test/loss"));  // there is no validation split
  }

  void where_it_cannot_be_written_it_says_so() {
    QTemporaryDir run;
    QFile file(run.filePath("tensorboard"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    const auto writer = TensorBoardWriter::begin(run.path().toStdString(), {});
    QVERIFY(!writer);
    QVERIFY(!writer.error().message.empty());
  }
};

QTEST_MAIN(TensorBoardTest)
#include "test_tensorboard.moc"
