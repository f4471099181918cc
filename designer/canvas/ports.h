#pragma once
// Which ports a layer shows, and which two may be joined. A Block's come from the project.

#include <optional>
#include <set>
#include <vector>

#include "backend/graph/blocks.h"

namespace netwright {

/// The ports its type needs, those already connected (up to `highest_connected`, -1 for none), and one free port more
/// where the type takes more.
int input_port_count(const PortCounts& counts, int highest_connected);
int output_port_count(const PortCounts& counts, int highest_connected);
/// The same, where the network says what is connected.
int input_port_count(const Project& project, const Network& network, const Layer& layer);

std::set<LayerId> upstream_of(const Network& network, LayerId layer);    ///< itself included
std::set<LayerId> downstream_of(const Network& network, LayerId layer);  ///< itself included

/// The inputs that `output` may lead to: no cycle, no doubled connection; a taken input only where connecting replaces
/// what it has. `detached` is the connection whose end is being moved, if any.
std::vector<PortRef> valid_inputs(const Project& project, const Network& network, PortRef output,
                                  const std::optional<Connection>& detached);
/// The outputs that `input` may be fed from.
std::vector<PortRef> valid_outputs(const Project& project, const Network& network, PortRef input,
                                   const std::optional<Connection>& detached);

/// The first input that has no connection; nothing where all are taken.
std::optional<PortRef> free_input(const Project& project, const Network& network, LayerId layer);
/// The first output that has no connection.
std::optional<PortRef> free_output(const Project& project, const Network& network, LayerId layer);

}  // namespace netwright
