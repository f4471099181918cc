#include <QCheckBox>
#include <QComboBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QStyle>
#include <QStyleOptionSpinBox>

#include "backend/graph/project_json.h"
#include "designer/panels/explain.h"
#include "designer/panels/inspector.h"
#include "tests/designer/panels/panel_fixture.h"

using namespace netwright;

class TestInspector : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void cleanup();
  void settings_are_live_and_undoable();
  void a_held_spin_is_one_undo_step();
  void names_are_live_and_undoable();
  void wrong_names_are_refused_in_words();
  void figures_follow_the_settings();
  void mistakes_show_at_their_setting();
  void trainable_only_with_weights();
  void another_layer_forgets_what_was_typed();
  void several_layers();
  void nothing_selected_is_the_project();
  void data_is_chosen_here();
  void weights_begin_as_the_layer_says();
  void explain_puts_numbers_in();

 private:
  void show(LayerId layer) { inspector_->show_selection(small_->network, {layer}); }
  int steps() { return small_->document.undo_stack().count(); }
  QString figure(const char* name) { return part<QLabel>(*inspector_, name)->text(); }

  std::unique_ptr<SmallNetwork> small_;
  std::unique_ptr<Inspector> inspector_;
};

void TestInspector::init() {
  small_ = std::make_unique<SmallNetwork>();
  inspector_ = std::make_unique<Inspector>(small_->document);
  inspector_->resize(400, 800);
  inspector_->show();
  inspector_->activateWindow();
  QVERIFY(QTest::qWaitForWindowActive(inspector_.get()));
}

void TestInspector::cleanup() {
  inspector_.reset();
  small_.reset();
}

void TestInspector::settings_are_live_and_undoable() {
  show(small_->conv);
  const std::string before = to_json(small_->document.project());
  retype_spin(*inspector_, "setting.out_channels.0", QStringLiteral("64"));
  QCOMPARE(small_->layer(small_->conv).settings.integer("out_channels"), std::int64_t{64});
  QCOMPARE(steps(), 1);
  small_->document.undo_stack().undo();
  QCOMPARE(to_json(small_->document.project()), before);
  QCOMPARE(part<NumberSpin>(*inspector_, "setting.out_channels.0")->whole().value_or(0), std::int64_t{32});
}

void TestInspector::a_held_spin_is_one_undo_step() {
  show(small_->conv);
  auto* spin = part<NumberSpin>(*inspector_, "setting.out_channels.0");
  QStyleOptionSpinBox option;
  option.initFrom(spin);
  option.subControls = QStyle::SC_All;
  const QPoint up = spin->style()->subControlRect(QStyle::CC_SpinBox, &option, QStyle::SC_SpinBoxUp, spin).center();
  QTest::mousePress(spin, Qt::LeftButton, {}, up);
  QTRY_VERIFY_WITH_TIMEOUT(small_->layer(small_->conv).settings.integer("out_channels") >= 36, 20000);
  QTest::mouseRelease(spin, Qt::LeftButton, {}, up);
  QCOMPARE(steps(), 1);
  small_->document.undo_stack().undo();
  QCOMPARE(small_->layer(small_->conv).settings.integer("out_channels"), std::int64_t{32});
}

void TestInspector::names_are_live_and_undoable() {
  show(small_->conv);
  auto* name = part<QLineEdit>(*inspector_, "inspector.name");
  QCOMPARE(name->text(), QStringLiteral("conv1"));
  retype(name, QStringLiteral("stem"));
  QCOMPARE(small_->layer(small_->conv).name, std::string("stem"));
  QCOMPARE(steps(), 1);
  small_->document.undo_stack().undo();
  QCOMPARE(name->text(), QStringLiteral("conv1"));
}

void TestInspector::wrong_names_are_refused_in_words() {
  show(small_->conv);
  auto* name = part<QLineEdit>(*inspector_, "inspector.name");
  const auto* words = part<QLabel>(*inspector_, "inspector.name_complaint");
  retype(name, QStringLiteral("relu1"));
  QVERIFY(words->isVisible());
  QVERIFY2(words->text().contains(QStringLiteral("relu1")), qPrintable(words->text()));
  QVERIFY(small_->layer(small_->conv).name != "relu1");
  QTest::keyClicks(name, QStringLiteral(" x"));
  QVERIFY(words->isVisible());
  QTest::keyClick(name, Qt::Key_Escape);
  QVERIFY(!words->isVisible());
  QCOMPARE(name->text().toStdString(), small_->layer(small_->conv).name);
}

void TestInspector::figures_follow_the_settings() {
  show(small_->conv);
  QCOMPARE(figure("figure.Output"), QStringLiteral("32×26×26"));
  QCOMPARE(figure("figure.Parameters"), QStringLiteral("320"));
  QCOMPARE(figure("figure.weight"), QStringLiteral("32×1×3×3"));
  QCOMPARE(figure("figure.Receptive field"), QStringLiteral("3×3"));
  retype_spin(*inspector_, "setting.kernel_size.0", QStringLiteral("5"));
  QCOMPARE(figure("figure.Output"), QStringLiteral("32×24×24"));
  QCOMPARE(figure("figure.Parameters"), QStringLiteral("832"));
  QCOMPARE(figure("figure.weight"), QStringLiteral("32×1×5×5"));
}

void TestInspector::mistakes_show_at_their_setting() {
  show(small_->conv);
  retype_spin(*inspector_, "setting.groups.0", QStringLiteral("5"));
  const auto* words = part<QLabel>(*inspector_, "complaint.groups");
  const auto* other = part<QLabel>(*inspector_, "complaint.out_channels");
  QVERIFY(words->isVisible() || other->isVisible());
  small_->document.undo_stack().undo();
  QVERIFY(!words->isVisible() && !other->isVisible());
}

void TestInspector::trainable_only_with_weights() {
  show(small_->relu);
  auto* box = part<QCheckBox>(*inspector_, "inspector.trainable");
  QVERIFY(!box->isVisible());
  show(small_->conv);
  QVERIFY(box->isVisible());
  QVERIFY(box->isChecked());
  box->setFocus();
  QTest::keyClick(box, Qt::Key_Space);
  QVERIFY(!small_->layer(small_->conv).trainable);
  small_->document.undo_stack().undo();
  QVERIFY(box->isChecked());
}

void TestInspector::another_layer_forgets_what_was_typed() {
  const LayerId other = small_->add("Conv2d", {});
  show(small_->conv);
  retype_spin(*inspector_, "setting.out_channels.0", QStringLiteral("x"));
  QVERIFY(part<QLabel>(*inspector_, "complaint.out_channels")->isVisible());
  show(other);
  QVERIFY(!part<QLabel>(*inspector_, "complaint.out_channels")->isVisible());
  QCOMPARE(part<NumberSpin>(*inspector_, "setting.out_channels.0")->text(), QStringLiteral("32"));
}

void TestInspector::several_layers() {
  inspector_->show_selection(small_->network, {small_->conv, small_->relu});
  QCOMPARE(part<QLabel>(*inspector_, "inspector.count")->text(), QStringLiteral("2 layers"));
  auto* box = part<QCheckBox>(*inspector_, "inspector.all_trainable");
  QVERIFY(box->isVisible());
  QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(8, box->height() / 2));
  QVERIFY(!small_->layer(small_->conv).trainable);
  QCOMPARE(steps(), 1);
  QSignalSpy removed(inspector_.get(), &Inspector::delete_requested);
  QTest::mouseClick(part<QPushButton>(*inspector_, "inspector.delete"), Qt::LeftButton);
  QCOMPARE(removed.size(), 1);
  QSignalSpy blocked(inspector_.get(), &Inspector::block_requested);
  QTest::mouseClick(part<QPushButton>(*inspector_, "inspector.make_block"), Qt::LeftButton);
  QCOMPARE(blocked.size(), 1);
}

void TestInspector::nothing_selected_is_the_project() {
  inspector_->show_selection(small_->network, {});
  retype(part<QLineEdit>(*inspector_, "inspector.project_name"), QStringLiteral("Shirts"));
  QCOMPARE(small_->document.project().name, std::string("Shirts"));
  QCOMPARE(steps(), 1);
  auto* note = part<QPlainTextEdit>(*inspector_, "inspector.note");
  note->setFocus();
  QTest::keyClicks(note, QStringLiteral("why"));
  QCOMPARE(small_->document.project().note, std::string("why"));
  QCOMPARE(steps(), 2);
  small_->document.undo_stack().undo();
  QVERIFY(note->toPlainText().isEmpty());
}

void TestInspector::data_is_chosen_here() {
  inspector_->show_selection(small_->network, {});
  auto* source = part<QComboBox>(*inspector_, "inspector.data_source");
  const int spirals = source->findData(QStringLiteral("two-spirals"));
  QVERIFY(spirals > 0);
  source->setFocus();
  while (source->currentIndex() != spirals) {
    QTest::keyClick(source, Qt::Key_Down);
  }
  QCOMPARE(small_->document.project().data.source, std::string("two-spirals"));
  QVERIFY(part<QLabel>(*inspector_, "inspector.data_words")->text().contains(QStringLiteral("2 classes")));
  while (small_->document.undo_stack().canUndo()) {
    small_->document.undo_stack().undo();
  }
  QCOMPARE(source->currentIndex(), 0);
}

void TestInspector::weights_begin_as_the_layer_says() {
  inspector_->show_selection(small_->network, {small_->relu});
  auto* ways = part<QComboBox>(*inspector_, "inspector.initialisation");
  QVERIFY(!ways->isVisible());  // it has no weights
  inspector_->show_selection(small_->network, {small_->conv});
  QVERIFY(ways->isVisible());
  QCOMPARE(ways->currentText(), QStringLiteral("as the recipe (default)"));
  ways->setFocus();
  while (ways->currentText() != QStringLiteral("orthogonal")) {
    const int before = ways->currentIndex();
    QTest::keyClick(ways, Qt::Key_Down);
    QVERIFY(ways->currentIndex() != before);
  }
  QCOMPARE(small_->layer(small_->conv).initialisation, std::string("orthogonal"));
  while (small_->document.undo_stack().canUndo()) {
    small_->document.undo_stack().undo();
  }
  QCOMPARE(ways->currentIndex(), 0);

  Recipe recipe = small_->document.project().recipe;
  recipe.settings.set("initialisation", std::string("kaiming_normal"));
  QVERIFY(small_->document.edit(QString(), {SetRecipe{recipe}}));
  QCOMPARE(ways->currentText(), QStringLiteral("as the recipe (kaiming_normal)"));
}

void TestInspector::explain_puts_numbers_in() {
  Explain explain(small_->document);
  explain.show();
  explain.show_layer(small_->network, small_->conv);
  const auto* formulas = part<QLabel>(explain, "explain.formulas");
  QVERIFY2(formulas->text().contains(QStringLiteral("= <b>26</b>")), qPrintable(formulas->text()));
  QVERIFY(formulas->text().contains(QStringLiteral("= <b>320</b>")));
  QVERIFY(part<QLabel>(explain, "explain.settings")->text().contains(QStringLiteral("kernel_size")));
  const auto done =
      small_->document.edit(QString(), {SetSetting{small_->network, small_->conv, "kernel_size", Integers{5, 5}}});
  QVERIFY(done);
  QVERIFY(formulas->text().contains(QStringLiteral("= <b>24</b>")));
  explain.show_layer(small_->network, {});
  QVERIFY(!formulas->isVisible());
  QVERIFY(part<QLabel>(explain, "explain.words")->isVisible());
}

QTEST_MAIN(TestInspector)
#include "test_inspector.moc"
