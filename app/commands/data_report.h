#pragma once
// What a loaded data set amounts to, for people and as JSON.

#include <string>

#include "backend/core/json_text.h"
#include "backend/data/dataset.h"

namespace netwright {

std::string report_text(const Dataset& data);
Json report_json(const Dataset& data);

}  // namespace netwright
