#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backend/core/result.h"
#include "backend/data/array_dataset.h"

namespace netwright {

/// The files of a data set in MNIST's layout: N×H×W or N×C×H×W images (N×F: vectors), and N labels for each split (or
/// N×… floats: values). Empty paths where there are no labels, or no test split.
struct IdxFiles {
  std::filesystem::path train_images;
  std::filesystem::path train_labels;
  std::filesystem::path test_images;
  std::filesystem::path test_labels;
};

/// Refuses labels that are none of the classes, and images and labels that don't belong together.
Result<Dataset> load_idx(const IdxFiles& files, const std::string& name, std::vector<std::string> classes);

}  // namespace netwright
