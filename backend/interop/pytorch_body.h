#pragma once
// One class of torch.nn.Module before it is printed: what it holds and what its forward does.

#include <functional>
#include <string>
#include <vector>

#include "backend/interop/pytorch_call.h"
#include "backend/interop/pytorch_graph.h"

namespace netwright {

struct PytorchLine {
  std::string code;     ///< empty where all there is to say is the comment
  std::string comment;  ///< without the hash
};

/// A sub-module: a layer's, or a Block's, once or repeated.
struct PytorchMember {
  std::string name;
  PytorchConstructor constructor;   ///< of a layer's module
  std::vector<std::size_t> copies;  ///< of a Block: the number of each copy's body
  bool is_repeated = false;         ///< its copies are numbered: nn.Sequential where each reads the last, or ModuleList
  bool is_chain = false;
  bool is_frozen = false;
  std::string comment;  ///< its output's shape; for a layer that can't be written, all that is said of it
  bool is_left_out = false;
};

struct PytorchBody {
  std::string name;  ///< the class's, as wished
  std::string summary;
  std::vector<PytorchMember> members;
  std::vector<std::string> parameters;  ///< of forward
  std::vector<PytorchLine> forward;
  bool is_sequential = false;  ///< the members one after the other are all there is
  std::size_t height = 0;      ///< above the Blocks within
};

/// Bodies of the network's class and of its Blocks' classes, those within before those around them: the network's is
/// the last. `block_name(path)` gives a Block's class its name.
std::vector<PytorchBody> pytorch_bodies(const PytorchGraph& graph, const std::string& name,
                                        const std::function<std::string(const std::string& path)>& block_name);

}  // namespace netwright
