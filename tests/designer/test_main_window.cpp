#include <QAction>
#include <QApplication>
#include <QDir>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>

#include "backend/graph/project_json.h"
#include "backend/graph/templates.h"
#include "designer/canvas/network_view.h"
#include "designer/main_window.h"
#include "designer/panels/palette_model.h"
#include "designer/theme/theme.h"
#include "designer/window/project_files.h"
#include "designer/window/user_settings.h"
#include "tests/support/dialogs.h"

using namespace netwright;

class TestMainWindow : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase();
  void init();
  void cleanup();

  void starts_empty_and_quiet();
  void palette_adds_layers_and_undo_takes_them_back();
  void shortcuts_reach_the_search();
  void no_shortcut_has_two_meanings();
  void selection_reaches_the_panels();
  void undo_works_while_a_spin_has_the_cursor();
  void saves_under_a_new_name_and_reopens();
  void asks_before_losing_work_data();
  void asks_before_losing_work();
  void save_in_the_question_saves();
  void closing_asks();
  void broken_files_are_refused_in_words();
  void a_place_that_cannot_be_written_keeps_the_work();
  void templates_open_unmodified();
  void networks_have_tabs();
  void recent_files_are_remembered();
  void dropped_files_open();
  void panels_hide_and_come_back();
  void appearance_changes_and_is_remembered();

 private:
  QAction* action(const char* name) const {
    auto* found = window_->findChild<QAction*>(QStringLiteral("action.") + QString::fromLatin1(name));
    if (found == nullptr) {
      qFatal("no action %s", name);
    }
    return found;
  }
  template <class Widget>
  Widget* part(const char* name) const {
    auto* found = window_->findChild<Widget*>(QString::fromLatin1(name));
    if (found == nullptr) {
      qFatal("no widget %s", name);
    }
    return found;
  }
  const Network& network() const { return window_->document().project().networks.front(); }
  void add(const QString& type) {
    QTest::keyClick(window_.get(), Qt::Key_K, Qt::ControlModifier);
    auto* search = part<QLineEdit>("palette.search");
    QTest::keyClicks(search, type);
    QTest::keyClick(search, Qt::Key_Return);
    QTest::keyClick(search, Qt::Key_Escape);
  }
  void open_window() {
    window_ = std::make_unique<MainWindow>();
    window_->show();
    activate();
  }
  /// After a dialog, too: shortcuts are the active window's.
  void activate() {
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
  }
  QString path(const char* name) const { return folder_->filePath(QString::fromLatin1(name)); }

  std::unique_ptr<QTemporaryDir> folder_;
  std::unique_ptr<MainWindow> window_;
};

void TestMainWindow::initTestCase() {
  QStandardPaths::setTestModeEnabled(true);
  QCoreApplication::setOrganizationName(QStringLiteral("netwright"));
  QCoreApplication::setApplicationName(QStringLiteral("test_main_window"));
  QApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
  Theme::instance().set_appearance(Appearance::Light);
}

void TestMainWindow::init() {
  QFile::remove(UserSettings::file());
  folder_ = std::make_unique<QTemporaryDir>();
  open_window();
}

void TestMainWindow::cleanup() {
  window_.reset();
  folder_.reset();
}

void TestMainWindow::starts_empty_and_quiet() {
  QVERIFY(!window_->isWindowModified());
  QVERIFY(window_->windowTitle().contains(QStringLiteral("[*]")));
  QVERIFY(network().layers.empty());
  QVERIFY(window_->view() != nullptr);
  for (const char* disabled : {"undo", "redo", "cut", "copy", "remove", "duplicate", "arrange", "stop", "train",
                               "remove_network", "rename_layer"}) {
    QVERIFY2(!action(disabled)->isEnabled(), disabled);
  }
  for (const char* enabled : {"new_project", "open", "save", "save_as", "paste", "zoom_in", "add_network"}) {
    QVERIFY2(action(enabled)->isEnabled(), enabled);
  }
  QVERIFY(!part<QPushButton>("tool.train")->isEnabled());
}

void TestMainWindow::palette_adds_layers_and_undo_takes_them_back() {
  const std::string empty = to_json(window_->document().project());
  add(QStringLiteral("Input"));
  add(QStringLiteral("Conv2d"));
  QCOMPARE(network().layers.size(), 2U);
  QCOMPARE(network().connections.size(), 1U);
  QVERIFY(window_->isWindowModified());
  QVERIFY(action("undo")->isEnabled());
  QVERIFY(part<QLabel>("status.totals")->text().contains(QStringLiteral("320")));
  const std::string drawn = to_json(window_->document().project());
  while (action("undo")->isEnabled()) {
    QTest::keyClick(window_.get(), Qt::Key_Z, Qt::ControlModifier);
  }
  QCOMPARE(to_json(window_->document().project()), empty);
  QVERIFY(!window_->isWindowModified());
  while (action("redo")->isEnabled()) {
    QTest::keyClick(window_.get(), Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
  }
  QCOMPARE(to_json(window_->document().project()), drawn);
}

void TestMainWindow::shortcuts_reach_the_search() {
  auto* search = part<QLineEdit>("palette.search");
  QVERIFY(!search->hasFocus());
  QTest::keyClick(window_.get(), Qt::Key_Slash);
  QVERIFY(search->hasFocus());
  QTest::keyClicks(search, QStringLiteral("a/b"));
  QCOMPARE(search->text(), QStringLiteral("a/b"));
}

void TestMainWindow::no_shortcut_has_two_meanings() {
  QMap<QString, QString> meanings;
  for (const QAction* one : window_->actions()) {
    for (const QKeySequence& keys : one->shortcuts()) {
      QVERIFY2(!meanings.contains(keys.toString()),
               qPrintable(keys.toString() + QLatin1Char(' ') + meanings.value(keys.toString())));
      meanings[keys.toString()] = one->objectName();
    }
  }
  QVERIFY(meanings.size() > 20);
}

void TestMainWindow::selection_reaches_the_panels() {
  add(QStringLiteral("Input"));
  add(QStringLiteral("Conv2d"));
  const LayerId conv = network().layers.back().id;
  window_->view()->select({conv});
  QCOMPARE(part<QLabel>("inspector.type")->text(), QStringLiteral("Conv2d"));
  QVERIFY(part<QLabel>("explain.formulas")->text().contains(QStringLiteral("<b>26</b>")));
  QVERIFY(action("copy")->isEnabled());
  QTest::keyClick(window_.get(), Qt::Key_F2);
  QVERIFY(part<QLineEdit>("inspector.name")->hasFocus());
  window_->view()->select({});
  QVERIFY(!action("copy")->isEnabled());
  QVERIFY(part<QLineEdit>("inspector.project_name")->isVisible());
}

void TestMainWindow::undo_works_while_a_spin_has_the_cursor() {
  add(QStringLiteral("Input"));
  add(QStringLiteral("Conv2d"));
  window_->view()->select({network().layers.back().id});
  auto* spin = part<QWidget>("setting.out_channels.0");
  spin->setFocus();
  QTest::keyClick(spin, Qt::Key_Up);
  QTest::keyClick(spin, Qt::Key_Up);
  QCOMPARE(network().layers.back().settings.integer("out_channels"), std::int64_t{34});
  QTest::keyClick(spin, Qt::Key_Z, Qt::ControlModifier);
  QCOMPARE(network().layers.back().settings.integer("out_channels"), std::int64_t{32});
}

void TestMainWindow::saves_under_a_new_name_and_reopens() {
  add(QStringLiteral("Input"));
  const std::string drawn = to_json(window_->document().project());
  bool came = false;
  on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, path("mine")); });
  QTest::keyClick(window_.get(), Qt::Key_S, Qt::ControlModifier);
  QVERIFY(came);
  QVERIFY(QFile::exists(path("mine.netwright")));
  QVERIFY(!window_->isWindowModified());
  QVERIFY(window_->windowTitle().startsWith(QStringLiteral("mine")));
  QVERIFY(!action("save")->isEnabled());

  activate();
  add(QStringLiteral("ReLU"));
  QVERIFY(action("save")->isEnabled());
  QTest::keyClick(window_.get(), Qt::Key_S, Qt::ControlModifier);
  QVERIFY(!window_->isWindowModified());
  on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, path("other.netwright")); });
  action("save_as")->trigger();
  QVERIFY(came);
  QCOMPARE(window_->document().file_path(), QFileInfo(path("other.netwright")).absoluteFilePath());

  activate();
  action("new_project")->trigger();
  QVERIFY(network().layers.empty());
  on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, path("mine.netwright")); });
  QTest::keyClick(window_.get(), Qt::Key_O, Qt::ControlModifier);
  QVERIFY(came);
  QCOMPARE(network().layers.size(), 2U);
  QVERIFY(to_json(window_->document().project()) != drawn);
  QVERIFY(!window_->isWindowModified());
}

void TestMainWindow::asks_before_losing_work_data() {
  QTest::addColumn<int>("answer");
  QTest::addColumn<bool>("keeps");
  QTest::newRow("cancel") << static_cast<int>(QMessageBox::Cancel) << true;
  QTest::newRow("discard") << static_cast<int>(QMessageBox::Discard) << false;
}

void TestMainWindow::asks_before_losing_work() {
  QFETCH(int, answer);
  QFETCH(bool, keeps);
  add(QStringLiteral("Input"));
  bool came = false;
  on_dialog(came, [&](QWidget* dialog) { press(dialog, static_cast<QMessageBox::StandardButton>(answer)); });
  QTest::keyClick(window_.get(), Qt::Key_N, Qt::ControlModifier);
  QVERIFY(came);
  QCOMPARE(network().layers.empty(), !keeps);
  QCOMPARE(window_->isWindowModified(), keeps);
}

void TestMainWindow::save_in_the_question_saves() {
  QVERIFY(window_->document().save(path("kept.netwright")));
  add(QStringLiteral("Input"));
  bool came = false;
  on_dialog(came, [&](QWidget* dialog) { press(dialog, QMessageBox::Save); });
  QVERIFY(window_->files().new_project());
  QVERIFY(came);
  const auto kept = read_project(path("kept.netwright").toStdString());
  QVERIFY(kept);
  QCOMPARE(kept->networks.front().layers.size(), 1U);
}

void TestMainWindow::closing_asks() {
  add(QStringLiteral("Input"));
  bool came = false;
  on_dialog(came, [&](QWidget* dialog) { press(dialog, QMessageBox::Cancel); });
  QVERIFY(!window_->close());
  QVERIFY(came);
  on_dialog(came, [&](QWidget* dialog) { press(dialog, QMessageBox::Discard); });
  QVERIFY(window_->close());
  QVERIFY(came);
}

void TestMainWindow::broken_files_are_refused_in_words() {
  add(QStringLiteral("Input"));
  QVERIFY(window_->document().save(path("good.netwright")));
  QFile broken(path("broken.netwright"));
  QVERIFY(broken.open(QIODevice::WriteOnly));
  broken.write("{\"format\": ");
  broken.close();
  bool came = false;
  QString words;
  on_dialog(came, [&](QWidget* dialog) {
    const auto* box = qobject_cast<QMessageBox*>(dialog);
    words = box->text() + box->informativeText();
    press(dialog, QMessageBox::Ok);
  });
  QVERIFY(!window_->files().open_file(path("broken.netwright")));
  QVERIFY(came);
  QVERIFY2(words.contains(QStringLiteral("broken.netwright")), qPrintable(words));
  QCOMPARE(network().layers.size(), 1U);
  QCOMPARE(window_->document().file_path(), path("good.netwright"));
}

void TestMainWindow::a_place_that_cannot_be_written_keeps_the_work() {
  QVERIFY(QDir(folder_->path()).mkdir(QStringLiteral("gone")));
  QVERIFY(window_->document().save(path("gone/a.netwright")));
  QVERIFY(QDir(path("gone")).removeRecursively());
  add(QStringLiteral("Input"));
  bool came = false;
  on_dialog(came, [&](QWidget* dialog) { press(dialog, QMessageBox::Ok); });
  QVERIFY(!window_->files().save());
  QVERIFY(came);
  QVERIFY(window_->isWindowModified());
  QCOMPARE(network().layers.size(), 1U);
}

void TestMainWindow::templates_open_unmodified() {
  const std::vector<Template> known = templates();
  QVERIFY(!known.empty());
  auto* menu = part<QMenu>("menu.templates");
  emit menu->aboutToShow();
  QCOMPARE(menu->actions().size(), static_cast<qsizetype>(known.size()));
  for (QAction* entry : menu->actions()) {
    entry->trigger();
    QVERIFY(!window_->isWindowModified());
    QVERIFY(window_->document().file_path().isEmpty());
    emit menu->aboutToShow();
    break;
  }
  QVERIFY(window_->files().new_from_template(QString::fromStdString(known.back().name)));
  QVERIFY(action("train")->isEnabled());
}

void TestMainWindow::networks_have_tabs() {
  auto* tabs = part<QTabWidget>("networks");
  QCOMPARE(tabs->count(), 1);
  QTest::mouseClick(part<QToolButton>("networks.add"), Qt::LeftButton);
  QCOMPARE(tabs->count(), 2);
  QCOMPARE(tabs->currentIndex(), 1);
  QVERIFY(action("remove_network")->isEnabled());
  bool came = false;
  on_dialog(came, [](QWidget* dialog) {
    dialog->findChild<QLineEdit*>()->setText(QStringLiteral("critic"));
    QTest::keyClick(dialog->findChild<QLineEdit*>(), Qt::Key_Return);
  });
  action("rename_network")->trigger();
  QVERIFY(came);
  QCOMPARE(tabs->tabText(1), QStringLiteral("critic"));
  action("remove_network")->trigger();
  QCOMPARE(tabs->count(), 1);
  QVERIFY(!action("remove_network")->isEnabled());
  action("undo")->trigger();
  QCOMPARE(tabs->count(), 2);
  QCOMPARE(tabs->tabText(1), QStringLiteral("critic"));
}

void TestMainWindow::recent_files_are_remembered() {
  QVERIFY(ProjectFiles::recent().isEmpty());
  QVERIFY(write_project(empty_project(), path("a.netwright").toStdString()));
  QVERIFY(write_project(empty_project(), path("b.netwright").toStdString()));
  QVERIFY(window_->files().open_file(path("a.netwright")));
  QVERIFY(window_->files().open_file(path("b.netwright")));
  QVERIFY(window_->files().open_file(path("a.netwright")));
  QCOMPARE(ProjectFiles::recent(), QStringList({path("a.netwright"), path("b.netwright")}));
  QVERIFY(QFile::remove(path("b.netwright")));
  QCOMPARE(ProjectFiles::recent(), QStringList{path("a.netwright")});
}

void TestMainWindow::dropped_files_open() {
  QVERIFY(write_project(empty_project(), path("dropped.netwright").toStdString()));
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(path("dropped.netwright"))});
  QDragEnterEvent enter({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(window_.get(), &enter);
  QVERIFY(enter.isAccepted());
  QDropEvent drop({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(window_.get(), &drop);
  QTRY_COMPARE(window_->document().file_path(), path("dropped.netwright"));
  QMimeData other;
  other.setUrls({QUrl::fromLocalFile(path("picture.png"))});
  QDragEnterEvent refused({5, 5}, Qt::CopyAction, &other, Qt::LeftButton, Qt::NoModifier);
  refused.ignore();
  QApplication::sendEvent(window_.get(), &refused);
  QVERIFY(!refused.isAccepted());
}

void TestMainWindow::panels_hide_and_come_back() {
  action("show_palette")->trigger();
  QVERIFY(!part<QWidget>("palette")->isVisible());
  QVERIFY(window_->close());
  open_window();
  QVERIFY(!part<QWidget>("palette")->isVisible());
  QVERIFY(!action("show_palette")->isChecked());
  QTest::keyClick(window_.get(), Qt::Key_K, Qt::ControlModifier);
  QVERIFY(part<QWidget>("palette")->isVisible());
}

void TestMainWindow::appearance_changes_and_is_remembered() {
  action("dark_appearance")->trigger();
  QVERIFY(Theme::instance().is_dark());
  QCOMPARE(UserSettings().value(QStringLiteral("appearance")).toInt(), static_cast<int>(Appearance::Dark));
  action("light_appearance")->trigger();
  QVERIFY(!Theme::instance().is_dark());
}

QTEST_MAIN(TestMainWindow)
#include "test_main_window.moc"
