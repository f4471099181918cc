#pragma once
// Which of a project's networks its task trains.

#include <vector>

#include "backend/graph/project.h"

namespace netwright {

/// The names that Adversarial's settings give to its two sides.
std::string generator_name(const Recipe& recipe);
std::string discriminator_name(const Recipe& recipe);

/// Generator and discriminator for Adversarial, else the first network. Networks that aren't there are left out.
std::vector<const Network*> networks_of_task(const Project& project);

}  // namespace netwright
