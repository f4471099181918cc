#include "backend/engine/masked_normalisation.h"
#include "backend/engine/nn_binding_table.h"
#include "backend/engine/shared_batch.h"

namespace netwright {

namespace {

namespace nn = torch::nn;

template <class Holder, class Options>
Op per_channel(NnArguments& a, bool affine, bool track_running_stats, bool over_batch) {
  Options options(a.integer("num_features"));
  options.eps(a.real("eps", 1e-5)).momentum(a.real("momentum", 0.1));
  options.affine(a.flag("affine", affine)).track_running_stats(a.flag("track_running_stats", track_running_stats));
  Holder holder(options);
  Op op = module_op(holder);
  const double momentum = a.real("momentum", 0.1);
  auto normalise = [holder, over_batch, momentum](const Tensors& x, const torch::Tensor& padding) mutable {
    if (holder->options.track_running_stats() && over_batch) holder->num_batches_tracked += 1;
    return Tensors{normalise_channels(
        x[0], padding, over_batch,
        {holder->weight, holder->bias, holder->running_mean, holder->running_var, momentum, holder->options.eps()})};
  };
  if (over_batch) {
    op.forward = [holder, normalise](const Tensors& x) mutable {
      const bool is_judging = !holder->is_training() && holder->options.track_running_stats();
      // LibTorch's knows the samples of this process alone.
      if (is_judging || !is_batch_shared()) return Tensors{holder->forward(x[0])};
      return normalise(x, torch::zeros({}, torch::TensorOptions(x[0].device()).dtype(torch::kBool)));
    };
  }
  // Evaluation takes each step by itself, but padded ones must have no part in the statistics of training.
  op.sees_padding = true;
  op.padded = [holder, normalise](const Tensors& x, const Sequences& sequences) mutable {
    if (holder->options.track_running_stats() && !holder->is_training()) return Tensors{holder->forward(x[0])};
    return normalise(x, padding_of(x[0], sequences));
  };
  return op;
}

template <class Holder>
Op batch_norm(NnArguments& a) {
  return per_channel<Holder, nn::BatchNormOptions>(a, true, true, true);
}

template <class Holder>
Op instance_norm(NnArguments& a) {
  return per_channel<Holder, nn::InstanceNormOptions>(a, false, false, false);
}

template <auto normalise, class Holder>
Op masked(Holder holder) {
  Op op = module_op(holder);
  op.padded = [holder](const Tensors& x, const Sequences& sequences) mutable {
    return Tensors{normalise(x[0], padding_of(x[0], sequences), *holder)};
  };
  return op;
}

Op layer_norm(NnArguments& a) {
  nn::LayerNormOptions options(a.integers("normalized_shape"));
  return masked<normalise_layer>(
      nn::LayerNorm(options.eps(a.real("eps", 1e-5)).elementwise_affine(a.flag("elementwise_affine", true))));
}

Op group_norm(NnArguments& a) {
  nn::GroupNormOptions options(a.integer("num_groups"), a.integer("num_channels"));
  return masked<normalise_groups>(nn::GroupNorm(options.eps(a.real("eps", 1e-5)).affine(a.flag("affine", true))));
}

Op local_response_norm(NnArguments& a) {
  nn::LocalResponseNormOptions options(a.integer("size"));
  options.alpha(a.real("alpha", 1e-4)).beta(a.real("beta", 0.75)).k(a.real("k", 1));
  nn::LocalResponseNorm holder(options);
  // LibTorch views a volume as one of fewer axes, which must lie in order.
  return zero_padded({holder.ptr(), [holder](const Tensors& x) mutable {
                        return Tensors{holder->forward(x[0].dim() > 4 ? x[0].contiguous() : x[0])};
                      }});
}

}  // namespace

void add_normalisation_bindings(BindingTable& table) {
  table.merge(BindingTable{
      {"BatchNorm1d", batch_norm<nn::BatchNorm1d>},
      {"BatchNorm2d", batch_norm<nn::BatchNorm2d>},
      {"BatchNorm3d", batch_norm<nn::BatchNorm3d>},
      {"GroupNorm", group_norm},
      {"InstanceNorm1d", instance_norm<nn::InstanceNorm1d>},
      {"InstanceNorm2d", instance_norm<nn::InstanceNorm2d>},
      {"InstanceNorm3d", instance_norm<nn::InstanceNorm3d>},
      {"LayerNorm", layer_norm},
      {"LocalResponseNorm", local_response_norm},
  });
}

}  // namespace netwright
