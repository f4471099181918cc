#include <QDoubleSpinBox>
#include <QSignalSpy>
#include <QTreeView>

#include "designer/panels/summary.h"
#include "designer/panels/summary_model.h"
#include "tests/designer/panels/panel_fixture.h"

using namespace netwright;

class TestSummaryPanel : public QObject {
  Q_OBJECT

 private slots:
  void rows_are_the_layers_in_order();
  void totals_follow_edits();
  void click_chooses_the_layer();
  void selection_from_the_canvas_is_quiet();
  void the_largest_batch_fits_the_memory();
  void what_was_measured_stands_beside();

 private:
  static QString cell(const QTreeView& table, int row, int column) {
    return table.model()->index(row, column).data().toString();
  }
};

void TestSummaryPanel::rows_are_the_layers_in_order() {
  SmallNetwork small;
  Summary summary(small.document);
  summary.show_network(small.network);
  const auto& table = *part<QTreeView>(summary, "summary.table");
  QCOMPARE(table.model()->rowCount(), 4);
  QCOMPARE(cell(table, 0, SummaryModel::NameColumn), QStringLiteral("input1"));
  QCOMPARE(cell(table, 1, SummaryModel::NameColumn), QStringLiteral("conv1"));
  QCOMPARE(cell(table, 1, SummaryModel::OutputColumn), QStringLiteral("32×26×26"));
  QCOMPARE(cell(table, 1, SummaryModel::ParametersColumn), QStringLiteral("320"));
  QCOMPARE(cell(table, 1, SummaryModel::FieldColumn), QStringLiteral("3×3"));
  QCOMPARE(table.model()->index(1, 0).data(SummaryModel::ShareRole).toDouble(), 1.0);
  QCOMPARE(cell(table, 3, SummaryModel::NameColumn), QStringLiteral("output1"));
}

void TestSummaryPanel::totals_follow_edits() {
  SmallNetwork small;
  Summary summary(small.document);
  summary.show_network(small.network);
  QCOMPARE(part<QLabel>(summary, "totals.parameters")->text(), QStringLiteral("320"));
  QCOMPARE(part<QLabel>(summary, "totals.field")->text(), QStringLiteral("3×3"));
  const auto done =
      small.document.edit(QString(), {SetSetting{small.network, small.conv, "out_channels", std::int64_t{64}}});
  QVERIFY(done);
  QCOMPARE(part<QLabel>(summary, "totals.parameters")->text(), QStringLiteral("640"));
  QCOMPARE(cell(*part<QTreeView>(summary, "summary.table"), 1, SummaryModel::ParametersColumn), QStringLiteral("640"));
}

void TestSummaryPanel::click_chooses_the_layer() {
  SmallNetwork small;
  Summary summary(small.document);
  summary.resize(500, 500);
  summary.show_network(small.network);
  summary.show();
  QSignalSpy chosen(&summary, &Summary::layer_chosen);
  auto& table = *part<QTreeView>(summary, "summary.table");
  QTest::mouseClick(table.viewport(), Qt::LeftButton, {}, table.visualRect(table.model()->index(2, 0)).center());
  QVERIFY(!chosen.isEmpty());
  QVERIFY(chosen.back()[1].value<LayerId>() == small.relu);
  QTest::keyClick(&table, Qt::Key_Up);
  QVERIFY(chosen.back()[1].value<LayerId>() == small.conv);
}

void TestSummaryPanel::selection_from_the_canvas_is_quiet() {
  SmallNetwork small;
  Summary summary(small.document);
  summary.show_network(small.network);
  QSignalSpy chosen(&summary, &Summary::layer_chosen);
  summary.set_selected({small.conv, small.output});
  const auto& table = *part<QTreeView>(summary, "summary.table");
  QCOMPARE(table.selectionModel()->selectedRows().size(), 2);
  QVERIFY(chosen.isEmpty());
  // The selection outlives an edit that adds a row.
  small.add("Dropout", {});
  QCOMPARE(table.selectionModel()->selectedRows().size(), 2);
  QVERIFY(chosen.isEmpty());
}

void TestSummaryPanel::the_largest_batch_fits_the_memory() {
  SmallNetwork small;
  Summary summary(small.document);
  summary.show_network(small.network);
  auto* memory = part<QDoubleSpinBox>(summary, "memory.size");
  const auto* largest = part<QLabel>(summary, "memory.largest");
  const auto batch = [&] { return largest->text().remove(QLatin1Char(',')).toLongLong(); };
  const Totals totals = small.document.report().find(small.network)->totals;
  const auto fits = [&](qint64 samples) {
    return static_cast<double>(*totals.training_bytes(samples)) <= memory->value() * 1024 * 1024 * 1024;
  };
  const qint64 first = batch();
  QVERIFY(first > 0 && fits(first) && !fits(first + 1));
  memory->setFocus();
  memory->selectAll();
  QTest::keyClicks(memory, QStringLiteral("1"));
  QTest::keyClick(memory, Qt::Key_Return);
  QVERIFY(batch() > 0 && batch() < first && fits(batch()) && !fits(batch() + 1));
  // Where nothing is known, nothing is said.
  QVERIFY(small.document.edit(QString(), {Disconnect{small.network, {{small.input, 0}, {small.conv, 0}}}}));
  QCOMPARE(largest->text(), QStringLiteral("–"));
}

void TestSummaryPanel::what_was_measured_stands_beside() {
  SmallNetwork small;
  Summary summary(small.document);
  summary.show_network(small.network);
  const auto* words = part<QLabel>(summary, "memory.batch");
  const QString predicted = words->text();
  const QString name = QString::fromStdString(small.document.project().networks.front().name);
  summary.show_measured(QStringLiteral("another"), 3 << 20, 64);
  QCOMPARE(words->text(), predicted);
  summary.show_measured(name, 3 << 20, 64);
  QVERIFY2(words->text().contains(QStringLiteral("3.00 MiB")), qPrintable(words->text()));
  small.document.reset(empty_project());
  summary.show_network(small.document.project().networks.front().id);
  QVERIFY(!words->text().contains(QStringLiteral("3.00 MiB")));
}

QTEST_MAIN(TestSummaryPanel)
#include "test_summary_panel.moc"
