#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
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
  bool capitals_are_names;  ///< words that begin with one are left out
};

constexpr std::array<Language, 5> languages = {{
    {"english", "English", "american-english", "wamerican", true},
    {"french", "French", "french", "wfrench", false},
    {"german", "German", "ngerman", "wngerman", false},
    {"spanish", "Spanish", "spanish", "wspanish", false},
    {"italian", "Italian", "italian", "witalian", true},
}};

std::filesystem::path file_of(const Language& language) {
  return std::filesystem::path("/usr/share/dict") / language.file;
}

template <class Holds>
std::vector<const Language*> languages_that(Holds holds) {
  std::vector<const Language*> found;
  for (const Language& language : languages) {
    if (holds(language)) found.push_back(&language);
  }
  return found;
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

/// The word in small letters; empty where it isn't one to learn from.
std::string cleaned(std::string_view word, const Language& language) {
  std::string clean;
  std::size_t letters = 0;
  while (!word.empty()) {
    const char32_t character = take_character(word);
    const char32_t small = lower_case(character);
    if (!is_word_character(character) || (character >= U'0' && character <= U'9')) return {};
    if (letters++ == 0 && small != character && language.capitals_are_names) return {};
    append_character(clean, small);
  }
  return letters < fewest_letters ? std::string() : clean;
}

struct Word {
  std::string text;
  std::size_t language;  ///< among the chosen ones
};

Result<void> add_words(const Language& language, std::size_t number, std::vector<Word>& words) {
  const auto content = read_file(file_of(language), most_file_bytes);
  if (!content) return content.error();
  if (const auto bad = first_invalid_byte(*content)) {
    return Error{fmt::format("{}: at byte {}: not UTF-8.", file_of(language).string(), *bad)};
  }
  std::string_view rest = *content;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string word = cleaned(rest.substr(0, end), language);
    if (!word.empty()) words.push_back({std::move(word), number});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

/// By language, those that no other of the languages has, each once, in the order of their bytes.
std::vector<std::vector<std::string>> words_of_one(std::vector<Word> words, std::size_t count) {
  std::sort(words.begin(), words.end(), [](const Word& one, const Word& other) {
    const int order = one.text.compare(other.text);
    return order != 0 ? order < 0 : one.language < other.language;
  });
  std::vector<std::vector<std::string>> result(count);
  for (std::size_t first = 0, last = 0; first < words.size(); first = last + 1) {
    last = first;
    while (last + 1 < words.size() && words[last + 1].text == words[first].text) ++last;
    if (words[last].language == words[first].language) {
      result[words[first].language].push_back(std::move(words[first].text));
    }
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
  const auto chosen = languages_that([&](const Language& language) { return settings.flag(language.setting); });
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
  TokenCounts counts({.is_by_character = true, .is_lower_case = true});
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
    for (std::int64_t word = test; word < test + train; ++word) counts.add(words[i][static_cast<std::size_t>(word)]);
    data.classes.emplace_back(language.name);
  }
  data.vocabulary = counts.vocabulary(1, 10'000);
  data.train = encoded_words(words, test, train, data.vocabulary, length);
  data.test = encoded_words(words, 0, test, data.vocabulary, length);
  return data;
}

std::optional<DataDescription> describe_words(const Settings& settings) {
  const auto data = load_words(settings);
  return data ? std::optional(description_of(*data)) : std::nullopt;
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
          [] { return lacking(languages_that([](const Language&) { return true; })); }};
}

}  // namespace netwright
