// What stands around a product of whole numbers: one scale for each row of x and for each output.
#ifndef AIS_INT8_H
#define AIS_INT8_H

#include <stddef.h>
#include <stdint.h>

// out[r, i] = x[r, i] / scales[r], rounded to nearest even, scales[r] the largest magnitude in the row
// over `limit` (at most 127). x [rows, width], out [rows, width], scales [rows].
#define AIS_ROUND_INT8_PARAMETERS \
  (const float *x, int limit, int8_t *out, float *scales, size_t rows, size_t width)
void ais_round_int8_f32_ref AIS_ROUND_INT8_PARAMETERS;
void ais_round_int8_f32_avx2 AIS_ROUND_INT8_PARAMETERS;
void ais_round_int8_f32_avx512 AIS_ROUND_INT8_PARAMETERS;
void ais_round_int8_f32 AIS_ROUND_INT8_PARAMETERS;

// out[r, n] = sums[r, n] · row_scales[r] · scales[n] (+ bias[n]) (+ out[r, n]). sums, out [rows, width].
#define AIS_SCALE_INT32_PARAMETERS                                                          \
  (const int32_t *sums, const float *row_scales, const float *scales, const float *bias,    \
   float *out, int accumulate, size_t rows, size_t width)
void ais_scale_int32_ref AIS_SCALE_INT32_PARAMETERS;
void ais_scale_int32_avx2 AIS_SCALE_INT32_PARAMETERS;
void ais_scale_int32_avx512 AIS_SCALE_INT32_PARAMETERS;
void ais_scale_int32 AIS_SCALE_INT32_PARAMETERS;

#endif
