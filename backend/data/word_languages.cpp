#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>

#include "backend/core/numbers.h"
#include "backend/core/safe_file.h"
#include "backend/core/utf8.h"
#include "backend/data/random.h"
#include "backend/data/sources.h"
#include "backend/data/tokens.h"

namespace netwright {

namespace {

constexpr std::size_t most_file_bytes = std::size_t{1} << 26;
constexpr std::size_t fewest_letters = 2;

/// A word list of Debian's.
struct Language {
  const char* setting;
  const char* name;
  const char* file;  ///< in /usr/share/dict
  const char* package;
  const char* accented;     ///< small letters beside a to z; words with others are left out
  bool capitals_are_names;  ///< words that begin with one are left out
};

constexpr std::array<Language, 5> languages = {{
    {"english", "English", "american-english", "wamerican", "", true},
    {"french", "French", "french", "wfrench", "àâæçèéêëîïôœùûüÿ", false},
    {"german", "German", "ngerman", "wngerman", "ßäöü", false},
    {"spanish", "Spanish", "spanish", "wspanish", "áéíñóúü", false},
    {"italian", "Italian", "italian", "witalian", "àèéìíîòóùú", true},
}};

std::filesystem::path file_of(const Language& language) {
  return std::filesystem::path("/usr/share/dict") / language.file;
}

std::vector<const Language*> chosen_languages(const Settings& settings) {
  std::vector<const Language*> chosen;
  for (const Language& language : languages) {
    if (settings.flag(language.setting)) chosen.push_back(&language);
  }
  return chosen;
}

/// What to install for these languages, in words; empty where nothing.
std::string lacking(const std::vector<const Language*>& wanted) {
  std::vector<std::string> packages;
  for (const Language* language : wanted) {
    std::error_code ignored;
    if (!std::filesystem::exists(file_of(*language), ignored)) packages.emplace_back(language->package);
  }
  if (packages.empty()) return {};
  return fmt::format("Word lists are missing from /usr/share/dict. Install them with: apt install {}",
                     fmt::join(packages, " "));
}

std::string missing_word_lists() {
  std::vector<const Language*> all;
  for (const Language& language : languages) all.push_back(&language);
  return lacking(all);
}

std::set<char32_t> letters_of(const Language& language) {
  std::set<char32_t> letters;
  for (char32_t letter = U'a'; letter <= U'z'; ++letter) letters.insert(letter);
  for (std::string_view rest = language.accented; !rest.empty();) letters.insert(take_character(rest));
  return letters;
}

/// The letters of all of them: known without reading the lists, and the same for every seed.
Vocabulary vocabulary_of(const std::vector<const Language*>& chosen) {
  std::set<char32_t> letters;
  for (const Language* language : chosen) letters.merge(letters_of(*language));
  Vocabulary vocabulary = {.tokens = {"<pad>", "<unk>"}, .is_by_character = true, .is_lower_case = true};
  for (const char32_t letter : letters) append_character(vocabulary.tokens.emplace_back(), letter);
  return vocabulary;
}

struct Word {
  std::string text;      ///< in small letters
  std::size_t language;  ///< among the chosen ones
  bool is_fit;           ///< to learn from; the others only tell that a word is this language's too
};

Word cleaned(std::string_view word, const std::set<char32_t>& letters, bool capitals_are_names, std::size_t number) {
  Word clean = {{}, number, true};
  std::size_t count = 0;
  while (!word.empty()) {
    const char32_t character = take_character(word);
    const char32_t small = lower_case(character);
    const bool is_name = capitals_are_names && count == 0 && small != character;
    if (is_name || letters.count(small) == 0) clean.is_fit = false;
    append_character(clean.text, small);
    ++count;
  }
  if (count < fewest_letters) clean.is_fit = false;
  return clean;
}

Result<void> add_words(const Language& language, std::size_t number, std::vector<Word>& words) {
  const auto content = read_file(file_of(language), most_file_bytes);
  if (!content) return content.error();
  if (const auto bad = first_invalid_byte(*content)) {
    return Error{fmt::format("{}: at byte {}: not UTF-8.", file_of(language).string(), *bad)};
  }
  const std::set<char32_t> letters = letters_of(language);
  std::string_view rest = *content;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    words.push_back(cleaned(rest.substr(0, end), letters, language.capitals_are_names, number));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

/// By language, the fit words that no other of the languages has, each once, in the order of their bytes.
std::vector<std::vector<std::string>> words_of_one(std::vector<Word> words, std::size_t count) {
  std::sort(words.begin(), words.end(), [](const Word& one, const Word& other) { return one.text < other.text; });
  std::vector<std::vector<std::string>> result(count);
  for (auto first = words.begin(); first != words.end();) {
    bool is_fit = false;
    bool is_of_one = true;
    auto next = first;
    for (; next != words.end() && next->text == first->text; ++next) {
      is_fit = is_fit || next->is_fit;
      is_of_one = is_of_one && next->language == first->language;
    }
    if (is_fit && is_of_one) result[first->language].push_back(first->text);
    first = next;
  }
  return result;
}

/// Word `i` of each language in turn.
Split encoded_words(const std::vector<std::vector<std::string>>& words, std::int64_t from, std::int64_t each,
                    const Vocabulary& vocabulary, std::int64_t length) {
  const auto classes = static_cast<std::int64_t>(words.size());
  const std::int64_t samples = each * classes;
  Split split = {make_array(ElementType::Int64, {samples, length}), make_array(ElementType::Int64, {samples}),
                 make_array(ElementType::Int64, {samples})};
  const Encoder encoder(vocabulary);
  for (std::int64_t i = 0; i < samples; ++i) {
    const std::int64_t label = i % classes;
    const std::vector<std::string>& own = words[static_cast<std::size_t>(label)];
    const std::string& word = own[static_cast<std::size_t>(from + i / classes)];
    split.targets.as<std::int64_t>()[i] = label;
    split.lengths.as<std::int64_t>()[i] = encoder.encode_to(word, split.inputs.as<std::int64_t>() + i * length, length);
  }
  return split;
}

Result<Dataset> load_words(const Settings& settings) {
  const auto chosen = chosen_languages(settings);
  if (chosen.size() < 2) return Error{"Language of a word: choose two languages at least."};
  if (std::string lacks = lacking(chosen); !lacks.empty()) return Error{std::move(lacks)};
  std::vector<Word> all;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (const auto added = add_words(*chosen[i], i, all); !added) return added.error();
  }
  std::vector<std::vector<std::string>> words = words_of_one(std::move(all), chosen.size());

  const std::int64_t train = settings.integer("words_per_language");
  const std::int64_t test = settings.integer("test_words_per_language");
  const std::int64_t length = settings.integer("length");
  Dataset data;
  data.name = "Language of a word";
  data.sample_shape = {length};
  // Test words come first, so that more words to learn from don't change them.
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Language& language = *chosen[i];
    const auto known = static_cast<std::int64_t>(words[i].size());
    if (known < train + test) {
      return Error{
          fmt::format("{} has {} words that the other languages don't have, fewer than {} to learn from and "
                      "{} to test with: ask for fewer.",
                      language.name, with_separators(known), with_separators(train), with_separators(test))};
    }
    Random random(static_cast<std::uint64_t>(settings.integer("seed")),
                  static_cast<std::uint32_t>(&language - languages.data()));
    shuffle(words[i], random);
    data.classes.emplace_back(language.name);
  }
  data.vocabulary = vocabulary_of(chosen);
  data.train = encoded_words(words, test, train, data.vocabulary, length);
  data.test = encoded_words(words, 0, test, data.vocabulary, length);
  return data;
}

std::optional<DataDescription> describe_words(const Settings& settings) {
  const auto chosen = chosen_languages(settings);
  const auto classes = static_cast<std::int64_t>(chosen.size());
  if (classes < 2 || !lacking(chosen).empty()) return std::nullopt;
  return DataDescription{.sample_shape = {settings.integer("length")},
                         .classes = classes,
                         .train_samples = classes * settings.integer("words_per_language"),
                         .test_samples = classes * settings.integer("test_words_per_language"),
                         .type = ElementType::Int64,
                         .vocabulary = static_cast<std::int64_t>(vocabulary_of(chosen).tokens.size())};
}

}  // namespace

DataSpec word_languages_spec() {
  std::vector<SettingSpec> settings;
  for (const Language& language : languages) {
    settings.push_back({.name = language.setting,
                        .kind = SettingKind::Boolean,
                        .fallback = true,
                        .help = fmt::format("Whether {} is one of the languages.", language.name)});
  }
  settings.push_back({.name = "words_per_language",
                      .kind = SettingKind::Integer,
                      .fallback = std::int64_t{4000},
                      .help = "Words of each language to learn from.",
                      .minimum = 1,
                      .maximum = 200'000});
  settings.push_back({.name = "test_words_per_language",
                      .kind = SettingKind::Integer,
                      .fallback = std::int64_t{1000},
                      .help = "Other words of each language to test with.",
                      .minimum = 1,
                      .maximum = 200'000});
  settings.push_back({.name = "length",
                      .kind = SettingKind::Integer,
                      .fallback = std::int64_t{20},
                      .help = "Letters of each word; shorter ones are padded, longer ones cut off.",
                      .minimum = 2,
                      .maximum = 64});
  settings.push_back({.name = "seed",
                      .kind = SettingKind::Integer,
                      .fallback = std::int64_t{0},
                      .help = "The same seed draws the same words.",
                      .minimum = 0,
                      .maximum = 0x1p53});
  return {"word-languages",
          "Language of a word",
          "Which language a word comes from, letter by letter: words of Debian's lists that only one language has",
          std::move(settings),
          describe_words,
          load_words,
          missing_word_lists};
}

}  // namespace netwright
