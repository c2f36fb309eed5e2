#include <math.h>

#include "ais_int8.h"

void ais_round_int8_f32_ref AIS_ROUND_INT8_PARAMETERS {
  for (size_t r = 0; r < rows; r++) {
    float largest = 0;
    for (size_t i = 0; i < width; i++) largest = fmaxf(largest, fabsf(x[r * width + i]));
    scales[r] = largest / (float)limit;
    const float inverse = largest > 0 ? (float)limit / largest : 0;
    for (size_t i = 0; i < width; i++)
      out[r * width + i] = (int8_t)rintf(x[r * width + i] * inverse);
  }
}

void ais_scale_int32_ref AIS_SCALE_INT32_PARAMETERS {
  for (size_t r = 0; r < rows; r++) {
    for (size_t n = 0; n < width; n++) {
      float value = (float)sums[r * width + n] * (row_scales[r] * scales[n]);
      if (bias) value += bias[n];
      out[r * width + n] = accumulate ? out[r * width + n] + value : value;
    }
  }
}
