#include "designer/training/project_changes.h"

#include <QCoreApplication>

#include <algorithm>
#include <set>

#include "designer/document/words.h"

namespace netwright {

namespace {

QString words(const std::string& text) {
  return QString::fromStdString(text);
}

/// Settings that only one of the two chooses are at their default in the other.
void compare(const Settings& before, const Settings& after, const QString& prefix, QStringList& changes) {
  std::set<std::string> names;
  for (const auto& [name, value] : before.values()) {
    names.insert(name);
  }
  for (const auto& [name, value] : after.values()) {
    names.insert(name);
  }
  for (const std::string& name : names) {
    const Value* old_value = before.find(name);
    const Value* new_value = after.find(name);
    if (old_value != nullptr && new_value != nullptr && *old_value == *new_value) {
      continue;
    }
    const QString what = prefix + words(name);
    if (old_value == nullptr) {
      changes += QStringLiteral("%1 %2").arg(what, words(to_text(*new_value)));
    } else {
      changes +=
          QStringLiteral("%1 %2 → %3")
              .arg(what, words(to_text(*old_value)), new_value != nullptr ? words(to_text(*new_value)) : tr("default"));
    }
  }
}

/// Of another row: its name, and what both choose differently (the rate of two optimisers).
void compare(const Choice& before, const Choice& after, const QString& prefix, QStringList& changes) {
  if (before.type == after.type) {
    compare(before.settings, after.settings, prefix, changes);
    return;
  }
  changes += prefix + words(after.type);
  Settings old_settings;
  Settings new_settings;
  for (const auto& [name, value] : after.settings.values()) {
    if (const Value* old_value = before.settings.find(name)) {
      old_settings.set(name, *old_value);
      new_settings.set(name, value);
    }
  }
  compare(old_settings, new_settings, prefix, changes);
}

void compare(const Network& before, const Network& after, QStringList& changes) {
  for (const Layer& layer : after.layers) {
    const Layer* old_layer = before.find(layer.id);
    if (old_layer == nullptr || old_layer->type != layer.type) {
      changes += QStringLiteral("+ %1").arg(words(layer.name));
      continue;
    }
    compare(old_layer->settings, layer.settings, words(layer.name) + QLatin1Char('.'), changes);
    if (old_layer->trainable != layer.trainable) {
      changes += (layer.trainable ? tr("%1 trained") : tr("%1 frozen")).arg(words(layer.name));
    }
    if (old_layer->initialisation != layer.initialisation) {
      changes += QStringLiteral("%1 %2").arg(
          words(layer.name), layer.initialisation.empty() ? tr("as the recipe begins") : words(layer.initialisation));
    }
  }
  for (const Layer& layer : before.layers) {
    const Layer* new_layer = after.find(layer.id);
    if (new_layer == nullptr || new_layer->type != layer.type) {
      changes += QStringLiteral("− %1").arg(words(layer.name));
    }
  }
  if (before.connections != after.connections && before.layers.size() == after.layers.size()) {
    changes += tr("wiring of %1").arg(words(after.name));
  }
}

}  // namespace

QStringList changes_since(const Project& before, const Project& after) {
  QStringList changes;
  const Recipe& old_recipe = before.recipe;
  const Recipe& recipe = after.recipe;
  compare(Choice{old_recipe.task, old_recipe.task_settings}, Choice{recipe.task, recipe.task_settings}, {}, changes);
  compare(Choice{old_recipe.optimiser, old_recipe.optimiser_settings},
          Choice{recipe.optimiser, recipe.optimiser_settings}, {}, changes);
  if (recipe.task == "Adversarial") {
    compare(old_recipe.discriminator_optimiser, recipe.discriminator_optimiser, tr("discriminator") + QLatin1Char(' '),
            changes);
  }
  compare(old_recipe.schedule, recipe.schedule, {}, changes);
  compare(old_recipe.settings, recipe.settings, {}, changes);
  compare(Choice{before.data.source, before.data.settings}, Choice{after.data.source, after.data.settings}, {},
          changes);
  compare(before.data.preparation, after.data.preparation, {}, changes);
  for (const Network& network : after.networks) {
    if (const Network* old_network = before.find(network.id)) {
      compare(*old_network, network, changes);
    } else {
      changes += QStringLiteral("+ %1").arg(words(network.name));
    }
  }
  for (const Network& network : before.networks) {
    if (after.find(network.id) == nullptr) {
      changes += QStringLiteral("− %1").arg(words(network.name));
    }
  }
  return changes;
}

}  // namespace netwright
