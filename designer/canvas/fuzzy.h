#pragma once

#include <QString>
#include <optional>

namespace netwright {

/// How well `query` names `candidate` (higher is better): a prefix, then a part of it, then its letters in order with
/// gaps (`c2` finds Conv2d). Nothing where the letters aren't all there. Case doesn't count.
std::optional<int> fuzzy_score(const QString& query, const QString& candidate);

}  // namespace netwright
