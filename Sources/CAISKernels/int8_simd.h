// The fast twins of int8_ref.c; compiled once for each instruction set.
#include "ais_int8.h"
#include "simd.h"

typedef int8_t vb __attribute__((vector_size(AIS_LANES)));

void AIS_TWIN(ais_round_int8_f32) AIS_ROUND_INT8_PARAMETERS {
  const size_t whole = width / AIS_LANES * AIS_LANES;
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * width;
    vf top = splat(0);
    for (size_t i = 0; i < whole; i += AIS_LANES)
      top = max_v(top, __builtin_elementwise_abs(load(row + i)));
    float largest = max_lane(top);
    for (size_t i = whole; i < width; i++) {
      const float size = __builtin_fabsf(row[i]);
      if (size > largest) largest = size;
    }
    scales[r] = largest / (float)limit;
    const float inverse = largest > 0 ? (float)limit / largest : 0;
    int8_t *to = out + r * width;
    for (size_t i = 0; i < whole; i += AIS_LANES) {
      const vf nearest = __builtin_elementwise_rint(load(row + i) * inverse);
      const vb bytes = __builtin_convertvector(__builtin_convertvector(nearest, vi), vb);
      memcpy(to + i, &bytes, sizeof bytes);
    }
    for (size_t i = whole; i < width; i++) to[i] = (int8_t)__builtin_rintf(row[i] * inverse);
  }
}

void AIS_TWIN(ais_scale_int32) AIS_SCALE_INT32_PARAMETERS {
  const size_t whole = width / AIS_LANES * AIS_LANES;
  for (size_t r = 0; r < rows; r++) {
    const int32_t *from = sums + r * width;
    float *to = out + r * width;
    for (size_t i = 0; i < whole; i += AIS_LANES) {
      vi sum;
      memcpy(&sum, from + i, sizeof sum);
      vf value = __builtin_convertvector(sum, vf) * (load(scales + i) * row_scales[r]);
      if (bias) value += load(bias + i);
      store(to + i, accumulate ? load(to + i) + value : value);
    }
    for (size_t i = whole; i < width; i++) {
      float value = (float)from[i] * (row_scales[r] * scales[i]);
      if (bias) value += bias[i];
      to[i] = accumulate ? to[i] + value : value;
    }
  }
}
