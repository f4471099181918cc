#include <QPushButton>
#include <QSignalSpy>

#include "backend/graph/project_json.h"
#include "backend/graph/templates.h"
#include "designer/panels/problem_row.h"
#include "designer/panels/problems.h"
#include "tests/designer/panels/panel_fixture.h"

using namespace netwright;

class TestProblems : public QObject {
  Q_OBJECT

 private slots:
  void nothing_wrong();
  void a_mistake_is_listed_and_leads_to_its_layer();
  void a_fix_is_one_undo_step();
  void the_worst_comes_first();

 private:
  /// 5 groups fit neither 1 input channel nor 32 output channels.
  static void make_mistake(SmallNetwork& small) {
    if (!small.document.edit(QStringLiteral("Set groups"),
                             {SetSetting{small.network, small.conv, "groups", std::int64_t{5}}})) {
      qFatal("the mistake can't be made");
    }
    small.document.undo_stack().clear();
  }
  /// The row of the mistaken layer.
  static ProblemRow* row_of(const Problems& problems, const QString& place) {
    for (ProblemRow* row : problems.findChildren<ProblemRow*>()) {
      if (row->findChild<QLabel*>(QStringLiteral("place"))->text() == place) {
        return row;
      }
    }
    return nullptr;
  }
};

void TestProblems::nothing_wrong() {
  Theme::instance().set_appearance(Appearance::Light);
  Document document;
  auto sound = open_template("lenet5");
  QVERIFY(sound);
  document.reset(*std::move(sound));
  Problems problems(document);
  problems.show();
  QCOMPARE(problems.errors(), 0);
  QCOMPARE(problems.warnings(), 0);
  QVERIFY(part<QLabel>(problems, "problems.none")->isVisible());
}

void TestProblems::a_mistake_is_listed_and_leads_to_its_layer() {
  SmallNetwork small;
  Problems problems(small.document);
  problems.resize(900, 300);
  problems.show();
  QSignalSpy counts(&problems, &Problems::counts_changed);
  make_mistake(small);
  QVERIFY(!counts.isEmpty());
  QVERIFY(problems.errors() >= 1);
  ProblemRow* row = row_of(problems, QStringLiteral("conv1"));
  QVERIFY(row != nullptr);
  QVERIFY(!part<QLabel>(*row, "message")->text().isEmpty());
  QSignalSpy requested(&problems, &Problems::layer_requested);
  QTest::mouseClick(row, Qt::LeftButton, {}, QPoint(10, row->height() / 2));
  QCOMPARE(requested.size(), 1);
  QVERIFY(requested[0][0].value<NetworkId>() == small.network);
  QVERIFY(requested[0][1].value<LayerId>() == small.conv);
  row->setFocus();
  QTest::keyClick(row, Qt::Key_Return);
  QCOMPARE(requested.size(), 2);
}

void TestProblems::a_fix_is_one_undo_step() {
  SmallNetwork small;
  make_mistake(small);
  const std::string mistaken = to_json(small.document.project());
  Problems problems(small.document);
  problems.resize(900, 300);
  problems.show();
  ProblemRow* row = row_of(problems, QStringLiteral("conv1"));
  QVERIFY(row != nullptr);
  QTest::mouseClick(part<QPushButton>(*row, "fix.0"), Qt::LeftButton);
  QTRY_COMPARE(small.document.undo_stack().count(), 1);
  QVERIFY(row_of(problems, QStringLiteral("conv1")) == nullptr);
  QVERIFY(small.document.report().is_sound(small.network) || problems.errors() == 0 ||
          small.document.report().find(small.network, small.conv)->is_valid);
  small.document.undo_stack().undo();
  QCOMPARE(to_json(small.document.project()), mistaken);
  QVERIFY(row_of(problems, QStringLiteral("conv1")) != nullptr);
}

void TestProblems::the_worst_comes_first() {
  SmallNetwork small;
  make_mistake(small);
  small.add("ReLU", {});
  Problems problems(small.document);
  const auto& diagnostics = small.document.report().diagnostics;
  QVERIFY(diagnostics.size() >= 2);
  const auto worst = std::max_element(diagnostics.begin(), diagnostics.end(),
                                      [](const Diagnostic& a, const Diagnostic& b) { return a.severity < b.severity; });
  const auto* first = problems.findChild<ProblemRow*>(QStringLiteral("problem.0"));
  QVERIFY(first != nullptr);
  const QString message = first->findChild<QLabel*>(QStringLiteral("message"))->text();
  const auto shown = std::find_if(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& diagnostic) {
    return QString::fromStdString(diagnostic.message).endsWith(message);
  });
  QVERIFY(shown != diagnostics.end());
  QVERIFY(shown->severity == worst->severity);
}

QTEST_MAIN(TestProblems)
#include "test_problems.moc"
