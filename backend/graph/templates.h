#pragma once
// Projects to start from: the files of share/netwright/templates beside the program, or of the source tree.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "backend/core/result.h"
#include "backend/graph/project.h"

namespace netwright {

struct Template {
  std::string name;     ///< the file's stem: `fashion_mnist_cnn`
  std::string title;    ///< the project's name
  std::string summary;  ///< the first line of the project's note
  std::filesystem::path file;
};

/// In the order of their names. Files that can't be read are left out.
std::vector<Template> templates();
/// A new project from a template; where there is none of that name, the message lists those there are.
Result<Project> open_template(std::string_view name);

}  // namespace netwright
