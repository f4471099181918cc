#pragma once
// One undo step: edits and what takes them back. Steps join, and shrink to their net effect.

#include <vector>

#include "backend/graph/edit.h"

namespace netwright {

struct EditStep {
  std::vector<Edit> forward;
  std::vector<Edit> backward;  ///< in the order in which they must be applied

  bool is_empty() const { return forward.empty(); }
  /// `later` was applied after this one.
  void append(const EditStep& later);
  /// Drops what cancels out: of several changes of one thing the last remains, with the first's inverse; a change
  /// that ends where it began goes, and so does a connection or layer added and at once removed.
  void reduce();
};

}  // namespace netwright
