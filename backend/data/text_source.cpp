#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <numeric>
#include <system_error>

#include "backend/core/safe_file.h"
#include "backend/core/utf8.h"
#include "backend/data/delimited_file.h"
#include "backend/data/fields.h"
#include "backend/data/sources.h"
#include "backend/data/tokens.h"

namespace netwright {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_text_classes = 1000;
constexpr std::size_t longest_label = 256;
constexpr std::size_t most_text_bytes = std::size_t{1} << 24;

/// Is given each text with its label; says why where it can't take it.
using Take = std::function<Result<void>(std::string_view text, const std::string& label)>;

/// Goes through the texts of one split in their order, as often as it is asked to.
using Texts = std::function<Result<void>(const Take&)>;

struct TextColumns {
  std::size_t all = 0;  ///< how many columns the file has
  std::vector<std::size_t> texts;
  std::size_t label = 0;
};

/// The column that holds most of the first rows' bytes.
std::size_t longest_column(const DelimitedFile& file) {
  std::vector<std::size_t> bytes(file.columns());
  for (const DelimitedFile::Row& row : file.first_rows()) {
    for (std::size_t i = 0; i < row.size(); ++i) bytes[i] += row[i].size();
  }
  return static_cast<std::size_t>(std::max_element(bytes.begin(), bytes.end()) - bytes.begin());
}

Result<TextColumns> find_text_columns(const DelimitedFile& file, const Settings& settings) {
  if (file.columns() < 2) {
    return Error{file.path().string() + ": one column, where a text and its label are needed; is the separator right?"};
  }
  auto texts = file.find_columns(settings.text("text"), "text");
  if (!texts) return texts.error();
  auto labels = file.find_columns(settings.text("label"), "label");
  if (!labels) return labels.error();
  if (labels->size() > 1) return Error{file.path().string() + ": label: name one column."};
  TextColumns columns = {.all = file.columns(), .texts = std::move(*texts)};
  if (columns.texts.empty()) {
    std::size_t longest = longest_column(file);
    if (!labels->empty() && longest == labels->front()) longest = longest == 0 ? 1 : 0;
    columns.texts = {longest};
  }
  const auto is_text = [&](std::size_t column) {
    return std::find(columns.texts.begin(), columns.texts.end(), column) != columns.texts.end();
  };
  columns.label = file.columns() - 1;
  while (columns.label > 0 && is_text(columns.label)) --columns.label;
  if (!labels->empty()) columns.label = labels->front();
  if (is_text(columns.label)) {
    return Error{fmt::format("{}: column {} ({}) can't be both text and label; set text and label.",
                             file.path().string(), columns.label + 1, file.names()[columns.label])};
  }
  return columns;
}

Result<void> each_row(const std::string& path, const DelimitedFormat& format, const TextColumns& columns,
                      const Take& take) {
  auto file = DelimitedFile::open(path, format);
  if (!file) return file.error();
  if (file->columns() != columns.all) {
    return Error{
        fmt::format("{}: {} columns, where the file for training has {}.", path, file->columns(), columns.all)};
  }
  DelimitedFile::Row row;
  std::string text;
  while (true) {
    const auto has_row = file->next(row);
    if (!has_row) return has_row.error();
    if (!*has_row) return {};
    text.clear();
    for (const std::size_t column : columns.texts) {
      if (!text.empty()) text += ' ';
      text += row[column];
    }
    const std::string label(trimmed(row[columns.label]));
    if (label.empty()) return file->error_at(columns.label, "the text has no label");
    if (label.size() > longest_label) {
      return file->error_at(columns.label, "a label of more than 256 bytes; set text and label");
    }
    if (const auto taken = take(text, label); !taken) return file->error_at(columns.label, taken.error().message);
  }
}

/// The files or folders in `folder`, hidden ones left out, by name.
std::vector<fs::path> entries_of(const fs::path& folder, bool folders) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    const bool fits = folders ? entry->is_directory(ignored) : entry->is_regular_file(ignored);
    if (fits && !entry->path().filename().string().starts_with('.')) entries.push_back(entry->path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

Result<void> each_file(const fs::path& folder, const Take& take) {
  const std::vector<fs::path> classes = entries_of(folder, true);
  if (classes.size() < 2) {
    return Error{fmt::format("{}: a folder for each class is needed, two at least, and there {}.", folder.string(),
                             classes.empty() ? "are none" : "is one")};
  }
  for (const fs::path& class_folder : classes) {
    for (const fs::path& file : entries_of(class_folder, false)) {
      const auto text = read_file(file, most_text_bytes);
      if (!text) return text.error();
      const auto bad = first_invalid_byte(*text);
      if (bad || text->find('\0') != text->npos) {
        return Error{fmt::format("{}: at byte {}: not a text in UTF-8; convert the file (iconv -f latin1 -t utf-8).",
                                 file.string(), bad ? *bad : text->find('\0'))};
      }
      const auto taken = take(*text, file_name(class_folder));
      if (!taken) return Error{fmt::format("{}: {}.", file.string(), taken.error().message)};
    }
  }
  return {};
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

struct Corpus {
  std::string name;
  Texts train;
  Texts test;  ///< empty where there is no test split
};

Result<Corpus> corpus_of(const Settings& settings) {
  const std::string file = settings.text("file");
  const std::string test_file = settings.text("test_file");
  const std::string folder = settings.text("folder");
  if (file.empty() && folder.empty()) return Error{"No file and no folder is chosen."};
  if (!file.empty() && !folder.empty()) return Error{"Both a file and a folder are chosen; empty one of the two."};
  if (!file.empty()) {
    const auto opened = DelimitedFile::open(file, DelimitedFormat::of(settings));
    if (!opened) return opened.error();
    const auto columns = find_text_columns(*opened, settings);
    if (!columns) return columns.error();
    const auto rows = [&](const std::string& path) {
      return [path, format = opened->format(), columns = *columns](const Take& take) {
        return each_row(path, format, columns, take);
      };
    };
    return Corpus{file_name(file), rows(file), test_file.empty() ? Texts() : rows(test_file)};
  }
  if (!is_folder(folder)) return Error{fmt::format("There is no folder {}.", folder)};
  const auto files = [](const fs::path& path) { return [path](const Take& take) { return each_file(path, take); }; };
  const fs::path train = fs::path(folder) / "train";
  const fs::path test = fs::path(folder) / "test";
  if (!is_folder(train)) return Corpus{file_name(folder), files(folder), {}};
  return Corpus{file_name(folder), files(train), is_folder(test) ? files(test) : Texts()};
}

/// What one pass through the texts finds out.
struct Survey {
  Vocabulary vocabulary;
  std::vector<std::string> classes;
  TextMap<std::int64_t> numbers;  ///< of the classes
  std::int64_t train = 0;
  std::int64_t test = 0;
};

Result<std::int64_t> class_number(const Survey& surveyed, const std::string& label) {
  const auto found = surveyed.numbers.find(label);
  if (found != surveyed.numbers.end()) return found->second;
  return Error{fmt::format("the class \"{}\" doesn't occur in the texts for training", label)};
}

Result<Survey> survey(const Corpus& corpus, const Settings& settings) {
  Survey result;
  TokenCounts counts({.is_by_character = settings.text("tokens") == "character",
                      .is_lower_case = settings.flag("lower_case"),
                      .keeps_last = settings.text("keep") == "last"});
  const auto read = corpus.train([&](std::string_view text, const std::string& label) -> Result<void> {
    ++result.train;
    if (result.numbers.emplace(label, 0).second && result.numbers.size() > most_text_classes) {
      return Error{"more than 1000 different labels; is another column the label?"};
    }
    counts.add(text);
    return {};
  });
  if (!read) return read.error();
  if (result.numbers.size() < 2) {
    return Error{fmt::format("{}: {}, where two classes at least are needed.", corpus.name,
                             result.train == 0 ? "there are no texts" : "all texts have the same label")};
  }
  for (const auto& [label, number] : result.numbers) result.classes.push_back(label);
  result.classes = sorted_values(std::move(result.classes));
  for (std::size_t i = 0; i < result.classes.size(); ++i) {
    result.numbers[result.classes[i]] = static_cast<std::int64_t>(i);
  }
  result.vocabulary = counts.vocabulary(settings.integer("min_freq"), settings.integer("max_tokens"));
  if (!corpus.test) return result;
  const auto tested = corpus.test([&](std::string_view, const std::string& label) -> Result<void> {
    ++result.test;
    const auto number = class_number(result, label);
    return number ? Result<void>() : number.error();
  });
  if (!tested) return tested.error();
  if (result.test == 0) return Error{corpus.name + ": there are no texts to test with."};
  return result;
}

Result<Split> read_split(const Texts& texts, const Survey& surveyed, std::int64_t samples, std::int64_t length) {
  Split split = {make_array(ElementType::Int64, {samples, length}), make_array(ElementType::Int64, {samples}),
                 make_array(ElementType::Int64, {samples})};
  const Encoder encoder(surveyed.vocabulary);
  std::int64_t at = 0;
  const auto read = texts([&](std::string_view text, const std::string& label) -> Result<void> {
    const auto number = class_number(surveyed, label);
    if (!number || at == samples) return Error{"the texts changed while they were read; try again"};
    split.targets.as<std::int64_t>()[at] = *number;
    split.lengths.as<std::int64_t>()[at] =
        encoder.encode_to(text, split.inputs.as<std::int64_t>() + at * length, length);
    ++at;
    return {};
  });
  if (!read) return read.error();
  if (at < samples) return Error{"The texts changed while they were read; try again."};
  return split;
}

Result<DataDescription> description_of_texts(const Settings& settings) {
  const auto corpus = corpus_of(settings);
  if (!corpus) return corpus.error();
  const auto surveyed = survey(*corpus, settings);
  if (!surveyed) return surveyed.error();
  return DataDescription{.sample_shape = {settings.integer("length")},
                         .classes = static_cast<std::int64_t>(surveyed->classes.size()),
                         .train_samples = surveyed->train,
                         .test_samples = surveyed->test,
                         .type = ElementType::Int64,
                         .vocabulary = static_cast<std::int64_t>(surveyed->vocabulary.tokens.size())};
}

std::optional<DataDescription> describe_text(const Settings& settings) {
  auto described = description_of_texts(settings);
  return described ? std::optional(std::move(*described)) : std::nullopt;
}

Result<Dataset> load_text(const Settings& settings) {
  const auto corpus = corpus_of(settings);
  if (!corpus) return corpus.error();
  auto surveyed = survey(*corpus, settings);
  if (!surveyed) return surveyed.error();
  const std::int64_t length = settings.integer("length");
  Dataset data;
  data.name = corpus->name;
  data.sample_shape = {length};
  auto train = read_split(corpus->train, *surveyed, surveyed->train, length);
  if (!train) return train.error();
  data.train = std::move(*train);
  if (corpus->test) {
    auto test = read_split(corpus->test, *surveyed, surveyed->test, length);
    if (!test) return test.error();
    data.test = std::move(*test);
  }
  data.classes = std::move(surveyed->classes);
  data.vocabulary = std::move(surveyed->vocabulary);
  return data;
}

}  // namespace

DataSpec text_spec() {
  const std::string none;
  std::vector<SettingSpec> settings = {
      {.name = "file",
       .kind = SettingKind::FilePath,
       .fallback = none,
       .help = "A CSV or TSV file with a text and its label in each row."},
      {.name = "test_file",
       .kind = SettingKind::FilePath,
       .fallback = none,
       .help = "A file of the same kind to test with; without one, a share of the texts is held back."},
      {.name = "folder",
       .kind = SettingKind::FolderPath,
       .fallback = none,
       .help = "Instead of a file: a folder with a folder of text files for each class, or with train and test, which "
               "hold those."},
      {.name = "text",
       .kind = SettingKind::Text,
       .fallback = none,
       .help = "The column of the text, by name or number, or several to join with commas between; the longest if "
               "empty."},
      {.name = "label",
       .kind = SettingKind::Text,
       .fallback = none,
       .help = "The column of the class, by name or number; the last one beside the text if empty."},
      {.name = "tokens",
       .kind = SettingKind::Choice,
       .fallback = std::string("word"),
       .help = "What a text is cut into; take characters for languages that put no spaces between words.",
       .choices = {"word", "character"}},
      {.name = "lower_case",
       .kind = SettingKind::Boolean,
       .fallback = true,
       .help = "Whether capitals become small letters first."},
      {.name = "min_freq",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{2},
       .help = "Tokens that come less often become unknown.",
       .minimum = 1,
       .maximum = 1'000'000},
      {.name = "max_tokens",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{20'000},
       .help =
           "The largest vocabulary; the most frequent tokens stay. It is made of the training texts alone where there "
           "are test texts, of all texts where these are held back later.",
       .minimum = 3,
       .maximum = 10'000'000},
      {.name = "length",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{64},
       .help = "Tokens of each text; shorter ones are padded.",
       .minimum = 1,
       .maximum = 100'000},
      {.name = "keep",
       .kind = SettingKind::Choice,
       .fallback = std::string("first"),
       .help = "Which tokens of a text that is longer are kept.",
       .choices = {"first", "last"}},
  };
  for (SettingSpec& setting : delimited_settings()) settings.push_back(std::move(setting));
  return {"text",
          "Texts",
          "Texts with a class each, from a CSV or TSV file or from folders, as words or characters",
          std::move(settings),
          describe_text,
          load_text,
          [] { return std::string(); }};
}

}  // namespace netwright
