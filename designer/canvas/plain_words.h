#pragma once

#include <QString>

#include <string>

namespace netwright {

/// Words by which people look for a layer type, besides its name and what its summary says; often none.
QString plain_words(const std::string& type);

/// Of kin that differ only in their dimensions (Conv1d, Conv2d, Conv3d), the one that is meant most often: images'.
bool is_usual_kin(const QString& type);

}  // namespace netwright
