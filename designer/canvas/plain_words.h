#pragma once

#include <QString>

#include <string>

namespace netwright {

/// Words by which people look for a layer type, besides its name and what its summary says; often none.
QString plain_words(const std::string& type);

}  // namespace netwright
