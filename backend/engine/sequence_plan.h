#pragma once
// Which axes of which tensors of a network run along the steps of its first Input, known before anything runs.

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "backend/analysis/analyse.h"
#include "backend/engine/nn_bindings.h"
#include "backend/engine/sequences.h"

namespace netwright {

/// Steps run along axis 0 of the first Input. They are followed through layers that work on each step by itself (the
/// row's windows say so) and through those whose op has a `padded` form, unless it has weights for each step. The rest
/// (Flatten, Linear along the steps) is tied to the number of steps: padded ones are set to 0 before it, and what comes
/// out has no steps. How many steps of an output are a sequence's own, the row's shape rule says of that length; a
/// sequence that is too short for a layer is taken with as many zeros after it as it needs.
class SequencePlan {
 public:
  /// How many steps are own, by the sequence's length at the Input: 0 to the number of steps that is drawn.
  using Table = std::vector<std::int64_t>;
  /// Of one tensor: the axes (the batch is 0) that run along steps, and the number of their table.
  using Axes = std::map<std::int64_t, std::size_t>;

  struct Place {
    std::size_t port;
    std::int64_t dim;
    std::size_t table;
  };
  struct LayerPlan {
    std::vector<Place> zeroed;  ///< of the inputs, before the op runs
    std::vector<Place> told;    ///< to the op's `padded` form, which runs where there are some
    std::vector<Axes> outputs;
  };

  explicit SequencePlan(std::int64_t steps);
  Axes input() const { return {{1, 0}}; }
  LayerPlan plan(const KnownLayer& layer, const Op& op, const std::vector<Axes>& inputs);

  /// For a batch with these lengths at the Input, one for each table; empty where no sample has padding. Throws
  /// std::invalid_argument where a length is more than there are steps.
  std::vector<Lengths> lengths_of(const torch::Tensor& lengths) const;

 private:
  /// What the shape rule says where steps are as many as the tables have it, by the length at the Input.
  struct Measured {
    std::vector<std::vector<Shape>> outputs;
    std::vector<std::int64_t> fitting;  ///< the least length, this or above, that the layer can take
  };
  Measured measured(const KnownLayer& layer, const std::vector<Axes>& inputs) const;
  /// `sizes`: nothing where the layer takes each step by itself.
  Axes axes_of(std::size_t output, const KnownLayer& layer, const std::vector<Axes>& inputs,
               const std::optional<Measured>& sizes);
  std::size_t number_of(Table table);
  std::int64_t steps() const { return static_cast<std::int64_t>(tables_.front().size()) - 1; }

  std::vector<Table> tables_;
};

}  // namespace netwright
