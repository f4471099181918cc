#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "backend/data/data_catalogue.h"
#include "backend/data/tokens.h"
#include "tests/support/data_source.h"
#include "tests/support/files.h"
#include "tests/support/seed.h"

using namespace netwright;

namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<std::int64_t>;

/// What a row of a split says, character by character or word by word.
Texts decoded(const Dataset& data, const Split& split, std::int64_t index) {
  Texts tokens;
  const Numbers numbers = row_of<std::int64_t>(split.inputs, index);
  for (std::int64_t i = 0; i < split.lengths.as<std::int64_t>()[index]; ++i) {
    tokens.push_back(data.vocabulary.tokens[static_cast<std::size_t>(numbers[static_cast<std::size_t>(i)])]);
  }
  return tokens;
}

std::string joined(const Texts& texts) {
  std::string all;
  for (const std::string& text : texts) all += text;
  return all;
}

bool has_words() {
  return find_data_spec("word-languages")->missing().empty();
}

}  // namespace

class TestTextData : public QObject {
  Q_OBJECT

 private slots:
  void texts_are_cut_into_tokens_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("rules");
    QTest::addColumn<QString>("tokens");
    const auto row = [](const char* name, const char* text, const char* rules, const char* tokens) {
      QTest::newRow(name) << QString(text) << QString(rules) << QString(tokens);
    };
    row("words", "The cat  sat.", "word", "The|cat|sat|.");
    row("small words", "The CAT", "word small", "the|cat");
    row("marks", "no!? (yes)", "word", "no|!|?|(|yes|)");
    row("apostrophe within", "don't 'quote' dogs'", "word", "don't|'|quote|'|dogs|'");
    row("curly apostrophe", "l\u2019eau", "word", "l'eau");
    row("numbers", "in 1999, 3.5", "word", "in|1999|,|3|.|5");
    row("other letters", "\u00c9t\u00e9 \u0416\u0443\u043a", "word small", "\u00e9t\u00e9|\u0436\u0443\u043a");
    row("hyphen", "well-known", "word", "well|-|known");
    row("line ends", "a\r\nb\tc\u00a0d", "word", "a|b|c|d");
    row("empty", "", "word", "");
    row("blank", " \n ", "word", "");
    row("characters", "A b", "character", "A| |b");
    row("small characters", "\u00c4b", "character small", "\u00e4|b");
    row("white space is one", "  a \r\n\t b  ", "character", "a| |b");
    row("four bytes", "\U0001f600x", "character", "\U0001f600|x");
    row("blank characters", " \n ", "character", "");
  }
  void texts_are_cut_into_tokens() {
    QFETCH(QString, text);
    QFETCH(QString, rules);
    QFETCH(QString, tokens);
    const Vocabulary vocabulary = {
        .tokens = {}, .is_by_character = rules.startsWith("character"), .is_lower_case = rules.endsWith("small")};
    QStringList found;
    for (const std::string& token : tokens_of(text.toStdString(), vocabulary)) found += QString::fromStdString(token);
    QCOMPARE(found.join('|'), tokens);
  }

  void any_bytes_are_cut() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 3000; ++round) {
      std::string text;
      for (unsigned length = random() % 12; length > 0; --length) {
        text += round % 2 ? static_cast<char>(random()) : "a'\xe2\x80\x99 \xc3"[random() % 7];
      }
      for (const bool is_by_character : {false, true}) {
        for (const std::string& token : tokens_of(text, {.tokens = {}, .is_by_character = is_by_character})) {
          QVERIFY(!token.empty());
          QVERIFY(QString::fromStdString(token).toStdString() == token);
        }
      }
    }
  }

  void numbers_stand_for_tokens() {
    Vocabulary vocabulary = {.tokens = {"<pad>", "<unk>", "a", "b", "c"}, .is_lower_case = true};
    QCOMPARE(encoded("a B c", vocabulary, 5), (Numbers{2, 3, 4}));
    QCOMPARE(encoded("a x <pad>", vocabulary, 9), (Numbers{2, 1, 1, 1, 1}));
    QCOMPARE(encoded("a b c", vocabulary, 2), (Numbers{2, 3}));
    QCOMPARE(encoded("", vocabulary, 3), (Numbers{Vocabulary::unknown}));
    vocabulary.keeps_last = true;
    QCOMPARE(encoded("a b c", vocabulary, 2), (Numbers{3, 4}));
    Numbers row(4, 99);
    QCOMPARE(Encoder(vocabulary).encode_to("c a", row.data(), 4), 2);
    QCOMPARE(row, (Numbers{4, 2, Vocabulary::padding, Vocabulary::padding}));
  }

  void vocabularies_are_those_that_python_counts() {
    const unsigned seed = test_seed();
    qInfo("seed %u", seed);
    const QString write =
        "import collections, json, random, sys\n"
        "draw = random.Random(int(sys.argv[2]))\n"
        "words = [draw.choice('abcdeé') + draw.choice('xyzß') + draw.choice('01') for _ in range(40)]\n"
        "texts = [' '.join(draw.choice(words) for _ in range(draw.randint(1, 30))) for _ in range(200)]\n"
        "counts = collections.Counter(word for text in texts for word in text.split())\n"
        "ordered = sorted(counts, key=lambda word: (-counts[word], word.encode()))\n"
        "json.dump([texts, ordered, [w for w in ordered if counts[w] >= 60][:10]], open(sys.argv[1], 'w'))\n";
    QCOMPARE(run_python(write, {file("counts.json"), QString::number(seed)}), QString());
    const QJsonArray expected = QJsonDocument::fromJson(file_content(file("counts.json"))).array();
    TokenCounts counts(Vocabulary{});
    for (const auto& text : expected[0].toArray()) counts.add(text.toString().toStdString());
    for (const auto& [min_freq, max_tokens, column] : {std::tuple(1, 1000, 1), std::tuple(60, 12, 2)}) {
      Texts right = {"<pad>", "<unk>"};
      for (const auto& token : expected[column].toArray()) right.push_back(token.toString().toStdString());
      QCOMPARE(counts.vocabulary(min_freq, max_tokens).tokens, right);
    }
  }

  void texts_come_from_tables() {
    put("train.csv", "text,label\n\"Good, good film\",pos\nBad film!,neg\nbad,neg\n");
    put("test.csv", "text,label\nGood surprise,pos\n");
    const Dataset data = loaded({{"file", path("train.csv")},
                                 {"test_file", path("test.csv")},
                                 {"min_freq", std::int64_t{1}},
                                 {"length", std::int64_t{3}}});
    QCOMPARE(data.classes, (Texts{"neg", "pos"}));
    QCOMPARE(data.sample_shape, (Shape{3}));
    // By frequency, then by bytes; "surprise" is a word of the test texts alone.
    QCOMPARE(data.vocabulary.tokens, (Texts{"<pad>", "<unk>", "bad", "film", "good", "!", ","}));
    QVERIFY(data.vocabulary.is_lower_case && !data.vocabulary.is_by_character);
    QCOMPARE(row_of<std::int64_t>(data.train.inputs, 0), (Numbers{4, 6, 4}));
    QCOMPARE(row_of<std::int64_t>(data.train.inputs, 2), (Numbers{2, 0, 0}));
    QCOMPARE(row_of<std::int64_t>(data.train.lengths, 0), (Numbers{3}));
    QCOMPARE(row_of<std::int64_t>(data.train.lengths, 2), (Numbers{1}));
    QCOMPARE(row_of<std::int64_t>(data.train.targets, 0), (Numbers{1}));
    QCOMPARE(row_of<std::int64_t>(data.test.inputs, 0), (Numbers{4, 1, 0}));
    QCOMPARE(row_of<std::int64_t>(data.test.lengths, 0), (Numbers{2}));
  }

  void columns_are_chosen() {
    // As AG News has it: the class first, then two texts, no header.
    put("news.csv",
        "3,Title one,a longer description here\n1,Two,another long description\n3,x,yet another long one\n");
    const Dataset longest = loaded({{"file", path("news.csv")}, {"min_freq", std::int64_t{1}}});
    QCOMPARE(joined(decoded(longest, longest.train, 1)), std::string("anotherlongdescription"));
    QCOMPARE(longest.classes, (Texts{"Title one", "Two", "x"}));
    const Dataset joined_columns = loaded({{"file", path("news.csv")},
                                           {"text", std::string("2,3")},
                                           {"label", std::string("1")},
                                           {"min_freq", std::int64_t{1}}});
    QCOMPARE(joined(decoded(joined_columns, joined_columns.train, 1)), std::string("twoanotherlongdescription"));
    QCOMPARE(joined_columns.classes, (Texts{"1", "3"}));
  }

  void the_end_may_be_kept() {
    put("texts.tsv", "text\tlabel\na b c d\tx\ne f\ty\n");
    const Dataset data = loaded({{"file", path("texts.tsv")},
                                 {"min_freq", std::int64_t{1}},
                                 {"length", std::int64_t{2}},
                                 {"keep", std::string("last")}});
    QCOMPARE(decoded(data, data.train, 0), (Texts{"c", "d"}));
    QVERIFY(data.vocabulary.keeps_last);
  }

  void characters_of_any_script_are_tokens() {
    put("texts.csv", "text,label\n\u00c9T\u00c9 \u0416,x\n\u4e2d\u6587,y\n");
    const Dataset data = loaded({{"file", path("texts.csv")},
                                 {"tokens", std::string("character")},
                                 {"min_freq", std::int64_t{1}},
                                 {"length", std::int64_t{8}}});
    QCOMPARE(decoded(data, data.train, 0), (Texts{"\u00e9", "t", "\u00e9", " ", "\u0436"}));
    QCOMPARE(decoded(data, data.train, 1), (Texts{"\u4e2d", "\u6587"}));
  }

  void texts_come_from_folders_data() {
    QTest::addColumn<bool>("has_test");
    QTest::newRow("classes") << false;
    QTest::newRow("train and test") << true;
  }
  void texts_come_from_folders() {
    QFETCH(bool, has_test);
    QTemporaryDir corpus;
    const QString train = corpus.filePath(has_test ? "train" : ".");
    const auto text = [](const QString& folder, const QString& name, const QByteArray& content) {
      QDir().mkpath(folder);
      QVERIFY(put_file(folder + "/" + name, content));
    };
    text(train + "/pos", "2.txt", "fine film");
    text(train + "/pos", "1.txt", "a fine day");
    text(train + "/pos", ".hidden", "nonsense");
    text(train + "/neg", "1.txt", "a dull day\n");
    text(train, "README", "not a text to learn from");
    if (has_test) text(corpus.filePath("test/neg"), "9.txt", "dull unseen film");
    if (has_test) text(corpus.filePath("test/pos"), "9.txt", "");
    const Dataset data = loaded({{"folder", corpus.path().toStdString()}, {"min_freq", std::int64_t{1}}});
    QCOMPARE(data.name, QDir(corpus.path()).dirName().toStdString());
    QCOMPARE(data.classes, (Texts{"neg", "pos"}));
    QCOMPARE(data.train.count(), 3);
    QCOMPARE(decoded(data, data.train, 0), (Texts{"a", "dull", "day"}));
    QCOMPARE(decoded(data, data.train, 1), (Texts{"a", "fine", "day"}));
    QCOMPARE(row_of<std::int64_t>(data.train.targets, 2), (Numbers{1}));
    QCOMPARE(data.test.count(), has_test ? 2 : 0);
    if (!has_test) return;
    QCOMPARE(decoded(data, data.test, 0), (Texts{"dull", "<unk>", "film"}));
    QCOMPARE(decoded(data, data.test, 1), (Texts{"<unk>"}));
  }

  void unfit_texts_are_refused_data() {
    QTest::addColumn<QByteArray>("train");
    QTest::addColumn<QByteArray>("test");
    QTest::addColumn<QString>("reason");
    const QByteArray good = "text,label\nsome words,x\nother words,y\n";
    const auto row = [](const char* name, const QByteArray& train, const QByteArray& test, const char* reason) {
      QTest::newRow(name) << train << test << QString(reason);
    };
    row("one column", "text\nwords\nmore\n", "", "one column, where a text and its label are needed");
    row("one class", "text,label\nwords,x\nmore,x\n", "", "all texts have the same label");
    row("no texts", "text,label\n,\n", "", "line 2, column 2 (label): the text has no label");
    row("no label", good + "unlabelled,\n", "", "train.csv: line 4, column 2 (label): the text has no label");
    row("Latin-1", good + "\xe9t\xe9,x\n", "", "line 4: field 1: the byte e9 isn't UTF-8");
    row("unknown class", good, "text,label\nwords,z\n",
        "test.csv: line 2, column 2 (label): the class \"z\" doesn't occur in the texts for training.");
    row("other columns", good, "text,more,label\nwords,,x\n", "3 columns, where the file for training has 2");
    row("empty test", good, "\n", "test.csv: the file is empty");
    QByteArray many = "text,label\n";
    for (int i = 0; i < 1200; ++i) many += "some long words,label" + QByteArray::number(i) + "\n";
    row("labels without end", many, "", "line 1002, column 2 (label): more than 1000 different labels");
  }
  void unfit_texts_are_refused() {
    QFETCH(QByteArray, train);
    QFETCH(QByteArray, test);
    QFETCH(QString, reason);
    put("train.csv", train);
    Settings settings = {{"file", path("train.csv")}, {"header", std::string("yes")}};
    if (!test.isEmpty()) {
      put("test.csv", test);
      settings.set("test_file", path("test.csv"));
    }
    const auto data = load({"text", settings});
    QVERIFY(!data);
    QVERIFY2(QString::fromStdString(data.error().message).contains(reason), data.error().message.c_str());
    QVERIFY(!describe({"text", settings}));
  }

  void unfit_folders_are_refused() {
    QTemporaryDir corpus;
    const auto reason = [&](const Settings& settings) {
      const auto data = load({"text", settings});
      return data ? QString() : QString::fromStdString(data.error().message);
    };
    const Settings settings = {{"folder", corpus.path().toStdString()}};
    QVERIFY(reason({}).contains("No file and no folder is chosen"));
    QVERIFY(
        reason({{"file", path("x")}, {"folder", corpus.path().toStdString()}}).contains("Both a file and a folder"));
    QVERIFY(reason({{"folder", path("nowhere")}}).contains("There is no folder"));
    QVERIFY(reason(settings).contains("a folder for each class is needed, two at least, and there are none"));
    QDir(corpus.path()).mkpath("pos");
    QDir(corpus.path()).mkpath("neg");
    QVERIFY(reason(settings).contains("there are no texts"));
    QVERIFY(put_file(corpus.filePath("pos/a"), "good"));
    QVERIFY(put_file(corpus.filePath("neg/b"), "bad \xff"));
    QVERIFY(reason(settings).contains("neg/b: at byte 4: not a text in UTF-8"));
    QVERIFY(put_file(corpus.filePath("neg/b"), QByteArray("bad\0", 4)));
    QVERIFY(reason(settings).contains("neg/b: at byte 3: not a text"));
  }

  void languages_give_words_of_their_own() {
    if (!has_words()) QSKIP("Debian's word lists aren't installed");
    const Dataset data = words({});
    QCOMPARE(data.classes, (Texts{"English", "French", "German", "Spanish", "Italian"}));
    QCOMPARE(data.train.count(), 20'000);
    QCOMPARE(data.test.count(), 5'000);
    QVERIFY(data.vocabulary.is_by_character && data.vocabulary.is_lower_case);

    std::map<std::string, std::set<std::string>> lists;
    const std::map<std::string, std::string> files = {{"English", "american-english"},
                                                      {"French", "french"},
                                                      {"German", "ngerman"},
                                                      {"Spanish", "spanish"},
                                                      {"Italian", "italian"}};
    for (const auto& [language, name] : files) {
      const QString content = QString::fromUtf8(file_content("/usr/share/dict/" + QString::fromStdString(name)));
      for (const QString& word : content.split('\n')) lists[language].insert(word.toLower().toStdString());
    }
    std::set<std::string> seen;
    std::map<std::int64_t, int> counts;
    for (const Split* split : {&data.train, &data.test}) {
      for (std::int64_t i = 0; i < split->count(); ++i) {
        const std::int64_t label = split->targets.as<std::int64_t>()[i];
        ++counts[label];
        const std::string word = joined(decoded(data, *split, i));
        QVERIFY2(word.find('\'') == std::string::npos, word.c_str());
        QVERIFY2(word.find("<unk>") == std::string::npos, word.c_str());
        if (split->lengths.as<std::int64_t>()[i] == 20) continue;  // may be cut off
        QVERIFY2(seen.insert(word).second, word.c_str());
        for (const auto& [language, list] : lists) {
          const bool is_own = language == data.classes[static_cast<std::size_t>(label)];
          QVERIFY2(list.count(word) == (is_own ? 1U : 0U), word.c_str());
        }
      }
    }
    for (const auto& [label, count] : counts) QCOMPARE(count, 5'000);
    QVERIFY(seen.size() > 20'000);
  }

  void the_same_seed_draws_the_same_words() {
    if (!has_words()) QSKIP("Debian's word lists aren't installed");
    const Settings few = {{"words_per_language", std::int64_t{50}}, {"test_words_per_language", std::int64_t{30}}};
    const auto with = [](Settings settings, const char* name, Value value) {
      settings.set(name, std::move(value));
      return settings;
    };
    const Dataset one = words(few);
    const Dataset same = words(few);
    QVERIFY(one.train.inputs.bytes == same.train.inputs.bytes && one.test.inputs.bytes == same.test.inputs.bytes);
    QCOMPARE(one.vocabulary.tokens, same.vocabulary.tokens);
    const auto test_words = [](const Dataset& data) {
      std::set<std::string> found;
      for (std::int64_t i = 0; i < data.test.count(); ++i) found.insert(joined(decoded(data, data.test, i)));
      return found;
    };
    QVERIFY(test_words(words(with(few, "seed", std::int64_t{1}))) != test_words(one));
    const Dataset more = words(with(few, "words_per_language", std::int64_t{90}));
    QVERIFY(more.test.inputs.bytes == one.test.inputs.bytes);
    const Dataset two = words(with(with(with(few, "french", false), "spanish", false), "italian", false));
    QCOMPARE(two.classes, (Texts{"English", "German"}));
    QCOMPARE(two.train.count(), 100);
    QCOMPARE(two.vocabulary.tokens.size(), std::size_t{2 + 26 + 4});
  }

  void words_that_are_not_there_are_refused() {
    const Settings one = {{"french", false}, {"spanish", false}, {"italian", false}, {"german", false}};
    const auto alone = load({"word-languages", one});
    QVERIFY(!alone);
    QVERIFY(QString::fromStdString(alone.error().message).contains("choose two languages at least"));
    if (!has_words()) {
      QVERIFY(find_data_spec("word-languages")->missing().find("apt install w") != std::string::npos);
      QSKIP("Debian's word lists aren't installed");
    }
    const auto many = load({"word-languages", {{"words_per_language", std::int64_t{200'000}}}});
    QVERIFY(!many);
    QVERIFY(QString::fromStdString(many.error().message).contains("English has "));
  }

 private:
  QString file(const QString& name) const { return folder_.filePath(name); }
  std::string path(const QString& name) const { return file(name).toStdString(); }
  void put(const QString& name, const QByteArray& content) { QVERIFY(put_file(file(name), content)); }

  static Dataset loaded(const Settings& settings) { return load_as_described("text", settings); }
  static Dataset words(const Settings& settings) { return load_as_described("word-languages", settings); }

  QTemporaryDir folder_;
};

QTEST_APPLESS_MAIN(TestTextData)
#include "test_text_data.moc"
