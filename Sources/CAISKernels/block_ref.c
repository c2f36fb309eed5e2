#include <math.h>

#include "ais_block.h"
#include "store.h"

void ais_rmsnorm_f32_ref AIS_RMSNORM_PARAMETERS {
  for (size_t r = 0; r < rows; r++) {
    double squares = 0;
    for (size_t i = 0; i < width; i++) squares += (double)x[r * width + i] * x[r * width + i];
    float scale = (float)(1.0 / sqrt(squares / (double)width + eps));
    for (size_t i = 0; i < width; i++)
      ais_store_as(out, out_type, r * width + i, x[r * width + i] * scale * w[i]);
  }
}

void ais_layernorm_f32_ref AIS_LAYERNORM_PARAMETERS {
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * width;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < width; i++) sum += row[i];
    const double mean = sum / (double)width;
    for (size_t i = 0; i < width; i++) squares += (row[i] - mean) * (row[i] - mean);
    const double scale = 1.0 / sqrt(squares / (double)width + eps);
    for (size_t i = 0; i < width; i++)
      ais_store_as(out, out_type, r * width + i,
                   (float)((row[i] - mean) * scale * w[i] + (b ? b[i] : 0)));
  }
}

static float activate(ais_activation activation, float v) {
  switch (activation) {
    case AIS_SILU: return v / (1 + expf(-v));
    case AIS_GELU: return 0.5f * v * (1 + erff(v * 0.70710678f));
    case AIS_GELU_TANH: return 0.5f * v * (1 + tanhf(0.79788456f * (v + 0.044715f * v * v * v)));
    case AIS_GELU_QUICK: return v / (1 + expf(-1.702f * v));
    case AIS_RELU: break;
  }
  return v < 0 ? 0 : v;
}

void ais_activate_f32_ref AIS_ACTIVATE_PARAMETERS {
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + (gated ? 2 : 1) * r * width;
    for (size_t i = 0; i < width; i++)
      ais_store_as(out, out_type, r * width + i,
                   activate(activation, row[i]) * (gated ? row[width + i] : 1));
  }
}

void ais_add_f32_ref AIS_ADD_PARAMETERS {
  for (size_t i = 0; i < count; i++) x[i] += scale * y[i];
}

void ais_soft_cap_f32_ref AIS_SOFT_CAP_PARAMETERS {
  for (size_t i = 0; i < count; i++) x[i] = cap * tanhf(x[i] / cap);
}

void ais_blend_f32_ref AIS_BLEND_PARAMETERS {
  for (size_t i = 0; i < count; i++) x[i] = alpha * x[i] + (1 - alpha) * before[i];
}

void ais_to_bf16_f32_ref AIS_TO_BF16_PARAMETERS {
  for (size_t i = 0; i < count; i++) out[i] = ais_bf16_from_float(x[i]);
}

void ais_round_bf16_f32_ref AIS_ROUND_BF16_PARAMETERS {
  for (size_t i = 0; i < count; i++) out[i] = ais_bf16_rounded(x[i]);
}
