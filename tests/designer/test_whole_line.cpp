// The whole line by mouse and keyboard in the real window, with the real engine: the mission's CNN from an empty
// canvas, a mistake and its mend, two epochs of training, save, reopen, undo and redo of everything.

#include <QApplication>
#include <QChart>
#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QLineSeries>
#include <QPushButton>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include "backend/core/safe_file.h"
#include "backend/graph/project_json.h"
#include "backend/run/run_folder.h"
#include "designer/canvas/network_scene.h"
#include "designer/canvas/network_view.h"
#include "designer/main_window.h"
#include "designer/panels/palette.h"
#include "designer/training/live_chart.h"
#include "designer/training/training_panel.h"
#include "tests/designer/person.h"

using namespace netwright;

namespace {

constexpr int patience_ms = 120000;

}  // namespace

class TestWholeLine : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase();
  void draw_the_mission_cnn();
  void make_a_mistake_and_mend_it();
  void train_two_epochs();
  void save_and_reopen_gives_the_same_bytes();
  void undo_everything_redo_everything();

 private:
  template <class T>
  T* find(const QString& name) {
    return person_->find<T>(name);
  }
  const Network& network() { return window_->document().project().networks.front(); }
  std::string bytes() { return to_json(window_->document().project()); }
  LayerId id(const char* name) { return network().find(std::string_view(name))->id; }
  const NetworkReport& report() { return window_->document().report().networks.front(); }

  void add(const QString& type) { person_->add(type); }
  void enter(const QString& setting, int number) { person_->set(setting, QString::number(number)); }

  void select(LayerId layer) {
    NetworkView& view = *window_->view();
    view.focus_layer(layer);
    const QPointF middle = static_cast<NetworkScene*>(view.scene())->item(layer)->rect().center();
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, view.mapFromScene(middle));
    QCOMPARE(view.selection(), std::set<LayerId>{layer});
  }

  int points(const QString& chart) {
    int count = 0;
    auto* shown = window_->findChild<LiveChart*>(chart);
    if (!shown) return 0;  // the engine hasn't said yet what it measures
    for (const QAbstractSeries* series : shown->chart()->series()) {
      if (const auto* line = qobject_cast<const QLineSeries*>(series)) count += static_cast<int>(line->count());
    }
    return count;
  }

  QTemporaryDir folder_;
  std::unique_ptr<MainWindow> window_;
  std::unique_ptr<Person> person_;
  std::string empty_;
};

void TestWholeLine::initTestCase() {
  QStandardPaths::setTestModeEnabled(true);
  QApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
  window_ = std::make_unique<MainWindow>();
  window_->resize(1500, 950);
  window_->show();
  QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
  person_ = std::make_unique<Person>(*window_);
  empty_ = bytes();
}

void TestWholeLine::draw_the_mission_cnn() {
  QVERIFY(network().layers.empty());
  add("Input");
  person_->set("shape", "3, 32, 32");

  const auto convolution = [&](int channels) {
    add("Conv2d");
    enter("out_channels", channels);
    enter("kernel_size", 5);
  };
  const auto dense = [&](int features) {
    add("Linear");
    enter("out_features", features);
  };
  convolution(6);
  add("ReLU");
  add("MaxPool2d");
  convolution(16);
  add("ReLU");
  add("MaxPool2d");
  add("Flatten");
  dense(120);
  add("ReLU");
  dense(84);
  add("ReLU");
  dense(10);
  add("Output");

  QVERIFY2(window_->document().report().is_sound(network().id), "the drawing has errors");
  QCOMPARE(network().layers.size(), std::size_t{14});
  QCOMPARE(*report().totals.parameters, std::int64_t{62006});
  QCOMPARE(*report().totals.macs, std::int64_t{651720});
  QVERIFY2(find<QLabel>("status.totals")->text().contains("62,006"), qPrintable(find<QLabel>("status.totals")->text()));
}

void TestWholeLine::make_a_mistake_and_mend_it() {
  const std::string before = bytes();
  select(id("conv2"));
  enter("groups", 4);  // 6 input channels can't be split into 4 groups
  QVERIFY(!window_->document().report().is_sound(network().id));
  QVERIFY(window_->document().report().find(network().id, id("conv1"))->is_valid);
  QVERIFY(!find<QPushButton>("training.train")->isEnabled());

  // The mistake in Problems: one click mends it.
  QTest::mouseClick(find<QWidget>("status.problems"), Qt::LeftButton);
  auto* fix = find<QWidget>("problem.0")->findChild<QPushButton*>("fix.0");
  QVERIFY(fix);
  QVERIFY(fix->isVisible());
  QTest::mouseClick(fix, Qt::LeftButton);
  QTRY_VERIFY(window_->document().report().is_sound(network().id));
  QCOMPARE(bytes(), before);

  // Both were steps of their own: undone, the mistake is back, then gone.
  QTest::keyClick(window_.get(), Qt::Key_Z, Qt::ControlModifier);
  QVERIFY(!window_->document().report().is_sound(network().id));
  QTest::keyClick(window_.get(), Qt::Key_Z, Qt::ControlModifier);
  QCOMPARE(bytes(), before);
}

void TestWholeLine::train_two_epochs() {
  // Nothing selected: the inspector shows the project and its data.
  person_->select_nothing();
  auto* source = find<QComboBox>("inspector.data_source");
  source->setFocus();
  for (int tries = 0; tries < source->count() && source->currentData().toString() != "shapes"; ++tries) {
    QTest::keyClick(source, Qt::Key_Down);
  }
  QCOMPARE(window_->document().project().data.source, std::string("shapes"));
  auto* form = find<QWidget>("inspector.data_form");
  for (const auto& [field, number] : {std::pair{"train_samples", 400}, {"test_samples", 100}, {"classes", 10}}) {
    person_->type_in("inspector.data_form", field, QString::number(number));
  }
  auto* colour = form->findChild<QCheckBox*>("setting.colour.0");
  QVERIFY(colour);
  QTest::mouseClick(colour, Qt::LeftButton, {}, QPoint(8, colour->height() / 2));
  QCOMPARE(window_->document().project().data.settings.flag("colour"), true);
  QVERIFY2(window_->document().report().is_sound(network().id), "the data doesn't fit");

  person_->type_in("training.recipe_form", "epochs", "2");

  window_->training().engine().set_program(QStringLiteral(NETWRIGHT_BIN "/netwright-engine"));
  QTest::mouseClick(find<QPushButton>("tool.train"), Qt::LeftButton);
  QVERIFY(window_->training().is_running());
  QTRY_VERIFY_WITH_TIMEOUT(points("chart.Loss") > 2, patience_ms);
  QTRY_VERIFY_WITH_TIMEOUT(!window_->training().is_running(), patience_ms);
  QVERIFY(points("chart.Loss") > 2);
  QVERIFY(points("chart.Accuracy") > 2);
  QVERIFY2(!find<QWidget>("training.failure")->isVisible(), "the run failed");
}

void TestWholeLine::save_and_reopen_gives_the_same_bytes() {
  const std::string drawn = bytes();
  const QString path = folder_.filePath("mission.netwright");
  QTimer answer;
  connect(&answer, &QTimer::timeout, this, [&] {
    auto* dialog = window_->findChild<QFileDialog*>("save_dialog");
    if (!dialog || !dialog->isVisible()) return;
    answer.stop();
    QTest::qWait(400);  // the dialog reads its folder in the background
    auto* name = dialog->findChild<QLineEdit*>("fileNameEdit");
    name->selectAll();
    QTest::keyClicks(name, path);
    QTest::keyClick(name, Qt::Key_Return);
  });
  answer.start(50);
  QTest::keyClick(window_.get(), Qt::Key_S, Qt::ControlModifier);
  QVERIFY(!window_->document().is_modified());
  QCOMPARE(*read_file(path.toStdString(), 1 << 20), drawn);

  MainWindow second;
  QVERIFY(bool(second.document().open(path)));
  QCOMPARE(to_json(second.document().project()), drawn);
}

void TestWholeLine::undo_everything_redo_everything() {
  window_->activateWindow();
  QTRY_VERIFY(window_->isActiveWindow());
  const std::string last = bytes();
  int steps = 0;
  while (window_->document().undo_stack().canUndo()) {
    QTest::keyClick(window_.get(), Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(++steps < 500);
  }
  QCOMPARE(bytes(), empty_);
  QVERIFY(steps > 25);
  while (window_->document().undo_stack().canRedo()) {
    QTest::keyClick(window_.get(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(--steps >= 0);
  }
  QCOMPARE(bytes(), last);
}

QTEST_MAIN(TestWholeLine)
#include "test_whole_line.moc"
