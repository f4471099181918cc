// A Block in the inspector: its network, its repetitions, and the settings that its network leaves to it.
#include <QAction>
#include <QComboBox>
#include <QContextMenuEvent>
#include <QInputDialog>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTimer>

#include <functional>

#include "backend/graph/blocks.h"
#include "designer/panels/inspector.h"
#include "tests/designer/panels/panel_fixture.h"

using namespace netwright;

class TestBlockInspector : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void cleanup();
  void a_setting_is_exposed_by_a_right_click();
  void names_that_cannot_be_are_refused();
  void a_block_chooses_what_is_exposed();
  void what_is_as_within_is_not_chosen();
  void the_network_is_chosen_by_name();
  void its_network_can_be_opened();

 private:
  /// Opens the menu of a setting's name as a right click does, and chooses the entry; then answers with the names.
  void choose_in_menu(const char* label, const QString& entry, QStringList names = {});
  const Network& within() const { return *small_->document.project().find(inner_); }

  std::unique_ptr<SmallNetwork> small_;
  std::unique_ptr<Inspector> inspector_;
  NetworkId inner_;
  LayerId block_;
};

void TestBlockInspector::init() {
  small_ = std::make_unique<SmallNetwork>();
  const auto made = make_block(small_->document.project(), small_->network, {small_->conv, small_->relu}, [](PortRef) {
    return Shape{1, 28, 28};
  });
  QVERIFY(made);
  QVERIFY(small_->document.edit(QString(), made->edits));
  small_->document.undo_stack().clear();
  inner_ = made->network;
  block_ = made->block;
  inspector_ = std::make_unique<Inspector>(small_->document);
  inspector_->resize(400, 800);
  inspector_->show();
  inspector_->activateWindow();
  QVERIFY(QTest::qWaitForWindowActive(inspector_.get()));
}

void TestBlockInspector::cleanup() {
  inspector_.reset();
  small_.reset();
}

void TestBlockInspector::choose_in_menu(const char* label, const QString& entry, QStringList names) {
  auto* named = part<QLabel>(*inspector_, label);
  bool was_offered = false;
  bool is_over = false;
  // Armed again before it acts: what it does may wait for the next answer.
  std::function<void()> answer = [&] {
    if (is_over) {
      return;
    }
    QTimer::singleShot(20, this, [&] { answer(); });
    if (auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget())) {
      for (QAction* action : menu->actions()) {
        if (action->text() == entry) {
          was_offered = true;
          QTest::mouseClick(menu, Qt::LeftButton, {}, menu->actionGeometry(action).center());
          return;
        }
      }
      menu->close();
    } else if (auto* dialog = qobject_cast<QInputDialog*>(QApplication::activeModalWidget())) {
      if (names.isEmpty()) {
        dialog->reject();
        return;
      }
      dialog->setTextValue(names.takeFirst());
      QTest::keyClick(dialog->findChild<QLineEdit*>(), Qt::Key_Return);
    }
  };
  answer();
  QContextMenuEvent event(QContextMenuEvent::Mouse, named->rect().center(), named->mapToGlobal(named->rect().center()));
  QApplication::sendEvent(named, &event);
  is_over = true;
  QTest::qWait(30);
  QVERIFY2(was_offered, qPrintable(entry));
}

void TestBlockInspector::a_setting_is_exposed_by_a_right_click() {
  const LayerId conv = within().find("conv1")->id;
  inspector_->show_selection(inner_, {conv});
  choose_in_menu("label.out_channels", QStringLiteral("Expose in block…"), {QStringLiteral("width")});
  QCOMPARE(within().exposed, (std::vector<ExposedSetting>{{"width", conv, "out_channels"}}));
  QCOMPARE(small_->document.undo_stack().count(), 1);
  auto* label = part<QLabel>(*inspector_, "label.out_channels");
  QVERIFY(label->text() != QStringLiteral("out_channels"));
  QVERIFY(label->toolTip().contains(QStringLiteral("width")));
  choose_in_menu("label.out_channels", QStringLiteral("Don't expose in block"));
  QVERIFY(within().exposed.empty());
  QCOMPARE(label->text(), QStringLiteral("out_channels"));
}

void TestBlockInspector::names_that_cannot_be_are_refused() {
  inspector_->show_selection(inner_, {within().find("conv1")->id});
  choose_in_menu("label.out_channels", QStringLiteral("Expose in block…"),
                 {QStringLiteral("repeat"), QStringLiteral("two words"), QStringLiteral("width")});
  QCOMPARE(within().exposed.size(), std::size_t{1});
  QCOMPARE(within().exposed.front().name, std::string("width"));
}

void TestBlockInspector::a_block_chooses_what_is_exposed() {
  const LayerId conv = within().find("conv1")->id;
  QVERIFY(small_->document.edit(QString(), {SetExposed{inner_, {{"width", conv, "out_channels"}}}}));
  inspector_->show_selection(small_->network, {block_});
  QCOMPARE(part<NumberSpin>(*inspector_, "setting.width.0")->whole().value_or(0), std::int64_t{32});
  retype_spin(*inspector_, "setting.width.0", QStringLiteral("64"));
  QCOMPARE(small_->layer(block_).settings.integer("width"), std::int64_t{64});
  QCOMPARE(within().find(conv)->settings.integer("out_channels"), std::int64_t{32});
  const LayerReport* report = small_->document.report().find(small_->network, block_);
  QCOMPARE(report->outputs.front().to_string(), std::string("64×26×26"));
  QCOMPARE(report->parameters, Dim(640));
}

void TestBlockInspector::what_is_as_within_is_not_chosen() {
  const LayerId conv = within().find("conv1")->id;
  QVERIFY(small_->document.edit(QString(), {SetExposed{inner_, {{"width", conv, "out_channels"}}}}));
  inspector_->show_selection(small_->network, {block_});
  retype_spin(*inspector_, "setting.width.0", QStringLiteral("64"));
  part<QLabel>(*inspector_, "label.width")->actions().front()->trigger();  // reset
  QVERIFY(small_->layer(block_).settings.find("width") == nullptr);
  // So it follows the network.
  QVERIFY(small_->document.edit(QString(), {SetSetting{inner_, conv, "out_channels", std::int64_t{8}}}));
  QCOMPARE(part<NumberSpin>(*inspector_, "setting.width.0")->whole().value_or(0), std::int64_t{8});
}

void TestBlockInspector::the_network_is_chosen_by_name() {
  Network other{.id = {9}, .name = "other", .layers = {}, .connections = {}};
  other.layers = {make_layer(other, "Input", {}, {{"shape", Integers{1, 28, 28}}})};
  other.layers.push_back(make_layer(other, "Output", {}));
  other.connections = {{{other.layers[0].id, 0}, {other.layers[1].id, 0}}};
  QVERIFY(small_->document.edit(QString(), {AddNetwork{other}}));
  inspector_->show_selection(small_->network, {block_});
  auto* choice = part<QWidget>(*inspector_, "setting.network")->findChild<QComboBox*>();
  QVERIFY(choice != nullptr);
  QCOMPARE(choice->currentText(), QString::fromStdString(within().name));
  QCOMPARE(choice->count(), 2);  // not the one that it stands in
  choice->setFocus();
  QTest::keyClick(choice, choice->currentIndex() == 0 ? Qt::Key_Down : Qt::Key_Up);
  QCOMPARE(small_->layer(block_).settings.integer("network"), std::int64_t{9});
  QCOMPARE(choice->currentText(), QStringLiteral("other"));
  small_->document.undo_stack().undo();
  QCOMPARE(small_->layer(block_).settings.integer("network"), inner_.value);
}

void TestBlockInspector::its_network_can_be_opened() {
  inspector_->show_selection(small_->network, {block_});
  QSignalSpy asked(inspector_.get(), &Inspector::network_requested);
  QTest::mouseClick(part<QPushButton>(*inspector_, "inspector.open_network"), Qt::LeftButton);
  QCOMPARE(asked.size(), 1);
  QVERIFY(asked[0][0].value<NetworkId>() == inner_);
  inspector_->show_selection(small_->network, {small_->input});
  QVERIFY(!part<QPushButton>(*inspector_, "inspector.open_network")->isVisible());
}

QTEST_MAIN(TestBlockInspector)
#include "test_block_inspector.moc"
