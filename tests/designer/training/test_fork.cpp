// What a run starts from, chosen with the mouse; and a run that is forked: another begins from its checkpoint.

#include <QAbstractItemView>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QDialog>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QRadioButton>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTimer>
#include <QTreeWidget>

#include "backend/run/run_folder.h"
#include "designer/training/start_choice.h"
#include "tests/designer/training/panel_on_spirals.h"
#include "tests/support/dialogs.h"

using namespace netwright;

class TestFork : public QObject, PanelOnSpirals {
  Q_OBJECT

 private slots:
  void initTestCase() { QStandardPaths::setTestModeEnabled(true); }
  void init() {
    begin({1200, 700});
    use_real_engine({"--limit-samples", "300"});
    set_epochs(3);
  }
  void cleanup() { end(); }

  void a_run_is_forked_from_its_button() {
    auto* fork = find<QPushButton>(*panel_, "training.fork");
    QVERIFY(!fork->isVisible());
    const QString first = train();
    QVERIFY(fork->isVisible());
    set_epochs(2);
    const Recipe edited = document_->project().recipe;

    QTest::mouseClick(fork, Qt::LeftButton);
    auto* dialog = panel_->findChild<QDialog*>("training.fork_dialog");
    QVERIFY(dialog && dialog->isVisible());
    QVERIFY(find<QRadioButton>(*dialog, "training.fork_best")->isChecked());
    QVERIFY(find<QCheckBox>(*dialog, "training.fork_recipe")->isChecked());
    QCOMPARE(find<QLabel>(*dialog, "training.fork_changes")->text(), QString("epochs 2 → 3"));
    QTest::mouseClick(find<QRadioButton>(*dialog, "training.fork_last"), Qt::LeftButton, {}, QPoint(8, 8));
    QTest::mouseClick(find<QPushButton>(*dialog, "training.fork_accept"), Qt::LeftButton);
    QVERIFY(start()->currentText().startsWith("Last epoch of "));
    QCOMPARE(epochs(), 3);
    QCOMPARE(document_->undo_stack().undoText().section(' ', 0, 3), QString("Take the recipe of"));
    document_->undo_stack().undo();
    QVERIFY(document_->project().recipe == edited);

    const QString second = train();
    QVERIFY(second != first);
    QCOMPARE(record_of(second).parent, (first + "/checkpoints/last.safetensors").toStdString());
    QVERIFY(message_of(second).contains("The optimiser goes on from its state there"));
    // What was chosen stays chosen, and is seen.
    QVERIFY(start()->currentText().startsWith("Last epoch of "));
  }

  void its_recipe_may_stay_where_it_is() {
    train();
    set_epochs(2);
    QTest::mouseClick(find<QPushButton>(*panel_, "training.fork"), Qt::LeftButton);
    auto* dialog = panel_->findChild<QDialog*>("training.fork_dialog");
    QVERIFY(dialog);
    QTest::mouseClick(find<QCheckBox>(*dialog, "training.fork_recipe"), Qt::LeftButton, {}, QPoint(8, 8));
    QTest::mouseClick(find<QPushButton>(*dialog, "training.fork_accept"), Qt::LeftButton);
    QCOMPARE(epochs(), 2);
    QVERIFY(start()->currentText().startsWith("Best epoch of "));
  }

  void forks_from_the_lists_menu() {
    const QString run = train();
    auto* tree = find<QTreeWidget>(*panel_, "training.runs");
    QTRY_VERIFY_WITH_TIMEOUT(tree->topLevelItemCount() == 1, patience_ms);
    find<QTabWidget>(*panel_, "training.tabs")->setCurrentIndex(1);
    QApplication::processEvents();
    bool is_clicked = false;
    QTimer::singleShot(200, this, [&] {
      auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
      if (!menu) return;
      for (QAction* action : menu->actions()) {
        if (action->text() != "Fork…") continue;
        QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(action).center());
        is_clicked = true;
        return;
      }
      menu->close();
    });
    const QPoint place = tree->visualItemRect(tree->topLevelItem(0)).center();
    QContextMenuEvent event(QContextMenuEvent::Mouse, place, tree->viewport()->mapToGlobal(place));
    QApplication::sendEvent(tree->viewport(), &event);
    QVERIFY(is_clicked);
    auto* dialog = panel_->findChild<QDialog*>("training.fork_dialog");
    QVERIFY(dialog && dialog->isVisible());
    // Nothing was edited since: there is no recipe to take.
    QVERIFY(!find<QCheckBox>(*dialog, "training.fork_recipe")->isVisible());
    dialog->reject();
    QCOMPARE(start()->currentText(), QString("Fresh weights"));
  }

  void the_start_is_chosen_in_the_list() {
    const QString first = train();
    choose("Best epoch of ");
    QVERIFY(!find<QLabel>(*panel_, "training.start_words")->text().isEmpty());
    const QString second = train();
    QCOMPARE(record_of(second).parent, (first + "/checkpoints/best.safetensors").toStdString());
    choose("Fresh weights");
    const QString third = train();
    QCOMPARE(record_of(third).parent, std::string());
    QCOMPARE(message_of(third), QString());
    // Both runs are offered by now, either with two checkpoints.
    start()->showPopup();
    QCOMPARE(start()->count(), 1 + 3 * 2 + 1);
    start()->hidePopup();
  }

  void a_file_is_a_start_as_well() {
    const QString first = train();
    const QString file = folder_->filePath("pretrained.safetensors");
    QVERIFY(QFile::copy(first + "/checkpoints/best.safetensors", file));
    bool came = false;
    on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, file); });
    choose("A file…");
    QTRY_COMPARE_WITH_TIMEOUT(start()->currentText(), "pretrained.safetensors", 5000);
    QVERIFY(came);
    const QString second = train();
    QVERIFY2(message_of(second).startsWith("Training starts from " + file), qPrintable(message_of(second)));
    QCOMPARE(record_of(second).parent, std::string());
  }

  void imported_weights_are_the_usual_start() {
    const QString first = train();
    const QString imported = first + "/checkpoints/best.safetensors";
    panel_->set_weights([imported] { return imported; });
    QCOMPARE(start()->currentText(), QString("The imported weights"));
    QVERIFY(message_of(train()).startsWith("Training starts from "));
    choose("Fresh weights");
    QCOMPARE(message_of(train()), QString());
    panel_->set_weights([] { return QString(); });
    QCOMPARE(start()->currentText(), QString("Fresh weights"));
    QCOMPARE(start()->findText("The imported weights"), -1);
  }

  void another_project_starts_afresh() {
    train();
    choose("Last epoch of ");
    document_->reset(Project(document_->project()));
    QCOMPARE(start()->currentText(), QString("Fresh weights"));
  }

 private:
  static constexpr int patience_ms = 60'000;

  QComboBox* start() { return find<QComboBox>(*panel_, "training.start"); }
  int epochs() const { return static_cast<int>(document_->project().recipe.settings.integer("epochs")); }
  void set_epochs(int count) {
    Recipe recipe = document_->project().recipe;
    recipe.settings.set("epochs", std::int64_t{count});
    QVERIFY(document_->edit("Set epochs", {SetRecipe{recipe}}));
  }

  /// The run's folder.
  QString train() {
    panel_->start();
    if (!panel_->is_running()) qFatal("doesn't start: %s", qPrintable(panel_->obstacle()));
    if (!QTest::qWaitFor([this] { return !panel_->is_running(); }, patience_ms)) qFatal("doesn't end");
    return panel_->run_folder();
  }

  /// Opens the list and clicks the first entry that begins so.
  void choose(const QString& beginning) {
    QComboBox* combo = start();
    combo->showPopup();
    for (int row = 0; row < combo->count(); ++row) {
      if (!combo->itemText(row).startsWith(beginning)) continue;
      const QModelIndex index = combo->model()->index(row, 0);
      QAbstractItemView* list = combo->view();
      list->scrollTo(index);
      const QPoint place = list->visualRect(index).center();
      QTest::mouseMove(list->viewport(), place);
      QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, place);
      if (combo->view()->isVisible()) QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, place);
      QApplication::processEvents();
      return;
    }
    qFatal("no entry %s", qPrintable(beginning));
  }

  static std::vector<Event> events_of(const QString& folder) {
    const auto run = RunFolder::open(folder.toStdU16String());
    const auto events = run ? run->events() : Result<std::vector<Event>>(run.error());
    return events ? *events : std::vector<Event>();
  }
  static RunEvent record_of(const QString& folder) {
    const std::vector<Event> events = events_of(folder);
    return events.empty() ? RunEvent{} : std::get<RunEvent>(events.front());
  }
  /// The first one.
  static QString message_of(const QString& folder) {
    for (const Event& event : events_of(folder)) {
      if (const auto* said = std::get_if<MessageEvent>(&event)) return QString::fromStdString(said->text);
    }
    return {};
  }
};

QTEST_MAIN(TestFork)
#include "test_fork.moc"
