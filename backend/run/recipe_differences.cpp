#include "backend/run/recipe_differences.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "backend/core/csv_text.h"
#include "backend/data/data_catalogue.h"
#include "backend/data/preparation.h"
#include "backend/graph/blocks.h"
#include "backend/graph/recipe_specs.h"
#include "backend/graph/schedule.h"
#include "backend/graph/task_specs.h"
#include "backend/layers/catalogue.h"

namespace netwright {

namespace {

constexpr std::size_t most_layer_differences = 6;
constexpr const char* wiring_words = "wiring";

/// One choice of one project.
struct Fact {
  std::string key;     ///< the same in every project
  std::string within;  ///< the key of the fact without which there can't be this one; empty: there always can
  std::string group;   ///< what the name says more of where it isn't alone with it
  std::string name;
  std::string help;
  Value value;
  std::string words = {};     ///< empty: the value as text
  bool counts_alone = false;  ///< a difference even where the others can't have it
  std::string network = {};   ///< the key of the network that it belongs to
  bool is_lettered = false;   ///< its value is for comparing only
};

using Facts = std::vector<Fact>;

void add_settings(Facts& facts, const std::string& group, const std::string& within,
                  const std::vector<SettingSpec>& specs, const Settings& settings,
                  const std::vector<std::string>& idle = {}) {
  const Settings chosen = completed(specs, settings);
  for (const SettingSpec& spec : specs) {
    if (std::find(idle.begin(), idle.end(), spec.name) != idle.end()) continue;
    const Value* value = chosen.find(spec.name);
    facts.push_back({.key = group + "/" + spec.name,
                     .within = within,
                     .group = group,
                     .name = spec.name,
                     .help = spec.help,
                     .value = *value,
                     .counts_alone = *value != spec.fallback});
  }
}

/// A row of a catalogue and its settings.
template <class Spec>
void add_choice(Facts& facts, const std::string& group, const Choice& choice, const Spec* row,
                const std::string& within = {}, const std::vector<std::string>& idle = {}) {
  facts.push_back({.key = group, .within = within, .group = {}, .name = group, .help = {}, .value = choice.type});
  const std::string kind = group + "=" + choice.type;
  facts.push_back({.key = kind, .within = kind, .group = {}, .name = kind, .help = {}, .value = true});
  if (row) add_settings(facts, group, kind, row->settings, choice.settings, idle);
}

std::string layer_words(const Layer& layer, const LayerSpec* spec) {
  const std::string caption = spec && spec->caption ? spec->caption(layer.settings) : std::string();
  return caption.empty() ? layer.type : layer.type + " " + caption;
}

void add_layer(Facts& facts, const Project& project, const std::string& network, const Layer& layer) {
  const std::string key = fmt::format("{}/{}", network, layer.id.value);
  const auto add = [&](const std::string& what, const std::string& within, const std::string& name, Value value,
                       std::string help = {}, std::string words = {}) {
    facts.push_back({.key = key + what,
                     .within = within,
                     .group = {},
                     .name = name,
                     .help = std::move(help),
                     .value = std::move(value),
                     .words = std::move(words),
                     .network = network});
  };
  add("", network, layer.name, layer.type, "A layer", layer_words(layer, find_layer_spec(layer.type)));
  const std::string kind = "=" + layer.type;
  add(kind, key + kind, layer.name, true);
  const std::vector<SettingSpec> specs = settings_of(project, layer);
  const Settings settings = completed(specs, layer.settings);
  for (const SettingSpec& spec : specs) {
    add(kind + "/" + spec.name, key + kind, layer.name + "." + spec.name, *settings.find(spec.name), spec.help);
  }
  add(kind + "/:trained", key + kind, layer.name + " is trained", layer.trainable);
  add(kind + "/:initialisation", key + kind, layer.name + " begins as",
      layer.initialisation.empty() ? std::string("the recipe says") : layer.initialisation);
}

void add_network(Facts& facts, const Project& project, const Network& network) {
  const std::string key = fmt::format("network {}", network.id.value);
  // Present or not: the name tells nothing.
  facts.push_back({.key = key,
                   .within = {},
                   .group = {},
                   .name = network.name,
                   .help = "A network",
                   .value = true,
                   .words = fmt::format("{} layers", network.layers.size())});
  for (const Layer& layer : network.layers) add_layer(facts, project, key, layer);
  std::string wires;
  for (const Connection& wire : network.connections) {
    wires += fmt::format("{}.{}>{}.{} ", wire.from.layer.value, wire.from.port, wire.to.layer.value, wire.to.port);
  }
  facts.push_back({.key = key + "/:wiring",
                   .within = key,
                   .group = {},
                   .name = wiring_words,
                   .help = "How the layers are connected",
                   .value = wires,
                   .network = key,
                   .is_lettered = true});
}

Facts facts_of(const Project& project) {
  const Recipe& recipe = project.recipe;
  Facts facts;
  const TaskSpec* task = find_task_spec(recipe.task);
  const bool has_idle = task && task->idle;
  add_choice(facts, "task", {recipe.task, recipe.task_settings}, task, {},
             has_idle ? task->idle(completed(task->settings, recipe.task_settings)) : std::vector<std::string>());
  add_choice(facts, "data", {project.data.source, project.data.settings}, find_data_spec(project.data.source));
  add_settings(facts, "preparation", {}, preparation_specs(), project.data.preparation);
  add_choice(facts, "optimiser", {recipe.optimiser, recipe.optimiser_settings}, find_optimiser_spec(recipe.optimiser));
  if (recipe.task == "Adversarial") {
    add_choice(facts, "discriminator", recipe.discriminator_optimiser,
               find_optimiser_spec(recipe.discriminator_optimiser.type), "task=Adversarial");
  }
  add_choice(facts, "schedule", recipe.schedule, find_schedule_spec(recipe.schedule.type));
  add_settings(facts, "recipe", {}, recipe_specs(), recipe.settings);
  for (const Network& network : project.networks) add_network(facts, project, network);
  return facts;
}

/// The facts of one key, one per project; null where the project hasn't got it.
struct Row {
  std::string key;
  std::vector<const Fact*> facts;

  const Fact& first() const {
    return **std::find_if(facts.begin(), facts.end(), [](const Fact* fact) { return fact != nullptr; });
  }
};

class Table {
 public:
  explicit Table(const std::vector<Facts>& projects) {
    for (std::size_t i = 0; i < projects.size(); ++i) {
      std::size_t after = 0;  // what only a later project has stands where it stands there
      for (const Fact& fact : projects[i]) {
        auto place = places_.find(fact.key);
        if (place == places_.end()) {
          rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(after),
                       Row{fact.key, std::vector<const Fact*>(projects.size())});
          renumber(after);
          place = places_.find(fact.key);
        }
        rows_[place->second].facts[i] = &fact;
        after = place->second + 1;
      }
    }
  }

  const std::vector<Row>& rows() const { return rows_; }

  bool differs(const Row& row) const {
    const Fact& first = row.first();
    const auto within = places_.find(first.within);
    for (std::size_t i = 0; i < row.facts.size(); ++i) {
      if (const Fact* fact = row.facts[i]) {
        if (fact->value != first.value) return true;
      } else if (could_have(i, first, within)) {
        return true;
      }
    }
    const bool some_lack_it = std::any_of(row.facts.begin(), row.facts.end(), [](const Fact* f) { return !f; });
    return some_lack_it && has_any_else(row) && first.counts_alone;
  }

 private:
  using Place = std::map<std::string, std::size_t>::const_iterator;

  /// A project without the fact could have had it: then that it hasn't is a choice.
  bool could_have(std::size_t project, const Fact& fact, Place within) const {
    if (!is_read(project)) return false;
    return fact.within.empty() || (within != places_.end() && rows_[within->second].facts[project]);
  }
  /// The task is a fact of every project that can be read.
  bool is_read(std::size_t project) const { return rows_.front().facts[project] != nullptr; }
  bool has_any_else(const Row& row) const {
    for (std::size_t i = 0; i < row.facts.size(); ++i) {
      if (!row.facts[i] && is_read(i)) return true;
    }
    return false;
  }
  void renumber(std::size_t from) {
    for (std::size_t i = from; i < rows_.size(); ++i) places_[rows_[i].key] = i;
  }

  std::vector<Row> rows_;
  std::map<std::string, std::size_t> places_;
};

std::string letter(std::size_t number) {
  return number < 26 ? std::string(1, static_cast<char>('A' + number)) : fmt::format("no. {}", number + 1);
}

/// A, B, … for each kind of text; the same for those alike. Empty for empty.
std::vector<std::string> lettered(const std::vector<std::optional<std::string>>& texts) {
  std::vector<std::string> kinds;
  std::vector<std::string> letters;
  for (const auto& text : texts) {
    if (!text) {
      letters.emplace_back();
      continue;
    }
    const auto kind = std::find(kinds.begin(), kinds.end(), *text);
    letters.push_back(letter(static_cast<std::size_t>(kind - kinds.begin())));
    if (kind == kinds.end()) kinds.push_back(*text);
  }
  return letters;
}

std::string exact_text(const Value& value) {
  const auto* number = std::get_if<double>(&value);
  return number ? csv_number(*number) : to_text(value);
}

/// Numbers that differ read differently, however many digits that takes.
std::vector<std::string> words_of(const Row& row) {
  std::map<std::string, const Value*> by_text;
  bool is_exact = false;
  for (const Fact* fact : row.facts) {
    if (!fact) continue;
    const auto [same, is_new] = by_text.emplace(to_text(fact->value), &fact->value);
    is_exact = is_exact || (!is_new && *same->second != fact->value);
  }
  std::vector<std::string> words;
  for (const Fact* fact : row.facts) {
    words.push_back(!fact                  ? std::string()
                    : !fact->words.empty() ? fact->words
                    : is_exact             ? exact_text(fact->value)
                                           : to_text(fact->value));
  }
  return words;
}

RecipeDifference difference_of(const Row& row, const std::string& name) {
  RecipeDifference difference{name, row.first().help, {}, {}};
  if (row.first().is_lettered) {
    std::vector<std::optional<std::string>> texts;
    for (const Fact* fact : row.facts) texts.push_back(fact ? std::optional(to_text(fact->value)) : std::nullopt);
    difference.words = lettered(texts);
  } else {
    difference.words = words_of(row);
  }
  for (std::size_t i = 0; i < row.facts.size(); ++i) {
    const Fact* fact = row.facts[i];
    const bool is_as_words = fact && (row.first().is_lettered || !fact->words.empty());
    difference.values.push_back(!fact         ? std::nullopt
                                : is_as_words ? std::optional<Value>(difference.words[i])
                                              : std::optional<Value>(fact->value));
  }
  return difference;
}

/// A network that differs in many layers, in one: `A: 12 layers`.
RecipeDifference whole_network(const Table& table, const Row& network) {
  std::vector<std::optional<std::string>> contents(network.facts.size());
  for (std::size_t i = 0; i < contents.size(); ++i) {
    if (network.facts[i]) contents[i] = "";
  }
  for (const Row& row : table.rows()) {
    for (std::size_t i = 0; i < contents.size(); ++i) {
      const Fact* fact = row.facts[i];
      if (fact && fact->network == network.key) *contents[i] += fact->key + "=" + exact_text(fact->value) + "\n";
    }
  }
  RecipeDifference difference{
      network.first().name, "The network: A, B, … are different drawings", {}, lettered(contents)};
  for (std::size_t i = 0; i < contents.size(); ++i) {
    if (network.facts[i]) difference.words[i] += ": " + network.facts[i]->words;
    difference.values.push_back(network.facts[i] ? std::optional<Value>(difference.words[i]) : std::nullopt);
  }
  return difference;
}

}  // namespace

std::vector<RecipeDifference> recipe_differences(std::span<const Project* const> projects) {
  std::vector<Facts> facts;
  for (const Project* project : projects) facts.push_back(project ? facts_of(*project) : Facts());
  if (std::all_of(facts.begin(), facts.end(), [](const Facts& none) { return none.empty(); })) return {};
  const Table table(facts);

  std::vector<const Row*> differing;
  std::map<std::string, std::size_t> per_network;
  std::map<std::string, int> per_name;
  std::map<std::string, const Row*> networks;
  for (const Row& row : table.rows()) {
    if (row.first().network.empty()) networks[row.key] = &row;
    // Where layers come and go, so do wires.
    if (row.first().is_lettered && per_network[row.first().network] > 0) continue;
    if (!table.differs(row)) continue;
    differing.push_back(&row);
    if (!row.first().network.empty()) ++per_network[row.first().network];
    ++per_name[row.first().name];
  }

  std::vector<RecipeDifference> differences;
  std::string last_network;
  for (const Row* row : differing) {
    const Fact& fact = row->first();
    if (!fact.network.empty() && per_network[fact.network] > most_layer_differences) {
      if (fact.network != last_network) differences.push_back(whole_network(table, *networks.at(fact.network)));
      last_network = fact.network;
      continue;
    }
    const std::string group = fact.network.empty() ? fact.group : networks.at(fact.network)->first().name;
    const bool is_alone = per_name[fact.name] == 1 || group.empty();
    differences.push_back(difference_of(*row, is_alone ? fact.name : group + " " + fact.name));
  }
  return differences;
}

}  // namespace netwright
