// The exported Python: what it says, that it is Python whatever is drawn, and that its script trains.

#include <QElapsedTimer>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "backend/analysis/analyse.h"
#include "backend/graph/blocks.h"
#include "backend/graph/templates.h"
#include "backend/interop/pytorch_code.h"
#include "tests/support/drawing.h"
#include "tests/support/files.h"
#include "tests/support/random_project.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

QString code_of(const Project& project) {
  return QString::fromStdString(pytorch_code(project, analyse(project)));
}

/// What Python says of the files of a folder: nothing where it can compile them all.
QString compiled(const QString& folder) {
  return run_python(
      "import sys, pathlib\n"
      "for file in sorted(pathlib.Path(sys.argv[1]).glob('*.py')):\n"
      "    try:\n"
      "        compile(file.read_text(), str(file), 'exec')\n"
      "    except SyntaxError as problem:\n"
      "        print(file.name, problem)\n",
      {folder});
}

}  // namespace

class TestPytorchExport : public QObject {
  Q_OBJECT

 private slots:
  void a_chain_is_a_sequential_with_names() {
    const QString code = code_of(*open_template("fashion_mnist_cnn"));
    QVERIFY(code.contains("class Classifier(nn.Sequential):"));
    QVERIFY(code.contains("(\"conv1\", nn.Conv2d(1, 32, kernel_size=3, padding=\"same\")),  # 32×28×28\n"));
    QVERIFY(code.contains("(\"relu1\", nn.ReLU()),\n"));
    QVERIFY(code.contains("(\"fc2\", nn.Linear(128, 10)),  # 10\n"));
    QVERIFY(!code.contains("def forward"));
  }

  void branches_are_variables() {
    const QString code = code_of(*open_template("small_resnet"));
    QVERIFY(code.contains("        self.shortcut = nn.Conv2d(16, 32, kernel_size=1, stride=2, bias=False)\n"));
    QVERIFY(code.contains("        y = self.conv2(x)\n"));
    QVERIFY(code.contains("        y = y + x\n"));
    QVERIFY(code.contains("        return x\n"));
  }

  void the_recipe_is_in_the_script() {
    Project project = *open_template("two_spirals_mlp");
    project.recipe.optimiser = "SGD";
    project.recipe.optimiser_settings = {{"lr", 0.25}, {"momentum", 0.5}};
    project.recipe.settings.set("l1", 0.001);
    project.recipe.settings.set("l2", 0.0);
    project.recipe.settings.set("epochs", std::int64_t{7});
    const QString code = code_of(project);
    QVERIFY(code.contains(
        "torch.optim.SGD(weights, lr=0.25, momentum=0.5, dampening=0.0, weight_decay=0.0, nesterov=False)"));
    QVERIFY(code.contains("EPOCHS = 7\n"));
    QVERIFY(code.contains("L1 = 0.001\n"));
    QVERIFY(code.contains("loss = loss + L1 * sum(weight.abs().sum() for weight in weights)"));
    QVERIFY(!code.contains("L2"));
  }

  void frozen_layers_stay_frozen() {
    Project project = *open_template("fashion_mnist_cnn");
    Drawing draw(project);
    QVERIFY(bool(apply(project, SetTrainable{draw.network().id, draw.id("conv1"), false})));
    QVERIFY(code_of(project).contains("        self.conv1.requires_grad_(False)\n"));
  }

  void texts_cannot_break_out_of_their_quotes() {
    Project project = *open_template("fashion_mnist_cnn");
    project.name = "a \"\"\" b \\";
    project.note = "\"\"\"\nimport os\n\\";
    QTemporaryDir folder;
    QVERIFY(put_file(folder.filePath("a.py"), code_of(project).toUtf8()));
    QCOMPARE(compiled(folder.path()), QString());
    QCOMPARE(run_python("import sys, ast; print(len(ast.parse(open(sys.argv[1]).read()).body) > 5)",
                        {folder.filePath("a.py")}),
             QString("True"));
    QVERIFY(!run_python("import sys, ast\n"
                        "print([a.name for n in ast.walk(ast.parse(open(sys.argv[1]).read())) "
                        "if isinstance(n, ast.Import) for a in n.names])",
                        {folder.filePath("a.py")})
                 .contains("'os'"));
  }

  void members_of_modules_are_no_names() {
    const QString members = run_python(
        "import keyword, torch\n"
        "names = [n for n in dir(torch.nn.Module()) if not n.startswith('_')] + keyword.kwlist\n"
        "print(' '.join(names + ['_modules', '_parameters', '_buffers', '__init__', '__x']))",
        {});
    QVERIFY(members.split(' ').size() > 80);
    for (const QString& name : members.split(' '))
      QVERIFY2(!name_complaint(name.toStdString()).empty(), qPrintable(name));
  }

  void blocks_are_classes_that_take_what_differs() {
    Project project = empty_project();
    Drawing draw(project);
    const LayerId input = draw.add("Input", "input1", {{"shape", Integers{3, 8, 8}}});
    const LayerId conv = draw.add("Conv2d", "conv1", {{"out_channels", std::int64_t{4}}, {"padding", Integers{1, 1}}});
    const LayerId relu = draw.add("ReLU", "relu1");
    draw.add("Output", "output1");
    (void)input;
    const auto made = make_block(project, {1}, {conv, relu}, [](PortRef) { return Shape{3, 8, 8}; });
    QVERIFY(bool(made));
    QVERIFY(bool(apply_all(project, made->edits)));
    QVERIFY(bool(apply(project, RenameNetwork{made->network, "conv_unit"})));
    QVERIFY(bool(apply(project, SetSetting{{1}, made->block, "repeat", std::int64_t{3}})));
    const QString code = code_of(project);
    QVERIFY2(code.contains("class ConvUnit(nn.Sequential):\n"
                           "    def __init__(self, in_channels):\n"
                           "        super().__init__(OrderedDict([\n"
                           "            (\"conv1\", nn.Conv2d(in_channels, 4, kernel_size=3, padding=1)),\n"),
             qPrintable(code));
    QVERIFY2(code.contains("(\"block1\", nn.Sequential(ConvUnit(3), *(ConvUnit(4) for _ in range(2)))),  # 4×8×8\n"),
             qPrintable(code));
  }

  void copies_that_pass_on_less_than_they_take_are_called_one_by_one() {
    // Of what a copy gives, the next one needs only the sum, and the drawing only the last one's ReLU.
    Project project = empty_project();
    Drawing draw(project);
    const LayerId a = draw.add("Input", "a", {{"shape", Integers{4}}});
    const LayerId b = draw.add("Input", "b", {{"shape", Integers{4}}}, {});
    const LayerId sum = draw.add("Add", "sum1", {}, {a, b});
    const LayerId relu = draw.add("ReLU", "relu1", {}, {a});
    draw.add("Output", "output1", {}, {sum});
    draw.add("Output", "output2", {}, {relu});
    const auto made = make_block(project, {1}, {sum, relu}, [](PortRef) { return Shape{4}; });
    QVERIFY(bool(made));
    QVERIFY(bool(apply_all(project, made->edits)));
    QVERIFY(bool(apply(project, SetSetting{{1}, made->block, "repeat", std::int64_t{2}})));
    QVERIFY(bool(apply_all(project, remove_layers(project.networks.front(), {draw.id("output1")}, false))));
    QTemporaryDir folder;
    QVERIFY(put_file(folder.filePath("model.py"), code_of(project).toUtf8()));
    QCOMPARE(run_python("import sys, torch\n"
                        "sys.path.insert(0, sys.argv[1])\n"
                        "import model\n"
                        "network = [c for c in vars(model).values() if isinstance(c, type)][-1]()\n"
                        "print(network(torch.full((2, 4), 1.0), torch.full((2, 4), 2.0)).sum().item())",
                        {folder.path()}),
             QString("24.0"));
  }

  void a_block_that_reads_nothing_knows_the_batch() {
    // Of two copies only the last one is read.
    for (const std::int64_t copies : {1, 2}) {
      Project project = empty_project();
      Drawing draw(project);
      const LayerId a = draw.add("Input", "a", {{"shape", Integers{4}}});
      const LayerId learned =
          draw.add("Parameter", "learned", {{"shape", Integers{4}}, {"init", std::string("ones")}}, {});
      draw.add("Add", "sum1", {}, {a, learned});
      draw.add("Output", "output1");
      const auto made = make_block(project, {1}, {learned}, [](PortRef) { return Shape{4}; });
      QVERIFY(bool(made));
      QVERIFY(bool(apply_all(project, made->edits)));
      QVERIFY(bool(apply(project, SetSetting{{1}, made->block, "repeat", copies})));
      QTemporaryDir folder;
      QVERIFY(put_file(folder.filePath("model.py"), code_of(project).toUtf8()));
      QCOMPARE(run_python("import sys, torch\n"
                          "sys.path.insert(0, sys.argv[1])\n"
                          "import model\n"
                          "network = [c for c in vars(model).values() if isinstance(c, type)][-1]()\n"
                          "print(network(torch.full((2, 4), 1.0)).sum().item())",
                          {folder.path()}),
               QString("16.0"));
    }
  }

  void a_mistake_leaves_the_rest() {
    Project project = *open_template("small_resnet");
    Drawing draw(project);
    QVERIFY(bool(apply(project, SetSetting{draw.network().id, draw.id("conv4"), "groups", std::int64_t{5}})));
    const QString code = code_of(project);
    QVERIFY(code.contains(
        "        # conv4 (Conv2d) is left out: conv4: 16 input channels can't be split into 5 groups.\n"));
    QVERIFY(code.contains("        # fc1 (Linear) is left out: it waits for what comes before it.\n"));
    QVERIFY(code.contains("        y = self.conv3(y)\n"));
    QVERIFY(code.contains("        raise NotImplementedError("));
  }

  void whatever_is_drawn_is_python() {
    const auto seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    QTemporaryDir folder;
    for (int i = 0; i < 300; ++i) {
      const SpoiltProject spoilt = random_spoilt_project(random);
      const QString code = code_of(spoilt.project);
      QVERIFY(code.contains("torch"));
      QVERIFY(put_file(folder.filePath(QString("spoilt_%1.py").arg(i)), code.toUtf8()));
      QVERIFY(put_file(folder.filePath(QString("sound_%1.py").arg(i)), code_of(random_project(random)).toUtf8()));
    }
    QCOMPARE(compiled(folder.path()), QString());
  }

  void a_thousand_layers() {
    Project project = empty_project();
    Drawing draw(project);
    draw.add("Input", "input", {{"shape", Integers{8, 16, 16}}});
    for (int i = 0; i < 333; ++i) {
      const LayerId before = draw.last();
      draw.add("Conv2d", "conv" + std::to_string(i), {{"out_channels", std::int64_t{8}}, {"padding", Integers{1, 1}}});
      draw.add("BatchNorm2d", "bn" + std::to_string(i));
      draw.add("Add", "add" + std::to_string(i), {}, {draw.last(), before});
    }
    draw.add("Output", "output");
    const Report report = analyse(project);
    QElapsedTimer clock;
    clock.start();
    const QString code = QString::fromStdString(pytorch_code(project, report));
    qInfo("%.2f ms", static_cast<double>(clock.nsecsElapsed()) * 1e-6);
    QCOMPARE(code.count("self.conv"), 2 * 333);
  }

  void the_script_trains_data() {
    QTest::addColumn<QString>("source");
    for (const char* source : {"two-spirals", "circles", "checkerboard"}) QTest::newRow(source) << source;
  }
  void the_script_trains() {
    QFETCH(QString, source);
    Project project = *open_template("two_spirals_mlp");
    project.data = {source.toStdString(), {{"train_samples", std::int64_t{600}}, {"test_samples", std::int64_t{100}}}};
    project.recipe.settings.set("l1", 1e-6);
    project.recipe.settings.set("l2", 1e-6);
    QTemporaryDir folder;
    const QString file = folder.filePath("model.py");
    QVERIFY(put_file(file, code_of(project).toUtf8()));
    const QString output = run_python(
        "import sys, runpy, torch; torch.set_num_threads(1); file = sys.argv[1]\n"
        "sys.argv = [file, '--epochs', '3', '--save', file + '.pt']\n"
        "runpy.run_path(file, run_name='__main__')\n"
        "print(len(torch.load(file + '.pt')))",
        {file});
    std::vector<double> losses;
    const QRegularExpression line("epoch \\d+: loss ([0-9.]+)");
    for (auto it = line.globalMatch(output); it.hasNext();) losses.push_back(it.next().captured(1).toDouble());
    QVERIFY2(losses.size() == 3, qPrintable(output));
    QVERIFY2(losses[2] < losses[0] && losses[0] < 0.8, qPrintable(output));
  }
};

QTEST_GUILESS_MAIN(TestPytorchExport)
#include "test_pytorch_export.moc"
