#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <random>

#include "backend/data/data_catalogue.h"
#include "backend/data/delimited_file.h"
#include "backend/data/fields.h"
#include "tests/support/data_source.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

using Rows = std::vector<std::vector<std::string>>;
using Floats = std::vector<float>;
using Texts = std::vector<std::string>;

Result<Rows> rows_of(const std::filesystem::path& path, const DelimitedFormat& format) {
  auto file = DelimitedFile::open(path, format);
  if (!file) return file.error();
  Rows rows;
  std::vector<std::string> row;
  while (true) {
    const auto has_row = file->next(row);
    if (!has_row) return has_row.error();
    if (!*has_row) return rows;
    rows.push_back(row);
  }
}

}  // namespace

class TestCsv : public QObject {
  Q_OBJECT

 private slots:
  void tables_are_read_as_python_reads_them() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    // The fields are full of what must be quoted; some files are larger than what is read at once.
    const QString write =
        "import csv, json, random, sys\n"
        "folder, seed = sys.argv[1], int(sys.argv[2])\n"
        "draw = random.Random(seed)\n"
        "for i in range(60):\n"
        "    separator = draw.choice(',;\\t')\n"
        "    parts = ['a', 'b', '\"', ',', ';', '\\t', '\\n', '\\r\\n', ' ', 'é', '€', '12']\n"
        "    columns = draw.randint(2, 6)\n"
        "    count = 6000 if i % 20 == 0 else draw.randint(1, 30)\n"
        "    rows = [[''.join(draw.choice(parts) for _ in range(draw.randint(0, 12))) for _ in range(columns)]\n"
        "            for _ in range(count)]\n"
        "    # Python's writer leaves line ends other than its own unquoted.\n"
        "    ending = draw.choice(['\\n', '\\r\\n', '\\r'])\n"
        "    quoting = csv.QUOTE_ALL if ending == '\\r' else draw.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])\n"
        "    with open(f'{folder}/{i}.csv', 'w', newline='', encoding='utf-8') as file:\n"
        "        writer = csv.writer(file, delimiter=separator, lineterminator=ending, quoting=quoting)\n"
        "        writer.writerows(rows)\n"
        "    json.dump([separator, rows], open(f'{folder}/{i}.json', 'w'))\n";
    QCOMPARE(run_python(write, {folder_.path(), QString::number(seed)}), QString());
    for (int i = 0; i < 60; ++i) {
      const QString name = folder_.filePath(QString::number(i));
      const QJsonArray expected = QJsonDocument::fromJson(file_content(name + ".json")).array();
      const char separator = expected[0].toString()[0].toLatin1();
      const auto rows = rows_of(path_of(name + ".csv"), {.separator = separator, .has_header = false});
      QVERIFY2(rows, rows ? "" : rows.error().message.c_str());
      const QJsonArray right = expected[1].toArray();
      QCOMPARE(static_cast<qsizetype>(rows->size()), right.size());
      for (std::size_t row = 0; row < rows->size(); ++row) {
        const QJsonArray fields = right[static_cast<qsizetype>(row)].toArray();
        QCOMPARE(static_cast<qsizetype>((*rows)[row].size()), fields.size());
        for (std::size_t column = 0; column < (*rows)[row].size(); ++column) {
          QCOMPARE(QString::fromStdString((*rows)[row][column]), fields[static_cast<qsizetype>(column)].toString());
        }
      }
    }
  }

  void separator_and_header_are_found_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("separator");
    QTest::addColumn<QString>("names");
    QTest::addColumn<int>("rows");
    const auto row = [](const char* name, const QByteArray& content, const char* separator, const char* names,
                        int rows) { QTest::newRow(name) << content << QString(separator) << QString(names) << rows; };
    row("comma", "a,b\n1,2\n3,4\n", ",", "a|b", 2);
    row("no line end", "a,b\n1,2\n3,4", ",", "a|b", 2);
    row("blank lines", "\n\na,b\r\n\r\n1,2\n\n\n", ",", "a|b", 1);
    row("semicolons with decimal commas", "a;b\n1,5;2,5\n3,1;4,2\n", ";", "a|b", 2);
    row("tabs in text with commas", "text\tlabel\nhello, you\tx\nbye\ty\n", "\t", "text|label", 2);
    row("quoted separators", "a,b\n\"1;2;3\",\"4\"\n\"x;y;z\",5\n", ",", "a|b", 2);
    row("no header: numbers", "1,2\n3,4\n", ",", "column 1|column 2", 2);
    row("no header: one number", "x,2\ny,4\n", ",", "column 1|column 2", 2);
    row("no header: categories again", "red,yes\nblue,no\nred,yes\n", ",", "column 1|column 2", 3);
    row("no header: the same twice", "a,a\n1,2\n", ",", "column 1|column 2", 2);
    row("header over words", "colour,answer\nred,yes\nblue,no\nred,yes\n", ",", "colour|answer", 3);
    row("nameless first column", ",b\n0,2\n1,3\n", ",", "column 1|b", 2);
    row("byte order mark",
        "\xEF\xBB\xBF"
        "a,b\n1,2\n",
        ",", "a|b", 1);
    row("spaces around names", " a , b \n1,2\n", ",", "a|b", 1);
    row("one column", "a\n1\n2\n", ",", "a", 2);
    row("quotes over lines", "a,b\n\"x\n\ny\",1\n", ",", "a|b", 1);
  }
  void separator_and_header_are_found() {
    QFETCH(QByteArray, content);
    QFETCH(QString, separator);
    QFETCH(QString, names);
    QFETCH(int, rows);
    QVERIFY(put_file(file(), content));
    const auto opened = DelimitedFile::open(path_of(file()), {});
    QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
    QCOMPARE(QString(QChar(opened->format().separator)), separator);
    QStringList found;
    for (const std::string& name : opened->names()) found += QString::fromStdString(name);
    QCOMPARE(found.join('|'), names);
    QCOMPARE(static_cast<int>(rows_of(path_of(file()), {})->size()), rows);
  }

  void what_is_no_table_is_refused_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* name, const QByteArray& content, const char* reason) {
      QTest::newRow(name) << content << QString(reason);
    };
    row("empty", "", "the file is empty");
    row("blank", "\n\r\n\n", "the file is empty");
    row("too few fields", "a,b,c\n1,2,3\n4,5\n", "line 3: 2 fields, where line 1 has 3");
    row("too few fields far below", "a,b\n" + QByteArray("1,2\n").repeated(100) + "3\n",
        "line 102: 1 fields, where the rows before have 2");
    row("quote not closed", "a,b\n1,\"2\n3,4\n", "line 2: a quote isn't closed before the file ends");
    row("text after a quote", "a,b\n1,\"2\" x\n", "line 2: more text follows a closing quote");
    row("zero byte", QByteArray("a,b\n1,2\0\n", 9), "line 2: a zero byte");
    row("zero byte in quotes", QByteArray("a,b\n1,\"2\0\"\n", 11), "line 2: a zero byte");
    row("Latin-1", "name,x\nJos\xe9,1\n", "line 2: field 1: the byte e9 isn't UTF-8; convert the file");
    row("UTF-16",
        QByteArray("\xff\xfe"
                   "a\0,\0",
                   6),
        "UTF-16; save it as UTF-8");
    row("workbook", "PK\x03\x04rest", "save the table as CSV");
    row("too many fields", QByteArray(70'000, ','), "line 1: more than 65,536 fields");
    row("gzip cut off", QByteArray::fromHex("1f8b0800000000000003"), "truncated");
    row("lines are counted in quotes", "a,b\n\"x\r\ny\",1\n2\n", "line 4: 1 fields");
  }
  void what_is_no_table_is_refused() {
    QFETCH(QByteArray, content);
    QFETCH(QString, reason);
    QVERIFY(put_file(file(), content));
    const auto rows = rows_of(path_of(file()), {});
    QVERIFY(!rows);
    const QString message = QString::fromStdString(rows.error().message);
    QVERIFY2(message.contains(reason), qPrintable(message));
    QVERIFY2(message.contains(file()), qPrintable(message));
    const auto loaded = load({"csv", {{"file", file().toStdString()}}});
    QVERIFY(!loaded);
    QVERIFY2(QString::fromStdString(loaded.error().message).contains(reason), loaded.error().message.c_str());
  }

  void any_byte_may_be_wrong() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    const QByteArray whole =
        "size,colour,\"a \"\"b\"\"\",price\n1,red,x,2.5\n2,\"gr\u00fcn\",\"y, z\",3\n,blue,?,-1e3\n";
    int readable = 0;
    for (int round = 0; round < 1000; ++round) {
      QByteArray damaged = whole;
      for (unsigned changes = 1 + random() % 3; changes > 0; --changes) {
        const auto at = static_cast<qsizetype>(random() % static_cast<unsigned>(damaged.size()));
        switch (random() % 3) {
          case 0:
            damaged[at] = static_cast<char>(random());
            break;
          case 1:
            damaged[at] = "\",;\n\r\t"[random() % 6];
            break;
          default:
            damaged.truncate(at + 1);
        }
      }
      QVERIFY(put_file(file(), damaged));
      const auto data = load_unprepared("csv", {{"file", file().toStdString()}});
      if (!data) {
        QVERIFY(!data.error().message.empty());
        continue;
      }
      ++readable;
      QCOMPARE(data->train.inputs.sizes[1], static_cast<std::int64_t>(data->feature_names.size()));
      QCOMPARE(data->train.inputs.count(), data->train.targets.count());
      for (const float value : row_of<float>(data->train.inputs, 0)) QVERIFY(std::isfinite(value));
    }
    QVERIFY(readable > 50);
  }

  void fields_are_numbers_or_missing_data() {
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("decimal");
    QTest::addColumn<QString>("meaning");
    const auto row = [](const char* field, const char* decimal, const char* meaning) {
      QTest::addRow("%s %s", field, decimal) << QString(field) << QString(decimal) << QString(meaning);
    };
    row("1", ".", "1");
    row(" -2.5 ", ".", "-2.5");
    row("+3", ".", "3");
    row("++3", ".", "word");
    row("+", ".", "word");
    row("1e3", ".", "1000");
    row("1E-400", ".", "0");
    row("1e400", ".", "word");
    row("1e39", ".", "word");
    row("inf", ".", "word");
    row("0x10", ".", "word");
    row("1,5", ".", "word");
    row("1,5", ",", "1.5");
    row("1.5", ",", "word");
    row("1 2", ".", "word");
    row("-0.0", ".", "0");
    row("", ".", "missing");
    row("  ", ".", "missing");
    row("NA", ".", "missing");
    row("n/a", ".", "missing");
    row("nan", ".", "missing");
    row("NULL", ".", "missing");
    row("?", ".", "missing");
    row("??", ".", "word");
    row("Nano", ".", "word");
  }
  void fields_are_numbers_or_missing() {
    QFETCH(QString, field);
    QFETCH(QString, decimal);
    QFETCH(QString, meaning);
    const std::string text = field.toStdString();
    const auto number = number_in(text, decimal[0].toLatin1());
    QCOMPARE(is_missing(text), meaning == "missing");
    if (meaning == "word" || meaning == "missing") {
      QVERIFY(!number);
    } else {
      QVERIFY(number);
      QCOMPARE(*number, meaning.toDouble());
      QCOMPARE(value_name(text, decimal[0].toLatin1()), meaning.toStdString());
    }
  }

  void columns_become_inputs_and_a_class() {
    const Dataset data = loaded("size,colour,wild,kind\n1,red,yes,cat\n2.5,blue,no,dog\n-3,red,no,cat\n");
    QCOMPARE(data.name, std::string("table.csv"));
    QCOMPARE(data.feature_names, (Texts{"size", "colour=blue", "colour=red", "wild=no", "wild=yes"}));
    QCOMPARE(data.sample_shape, (Shape{5}));
    QCOMPARE(data.target, TargetKind::Class);
    QCOMPARE(data.classes, (Texts{"cat", "dog"}));
    QCOMPARE(row_of<float>(data.train.inputs, 0), (Floats{1, 0, 1, 0, 1}));
    QCOMPARE(row_of<float>(data.train.inputs, 1), (Floats{2.5, 1, 0, 1, 0}));
    QCOMPARE(row_of<float>(data.train.inputs, 2), (Floats{-3, 0, 1, 1, 0}));
    QCOMPARE(data.train.targets.as<std::int64_t>()[0], 0);
    QCOMPARE(data.train.targets.as<std::int64_t>()[1], 1);
    QCOMPARE(data.train.targets.as<std::int64_t>()[2], 0);
    QCOMPARE(data.test.count(), 0);
  }

  void the_kind_of_target_is_found_data() {
    QTest::addColumn<QByteArray>("values");
    QTest::addColumn<QString>("chosen");
    QTest::addColumn<QString>("kind");
    QTest::newRow("words") << QByteArray("yes no yes no") << "auto"
                           << "class: no yes";
    QTest::newRow("two whole numbers") << QByteArray("1 0 1.0 0") << "auto"
                                       << "class: 0 1";
    QTest::newRow("fractions") << QByteArray("1.5 0 1 0") << "auto"
                               << "values";
    QTest::newRow("many whole numbers") << QByteArray("10 2 33 4") << "auto"
                                        << "values";
    QTest::newRow("many whole numbers as classes") << QByteArray("10 2 33 4") << "class"
                                                   << "class: 2 4 10 33";
    QTest::newRow("words and numbers") << QByteArray("10 b 9 b") << "auto"
                                       << "class: 10 9 b";
    QTest::newRow("two numbers as values") << QByteArray("1 0 1 0") << "values"
                                           << "values";
    QTest::newRow("two numbers as labels") << QByteArray("1 0 1 0") << "labels"
                                           << "labels: y";
    QTest::newRow("none") << QByteArray("1 0 1 0") << "none"
                          << "none";
  }
  void the_kind_of_target_is_found() {
    QFETCH(QByteArray, values);
    QFETCH(QString, chosen);
    QFETCH(QString, kind);
    QByteArray content = "x,y\n";
    for (const QByteArray& value : values.split(' ')) content += "7," + value + "\n";
    const Dataset data = loaded(content, {{"target_kind", chosen.toStdString()}});
    QStringList classes;
    for (const std::string& name : data.classes) classes += QString::fromStdString(name);
    const QString names = ": " + classes.join(' ');
    switch (data.target) {
      case TargetKind::Class:
        QCOMPARE("class" + names, kind);
        QCOMPARE(data.train.targets.type, ElementType::Int64);
        QCOMPARE(data.train.targets.sizes, (std::vector<std::int64_t>{4}));
        QCOMPARE(data.target_shape, Shape());
        break;
      case TargetKind::Values:
        QCOMPARE(QString("values"), kind);
        QCOMPARE(data.target_names, (Texts{"y"}));
        QCOMPARE(data.target_shape, (Shape{1}));
        QCOMPARE(data.train.targets.sizes, (std::vector<std::int64_t>{4, 1}));
        QCOMPARE(data.train.targets.as<float>()[1], values.split(' ')[1].toFloat());
        break;
      case TargetKind::Labels:
        QCOMPARE("labels" + names, kind);
        QCOMPARE(data.target_shape, (Shape{1}));
        QCOMPARE(data.train.targets.as<float>()[0], 1.0F);
        break;
      default:
        QCOMPARE(QString("none"), kind);
        QCOMPARE(data.sample_shape, (Shape{2}));
        QCOMPARE(data.train.targets.count(), 0);
    }
  }

  void whole_numbers_are_classes_where_they_are_few() {
    QByteArray few = "x,y\n";
    QByteArray many = "x,y\n";
    for (int i = 0; i < 300; ++i) {
      few += "1," + QByteArray::number(i % 20) + "\n";
      many += "1," + QByteArray::number(i % 21) + "\n";
    }
    QCOMPARE(loaded(few).classes.size(), std::size_t{20});
    QCOMPARE(loaded(few).classes[10], std::string("10"));
    QCOMPARE(loaded(many).target, TargetKind::Values);
  }

  void targets_are_chosen_data() {
    QTest::addColumn<QString>("target");
    QTest::addColumn<QString>("features");
    QTest::addColumn<QString>("targets");
    QTest::newRow("last") << ""
                          << "a b"
                          << "c,d";
    QTest::newRow("by name") << "b"
                             << "a c,d"
                             << "b";
    QTest::newRow("by number") << "1"
                               << "b c,d"
                               << "a";
    QTest::newRow("several") << "b, 1"
                             << "c,d"
                             << "b a";
    QTest::newRow("a name with a comma") << "c,d"
                                         << "a b"
                                         << "c,d";
    QTest::newRow("the same twice") << "a,1"
                                    << "b c,d"
                                    << "a";
  }
  void targets_are_chosen() {
    QFETCH(QString, target);
    QFETCH(QString, features);
    QFETCH(QString, targets);
    const Dataset data = loaded("a,b,\"c,d\"\n1.5,2.5,3.5\n4.5,5.5,6.5\n", {{"target", target.toStdString()}});
    const auto joined = [](const Texts& texts) {
      QStringList list;
      for (const std::string& text : texts) list += QString::fromStdString(text);
      return list.join(' ');
    };
    QCOMPARE(joined(data.feature_names), features);
    QCOMPARE(joined(data.target_names), targets);
    const std::map<QString, float> second = {{"a", 4.5F}, {"b", 5.5F}, {"c,d", 6.5F}};
    for (std::size_t i = 0; i < data.target_names.size(); ++i) {
      QCOMPARE(row_of<float>(data.train.targets, 1)[i], second.at(QString::fromStdString(data.target_names[i])));
    }
  }

  void missing_values_are_filled_dropped_or_refused() {
    const QByteArray content =
        "size,colour,y\n"
        "1,red,0.5\n"
        ",NA,1.5\n"
        "5,blue,\n"
        "3,?,2.5\n";
    const Dataset filled = loaded(content);
    // The mean of 1, 5 and 3; the row without a target is left out.
    QCOMPARE(filled.feature_names, (Texts{"size", "colour=blue", "colour=red", "colour=missing"}));
    QCOMPARE(filled.train.inputs.sizes, (std::vector<std::int64_t>{3, 4}));
    QCOMPARE(row_of<float>(filled.train.inputs, 1), (Floats{3, 0, 0, 1}));
    QCOMPARE(row_of<float>(filled.train.inputs, 2), (Floats{3, 0, 0, 1}));
    QCOMPARE(filled.train.targets.as<float>()[2], 2.5F);

    const Dataset dropped = loaded(content, {{"missing", std::string("drop")}});
    QCOMPARE(dropped.feature_names, (Texts{"size", "colour=blue", "colour=red"}));
    QCOMPARE(dropped.train.inputs.count(), 1);

    QVERIFY(refused(content, {{"missing", std::string("refuse")}}).contains("column 1 (size) lacks a value on line 3"));
    QVERIFY(refused("x,y\n1,2\n3,NaN\n", {{"missing", std::string("refuse")}})
                .contains("column 2 (y) lacks a value on line 3"));
    QVERIFY(refused("x,y\n,1.5\n2,\n", {{"missing", std::string("drop")}}).contains("no row is left"));
  }

  void columns_are_ignored_or_made_categories() {
    const Dataset data = loaded("id,code,empty,y\n17,1,,0.5\n18,2,,1.5\n19,1.0,,2.5\n",
                                {{"ignored", std::string("id")}, {"categorical", std::string("code")}});
    QCOMPARE(data.feature_names, (Texts{"code=1", "code=2"}));
    QCOMPARE(row_of<float>(data.train.inputs, 2), (Floats{1, 0}));
  }

  void decimal_commas_are_read() {
    const Dataset data = loaded("a;y\n1,5;2,25\n-3;4\n", {{"decimal", std::string("comma")}});
    QCOMPARE(data.train.inputs.as<float>()[0], 1.5F);
    QCOMPARE(data.train.targets.as<float>()[0], 2.25F);
  }

  void a_test_file_is_read_by_the_training_files_rules() {
    QVERIFY(put_file(file("test.csv"), "size,colour,kind\n7,green,dog\n,red,cat\n"));
    const Settings settings = {{"test_file", file("test.csv").toStdString()}};
    const Dataset data = loaded("size,colour,kind\n1,red,cat\n2,blue,dog\n6,red,cat\n", settings);
    QCOMPARE(data.test.count(), 2);
    // A colour that wasn't seen is none of those known; what is missing is the training file's mean.
    QCOMPARE(row_of<float>(data.test.inputs, 0), (Floats{7, 0, 0}));
    QCOMPARE(row_of<float>(data.test.inputs, 1), (Floats{3, 0, 1}));
    QCOMPARE(data.test.targets.as<std::int64_t>()[0], 1);

    const QByteArray train = "size,colour,kind\n1,red,cat\n2,blue,dog\n";
    const auto refusal_of = [&](const QByteArray& test) {
      put_file(file("test.csv"), test);
      return refused(train, settings);
    };
    QVERIFY(
        refusal_of("size,colour,kind\n1,red,bird\n").contains("test.csv: line 2, column 3 (kind): the class \"bird\""));
    QVERIFY(refusal_of("size,colour,kind\nbig,red,cat\n").contains("line 2, column 1 (size): \"big\" isn't a number"));
    QVERIFY(refusal_of("size,kind\n1,cat\n").contains("2 columns, where the training file has 3"));
    QVERIFY(refusal_of("size,kind,colour\n1,cat,red\n")
                .contains("column 2 is called kind, where the training file has colour"));
    QVERIFY(refusal_of("size,colour,kind\n").contains("no row is left"));
  }

  void unfit_choices_are_refused_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("setting");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("reason");
    QByteArray names = "x,name,y\n";
    for (int i = 0; i < 40; ++i) names += "1,person " + QByteArray::number(i) + ",0.5\n";
    QByteArray ids = "x,name\n";
    for (int i = 0; i < 1100; ++i) ids += "1,person " + QByteArray::number(i) + "\n";
    const auto row = [](const char* name, const QByteArray& content, const char* setting, const char* value,
                        const char* reason) {
      QTest::newRow(name) << content << QString(setting) << QString(value) << QString(reason);
    };
    row("too many categories", names, "", "",
        "column 2 (name) isn't numeric (line 2: \"person 0\") and has more than 32 different values: name it in "
        "ignored");
    row("too many classes", ids, "", "", "column 2 (name) has more than 1000 different values");
    row("decimal commas", "a;y\n" + QByteArray("1,5;2\n2,5;3\n").repeated(2) + "3,5;2\n", "most_categories", "2",
        "set decimal to comma");
    row("no such target", "a,y\n1,2\n", "target", "z", "target: there is no column z among a, y");
    row("number beyond", "a,y\n1,2\n", "target", "3", "there is no column 3");
    row("number 0", "a,y\n1,2\n", "target", "0", "there is no column 0");
    row("two of the name", "a,a\n1,2\n", "target", "a", "several columns are called a");
    row("ignored target", "a,y\n1,2\n", "ignored", "y", "is both a target and ignored");
    row("one class", "a,y\n1,x\n2,x\n", "", "", "has one value only");
    row("no values for a target", "a,y\n1,\n2,\n", "", "", "is the target and has no values");
    row("nothing to learn from", "y\n1\n2\n", "", "", "no column is left to learn from");
    row("no rows", "a,y\n", "header", "yes", "there are no rows below the header");
    row("words as values", "a,y\n1,2\n1,x\n", "target_kind", "values",
        "column 2 (y) is a target that isn't numeric (line 3: \"x\")");
    row("labels of 2", "a,y\n1,2\n1,0\n", "target_kind", "labels", "is a label, which is 0 or 1, but holds 2");
    row("several words", "a,b,y\n1,p,q\n2,r,s\n", "target", "b,y", "column 2 (b) is a target that isn't numeric");
    row("wrong choice", "a,y\n1,2\n", "missing", "guess", "missing must be one of");
  }
  void unfit_choices_are_refused() {
    QFETCH(QByteArray, content);
    QFETCH(QString, setting);
    QFETCH(QString, value);
    QFETCH(QString, reason);
    Settings settings;
    if (setting == "most_categories") {
      settings.set("most_categories", value.toLongLong());
    } else if (!setting.isEmpty()) {
      settings.set(setting.toStdString(), value.toStdString());
    }
    if (content.startsWith("a,a")) settings.set("header", std::string("yes"));
    const QString message = refused(content, settings);
    QVERIFY2(message.contains(reason), qPrintable(message));
  }

  void without_a_file_it_says_so() {
    QVERIFY(!describe({"csv", {}}));
    const auto data = load({"csv", {}});
    QVERIFY(!data);
    QCOMPARE(data.error().message, std::string("No file is chosen."));
    const auto nowhere = load({"csv", {{"file", file("nowhere.csv").toStdString()}}});
    QVERIFY(!nowhere);
    QVERIFY(QString::fromStdString(nowhere.error().message).contains("nowhere.csv"));
  }

  void a_table_is_split_and_normalised() {
    QByteArray content = "a,b,y\n";
    for (int i = 0; i < 100; ++i) {
      content += QByteArray::number(i) + "," + QByteArray::number(1000 - 3 * i) + "," + (i % 2 ? "odd" : "even") + "\n";
    }
    QVERIFY(put_file(file(), content));
    const auto data = load({"csv", {{"file", file().toStdString()}}});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(data->test.count(), 20);
    QCOMPARE(data->train.count() + data->validation.count(), 80);
    QCOMPARE(data->normalisation.mean.size(), std::size_t{2});
  }

  void gzip_and_large_files_are_read() {
    const QString pack =
        "import gzip, sys\n"
        "with gzip.open(sys.argv[1], 'wt') as out:\n"
        "    out.write('a,b,y\\n')\n"
        "    for i in range(100000): out.write(f'{i},{i * 0.5},{i + 0.25}\\n')\n";
    QCOMPARE(run_python(pack, {file("large.csv.gz")}), QString());
    const auto data = load_unprepared("csv", {{"file", file("large.csv.gz").toStdString()}});
    QVERIFY2(data, data ? "" : data.error().message.c_str());
    QCOMPARE(data->train.count(), 100'000);
    QCOMPARE(row_of<float>(data->train.inputs, 77'777), (Floats{77'777, 38'888.5}));
    QCOMPARE(data->train.targets.as<float>()[99'999], 99'999.25F);
  }

 private:
  QString file(const QString& name = "table.csv") const { return folder_.filePath(name); }

  /// Loads a table, whose description must be what is loaded.
  Dataset loaded(const QByteArray& content, Settings settings = {}) {
    put_file(file(), content);
    settings.set("file", file().toStdString());
    return load_as_described("csv", settings);
  }

  /// The message of the refusal; empty where it is loaded.
  QString refused(const QByteArray& content, Settings settings = {}) {
    put_file(file(), content);
    settings.set("file", file().toStdString());
    const auto data = load({"csv", settings});
    return data ? QString() : QString::fromStdString(data.error().message);
  }

  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestCsv)
#include "test_csv.moc"
