#include <math.h>

#include "ais_int8.h"

// Rounds to nearest even, for magnitudes below 2^22: adding 1.5 · 2^23 leaves no bits after the point.
static float rounded(float value) {
  volatile float shifted = value + 12582912.0f;
  return shifted - 12582912.0f;
}

void ais_round_bytes_f32_ref AIS_ROUND_BYTES_PARAMETERS {
  const size_t stride = ais_byte_row_stride(inputs);
  for (size_t r = 0; r < rows; r++) {
    const float *row = x + r * inputs;
    float largest = 0;
    for (size_t i = 0; i < inputs; i++) largest = fmaxf(largest, fabsf(row[i]));
    scales[r] = largest / 127;
    const float inverse = largest > 0 ? 127 / largest : 0;
    for (size_t i = 0; i < stride; i++)
      out[r * stride + i] = (uint8_t)(128 + (i < inputs ? (int)rounded(row[i] * inverse) : 0));
  }
}

void ais_byte_block_ref AIS_BYTE_BLOCK_PARAMETERS {
  const size_t width = weights->width, stride = ais_byte_row_stride(weights->inputs);
  size_t end = end_panel * width;
  if (end > weights->outputs) end = weights->outputs;
  for (size_t r = 0; r < rows; r++) {
    for (size_t n = first_panel * width; n < end; n++) {
      const int8_t *panel = weights->data + n / width * width * stride;
      int32_t sum = -128 * weights->sums[n];
      for (size_t k = 0; k < stride; k++)
        sum += x[r * stride + k] * panel[(k / 4 * width + n % width) * 4 + k % 4];
      float value = (float)sum * (x_scales[r] * weights->scales[n]);
      if (weights->bias) value += weights->bias[n];
      float *place = out + r * weights->outputs + n;
      *place = accumulate ? *place + value : value;
    }
  }
}
