#include <QChart>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QLineSeries>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeWidget>
#include <cmath>

#include "backend/graph/gestures.h"
#include "backend/graph/project_json.h"
#include "backend/run/run_folder.h"
#include "designer/theme/theme.h"
#include "designer/training/data_preview.h"
#include "designer/training/live_chart.h"
#include "designer/training/training_panel.h"
#include "tests/designer/training/panel_on_spirals.h"
#include "tests/designer/training/recorded_runs.h"

using namespace netwright;

namespace {

constexpr int patience_ms = 30000;
constexpr int steps_before_commands = 30;

QByteArray line_of(const Event& event) {
  return "cat <<'END_OF_LINE' | tee -a \"$4/events.jsonl\"\n" + QByteArray::fromStdString(to_line(event)) +
         "\nEND_OF_LINE\n";
}

StepEvent step_at(int number) {
  return step_of(classification_run(), number,
                 {{"loss", 2.3 * std::exp(-number / 40.0)}, {"accuracy", 1 - std::exp(-number / 40.0)}});
}

/// Tells steps at once, answers each command as the engine does, and ends when told to stop.
QByteArray obedient_engine() {
  RunEvent run = classification_run();
  run.name = "spirals";
  run.epochs = 2;
  run.classes = {"inner", "outer"};
  QByteArray body = "mkdir -p \"$4\"; cp \"$2\" \"$4/project.json\"\n" + line_of(run);
  for (int i = 1; i <= steps_before_commands; ++i) body += line_of(step_at(i));
  EpochEvent epoch;
  epoch.epoch = 1;
  epoch.held_out = {{"loss", 0.5}, {"accuracy", 0.75}};
  ConfusionEvent confusion;
  confusion.epoch = 1;
  confusion.counts = {{8, 2}, {3, 7}};
  DoneEvent done;
  done.reason = "stopped";
  done.epochs = 1;
  done.best = 0.75;
  body += "while read -r line; do case \"$line\" in\n";
  body += "*pause*)\n" + line_of(CommandEvent{30, {Command::Kind::Pause}}) + ";;\n";
  body += "*resume*)\n" + line_of(CommandEvent{30, {Command::Kind::Resume}}) + line_of(step_at(31)) + ";;\n";
  body += "*0.0005*)\n" + line_of(CommandEvent{31, {Command::Kind::Set, "learning_rate", 0.0005}}) +
          line_of(step_at(32)) + line_of(epoch) + line_of(confusion) + ";;\n";
  body += "*stop*)\n" + line_of(CommandEvent{32, {Command::Kind::Stop}}) + line_of(done) + "exit 0;;\n";
  return body + "esac; done\n";
}

int drawn_points(LiveChart& chart) {
  int count = 0;
  for (const QAbstractSeries* series : chart.chart()->series()) {
    count += static_cast<int>(static_cast<const QLineSeries*>(series)->count());
  }
  return count;
}

void click(QWidget* widget) {
  QTest::mouseClick(widget, Qt::LeftButton);
}

void click_on(QTreeWidget& runs, int row) {
  const QRect place = runs.visualItemRect(runs.topLevelItem(row));
  QTest::mouseClick(runs.viewport(), Qt::LeftButton, {}, QPoint(place.left() + 45, place.center().y()));
}

}  // namespace

class TestTrainingPanel : public QObject, protected PanelOnSpirals {
  Q_OBJECT

 private slots:
  void initTestCase();
  void init();
  void cleanup();
  void a_run_by_mouse();
  void a_past_run_is_shown_again();
  void a_crash_is_said_with_its_log();
  void an_unsaved_project_trains_as_drawn();
  void the_first_save_takes_the_runs_along();
  void weights_of_the_project_go_along();
  void errors_in_the_drawing_forbid_training();
  void mistakes_of_the_trained_networks_count_data();
  void mistakes_of_the_trained_networks_count();
  void what_a_run_does_not_have_is_no_tab();
  void recipe_changes_are_undoable();
  void data_is_previewed();
  void charts_zoom_and_reset();
  void charts_survive_bad_values();

 private:
  QString text(const char* label) const { return panel_->findChild<QLabel*>(QString::fromLatin1(label))->text(); }
  LiveChart* loss() const { return panel_->findChild<LiveChart*>("chart.Loss"); }
  /// Points of the curve of steps; 0 before there is a chart.
  std::size_t steps() const { return loss() ? loss()->points(0).size() : 0; }
  bool has_tab(const char* title) const;
};

bool TestTrainingPanel::has_tab(const char* title) const {
  const auto* tabs = find<QTabWidget>(*panel_, "training.tabs");
  for (int i = 0; i < tabs->count(); ++i) {
    if (tabs->tabText(i) == QString::fromLatin1(title)) return tabs->isTabVisible(i);
  }
  return false;
}

void TestTrainingPanel::weights_of_the_project_go_along() {
  const QString weights = folder_->filePath("imported.safetensors");
  QFile file(weights);
  QVERIFY(file.open(QIODevice::WriteOnly) && file.write("numbers") == 7);
  file.close();
  panel_->set_weights([weights] { return weights; });
  const QString seen = folder_->filePath("seen");
  use_engine("cat \"${2%.netwright}.safetensors\" > '" + seen.toUtf8() + "'; dirname \"$2\" >> '" + seen.toUtf8() +
             "'\n");
  panel_->start();
  QTRY_VERIFY(!panel_->is_running());
  QFile written(seen);
  QVERIFY(written.open(QIODevice::ReadOnly));
  const QStringList lines = QString::fromUtf8(written.readAll()).split('\n');
  QVERIFY2(lines.first().startsWith("numbers"), qPrintable(lines.first()));
  // What lay beside the engine's copy of the project goes with it, and the weights themselves stay.
  const QDir runs(lines.first().mid(7));
  QVERIFY(runs.exists());
  QVERIFY(runs.entryList({"*.safetensors"}).isEmpty());
  QVERIFY(QFile::exists(weights));
}

void TestTrainingPanel::initTestCase() {
  QStandardPaths::setTestModeEnabled(true);
  Theme::instance().set_appearance(Appearance::Light);
}

void TestTrainingPanel::init() {
  begin({1200, 360});
}

void TestTrainingPanel::cleanup() {
  end();
}

void TestTrainingPanel::a_run_by_mouse() {
  use_engine(obedient_engine());
  QSignalSpy running(panel_.get(), &TrainingPanel::running_changed);
  QSignalSpy progress(panel_.get(), &TrainingPanel::progress_changed);
  auto* train = find<QPushButton>(*panel_, "training.train");
  auto* pause = find<QPushButton>(*panel_, "training.pause");
  auto* stop = find<QPushButton>(*panel_, "training.stop");
  auto* rate = find<QLineEdit>(*panel_, "training.learning_rate");
  QVERIFY2(train->isEnabled(), qPrintable(panel_->obstacle()));
  QVERIFY(!pause->isEnabled() && !stop->isEnabled() && !rate->isVisible());
  QVERIFY(has_tab("Data") && has_tab("Runs") && !has_tab("Classes") && !has_tab("Samples"));

  click(train);
  QVERIFY(panel_->is_running());
  QCOMPARE(train->text(), QString("Add to queue"));
  QTRY_COMPARE_WITH_TIMEOUT(steps(), std::size_t{steps_before_commands}, patience_ms);
  QTRY_COMPARE_WITH_TIMEOUT(drawn_points(*loss()) > 0, true, patience_ms);
  QCOMPARE(loss()->points(0).x.back(), 0.3);
  QCOMPARE(find<LiveChart>(*panel_, "chart.Accuracy")->points(0).y[0], 100 * (1 - std::exp(-1 / 40.0)));
  QVERIFY2(text("training.figures").contains("epoch 1 of 2"), qPrintable(text("training.figures")));
  QVERIFY2(text("training.figures").contains("12,000 samples/s"), qPrintable(text("training.figures")));
  QCOMPARE(progress.last().at(0).toDouble(), 0.15);
  QCOMPARE(rate->text(), QString("0.001"));

  click(pause);
  QTRY_COMPARE_WITH_TIMEOUT(pause->text(), QString("Resume"), patience_ms);
  QCOMPARE(text("training.heading"), QString("Paused"));
  click(pause);
  QTRY_COMPARE_WITH_TIMEOUT(pause->text(), QString("Pause"), patience_ms);
  QTRY_COMPARE_WITH_TIMEOUT(steps(), std::size_t{31}, patience_ms);

  QTest::mouseClick(rate, Qt::LeftButton);
  rate->selectAll();
  QTest::keyClicks(rate, "0.0005");
  QTest::keyClick(rate, Qt::Key_Return);
  QTRY_COMPARE_WITH_TIMEOUT(loss()->points(2).size(), std::size_t{1}, patience_ms);
  QCOMPARE(loss()->points(2).y[0], 0.5);

  QTRY_VERIFY_WITH_TIMEOUT(has_tab("Classes"), patience_ms);

  click(stop);
  QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience_ms);
  QCOMPARE(running.size(), 2);
  QCOMPARE(text("training.heading"), QString("Last run"));
  QVERIFY(text("training.figures").startsWith("stopped after 1 epoch"));
  QVERIFY(train->isEnabled() && !pause->isEnabled() && !stop->isEnabled());

  const std::vector<RunFolder> runs = runs_of(folder_->filePath("spirals.netwright").toStdString());
  QCOMPARE(runs.size(), std::size_t{1});
  QCOMPARE(*runs.front().project(), document_->project());
  QCOMPARE(QDir(folder_->filePath("spirals.runs")).entryList(QDir::Files), QStringList());
  QVERIFY(!document_->is_modified());
}

void TestTrainingPanel::a_past_run_is_shown_again() {
  use_engine(obedient_engine());
  panel_->start();
  QTRY_COMPARE_WITH_TIMEOUT(steps(), std::size_t{steps_before_commands}, patience_ms);
  panel_->stop();
  QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience_ms);
  const Curve live = loss()->points(0);

  panel_ = std::make_unique<TrainingPanel>(*document_);
  panel_->resize(1200, 360);
  panel_->show();
  find<QTabWidget>(*panel_, "training.tabs")->setCurrentIndex(3);
  auto* runs = find<QTreeWidget>(*panel_, "training.runs");
  QTRY_COMPARE_WITH_TIMEOUT(runs->topLevelItemCount(), 1, patience_ms);
  QTreeWidgetItem* item = runs->topLevelItem(0);
  QCOMPARE(item->text(0), QString("spirals"));
  QCOMPARE(item->text(4), QString("stopped"));
  click_on(*runs, 0);
  QTRY_COMPARE_WITH_TIMEOUT(steps(), live.size(), patience_ms);
  QCOMPARE(loss()->points(0), live);
  QCOMPARE(text("training.heading"), QString("spirals"));
}

void TestTrainingPanel::a_crash_is_said_with_its_log() {
  QSignalSpy messages(panel_.get(), &TrainingPanel::message);
  const QByteArray before = QByteArray::fromStdString(to_json(document_->project()));
  use_engine("echo 'what went on' >&2\nkill -SEGV $$\n");
  click(find<QPushButton>(*panel_, "training.train"));
  QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience_ms);
  QVERIFY(find<QWidget>(*panel_, "training.failure")->isVisible());
  QVERIFY2(text("training.failure_words").contains("segmentation fault"), qPrintable(text("training.failure_words")));
  QCOMPARE(find<QPlainTextEdit>(*panel_, "training.failure_log")->toPlainText(), QString("what went on"));
  QVERIFY(messages.last().at(0).toString().contains("crashed"));
  QCOMPARE(QByteArray::fromStdString(to_json(document_->project())), before);
  QVERIFY(find<QPushButton>(*panel_, "training.train")->isEnabled());
  QCOMPARE(QDir(folder_->filePath("spirals.runs")).entryList(QDir::Files), QStringList());
}

void TestTrainingPanel::an_unsaved_project_trains_as_drawn() {
  Project project = document_->project();
  project.name = "never/saved ";
  document_->reset(project);
  use_engine(obedient_engine());
  panel_->start();
  QTRY_COMPARE_WITH_TIMEOUT(steps(), std::size_t{steps_before_commands}, patience_ms);
  panel_->stop();
  QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience_ms);
  const QDir home(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + "/unsaved");
  const std::vector<RunFolder> runs = runs_of(home.filePath("never-saved.netwright").toStdString());
  QVERIFY(!runs.empty());
  QCOMPARE(*runs.front().project(), project);
  QDir(home).removeRecursively();
}

void TestTrainingPanel::the_first_save_takes_the_runs_along() {
  Project project = document_->project();
  project.name = "drawn first";
  document_->reset(project);
  use_engine(obedient_engine());
  panel_->start();
  QTRY_COMPARE_WITH_TIMEOUT(steps(), std::size_t{steps_before_commands}, patience_ms);
  panel_->stop();
  QTRY_VERIFY_WITH_TIMEOUT(!panel_->is_running(), patience_ms);

  const QString file = folder_->filePath("saved.netwright");
  QVERIFY(document_->save(file));
  QCOMPARE(runs_of(file.toStdString()).size(), 1U);
  QCOMPARE(*runs_of(file.toStdString()).front().project(), project);
  QCOMPARE(loss()->points(0).size(), std::size_t{steps_before_commands});  // the curves stay in view
  const QDir home(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + "/unsaved");
  QVERIFY(runs_of(home.filePath("drawn-first.netwright").toStdString()).empty());

  // Another project doesn't inherit them.
  document_->reset(empty_project());
  QVERIFY(document_->save(folder_->filePath("other.netwright")));
  QVERIFY(runs_of(folder_->filePath("other.netwright").toStdString()).empty());
}

void TestTrainingPanel::errors_in_the_drawing_forbid_training() {
  QSignalSpy messages(panel_.get(), &TrainingPanel::message);
  QSignalSpy problems(panel_.get(), &TrainingPanel::problems_requested);
  const Network& network = document_->project().networks.front();
  QVERIFY(document_->edit("Disconnect", {Disconnect{network.id, network.connections.front()}}));
  auto* train = find<QPushButton>(*panel_, "training.train");
  auto* reason = find<QLabel>(*panel_, "training.obstacle");
  QVERIFY(!train->isEnabled());
  QVERIFY(reason->isVisible() && !panel_->obstacle().isEmpty());
  panel_->start();
  QVERIFY(!panel_->is_running());
  QCOMPARE(messages.last().at(0).toString(), panel_->obstacle());
  QTest::mouseClick(reason, Qt::LeftButton, {}, QPoint(12, 8));
  QCOMPARE(problems.size(), 1);

  document_->undo_stack().undo();
  QVERIFY(train->isEnabled() && !reason->isVisible());
  QVERIFY(document_->edit("No data", {SetData{}}));
  QVERIFY(!train->isEnabled());
  QVERIFY(panel_->obstacle().contains("data"));
}

void TestTrainingPanel::mistakes_of_the_trained_networks_count_data() {
  QTest::addColumn<QString>("task");
  QTest::addColumn<QString>("wrong");
  QTest::addColumn<bool>("forbids");
  QTest::addRow("the classifier") << "Classification"
                                  << "classifier" << true;
  QTest::addRow("a network beside it") << "Classification"
                                       << "generator" << false;
  QTest::addRow("the generator") << "Adversarial"
                                 << "generator" << true;
  QTest::addRow("the discriminator") << "Adversarial"
                                     << "discriminator" << true;
  QTest::addRow("a network beside both") << "Adversarial"
                                         << "classifier" << false;
}

void TestTrainingPanel::mistakes_of_the_trained_networks_count() {
  QFETCH(QString, task);
  QFETCH(QString, wrong);
  QFETCH(bool, forbids);
  // The same sound network three times, one of them with a layer on nothing.
  Project project = document_->project();
  Network network = project.networks.front();
  project.networks.clear();
  for (const char* name : {"classifier", "generator", "discriminator"}) {
    network.id = project.next_network_id();
    network.name = name;
    project.networks.push_back(network);
    if (wrong != QString::fromLatin1(name)) continue;
    Network& last = project.networks.back();
    last.layers.push_back(make_layer(last, "ReLU", {}));
    last.layers.back().name = "adrift";
  }
  project.recipe.task = task.toStdString();
  project.recipe.task_settings = {};
  document_->reset(project);
  QCOMPARE(panel_->obstacle().contains("adrift"), forbids);
}

void TestTrainingPanel::what_a_run_does_not_have_is_no_tab() {
  const std::filesystem::path file = folder_->filePath("spirals.netwright").toStdString();
  const auto write = [&](const char* name, std::vector<Event> events) {
    const auto made = RunFolder::create(runs_folder_of(file) / name, document_->project());
    QVERIFY(made);
    auto writer = EventWriter::append_to(made->events_file());
    QVERIFY(writer);
    std::get<RunEvent>(events.front()).name = name;
    for (const Event& event : events) QVERIFY(writer->write(event));
  };
  std::vector<Event> judged = classification_events();
  judged.emplace_back(ConfusionEvent{1, {{8, 2}, {3, 7}}});
  write("2026-05-01T10-00-00Z-judged", judged);
  write("2026-05-01T11-00-00Z-made", adversarial_events());

  panel_ = std::make_unique<TrainingPanel>(*document_);
  panel_->resize(1200, 360);
  panel_->show();
  QTRY_VERIFY_WITH_TIMEOUT(panel_->findChild<LiveChart*>("chart.Fréchet distance"), patience_ms);
  QVERIFY(!has_tab("Classes"));
  find<QTabWidget>(*panel_, "training.tabs")->setCurrentIndex(3);
  auto* runs = find<QTreeWidget>(*panel_, "training.runs");
  QTRY_COMPARE_WITH_TIMEOUT(runs->topLevelItemCount(), 2, patience_ms);
  click_on(*runs, 1);
  QTRY_VERIFY_WITH_TIMEOUT(has_tab("Classes"), patience_ms);
  QVERIFY(panel_->findChild<LiveChart*>("chart.Accuracy"));
}

void TestTrainingPanel::recipe_changes_are_undoable() {
  const Project before = document_->project();
  auto* form = find<QWidget>(*panel_, "training.recipe_form");
  auto* epochs = form->findChild<QWidget*>("setting.epochs");
  QVERIFY(epochs);
  auto* spin = epochs->findChild<QAbstractSpinBox*>();
  if (!spin) spin = qobject_cast<QAbstractSpinBox*>(epochs);
  QVERIFY(spin);
  spin->setFocus();
  const std::int64_t old = before.recipe.settings.integer("epochs");
  for (int i = 0; i < 3; ++i) QTest::keyClick(spin, Qt::Key_Up);
  QCOMPARE(document_->project().recipe.settings.integer("epochs"), old + 3);
  QCOMPARE(document_->undo_stack().count(), 1);

  auto* optimiser = find<QComboBox>(*panel_, "training.optimiser");
  optimiser->setCurrentText("SGD");
  emit optimiser->activated(optimiser->currentIndex());
  QCOMPARE(document_->project().recipe.optimiser, std::string("SGD"));
  QCOMPARE(document_->project().recipe.optimiser_settings.real("lr"), 0.01);

  auto* source = find<QComboBox>(*panel_, "training.data_source");
  source->setCurrentIndex(source->findData("circles"));
  emit source->activated(source->currentIndex());
  QCOMPARE(document_->project().data.source, std::string("circles"));
  while (document_->undo_stack().canUndo()) document_->undo_stack().undo();
  QCOMPARE(document_->project(), before);
  QCOMPARE(source->currentData().toString(), QString("two-spirals"));
  QCOMPARE(optimiser->currentText(), QString::fromStdString(before.recipe.optimiser));
}

void TestTrainingPanel::data_is_previewed() {
  auto* preview = find<DataPreview>(*panel_, "training.data_preview");
  QTRY_VERIFY_WITH_TIMEOUT(!preview->sample().points.empty(), patience_ms);
  const DataSample& sample = preview->sample();
  QCOMPARE(sample.shape, QString("2"));
  QCOMPARE(sample.labels.size(), sample.points.size());
  qint64 total = 0;
  for (const qint64 count : sample.class_counts) total += count;
  QCOMPARE(total, sample.train_samples);

  QVERIFY(document_->edit("Shapes", {SetData{{"shapes", {}}}}));
  QTRY_VERIFY_WITH_TIMEOUT(!preview->sample().images.empty(), patience_ms);
  QVERIFY(preview->sample().points.empty());
  QCOMPARE(preview->sample().images.size(), preview->sample().labels.size());

  QVERIFY(document_->edit("Unknown", {SetData{{"no-such-source", {}}}}));
  QTRY_VERIFY_WITH_TIMEOUT(preview->sample().problem.contains("no-such-source"), patience_ms);
}

void TestTrainingPanel::charts_zoom_and_reset() {
  LiveChart chart("Loss");
  chart.add_curve({"steps", 0, MarkerShape::None, true});
  for (int i = 0; i <= 1000; ++i) chart.append(0, i / 100.0, std::sin(i / 50.0));
  chart.resize(500, 300);
  chart.show();
  QVERIFY(QTest::qWaitForWindowExposed(&chart));
  QCOMPARE(chart.frame().x, (Range{0, 10}));
  const QRectF area = chart.frame().area;
  const QPoint from = area.topLeft().toPoint() + QPoint(100, 50);
  const QPoint to = from + QPoint(150, 100);
  const double x_from = chart.frame().from_x(from.x());
  const double x_to = chart.frame().from_x(to.x());
  QTest::mousePress(chart.viewport(), Qt::LeftButton, {}, from);
  QTest::mouseMove(chart.viewport(), to);
  QTest::mouseRelease(chart.viewport(), Qt::LeftButton, {}, to);
  QVERIFY(chart.is_zoomed());
  QVERIFY(std::abs(chart.frame().x.low - x_from) < 1e-9 && std::abs(chart.frame().x.high - x_to) < 1e-9);
  QTest::mouseDClick(chart.viewport(), Qt::LeftButton, {}, to);
  QVERIFY(!chart.is_zoomed());
  QCOMPARE(chart.frame().x, (Range{0, 10}));

  const QPointF cursor(area.left() + area.width() / 4, area.center().y());
  const double at = chart.frame().from_x(cursor.x());
  QWheelEvent wheel(cursor, chart.viewport()->mapToGlobal(cursor), {}, {0, 360}, Qt::NoButton, Qt::NoModifier,
                    Qt::NoScrollPhase, false);
  QApplication::sendEvent(chart.viewport(), &wheel);
  QVERIFY(chart.frame().x.width() < 6);
  QVERIFY(std::abs(chart.frame().from_x(cursor.x()) - at) < 0.05);
}

void TestTrainingPanel::charts_survive_bad_values() {
  LiveChart chart("Loss");
  chart.add_curve({"steps", 0, MarkerShape::None, true});
  chart.add_curve({"test", 1, MarkerShape::Disc, false});
  chart.resize(400, 240);
  chart.show();
  QVERIFY(QTest::qWaitForWindowExposed(&chart));
  const double values[] = {1, 0, -3, std::nan(""), INFINITY, -INFINITY, 1e300, -1e300, 1e-320};
  for (const bool is_log : {false, true}) {
    chart.clear();
    chart.set_log(is_log);
    for (int i = 0; i < 300; ++i) {
      chart.append(0, i, values[i % 9]);
      chart.append(1, i, std::nan(""));
    }
    chart.reset_zoom();
    QVERIFY(std::isfinite(chart.frame().y.low) && std::isfinite(chart.frame().y.high));
    QVERIFY(chart.frame().y.width() > 0);
    for (const QAbstractSeries* series : chart.chart()->series()) {
      for (const QPointF& point : static_cast<const QLineSeries*>(series)->points()) {
        QVERIFY(std::isfinite(point.x()) && std::isfinite(point.y()));
      }
    }
    QVERIFY(!chart.grab().isNull());
  }
}

QTEST_MAIN(TestTrainingPanel)
#include "test_training_panel.moc"
