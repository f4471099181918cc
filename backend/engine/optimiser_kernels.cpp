#include "backend/engine/optimiser_kernels.h"

#include <algorithm>
#include <cmath>

// Compiled once per instruction set, chosen when the program starts. ASan can't follow the choice.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define NETWRIGHT_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NETWRIGHT_VECTORISED
#endif

#define NETWRIGHT_INLINE inline __attribute__((always_inline))

namespace netwright {

namespace {

template <bool has_largest>
NETWRIGHT_INLINE void adam_loop(const AdamFactors f, const float* __restrict gradient, float* __restrict weight,
                                float* __restrict mean, float* __restrict square, float* __restrict largest,
                                std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float w = f.shrink * weight[i];
    const float d = gradient[i] + f.decay * w;
    const float m = f.beta1 * mean[i] + f.one_minus_beta1 * d;
    const float v = f.beta2 * square[i] + f.one_minus_beta2 * d * d;
    mean[i] = m;
    square[i] = v;
    float divisor = v;
    if constexpr (has_largest) {
      divisor = largest[i] > v ? largest[i] : v;
      largest[i] = divisor;
    }
    weight[i] = w + f.step * m / (std::sqrt(divisor) / f.correction + f.epsilon);
  }
}

template <bool is_centered, bool has_momentum>
NETWRIGHT_INLINE void rmsprop_loop(const RmspropFactors f, const float* __restrict gradient, float* __restrict weight,
                                   float* __restrict square, float* __restrict mean, float* __restrict buffer,
                                   std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float d = gradient[i] + f.decay * weight[i];
    const float v = f.alpha * square[i] + f.one_minus_alpha * d * d;
    square[i] = v;
    float under_root = v;
    if constexpr (is_centered) {
      const float m = f.alpha * mean[i] + f.one_minus_alpha * d;
      mean[i] = m;
      under_root = v - m * m;
    }
    const float divisor = std::sqrt(under_root) + f.epsilon;
    if constexpr (has_momentum) {
      buffer[i] = f.momentum * buffer[i] + d / divisor;
      weight[i] += f.step * buffer[i];
    } else {
      weight[i] += f.step * d / divisor;
    }
  }
}

template <bool is_rectified>
NETWRIGHT_INLINE void radam_loop(const RadamFactors f, const float* __restrict gradient, float* __restrict weight,
                                 float* __restrict mean, float* __restrict square, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float d = gradient[i] + f.decay * weight[i];
    const float m = f.beta1 * mean[i] + f.one_minus_beta1 * d;
    const float v = f.beta2 * square[i] + f.one_minus_beta2 * d * d;
    mean[i] = m;
    square[i] = v;
    weight[i] += is_rectified ? f.step * m / (std::sqrt(v) + f.epsilon) : f.step * m;
  }
}

}  // namespace

NETWRIGHT_VECTORISED
void sgd(const SgdFactors& factors, const float* __restrict gradient, float* __restrict weight, std::size_t count) {
  const SgdFactors f = factors;
  for (std::size_t i = 0; i < count; ++i) weight[i] += f.step * (gradient[i] + f.decay * weight[i]);
}

NETWRIGHT_VECTORISED
void sgd_with_momentum(const SgdFactors& factors, const float* __restrict gradient, float* __restrict weight,
                       float* __restrict buffer, std::size_t count) {
  const SgdFactors f = factors;
  for (std::size_t i = 0; i < count; ++i) {
    const float d = gradient[i] + f.decay * weight[i];
    const float b = f.keep * buffer[i] + f.add * d;
    buffer[i] = b;
    weight[i] += f.step * (f.direct * d + f.carried * b);
  }
}

NETWRIGHT_VECTORISED
void adam(const AdamFactors& factors, const float* gradient, float* weight, float* mean, float* square, float* largest,
          std::size_t count) {
  if (largest) {
    adam_loop<true>(factors, gradient, weight, mean, square, largest, count);
  } else {
    adam_loop<false>(factors, gradient, weight, mean, square, largest, count);
  }
}

NETWRIGHT_VECTORISED
void rmsprop(const RmspropFactors& factors, const float* gradient, float* weight, float* square, float* mean,
             float* buffer, std::size_t count) {
  if (mean && buffer) {
    rmsprop_loop<true, true>(factors, gradient, weight, square, mean, buffer, count);
  } else if (mean) {
    rmsprop_loop<true, false>(factors, gradient, weight, square, mean, buffer, count);
  } else if (buffer) {
    rmsprop_loop<false, true>(factors, gradient, weight, square, mean, buffer, count);
  } else {
    rmsprop_loop<false, false>(factors, gradient, weight, square, mean, buffer, count);
  }
}

NETWRIGHT_VECTORISED
void adagrad(const AdagradFactors& factors, const float* __restrict gradient, float* __restrict weight,
             float* __restrict sum, std::size_t count) {
  const AdagradFactors f = factors;
  for (std::size_t i = 0; i < count; ++i) {
    const float d = gradient[i] + f.decay * weight[i];
    const float s = sum[i] + d * d;
    sum[i] = s;
    weight[i] += f.step * d / (std::sqrt(s) + f.epsilon);
  }
}

NETWRIGHT_VECTORISED
void nadam(const NadamFactors& factors, const float* __restrict gradient, float* __restrict weight,
           float* __restrict mean, float* __restrict square, std::size_t count) {
  const NadamFactors f = factors;
  for (std::size_t i = 0; i < count; ++i) {
    const float d = gradient[i] + f.decay * weight[i];
    const float m = f.beta1 * mean[i] + f.one_minus_beta1 * d;
    const float v = f.beta2 * square[i] + f.one_minus_beta2 * d * d;
    mean[i] = m;
    square[i] = v;
    const float divisor = std::sqrt(v) / f.correction + f.epsilon;
    weight[i] = weight[i] + f.direct * d / divisor + f.carried * m / divisor;
  }
}

NETWRIGHT_VECTORISED
void radam(const RadamFactors& factors, const float* gradient, float* weight, float* mean, float* square,
           std::size_t count) {
  if (factors.is_rectified) {
    radam_loop<true>(factors, gradient, weight, mean, square, count);
  } else {
    radam_loop<false>(factors, gradient, weight, mean, square, count);
  }
}

}  // namespace netwright
