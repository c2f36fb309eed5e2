// The fast versions of block_ref.c, compiled once for each instruction set.
#include "simd.h"

void AIS_TWIN(ais_rmsnorm_f32) AIS_RMSNORM_PARAMETERS {
  const size_t whole = width / AIS_LANES * AIS_LANES;
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * width;
    vf partial = {0};
    for (size_t i = 0; i < whole; i += AIS_LANES) {
      vf v = load(row + i);
      partial += v * v;
    }
    float squares = sum_v(partial);
    for (size_t i = whole; i < width; i++) squares += row[i] * row[i];
    float scale = 1.0f / __builtin_sqrtf(squares / (float)width + eps);
    for (size_t i = 0; i < whole; i += AIS_LANES)
      store_as(out, out_type, r * width + i, load(row + i) * scale * load(w + i));
    for (size_t i = whole; i < width; i++)
      ais_store_as(out, out_type, r * width + i, row[i] * scale * w[i]);
  }
}

void AIS_TWIN(ais_layernorm_f32) AIS_LAYERNORM_PARAMETERS {
  const size_t whole = width / AIS_LANES * AIS_LANES;
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * width;
    vf partial = {0};
    for (size_t i = 0; i < whole; i += AIS_LANES) partial += load(row + i);
    float sum = sum_v(partial);
    for (size_t i = whole; i < width; i++) sum += row[i];
    const float mean = sum / (float)width;
    partial = splat(0);
    for (size_t i = 0; i < whole; i += AIS_LANES) {
      vf v = load(row + i) - mean;
      partial += v * v;
    }
    float squares = sum_v(partial);
    for (size_t i = whole; i < width; i++) squares += (row[i] - mean) * (row[i] - mean);
    const float scale = 1.0f / __builtin_sqrtf(squares / (float)width + eps);
    for (size_t i = 0; i < whole; i += AIS_LANES) {
      vf v = (load(row + i) - mean) * scale * load(w + i);
      store_as(out, out_type, r * width + i, b ? v + load(b + i) : v);
    }
    for (size_t i = whole; i < width; i++)
      ais_store_as(out, out_type, r * width + i,
                      (row[i] - mean) * scale * w[i] + (b ? b[i] : 0));
  }
}

// The error function to 1.5e-7 (Abramowitz and Stegun, 1964, formula 7.1.26).
static inline vf erf_v(vf x) {
  vf size = __builtin_elementwise_abs(x);
  vf t = 1.0f / (1.0f + 0.3275911f * size);
  vf p = splat(1.061405429f);
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  return __builtin_elementwise_copysign(1.0f - p * t * exp_v(-size * size), x);
}

static inline __attribute__((always_inline)) vf activate_v(const ais_activation activation, vf v) {
  switch (activation) {
    case AIS_SILU: return v / (1.0f + exp_v(-v));
    case AIS_GELU: return 0.5f * v * (1.0f + erf_v(v * 0.70710678f));
    // (1 + tanh u) / 2 = 1 / (1 + e^−2u)
    case AIS_GELU_TANH: return v / (1.0f + exp_v(-1.59576912f * (v + 0.044715f * v * v * v)));
    case AIS_GELU_QUICK: return v / (1.0f + exp_v(-1.702f * v));
    case AIS_RELU: break;
  }
  return max_v(splat(0), v);
}

static inline __attribute__((always_inline)) void activate_rows(
    const ais_activation activation, const int gated, const float *x, void *out,
    ais_dtype out_type, size_t rows, size_t width) {
  const size_t whole = width / AIS_LANES * AIS_LANES;
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + (gated ? 2 : 1) * r * width, *up = row + width;
    for (size_t i = 0; i < whole; i += AIS_LANES) {
      vf v = activate_v(activation, load(row + i));
      store_as(out, out_type, r * width + i, gated ? v * load(up + i) : v);
    }
    if (whole < width) {
      float rest[AIS_LANES] = {0};
      memcpy(rest, row + whole, (width - whole) * sizeof(float));
      store(rest, activate_v(activation, load(rest)));
      for (size_t i = whole; i < width; i++)
        ais_store_as(out, out_type, r * width + i,
                        gated ? rest[i - whole] * up[i] : rest[i - whole]);
    }
  }
}

void AIS_TWIN(ais_activate_f32) AIS_ACTIVATE_PARAMETERS {
#define ROWS(kind)                                                        \
  case kind:                                                              \
    if (gated)                                                            \
      activate_rows(kind, 1, x, out, out_type, rows, width);              \
    else                                                                  \
      activate_rows(kind, 0, x, out, out_type, rows, width);              \
    break;
  switch (activation) {
    ROWS(AIS_SILU)
    ROWS(AIS_GELU)
    ROWS(AIS_GELU_TANH)
    ROWS(AIS_GELU_QUICK)
    ROWS(AIS_RELU)
  }
#undef ROWS
}

void AIS_TWIN(ais_add_f32) AIS_ADD_PARAMETERS {
  const size_t whole = count / AIS_LANES * AIS_LANES;
  for (size_t i = 0; i < whole; i += AIS_LANES) store(x + i, load(x + i) + load(y + i) * scale);
  for (size_t i = whole; i < count; i++) x[i] += scale * y[i];
}

void AIS_TWIN(ais_soft_cap_f32) AIS_SOFT_CAP_PARAMETERS {
  const size_t whole = count / AIS_LANES * AIS_LANES;
  for (size_t i = 0; i < whole; i += AIS_LANES) store(x + i, soft_cap_v(load(x + i), cap));
  if (whole < count) {
    float rest[AIS_LANES] = {0};
    memcpy(rest, x + whole, (count - whole) * sizeof(float));
    store(rest, soft_cap_v(load(rest), cap));
    memcpy(x + whole, rest, (count - whole) * sizeof(float));
  }
}

void AIS_TWIN(ais_blend_f32) AIS_BLEND_PARAMETERS {
  const size_t whole = count / AIS_LANES * AIS_LANES;
  const float rest = 1 - alpha;
  for (size_t i = 0; i < whole; i += AIS_LANES)
    store(x + i, load(x + i) * alpha + load(before + i) * rest);
  for (size_t i = whole; i < count; i++) x[i] = alpha * x[i] + rest * before[i];
}

void AIS_TWIN(ais_to_bf16_f32) AIS_TO_BF16_PARAMETERS {
  const size_t whole = count / AIS_LANES * AIS_LANES;
  for (size_t i = 0; i < whole; i += AIS_LANES) store_bf16(out + i, load(x + i));
  for (size_t i = whole; i < count; i++) out[i] = ais_bf16_from_float(x[i]);
}

void AIS_TWIN(ais_round_bf16_f32) AIS_ROUND_BF16_PARAMETERS {
  const size_t whole = count / AIS_LANES * AIS_LANES;
  for (size_t i = 0; i < whole; i += AIS_LANES) store(out + i, round_bf16(load(x + i)));
  for (size_t i = whole; i < count; i++) out[i] = ais_bf16_rounded(x[i]);
}
