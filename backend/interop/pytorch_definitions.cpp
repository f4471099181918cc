#include "backend/interop/pytorch_definitions.h"

#include <string_view>

namespace netwright {

namespace {

struct Definition {
  std::string_view use;  ///< what stands in code that needs it
  std::string_view source;
};

constexpr Definition definitions[] = {
    {" GaussianNoise(", R"py(class GaussianNoise(nn.Module):
    """Adds normal noise of deviation `std` in training; hands its input on in evaluation."""

    def __init__(self, std):
        super().__init__()
        self.std = std

    def forward(self, x):
        return x + self.std * torch.randn_like(x) if self.training else x
)py"},
    {" PositionalEncoding(", R"py(class PositionalEncoding(nn.Module):
    """Adds to each step of a sequence (batch × time × features) what tells its place: sines, or learned numbers."""

    def __init__(self, d_model, max_len, kind="sinusoidal"):
        super().__init__()
        if kind == "learned":
            self.pe = nn.Parameter(0.02 * torch.randn(max_len, d_model))
            return
        position = torch.arange(max_len, dtype=torch.float32).unsqueeze(1)
        rate = torch.exp(torch.arange(0, d_model, 2, dtype=torch.float32) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(max_len, d_model)
        pe[:, 0::2] = torch.sin(position * rate)
        pe[:, 1::2] = torch.cos(position * rate)[:, : d_model // 2]
        self.register_buffer("pe", pe)

    def forward(self, x):
        return x + self.pe[: x.size(1)]
)py"},
    {" AdditiveAttention(", R"py(class AdditiveAttention(nn.Module):
    """Pools a sequence (batch × time × features) by learned weights of its steps (Bahdanau et al. 2015)."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.proj = nn.Linear(input_size, hidden_size)
        self.score = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, x):
        share = torch.softmax(self.score(torch.tanh(self.proj(x))), dim=1)
        return (share * x).sum(dim=1)
)py"},
    {" Parameter(", R"py(class Parameter(nn.Module):
    """A learned tensor, the same for each sample of the batch."""

    def __init__(self, shape, init="zeros"):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(shape))
        {"zeros": nn.init.zeros_, "ones": nn.init.ones_, "normal": nn.init.normal_}[init](self.weight)

    def forward(self, x):
        return self.weight.expand(x.size(0), *self.weight.shape)
)py"},
    {"causal_mask(", R"py(def causal_mask(query, key):
    """True where a step may not look: at those after it."""
    return torch.ones(query.size(1), key.size(1), dtype=torch.bool, device=query.device).triu(1)
)py"},
    {"scaled_dot_product(", R"py(def scaled_dot_product(query, key, value, is_causal=False):
    """softmax(Q·Kᵀ / √d)·V."""
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.size(-1))
    if is_causal:
        later = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.masked_fill(later, float("-inf"))
    return torch.softmax(scores, dim=-1) @ value
)py"},
    {"reparameterize(", R"py(def reparameterize(mean, log_var, is_training):
    """A normal sample of this mean and variance that gradients pass through; in evaluation the mean."""
    return mean + torch.exp(0.5 * log_var) * torch.randn_like(mean) if is_training else mean
)py"},
};

}  // namespace

std::string pytorch_definitions(const std::string& code) {
  std::string used;
  for (const Definition& definition : definitions) {
    if (code.find(definition.use) == std::string::npos) continue;
    if (!used.empty()) used += "\n\n";
    used += definition.source;
  }
  return used;
}

}  // namespace netwright
