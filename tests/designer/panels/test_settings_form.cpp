#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QStyle>
#include <QStyleOptionSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWheelEvent>

#include "designer/panels/number_spin.h"
#include "designer/panels/settings_form.h"
#include "designer/theme/theme.h"

using namespace netwright;

namespace {

struct Change {
  QString name;
  Value value;
  QString gesture;
};

std::vector<SettingSpec> every_kind() {
  return {
      {.name = "out_channels",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{32},
       .help = "Filters.",
       .minimum = 1,
       .maximum = 1000},
      {.name = "lr", .kind = SettingKind::Real, .fallback = 0.001, .help = "Rate.", .minimum = 0, .maximum = 10},
      {.name = "bias", .kind = SettingKind::Boolean, .fallback = true, .help = "Adds a number."},
      {.name = "mode",
       .kind = SettingKind::Choice,
       .fallback = std::string("zeros"),
       .help = "What it holds.",
       .choices = {"zeros", "reflect", "circular"}},
      {.name = "note", .kind = SettingKind::Text, .fallback = std::string(), .help = "Words."},
      {.name = "file", .kind = SettingKind::FilePath, .fallback = std::string(), .help = "A file."},
      {.name = "folder", .kind = SettingKind::FolderPath, .fallback = std::string(), .help = "A folder."},
      {.name = "padding",
       .kind = SettingKind::Integers,
       .fallback = Integers{0, 0},
       .help = "Around.",
       .minimum = 0,
       .maximum = 100,
       .choices = {"same"},
       .length = 2},
      {.name = "shape",
       .kind = SettingKind::Integers,
       .fallback = Integers{1, 28, 28},
       .help = "Sizes.",
       .minimum = 1,
       .maximum = 10000},
      {.name = "betas",
       .kind = SettingKind::Reals,
       .fallback = Reals{0.9, 0.999},
       .help = "Decays.",
       .minimum = 0,
       .maximum = 0.9999,
       .length = 2},
  };
}

}  // namespace

class TestSettingsForm : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void cleanup();

  void shows_every_kind();
  void each_field_has_its_help();
  void idle_settings_are_hidden();
  void folders_are_chosen_as_such();
  void typing_is_one_gesture_until_enter();
  void a_held_spin_is_one_gesture();
  void resting_ends_the_gesture();
  void leaving_ends_the_gesture();
  void real_typed_and_stepped();
  void check_box();
  void choice_by_keyboard();
  void file_is_told_when_typing_is_over();
  void linked_numbers_stay_equal();
  void parted_numbers_differ();
  void a_word_instead_of_numbers();
  void list_data();
  void list();
  void complains_and_keeps_quiet();
  void escape_takes_back();
  void values_from_outside_do_not_disturb();
  void remark_under_the_field();
  void wheel_needs_focus();
  void label_resets_to_the_default();
  void other_specs_make_other_fields();

 private:
  template <class Widget>
  Widget* part(const char* name) const {
    Widget* found = form_->findChild<Widget*>(QString::fromLatin1(name));
    if (found == nullptr) {
      qFatal("no widget %s", name);
    }
    return found;
  }
  QLineEdit* edit_of(const char* spin) const { return part<NumberSpin>(spin)->findChild<QLineEdit*>(); }
  void type(QLineEdit* edit, const char* text) {
    edit->setFocus();
    edit->selectAll();
    QTest::keyClicks(edit->focusProxy() != nullptr ? edit->focusProxy() : edit, QString::fromUtf8(text));
  }
  QString complaint(const char* setting) const {
    const auto* label = part<QLabel>(setting);
    return label->isVisible() ? label->text() : QString();
  }

  std::unique_ptr<QWidget> window_;
  SettingsForm* form_ = nullptr;
  QLineEdit* elsewhere_ = nullptr;
  std::vector<Change> changes_;
};

void TestSettingsForm::init() {
  QApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
  Theme::instance().set_appearance(Appearance::Light);
  window_ = std::make_unique<QWidget>();
  auto* column = new QVBoxLayout(window_.get());
  elsewhere_ = new QLineEdit;
  form_ = new SettingsForm;
  column->addWidget(elsewhere_);
  column->addWidget(form_);
  form_->show_settings(every_kind(), defaults(every_kind()));
  changes_.clear();
  connect(form_, &SettingsForm::setting_changed, this,
          [this](const QString& name, const Value& value, const QString& gesture) {
            changes_.push_back({name, value, gesture});
          });
  window_->resize(420, 500);
  window_->show();
  window_->activateWindow();
  QVERIFY(QTest::qWaitForWindowActive(window_.get()));
}

void TestSettingsForm::cleanup() {
  window_.reset();
}

void TestSettingsForm::shows_every_kind() {
  QCOMPARE(edit_of("setting.out_channels.0")->text(), QStringLiteral("32"));
  QCOMPARE(edit_of("setting.lr.0")->text(), QStringLiteral("0.001"));
  QVERIFY(part<QCheckBox>("setting.bias.0")->isChecked());
  QCOMPARE(part<QComboBox>("setting.mode.0")->currentText(), QStringLiteral("zeros"));
  QCOMPARE(edit_of("setting.padding.1")->text(), QStringLiteral("0"));
  QCOMPARE(part<QLineEdit>("setting.shape.0")->text(), QStringLiteral("1, 28, 28"));
  QCOMPARE(edit_of("setting.betas.1")->text(), QStringLiteral("0.999"));
  QVERIFY(changes_.empty());
}

void TestSettingsForm::each_field_has_its_help() {
  for (const SettingSpec& spec : every_kind()) {
    const QString name = QString::fromStdString(spec.name);
    const auto* field = form_->findChild<QWidget*>(QStringLiteral("setting.") + name);
    QVERIFY(field != nullptr);
    QCOMPARE(field->toolTip(), QString::fromStdString(spec.help));
    QCOMPARE(field->accessibleName(), name);
    QCOMPARE(form_->findChild<QLabel*>(QStringLiteral("label.") + name)->text(), name);
  }
}

void TestSettingsForm::idle_settings_are_hidden() {
  const auto shown = [this](const char* name) {
    return part<QWidget>(qPrintable(QStringLiteral("setting.") + QString::fromLatin1(name)))->isVisible();
  };
  form_->set_hidden({"lr", "padding"});
  QVERIFY(!shown("lr") && !part<QLabel>("label.lr")->isVisible());
  QVERIFY(!shown("padding") && shown("bias"));
  // Nor is said what is wrong with them.
  form_->set_remark("lr", "too high");
  QCOMPARE(complaint("complaint.lr"), QString());
  form_->show_settings(every_kind(), defaults(every_kind()));
  QVERIFY(!shown("lr"));
  form_->set_hidden({"bias"});
  QVERIFY(shown("lr") && shown("padding") && !shown("bias"));
  QCOMPARE(complaint("complaint.lr"), QStringLiteral("too high"));
  QVERIFY(changes_.empty());
}

void TestSettingsForm::folders_are_chosen_as_such() {
  QTemporaryDir folder;
  QTimer answer;
  connect(&answer, &QTimer::timeout, this, [&] {
    auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
    if (dialog == nullptr) {
      return;
    }
    answer.stop();
    QCOMPARE(dialog->fileMode(), QFileDialog::Directory);
    dialog->setDirectory(folder.path());
    dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"))->setText(folder.path());
    dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Open)->setEnabled(true);
    QMetaObject::invokeMethod(dialog, "accept");
  });
  answer.start(50);
  QTest::mouseClick(part<QToolButton>("setting.folder.browse"), Qt::LeftButton);
  QCOMPARE(changes_.size(), std::size_t{1});
  QCOMPARE(std::get<std::string>(changes_[0].value), folder.path().toStdString());
}

void TestSettingsForm::typing_is_one_gesture_until_enter() {
  auto* spin = part<NumberSpin>("setting.out_channels.0");
  type(edit_of("setting.out_channels.0"), "64");
  QCOMPARE(changes_.size(), 2U);
  QVERIFY(changes_.back().value == Value(std::int64_t{64}));
  QVERIFY(!changes_[0].gesture.isEmpty());
  QCOMPARE(changes_[0].gesture, changes_[1].gesture);
  QTest::keyClick(spin, Qt::Key_Return);
  QTest::keyClick(spin, Qt::Key_Up);
  QVERIFY(changes_.back().value == Value(std::int64_t{65}));
  QVERIFY(changes_.back().gesture != changes_.front().gesture);
}

void TestSettingsForm::a_held_spin_is_one_gesture() {
  auto* spin = part<NumberSpin>("setting.out_channels.0");
  QStyleOptionSpinBox option;
  option.initFrom(spin);
  option.subControls = QStyle::SC_All;
  const QPoint up = spin->style()->subControlRect(QStyle::CC_SpinBox, &option, QStyle::SC_SpinBoxUp, spin).center();
  QTest::mousePress(spin, Qt::LeftButton, {}, up);
  QTRY_VERIFY_WITH_TIMEOUT(changes_.size() >= 4, 20000);
  QTest::mouseRelease(spin, Qt::LeftButton, {}, up);
  for (const Change& change : changes_) {
    QCOMPARE(change.gesture, changes_.front().gesture);
  }
}

void TestSettingsForm::resting_ends_the_gesture() {
  auto* spin = part<NumberSpin>("setting.out_channels.0");
  spin->setFocus();
  QTest::keyClick(spin, Qt::Key_Up);
  QTest::qWait(1300);
  QTest::keyClick(spin, Qt::Key_Up);
  QCOMPARE(changes_.size(), 2U);
  QVERIFY(changes_[0].gesture != changes_[1].gesture);
}

void TestSettingsForm::leaving_ends_the_gesture() {
  auto* spin = part<NumberSpin>("setting.out_channels.0");
  spin->setFocus();
  QTest::keyClick(spin, Qt::Key_Up);
  elsewhere_->setFocus();
  spin->setFocus();
  QTest::keyClick(spin, Qt::Key_Up);
  QVERIFY(changes_[0].gesture != changes_[1].gesture);
}

void TestSettingsForm::real_typed_and_stepped() {
  auto* spin = part<NumberSpin>("setting.lr.0");
  type(edit_of("setting.lr.0"), "3e-4");
  QVERIFY(changes_.back().value == Value(3e-4));
  QTest::keyClick(spin, Qt::Key_Up);
  QVERIFY(changes_.back().value == Value(4e-4));
  QCOMPARE(edit_of("setting.lr.0")->text(), QStringLiteral("0.0004"));
}

void TestSettingsForm::check_box() {
  auto* box = part<QCheckBox>("setting.bias.0");
  box->setFocus();
  QTest::keyClick(box, Qt::Key_Space);
  QTest::keyClick(box, Qt::Key_Space);
  QCOMPARE(changes_.size(), 2U);
  QVERIFY(changes_[0].value == Value(false));
  QVERIFY(changes_[0].gesture != changes_[1].gesture);
}

void TestSettingsForm::choice_by_keyboard() {
  auto* combo = part<QComboBox>("setting.mode.0");
  combo->setFocus();
  QTest::keyClick(combo, Qt::Key_Down);
  QCOMPARE(changes_.size(), 1U);
  QVERIFY(changes_[0].value == Value(std::string("reflect")));
}

void TestSettingsForm::file_is_told_when_typing_is_over() {
  auto* edit = part<QLineEdit>("setting.file.0");
  type(edit, "/data/x.csv");
  QVERIFY(changes_.empty());
  QTest::keyClick(edit, Qt::Key_Return);
  QCOMPARE(changes_.size(), 1U);
  QVERIFY(changes_[0].value == Value(std::string("/data/x.csv")));
  const auto* choose_file = part<QToolButton>("setting.file.browse");
  const auto* choose_folder = part<QToolButton>("setting.folder.browse");
  QCOMPARE(choose_file->toolTip(), QStringLiteral("Choose a file"));
  QCOMPARE(choose_folder->toolTip(), QStringLiteral("Choose a folder"));
}

void TestSettingsForm::linked_numbers_stay_equal() {
  QVERIFY(part<QToolButton>("setting.padding.link")->isChecked());
  type(edit_of("setting.padding.0"), "2");
  QVERIFY(changes_.back().value == Value(Integers{2, 2}));
  QCOMPARE(edit_of("setting.padding.1")->text(), QStringLiteral("2"));
  type(edit_of("setting.padding.1"), "3");
  QVERIFY(changes_.back().value == Value(Integers{3, 3}));
}

void TestSettingsForm::parted_numbers_differ() {
  auto* link = part<QToolButton>("setting.padding.link");
  QTest::mouseClick(link, Qt::LeftButton);
  type(edit_of("setting.padding.1"), "4");
  QVERIFY(changes_.back().value == Value(Integers{0, 4}));
  QTest::mouseClick(link, Qt::LeftButton);
  QVERIFY(changes_.back().value == Value(Integers{0, 0}));
  Settings settings = defaults(every_kind());
  settings.set("padding", Integers{1, 2});
  form_->show_settings(every_kind(), settings);
  QVERIFY(!link->isChecked());
}

void TestSettingsForm::a_word_instead_of_numbers() {
  auto* same = part<QToolButton>("setting.padding.same");
  QTest::mouseClick(same, Qt::LeftButton);
  QVERIFY(changes_.back().value == Value(std::string("same")));
  QVERIFY(!part<NumberSpin>("setting.padding.0")->isEnabled());
  QTest::mouseClick(same, Qt::LeftButton);
  QVERIFY(changes_.back().value == Value(Integers{0, 0}));
  QVERIFY(part<NumberSpin>("setting.padding.0")->isEnabled());
}

void TestSettingsForm::list_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<QString>("result");
  QTest::newRow("commas") << "3, 32, 32"
                          << "3, 32, 32";
  QTest::newRow("one") << "784"
                       << "784";
  QTest::newRow("times") << QStringLiteral("3×224×224") << "3, 224, 224";
  QTest::newRow("spaces") << "3 8 8"
                          << "3, 8, 8";
}

void TestSettingsForm::list() {
  QFETCH(QString, text);
  QFETCH(QString, result);
  type(part<QLineEdit>("setting.shape.0"), text.toUtf8().constData());
  QCOMPARE(QString::fromStdString(to_text(changes_.back().value)), result);
  QVERIFY(complaint("complaint.shape").isEmpty());
}

void TestSettingsForm::complains_and_keeps_quiet() {
  type(edit_of("setting.out_channels.0"), "0");
  QVERIFY(changes_.empty());
  QVERIFY2(complaint("complaint.out_channels").contains(QStringLiteral("out_channels must be")),
           qPrintable(complaint("complaint.out_channels")));
  type(edit_of("setting.out_channels.0"), "7x");
  QVERIFY(changes_.back().value == Value(std::int64_t{7}));
  QVERIFY(!complaint("complaint.out_channels").isEmpty());
  type(part<QLineEdit>("setting.shape.0"), "1, a");
  QVERIFY(complaint("complaint.shape").contains(QStringLiteral("1, 28, 28")));
  type(part<QLineEdit>("setting.shape.0"), "1, 5");
  QVERIFY(complaint("complaint.shape").isEmpty());
}

void TestSettingsForm::escape_takes_back() {
  QLineEdit* edit = edit_of("setting.out_channels.0");
  type(edit, "x");
  QTest::keyClick(part<NumberSpin>("setting.out_channels.0"), Qt::Key_Escape);
  QCOMPARE(edit->text(), QStringLiteral("32"));
  QVERIFY(complaint("complaint.out_channels").isEmpty());
}

void TestSettingsForm::values_from_outside_do_not_disturb() {
  QLineEdit* edit = edit_of("setting.out_channels.0");
  type(edit, "123");
  edit->setCursorPosition(1);
  changes_.clear();
  Settings settings = defaults(every_kind());
  settings.set("out_channels", std::int64_t{123});
  settings.set("bias", false);
  form_->show_settings(every_kind(), settings);
  QCOMPARE(edit->cursorPosition(), 1);
  QCOMPARE(edit, edit_of("setting.out_channels.0"));
  QVERIFY(part<NumberSpin>("setting.out_channels.0")->hasFocus());
  QVERIFY(!part<QCheckBox>("setting.bias.0")->isChecked());
  QVERIFY(changes_.empty());
}

void TestSettingsForm::remark_under_the_field() {
  form_->set_remark(QStringLiteral("padding"), QStringLiteral("Too wide."));
  QCOMPARE(complaint("complaint.padding"), QStringLiteral("Too wide."));
  form_->clear_remarks();
  QVERIFY(complaint("complaint.padding").isEmpty());
}

void TestSettingsForm::wheel_needs_focus() {
  auto* spin = part<NumberSpin>("setting.out_channels.0");
  auto* combo = part<QComboBox>("setting.mode.0");
  const auto scroll = [](QWidget* widget) {
    const QPointF place = QRectF(widget->rect()).center();
    QWheelEvent event(place, widget->mapToGlobal(place), {}, QPoint(0, 120), Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QApplication::sendEvent(widget, &event);
  };
  elsewhere_->setFocus();
  scroll(spin);
  scroll(combo);
  QVERIFY(changes_.empty());
  spin->setFocus();
  scroll(spin);
  QCOMPARE(changes_.size(), 1U);
  QVERIFY(changes_[0].value == Value(std::int64_t{33}));
}

void TestSettingsForm::label_resets_to_the_default() {
  auto* label = part<QLabel>("label.out_channels");
  QCOMPARE(label->actions().size(), 1);
  QVERIFY(!label->actions().front()->isEnabled());
  type(edit_of("setting.out_channels.0"), "5");
  QVERIFY(label->actions().front()->isEnabled());
  label->actions().front()->trigger();
  QVERIFY(changes_.back().value == Value(std::int64_t{32}));
  QCOMPARE(edit_of("setting.out_channels.0")->text(), QStringLiteral("32"));
}

void TestSettingsForm::other_specs_make_other_fields() {
  const std::vector<SettingSpec> one = {every_kind()[1]};
  form_->show_settings(one, defaults(one));
  QVERIFY(form_->findChild<QWidget*>(QStringLiteral("setting.out_channels")) == nullptr);
  type(edit_of("setting.lr.0"), "0.5");
  QCOMPARE(changes_.back().name, QStringLiteral("lr"));
}

QTEST_MAIN(TestSettingsForm)
#include "test_settings_form.moc"
