#pragma once
// A data set: its samples in splits, and what their numbers mean.

#include <optional>
#include <string>
#include <vector>

#include "backend/core/shape.h"
#include "backend/data/array.h"

namespace netwright {

/// What there is to learn of each sample.
enum class TargetKind {
  None,    ///< nothing: for reconstruction and adversarial training
  Class,   ///< one class: targets are N, Int64
  Labels,  ///< any number of labels: targets are N×labels, Float32, 0 or 1
  Values,  ///< numbers (regression, forecasts): targets are N×target shape, Float32
  Mask,    ///< a class for each pixel: targets are N×H×W, UInt8
};

/// Samples, row by row. Arrays are shared between the splits of a data set; `rows` says which of them are this one's.
struct Split {
  Array inputs;        ///< N×sample shape; UInt8 (images), Float32, or Int64 (the words of texts)
  Array targets;       ///< see TargetKind; empty for None
  Array lengths = {};  ///< N, Int64: how many steps of each sequence are its own, the rest is padding;
                       ///< empty where every sample is whole
  std::optional<std::vector<std::int64_t>> rows = {};  ///< nothing: all of them

  std::int64_t count() const { return rows ? static_cast<std::int64_t>(rows->size()) : inputs.count(); }
  /// Where the split's sample `index` stands in the arrays.
  std::int64_t row(std::int64_t index) const { return rows ? (*rows)[static_cast<std::size_t>(index)] : index; }
};

/// x -> (x·scale − mean) / deviation; scale is 1/255 for UInt8 images.
struct Normalisation {
  float scale = 1;
  std::vector<float> mean = {0};  ///< one entry for all, or one for each place along `axis`
  std::vector<float> deviation = {1};
  int axis = 0;  ///< of a sample: 0 for the channels of C×H×W; 1 for the features of time × features
};

/// The words or characters of texts, by their numbers.
struct Vocabulary {
  static constexpr std::int64_t padding = 0;
  static constexpr std::int64_t unknown = 1;
  /// UTF-8; the first two are "<pad>" and "<unk>"; empty where there are no texts.
  std::vector<std::string> tokens = {};
  bool is_by_character = false;
  bool is_lower_case = false;  ///< texts are brought to lower case first
  bool keeps_last = false;     ///< of a text that is too long, the end is kept, not the beginning
};

/// What the numbers of a data set mean: all that a trained network needs to be used without the data.
struct Legend {
  std::string name;
  Shape sample_shape;
  TargetKind target = TargetKind::Class;
  Shape target_shape = {};                     ///< of one sample's target; empty for Class and None
  std::vector<std::string> classes = {};       ///< of Class and Mask; the labels of Labels
  std::vector<std::string> target_names = {};  ///< of Values, along the last axis; empty where they have none
  std::vector<std::string> feature_names = {};
  Vocabulary vocabulary = {};
  Normalisation normalisation = {};         ///< of inputs, computed on the training split only
  Normalisation target_normalisation = {};  ///< of Values, along the last axis of the target
};

struct Dataset : Legend {
  Split train;
  Split validation;  ///< empty where nothing is held back for it
  Split test;
  /// Neighbouring samples belong together (windows of a series), so splits are cut by place, never drawn.
  bool is_ordered = false;
  /// Of ordered data: how many samples after a sample share values with it. So many are left out where splits
  /// are cut, or training would have seen what it is tested on.
  std::int64_t overlap = 0;
};

}  // namespace netwright
