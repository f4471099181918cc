#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>
#include <random>

#include "backend/core/utf8.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

class TestUtf8 : public QObject {
  Q_OBJECT

 private slots:
  void characters_come_one_by_one() {
    std::string_view text = "a\u00e9\u20ac\U0001f600z";
    std::vector<char32_t> characters;
    while (!text.empty()) characters.push_back(take_character(text));
    QCOMPARE(characters, (std::vector<char32_t>{U'a', 0xE9, 0x20AC, 0x1F600, U'z'}));
    std::string again;
    for (const char32_t character : characters) append_character(again, character);
    QCOMPARE(again, std::string("a\u00e9\u20ac\U0001f600z"));
  }

  void what_is_no_utf8_is_replaced_byte_by_byte() {
    QCOMPARE(valid_utf8("a\xff"
                        "b\xe2\x82"),
             std::string("a\uFFFD"
                         "b\uFFFD\uFFFD"));
    QCOMPARE(valid_utf8("\u00fcber"), std::string("\u00fcber"));
    QCOMPARE(file_name("/data/ab\xff.csv"), std::string("ab\uFFFD.csv"));
    QCOMPARE(file_name("/data/texts/"), std::string("texts"));
  }

  void bytes_are_valid_where_python_says_so() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    // Bytes of the ranges in which the rules change, so that many texts are valid.
    const QByteArray bytes("\x41\x7f\x80\x8f\x90\x9f\xa0\xbf\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5");
    QByteArray texts;
    QStringList expected;
    std::vector<QByteArray> all;
    for (int i = 0; i < 20'000; ++i) {
      QByteArray text;
      for (unsigned length = 1 + random() % 5; length > 0; --length) {
        text += bytes[static_cast<qsizetype>(random() % static_cast<unsigned>(bytes.size()))];
      }
      all.push_back(text);
      texts += text.toHex() + "\n";
    }
    QTemporaryDir folder;
    QVERIFY(put_file(folder.filePath("texts"), texts));
    const QString answer = run_python(
        "import sys\n"
        "for line in open(sys.argv[1]):\n"
        "    try:\n"
        "        bytes.fromhex(line.strip()).decode()\n"
        "        print(-1)\n"
        "    except UnicodeDecodeError as error:\n"
        "        print(error.start)\n",
        {folder.filePath("texts")});
    const QStringList lines = answer.split('\n');
    QCOMPARE(lines.size(), static_cast<qsizetype>(all.size()));
    int valid = 0;
    for (qsizetype i = 0; i < lines.size(); ++i) {
      const QByteArray& text = all[static_cast<std::size_t>(i)];
      const auto bad = first_invalid_byte(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
      QVERIFY2((bad ? static_cast<int>(*bad) : -1) == lines[i].toInt(), text.toHex().constData());
      if (!bad) ++valid;
    }
    QVERIFY(valid > 100);
  }

  void letters_are_made_small_as_python_does() {
    // Of each range that the header promises: first, last.
    const std::vector<std::pair<int, int>> ranges = {{0x0000, 0x017F}, {0x01CD, 0x01EF}, {0x01F8, 0x021F},
                                                     {0x0222, 0x0233}, {0x0386, 0x03CE}, {0x0400, 0x052F},
                                                     {0x0531, 0x0588}, {0x1E00, 0x1EFF}, {0xFF00, 0xFF60}};
    for (const auto& [first, last] : ranges) {
      // İ becomes two characters in Python, as in Unicode's full mapping; the simple one is i.
      const QString answer = run_python(
          "import sys\n"
          "for c in range(int(sys.argv[1]), int(sys.argv[2]) + 1):\n"
          "    print(ord(chr(c).lower()[0]))\n",
          {QString::number(first), QString::number(last)});
      const QStringList lines = answer.split('\n');
      QCOMPARE(lines.size(), last - first + 1);
      for (int i = 0; i < lines.size(); ++i) {
        const int character = first + i;
        QVERIFY2(static_cast<int>(lower_case(static_cast<char32_t>(character))) == lines[i].toInt(),
                 qPrintable(QString::number(character, 16)));
      }
    }
  }

  void words_are_made_of_letters_and_digits_data() {
    QTest::addColumn<uint>("character");
    QTest::addColumn<QString>("kind");
    const auto row = [](const char* name, char32_t character, const char* kind) {
      QTest::newRow(name) << static_cast<uint>(character) << kind;
    };
    row("letter", U'q', "word");
    row("digit", U'7', "word");
    row("accented letter", U'\u00e9', "word");
    row("Greek", U'\u03b1', "word");
    row("Cyrillic", U'\u0436', "word");
    row("Chinese", U'\u4e2d', "word");
    row("combining accent", U'\u0301', "word");
    row("ordinal", U'\u00aa', "word");
    row("full stop", U'.', "mark");
    row("underscore", U'_', "mark");
    row("quotation mark", U'\u201c', "mark");
    row("guillemet", U'\u00ab', "mark");
    row("dash", U'\u2014', "mark");
    row("inverted question mark", U'\u00bf', "mark");
    row("times", U'\u00d7', "mark");
    row("euro", U'\u20ac', "mark");
    row("emoji", U'\U0001f600', "mark");
    row("Chinese comma", U'\u3001', "mark");
    row("wide comma", U'\uff0c', "mark");
    row("replacement", U'\ufffd', "mark");
    row("space", U' ', "white");
    row("tab", U'\t', "white");
    row("zero", U'\0', "white");
    row("no-break space", U'\u00a0', "white");
    row("thin space", U'\u2009', "white");
    row("ideographic space", U'\u3000', "white");
  }
  void words_are_made_of_letters_and_digits() {
    QFETCH(uint, character);
    QFETCH(QString, kind);
    QCOMPARE(is_word_character(character), kind == "word");
    QCOMPARE(is_white_space(character), kind == "white");
  }
};

QTEST_APPLESS_MAIN(TestUtf8)
#include "test_utf8.moc"
