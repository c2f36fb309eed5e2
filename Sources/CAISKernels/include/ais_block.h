// The element-wise operations of a transformer block.
//
// Shapes are row-major. `rows` counts tokens. Activations are float32; an output that feeds a
// matrix product can be written as bfloat16 (rounded to nearest even) in the same pass.
#ifndef AIS_BLOCK_H
#define AIS_BLOCK_H

#include <stddef.h>
#include <stdint.h>

typedef enum { AIS_F32 = 0, AIS_BF16 = 1 } ais_dtype;

// RMSNorm (Zhang and Sennrich, 2019): out[r, i] = w[i] · x[r, i] / sqrt(mean_i(x[r, i]²) + eps).
// x [rows, width] f32, w [width] f32, out [rows, width] of out_type.
#define AIS_RMSNORM_PARAMETERS                                                              \
  (const float *x, const float *w, float eps, void *out, ais_dtype out_type, size_t rows,   \
   size_t width)
void ais_rmsnorm_f32_ref AIS_RMSNORM_PARAMETERS;
void ais_rmsnorm_f32_avx2 AIS_RMSNORM_PARAMETERS;
void ais_rmsnorm_f32_avx512 AIS_RMSNORM_PARAMETERS;
void ais_rmsnorm_f32 AIS_RMSNORM_PARAMETERS;

// SwiGLU's product (Shazeer, 2020): out[r, i] = silu(gate[r, i]) · up[r, i], silu(v) = v / (1 + e^-v).
// gate_up [rows, 2·width] f32 holds a row's gate, then its up; out [rows, width] of out_type.
#define AIS_SWIGLU_PARAMETERS \
  (const float *gate_up, void *out, ais_dtype out_type, size_t rows, size_t width)
void ais_swiglu_f32_ref AIS_SWIGLU_PARAMETERS;
void ais_swiglu_f32_avx2 AIS_SWIGLU_PARAMETERS;
void ais_swiglu_f32_avx512 AIS_SWIGLU_PARAMETERS;
void ais_swiglu_f32 AIS_SWIGLU_PARAMETERS;

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

#endif
