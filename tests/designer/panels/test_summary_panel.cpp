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

QTEST_MAIN(TestSummaryPanel)
#include "test_summary_panel.moc"
