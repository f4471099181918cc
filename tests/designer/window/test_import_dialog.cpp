// File > Import in the real window.

#include <QDropEvent>
#include <QMimeData>
#include <QPlainTextEdit>

#include "backend/core/safe_file.h"
#include "backend/graph/templates.h"
#include "backend/interop/onnx/onnx_export.h"
#include "backend/interop/safetensors.h"
#include "designer/window/project_files.h"
#include "designer/window/project_weights.h"
#include "tests/designer/window/window_fixture.h"

using namespace netwright;

namespace {

std::vector<NamedTensor> some_weights(const Document& document) {
  return weights_for(document, [](std::size_t i) { return 0.01F * static_cast<float>(i % 17); });
}

void drop(WindowFixture& with, const QString& file) {
  QMimeData data;
  data.setUrls({QUrl::fromLocalFile(file)});
  QDragEnterEvent enter({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&with.window(), &enter);
  QVERIFY(enter.isAccepted());
  QDropEvent drop({5, 5}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&with.window(), &drop);
}

bool wait_until_idle(WindowFixture& with) {
  return QTest::qWaitFor([&] { return with.action("import")->isEnabled(); }, 20000);
}

}  // namespace

class TestImport : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase();
  void a_model_becomes_a_project_with_its_weights();
  void work_is_not_lost_to_a_model();
  void a_model_can_be_dropped();
  void what_is_no_model_is_said();
  void weights_come_into_the_project();
  void weights_that_miss_some_are_listed();
  void weights_there_are_not_replaced_unasked();
  void another_name_gets_a_copy_of_the_weights();

 private:
  /// The template with two spirals, as an ONNX file.
  QString model(WindowFixture& with) {
    QString file = with.path(QStringLiteral("spirals.onnx"));
    with.document().reset(*open_template("two_spirals_mlp"));
    const auto bytes =
        onnx_model(with.network(), with.document().report().networks.front(), some_weights(with.document()));
    if (!bytes || !write_file(path_of(file), *bytes)) qFatal("no model");
    return file;
  }
};

void TestImport::initTestCase() {
  WindowFixture::prepare("test_import");
}

void TestImport::a_model_becomes_a_project_with_its_weights() {
  WindowFixture with;
  const QString file = model(with);
  const std::vector<NamedTensor> weights = some_weights(with.document());
  const Dim parameters = with.document().report().networks.front().totals.parameters;
  with.document().reset(empty_project());
  bool came = false;
  on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, file); });
  with.action("import")->trigger();
  QVERIFY(came);
  QVERIFY(!with.action("import")->isEnabled());
  QVERIFY(with.status().contains(QStringLiteral("spirals.onnx")));
  QVERIFY(wait_until_idle(with));
  QCOMPARE(with.document().report().networks.front().totals.parameters, parameters);
  QVERIFY2(with.status().contains(QStringLiteral("with its weights")), qPrintable(with.status()));
  QCOMPARE(with.document().project().name, std::string("spirals"));

  const QString unplaced = with.window().weights().file();
  QVERIFY(QFile::exists(unplaced));
  const QString saved = with.path(QStringLiteral("mine.netwright"));
  on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, saved); });
  with.action("save")->trigger();
  QVERIFY(came);
  QVERIFY(!QFile::exists(unplaced));
  const auto kept = read_safetensors(path_of(with.path(QStringLiteral("mine.safetensors"))));
  QVERIFY(kept);
  QCOMPARE(kept->tensors.size(), weights.size());
  // Names may differ from the drawing that was exported; sizes and numbers don't.
  std::multiset<std::vector<std::byte>> before;
  std::multiset<std::vector<std::byte>> after;
  for (const NamedTensor& tensor : weights) before.insert(tensor.bytes);
  for (const NamedTensor& tensor : kept->tensors) after.insert(tensor.bytes);
  QVERIFY(before == after);
}

void TestImport::work_is_not_lost_to_a_model() {
  WindowFixture with;
  const QString file = model(with);
  QVERIFY(with.document().edit(QStringLiteral("Note"), {SetNote{"mine"}}));
  QVERIFY(with.document().is_modified());
  const Project drawn = with.document().project();
  bool came = false;
  on_dialog(came, [&](QWidget* dialog) { press(dialog, QMessageBox::Cancel); });
  drop(with, file);
  QTRY_VERIFY_WITH_TIMEOUT(came, 20000);
  QVERIFY(wait_until_idle(with));
  QVERIFY(with.document().project() == drawn);
  QVERIFY(with.window().weights().file().isEmpty());
}

void TestImport::a_model_can_be_dropped() {
  WindowFixture with;
  const QString file = model(with);
  with.document().reset(empty_project());
  drop(with, file);
  QTRY_VERIFY_WITH_TIMEOUT(!with.network().layers.empty(), 20000);
}

void TestImport::what_is_no_model_is_said() {
  WindowFixture with;
  const QString file = with.path(QStringLiteral("broken.onnx"));
  QVERIFY(write_file(path_of(file), "this is no model"));
  with.document().reset(*open_template("two_spirals_mlp"));
  const Project drawn = with.document().project();
  bool came = false;
  QString words;
  bool chosen = false;
  on_dialog(chosen, [&](QWidget* dialog) {
    choose_file(dialog, file);
    on_dialog(came, [&](QWidget* failure) {
      words = message_box(failure)->text() + message_box(failure)->informativeText();
      press(failure, QMessageBox::Ok);
    });
  });
  with.action("import")->trigger();
  QVERIFY(chosen);
  QTRY_VERIFY_WITH_TIMEOUT(came, 20000);
  QVERIFY2(words.contains(QStringLiteral("broken.onnx")), qPrintable(words));
  QVERIFY(with.document().project() == drawn);
  QVERIFY(wait_until_idle(with));
}

void TestImport::weights_come_into_the_project() {
  WindowFixture with;
  with.document().reset(*open_template("two_spirals_mlp"));
  QVERIFY(with.document().save(with.path(QStringLiteral("mine.netwright"))));
  const QString file = with.path(QStringLiteral("elsewhere.safetensors"));
  QVERIFY(write_safetensors(path_of(file), {some_weights(with.document()), {}}));
  bool came = false;
  on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, file); });
  with.action("import")->trigger();
  QVERIFY(came);
  QVERIFY(wait_until_idle(with));
  const auto kept = read_safetensors(path_of(with.path(QStringLiteral("mine.safetensors"))));
  QVERIFY(kept);
  QCOMPARE(kept->tensors.size(), some_weights(with.document()).size());
  QVERIFY2(with.status().contains(QStringLiteral("elsewhere.safetensors")), qPrintable(with.status()));
  QVERIFY(!with.document().is_modified());
}

void TestImport::weights_that_miss_some_are_listed() {
  WindowFixture with;
  with.document().reset(*open_template("two_spirals_mlp"));
  QVERIFY(with.document().save(with.path(QStringLiteral("mine.netwright"))));
  std::vector<NamedTensor> weights = some_weights(with.document());
  const QString missing = QString::fromStdString(weights.back().name);
  weights.pop_back();
  const QString file = with.path(QStringLiteral("elsewhere.safetensors"));
  QVERIFY(write_safetensors(path_of(file), {weights, {}}));
  bool came = false;
  on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, file); });
  with.action("import")->trigger();
  QVERIFY(wait_until_idle(with));
  auto* notes = with.window().findChild<QPlainTextEdit*>(QStringLiteral("notes.list"));
  QVERIFY(notes);
  QVERIFY2(notes->toPlainText().contains(missing), qPrintable(notes->toPlainText()));
  QCOMPARE(notes->blockCount(), 1);
  QVERIFY(!QFile::exists(with.path(QStringLiteral("mine.safetensors"))));
}

void TestImport::weights_there_are_not_replaced_unasked() {
  WindowFixture with;
  with.document().reset(*open_template("two_spirals_mlp"));
  QVERIFY(with.document().save(with.path(QStringLiteral("mine.netwright"))));
  const QString file = with.path(QStringLiteral("elsewhere.safetensors"));
  QVERIFY(write_safetensors(path_of(file), {some_weights(with.document()), {}}));
  const QString there = with.path(QStringLiteral("mine.safetensors"));
  for (const bool replaces : {false, true}) {
    QVERIFY(write_file(path_of(there), "what was there"));
    bool chosen = false;
    bool asked = false;
    on_dialog(chosen, [&](QWidget* dialog) {
      choose_file(dialog, file);
      on_dialog(asked, [&](QWidget* question) {
        QMessageBox* box = message_box(question);
        for (QAbstractButton* button : box->buttons()) {
          const bool is_cancel = box->buttonRole(button) == QMessageBox::RejectRole;
          if (is_cancel != replaces) {
            QTest::mouseClick(button, Qt::LeftButton);
            return;
          }
        }
      });
    });
    with.action("import")->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(asked, 20000);
    QVERIFY(wait_until_idle(with));
    const auto content = read_safetensors(path_of(there));
    QCOMPARE(static_cast<bool>(content), replaces);
  }
}

void TestImport::another_name_gets_a_copy_of_the_weights() {
  WindowFixture with;
  with.document().reset(*open_template("two_spirals_mlp"));
  QVERIFY(with.document().save(with.path(QStringLiteral("a.netwright"))));
  QVERIFY(write_safetensors(path_of(with.path(QStringLiteral("a.safetensors"))), {some_weights(with.document()), {}}));
  QVERIFY(with.document().save(with.path(QStringLiteral("b.netwright"))));
  QVERIFY(QFile::exists(with.path(QStringLiteral("a.safetensors"))));
  QCOMPARE(with.window().weights().file(), with.path(QStringLiteral("b.safetensors")));
  QVERIFY(with.window().files().open_file(with.path(QStringLiteral("a.netwright"))));
  QCOMPARE(with.window().weights().file(), with.path(QStringLiteral("a.safetensors")));
  with.document().reset(empty_project());
  QVERIFY(with.window().weights().file().isEmpty());
}

QTEST_MAIN(TestImport)
#include "test_import_dialog.moc"
