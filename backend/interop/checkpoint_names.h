#pragma once
// Whose weights are in a file: see engine/checkpoint.h, which writes such files.

#include <string>
#include <string_view>
#include <vector>

#include "backend/core/result.h"
#include "backend/interop/safetensors.h"

namespace netwright {

inline constexpr std::string_view training_prefix = "training/";
inline constexpr const char* networks_key = "networks";  ///< in the metadata: names, separated by commas

/// True of what only training needs: an optimiser's state, generators of random numbers. Also of the names that those
/// had in runs of event schema 1; a layer may have such a name too, so ask about what no layer claims.
bool is_training_state(std::string_view name);

/// The networks whose weights a file holds under `<network>.`; empty where it is one network's, under plain names.
std::vector<std::string> networks_in(const TensorFile& file);

/// What stands before the names of `network`'s weights: `generator.`, or nothing in a file of one network. Refuses a
/// file of several networks without that one.
Result<std::string> prefix_in(const TensorFile& file, const std::string& network);

/// The weights of `network` under their plain names, without other networks' and training's. Refuses as prefix_in does.
Result<TensorFile> only_weights_of(TensorFile file, const std::string& network);

}  // namespace netwright
