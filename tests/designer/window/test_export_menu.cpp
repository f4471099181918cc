// File > Export in the real window, with the real engine.

#include "backend/graph/templates.h"
#include "backend/interop/safetensors.h"
#include "backend/run/run_folder.h"
#include "designer/window/project_export.h"
#include "designer/window/project_weights.h"
#include "tests/designer/window/window_fixture.h"

using namespace netwright;

class TestExportMenu : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase();
  void every_format_is_in_the_menu();
  void every_format_writes_its_file_data();
  void every_format_writes_its_file();
  void imported_weights_leave_again();
  void a_run_of_the_drawing_gives_its_best_weights();
  void a_mistake_in_the_drawing_is_said();
  void without_the_engine_it_says_so();
};

void TestExportMenu::initTestCase() {
  WindowFixture::prepare("test_export_menu");
  qputenv("PATH", QByteArray(NETWRIGHT_BIN) + ':' + qgetenv("PATH"));
}

void TestExportMenu::every_format_is_in_the_menu() {
  WindowFixture with;
  for (const ExportFormat& format : export_formats()) {
    QAction* action = with.action((std::string("export.") + format.name).c_str());
    QVERIFY(!action->isEnabled());  // nothing is drawn
  }
  with.document().reset(*open_template("two_spirals_mlp"));
  for (const ExportFormat& format : export_formats()) {
    QVERIFY(with.action((std::string("export.") + format.name).c_str())->isEnabled());
  }
}

void TestExportMenu::every_format_writes_its_file_data() {
  QTest::addColumn<QString>("format");
  QTest::addColumn<QString>("suffix");
  QTest::addColumn<QByteArray>("expected");
  QTest::addRow("pytorch") << "pytorch"
                           << "py" << QByteArray("nn.Linear");
  QTest::addRow("onnx") << "onnx"
                        << "onnx" << QByteArray("Gemm");
  QTest::addRow("torchscript") << "torchscript"
                               << "pt" << QByteArray("PK");
  QTest::addRow("safetensors") << "safetensors"
                               << "safetensors" << QByteArray(".weight");
  QTest::addRow("svg") << "svg"
                       << "svg" << QByteArray("<svg");
  QTest::addRow("json") << "json"
                        << "json" << QByteArray("diagnostics");
}

void TestExportMenu::every_format_writes_its_file() {
  QFETCH(QString, format);
  QFETCH(QString, suffix);
  QFETCH(QByteArray, expected);
  WindowFixture with;
  with.document().reset(*open_template("two_spirals_mlp"));
  QAction* action = with.action(("export." + format).toLatin1().constData());
  bool came = false;
  // The suffix is added.
  on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, with.path(QStringLiteral("out"))); });
  action->trigger();
  QVERIFY(came);
  const QString file = with.path(QStringLiteral("out.") + suffix);
  QTRY_VERIFY2_WITH_TIMEOUT(with.status().contains(QStringLiteral("Exported ")), qPrintable(with.status()), 60000);
  QVERIFY2(with.status().contains(file), qPrintable(with.status()));
  QFile written(file);
  QVERIFY(written.open(QIODevice::ReadOnly));
  QVERIFY(written.readAll().contains(expected));
  QTRY_VERIFY(action->isEnabled());
  const bool has_weights = suffix == "onnx" || suffix == "pt" || suffix == "safetensors";
  QCOMPARE(with.status().contains(QStringLiteral("fresh weights")), has_weights);
}

void TestExportMenu::imported_weights_leave_again() {
  WindowFixture with;
  with.document().reset(*open_template("two_spirals_mlp"));
  const auto weights = weights_for(with.document(), [](std::size_t) { return 0.0F; });
  const QString file = ProjectWeights::new_file();
  QVERIFY(write_safetensors(path_of(file), {weights, {}}));
  QVERIFY(with.window().weights().adopt(file));
  bool came = false;
  on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, with.path(QStringLiteral("out.safetensors"))); });
  with.action("export.safetensors")->trigger();
  QVERIFY(came);
  QTRY_VERIFY2_WITH_TIMEOUT(with.status().contains(QStringLiteral("imported weights")), qPrintable(with.status()),
                            60000);
  const auto written = read_safetensors(path_of(with.path(QStringLiteral("out.safetensors"))));
  QVERIFY(written);
  QCOMPARE(written->tensors.size(), weights.size());
  for (const NamedTensor& tensor : written->tensors) {
    QVERIFY(std::all_of(tensor.bytes.begin(), tensor.bytes.end(), [](std::byte b) { return b == std::byte{0}; }));
  }
}

void TestExportMenu::a_run_of_the_drawing_gives_its_best_weights() {
  WindowFixture with;
  with.document().reset(*open_template("two_spirals_mlp"));
  const QString file = with.path(QStringLiteral("mine.netwright"));
  QVERIFY(with.document().save(file));
  const auto run =
      RunFolder::create(runs_folder_of(path_of(file)) / "20260102T030405Z-mine", with.document().project());
  QVERIFY(run);
  const auto write = [&](const std::filesystem::path& checkpoint, float value) {
    std::filesystem::create_directories(checkpoint.parent_path());
    return write_safetensors(checkpoint, {weights_for(with.document(), [&](std::size_t) { return value; }), {}});
  };
  QVERIFY(write(run->last_checkpoint(), 1));
  QVERIFY(write(run->best_checkpoint(), 0));
  // Where a layer stands is no difference, what it is is one.
  const Layer layer = with.network().layers.front();
  const Point aside{layer.position.x + 20, layer.position.y};
  QVERIFY(with.document().edit(QStringLiteral("Move"), {MoveLayer{with.network().id, layer.id, aside}}));
  const QString out = with.path(QStringLiteral("out.safetensors"));
  const auto is_all_zero = [&] {
    const auto written = read_safetensors(path_of(out));
    return written && std::all_of(written->tensors.begin(), written->tensors.end(), [](const NamedTensor& tensor) {
             return std::all_of(tensor.bytes.begin(), tensor.bytes.end(),
                                [](std::byte b) { return b == std::byte{0}; });
           });
  };
  bool came = false;
  on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, out); });
  with.action("export.safetensors")->trigger();
  QTRY_VERIFY2_WITH_TIMEOUT(with.status().contains(QStringLiteral("best weights of run")), qPrintable(with.status()),
                            60000);
  QVERIFY(is_all_zero());
  QTRY_VERIFY(with.action("export.safetensors")->isEnabled());

  QVERIFY(QFile::remove(out));
  QVERIFY(with.document().edit(QStringLiteral("Rename"), {RenameLayer{with.network().id, layer.id, "other"}}));
  on_dialog(came, [&](QWidget* dialog) { choose_file(dialog, out); });
  with.action("export.safetensors")->trigger();
  QTRY_VERIFY2_WITH_TIMEOUT(with.status().contains(QStringLiteral("fresh weights")), qPrintable(with.status()), 60000);
  QVERIFY(!is_all_zero());
}

void TestExportMenu::a_mistake_in_the_drawing_is_said() {
  WindowFixture with;
  Project project = *open_template("two_spirals_mlp");
  Network& network = project.networks.front();
  network.connections.pop_back();
  with.document().reset(project);
  bool chosen = false;
  bool said = false;
  QString words;
  on_dialog(chosen, [&](QWidget* dialog) {
    choose_file(dialog, with.path(QStringLiteral("out.onnx")));
    on_dialog(said, [&](QWidget* failure) {
      words = message_box(failure)->informativeText();
      press(failure, QMessageBox::Ok);
    });
  });
  with.action("export.onnx")->trigger();
  QVERIFY(chosen);
  QTRY_VERIFY_WITH_TIMEOUT(said, 60000);
  const auto& diagnostics = with.document().report().diagnostics;
  const auto error = std::find_if(diagnostics.begin(), diagnostics.end(),
                                  [](const Diagnostic& one) { return one.severity == Severity::Error; });
  QVERIFY(error != diagnostics.end());
  QCOMPARE(words, QString::fromStdString(error->message));
  QVERIFY(!QFile::exists(with.path(QStringLiteral("out.onnx"))));
}

void TestExportMenu::without_the_engine_it_says_so() {
  WindowFixture with;
  with.document().reset(*open_template("two_spirals_mlp"));
  const QByteArray path = qgetenv("PATH");
  qputenv("PATH", "/nowhere");
  bool chosen = false;
  bool said = false;
  QString words;
  on_dialog(chosen, [&](QWidget* dialog) {
    choose_file(dialog, with.path(QStringLiteral("out.pt")));
    on_dialog(said, [&](QWidget* failure) {
      words = message_box(failure)->informativeText();
      press(failure, QMessageBox::Ok);
    });
  });
  with.action("export.torchscript")->trigger();
  qputenv("PATH", path);
  QVERIFY(chosen);
  QTRY_VERIFY(said);
  QVERIFY2(words.contains(QStringLiteral("netwright-engine")), qPrintable(words));
}

QTEST_MAIN(TestExportMenu)
#include "test_export_menu.moc"
