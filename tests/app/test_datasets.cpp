// `datasets`: what a source or a project's data amounts to.

#include <QDir>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "backend/core/json_text.h"
#include "tests/support/engine.h"
#include "tests/support/files.h"

using namespace netwright;

class TestDatasets : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    // Two channels of bytes and floats that are easy to reckon with; three classes.
    const QString source =
        "import numpy, sys\n"
        "x = numpy.zeros((12, 2, 2, 2), 'u1'); x[:, 1] = 10; x[0, 1] = 40; x[11, 0, 0, 0] = 48\n"
        "numpy.save(sys.argv[1] + '/x.npy', x)\n"
        "numpy.save(sys.argv[1] + '/y.npy', numpy.array([0] * 6 + [1] * 4 + [2] * 2))\n"
        "numpy.save(sys.argv[1] + '/v.npy', numpy.arange(24.).reshape(12, 2))";
    QCOMPARE(run_python(source, {folder_.path()}), QString());
  }

  void a_source_is_counted() {
    const QStringList arguments = {"--set", "train_targets=" + folder_.filePath("y.npy"), "--set",
                                   "class_names=cat, dog, cow"};
    const Json json = report(arguments + QStringList{"--set", "validation_fraction=0", "--set", "test_fraction=0.5"});
    QCOMPARE(json["name"].get<std::string>(), std::string("x"));
    QCOMPARE(json["type"].get<std::string>(), std::string("uint8"));
    QCOMPARE(json["fingerprint"].get<std::string>().size(), std::size_t{16});
    QCOMPARE(numbers(json["splits"]["training"]["class_counts"]), (QList<double>{3, 2, 1}));
    QCOMPARE(numbers(json["splits"]["test"]["class_counts"]), (QList<double>{3, 2, 1}));
    QCOMPARE(json["splits"]["validation"]["samples"].get<int>(), 0);
    QCOMPARE(json["legend"]["classes"].dump(), std::string("[\"cat\",\"dog\",\"cow\"]"));
    QCOMPARE(json["vocabulary"].get<int>(), 0);

    const QByteArray text =
        run_engine(QStringList{"datasets", "--source", "npy", "--set", "train_inputs=" + folder_.filePath("x.npy")} +
                   arguments)
            .output;
    QVERIFY2(text.startsWith("x: 12 samples of 2×2×2 bytes, each in one of 3 classes\nFingerprint "), text);
    QVERIFY2(QRegularExpression("\ncow +\\d +\\d +\\d\n").match(text).hasMatch(), text);
  }

  void channels_have_their_moments() {
    const Json json = report({"--set", "test_fraction=0", "--set", "validation_fraction=0"});
    QCOMPARE(json["inputs"].size(), std::size_t{2});
    const Json& first = json["inputs"][0];
    // 48 numbers, of which one is 48: mean 1, variance 48 − 1.
    QCOMPARE(first["minimum"].get<double>(), 0.0);
    QCOMPARE(first["maximum"].get<double>(), 48.0);
    QCOMPARE(first["mean"].get<double>(), 1.0);
    QCOMPARE(first["deviation"].get<double>(), std::sqrt(47.0));
    // Four of 48 are 40, the rest 10: mean 12.5, variance (4 · 27.5² + 44 · 2.5²) / 48.
    QCOMPARE(json["inputs"][1]["mean"].get<double>(), 12.5);
    QCOMPARE(json["inputs"][1]["deviation"].get<double>(), std::sqrt((4 * 27.5 * 27.5 + 44 * 2.5 * 2.5) / 48));
  }

  void values_have_theirs() {
    const Json json = report({"--set", "train_targets=" + folder_.filePath("v.npy"), "--set", "test_fraction=0",
                              "--set", "validation_fraction=0"});
    QCOMPARE(json["targets"].size(), std::size_t{2});
    QCOMPARE(json["targets"][1]["minimum"].get<double>(), 1.0);
    QCOMPARE(json["targets"][1]["maximum"].get<double>(), 23.0);
    QCOMPARE(json["targets"][1]["mean"].get<double>(), 12.0);
  }

  void the_fingerprint_follows_the_data() {
    const auto fingerprint = [&](const QStringList& arguments) {
      return report(arguments)["fingerprint"].get<std::string>();
    };
    QCOMPARE(fingerprint({}), fingerprint({}));
    QVERIFY(fingerprint({}) != fingerprint({"--set", "train_targets=" + folder_.filePath("y.npy")}));
    QVERIFY(fingerprint({}) != fingerprint({"--set", "split_seed=1"}));
  }

  void a_project_s_data_is_counted() {
    const QString project = folder_.filePath("spirals.netwright");
    QCOMPARE(run_engine({"new", "two_spirals_mlp", "-o", project}).code, 0);
    const EngineRun run = run_engine({"datasets", project, "--json", "--set", "train_samples=60", "--set", "noise=0",
                                      "--set", "validation_fraction=0.1"});
    QVERIFY2(run.code == 0, run.errors);
    const Json json = Json::parse(run.output.toStdString());
    QCOMPARE(json["splits"]["training"]["samples"].get<int>(), 54);
    QCOMPARE(json["splits"]["validation"]["samples"].get<int>(), 6);
    QCOMPARE(json["type"].get<std::string>(), std::string("float32"));
  }

  void settings_are_read_by_their_kind_data() {
    QTest::addColumn<QString>("assignment");
    QTest::addColumn<bool>("is_good");
    QTest::newRow("two numbers") << "size=8,6" << true;
    QTest::newRow("one for both") << "size=8" << true;
    QTest::newRow("spaces") << "size=8, 6" << true;
    QTest::newRow("a word instead") << "size=first" << true;
    QTest::newRow("another word") << "size=last" << false;
    QTest::newRow("too many") << "size=1,2,3" << false;
    QTest::newRow("half a list") << "size=1," << false;
    QTest::newRow("flag") << "colour=no" << true;
    QTest::newRow("no flag") << "colour=maybe" << false;
    QTest::newRow("choice") << "fit=crop" << true;
    QTest::newRow("no choice") << "fit=squeeze" << false;
    QTest::newRow("real") << "test_fraction=0.5" << true;
    QTest::newRow("no real") << "test_fraction=half" << false;
    QTest::newRow("out of range") << "test_fraction=2" << false;
    QTest::newRow("trailing letters") << "split_seed=3x" << false;
    QTest::newRow("unknown") << "colours=no" << false;
    QTest::newRow("no value") << "colour" << false;
  }
  void settings_are_read_by_their_kind() {
    QFETCH(QString, assignment);
    QFETCH(bool, is_good);
    QVERIFY(QDir(folder_.path()).mkpath("pictures"));
    for (const char* name : {"a", "b", "c", "d"}) {
      QVERIFY(put_file(folder_.filePath(QString("pictures/%1.pgm").arg(name)), "P2 2 2 255 1 2 3 4"));
    }
    const EngineRun run = run_engine({"datasets", "--source", "image-folder", "--set",
                                      "folder=" + folder_.filePath("pictures"), "--set", assignment});
    QCOMPARE(run.code, is_good ? 0 : 2);
    QVERIFY2(run.errors.isEmpty() == is_good, run.errors);
    if (!is_good) QVERIFY2(run.errors.contains(assignment.section('=', 0, 0).toUtf8()), run.errors);
  }

  void training_gets_what_the_arrays_hold() {
    const QString folder = folder_.filePath("arrays");
    const EngineRun run =
        run_engine({"datasets", "--source", "npy", "--set", "train_inputs=" + folder_.filePath("x.npy"), "--set",
                    "train_targets=" + folder_.filePath("v.npy"), "--set", "test_fraction=0.25", "--set",
                    "validation_fraction=0.25", "--set", "split=random", "-o", folder});
    QVERIFY2(run.code == 0, run.errors);
    QCOMPARE(QDir(folder).entryList(QDir::Files),
             (QStringList{"data.json", "test_inputs.npy", "test_targets.npy", "train_inputs.npy", "train_targets.npy",
                          "validation_inputs.npy", "validation_targets.npy"}));
    // v names each row, so both of a sample's arrays and its split can be found again.
    const QString oracle =
        "import json, numpy as np, sys\n"
        "x, v = (np.load(f'{sys.argv[1]}/{name}.npy') for name in 'xv')\n"
        "legend = json.load(open(sys.argv[2] + '/data.json'))\n"
        "by = legend['target_normalisation']\n"
        "load = lambda split, part: np.load(f'{sys.argv[2]}/{split}_{part}.npy')\n"
        "units = {s: load(s, 'targets') * by['deviation'] + by['mean'] for s in ('train', 'validation', 'test')}\n"
        "rows = {s: (values[:, 0] / 2).round().astype(int) for s, values in units.items()}\n"
        "assert sorted(np.concatenate(list(rows.values()))) == list(range(12)), rows\n"
        "assert [len(rows[s]) for s in rows] == [7, 2, 3], rows\n"
        "seen = x[rows['train']] / 255\n"
        "mean = seen.mean((0, 2, 3), keepdims=True); deviation = seen.std((0, 2, 3), keepdims=True)\n"
        "deviation[deviation < 1e-9] = 1\n"
        "for s in rows:\n"
        "    inputs = load(s, 'inputs')\n"
        "    assert inputs.dtype == np.float32 and inputs.shape == (len(rows[s]), 2, 2, 2)\n"
        "    np.testing.assert_allclose(inputs, (x[rows[s]] / 255 - mean) / deviation, rtol=1e-4, atol=1e-5)\n"
        "    centred = (v[rows[s]] - v[rows['train']].mean(0)) / v[rows['train']].std(0)\n"
        "    np.testing.assert_allclose(load(s, 'targets'), centred, rtol=1e-4, atol=1e-5)\n";
    QCOMPARE(run_python(oracle, {folder_.path(), folder}), QString());

    const EngineRun again =
        run_engine({"datasets", "--source", "npy", "--set", "train_inputs=" + folder_.filePath("x.npy"), "-o", folder});
    QCOMPARE(again.code, 1);
    QVERIFY2(again.errors.contains("isn't empty"), again.errors);
    QCOMPARE(run_engine({"datasets", "-o", folder_.filePath("none")}).code, 2);
  }

  void texts_have_their_lengths_beside_them() {
    QVERIFY(put_file(folder_.filePath("texts.tsv"), "text\tlabel\nab\tx\nabcd\ty\na\tx\nabcdabcd\ty\n"));
    const QString folder = folder_.filePath("texts/deep");
    const EngineRun run = run_engine({"datasets", "--source", "text", "--set", "file=" + folder_.filePath("texts.tsv"),
                                      "--set", "tokens=character", "--set", "min_freq=1", "--set", "length=6", "--set",
                                      "test_fraction=0", "--set", "validation_fraction=0", "-o", folder, "--json"});
    QVERIFY2(run.code == 0, run.errors);
    QCOMPARE(Json::parse(run.output.toStdString())["vocabulary"].get<int>(), 6);
    const QString oracle =
        "import json, numpy as np, sys\n"
        "inputs, targets, lengths = (np.load(f'{sys.argv[1]}/train_{p}.npy') for p in ('inputs', 'targets', "
        "'lengths'))\n"
        "legend = json.load(open(sys.argv[1] + '/data.json'))\n"
        "assert {a.dtype for a in (inputs, targets, lengths)} == {np.dtype(np.int64)} and inputs.shape == (4, 6)\n"
        "tokens = legend['vocabulary']['tokens']\n"
        "for row, target, length in zip(inputs, targets, lengths):\n"
        "    print(''.join(tokens[i] for i in row[:length]), row[length:].tolist(), legend['classes'][target])\n";
    QCOMPARE(run_python(oracle, {folder}).split('\n'),
             (QStringList{"ab [0, 0, 0, 0] x", "abcd [0, 0] y", "a [0, 0, 0, 0, 0] x", "abcdab [] y"}));
  }

  void what_cannot_be_loaded_is_said() {
    const EngineRun nowhere = run_engine({"datasets", "--source", "cifar", "--set", "folder=/nowhere"});
    QCOMPARE(nowhere.code, 1);
    QVERIFY2(nowhere.errors.contains("/nowhere holds neither"), nowhere.errors);
    QCOMPARE(run_engine({"datasets", "--source", "clouds"}).code, 2);
    QCOMPARE(run_engine({"datasets", "--set", "a=b"}).code, 2);
    QCOMPARE(run_engine({"datasets", "p.netwright", "--source", "idx"}).code, 2);
    QCOMPARE(run_engine({"datasets", folder_.filePath("nothing.netwright")}).code, 1);
    const QString project = folder_.filePath("empty.netwright");
    QCOMPARE(run_engine({"new", "empty", "-o", project}).code, 0);
    const EngineRun empty = run_engine({"datasets", project});
    QCOMPARE(empty.code, 1);
    QVERIFY2(empty.errors.contains("has no data chosen"), empty.errors);
  }

 private:
  Json report(const QStringList& arguments) {
    const EngineRun run = run_engine(
        QStringList{"datasets", "--json", "--source", "npy", "--set", "train_inputs=" + folder_.filePath("x.npy")} +
        arguments);
    if (run.code != 0) qWarning("%s", run.errors.constData());
    return run.code == 0 ? Json::parse(run.output.toStdString()) : Json();
  }
  static QList<double> numbers(const Json& list) {
    QList<double> numbers;
    for (const Json& number : list) numbers << number.get<double>();
    return numbers;
  }
  QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestDatasets)
#include "test_datasets.moc"
