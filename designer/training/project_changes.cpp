#include "designer/training/project_changes.h"

#include <QCoreApplication>

#include <algorithm>
#include <set>

namespace netwright {

namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("ProjectChanges", text);
}

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
  if (before.recipe.task != after.recipe.task) {
    changes += words(after.recipe.task);
  }
  if (before.recipe.optimiser != after.recipe.optimiser) {
    changes += words(after.recipe.optimiser);
  }
  compare(before.recipe.optimiser_settings, after.recipe.optimiser_settings, {}, changes);
  compare(before.recipe.settings, after.recipe.settings, {}, changes);
  if (before.data.source != after.data.source) {
    changes += words(after.data.source);
  } else {
    compare(before.data.settings, after.data.settings, {}, changes);
  }
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
