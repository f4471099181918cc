// A sweep is put together by mouse and keyboard; the dialog says what it comes to.

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QTreeWidget>
#include <QTreeWidgetItemIterator>

#include "backend/graph/project_json.h"
#include "backend/run/run_folder.h"
#include "designer/sweep/axis_card.h"
#include "designer/sweep/sweep_dialog.h"
#include "designer/theme/theme.h"

using namespace netwright;

class TestSweepDialog : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    Theme::instance().set_appearance(Appearance::Light);
    folder_ = std::make_unique<QTemporaryDir>();
    project_ = *read_project(NETWRIGHT_SOURCE "/resources/templates/lenet5.netwright");
    open();
  }
  void cleanup() { dialog_.reset(); }

  void proposals_count_at_once() {
    QVERIFY(!queue().isEnabled());
    choose("lr");
    QTRY_COMPARE(queue().text(), QString("Queue 3 runs"));
    QVERIFY(queue().isEnabled());
    QVERIFY(words().startsWith("3 runs"));
    QVERIFY(words().contains("shows with the first one"));
    choose("conv1 out_channels");
    QCOMPARE(field<QLineEdit>("axis.conv1.out_channels", "axis.values").text(), QString("3, 6, 12"));
    QTRY_COMPARE(queue().text(), QString("Queue 9 runs"));
    type("axis.conv1.out_channels", "4, 8, 12, 16");
    QTRY_COMPARE(queue().text(), QString("Queue 12 runs"));

    QSignalSpy asked(dialog_.get(), &SweepDialog::sweep_requested);
    QTest::mouseClick(&queue(), Qt::LeftButton);
    QCOMPARE(asked.count(), 1);
    const auto sweep = asked[0][0].value<Sweep>();
    QCOMPARE(sweep.axes.size(), std::size_t{2});
    QCOMPARE(sweep.axes[1].values.size(), std::size_t{4});
    QCOMPARE(asked[0][1].value<std::vector<Variant>>().size(), std::size_t{12});
    QVERIFY(!dialog_->isVisible());
  }

  void what_does_not_fit_is_said_and_left_out() {
    choose("conv1 kernel_size");
    type("axis.conv1.kernel_size", "3, 5, 40");
    QTRY_COMPARE(queue().text(), QString("Queue 2 runs"));
    const auto* unfit = dialog_->findChild<QLabel*>("sweep.unfit");
    QVERIFY(unfit->isVisible());
    QVERIFY2(unfit->text().startsWith("1 variant doesn't fit and is left out:\nkernel_size 40: conv1"),
             qPrintable(unfit->text()));
    QSignalSpy asked(dialog_.get(), &SweepDialog::sweep_requested);
    QTest::mouseClick(&queue(), Qt::LeftButton);
    QCOMPARE(asked[0][1].value<std::vector<Variant>>().size(), std::size_t{2});
  }

  void values_that_are_none_are_complained_about() {
    choose("batch_size");
    type("axis.recipe.batch_size", "16, many");
    const auto& complaint = field<QLabel>("axis.recipe.batch_size", "axis.complaint");
    QTRY_VERIFY(complaint.isVisible());
    QVERIFY(complaint.text().contains("whole number"));
    QTRY_VERIFY(!queue().isEnabled());
    type("axis.recipe.batch_size", "16, 32, 16");
    QTRY_VERIFY(words().contains("16 stands there twice"));
    type("axis.recipe.batch_size", "");
    QCOMPARE(complaint.text(), QString("Give at least one value"));
    type("axis.recipe.batch_size", "16");
    QTRY_COMPARE(queue().text(), QString("Queue 1 run"));
    QVERIFY(!complaint.isVisible());
  }

  void a_range_is_given_in_the_settings_own_fields() {
    choose("batch_size");
    auto& kind = field<QComboBox>("axis.recipe.batch_size", "axis.kind");
    pick(kind, 1);
    QVERIFY(!field<QLineEdit>("axis.recipe.batch_size", "axis.values").isVisible());
    set_number("axis.recipe.batch_size", "setting.from.0", "8");
    set_number("axis.recipe.batch_size", "setting.to.0", "128");
    set_number("axis.recipe.batch_size", "setting.count.0", "5");
    QTRY_COMPARE(queue().text(), QString("Queue 5 runs"));
    QSignalSpy asked(dialog_.get(), &SweepDialog::sweep_requested);
    QTest::mouseClick(&queue(), Qt::LeftButton);
    const auto variants = asked[0][1].value<std::vector<Variant>>();
    std::vector<std::int64_t> sizes;
    for (const Variant& variant : variants) sizes.push_back(variant.project.recipe.settings.integer("batch_size"));
    QCOMPARE(sizes, (std::vector<std::int64_t>{8, 16, 32, 64, 128}));
  }

  void enter_in_a_field_does_not_start_training() {
    QSignalSpy asked(dialog_.get(), &SweepDialog::sweep_requested);
    choose("batch_size");
    QTRY_VERIFY(queue().isEnabled());
    QTest::keyClick(&field<QLineEdit>("axis.recipe.batch_size", "axis.values"), Qt::Key_Return);
    pick(field<QComboBox>("axis.recipe.batch_size", "axis.kind"), 1);
    QTest::keyClick(&field<QAbstractSpinBox>("axis.recipe.batch_size", "setting.to.0"), Qt::Key_Return);
    QTRY_VERIFY(queue().isEnabled());
    QVERIFY(dialog_->isVisible());
    QCOMPARE(asked.count(), 0);
  }

  void random_draws_have_a_count_and_a_seed() {
    choose("lr");
    choose("amsgrad");
    auto& method = *dialog_->findChild<QComboBox*>("sweep.method");
    pick(method, 1);
    auto& kind = field<QComboBox>("axis.optimiser.lr", "axis.kind");
    pick(kind, 1);
    auto* count = dialog_->findChild<QSpinBox*>("sweep.draws");
    QVERIFY(count->isVisible());
    count->setFocus();
    count->selectAll();
    QTest::keyClicks(count, "20");
    QTest::keyClick(count, Qt::Key_Tab);
    QTRY_COMPARE(queue().text(), QString("Queue 20 runs"));
    QSignalSpy asked(dialog_.get(), &SweepDialog::sweep_requested);
    QTest::mouseClick(&queue(), Qt::LeftButton);
    const auto sweep = asked[0][0].value<Sweep>();
    QVERIFY(sweep.method == SweepMethod::Random && sweep.count == 20 && sweep.seed == 1);
    QVERIFY(sweep.axes[0].range && sweep.axes[0].range->is_log);
  }

  void choices_and_flags_are_ticked() {
    choose("optimiser type");
    QVERIFY(field<QCheckBox>("axis.optimiser.type", "axis.choice.Adam").isChecked());
    for (const char* other : {"SGD", "AdamW", "RMSprop"}) {
      auto& box = field<QCheckBox>("axis.optimiser.type", (std::string("axis.choice.") + other).c_str());
      if (box.isChecked()) QTest::mouseClick(&box, Qt::LeftButton, {}, QPoint(8, box.height() / 2));
    }
    QTRY_COMPARE(queue().text(), QString("Queue 1 run"));
    auto& box = field<QCheckBox>("axis.optimiser.type", "axis.choice.NAdam");
    QTest::mouseClick(&box, Qt::LeftButton, {}, QPoint(8, box.height() / 2));
    QTRY_COMPARE(queue().text(), QString("Queue 2 runs"));
    choose("conv1 bias");
    QTRY_COMPARE(queue().text(), QString("Queue 4 runs"));
  }

  void a_setting_is_taken_away_again() {
    choose("lr");
    choose("batch_size");
    QTRY_COMPARE(queue().text(), QString("Queue 9 runs"));
    QTest::mouseClick(&field<QToolButton>("axis.optimiser.lr", "axis.remove"), Qt::LeftButton);
    QTRY_COMPARE(queue().text(), QString("Queue 3 runs"));
    QVERIFY(!dialog_->findChild<QWidget*>("axis.optimiser.lr"));
    QTest::qWait(QApplication::doubleClickInterval() + 50);
    choose("batch_size");  // a second time in the list: no longer
    QTRY_VERIFY(!queue().isEnabled());
    QVERIFY(!dialog_->findChild<QWidget*>("axis.recipe.batch_size"));
  }

  void the_search_takes_enter() {
    auto* search = dialog_->findChild<QLineEdit*>("sweep.search");
    QTest::keyClicks(search, "dropout-that-isn't");
    const auto* tree = dialog_->findChild<QTreeWidget*>("sweep.settings");
    QCOMPARE(tree->topLevelItem(0)->text(0), QString("No setting is called that"));
    search->clear();
    QTest::keyClicks(search, "fc2 out");
    QTest::keyClick(search, Qt::Key_Return);
    QVERIFY(dialog_->findChild<QWidget*>("axis.fc2.out_features"));
    QVERIFY(dialog_->isVisible());
  }

  void the_last_runs_pace_tells_how_long() {
    const auto run = RunFolder::create_beside(folder_->filePath("a.netwright").toStdU16String(), project_);
    QVERIFY(run);
    auto writer = EventWriter::append_to(run->events_file());
    QVERIFY(writer && writer->write(DoneEvent{.reason = "finished", .epochs = 4, .elapsed = 8}));
    open();
    choose("lr");
    const auto epochs = static_cast<double>(project_.recipe.settings.integer("epochs"));
    const QString each = QString("about %1 s each").arg(2 * epochs, 0, 'g', 3);
    QTRY_VERIFY2(words().contains(each), qPrintable(words() + " / " + each));
  }

 private:
  void open() {
    dialog_ = std::make_unique<SweepDialog>(project_, folder_->filePath("a.netwright"));
    dialog_->show();
    QVERIFY(QTest::qWaitForWindowExposed(dialog_.get()));
  }
  QPushButton& queue() const { return *dialog_->findChild<QPushButton*>("sweep.queue"); }
  QString words() const { return dialog_->findChild<QLabel*>("sweep.count_words")->text(); }

  /// Searches and clicks the first that is found.
  void choose(const QString& search) {
    auto* line = dialog_->findChild<QLineEdit*>("sweep.search");
    line->clear();
    QTest::keyClicks(line, search);
    auto* tree = dialog_->findChild<QTreeWidget*>("sweep.settings");
    QVERIFY(tree->topLevelItem(0) && tree->topLevelItem(0)->child(0));
    const QRect place = tree->visualItemRect(tree->topLevelItem(0)->child(0));
    QTest::mouseClick(tree->viewport(), Qt::LeftButton, {}, place.center());
  }
  /// Ends the test where there is no such widget within the card.
  template <class T>
  T& field(const char* card, const char* name) const {
    auto* found = dialog_->findChild<QWidget*>(card);
    auto* within = found ? found->findChild<T*>(name) : nullptr;
    if (!within) qFatal("no %s in %s", name, card);
    return *within;
  }
  void type(const char* card, const QString& text) {
    auto& line = field<QLineEdit>(card, "axis.values");
    line.setFocus();
    line.selectAll();
    QTest::keyClick(&line, Qt::Key_Delete);
    QTest::keyClicks(&line, text);
  }
  void set_number(const char* card, const char* name, const QString& text) {
    auto& spin = field<QAbstractSpinBox>(card, name);
    spin.setFocus();
    spin.selectAll();
    QTest::keyClicks(&spin, text);
    QTest::keyClick(&spin, Qt::Key_Tab);
  }
  static void pick(QComboBox& combo, int row) {
    combo.setFocus();
    QTest::keyClick(&combo, Qt::Key_Home);
    for (int i = 0; i < row; ++i) QTest::keyClick(&combo, Qt::Key_Down);
    QCOMPARE(combo.currentIndex(), row);
  }

  std::unique_ptr<QTemporaryDir> folder_;
  Project project_;
  std::unique_ptr<SweepDialog> dialog_;
};

QTEST_MAIN(TestSweepDialog)
#include "test_sweep_dialog.moc"
