#include <QAbstractSpinBox>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "backend/data/data_catalogue.h"
#include "backend/graph/project_json.h"
#include "backend/graph/task_specs.h"
#include "designer/panels/fold.h"
#include "designer/theme/theme.h"
#include "designer/training/data_chooser.h"
#include "designer/training/recipe_column.h"
#include "designer/training/schedule_curve.h"

using namespace netwright;

class TestRecipeColumn : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void cleanup();
  void tasks_bring_their_defaults_data();
  void tasks_bring_their_defaults();
  void idle_settings_of_a_task_are_hidden();
  void two_sides_have_two_optimisers();
  void networks_are_chosen_by_name();
  void rare_settings_are_folded();
  void the_schedule_is_drawn_data();
  void the_schedule_is_drawn();
  void the_schedule_follows_its_settings();
  void steps_are_counted_by_the_data();
  void other_data_keep_the_preparation();
  void preparation_is_for_what_it_can_change();
  void the_wheel_changes_nothing_in_passing();
  void descriptions_in_words_data();
  void descriptions_in_words();

 private:
  template <class T>
  T* find(const char* name) const {
    T* found = column_->findChild<T*>(QString::fromLatin1(name));
    if (!found) qFatal("no %s", name);
    return found;
  }
  /// As a user chooses in a combo box: by its keys.
  void choose(const char* combo, const QString& text) {
    auto* box = find<QComboBox>(combo);
    const int wanted = box->findText(text);
    QVERIFY2(wanted >= 0, qPrintable(text));
    box->setFocus();
    while (box->currentIndex() != wanted) {
      const int before = box->currentIndex();
      QTest::keyClick(box, before < wanted ? Qt::Key_Down : Qt::Key_Up);
      QVERIFY(box->currentIndex() != before);
    }
  }
  void enter(const char* form, const char* field, const char* text) {
    auto* spin = find<QWidget>(form)->findChild<QAbstractSpinBox*>(QString::fromLatin1(field));
    QVERIFY(spin);
    spin->setFocus();
    spin->selectAll();
    QTest::keyClicks(spin, QString::fromLatin1(text));
    QTest::keyClick(spin, Qt::Key_Return);
  }
  bool is_shown(const char* form, const char* field) const {
    return find<QWidget>(form)->findChild<QWidget*>(QString::fromLatin1(field))->isVisible();
  }
  const Recipe& recipe() const { return document_->project().recipe; }
  int steps() const { return document_->undo_stack().count(); }

  std::unique_ptr<Document> document_;
  std::unique_ptr<QScrollArea> window_;
  RecipeColumn* column_ = nullptr;
};

void TestRecipeColumn::init() {
  Theme::instance().set_appearance(Appearance::Light);
  document_ = std::make_unique<Document>();
  column_ = new RecipeColumn(*document_);
  window_ = std::make_unique<QScrollArea>();
  window_->setWidget(column_);
  window_->setWidgetResizable(true);
  window_->resize(300, 900);
  window_->show();
  window_->activateWindow();
  QVERIFY(QTest::qWaitForWindowActive(window_.get()));
}

void TestRecipeColumn::cleanup() {
  window_.reset();
  document_.reset();
}

void TestRecipeColumn::tasks_bring_their_defaults_data() {
  QTest::addColumn<QString>("task");
  for (const TaskSpec& spec : task_specs()) {
    if (spec.type != "Classification") QTest::addRow("%s", spec.type.c_str()) << QString::fromStdString(spec.type);
  }
}

void TestRecipeColumn::tasks_bring_their_defaults() {
  QFETCH(QString, task);
  const TaskSpec* spec = find_task_spec(task.toStdString());
  // Straight there, as with the mouse: a click in the list emits activated.
  auto* box = find<QComboBox>("training.task");
  box->setCurrentIndex(box->findText(task));
  emit box->activated(box->currentIndex());
  QCOMPARE(steps(), 1);
  QCOMPARE(recipe().task, spec->type);
  QCOMPARE(recipe().task_settings, defaults(spec->settings));
  QCOMPARE(find<QLabel>("training.task_words")->text(), QString::fromStdString(spec->summary));
  for (const SettingSpec& setting : spec->settings) {
    const QString name = QStringLiteral("setting.") + QString::fromStdString(setting.name);
    QVERIFY2(find<QWidget>("training.task_form")->findChild<QWidget*>(name), qPrintable(name));
  }
  document_->undo_stack().undo();
  QCOMPARE(box->currentText(), QString("Classification"));
  QCOMPARE(document_->project(), empty_project());
}

void TestRecipeColumn::idle_settings_of_a_task_are_hidden() {
  QVERIFY(!is_shown("training.task_form", "setting.gamma"));
  QVERIFY(is_shown("training.task_form", "setting.label_smoothing"));
  choose("setting.loss.0", "focal");
  QVERIFY(is_shown("training.task_form", "setting.gamma"));
  QVERIFY(!is_shown("training.task_form", "setting.label_smoothing"));
  QCOMPARE(recipe().task_settings.text("loss"), std::string("focal"));
}

void TestRecipeColumn::two_sides_have_two_optimisers() {
  QVERIFY(!find<QComboBox>("training.discriminator")->isVisible());
  QVERIFY(find<QToolButton>("training.range_test")->isVisible());
  choose("training.task", "Adversarial");
  QVERIFY(find<QComboBox>("training.discriminator")->isVisible());
  QVERIFY(!find<QToolButton>("training.range_test")->isVisible());
  choose("training.discriminator", "RMSprop");
  enter("training.discriminator_form", "setting.lr.0", "0.0002");
  QCOMPARE(recipe().discriminator_optimiser.type, std::string("RMSprop"));
  QCOMPARE(recipe().discriminator_optimiser.settings.real("lr"), 0.0002);
  QCOMPARE(recipe().optimiser, std::string("Adam"));
  enter("training.optimiser_form", "setting.lr.0", "0.0004");
  QCOMPARE(recipe().optimiser_settings.real("lr"), 0.0004);
  QCOMPARE(recipe().discriminator_optimiser.settings.real("lr"), 0.0002);
  while (document_->undo_stack().canUndo()) document_->undo_stack().undo();
  QCOMPARE(document_->project(), empty_project());
}

void TestRecipeColumn::networks_are_chosen_by_name() {
  choose("training.task", "Adversarial");
  Network network;
  network.id = document_->project().next_network_id();
  network.name = "maker";
  QVERIFY(document_->edit("Add", {AddNetwork{network}}));
  choose("setting.generator.0", "maker");
  QCOMPARE(recipe().task_settings.text("generator"), std::string("maker"));
  // What isn't drawn any more is still what is chosen.
  QVERIFY(document_->edit("Remove", {RemoveNetwork{network.id}}));
  QCOMPARE(find<QComboBox>("setting.generator.0")->currentText(), QString("maker"));
}

void TestRecipeColumn::rare_settings_are_folded() {
  QVERIFY(is_shown("training.recipe_form", "setting.epochs"));
  auto* fold = find<Fold>("training.more");
  QVERIFY(!fold->is_open());
  QVERIFY(!is_shown("training.more_form", "setting.patience"));
  QTest::mouseClick(find<QToolButton>("training.more.head"), Qt::LeftButton);
  QVERIFY(is_shown("training.more_form", "setting.patience"));
  enter("training.more_form", "setting.patience.0", "3");
  QCOMPARE(recipe().settings.integer("patience"), std::int64_t{3});
  QCOMPARE(fold->note(), QString("1 set"));  // seen when it is closed as well
  document_->undo_stack().undo();
  QCOMPARE(fold->note(), QString());
}

void TestRecipeColumn::the_schedule_is_drawn_data() {
  QTest::addColumn<QString>("schedule");
  QTest::addColumn<bool>("is_drawn");
  QTest::addRow("constant") << "Constant" << false;
  QTest::addRow("step") << "Step" << true;
  QTest::addRow("exponential") << "Exponential" << true;
  QTest::addRow("cosine") << "CosineAnnealing" << true;
  QTest::addRow("one cycle") << "OneCycle" << true;
}

void TestRecipeColumn::the_schedule_is_drawn() {
  QFETCH(QString, schedule);
  QFETCH(bool, is_drawn);
  enter("training.recipe_form", "setting.epochs.0", "60");
  choose("training.schedule", schedule);
  QCOMPARE(recipe().schedule.type, schedule.toStdString());
  const auto* curve = find<ScheduleCurve>("training.schedule_curve");
  QCOMPARE(curve->isVisible(), is_drawn);
  if (!is_drawn) return;
  const double most = *std::max_element(curve->rates().begin(), curve->rates().end());
  const double least = *std::min_element(curve->rates().begin(), curve->rates().end());
  QVERIFY2(most <= 0.001 * (1 + 1e-9) && most > 0.0005, qPrintable(QString::number(most)));
  QVERIFY(least < 0.5 * most);
  QVERIFY(curve->words_at({curve->width() / 2, curve->height() / 2}).contains("30.0 epochs"));
}

void TestRecipeColumn::the_schedule_follows_its_settings() {
  enter("training.recipe_form", "setting.epochs.0", "20");
  choose("training.schedule", "Step");
  enter("training.schedule_form", "setting.step_size.0", "5");
  enter("training.schedule_form", "setting.gamma.0", "0.5");
  const auto* curve = find<ScheduleCurve>("training.schedule_curve");
  QVERIFY(std::abs(curve->rates().front() - 0.001) < 1e-12);
  QVERIFY(std::abs(curve->rates().back() - 0.000125) < 1e-12);
  const QImage before = column_->grab().toImage();
  enter("training.schedule_form", "setting.step_size.0", "10");
  QVERIFY(std::abs(curve->rates().back() - 0.0005) < 1e-12);
  QVERIFY(column_->grab().toImage() != before);
  // The optimiser's rate is what it is a factor on.
  enter("training.optimiser_form", "setting.lr.0", "0.1");
  QVERIFY(std::abs(curve->rates().back() - 0.05) < 1e-12);
  enter("training.schedule_form", "setting.warmup_epochs.0", "4");
  QVERIFY(curve->rates().front() < 0.01);
  QCOMPARE(curve->complaint(), QString());
}

void TestRecipeColumn::steps_are_counted_by_the_data() {
  Project project = document_->project();
  project.recipe.settings = {{"epochs", std::int64_t{7}}, {"batch_size", std::int64_t{32}}};
  const auto plan = [&] { return step_plan_of(project, describe(project.data)); };
  QCOMPARE(plan().epochs, std::int64_t{7});
  QCOMPARE(plan().steps_per_epoch, std::int64_t{100});
  project.data = {"shapes", {{"train_samples", std::int64_t{1000}}}};
  QCOMPARE(plan().steps_per_epoch, std::int64_t{32});  // the last batch is a smaller one
  project.data.preparation.set("validation_fraction", 0.5);
  QCOMPARE(plan().steps_per_epoch, std::int64_t{16});
  project.recipe.settings.set("accumulate", std::int64_t{3});
  QCOMPARE(plan().steps_per_epoch, std::int64_t{6});
}

void TestRecipeColumn::other_data_keep_the_preparation() {
  const auto title = [](const char* source) { return QString::fromStdString(find_data_spec(source)->title); };
  auto* fold = find<Fold>("training.preparation");
  QVERIFY(!fold->isVisible());  // of no data
  choose("training.data_source", title("shapes"));
  QVERIFY(fold->isVisible() && !fold->is_open());
  QTest::mouseClick(find<QToolButton>("training.preparation.head"), Qt::LeftButton);
  enter("training.preparation_form", "setting.validation_fraction.0", "0.2");
  QCOMPARE(document_->project().data.preparation.real("validation_fraction"), 0.2);
  QCOMPARE(fold->note(), QString("1 set"));
  auto* box = find<QComboBox>("training.data_source");
  box->setCurrentIndex(box->findText(title("circles")));
  emit box->activated(box->currentIndex());
  QCOMPARE(document_->project().data.source, std::string("circles"));
  QCOMPARE(document_->project().data.preparation.real("validation_fraction"), 0.2);
  QCOMPARE(document_->project().data.settings, defaults(find_data_spec("circles")->settings));
}

void TestRecipeColumn::preparation_is_for_what_it_can_change() {
  QVERIFY(document_->edit("Points", {SetData{{"circles", {}}}}));
  QTest::mouseClick(find<QToolButton>("training.preparation.head"), Qt::LeftButton);
  QVERIFY(!is_shown("training.preparation_form", "setting.flip"));
  QVERIFY(is_shown("training.preparation_form", "setting.normalisation"));
  QVERIFY(document_->edit("Images", {SetData{{"shapes", {}}}}));
  QVERIFY(is_shown("training.preparation_form", "setting.flip"));
  QVERIFY(!is_shown("training.preparation_form", "setting.test_fraction"));  // it has a test split of its own
}

void TestRecipeColumn::the_wheel_changes_nothing_in_passing() {
  column_->setFocus();
  for (const char* name : {"training.data_source", "training.task", "training.optimiser", "training.schedule"}) {
    auto* box = find<QComboBox>(name);
    box->clearFocus();
    const QPointF middle = box->rect().center();
    QWheelEvent wheel(middle, box->mapToGlobal(middle), {}, {0, -120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                      false);
    QApplication::sendEvent(box, &wheel);
  }
  QCOMPARE(steps(), 0);
}

void TestRecipeColumn::descriptions_in_words_data() {
  QTest::addColumn<DataDescription>("description");
  QTest::addColumn<QString>("words");
  DataDescription images;
  images.sample_shape = {1, 28, 28};
  images.classes = 10;
  images.train_samples = 60000;
  images.test_samples = 10000;
  QTest::addRow("classes") << images << "1×28×28 · 10 classes · 60,000 + 10,000 samples";
  DataDescription masks = images;
  masks.target = TargetKind::Mask;
  masks.test_samples = 0;
  QTest::addRow("masks") << masks << "1×28×28 · masks of 10 classes · 60,000 samples";
  DataDescription series;
  series.sample_shape = {24, 3};
  series.target = TargetKind::Values;
  series.target_shape = {6};
  QTest::addRow("values, not counted yet") << series << "24×3 · targets 6";
  DataDescription texts;
  texts.sample_shape = {20};
  texts.classes = 5;
  texts.type = ElementType::Int64;
  texts.vocabulary = 4000;
  QTest::addRow("texts") << texts << "20 · 5 classes · 4,000 words";
  DataDescription bare;
  bare.sample_shape = {3};
  bare.target = TargetKind::None;
  QTest::addRow("nothing to learn") << bare << "3";
}

void TestRecipeColumn::descriptions_in_words() {
  QFETCH(DataDescription, description);
  QFETCH(QString, words);
  QCOMPARE(words_of(description), words);
}

QTEST_MAIN(TestRecipeColumn)
#include "test_recipe_column.moc"
