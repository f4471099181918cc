#include "backend/engine/shared_batch.h"

namespace netwright {

namespace {

/// How this thread's batch is shared; `processes` is null where it isn't.
struct Sharing {
  const ProcessGroup* processes = nullptr;
  std::int64_t own = 0;
  BatchPart part = {};
};
thread_local Sharing sharing;

torch::Tensor added_up(const torch::Tensor& x, const ProcessGroup* processes, std::int64_t copies) {
  torch::Tensor sum = x.detach().clone(torch::MemoryFormat::Contiguous);
  processes->sum(sum);
  return copies == 1 ? sum : sum.div_(static_cast<double>(copies));
}

/// x over all processes. Backward adds up as well where `adds` says so; it may run on another thread.
class AddUp : public torch::autograd::Function<AddUp> {
 public:
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& x, bool adds) {
    context->saved_data["processes"] = reinterpret_cast<std::int64_t>(sharing.processes);
    context->saved_data["copies"] = sharing.part.copies;
    context->saved_data["adds"] = adds;
    return added_up(x, sharing.processes, sharing.part.copies);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto* processes = reinterpret_cast<const ProcessGroup*>(context->saved_data["processes"].toInt());
    const std::int64_t copies = context->saved_data["copies"].toInt();
    if (context->saved_data["adds"].toBool()) return {added_up(gradients[0], processes, copies), {}};
    return {copies == 1 ? gradients[0] : gradients[0] / copies, {}};
  }
};

/// What `draw` makes of an empty tensor: all of it, or this part of the whole batch's.
template <class Draw>
torch::Tensor drawn_like(const torch::Tensor& like, const Draw& draw) {
  // A first axis may hold several rows of each sample (attention's heads).
  if (!sharing.processes || sharing.own == 0 || like.dim() == 0 || like.size(0) % sharing.own != 0) {
    return draw(torch::empty_like(like));
  }
  const std::int64_t rows = like.size(0) / sharing.own;
  std::vector<std::int64_t> sizes = like.sizes().vec();
  sizes.front() = sharing.part.whole * rows;
  const torch::Tensor whole = draw(torch::empty(sizes, like.options(), like.suggest_memory_format()));
  return whole.narrow(0, sharing.part.first * rows, like.size(0));
}

}  // namespace

SharedBatch::SharedBatch(const ProcessGroup* processes, const Batch& batch) : is_shared_(processes != nullptr) {
  if (is_shared_) sharing = {processes, batch.size(), batch.part};
}

SharedBatch::~SharedBatch() {
  if (is_shared_) sharing = {};
}

bool is_batch_shared() {
  return sharing.processes != nullptr;
}

bool counts(const ProcessGroup* processes, const Batch& batch) {
  return !processes || processes->leads() || batch.part.copies == 1;
}

torch::Tensor whole_sum(const torch::Tensor& sum) {
  return is_batch_shared() ? AddUp::apply(sum, false) : sum;
}

torch::Tensor shared_statistic(const torch::Tensor& sum) {
  return is_batch_shared() ? AddUp::apply(sum, true) : sum;
}

torch::Tensor whole_mean(const torch::Tensor& mean) {
  if (!is_batch_shared()) return mean;
  const double share = static_cast<double>(sharing.own) / static_cast<double>(sharing.part.whole);
  return AddUp::apply(mean * share, false);
}

torch::Tensor normal_like(const torch::Tensor& like) {
  return drawn_like(like, [](torch::Tensor x) { return x.normal_(); });
}

torch::Tensor uniform_like(const torch::Tensor& like) {
  return drawn_like(like, [](torch::Tensor x) { return x.uniform_(); });
}

torch::Tensor chosen_like(const torch::Tensor& like, double share) {
  return drawn_like(like, [share](torch::Tensor x) { return x.bernoulli_(share); });
}

torch::Tensor dropped(const torch::Tensor& x, double p) {
  if (!is_batch_shared() || p >= 1) return torch::dropout(x, p, true);
  return p == 0 ? x : x * chosen_like(x, 1 - p).div_(1 - p);
}

torch::Tensor dropped_channels(const torch::Tensor& x, double p) {
  if (!is_batch_shared() || p >= 1) return torch::feature_dropout(x, p, true);
  if (p == 0) return x;
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(x.dim()), 1);
  sizes[0] = x.size(0);
  sizes[1] = x.size(1);
  return x * chosen_like(torch::empty(sizes, x.options()), 1 - p).div_(1 - p);
}

torch::Tensor redrawn(const torch::Tensor& values) {
  if (!is_batch_shared())
    return values.index_select(0, torch::randint(values.size(0), {values.size(0)}, values.options()));
  const auto& [whole, first, copies] = sharing.part;
  torch::Tensor all = torch::zeros({whole}, values.options());
  if (copies == 1 || sharing.processes->leads()) all.narrow(0, first, values.size(0)).copy_(values);
  sharing.processes->sum(all);
  const torch::Tensor places = torch::randint(whole, {whole}, values.options());
  return all.index_select(0, places.narrow(0, first, values.size(0)));
}

}  // namespace netwright
