#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "backend/data/data_catalogue.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

Q_DECLARE_METATYPE(netwright::Settings)

namespace {

std::vector<float> floats_of(const Array& array) {
  const Array whole = converted(array, ElementType::Float32);
  return {whole.as<float>(), whole.as<float>() + whole.count() * sample_elements(whole)};
}

}  // namespace

class TestNpySource : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(folder_->isValid());
  }

  void inputs_become_samples_data() {
    QTest::addColumn<QString>("array");
    QTest::addColumn<Settings>("settings");
    QTest::addColumn<QList<int>>("shape");
    QTest::addColumn<int>("type");
    QTest::addColumn<QList<double>>("values");  // the first
    const int u8 = int(ElementType::UInt8);
    const int i64 = int(ElementType::Int64);
    const int f32 = int(ElementType::Float32);
    const auto row = [](const char* name, const char* array, const Settings& settings, const QList<int>& shape,
                        int type, const QList<double>& values) {
      QTest::newRow(name) << QString(array) << settings << shape << type << values;
    };
    const auto layout = [](const char* name) { return Settings{{"layout", std::string(name)}}; };
    row("features", "numpy.arange(12.).reshape(6, 2)", {}, {2}, f32, {0, 1, 2});
    row("one number", "numpy.arange(6.)", {}, {1}, f32, {0, 1, 2});
    row("whole numbers", "numpy.arange(12).reshape(6, 2)", {}, {2}, f32, {0, 1, 2});
    row("words", "numpy.arange(12).reshape(6, 2)", {{"words", true}}, {2}, i64, {0, 1, 2});
    row("words of bytes", "numpy.arange(12, dtype='u1').reshape(6, 2)", {{"words", true}}, {2}, i64, {0, 1, 2});
    row("gray images", "numpy.arange(72, dtype='u1').reshape(6, 3, 4)", {}, {1, 3, 4}, u8, {0, 1, 2});
    row("a series", "numpy.arange(72.).reshape(6, 3, 4)", {}, {3, 4}, f32, {0, 1, 2});
    row("gray images of floats", "numpy.arange(72.).reshape(6, 3, 4)", layout("gray images"), {1, 3, 4}, f32,
        {0, 1, 2});
    row("channels first", "numpy.arange(216, dtype='u1').reshape(6, 3, 4, 3)", {}, {3, 4, 3}, u8, {0, 1, 2});
    row("channels last", "numpy.arange(240, dtype='u1').reshape(6, 4, 5, 2)[:, :, :, [0, 1, 1]]", {}, {3, 4, 5}, u8,
        {0, 2, 4, 6});
    row("one channel last", "numpy.arange(120, dtype='u1').reshape(6, 4, 5, 1)", {}, {1, 4, 5}, u8, {0, 1, 2});
    row("as it is", "numpy.arange(240, dtype='u1').reshape(6, 4, 5, 2)[:, :, :, [0, 1, 1]]", layout("as is"), {4, 5, 3},
        u8, {0, 1, 1, 2});
    row("floats with channels last", "numpy.arange(240.).reshape(6, 4, 5, 2)", layout("channels last"), {2, 4, 5}, f32,
        {0, 2, 4});
    row("bytes without channels", "numpy.arange(72, dtype='u1').reshape(6, 3, 4)", layout("as is"), {3, 4}, u8,
        {0, 1, 2});
  }
  void inputs_become_samples() {
    QFETCH(QString, array);
    QFETCH(Settings, settings);
    QFETCH(QList<int>, shape);
    QFETCH(int, type);
    QFETCH(QList<double>, values);
    save("x.npy", array);
    settings.set("train_inputs", path("x.npy"));
    const auto description = described(settings);
    QVERIFY(description);
    const auto data = loaded(settings);
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    const Shape expected(std::vector<Dim>(shape.begin(), shape.end()));
    QCOMPARE(data->sample_shape, expected);
    QCOMPARE(int(data->train.inputs.type), type);
    QCOMPARE(data->train.inputs.count(), std::int64_t{6});
    QVERIFY(data->target == TargetKind::None);
    const auto numbers = floats_of(data->train.inputs);
    for (qsizetype i = 0; i < values.size(); ++i) QCOMPARE(double(numbers[std::size_t(i)]), values[i]);
    QCOMPARE(description->sample_shape, expected);
    QCOMPARE(int(description->type), type);
    QCOMPARE(description->train_samples, std::int64_t{6});
    QVERIFY(description->target == TargetKind::None);
    QCOMPARE(data->name, std::string("x"));
    QCOMPARE(data->vocabulary.tokens.size(), std::size_t(type == i64_ ? 12 : 0));
  }

  void targets_say_what_there_is_to_learn_data() {
    QTest::addColumn<QString>("array");
    QTest::addColumn<Settings>("settings");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QList<int>>("shape");
    QTest::addColumn<int>("classes");
    QTest::addColumn<QList<double>>("values");
    const auto row = [](const char* name, const char* array, const Settings& settings, TargetKind kind,
                        const QList<int>& shape, int classes, const QList<double>& values) {
      QTest::newRow(name) << QString(array) << settings << int(kind) << shape << classes << values;
    };
    const auto target = [](const char* name) { return Settings{{"target", std::string(name)}}; };
    row("classes", "numpy.array([2, 0, 1, 2])", {}, TargetKind::Class, {}, 3, {2, 0, 1, 2});
    row("classes of bytes", "numpy.array([2, 0, 1, 2], 'u1')", {}, TargetKind::Class, {}, 3, {2, 0, 1, 2});
    row("classes in a column", "numpy.array([[2], [0], [1], [2]], 'i4')", {}, TargetKind::Class, {}, 3, {2, 0, 1, 2});
    row("classes that are said", "numpy.array([2, 0, 1, 2])", {{"classes", std::int64_t{7}}}, TargetKind::Class, {}, 7,
        {2, 0, 1, 2});
    row("classes as floats", "numpy.array([2., 0, 1, 2])", target("class"), TargetKind::Class, {}, 3, {2, 0, 1, 2});
    row("named", "numpy.array([2, 0, 1, 2])", {{"class_names", std::string("a, b, c, d")}}, TargetKind::Class, {}, 4,
        {2, 0, 1, 2});
    row("yes and no", "numpy.array([True, False, False, True])", {}, TargetKind::Class, {}, 2, {1, 0, 0, 1});
    row("labels", "numpy.array([[1, 0], [0, 0], [1, 1], [0, 1]])", {}, TargetKind::Labels, {2}, 2,
        {1, 0, 0, 0, 1, 1, 0, 1});
    row("one label", "numpy.array([1, 0, 0, 1])", target("labels"), TargetKind::Labels, {1}, 1, {1, 0, 0, 1});
    row("values", "numpy.array([[.5, 1], [2, 3], [4, 5], [6, 7]])", {}, TargetKind::Values, {2}, 0, {.5, 1, 2, 3});
    row("one value", "numpy.array([.5, 1, 2, 3], 'f4')", {}, TargetKind::Values, {1}, 0, {.5, 1, 2, 3});
    row("values of whole numbers", "numpy.array([5, -1, 2, 3])", target("values"), TargetKind::Values, {1}, 0,
        {5, -1, 2, 3});
    row("values in two dimensions", "numpy.arange(24.).reshape(4, 2, 3)", {}, TargetKind::Values, {2, 3}, 0, {0, 1, 2});
    row("masks", "numpy.arange(24, dtype='u1').reshape(4, 2, 3) % 5", {}, TargetKind::Mask, {2, 3}, 5,
        {0, 1, 2, 3, 4, 0});
    row("masks with a channel", "numpy.arange(24).reshape(4, 1, 2, 3) % 5", {}, TargetKind::Mask, {2, 3}, 5, {0, 1, 2});
    row("none wanted", "numpy.array([2, 0, 1, 2])", target("none"), TargetKind::None, {}, 0, {});
  }
  void targets_say_what_there_is_to_learn() {
    QFETCH(QString, array);
    QFETCH(Settings, settings);
    QFETCH(int, kind);
    QFETCH(QList<int>, shape);
    QFETCH(int, classes);
    QFETCH(QList<double>, values);
    save("x.npy", "numpy.arange(24, dtype='u1').reshape(4, 2, 3)");
    save("y.npy", array);
    settings.set("train_inputs", path("x.npy"));
    settings.set("train_targets", path("y.npy"));
    const auto description = described(settings);
    QVERIFY(description);
    const auto data = loaded(settings);
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(int(data->target), kind);
    const Shape expected(std::vector<Dim>(shape.begin(), shape.end()));
    QCOMPARE(data->target_shape, expected);
    QCOMPARE(int(data->classes.size()), classes);
    if (!values.isEmpty()) {
      const auto numbers = floats_of(data->train.targets);
      for (qsizetype i = 0; i < values.size(); ++i) QCOMPARE(double(numbers[std::size_t(i)]), values[i]);
    }
    QCOMPARE(int(description->target), kind);
    QCOMPARE(description->target_shape, expected);
    QCOMPARE(int(description->classes), classes);
  }

  void one_archive_may_hold_everything() {
    python(
        "numpy.savez(f('mnist.npz'), x_train=numpy.zeros((5, 4, 4), 'u1'), y_train=numpy.array([0, 1, 2, 3, 4], 'u1'), "
        "x_test=numpy.ones((2, 4, 4), 'u1'), y_test=numpy.array([4, 5], 'u1'))");
    const Settings settings = {{"train_inputs", path("mnist.npz")}};
    const auto description = described(settings);
    QVERIFY(description);
    QCOMPARE(description->sample_shape, (Shape{1, 4, 4}));
    QCOMPARE(description->train_samples, std::int64_t{5});
    QCOMPARE(description->test_samples, std::int64_t{2});
    const auto data = loaded(settings);
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QVERIFY(data->target == TargetKind::Class);
    QCOMPARE(data->classes.size(), std::size_t{6});
    QCOMPARE(data->test.count(), std::int64_t{2});
    QCOMPARE(data->test.targets.as<std::int64_t>()[1], std::int64_t{5});
    QCOMPARE(data->test.inputs.as<std::uint8_t>()[0], std::uint8_t{1});
  }

  void arrays_have_other_names() {
    python("numpy.savez_compressed(f('a.npz'), images=numpy.zeros((5, 4)), labels=numpy.arange(5))");
    Settings settings = {{"train_inputs", path("a.npz")}};
    const auto refused = loaded(settings);
    QVERIFY(!refused);
    QVERIFY2(refused.error().message.find("Name one of images, labels in the setting arrays") != std::string::npos,
             refused.error().message.c_str());
    settings.set("arrays", std::string("images, labels"));
    const auto data = loaded(settings);
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(data->classes.size(), std::size_t{5});
    // The only array needs no name.
    python("numpy.savez(f('b.npz'), whatever=numpy.zeros((5, 3)))");
    const auto alone = loaded({{"train_inputs", path("b.npz")}});
    QVERIFY2(alone, alone ? "" : alone.error().message.c_str());
    QCOMPARE(alone->sample_shape, (Shape{3}));
  }

  void what_does_not_belong_together_is_refused_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("array");
    QTest::addColumn<Settings>("settings");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const char* file, const char* array, const Settings& settings,
                        const char* reason) {
      QTest::newRow(name) << QString(file) << QString(array) << settings << QString(reason);
    };
    const auto target = [](const char* name) { return Settings{{"target", std::string(name)}}; };
    row("a single number", "x", "numpy.float32(3)", {}, "a single number");
    row("no samples", "x", "numpy.zeros((0, 3))", {}, "the array is empty");
    row("empty samples", "x", "numpy.zeros((4, 0))", {}, "the array is empty");
    row("fewer targets", "y", "numpy.arange(3)", {}, "3 targets for 4 samples");
    row("one target", "y", "numpy.int64(3)", {}, "a single number");
    row("negative class", "y", "numpy.array([0, 1, -1, 2])", {}, "sample 2 has the class -1");
    row("class too high", "y", "numpy.array([0, 1, 5, 2])", {{"classes", std::int64_t{5}}},
        "sample 2 has the class 5, where the 5 classes");
    row("absurd class", "y", "numpy.array([0, 2**62, 5, 2])", {}, "sample 1 has the class 4.6");
    row("class of floats", "y", "numpy.array([0, .5, 1, 2])", target("class"), "sample 1 has the class 0.5");
    row("class that is no number", "y", "numpy.array([0, numpy.nan, 1, 2])", target("class"),
        "sample 1 has the class nan");
    row("too many numbers for a class", "y", "numpy.zeros((4, 2), 'i8')", target("class"), "a class is one number");
    row("label 2", "y", "numpy.array([[0, 1], [1, 2], [0, 0], [0, 0]])", {}, "sample 1 has 2 for label 1");
    row("labels in three dimensions", "y", "numpy.zeros((4, 2, 5), 'i8')", {}, "labels have two dimensions");
    row("names for labels", "y", "numpy.zeros((4, 2), 'i8')", {{"class_names", std::string("a, b, c")}},
        "3 class names for 2 labels");
    row("mask of another size", "y", "numpy.zeros((4, 5, 5), 'u1')", target("mask"),
        "masks of 5×5 don't lie on samples of 1×2×3");
    row("words of floats", "x", "numpy.zeros((4, 2))", {{"words", true}}, "words are whole numbers");
    row("negative words", "x", "numpy.array([[1, 2], [3, -4], [5, 6], [7, 8]])", {{"words", true}},
        "sample 1 has the word -4");
    row("absurd words", "x", "numpy.array([[1, 2], [3, 2**40], [5, 6], [7, 8]])", {{"words", true}},
        "sample 1 has the word 1099511627776");
    row("gray images of four dimensions", "x", "numpy.zeros((4, 2, 3, 1))", {{"layout", std::string("gray images")}},
        "gray images have three dimensions");
    row("channels last of two dimensions", "x", "numpy.zeros((4, 2))", {{"layout", std::string("channels last")}},
        "four dimensions");
    row("test samples of another size", "t", "numpy.zeros((4, 3, 3), 'u1')", {}, "The samples in");
    row("test samples of another type", "t", "numpy.zeros((4, 1, 2, 3), 'f4')", target("none"), "of different types");
    row("no targets to test with", "t", "numpy.zeros((4, 2, 3), 'u1')", {}, "has targets, and");
    row("no array", "x", "numpy.array(['a', 'b'])", {}, "elements of type <U1");
  }
  void what_does_not_belong_together_is_refused() {
    QFETCH(QString, file);
    QFETCH(QString, array);
    QFETCH(Settings, settings);
    QFETCH(QString, reason);
    save("x.npy", "numpy.zeros((4, 2, 3), 'u1')");
    save("y.npy", "numpy.arange(4)");
    save(file + ".npy", array);
    settings.set("train_inputs", path("x.npy"));
    settings.set("train_targets", path("y.npy"));
    if (file == "t") settings.set("test_inputs", path("t.npy"));
    const auto data = loaded(settings);
    QVERIFY(!data);
    QVERIFY2(QString::fromStdString(data.error().message).contains(reason), data.error().message.c_str());
  }

  void missing_files_are_named() {
    QVERIFY(!described({}));
    QVERIFY2(loaded({}).error().message.find("train_inputs") != std::string::npos, loaded({}).error().message.c_str());
    const Settings settings = {{"train_inputs", path("nowhere.npy")}};
    QVERIFY(!described(settings));
    QVERIFY2(loaded(settings).error().message.find("nowhere.npy") != std::string::npos,
             loaded(settings).error().message.c_str());
  }

  void any_byte_may_be_wrong() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    save("x.npy", "numpy.zeros((4, 2, 3), 'u1')");
    save("y.npy", "numpy.arange(4)");
    python("numpy.savez_compressed(f('z.npz'), x_train=numpy.zeros((4, 2, 3)), y_train=numpy.arange(4))");
    const QStringList files = {"x.npy", "y.npy", "z.npz"};
    for (int round = 0; round < 600; ++round) {
      const QString name = files[round % 3];
      const QByteArray whole = file_content(folder_->filePath(name));
      QByteArray damaged = whole;
      const auto at = static_cast<qsizetype>(random() % damaged.size());
      damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1U << random() % 8));
      if (round % 5 == 0) damaged.truncate(static_cast<qsizetype>(random() % damaged.size()));
      QVERIFY(put_file(folder_->filePath(name), damaged));
      Settings settings = {{"train_inputs", path(name == "z.npz" ? "z.npz" : "x.npy")}};
      if (name != "z.npz") settings.set("train_targets", path("y.npy"));
      if (const auto data = loaded(settings)) QVERIFY(data->train.inputs.count() > 0);
      QVERIFY(put_file(folder_->filePath(name), whole));
      QVERIFY(loaded(settings));
    }
  }

 private:
  /// f: the path of a file in the test's folder.
  void python(const QString& statement) {
    const QString source = "import numpy, sys\nf = lambda name: sys.argv[1] + '/' + name\n" + statement;
    QCOMPARE(run_python(source, {folder_->path()}), QString());
  }
  void save(const QString& name, const QString& array) {
    python(QString("numpy.save(f('%1'), numpy.ascontiguousarray(%2) if numpy.ndim(%2) else %2)").arg(name, array));
  }
  std::string path(const QString& name) const { return folder_->filePath(name).toStdString(); }
  static DataSource source(const Settings& settings) {
    return {"npy", settings, {{"validation_fraction", 0.0}, {"test_fraction", 0.0}}};
  }
  static Result<Dataset> loaded(const Settings& settings) { return load(source(settings)); }
  static std::optional<DataDescription> described(const Settings& settings) { return describe(source(settings)); }

  static constexpr int i64_ = int(ElementType::Int64);
  std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_APPLESS_MAIN(TestNpySource)
#include "test_npy_source.moc"
