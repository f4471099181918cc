#include <algorithm>
#include <string>
#include <utility>

#include "backend/data/generator.h"
#include "backend/data/sources.h"
#include "backend/data/tokens.h"

namespace netwright {

namespace {

std::int64_t drawn_between(std::int64_t least, std::int64_t most, Random& random) {
  return least + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most - least + 1)));
}

/// The adding problem of Hochreiter and Schmidhuber (1997): of numbers in a row, two are marked by a 1 beside them, one
/// in each half of the sequence.
Split draw_sums(const Settings& settings, std::int64_t samples, Random& random) {
  const std::int64_t length = settings.integer("length");
  Split split = {make_array(ElementType::Float32, {samples, length, 2}), make_array(ElementType::Float32, {samples, 1}),
                 make_array(ElementType::Int64, {samples})};
  for (std::int64_t i = 0; i < samples; ++i) {
    float* steps = split.inputs.as<float>() + i * length * 2;
    const std::int64_t own = drawn_between(std::max<std::int64_t>(2, length / 2), length, random);
    for (std::int64_t step = 0; step < own; ++step) steps[2 * step] = static_cast<float>(random.uniform());
    float sum = 0;
    for (const auto& [first, last] : {std::pair(std::int64_t{0}, own / 2 - 1), std::pair(own / 2, own - 1)}) {
      const std::int64_t marked = drawn_between(first, last, random);
      steps[2 * marked + 1] = 1;
      sum += steps[2 * marked];
    }
    split.targets.as<float>()[i] = sum + static_cast<float>(settings.real("noise") * random.normal());
    split.lengths.as<std::int64_t>()[i] = own;
  }
  return split;
}

Legend sums_legend(const Settings& settings) {
  Legend legend;
  legend.name = "Adding problem";
  legend.sample_shape = {settings.integer("length"), 2};
  legend.target = TargetKind::Values;
  legend.target_shape = {1};
  legend.feature_names = {"number", "mark"};
  legend.target_names = {"sum"};
  return legend;
}

constexpr std::string_view opening = "([{";
constexpr std::string_view closing = ")]}";

bool is_balanced(std::string_view brackets) {
  std::string open;
  for (const char bracket : brackets) {
    if (const std::size_t kind = closing.find(bracket); kind == closing.npos) {
      open += bracket;
    } else if (open.empty() || open.back() != opening[kind]) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

/// `length` is even.
std::string drawn_balanced(std::size_t length, std::uint64_t kinds, Random& random) {
  std::string brackets;
  std::vector<std::size_t> open;
  while (brackets.size() < length) {
    const bool must_close = open.size() == length - brackets.size();
    if (!must_close && (open.empty() || random.below(2) == 0)) {
      open.push_back(static_cast<std::size_t>(random.below(kinds)));
      brackets += opening[open.back()];
    } else {
      brackets += closing[open.back()];
      open.pop_back();
    }
  }
  return brackets;
}

/// Two brackets changed places, or one became another: wrong by as little as can be, so that it must be read.
std::string drawn_unbalanced(std::size_t length, std::uint64_t kinds, Random& random) {
  while (true) {
    std::string brackets = drawn_balanced(length, kinds, random);
    const auto one = static_cast<std::size_t>(random.below(length));
    if (random.below(2) == 0) {
      std::swap(brackets[one], brackets[random.below(length)]);
    } else {
      const auto kind = static_cast<std::size_t>(random.below(kinds));
      brackets[one] = random.below(2) == 0 ? opening[kind] : closing[kind];
    }
    if (!is_balanced(brackets)) return brackets;
  }
}

Vocabulary bracket_vocabulary(std::int64_t kinds) {
  Vocabulary vocabulary = {.tokens = {"<pad>", "<unk>"}, .is_by_character = true};
  for (std::size_t kind = 0; kind < static_cast<std::size_t>(kinds); ++kind) {
    vocabulary.tokens.emplace_back(1, opening[kind]);
    vocabulary.tokens.emplace_back(1, closing[kind]);
  }
  return vocabulary;
}

Split draw_brackets(const Settings& settings, std::int64_t samples, Random& random) {
  const std::int64_t length = settings.integer("length");
  const auto kinds = static_cast<std::uint64_t>(settings.integer("kinds"));
  Split split = {make_array(ElementType::Int64, {samples, length}), make_array(ElementType::Int64, {samples}),
                 make_array(ElementType::Int64, {samples})};
  const Vocabulary vocabulary = bracket_vocabulary(settings.integer("kinds"));
  const Encoder encoder(vocabulary);
  for (std::int64_t i = 0; i < samples; ++i) {
    const auto own = static_cast<std::size_t>(2 * drawn_between(1, length / 2, random));
    const std::int64_t label = i % 2;
    const std::string brackets = label == 1 ? drawn_balanced(own, kinds, random) : drawn_unbalanced(own, kinds, random);
    split.targets.as<std::int64_t>()[i] = label;
    split.lengths.as<std::int64_t>()[i] =
        encoder.encode_to(brackets, split.inputs.as<std::int64_t>() + i * length, length);
  }
  return split;
}

Legend brackets_legend(const Settings& settings) {
  Legend legend;
  legend.name = "Brackets";
  legend.sample_shape = {settings.integer("length")};
  legend.classes = {"unbalanced", "balanced"};
  legend.vocabulary = bracket_vocabulary(settings.integer("kinds"));
  return legend;
}

}  // namespace

DataSpec adding_problem_spec() {
  return generator_spec<sums_legend, ElementType::Float32, draw_sums>(
      "adding-problem", "Adding problem",
      "Sequences of numbers of which two are marked; their sum is to be predicted, after many steps",
      generator_settings(4000, 1000, 0,
                         {{"length", SettingKind::Integer, std::int64_t{50},
                           "Steps of the longest sequences; the shortest have half as many.", 2, 2000}}));
}

DataSpec brackets_spec() {
  std::vector<SettingSpec> settings =
      generator_settings(6000, 1000, 0,
                         {{"length", SettingKind::Integer, std::int64_t{24}, "Brackets of the longest texts.", 2, 1000},
                          {"kinds", SettingKind::Integer, std::int64_t{3}, "How many of ( ), [ ] and { }.", 1, 3}});
  std::erase_if(settings, [](const SettingSpec& setting) { return setting.name == "noise"; });
  return generator_spec<brackets_legend, ElementType::Int64, draw_brackets>(
      "brackets", "Brackets", "Texts of brackets: is each opened one closed, in the right order?", std::move(settings));
}

}  // namespace netwright
