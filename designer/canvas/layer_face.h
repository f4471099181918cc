#pragma once
// What a node shows, as a value: compared to decide whether it must be painted anew.

#include <QString>
#include <QStringList>
#include <optional>
#include <vector>

#include "backend/analysis/report.h"
#include "designer/canvas/layer_kind.h"

namespace netwright {

struct LayerFace {
  QString name;
  QString type;
  QString caption;                   ///< the main settings: `3×3, 32`
  QString parameters;                ///< `320 params`; empty where there are none or they aren't known
  QString field;                     ///< `RF 5×5`
  QStringList shapes;                ///< of each output; empty where unknown
  QString words;                     ///< the first error, short
  QString tool_tip;                  ///< rich text
  std::optional<Severity> severity;  ///< of the worst complaint
  std::optional<Category> category;  ///< none for a type that the catalogue lacks
  int stack = 0;                     ///< of a Block: how often it is repeated
  std::vector<bool> inputs;          ///< one per shown port: is it connected?
  std::vector<bool> outputs;

  bool operator==(const LayerFace&) const = default;
};

/// `report` and `complaints` concern this layer; `connections` are those at its ports.
LayerFace face_of(const Project& project, const Layer& layer, const LayerReport* report,
                  const std::vector<const Diagnostic*>& complaints, const std::vector<Connection>& connections);

/// A new layer of the kind, as the palette's ghost shows it.
LayerFace face_of_kind(const Project& project, const LayerKind& kind);

}  // namespace netwright
