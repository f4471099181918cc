#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "backend/core/utf8.h"
#include "backend/data/fields.h"
#include "backend/data/sources.h"
#include "backend/data/table_survey.h"

namespace netwright {

namespace {

constexpr std::size_t most_table_classes = 1000;
constexpr std::int64_t most_classes_of_numbers = 20;

enum class Missing { Fill, Drop, Refuse };

/// A column that is learned from: one number, or one place for each of its categories.
struct Feature {
  std::size_t column = 0;
  std::int64_t first = 0;  ///< its first place in the sample
  float mean = 0;          ///< stands for a missing number
  bool is_category = false;
  TextMap<std::int64_t> places = {};  ///< of the categories, counted from `first`
  std::int64_t missing_place = -1;    ///< of those that are missing; −1: they have none
};

/// What the training file says: how its rows, and those of a test file, become samples.
struct Plan {
  DelimitedFormat format;
  std::vector<std::string> names;
  char decimal = '.';
  Missing missing = Missing::Fill;
  std::vector<Feature> features;
  std::vector<std::size_t> targets;
  TextMap<std::int64_t> classes;
  std::int64_t width = 0;
  std::int64_t rows = 0;       ///< of the training file
  bool may_lose_rows = false;  ///< some rows may be left out
  Legend legend;
};

Missing missing_of(const Settings& settings) {
  const std::string choice = settings.text("missing");
  return choice == "drop" ? Missing::Drop : choice == "refuse" ? Missing::Refuse : Missing::Fill;
}

/// Makes a Plan, once the columns are known.
class Planner {
 public:
  Planner(const DelimitedFile& file, const Settings& settings) : file_(file), settings_(settings) {}

  /// Which columns are what; after it, survey() may go through the file.
  Result<void> assign() {
    const std::string kind = settings_.text("target_kind");
    if (kind != "none") {
      const std::string chosen = settings_.text("target");
      auto targets = file_.find_columns(chosen.empty() ? std::to_string(file_.columns()) : chosen, "target");
      if (!targets) return targets.error();
      plan_.targets = std::move(*targets);
    }
    auto ignored = file_.find_columns(settings_.text("ignored"), "ignored");
    if (!ignored) return ignored.error();
    auto categorical = file_.find_columns(settings_.text("categorical"), "categorical");
    if (!categorical) return categorical.error();
    roles_.assign(file_.columns(), Role::Feature);
    for (const std::size_t column : *categorical) roles_[column] = Role::Category;
    for (const std::size_t column : *ignored) roles_[column] = Role::Ignored;
    for (const std::size_t column : plan_.targets) {
      if (roles_[column] == Role::Ignored) return refusal(column, "is both a target and ignored");
      roles_[column] = Role::Target;
    }
    return {};
  }

  /// How many different values of each column are of interest.
  std::vector<std::size_t> most_values() const {
    const auto categories = static_cast<std::size_t>(settings_.integer("most_categories"));
    std::vector<std::size_t> most;
    for (const Role role : roles_) {
      most.push_back(role == Role::Ignored ? 0 : role == Role::Target ? most_table_classes : categories);
    }
    return most;
  }

  Result<Plan> plan(const TableSurvey& surveyed) {
    plan_.format = file_.format();
    plan_.names = file_.names();
    plan_.decimal = decimal_of(settings_);
    plan_.missing = missing_of(settings_);
    plan_.rows = surveyed.rows;
    plan_.legend.name = file_name(file_.path());
    if (surveyed.rows == 0) return Error{file_.path().string() + ": there are no rows below the header."};
    if (const auto added = add_features(surveyed); !added) return added.error();
    if (const auto added = add_targets(surveyed); !added) return added.error();
    return std::move(plan_);
  }

 private:
  enum class Role { Feature, Category, Target, Ignored };

  Error refusal(std::size_t column, const std::string& reason) const {
    return {fmt::format("{}: column {} ({}) {}.", file_.path().string(), column + 1, file_.names()[column], reason)};
  }

  Result<void> check_missing(const SurveyedColumn& column, std::size_t index) {
    if (column.missing == 0) return {};
    if (plan_.missing == Missing::Refuse) {
      return refusal(index,
                     fmt::format("lacks a value on line {}; set missing to fill or drop", column.first_missing_line));
    }
    return {};
  }

  Result<void> add_features(const TableSurvey& surveyed) {
    for (std::size_t i = 0; i < roles_.size(); ++i) {
      const SurveyedColumn& column = surveyed.columns[i];
      if (roles_[i] == Role::Target || roles_[i] == Role::Ignored || column.is_empty()) continue;
      if (const auto whole = check_missing(column, i); !whole) return whole.error();
      if (column.missing > 0 && plan_.missing == Missing::Drop) plan_.may_lose_rows = true;
      Feature feature = {.column = i, .first = plan_.width};
      feature.mean = static_cast<float>(column.mean());
      feature.is_category = roles_[i] == Role::Category || !column.is_numeric();
      if (!feature.is_category) {
        plan_.legend.feature_names.push_back(file_.names()[i]);
        ++plan_.width;
      } else if (const auto added = add_categories(column, feature); !added) {
        return added.error();
      }
      plan_.features.push_back(std::move(feature));
    }
    if (plan_.features.empty()) {
      return Error{file_.path().string() + ": no column is left to learn from; is the separator right?"};
    }
    plan_.legend.sample_shape = {plan_.width};
    return {};
  }

  Result<void> add_categories(const SurveyedColumn& column, Feature& feature) {
    if (column.has_more) {
      const std::int64_t most = settings_.integer("most_categories");
      if (column.is_numeric()) {
        return refusal(feature.column,
                       fmt::format("has more than {} different values: raise most_categories, or take it out of "
                                   "categorical",
                                   most));
      }
      const char other = plan_.decimal == '.' ? ',' : '.';
      return refusal(feature.column,
                     fmt::format("isn't numeric (line {}: \"{}\") and has more than {} different values: {}",
                                 column.first_word_line, column.first_word, most,
                                 number_in(column.first_word, other)
                                     ? fmt::format("set decimal to {}", other == ',' ? "comma" : "point")
                                     : "name it in ignored, or raise most_categories"));
    }
    const auto add = [&](const std::string& category) {
      plan_.legend.feature_names.push_back(file_.names()[feature.column] + "=" + category);
      return plan_.width++ - feature.first;
    };
    for (const std::string& category : column.sorted()) feature.places.emplace(category, add(category));
    if (column.missing > 0 && plan_.missing == Missing::Fill) feature.missing_place = add("missing");
    return {};
  }

  Result<void> add_targets(const TableSurvey& surveyed) {
    for (const std::size_t target : plan_.targets) {
      const SurveyedColumn& column = surveyed.columns[target];
      if (const auto whole = check_missing(column, target); !whole) return whole.error();
      if (column.is_empty()) return refusal(target, "is the target and has no values");
      if (column.missing > 0) plan_.may_lose_rows = true;
    }
    Legend& legend = plan_.legend;
    legend.target = target_kind(surveyed);
    if (legend.target == TargetKind::Class) return add_classes(surveyed.columns[plan_.targets.front()]);
    if (legend.target == TargetKind::None) return {};
    for (const std::size_t target : plan_.targets) {
      const SurveyedColumn& column = surveyed.columns[target];
      const std::string& name = file_.names()[target];
      if (!column.is_numeric()) {
        return refusal(target, fmt::format("is a target that isn't numeric (line {}: \"{}\")", column.first_word_line,
                                           column.first_word));
      }
      if (legend.target == TargetKind::Labels) {
        for (const std::string& value : column.sorted()) {
          if (value != "0" && value != "1") return refusal(target, "is a label, which is 0 or 1, but holds " + value);
        }
        if (column.has_more) return refusal(target, "is a label, which is 0 or 1, but holds more values");
      }
      (legend.target == TargetKind::Labels ? legend.classes : legend.target_names).push_back(name);
    }
    legend.target_shape = {static_cast<std::int64_t>(plan_.targets.size())};
    return {};
  }

  TargetKind target_kind(const TableSurvey& surveyed) const {
    const std::string kind = settings_.text("target_kind");
    if (kind == "none") return TargetKind::None;
    if (kind == "class") return TargetKind::Class;
    if (kind == "values") return TargetKind::Values;
    if (kind == "labels") return TargetKind::Labels;
    if (plan_.targets.size() > 1) return TargetKind::Values;
    const SurveyedColumn& column = surveyed.columns[plan_.targets.front()];
    if (!column.is_numeric()) return TargetKind::Class;
    const auto different = static_cast<std::int64_t>(column.values.size());
    const std::int64_t few = std::min(most_classes_of_numbers, std::max<std::int64_t>(2, surveyed.rows / 10));
    return column.is_whole && !column.has_more && different <= few ? TargetKind::Class : TargetKind::Values;
  }

  Result<void> add_classes(const SurveyedColumn& column) {
    const std::size_t target = plan_.targets.front();
    if (plan_.targets.size() > 1) return refusal(target, "can't be the class beside other targets: name one target");
    if (column.has_more) {
      return refusal(target, fmt::format("has more than {} different values, too many for classes: choose another "
                                         "target",
                                         most_table_classes));
    }
    plan_.legend.classes = column.sorted();
    if (plan_.legend.classes.size() < 2) return refusal(target, "is the target and has one value only");
    for (const std::string& name : plan_.legend.classes) {
      plan_.classes.emplace(name, static_cast<std::int64_t>(plan_.classes.size()));
    }
    return {};
  }

  const DelimitedFile& file_;
  const Settings& settings_;
  std::vector<Role> roles_;
  Plan plan_;
};

Result<Plan> planned(const Settings& settings) {
  if (settings.text("file").empty()) return Error{"No file is chosen."};
  auto file = DelimitedFile::open(settings.text("file"), DelimitedFormat::of(settings));
  if (!file) return file.error();
  Planner planner(*file, settings);
  if (const auto assigned = planner.assign(); !assigned) return assigned.error();
  const auto surveyed = survey(*file, planner.most_values(), decimal_of(settings));
  if (!surveyed) return surveyed.error();
  return planner.plan(*surveyed);
}

/// One row as numbers; used again for each.
struct TableSample {
  std::vector<float> inputs;
  std::vector<float> values;
  std::int64_t label = 0;
};

class RowReader {
 public:
  static Result<RowReader> open(const std::filesystem::path& path, const Plan& plan) {
    auto file = DelimitedFile::open(path, plan.format);
    if (!file) return file.error();
    if (file->columns() != plan.names.size()) {
      return Error{fmt::format("{}: {} columns, where the training file has {}.", path.string(), file->columns(),
                               plan.names.size())};
    }
    for (std::size_t i = 0; i < plan.names.size(); ++i) {
      if (file->names()[i] == plan.names[i]) continue;
      return Error{fmt::format("{}: column {} is called {}, where the training file has {}.", path.string(), i + 1,
                               file->names()[i], plan.names[i])};
    }
    return RowReader(std::move(*file), plan);
  }

  /// The next row that isn't left out; false at the end.
  Result<bool> next(TableSample& sample) {
    while (true) {
      auto has_row = file_.next(row_);
      if (!has_row || !*has_row) return has_row;
      auto is_kept = read_targets(sample);
      if (is_kept && *is_kept) is_kept = read_inputs(sample);
      if (!is_kept || *is_kept) return is_kept;
    }
  }

 private:
  RowReader(DelimitedFile file, const Plan& plan) : file_(std::move(file)), plan_(plan) {}

  Error not_a_number(std::size_t column) const {
    return file_.error_at(column, fmt::format("\"{}\" isn't a number", trimmed(row_[column]).substr(0, 40)));
  }

  /// False where the row is to be left out.
  Result<bool> lacks(std::size_t column) const {
    if (plan_.missing != Missing::Refuse) return false;
    return file_.error_at(column, "a value is missing; set missing to fill or drop");
  }

  Result<bool> read_targets(TableSample& sample) {
    sample.values.clear();
    for (const std::size_t column : plan_.targets) {
      const std::string& field = row_[column];
      if (is_missing(field)) return lacks(column);
      if (plan_.legend.target == TargetKind::Class) {
        const auto found = plan_.classes.find(value_name(field, plan_.decimal));
        if (found == plan_.classes.end()) {
          return file_.error_at(column, fmt::format("the class \"{}\" doesn't occur in the training file", field));
        }
        sample.label = found->second;
        continue;
      }
      const auto number = number_in(field, plan_.decimal);
      if (!number) return not_a_number(column);
      if (plan_.legend.target == TargetKind::Labels && *number != 0 && *number != 1) {
        return file_.error_at(column, "a label is 0 or 1");
      }
      sample.values.push_back(static_cast<float>(*number));
    }
    return true;
  }

  Result<bool> read_inputs(TableSample& sample) {
    sample.inputs.assign(static_cast<std::size_t>(plan_.width), 0.0F);
    for (const Feature& feature : plan_.features) {
      const std::string& field = row_[feature.column];
      float* input = sample.inputs.data() + feature.first;
      if (is_missing(field)) {
        if (plan_.missing != Missing::Fill) return lacks(feature.column);
        if (!feature.is_category) *input = feature.mean;
        if (feature.missing_place >= 0) input[feature.missing_place] = 1;
      } else if (feature.is_category) {
        const auto place = feature.places.find(value_name(field, plan_.decimal));
        if (place != feature.places.end()) input[place->second] = 1;
      } else {
        const auto number = number_in(field, plan_.decimal);
        if (!number) return not_a_number(feature.column);
        *input = static_cast<float>(*number);
      }
    }
    return true;
  }

  DelimitedFile file_;
  const Plan& plan_;
  DelimitedFile::Row row_;
};

Result<std::int64_t> count_samples(const std::filesystem::path& path, const Plan& plan) {
  auto reader = RowReader::open(path, plan);
  if (!reader) return reader.error();
  TableSample sample;
  for (std::int64_t count = 0;; ++count) {
    const auto has_row = reader->next(sample);
    if (!has_row) return has_row.error();
    if (*has_row) continue;
    if (count > 0) return count;
    return Error{path.string() + ": no row is left: each lacks a value, or there are none."};
  }
}

Result<std::int64_t> count_training_samples(const Settings& settings, const Plan& plan) {
  if (!plan.may_lose_rows) return plan.rows;
  return count_samples(settings.text("file"), plan);
}

Result<Split> read_split(const std::filesystem::path& path, const Plan& plan, std::int64_t samples) {
  auto reader = RowReader::open(path, plan);
  if (!reader) return reader.error();
  Split split;
  split.inputs = make_array(ElementType::Float32, {samples, plan.width});
  const bool is_class = plan.legend.target == TargetKind::Class;
  const auto values = static_cast<std::int64_t>(plan.targets.size());
  if (is_class) split.targets = make_array(ElementType::Int64, {samples});
  if (!is_class && values > 0) split.targets = make_array(ElementType::Float32, {samples, values});
  TableSample sample;
  for (std::int64_t i = 0;; ++i) {
    const auto has_row = reader->next(sample);
    if (!has_row) return has_row.error();
    if (*has_row != (i < samples)) return Error{path.string() + ": the file changed while it was read; try again."};
    if (!*has_row) return split;
    std::copy(sample.inputs.begin(), sample.inputs.end(), split.inputs.as<float>() + i * plan.width);
    if (is_class) {
      split.targets.as<std::int64_t>()[i] = sample.label;
    } else {
      std::copy(sample.values.begin(), sample.values.end(), split.targets.as<float>() + i * values);
    }
  }
}

Result<DataDescription> description_of_table(const Settings& settings) {
  const auto plan = planned(settings);
  if (!plan) return plan.error();
  const auto train = count_training_samples(settings, *plan);
  if (!train) return train.error();
  const Legend& legend = plan->legend;
  DataDescription described = {.sample_shape = legend.sample_shape,
                               .classes = static_cast<std::int64_t>(legend.classes.size()),
                               .train_samples = *train,
                               .target = legend.target,
                               .target_shape = legend.target_shape};
  if (const std::string test = settings.text("test_file"); !test.empty()) {
    const auto samples = count_samples(test, *plan);
    if (!samples) return samples.error();
    described.test_samples = *samples;
  }
  return described;
}

std::optional<DataDescription> describe_csv(const Settings& settings) {
  auto described = description_of_table(settings);
  return described ? std::optional(std::move(*described)) : std::nullopt;
}

Result<Dataset> load_csv(const Settings& settings) {
  const auto plan = planned(settings);
  if (!plan) return plan.error();
  const auto samples = count_training_samples(settings, *plan);
  if (!samples) return samples.error();
  Dataset data;
  static_cast<Legend&>(data) = plan->legend;
  auto train = read_split(settings.text("file"), *plan, *samples);
  if (!train) return train.error();
  data.train = std::move(*train);
  if (const std::string file = settings.text("test_file"); !file.empty()) {
    const auto test_samples = count_samples(file, *plan);
    if (!test_samples) return test_samples.error();
    auto test = read_split(file, *plan, *test_samples);
    if (!test) return test.error();
    data.test = std::move(*test);
  }
  return data;
}

}  // namespace

DataSpec csv_spec() {
  const std::string none;
  std::vector<SettingSpec> settings = {
      {.name = "file", .kind = SettingKind::FilePath, .fallback = none, .help = "The table: CSV, TSV or the like."},
      {.name = "test_file",
       .kind = SettingKind::FilePath,
       .fallback = none,
       .help = "A table of the same columns to test with; without one, a share of the rows is held back."},
      {.name = "target",
       .kind = SettingKind::Text,
       .fallback = none,
       .help = "The column to predict, by name or number, or several with commas between them; the last one if empty."},
      {.name = "target_kind",
       .kind = SettingKind::Choice,
       .fallback = std::string("auto"),
       .help = "Words and few whole numbers are classes, other numbers values; labels are columns of 0 and 1.",
       .choices = {"auto", "class", "values", "labels", "none"}},
      {.name = "ignored",
       .kind = SettingKind::Text,
       .fallback = none,
       .help = "Columns to leave out (names, numbers of customers), with commas between them."},
      {.name = "categorical",
       .kind = SettingKind::Text,
       .fallback = none,
       .help = "Columns whose numbers are categories (postal codes); columns of words always are."},
      {.name = "most_categories",
       .kind = SettingKind::Integer,
       .fallback = std::int64_t{32},
       .help = "A column of categories becomes one input for each; columns with more are refused.",
       .minimum = 2,
       .maximum = 10'000},
      {.name = "missing",
       .kind = SettingKind::Choice,
       .fallback = std::string("fill"),
       .help =
           "Empty, NA, NaN, ?: filled by the column's mean or a category of their own, or the row is dropped, as it "
           "always is where the target is missing.",
       .choices = {"fill", "drop", "refuse"}},
  };
  for (SettingSpec& setting : delimited_settings()) settings.push_back(std::move(setting));
  settings.push_back(decimal_setting());
  return {"csv",
          "Table (CSV)",
          "Rows of numbers and categories from a CSV or TSV file; one column or several are the target",
          std::move(settings),
          describe_csv,
          load_csv,
          [] { return std::string(); }};
}

}  // namespace netwright
