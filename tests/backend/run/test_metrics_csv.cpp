#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <limits>

#include "backend/core/csv_text.h"
#include "backend/run/metrics_csv.h"
#include "tests/designer/training/recorded_runs.h"
#include "tests/support/files.h"

using namespace netwright;

namespace {

/// The rows as Python's csv module reads them.
QJsonArray read_by_python(const std::string& csv) {
  const QTemporaryDir folder;
  const QString file = folder.filePath("metrics.csv");
  if (!put_file(file, QByteArray::fromStdString(csv))) qFatal("can't write");
  const QString json = run_python(
      "import csv, json, sys\n"
      "print(json.dumps(list(csv.reader(open(sys.argv[1], newline='', encoding='utf-8'), strict=True))))",
      {file});
  return QJsonDocument::fromJson(json.toUtf8()).array();
}

QStringList row_of(const QJsonArray& rows, int row) {
  QStringList fields;
  for (const QJsonValue& field : rows[row].toArray()) fields << field.toString();
  return fields;
}

}  // namespace

class TestMetricsCsv : public QObject {
  Q_OBJECT

 private slots:
  void fields_are_quoted_where_they_must_be();
  void numbers_come_back_as_they_were();
  void a_row_per_step_and_per_epoch();
  void figures_have_their_own_columns();
  void what_is_no_number_is_told_from_what_is_missing();
  void an_empty_record_has_a_header();
};

void TestMetricsCsv::fields_are_quoted_where_they_must_be() {
  QCOMPARE(csv_field("plain words"), std::string("plain words"));
  const std::vector<std::string> fields{"a,b", "say \"so\"", "two\nlines", "", "Fréchet"};
  const QJsonArray rows = read_by_python(csv_row(fields) + csv_row({"x", "", "", "", "y"}));
  QCOMPARE(rows.size(), 2);
  QCOMPARE(row_of(rows, 0), (QStringList{"a,b", "say \"so\"", "two\nlines", "", QString::fromUtf8("Fréchet")}));
}

void TestMetricsCsv::numbers_come_back_as_they_were() {
  for (const double value : {0.1, 1.0 / 3, 1e-300, 6.02214076e23, -0.0, 12345678.9, 5e-324}) {
    QCOMPARE(std::strtod(csv_number(value).c_str(), nullptr), value);
  }
  QCOMPARE(csv_number(std::nan("")), std::string("nan"));
  QCOMPARE(csv_number(-std::nan("")), std::string("nan"));
  QCOMPARE(csv_number(-std::numeric_limits<double>::infinity()), std::string("-inf"));
  QCOMPARE(csv_number(3), std::string("3"));
}

void TestMetricsCsv::a_row_per_step_and_per_epoch() {
  std::vector<Event> events = classification_events();
  events.insert(events.begin() + 50, MessageEvent{"info", "said"});
  events.emplace_back(DoneEvent{});
  const QJsonArray rows = read_by_python(metrics_csv(events));
  QCOMPARE(rows.size(), 1 + 200 + 2);
  QCOMPARE(row_of(rows, 0), (QStringList{"kind", "step", "epoch", "elapsed", "learning_rate", "samples_per_second",
                                         "loss", "accuracy", "held_out_loss", "held_out_accuracy"}));
  const QStringList step = row_of(rows, 1);
  QCOMPARE(step.mid(0, 3), (QStringList{"step", "1", "0.01"}));
  QCOMPARE(step[3].toDouble(), 0.1);
  QCOMPARE(step[4], QString("0.001"));
  QCOMPARE(step[6].toDouble(), 2.3 * std::exp(-1 / 80.0));
  QCOMPARE(step.mid(8), (QStringList{"", ""}));
  const QStringList epoch = row_of(rows, 101);
  QCOMPARE(epoch.mid(0, 3), (QStringList{"epoch", "100", "1"}));
  QCOMPARE(epoch[4], QString());
  QCOMPARE(epoch[6].toDouble(), 2 * std::exp(-100 / 80.0));
  QCOMPARE(epoch[8].toDouble(), 2.1 * std::exp(-100 / 80.0));
  QCOMPARE(epoch[9].toDouble(), 0.85 - std::exp(-100 / 80.0));
}

void TestMetricsCsv::figures_have_their_own_columns() {
  const QJsonArray rows = read_by_python(metrics_csv(adversarial_events()));
  // As announced; what is measured on the held-out split alone has no column of the training's.
  QCOMPARE(row_of(rows, 0).mid(6),
           (QStringList{"g_loss", "d_loss", "d_real", "d_fake", "g_norm", "d_norm", "diversity", "held_out_frechet"}));
  QCOMPARE(row_of(rows, 101).last().toDouble(), 1.0);
}

void TestMetricsCsv::what_is_no_number_is_told_from_what_is_missing() {
  const RunEvent run = classification_run();
  const std::string csv = metrics_csv(
      {run, step_of(run, 1, {{"loss", std::nan("")}, {"odd, \"name\"", 1}}), step_of(run, 2, {{"loss", 1}})});
  const QJsonArray rows = read_by_python(csv);
  QCOMPARE(row_of(rows, 0).mid(6), (QStringList{"loss", "odd, \"name\""}));
  QCOMPARE(row_of(rows, 1).mid(6), (QStringList{"nan", "1"}));
  QCOMPARE(row_of(rows, 2).mid(6), (QStringList{"1", ""}));
}

void TestMetricsCsv::an_empty_record_has_a_header() {
  QCOMPARE(metrics_csv({}), std::string("kind,step,epoch,elapsed,learning_rate,samples_per_second\n"));
}

QTEST_APPLESS_MAIN(TestMetricsCsv)
#include "test_metrics_csv.moc"
