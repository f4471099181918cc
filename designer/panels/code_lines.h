#pragma once
// Which layers a line of exported code is about.

#include <QStringList>

#include <vector>

#include "backend/graph/project.h"

namespace netwright {

struct CodeLine {
  NetworkId network;
  std::vector<LayerId> layers;  ///< in the order of the line; empty for lines about none
};

/// One for each line. A class stands for the network that most of its members are layers of; between equals, for the
/// one whose name the class has.
std::vector<CodeLine> layers_of_lines(const QStringList& code, const Project& project);

}  // namespace netwright
