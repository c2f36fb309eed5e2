// The element-wise operations of a transformer block.
//
// Shapes are row-major. `rows` counts tokens. Activations are float32; an output that feeds a
// matrix product can be rounded to bfloat16 (nearest even) in the same pass, and is then stored in
// two bytes or, if products read floats, in four.
#ifndef AIS_BLOCK_H
#define AIS_BLOCK_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
  AIS_F32 = 0,
  AIS_BF16 = 1,
  AIS_BF16_WIDE = 2,  // a bfloat16 number in a float's four bytes
} ais_dtype;

// Bytes of a stored number.
static inline size_t ais_dtype_bytes(ais_dtype type) { return type == AIS_BF16 ? 2 : 4; }


// RMSNorm (Zhang and Sennrich, 2019): out[r, i] = w[i] · x[r, i] / sqrt(mean_i(x[r, i]²) + eps).
// x [rows, width] f32, w [width] f32, out [rows, width] of out_type.
#define AIS_RMSNORM_PARAMETERS                                                              \
  (const float *x, const float *w, float eps, void *out, ais_dtype out_type, size_t rows,   \
   size_t width)
void ais_rmsnorm_f32_ref AIS_RMSNORM_PARAMETERS;
void ais_rmsnorm_f32_avx2 AIS_RMSNORM_PARAMETERS;
void ais_rmsnorm_f32_avx512 AIS_RMSNORM_PARAMETERS;
void ais_rmsnorm_f32 AIS_RMSNORM_PARAMETERS;

// LayerNorm (Ba et al., 2016): out[r, i] = w[i] · (x[r, i] − mean) / sqrt(variance + eps) + b[i], mean and
// (biased) variance over the row. b [width] f32 or NULL, the rest as RMSNorm.
#define AIS_LAYERNORM_PARAMETERS                                                            \
  (const float *x, const float *w, const float *b, float eps, void *out, ais_dtype out_type, \
   size_t rows, size_t width)
void ais_layernorm_f32_ref AIS_LAYERNORM_PARAMETERS;
void ais_layernorm_f32_avx2 AIS_LAYERNORM_PARAMETERS;
void ais_layernorm_f32_avx512 AIS_LAYERNORM_PARAMETERS;
void ais_layernorm_f32 AIS_LAYERNORM_PARAMETERS;

// Both norms may overwrite their input if out_type is AIS_F32.

typedef enum {
  AIS_SILU = 0,        // v / (1 + e^−v)
  AIS_GELU = 1,        // v · Φ(v) = v/2 · (1 + erf(v/√2)) (Hendrycks and Gimpel, 2016)
  AIS_GELU_TANH = 2,   // its approximation v/2 · (1 + tanh(√(2/π) · (v + 0.044715 v³)))
  AIS_GELU_QUICK = 3,  // its approximation v / (1 + e^(−1.702 v))
  AIS_RELU = 4,        // max(v, 0)
} ais_activation;

// out[r, i] = f(x[r, i]), or gated (Shazeer, 2020) out[r, i] = f(gate[r, i]) · up[r, i].
// x [rows, width] f32, or gated [rows, 2·width] with a row's gate, then its up; out [rows, width] of
// out_type.
#define AIS_ACTIVATE_PARAMETERS                                                             \
  (ais_activation activation, int gated, const float *x, void *out, ais_dtype out_type,     \
   size_t rows, size_t width)
void ais_activate_f32_ref AIS_ACTIVATE_PARAMETERS;
void ais_activate_f32_avx2 AIS_ACTIVATE_PARAMETERS;
void ais_activate_f32_avx512 AIS_ACTIVATE_PARAMETERS;
void ais_activate_f32 AIS_ACTIVATE_PARAMETERS;

// x[i] += scale · y[i].
#define AIS_ADD_PARAMETERS (float *x, const float *y, float scale, size_t count)
void ais_add_f32_ref AIS_ADD_PARAMETERS;
void ais_add_f32_avx2 AIS_ADD_PARAMETERS;
void ais_add_f32_avx512 AIS_ADD_PARAMETERS;
void ais_add_f32 AIS_ADD_PARAMETERS;

// Soft cap (Gemma 2): x[i] = cap · tanh(x[i] / cap).
#define AIS_SOFT_CAP_PARAMETERS (float *x, float cap, size_t count)
void ais_soft_cap_f32_ref AIS_SOFT_CAP_PARAMETERS;
void ais_soft_cap_f32_avx2 AIS_SOFT_CAP_PARAMETERS;
void ais_soft_cap_f32_avx512 AIS_SOFT_CAP_PARAMETERS;
void ais_soft_cap_f32 AIS_SOFT_CAP_PARAMETERS;

// Soft blend of a block's output with its input: x[i] = alpha · x[i] + (1 − alpha) · before[i].
#define AIS_BLEND_PARAMETERS (float *x, const float *before, float alpha, size_t count)
void ais_blend_f32_ref AIS_BLEND_PARAMETERS;
void ais_blend_f32_avx2 AIS_BLEND_PARAMETERS;
void ais_blend_f32_avx512 AIS_BLEND_PARAMETERS;
void ais_blend_f32 AIS_BLEND_PARAMETERS;

// out[i] = x[i] rounded to bfloat16, nearest even; a NaN stays a NaN.
#define AIS_TO_BF16_PARAMETERS (const float *x, uint16_t *out, size_t count)
void ais_to_bf16_f32_ref AIS_TO_BF16_PARAMETERS;
void ais_to_bf16_f32_avx2 AIS_TO_BF16_PARAMETERS;
void ais_to_bf16_f32_avx512 AIS_TO_BF16_PARAMETERS;
void ais_to_bf16_f32 AIS_TO_BF16_PARAMETERS;

// The same, each in a float's four bytes; out may be x.
#define AIS_ROUND_BF16_PARAMETERS (const float *x, float *out, size_t count)
void ais_round_bf16_f32_ref AIS_ROUND_BF16_PARAMETERS;
void ais_round_bf16_f32_avx2 AIS_ROUND_BF16_PARAMETERS;
void ais_round_bf16_f32_avx512 AIS_ROUND_BF16_PARAMETERS;
void ais_round_bf16_f32 AIS_ROUND_BF16_PARAMETERS;

#endif
