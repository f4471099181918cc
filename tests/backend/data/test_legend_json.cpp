#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <random>

#include "backend/core/json_text.h"
#include "backend/data/legend_json.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

Legend full_legend() {
  Legend legend;
  legend.name = "Wörter “x”\n";
  legend.sample_shape = {Dim(12), Dim(), Dim(3)};
  legend.target = TargetKind::Values;
  legend.target_shape = {4, 2};
  legend.classes = {"katt", "hund", ""};
  legend.target_names = {"up", "down"};
  legend.feature_names = {"a", "b", "c"};
  legend.vocabulary = {{"<pad>", "<unk>", "é", "\t"}, true, true};
  legend.normalisation = {
      .scale = 1.0F / 255, .mean = {0.1F, -3e-39F, 1e30F}, .deviation = {1, 0.3F, 1e-30F}, .axis = 2};
  legend.target_normalisation = {.scale = 1, .mean = {5, 6}, .deviation = {0.7F, 0.9F}, .axis = 1};
  return legend;
}

bool same(const Normalisation& a, const Normalisation& b) {
  return a.scale == b.scale && a.mean == b.mean && a.deviation == b.deviation && a.axis == b.axis;
}

bool same(const Legend& a, const Legend& b) {
  return a.name == b.name && a.sample_shape == b.sample_shape && a.target == b.target &&
         a.target_shape == b.target_shape && a.classes == b.classes && a.target_names == b.target_names &&
         a.feature_names == b.feature_names && a.vocabulary.tokens == b.vocabulary.tokens &&
         a.vocabulary.is_by_character == b.vocabulary.is_by_character &&
         a.vocabulary.is_lower_case == b.vocabulary.is_lower_case && same(a.normalisation, b.normalisation) &&
         same(a.target_normalisation, b.target_normalisation);
}

}  // namespace

class TestLegendJson : public QObject {
  Q_OBJECT

 private slots:
  void what_is_written_is_read() {
    const Legend legend = full_legend();
    const auto path = path_of(folder_.filePath("data.json"));
    QVERIFY(write_legend(legend, path));
    const auto read = read_legend(path);
    QVERIFY2(read, read ? "" : read.error().message.c_str());
    QVERIFY(same(*read, legend));
    QCOMPARE(to_json(*read), to_json(legend));
    QVERIFY(same(*legend_from_json(to_json(Legend()), "it"), Legend()));
  }

  void every_kind_of_target_has_a_name() {
    for (const TargetKind kind :
         {TargetKind::None, TargetKind::Class, TargetKind::Labels, TargetKind::Values, TargetKind::Mask}) {
      Legend legend;
      legend.target = kind;
      QVERIFY(legend_from_json(to_json(legend), "it")->target == kind);
    }
  }

  void every_float_comes_back_bit_by_bit() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    Legend legend;
    legend.sample_shape = {5000};
    legend.normalisation.mean.clear();
    legend.normalisation.deviation.clear();
    while (legend.normalisation.mean.size() < 5000) {
      const auto bits = static_cast<std::uint32_t>(random());
      float value = 0;
      std::memcpy(&value, &bits, sizeof value);
      if (!std::isfinite(value) || value == 0) continue;
      legend.normalisation.mean.push_back(value);
      legend.normalisation.deviation.push_back(std::abs(value));
    }
    const auto read = legend_from_json(to_json(legend), "it");
    QVERIFY2(read, read ? "" : read.error().message.c_str());
    QVERIFY(same(*read, legend));
  }

  void bytes_that_are_no_text_do_not_end_a_save() {
    Legend legend;
    legend.classes = {"\xff\xfe", "fine"};
    const auto read = legend_from_json(to_json(legend), "it");
    QVERIFY(read);
    QCOMPARE(read->classes[1], std::string("fine"));
    QVERIFY(!read->classes[0].empty());
  }

  void hostile_files_are_refused_in_words_data() {
    QTest::addColumn<QString>("pointer");  // which value is replaced
    QTest::addColumn<QString>("value");    // by what; nothing: it is taken out
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* pointer, const char* value, const char* reason) {
      QTest::addRow("%s: %s", pointer, value) << pointer << value << reason;
    };
    row("/format", "\"netwright-project\"", "it isn't a Netwright file (no \"format\": \"netwright-data\")");
    row("/format", "", "it isn't a Netwright file");
    row("/version", "2", "it has version 2, this Netwright reads up to 1");
    row("/version", "0", "version 0 doesn't exist");
    row("/version", "\"1\"", "version must be a whole number");
    row("/name", "7", "name must be text");
    row("/name", "", "has no “name”");
    row("/sample_shape", "3", "sample_shape must be a list");
    row("/sample_shape/0", "0", "sample_shape[0] must be a size");
    row("/sample_shape/0", "-4", "sample_shape[0] must be a size");
    row("/sample_shape/0", "1e400", "data.json");
    row("/sample_shape/0", "18446744073709551615", "sample_shape[0] must be a whole number");
    row("/sample_shape", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "sample_shape has 17 axes");
    row("/target", "\"pixels\"", "target is “pixels”");
    row("/classes/1", "null", "classes[1] must be text");
    row("/vocabulary", "[]", "vocabulary must be an object");
    row("/vocabulary/tokens/0", "\"a\"", "must begin with \"<pad>\"");
    row("/vocabulary/is_by_character", "1", "vocabulary.is_by_character must be true or false");
    row("/normalisation/mean", "[]", "normalisation: the normalisation has 0 means and 3 deviations");
    row("/normalisation/mean/1", "null", "normalisation.mean[1] must be a number");
    row("/normalisation/mean/1", "1e300", "a mean that isn't a number");
    row("/normalisation/deviation/2", "0", "a deviation that isn't above 0");
    row("/normalisation/deviation/2", "-1", "a deviation that isn't above 0");
    row("/normalisation/axis", "0", "3 means for axis 0 of samples that are 12×?×3");
    row("/normalisation/axis", "3", "goes along axis 3");
    row("/normalisation/axis", "-1", "normalisation.axis can't be");
    row("/normalisation/scale", "true", "normalisation.scale must be a number");
    row("/target_normalisation/mean", "[1,2,3]",
        "target_normalisation: the normalisation has 3 means and 2 deviations");
    row("/target_normalisation", "", "has no “target_normalisation”");
  }
  void hostile_files_are_refused_in_words() {
    QFETCH(QString, pointer);
    QFETCH(QString, value);
    QFETCH(QString, reason);
    QString text;
    if (value == "1e400") {
      text = QString::fromStdString(to_json(full_legend())).replace("[12, null, 3]", "[1e400, null, 3]");
    } else {
      Json json = Json::parse(to_json(full_legend()));
      const Json::json_pointer place(pointer.toStdString());
      if (value.isEmpty()) {
        json.erase(place.back());
      } else {
        json[place] = Json::parse(value.toStdString());
      }
      text = QString::fromStdString(json.dump());
    }
    const auto read = legend_from_json(text.toStdString(), "data.json");
    QVERIFY(!read);
    const QString message = QString::fromStdString(read.error().message);
    QVERIFY2(message.startsWith("data.json: ") && message.contains(reason), qPrintable(message));
  }

  void what_is_no_json_is_refused_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("reason");
    QTest::newRow("empty") << QByteArray() << "isn't valid JSON at byte";
    QTest::newRow("a list") << QByteArray("[1]") << "it isn't a Netwright file";
    QTest::newRow("cut off") << QByteArray(to_json(full_legend()).c_str()).left(200) << "isn't valid JSON at byte";
    QTest::newRow("deep") << "{\"format\": " + QByteArray(100'000, '[') << "it is nested too deeply";
    QTest::newRow("bytes") << QByteArray("{\"format\": \"\xff\"}") << "isn't valid JSON at byte";
  }
  void what_is_no_json_is_refused() {
    QFETCH(QByteArray, content);
    QFETCH(QString, reason);
    QVERIFY(put_file(folder_.filePath("bad.json"), content));
    const auto read = read_legend(path_of(folder_.filePath("bad.json")));
    QVERIFY(!read);
    const QString message = QString::fromStdString(read.error().message);
    QVERIFY2(message.startsWith(folder_.filePath("bad.json")) && message.contains(reason), qPrintable(message));
  }

 private:
  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestLegendJson)
#include "test_legend_json.moc"
