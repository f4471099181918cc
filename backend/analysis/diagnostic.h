#pragma once
// What analysis has to say about a drawing: a place, words, and mends that one click applies.

#include <string>
#include <vector>

#include "backend/graph/edit.h"

namespace netwright {

enum class Severity { Advice, Warning, Error };

struct Fix {
  std::string label;
  std::vector<Edit> edits;
};

struct Diagnostic {
  Severity severity = Severity::Error;
  std::string code;     ///< stable, for tests and JSON: `shape`, `cycle`, `unconnected-input`, ...
  NetworkId network;    ///< none where it concerns the project
  LayerId layer;        ///< none where it concerns the network
  int port = -1;        ///< the input port concerned
  std::string setting;  ///< the setting concerned
  std::string message;  ///< one sentence
  std::string expected;
  std::string actual;
  std::vector<Fix> fixes;
};

/// About a layer, or with no layer about the network; port, setting, expected, actual and fixes are the caller's to
/// fill in.
Diagnostic diagnostic_at(Severity severity, const char* code, NetworkId network, LayerId layer, std::string message);

std::string to_text(Severity severity);

}  // namespace netwright
