#pragma once
// One optimiser step over a range of flat float32 buffers, each number read and written once. Formulas and their order
// are torch.optim's. No LibTorch here: the file is compiled with its own flags.

#include <cstddef>

namespace netwright {

/// w ← w + step·(g + decay·w)
struct SgdFactors {
  float step;  ///< −learning rate
  float decay;
  float keep;     ///< momentum; 0 at the first step
  float add;      ///< 1 − dampening; 1 at the first step
  float direct;   ///< 1 with Nesterov, else 0
  float carried;  ///< momentum with Nesterov, else 1
};
void sgd(const SgdFactors& factors, const float* gradient, float* weight, std::size_t count);
/// d = g + decay·w; b ← keep·b + add·d; w ← w + step·(direct·d + carried·b)
void sgd_with_momentum(const SgdFactors& factors, const float* gradient, float* weight, float* buffer,
                       std::size_t count);

/// w ← shrink·w; d = g + decay·w; m ← β₁·m + (1 − β₁)·d; v ← β₂·v + (1 − β₂)·d²;
/// w ← w + step·m / (√v / correction + ε). With `largest`, v's running maximum divides.
struct AdamFactors {
  float shrink;  ///< 1 − learning rate · weight decay (AdamW), else 1
  float decay;   ///< weight decay (Adam), else 0
  float beta1, one_minus_beta1;
  float beta2, one_minus_beta2;
  float correction;  ///< √(1 − β₂^steps)
  float epsilon;
  float step;  ///< −learning rate / (1 − β₁^steps)
};
/// `largest` may be null.
void adam(const AdamFactors& factors, const float* gradient, float* weight, float* mean, float* square, float* largest,
          std::size_t count);

/// d = g + decay·w; v ← α·v + (1 − α)·d²; a = √v + ε, or with `mean` m ← α·m + (1 − α)·d and a = √(v − m²) + ε;
/// w ← w + step·d / a, or with `buffer` b ← momentum·b + d / a and w ← w + step·b.
struct RmspropFactors {
  float decay;
  float alpha, one_minus_alpha;
  float epsilon;
  float momentum;
  float step;  ///< −learning rate
};
/// `mean` (centered) and `buffer` (momentum) may be null.
void rmsprop(const RmspropFactors& factors, const float* gradient, float* weight, float* square, float* mean,
             float* buffer, std::size_t count);

/// d = g + decay·w; s ← s + d²; w ← w + step·d / (√s + ε)
struct AdagradFactors {
  float decay;
  float epsilon;
  float step;  ///< −learning rate / (1 + (steps − 1)·lr_decay)
};
void adagrad(const AdagradFactors& factors, const float* gradient, float* weight, float* sum, std::size_t count);

/// d = g + decay·w; m ← β₁·m + (1 − β₁)·d; v ← β₂·v + (1 − β₂)·d²; a = √v / correction + ε;
/// w ← w + direct·d / a + carried·m / a
struct NadamFactors {
  float decay;
  float beta1, one_minus_beta1;
  float beta2, one_minus_beta2;
  float correction;  ///< √(1 − β₂^steps)
  float epsilon;
  float direct;   ///< −learning rate · (1 − μₜ) / (1 − Π μ)
  float carried;  ///< −learning rate · μₜ₊₁ / (1 − μₜ₊₁ · Π μ)
};
void nadam(const NadamFactors& factors, const float* gradient, float* weight, float* mean, float* square,
           std::size_t count);

/// d = g + decay·w; m ← β₁·m + (1 − β₁)·d; v ← β₂·v + (1 − β₂)·d²; w ← w + step·m / (√v + ε), or, as long as v isn't
/// to be trusted, w ← w + step·m.
struct RadamFactors {
  float decay;
  float beta1, one_minus_beta1;
  float beta2, one_minus_beta2;
  float epsilon;
  bool is_rectified;  ///< v is trusted
  float step;  ///< −learning rate / (1 − β₁^steps), times √(1 − β₂^steps) and the rectification where trusted
};
void radam(const RadamFactors& factors, const float* gradient, float* weight, float* mean, float* square,
           std::size_t count);

}  // namespace netwright
