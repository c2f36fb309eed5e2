#include <math.h>
#include <string.h>

#include "ais_dequantize.h"
#include "blocks.h"

static const struct {
  size_t elements, bytes;
  void (*widen)(const void *blocks, float *out, size_t count);
} encodings[] = {
    [AIS_BLOCKS_F32] = {1, 4, NULL},
    [AIS_BLOCKS_F16] = {1, 2, ais_dequantize_f16},
    [AIS_BLOCKS_BF16] = {1, 2, ais_dequantize_bf16},
    [AIS_BLOCKS_Q4_0] = {32, 18, ais_dequantize_q4_0},
    [AIS_BLOCKS_Q4_1] = {32, 20, ais_dequantize_q4_1},
    [AIS_BLOCKS_Q5_0] = {32, 22, ais_dequantize_q5_0},
    [AIS_BLOCKS_Q5_1] = {32, 24, ais_dequantize_q5_1},
    [AIS_BLOCKS_Q8_0] = {32, 34, ais_dequantize_q8_0},
    [AIS_BLOCKS_Q2_K] = {256, 84, ais_dequantize_q2_K},
    [AIS_BLOCKS_Q3_K] = {256, 110, ais_dequantize_q3_K},
    [AIS_BLOCKS_Q4_K] = {256, 144, ais_dequantize_q4_K},
    [AIS_BLOCKS_Q5_K] = {256, 176, ais_dequantize_q5_K},
    [AIS_BLOCKS_Q6_K] = {256, 210, ais_dequantize_q6_K},
};

size_t ais_blocks_row_bytes(ais_block_type type, size_t inputs) {
  return inputs / encodings[type].elements * encodings[type].bytes;
}

void ais_blocks_widen(ais_block_type type, const void *row, size_t inputs, float *out) {
  if (type == AIS_BLOCKS_F32)
    memcpy(out, row, inputs * sizeof(float));
  else
    encodings[type].widen(row, out, inputs / encodings[type].elements);
}

bool ais_blocks_round_input(ais_block_type type) {
  return type >= AIS_BLOCKS_Q4_0 && type != AIS_BLOCKS_Q2_K && type != AIS_BLOCKS_Q3_K;
}

void ais_round_row_ref AIS_ROUND_ROWS_PARAMETERS {
  for (size_t b = 0; b < inputs / 32; b++) {
    float largest = 0;
    for (size_t i = 32 * b; i < 32 * b + 32; i++) largest = fmaxf(largest, fabsf(x[i]));
    const float scale = largest / 127, inverse = largest > 0 ? 127 / largest : 0;
    for (size_t half = 0; half < 2; half++) {
      int sum = 0;
      for (size_t i = 32 * b + 16 * half; i < 32 * b + 16 * half + 16; i++) {
        bytes[i] = (int8_t)rintf(x[i] * inverse);
        sum += bytes[i];
      }
      half_sums[2 * b + half] = scale * (float)sum;
    }
    scales[b] = scale;
    sums[b] = half_sums[2 * b] + half_sums[2 * b + 1];
  }
  for (size_t b = inputs / 32; b < padded(inputs / 32); b++) scales[b] = sums[b] = 0;
  for (size_t b = inputs / 16; b < padded(inputs / 16); b++) half_sums[b] = 0;
}

void ais_blocks_rows_ref AIS_BLOCKS_PARAMETERS {
  const size_t inputs = x->inputs;
  float *weights = scratch;
  for (size_t n = 0; n < outputs; n++) {
    const char *row = (const char *)blocks + n * ais_blocks_row_bytes(type, inputs);
    ais_blocks_widen(type, row, inputs, weights);
    for (size_t r = 0; r < x->rows; r++) {
      double sum = 0;
      for (size_t i = 0; i < inputs; i++) {
        const double number =
            ais_blocks_round_input(type)
                ? (double)x->scales[r * padded(inputs / 32) + i / 32] * x->bytes[r * inputs + i]
                : x->x[r * inputs + i];
        sum += number * weights[i];
      }
      float *place = out + r * stride + n;
      const float value = (float)sum + (bias ? bias[n] : 0);
      *place = accumulate ? *place + value : value;
    }
  }
}
