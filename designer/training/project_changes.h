#pragma once
// What a project changed since another one: what tells two runs apart.

#include <QStringList>

#include "backend/graph/project.h"

namespace netwright {

/// One phrase for each change that training sees, the recipe's first: `lr 0.001 → 0.01`, `SGD`, `+ dropout1`,
/// `conv1.out_channels 16 → 32`. Places, names and notes aren't among them.
QStringList changes_since(const Project& before, const Project& after);

}  // namespace netwright
